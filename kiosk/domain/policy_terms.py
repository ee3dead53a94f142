"""The terms in which a venue says whom it lets in: plain values, read from `policy.toml` by `kiosk.policy_file`."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum

from kiosk.domain.credential import HEALTH_KINDS, PASS_KINDS, Credential, Format, Kind
from kiosk.domain.reasons import Reason
from kiosk.domain.situation import Direction

MINUTES_A_DAY = 24 * 60
RESET_AT = time(4)
"""When a day of counting begins where a policy does not say it."""

TERM_KINDS: Mapping[str, frozenset[Kind]] = {
    "complete": frozenset({Kind.VACCINATION}),
    "min_doses": frozenset({Kind.VACCINATION}),
    "min_age_days": HEALTH_KINDS,
    "max_age_days": HEALTH_KINDS,
    "min_age_hours": HEALTH_KINDS,
    "max_age_hours": HEALTH_KINDS,
    "country_rules": HEALTH_KINDS,
    "zones": PASS_KINDS,
    "forms": frozenset({Kind.DECLARATION}),
}
"""Terms of a rule that are looked at on some kinds only, by their keys in the file. On others they would ask for
nothing, and a venue that wrote them down would believe that they do."""

TERM_FORMATS: Mapping[str, frozenset[Format]] = {
    "country_rules": frozenset({Format.HC1}),
    "zones": frozenset({Format.PASS}),
    "forms": frozenset({Format.FORM}),
}
"""Those of them that are looked at on some formats only: a ticket of pretix opens what its key is trusted for."""


@dataclass(frozen=True, slots=True)
class Hours:
    """A part of the day, in minutes after midnight; `end` is no part of it. Over midnight where `end` is not later."""

    start: int
    end: int


ALL_DAY = (Hours(0, MINUTES_A_DAY),)
EVERY_DAY = frozenset(range(7))
BOTH_WAYS = frozenset(Direction)


@dataclass(frozen=True, slots=True)
class Days:
    """Days from the first to the last, both included."""

    first: date
    last: date


class OnHolidays(StrEnum):
    """What holidays are to a rule."""

    AS_OTHERS = "as_others"
    NEVER = "never"
    ONLY = "only"


class Demand(StrEnum):
    """What an exemption can lift."""

    HEALTH = "health"
    """Doses, the age of the event, the country's rules. Never the result of a test."""
    IDENTITY = "identity"
    DECLARATION = "declaration"
    FACE = "face"


class MinorRule(StrEnum):
    """How minors are let in."""

    AS_OTHERS = "as_others"
    WITH_ADULT = "with_adult"
    """Only in one party with an adult who was let in."""
    EXEMPT_HEALTH = "exempt_health"
    """Without what health certificates are asked for."""


@dataclass(frozen=True, slots=True)
class AdmitRule:
    """One way in. Every condition has to hold."""

    name: str
    kinds: frozenset[Kind]
    issuers: frozenset[str] = frozenset()
    """Empty: whoever the trust list trusts."""
    min_doses: int = 0
    min_age_hours: int = 0
    """Time since the vaccination, the sample or the first positive test."""
    max_age_hours: int | None = None
    identity_card: bool = False
    """An identity document of the same person has to be among the evidence. The citizen card is unsigned and can
    be printed by anybody: this makes a borrowed certificate harder to use, and proves nobody's identity."""
    declaration: bool = False
    """A declaration of the same person has to be among the evidence: a signed one, unless `accept_unsigned`."""
    face: bool = False
    """The face check of this visit has to have been passed."""
    formats: frozenset[Format] = frozenset()
    """Empty: all. So are `countries`, `groups`; `zones`: that of the policy."""
    countries: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    zones: frozenset[str] = frozenset()
    directions: frozenset[Direction] = BOTH_WAYS
    hours: tuple[Hours, ...] = ALL_DAY
    weekdays: frozenset[int] = EVERY_DAY
    """0 is Monday. A part of the day over midnight belongs to the day on which it begins."""
    holidays: OnHolidays = OnHolidays.AS_OTHERS
    valid_from: date | None = None
    valid_until: date | None = None
    """The last day of the rule; a night that begins on it is the last night."""
    complete: bool = True
    """A vaccination has to be complete: as many doses as its series has."""
    min_years: int = 0
    max_years: int | None = None
    """How old the holder is, in completed years."""
    entries: int = 0
    """How often one credential is let in; 0: as often as it says itself."""
    country_rules: bool = True
    """The policy's country rules apply, where it has any."""
    forms: frozenset[str] = frozenset()
    """Forms of this kiosk that are taken at their word when somebody has filled them in here, by their ids."""
    accept_unsigned: bool = False
    """DANGEROUS: an unsigned document is taken at its word. Anybody can print one."""


