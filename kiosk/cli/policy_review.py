"""What is wrong with a policy that can be read: nobody admitted, dangers, rules that can never decide. Pure."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise

from kiosk.domain.credential import HEALTH_KINDS, PASS_KINDS, Format, Kind
from kiosk.domain.policy_terms import ALL_DAY, AdmitRule, MinorRule, OnHolidays, Policy
from kiosk.domain.situation import Direction

_UNSIGNED = frozenset({Format.CCCD, Format.PERSONAL_QR, Format.BHYT})

_PASSES_OF_CHILDREN = PASS_KINDS - {Kind.STAFF, Kind.SAMPLING}
"""Those that are not only for people at work."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something to look at. `code` is the key of its sentence; `rule`, `other` and `why` fill it in."""

    code: str
    rule: str = ""
    other: str = ""
    """The rule that is in its way; or the country."""
    why: str = ""
    """Key of the reason why a rule never applies."""


def review(policy: Policy, today: date) -> list[Flaw]:
    """Return what a venue had better look at on a day, gravest first."""
    flaws = [] if policy.admit else [Flaw("nobody")]
    flaws += [Flaw("unsigned", rule.name) for rule in policy.admit if rule.accept_unsigned]
    dead = {number: why for number, rule in enumerate(policy.admit) if (why := why_never(rule, today))}
    flaws += [Flaw("never", policy.admit[number].name, why=why) for number, why in dead.items()]
    living = [rule for number, rule in enumerate(policy.admit) if number not in dead]
    for number, rule in enumerate(living):
        before = next((one for one in living[:number] if covers(one, rule, policy.zone)), None)
        flaws += [Flaw("shadowed", rule.name, before.name)] if before is not None else []
    names = sorted(rule.name for rule in policy.admit)
    flaws += [Flaw("same_name", name) for name in sorted({one for one, other in pairwise(names) if one == other})]
    flaws += [Flaw("ageless", rule.name) for rule in living if _lets_children_pass(rule, policy)]
    # Whether this door counts anybody out is a matter of its sensors: the venue has to have thought of it.
    unsaid = policy.capacity is not None and policy.capacity.counts is None
    of_a_day = [Flaw("capacity_of_a_day")] if unsaid else []
    return [*flaws, *_silence(policy, today), *_holidays(policy, today), *of_a_day]


def why_never(rule: AdmitRule, today: date) -> str:
    """Return the key of why a rule can never admit anybody from a day on; empty where it can."""
    worthless = _UNSIGNED if rule.forms else _UNSIGNED | {Format.FORM}
    unsigned = rule.kinds <= {Kind.IDENTITY, Kind.SAMPLE} or (bool(rule.formats) and rule.formats <= worthless)
    reasons = {
        "sample": rule.kinds == {Kind.SAMPLE},
        "unsigned": unsigned and not rule.accept_unsigned,
        "no_group": bool(rule.groups) and not rule.kinds & PASS_KINDS,
        "no_hours": not rule.hours,
        "no_weekdays": not rule.weekdays,
        "over": rule.valid_until is not None and rule.valid_until < today,
        "ages": rule.max_age_hours is not None and rule.max_age_hours < rule.min_age_hours,
        "years": rule.max_years is not None and rule.max_years < rule.min_years,
    }
    return next((key for key, holds in reasons.items() if holds), "")


def covers(one: AdmitRule, other: AdmitRule, zone: str) -> bool:
    """Tell whether `one` surely admits everything that `other` admits."""

    def within(ours: Collection[object], theirs: Collection[object]) -> bool:
        return not ours or (bool(theirs) and set(theirs) <= set(ours))

    return all((
        other.kinds <= one.kinds,
        within(one.formats, other.formats),
        within(one.issuers, other.issuers),
        within(one.countries, other.countries),
        within(one.groups, other.groups),
        within(one.zones or {zone}, other.zones or {zone}),
        other.directions <= one.directions,
        one.hours == ALL_DAY or set(other.hours) <= set(one.hours),
        other.weekdays <= one.weekdays,
        one.holidays in (OnHolidays.AS_OTHERS, other.holidays),
        one.valid_from is None or (other.valid_from is not None and one.valid_from <= other.valid_from),
        one.valid_until is None or (other.valid_until is not None and other.valid_until <= one.valid_until),
        one.min_doses <= other.min_doses,
        one.min_age_hours <= other.min_age_hours,
        one.max_age_hours is None or (other.max_age_hours is not None and other.max_age_hours <= one.max_age_hours),
        one.min_years <= other.min_years,
        one.max_years is None or (other.max_years is not None and other.max_years <= one.max_years),
        not (one.min_years or one.max_years is not None) or bool(other.min_years) or other.max_years is not None,
        not one.entries or 0 < other.entries <= one.entries,
        not one.complete or other.complete,
        not one.identity_card or other.identity_card,
        not one.declaration or (other.declaration and one.accept_unsigned >= other.accept_unsigned),
        not one.face or other.face,
        not one.country_rules or other.country_rules,
        one.accept_unsigned or not other.accept_unsigned,
        other.forms <= one.forms,
    ))  # fmt: skip


def _lets_children_pass(rule: AdmitRule, policy: Policy) -> bool:
    """Tell whether a rule lets a child in alone, as its pass says no age, where the venue asks for an adult."""
    minors = policy.minors
    return (
        minors is not None
        and minors.rule is MinorRule.WITH_ADULT
        and bool(rule.kinds & _PASSES_OF_CHILDREN)
        and (not rule.formats or Format.PASS in rule.formats)
        and Direction.ENTRY in rule.directions
        and not rule.identity_card
        # Without an age nobody fits a rule that asks for one.
        and not (rule.min_years or rule.max_years is not None)
    )


def _silence(policy: Policy, today: date) -> Iterator[Flaw]:
    """Yield the flaw that no rule of the country is in force: it has another name there, or they are over."""
    rules, noon = policy.country_rules, datetime(today.year, today.month, today.day, 12, tzinfo=UTC)
    asked = any(rule.country_rules and rule.kinds & HEALTH_KINDS for rule in policy.admit)
    if asked and rules is not None and rules.speaks is not None and not rules.speaks(noon):
        yield Flaw("silent", other=rules.country)


def _holidays(policy: Policy, today: date) -> Iterator[Flaw]:
    if policy.holidays and all(days.last < today for days in policy.holidays):
        yield Flaw("holidays_over")
    if not policy.holidays:
        for rule in policy.admit:
            if rule.holidays is not OnHolidays.AS_OTHERS:
                yield Flaw("holidays_missing", rule.name)
