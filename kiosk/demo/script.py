"""The morning that the demonstration plays: who comes, with what, and how each visit should end."""

import secrets
from dataclasses import dataclass, replace
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
    """How the visit ends."""
    """`none`: nothing is read, and the door does nothing."""
    reason: Reason | None = None
    at_s: float = 0.0
    hold_s: float = 0.0
    approach: bool = True
    """Brought by a hand; otherwise there at once."""
    beside: str = ""
    """What another code holds, on paper, in view at the same time; empty: there is none."""
    then: str = ""
    """What a second code holds, shown after the first; empty: there is none."""

    @property
    def then_s(self) -> float:
        """When the second code is shown, after the first."""
        return self.hold_s + PAUSE_S

    @property
    def length_s(self) -> float:
        """How long it all takes."""
        return self.then_s + self.hold_s if self.then else self.hold_s


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


FIRST_S, HOLD_S, GAP_S = 1.5, 1.6, 1.5
PAUSE_S = 0.9
"""Between the two codes of one visitor."""
CITIZEN_CARD = "001190000001|111111111|Nguyễn Thị Mẫu|01011990|Nữ|1 Phố Mẫu, Hà Nội|01012022"
POSTER = "https://qr.tokhaiyte.vn/demo-venue"
POSTER_IN_THE_HALL = "https://qr.tokhaiyte.vn/demo-hall"


def morning(issuers: Issuers, now: datetime) -> tuple[Visitor, ...]:
    """Return the visitors in the order in which they come, with their times."""

    def passport(name: str, signer: Signer = issuers.ministry, age_days: int = 30) -> str:
        shot = health.vaccination(now - timedelta(days=90), given_name=name)
        return health.certificate(signer, shot, now - timedelta(days=age_days))

    forged = health.forge(passport("Bốn"))
    recovered = health.certificate(
        issuers.ministry, health.recovery(now - timedelta(days=60)), now - timedelta(days=30)
    )
    passes = [visitor_pass(issuers.front_desk, f"booking-{number}", now) for number in (1, 2)]
    cast = (
        Visitor("vaccine passport", passport("Một"), "phone", "admit"),
        Visitor("vaccine passport that has expired", passport("Hai", age_days=380), "paper", "deny", Reason.EXPIRED),
        Visitor("vaccine passport of an unknown issuer", passport("Ba", issuers.stranger), "phone", "staff",
                Reason.ISSUER_UNKNOWN),
        Visitor("forged vaccine passport", forged, "paper", "deny", Reason.SIGNATURE_INVALID),
        Visitor("visitor pass", passes[0], "paper", "admit"),
        Visitor("citizen card, then certificate of recovery", CITIZEN_CARD, "paper", "admit", then=recovered),
        Visitor("visitor pass beside a venue poster", passes[1], "phone", "admit", beside=POSTER_IN_THE_HALL),
        Visitor("poster address", POSTER, "phone", "deny", Reason.VENUE_POSTER),
        Visitor("noise, no code", "", "paper", "none"),
    )  # fmt: skip
    at_s, timed = FIRST_S, []
    for visitor in cast:
        one = replace(visitor, at_s=at_s, hold_s=HOLD_S)
        timed.append(one)
        at_s += one.length_s + GAP_S
    return tuple(timed)
