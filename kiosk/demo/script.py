"""The morning that the demonstration plays: who comes, with what, and how each visit should end."""

import secrets
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from kiosk.adapters.keys import Signer, make_signer
from kiosk.domain.credential import Kind
from kiosk.domain.reasons import Reason
from kiosk.domain.trust import Algorithm
from kiosk.testing import health_cards as cards
from kiosk.testing import health_certificates as health
from kiosk.testing.tickets import Organiser
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
    then: tuple[str, ...] = ()
    """What the codes hold that are shown after the first, one after another."""
    used_up: bool = False
    """Whether the code lets in once only: when the morning begins anew, it is refused."""

    @property
    def length_s(self) -> float:
        """How long it all takes."""
        return self.hold_s + len(self.then) * self.step_s

    @property
    def step_s(self) -> float:
        """From one code to the next."""
        return self.hold_s + PAUSE_S

    def again(self) -> "Visitor":
        """Return the visitor as of the second round."""
        return replace(self, outcome="deny", reason=Reason.ENTRIES_USED) if self.used_up else self


@dataclass(frozen=True, slots=True)
class Issuers:
    """The keys of the demonstration, made anew each time."""

    ministry: Signer
    front_desk: Signer
    stranger: Signer
    """Signs properly, and is in nobody's trust list."""
    clinic: cards.CardIssuer
    """Gives SMART Health Cards."""
    festival: Organiser
    """Sells tickets."""


def make_issuers(now: datetime) -> Issuers:
    """Make the keys: a ministry's with PS256, as Vietnam's are, a front desk's and a stranger's."""
    began = now - timedelta(days=400)
    return Issuers(
        ministry=make_signer("Test ministry", Algorithm.PS256, began, country="VN", for_passes=False),
        front_desk=make_signer("Front desk", Algorithm.ED25519, began),
        stranger=make_signer("Unknown office", Algorithm.ES256, began, country="XX", for_passes=False),
        clinic=cards.CardIssuer("https://clinic.example"),
        festival=Organiser(),
    )


def _content(signer: Signer, subject: str, kind: Kind, now: datetime) -> PassContent:
    """Return a pass for the lobby, valid for this day."""
    began = now - timedelta(hours=1)
    return PassContent(
        signer.issuer, subject, secrets.token_bytes(8), kind, "lobby", began, began, now + timedelta(hours=9)
    )


def visitor_pass(signer: Signer, subject: str, now: datetime, *, entries: int = 0) -> str:
    """Return a visitor's pass, for a number of entries or (0) for any number."""
    content = replace(_content(signer, subject, Kind.VISIT, now), entries=entries)
    return encode(content, signer.key, signer.key_id)


def staff_pass(signer: Signer, now: datetime) -> str:
    """Return a pass that names its holder and hides the birth date: the card of the same person has to fit."""
    content = _content(signer, "badge-1", Kind.STAFF, now)
    content = replace(content, name=STAFF_NAME, birth_date=STAFF_BORN.isoformat())
    return encode(content, signer.key, signer.key_id)


def health_card(clinic: cards.CardIssuer, now: datetime) -> list[str]:
    """Return a SMART Health Card of the holder of CITIZEN_CARD, in two parts."""
    days = [(now - timedelta(days=days)).date().isoformat() for days in (120, 90)]
    shots = [cards.dose(day) for day in days]
    bundle = cards.bundle(cards.patient(given=("Thị", "Mẫu"), born="1990-01-01"), *shots)
    return cards.in_parts(clinic.card(clinic.claims(bundle, now - timedelta(days=89))), 2)


def ticket(festival: Organiser, now: datetime) -> str:
    """Return a ticket for today's event."""
    starts, ends = now - timedelta(hours=1), now + timedelta(hours=9)
    return festival.ticket(secrets.token_hex(8), starts=int(starts.timestamp()), ends=int(ends.timestamp()))


FIRST_S, HOLD_S, GAP_S = 1.5, 1.6, 1.2
PAUSE_S = 0.9
"""Between two codes of one visitor."""
CITIZEN_CARD = "001190000001|111111111|Nguyễn Thị Mẫu|01011990|Nữ|1 Phố Mẫu, Hà Nội|01012022"
STAFF_NAME, STAFF_BORN = "Trần Văn Mẫu", date(1985, 8, 15)
STAFF_CARD = f"001085000002|222222222|{STAFF_NAME}|{STAFF_BORN:%d%m%Y}|Nam|2 Phố Mẫu, Hà Nội|01012022"
POSTER = "https://qr.tokhaiyte.vn/demo-venue"
POSTER_IN_THE_HALL = "https://qr.tokhaiyte.vn/demo-hall"


def morning(issuers: Issuers, now: datetime) -> tuple[Visitor, ...]:
    """Return the visitors in the order in which they come, with their times."""

    def passport(name: str, signer: Signer = issuers.ministry, age_days: int = 30) -> str:
        shot = health.vaccination(now - timedelta(days=90), given_name=name)
        return health.certificate(signer, shot, now - timedelta(days=age_days))

    forged = health.forge(passport("Bốn"))
    once = visitor_pass(issuers.front_desk, "booking-1", now, entries=1)
    first, second = health_card(issuers.clinic, now)
    cast = (
        Visitor("vaccine passport", passport("Một"), "phone", "admit"),
        Visitor("vaccine passport that has expired", passport("Hai", age_days=380), "paper", "deny", Reason.EXPIRED),
        Visitor("vaccine passport of an unknown issuer", passport("Ba", issuers.stranger), "phone", "staff",
                Reason.ISSUER_UNKNOWN),
        Visitor("forged vaccine passport", forged, "paper", "deny", Reason.SIGNATURE_INVALID),
        Visitor("visitor pass for one entry", once, "paper", "admit", used_up=True),
        Visitor("SMART Health Card in two parts, then its holder's citizen card", first, "paper", "admit",
                then=(second, CITIZEN_CARD)),
        Visitor("staff pass that hides the birth date, beside its holder's citizen card",
                staff_pass(issuers.front_desk, now), "phone", "admit", beside=STAFF_CARD),
        Visitor("event ticket (pretix)", ticket(issuers.festival, now), "phone", "admit"),
        Visitor("visitor pass beside a venue poster", visitor_pass(issuers.front_desk, "booking-2", now), "phone",
                "admit", beside=POSTER_IN_THE_HALL),
        Visitor("poster address", POSTER, "phone", "deny", Reason.VENUE_POSTER),
        Visitor("visitor pass for one entry, shown again", once, "paper", "deny", Reason.ENTRIES_USED),
        Visitor("noise, no code", "", "paper", "none"),
    )  # fmt: skip
    at_s, timed = FIRST_S, []
    for visitor in cast:
        one = replace(visitor, at_s=at_s, hold_s=HOLD_S)
        timed.append(one)
        at_s += one.length_s + GAP_S
    return tuple(timed)
