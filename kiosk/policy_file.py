"""A venue's policy, `policy.toml`: TOML in, a frozen `Policy` out (docs/policy.md has every key).

Part of the settings, like `kiosk.config`: everything is checked once, here, with a sentence a person can act on.
"""

from collections.abc import Callable
from datetime import date, time
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from kiosk.config import ConfigError, read_toml
from kiosk.domain.credential import Format, Kind
from kiosk.domain.policy_terms import (
    BOTH_WAYS,
    MINUTES_A_DAY,
    RESET_AT,
    TERM_FORMATS,
    TERM_KINDS,
    AdmitRule,
    Capacity,
    Counted,
    CountryRules,
    Demand,
    Exemption,
    MinorRule,
    Minors,
    OnHolidays,
    Passback,
    PassbackKind,
    Policy,
    term_kinds,
)
from kiosk.domain.situation import Direction
from kiosk.times_text import WEEKDAYS, DaysText, HoursText, Weekday, read_days, read_hours, weekday_numbers

SCHEMA = 2
"""The newest form of these files. 1, or none said: the keys of 2021; every one of them still means the same."""
MAX_RULES = 100
MAX_DAYS = 1000

_Name = Annotated[str, Field(min_length=1, max_length=64)]
_Years = Annotated[int, Field(ge=1, le=120)]
_Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AdmitTable(_Table):
    """One way in: everything that it says has to hold."""

    name: _Name
    kinds: Annotated[tuple[Kind, ...], Field(min_length=1)]
    formats: tuple[Format, ...] = ()
    issuers: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    zones: tuple[_Name, ...] = ()
    direction: Literal["entry", "exit", "both"] = "both"
    hours: tuple[HoursText, ...] = ("00:00-24:00",)
    weekdays: tuple[Weekday, ...] = WEEKDAYS
    on_holidays: OnHolidays = OnHolidays.AS_OTHERS
    valid_from: date | None = None
    valid_until: date | None = None
    complete: bool = True
    min_doses: Annotated[int, Field(ge=0, le=9)] = 0
    min_age_days: Annotated[int, Field(ge=0, le=3650)] = 0
    max_age_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    min_age_hours: Annotated[int, Field(ge=0, le=8760)] = 0
    max_age_hours: Annotated[int, Field(ge=1, le=8760)] | None = None
    min_years: Annotated[int, Field(ge=0, le=120)] = 0
    max_years: Annotated[int, Field(ge=0, le=120)] | None = None
    entries: Annotated[int, Field(ge=0, le=10_000)] = 0
    needs: tuple[Literal["identity", "declaration", "face"], ...] = ()
    identity_card: bool = False
    country_rules: bool = True
    forms: tuple[_Name, ...] = ()
    accept_unsigned_DANGEROUS: bool = False  # noqa: N815 - loud on purpose

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.max_age_days is not None and self.max_age_hours is not None:
            raise ValueError("give max_age_days or max_age_hours, not both")
        if self.min_age_days and self.min_age_hours:
            raise ValueError("give min_age_days or min_age_hours, not both")
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise ValueError("valid_until is before valid_from")
        return self


class HolidaysTable(_Table):
    """The venue's holidays. Those by the moon fall on other days each year: list them anew."""

    dates: Annotated[tuple[DaysText, ...], Field(max_length=MAX_DAYS)] = ()


class CapacityTable(_Table):
    """How many people this door lets in since `reset_at`, less those it let out; it knows of no other door."""

    people: Annotated[int, Field(ge=1, le=1_000_000)]
    when_full: Literal["deny", "staff"] = "deny"
    reset_at: _Clock = f"{RESET_AT:%H:%M}"
    warn_at: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    counts: Counted | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.warn_at is not None and self.warn_at > self.people:
            raise ValueError("warn_at is more than people: the room would be full before anybody is warned")
        return self


class PassbackTable(_Table):
    """Nobody comes in twice without having gone out."""

    kind: PassbackKind
    minutes: Annotated[int, Field(ge=1, le=MINUTES_A_DAY)] | None = None
    reset_at: _Clock | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        timed = self.kind is PassbackKind.TIMED
        if timed and self.minutes is None:
            raise ValueError('kind = "timed" asks for minutes: how long nobody comes in again')
        if not timed and self.minutes is not None:
            raise ValueError(f'minutes are for kind = "timed"; leave them out with "{self.kind}"')
        if timed and self.reset_at is not None:
            raise ValueError('reset_at ends no minutes; leave it out with kind = "timed"')
        return self


class MinorsTable(_Table):
    """How minors are let in."""

    under: _Years
    rule: MinorRule = MinorRule.AS_OTHERS


class ExemptTable(_Table):
    """Who need not bring what."""

    name: _Name
    lifts: Annotated[tuple[Demand, ...], Field(min_length=1)]
    under_years: _Years | None = None
    groups: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    issuers: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _is_of_somebody(self) -> Self:
        if not (self.under_years or self.groups or self.kinds):
            raise ValueError("an exemption has to say for whom: under_years, groups or kinds")
        return self


class CountryRulesTable(_Table):
    """A country's business rules for health certificates."""

    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    region: Annotated[str, Field(max_length=16)] = ""
    rules: Path
    value_sets: Path | None = None
    invalidation: bool = True


