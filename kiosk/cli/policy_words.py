"""A policy in the words of a language: sentences built from its rules. Pure; the words are in `kiosk.cli.words`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kiosk.cli.policy_review import Flaw
from kiosk.cli.words import words
from kiosk.domain.credential import Kind
from kiosk.domain.policy_terms import (
    ALL_DAY,
    BOTH_WAYS,
    EVERY_DAY,
    AdmitRule,
    Counted,
    Days,
    Exemption,
    Hours,
    OnHolidays,
    Policy,
    term_kinds,
)


@dataclass(frozen=True, slots=True)
class Speaker:
    """Says things in one language."""

    language: str

    def say(self, key: str, **gaps: object) -> str:
        """Return the words of a key with its gaps filled in. Raises KeyError."""
        return words(self.language)[key].format(**gaps)

    def either(self, parts: Iterable[str]) -> str:
        """Join alternatives: `a, b or c`."""
        *first, last = parts
        return self.say("list.comma").join(first) + self.say("list.or") + last if first else last

    def rule(self, rule: AdmitRule, policy: Policy) -> str:
        """Return one sentence on a rule."""
        kinds = self.either(self.say(f"kind.{kind}") for kind in Kind if kind in rule.kinds)
        comma = self.say("list.comma")
        more = "".join(comma + clause for clause in self._clauses(rule, policy))
        return self.say("rule.says", name=rule.name, kinds=kinds, more=more)

    def _clauses(self, rule: AdmitRule, policy: Policy) -> Iterator[str]:
        yield from self._origin(rule)
        yield from self._health(rule, policy)
        if rule.min_years:
            yield self.say("rule.min_years", number=rule.min_years)
        if rule.max_years is not None:
            yield self.say("rule.max_years", number=rule.max_years)
        for need in ("identity", "declaration", "face"):
            if getattr(rule, {"identity": "identity_card"}.get(need, need)):
                yield self.say(f"rule.{need}")
        if rule.entries:
            yield self.say("rule.entries", number=rule.entries)
        yield from self._times(rule)
        if rule.forms:
            yield from self._of_kinds(rule, "forms", "rule.forms", list=self.either(sorted(rule.forms)))
        if rule.accept_unsigned:
            yield self.say("rule.unsigned")

    def _origin(self, rule: AdmitRule) -> Iterator[str]:
        for key in ("formats", "issuers", "countries", "groups", "zones"):
            if named := sorted(map(str, getattr(rule, key))):
                yield from self._of_kinds(rule, key, f"rule.{key}", list=self.either(named))

    def _of_kinds(self, rule: AdmitRule, term: str, key: str, **gaps: object) -> Iterator[str]:
        """Yield the words of a term, beside the kinds that it is looked at on where these are not all of the rule's."""
        kinds = term_kinds(rule, term)
        if kinds == rule.kinds:
            yield self.say(key, **gaps)
        elif kinds:
            named = self.either(self.say(f"kind.{kind}") for kind in Kind if kind in kinds)
            yield self.say("rule.only", clause=self.say(key, **gaps), kinds=named)

    def _health(self, rule: AdmitRule, policy: Policy) -> Iterator[str]:
        if rule.complete:
            yield from self._of_kinds(rule, "complete", "rule.complete")
        if rule.min_doses:
            yield from self._of_kinds(rule, "min_doses", "rule.min_doses", number=rule.min_doses)
        for side, hours in (("min", rule.min_age_hours), ("max", rule.max_age_hours)):
            if hours:
                days, rest = divmod(hours, 24)
                unit, number = ("days", days) if days > 3 and not rest else ("hours", hours)
                yield from self._of_kinds(rule, f"{side}_age_hours", f"rule.{side}_{unit}", number=number)
        if policy.country_rules is not None and rule.country_rules:
            country = policy.country_rules.country
            yield from self._of_kinds(rule, "country_rules", "rule.country", country=country)

    def _times(self, rule: AdmitRule) -> Iterator[str]:
        if rule.directions != BOTH_WAYS:
            yield self.say(f"rule.{min(rule.directions)}")
        if rule.weekdays != EVERY_DAY:
            yield self.say("rule.weekdays", list=self._weekdays(rule.weekdays))
        if rule.hours != ALL_DAY:
            yield self.say("rule.hours", list=self.say("list.comma").join(map(hours_text, rule.hours)))
        if rule.holidays is not OnHolidays.AS_OTHERS:
            yield self.say(f"rule.holidays_{rule.holidays}")
        if rule.valid_from is not None:
            yield self.say("rule.valid_from", day=rule.valid_from)
        if rule.valid_until is not None:
            yield self.say("rule.valid_until", day=rule.valid_until)

    def _weekdays(self, days: frozenset[int]) -> str:
        """Return days of the week, three and more in a row as `Mon–Fri`."""
        runs: list[list[int]] = []
        for day in sorted(days):
            if runs and runs[-1][-1] == day - 1:
                runs[-1].append(day)
            else:
                runs.append([day])
        parts: list[str] = []
        for run in runs:
            names = [self.say(f"weekday.{day}") for day in run]
            parts += [f"{names[0]}–{names[-1]}"] if len(run) > 2 else names
        return self.say("list.comma").join(parts)

    def policy(self, policy: Policy) -> Iterator[str]:
        """Yield the sentences on a policy beside its rules."""
        yield from self._inside(policy)
        if policy.minors is not None:
            yield self.say(f"policy.minors_{policy.minors.rule}", number=policy.minors.under)
        yield from map(self._exempt, policy.exemptions)
        if policy.holidays:
            yield self.say("policy.holidays", list=self.say("list.comma").join(map(days_text, policy.holidays)))
        yield self.say("policy.unsure_staff" if policy.staff_when_unsure else "policy.unsure_deny")

    def _inside(self, policy: Policy) -> Iterator[str]:
        """Yield the sentences on who is inside, and on how many are."""
        if capacity := policy.capacity:
            counted = self.say(f"policy.counted_{capacity.counts or Counted.INSIDE}", time=f"{capacity.reset_at:%H:%M}")
            key = "policy.capacity_staff" if capacity.staff_when_full else "policy.capacity_deny"
            yield self.say(key, people=capacity.people, counted=counted)
            yield self.say("policy.capacity_warn", people=capacity.first_level)
        if passback := policy.passback:
            key = f"policy.passback_{passback.kind}"
            yield self.say(key, minutes=passback.minutes, time=f"{passback.reset_at:%H:%M}")

    def _exempt(self, exemption: Exemption) -> str:
        who: list[str] = []
        if exemption.under_years:
            who.append(self.say("who.under_years", number=exemption.under_years))
        if exemption.kinds:
            kinds = (self.say(f"kind.{kind}") for kind in Kind if kind in exemption.kinds)
            who.append(self.say("who.kinds", list=self.either(kinds)))
        if exemption.groups:
            who.append(self.say("who.groups", list=self.either(sorted(exemption.groups))))
        if exemption.issuers:
            who.append(self.say("who.issuers", list=self.either(sorted(exemption.issuers))))
        lifted = self.either(self.say(f"lift.{demand}") for demand in sorted(exemption.lifts))
        return self.say("policy.exempt", name=exemption.name, who=self.say("list.comma").join(who), list=lifted)

    def head(self, policy: Policy) -> str:
        """Return which policy this is."""
        key = "policy.version_title" if policy.title else "policy.version"
        return self.say(key, version=policy.version, title=policy.title, zone=policy.zone)

    def flaw(self, flaw: Flaw) -> str:
        """Return the sentence of a warning."""
        why = self.say(f"why.{flaw.why}") if flaw.why else ""
        return self.say(f"warning.{flaw.code}", rule=flaw.rule, other=flaw.other, why=why)


def hours_text(hours: Hours) -> str:
    """Return a part of the day as people write it."""
    return "–".join(f"{minutes // 60:02}:{minutes % 60:02}" for minutes in (hours.start, hours.end))


def days_text(days: Days) -> str:
    """Return days in a row."""
    return str(days.first) if days.first == days.last else f"{days.first}–{days.last}"