def term_kinds(rule: AdmitRule, term: str) -> frozenset[Kind]:
    """Return the kinds of a rule that one of its terms is looked at on; all of them for a term of any kind."""
    formats = TERM_FORMATS.get(term)
    if formats is not None and rule.formats and formats.isdisjoint(rule.formats):
        return frozenset()
    return rule.kinds & TERM_KINDS.get(term, rule.kinds)


class Counted(StrEnum):
    """What a capacity is a number of."""

    INSIDE = "inside"
    ADMISSIONS = "admissions"
    """All who were let in: who leaves makes no room."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many people may be inside."""

    people: int
    staff_when_full: bool = False
    reset_at: time = RESET_AT
    """When nobody is inside any more, by the venue's clock: what was missed by then is forgotten."""
    warn_at: int = 0
    """From how many people on the first alarm level is reached; 0: nine tenths, rounded up."""
    counts: Counted | None = None
    """None: not said, which is those inside."""

    @property
    def first_level(self) -> int:
        """From how many people on the first alarm level is reached."""
        return self.warn_at or -(-self.people * 9 // 10)


class PassbackKind(StrEnum):
    """What happens to somebody who comes in and has not gone out."""

    SOFT = "soft"
    """Let in, with an alarm."""
    HARD = "hard"
    """Not let in: staff looks."""
    TIMED = "timed"
    """Not let in for some minutes after the last time."""


@dataclass(frozen=True, slots=True)
class Passback:
    """Anti-passback, by person (kiosk.domain.passback)."""

    kind: PassbackKind
    minutes: int = 0
    """For `timed`."""
    reset_at: time = RESET_AT
    """When nobody is inside any more, as for a capacity. It ends no `minutes`."""


@dataclass(frozen=True, slots=True)
class Minors:
    """Who is a minor, and how minors are let in. Whose age no code says counts as an adult."""

    under: int
    rule: MinorRule = MinorRule.AS_OTHERS


@dataclass(frozen=True, slots=True)
class Exemption:
    """Who need not bring what. Every condition has to hold, of one signed credential of the visitor."""

    name: str
    lifts: frozenset[Demand]
    under_years: int = 0
    """Surely younger than this, by the birth date of a signed credential; 0: of any age."""
    groups: frozenset[str] = frozenset()
    kinds: frozenset[Kind] = frozenset()
    issuers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class CountryRules:
    """A country's business rules for health certificates, as far as the venue goes by them."""

    country: str
    version: str
    """Of their content, so that two of one version are equal: stands in every decision."""
    refusals: Callable[[Credential, datetime, str], Collection[Reason]] = field(compare=False)
    """Why they refuse a certificate at a moment, by its key id in hex; nothing where they accept it. Pure."""
    speaks: Callable[[datetime], bool] | None = field(default=None, compare=False)
    """Whether any of them that accepts is in force at a moment: else every certificate stays open. None: not known."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What a venue asks for at this door."""

    version: str
    zone: str
    admit: tuple[AdmitRule, ...] = ()
    staff_when_unsure: bool = True
    title: str = ""
    holidays: tuple[Days, ...] = ()
    capacity: Capacity | None = None
    passback: Passback | None = None
    minors: Minors | None = None
    exemptions: tuple[Exemption, ...] = ()
    country_rules: CountryRules | None = None
    digest: str = ""
    """SHA-256 of the document that it was read from, in hex: a replay finds that very document by it."""