class PolicyFile(_Table):
    """The whole file. Without an `[[admit]]` table it denies everybody."""

    schema_number: Annotated[int, Field(alias="schema", strict=True, ge=1, le=SCHEMA)] = 1
    version: _Name
    zone: _Name = "main"
    title: Annotated[str, Field(max_length=200)] = ""
    when_unsure: Literal["staff", "deny"] = "staff"
    """What to do when a code may be genuine and cannot be checked here (unknown issuer, stale list)."""
    admit: Annotated[tuple[AdmitTable, ...], Field(max_length=MAX_RULES)] = ()
    holidays: HolidaysTable = HolidaysTable()
    capacity: CapacityTable | None = None
    passback: PassbackTable | None = None
    minors: MinorsTable | None = None
    exempt: Annotated[tuple[ExemptTable, ...], Field(max_length=MAX_RULES)] = ()
    country_rules: CountryRulesTable | None = None


_DEFAULTS = {term: AdmitTable.model_fields[term].default for term in TERM_KINDS}

RuleReader = Callable[[CountryRulesTable], CountryRules]
"""Reads a country's rules from the files that the table names. Raises ConfigError."""


def _idle_term(table: AdmitTable, rule: AdmitRule) -> str:
    """Return what is wrong with the first term that is looked at on none of a rule's kinds; empty where there is none.

    A term that asks for nothing (`min_doses = 0`) is none, so that a file with every default written out stays good.
    """
    for term, kinds in TERM_KINDS.items():
        said = term in table.model_fields_set and (term == "complete" or getattr(table, term) != _DEFAULTS[term])
        if said and not term_kinds(rule, term):
            fitting: list[str] = [kind for kind in Kind if kind in kinds]
            if rule.kinds & kinds:
                return f"rule '{rule.name}': '{term}' is for the format {min(TERM_FORMATS[term])}"
            names = " or ".join([", ".join(fitting[:-1]), fitting[-1]] if fitting[1:] else fitting)
            return f"rule '{rule.name}': '{term}' is for {names}"
    return ""


def _admit_rules(table: PolicyFile, path: Path) -> tuple[AdmitRule, ...]:
    rules = tuple(map(_admit_rule, table.admit))
    for said in map(_idle_term, table.admit, rules):
        if said:
            raise ConfigError(f"{path}: {said}")
    return rules


def _admit_rule(table: AdmitTable) -> AdmitRule:
    max_hours = table.max_age_hours or (table.max_age_days * 24 if table.max_age_days else None)
    return AdmitRule(
        name=table.name,
        kinds=frozenset(table.kinds),
        issuers=frozenset(table.issuers),
        min_doses=table.min_doses,
        min_age_hours=table.min_age_hours or table.min_age_days * 24,
        max_age_hours=max_hours,
        identity_card=table.identity_card or "identity" in table.needs,
        declaration="declaration" in table.needs,
        face="face" in table.needs,
        formats=frozenset(table.formats),
        countries=frozenset(table.countries),
        groups=frozenset(table.groups),
        zones=frozenset(table.zones),
        directions=BOTH_WAYS if table.direction == "both" else frozenset({Direction(table.direction)}),
        hours=tuple(map(read_hours, table.hours)),
        weekdays=weekday_numbers(table.weekdays),
        holidays=table.on_holidays,
        valid_from=table.valid_from,
        valid_until=table.valid_until,
        complete=table.complete,
        min_years=table.min_years,
        max_years=table.max_years,
        entries=table.entries,
        country_rules=table.country_rules,
        forms=frozenset(table.forms),
        accept_unsigned=table.accept_unsigned_DANGEROUS,
    )


def _capacity(table: CapacityTable | None) -> Capacity | None:
    if table is None:
        return None
    reset_at = time.fromisoformat(table.reset_at)
    return Capacity(table.people, table.when_full == "staff", reset_at, table.warn_at or 0, table.counts)


def _passback(table: PassbackTable | None, capacity: CapacityTable | None) -> Passback | None:
    if table is None:
        return None
    # One day for both, unless the venue says otherwise: a person who is counted as inside is known to be.
    reset_at = table.reset_at or (capacity.reset_at if capacity is not None else None)
    return Passback(table.kind, table.minutes or 0, time.fromisoformat(reset_at) if reset_at else RESET_AT)


def _exemption(table: ExemptTable) -> Exemption:
    return Exemption(
        table.name, frozenset(table.lifts), table.under_years or 0, frozenset(table.groups), frozenset(table.kinds),
        frozenset(table.issuers),
    )  # fmt: skip


def _country_rules(table: CountryRulesTable | None, path: Path, reader: RuleReader | None) -> CountryRules | None:
    if table is None:
        return None
    if reader is None:
        # Never without the rules that the venue asks for.
        raise ConfigError(f"{path}: this command cannot read [country_rules]; leave the table out")
    base = path.resolve().parent
    sets = base / table.value_sets if table.value_sets else None
    return reader(table.model_copy(update={"rules": base / table.rules, "value_sets": sets}))


def load_policy(path: Path, rule_reader: RuleReader | None = None) -> Policy:
    """Read a venue's policy; paths in it start at its folder. Raises ConfigError."""
    table = read_toml(path, PolicyFile)
    minors = table.minors
    return Policy(
        version=table.version,
        zone=table.zone,
        admit=_admit_rules(table, path),
        staff_when_unsure=table.when_unsure == "staff",
        title=table.title,
        holidays=tuple(map(read_days, table.holidays.dates)),
        capacity=_capacity(table.capacity),
        passback=_passback(table.passback, table.capacity),
        minors=Minors(minors.under, minors.rule) if minors else None,
        exemptions=tuple(map(_exemption, table.exempt)),
        country_rules=_country_rules(table.country_rules, path, rule_reader),
    )


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the file, for editors: docs/schemas/policy.schema.json."""
    schema = PolicyFile.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "policy.toml"}
