"""The morning that the demonstration plays: who comes, with what, and how each visit should end."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from kiosk.adapters.keys import Signer, make_signer
from kiosk.domain.credential import Kind
from kiosk.domain.reasons import Reason
from kiosk.domain.trust import Algorithm
from kiosk.testing import health_certificates as health
from kiosk.verify.native_pass import PassContent, encode

Outcome = Literal["admit", "deny", "staff", "need", "none"]


@dataclass(frozen=True, slots=True)
class Visitor:
    """One scene of the morning."""

    title: str
    text: str
    """What the code holds; empty: noise, no code at all."""
    medium: Literal["phone", "paper"]
    outcome: Outcome
    """`none`: nothing is read, and the door does nothing."""
    reason: Reason | None = None
    at_s: float = 0.0
    hold_s: float = 0.0
    approach: bool = True
    """Brought by a hand; otherwise there at once."""


@dataclass(frozen=True, slots=True)
class Issuers:
    """The keys of the demonstration, made anew each time."""

    ministry: Signer
    front_desk: Signer
    stranger: Signer
    """Signs properly, and is in nobody's trust list."""


def make_issuers(now: datetime) -> Issuers:
    """Make the keys: a ministry's with PS256, as Vietnam's are, a front desk's and a stranger's."""
    began = now - timedelta(days=400)
    return Issuers(
        ministry=make_signer("Test ministry", Algorithm.PS256, began, country="VN", for_passes=False),
        front_desk=make_signer("Front desk", Algorithm.ED25519, began),
        stranger=make_signer("Unknown office", Algorithm.ES256, began, country="XX", for_passes=False),
    )


def visitor_pass(signer: Signer, subject: str, now: datetime) -> str:
    """Return a visitor's pass for the lobby, valid for this day."""
    content = PassContent(
        signer.issuer, subject, secrets.token_bytes(8), Kind.VISIT, "lobby",
        now - timedelta(hours=1), now - timedelta(hours=1), now + timedelta(hours=9),
    )  # fmt: skip
    return encode(content, signer.key, signer.key_id)


CITIZEN_CARD = "001190000001|111111111|Nguyễn Thị Mẫu|01011990|Nữ|1 Phố Mẫu, Hà Nội|01012022"
POSTER = "https://qr.tokhaiyte.vn/demo-venue"
FIRST_S, HOLD_S, GAP_S = 1.5, 1.6, 1.5


def morning(issuers: Issuers, now: datetime) -> tuple[Visitor, ...]:
    """Return the visitors in the order in which they come, with their times."""
    shot = health.vaccination(now - timedelta(days=90))
    good = health.certificate(issuers.ministry, shot, now - timedelta(days=30))
    expired = health.certificate(issuers.ministry, shot, now - timedelta(days=380))
    strange = health.certificate(issuers.stranger, shot, now - timedelta(days=30))
    cast = (
        Visitor("vaccine passport", good, "phone", "admit"),
        Visitor("vaccine passport that has expired", expired, "paper", "deny", Reason.EXPIRED),
        Visitor("vaccine passport of an unknown issuer", strange, "phone", "staff", Reason.ISSUER_UNKNOWN),
        Visitor("forged vaccine passport", health.forge(good), "paper", "deny", Reason.SIGNATURE_INVALID),
        Visitor("visitor pass", visitor_pass(issuers.front_desk, "booking-1", now), "paper", "admit"),
        Visitor("citizen card, alone", CITIZEN_CARD, "paper", "need", Reason.NOT_ENOUGH_ALONE),
        Visitor("poster address", POSTER, "phone", "deny", Reason.VENUE_POSTER),
        Visitor("noise, no code", "", "paper", "none"),
    )
    step = HOLD_S + GAP_S
    return tuple(
        Visitor(v.title, v.text, v.medium, v.outcome, v.reason, FIRST_S + number * step, HOLD_S)
        for number, v in enumerate(cast)
    )
