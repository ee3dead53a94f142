"""Business rules of the EU DCC gateway: which certificates a country accepts, and which its issuer takes back.

Sources: the gateway's `validation-rule.schema.json`; CertLogic specification 1.3.3; for the selection of rules and
for OPEN the reference engine (eu-digital-green-certificates/dgc-certlogic-android, `DefaultGetRulesUseCase` and
`DefaultCertLogicEngine`). A rule that cannot be decided is never taken as passed.

Acceptance rules are those of the venue's country, invalidation rules those of the country that issued the
certificate. **Both have to be true**: a published invalidation rule (IR-DE-0001) is false for the certificates that
it takes back, and the reference engine treats both types alike.
"""

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from kiosk.domain.certlogic import MAX_STEPS, CertLogicError, Problem
from kiosk.domain.credential import Credential
from kiosk.domain.reasons import Reason
from kiosk.domain.rule_documents import ENGINE, ENGINE_VERSION, BusinessRule, RuleError, RuleType, read_version, rule_of

MAX_RULES = 5000
_COUNTRY = re.compile("[A-Za-z]{2}")

class Outcome(StrEnum):
    """What a rule says of a certificate."""

    PASSED = "passed"
    FAILED = "failed"
    OPEN = "open"
    """It could not be decided: another engine or a newer version, a payload older than it, an error, no truth value."""


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What one rule says. `problem` is a code for why it stayed open."""

    identifier: str
    type: RuleType
    outcome: Outcome
    descriptions: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules and value sets that a venue in `country` goes by. `version` is a digest of all of it."""

    version: str
    country: str
    region: str
    rules: tuple[BusinessRule, ...]
    value_sets: Mapping[str, list[str]]

    @classmethod
    def of(
        cls, rules: Sequence[object], value_sets: Mapping[str, list[str]], *, country: str, region: str = ""
    ) -> "RuleSet":
        """Make a set of rule documents as they were published. Raises RuleError."""
        if len(rules) > MAX_RULES:
            raise RuleError(f"more than {MAX_RULES} rules")
        if not _COUNTRY.fullmatch(country):
            raise RuleError("a country is named by its two letters (ISO 3166)")
        parsed = tuple(rule_of(rule) for rule in rules)
        try:
            content = json.dumps([rules, value_sets, country, region], sort_keys=True, ensure_ascii=False)
        except RecursionError:
            raise RuleError("a rule is nested too deeply") from None
        version = hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        return cls(version, country.upper(), region.strip().upper(), parsed, value_sets)


def _newest(rules: Iterable[BusinessRule]) -> list[BusinessRule]:
    """Keep the newest version of each rule, in the order of their identifiers."""
    newest: dict[str, BusinessRule] = {}
    for rule in rules:
        known = newest.get(rule.identifier)
        if known is None or rule.version > known.version:
            newest[rule.identifier] = rule
    return [newest[identifier] for identifier in sorted(newest)]


def _issuer_country(credential: Credential) -> str:
    """Return the country that issued: `iss`, or, where that names an authority ("CNAM"), the entry's country."""
    issuer = credential.issuer.upper()
    return issuer if _COUNTRY.fullmatch(issuer) else str(credential.details.get("country", "")).upper()


def select(rule_set: RuleSet, credential: Credential, now: datetime) -> list[BusinessRule]:
    """Return the rules that a certificate has to meet at `now` (aware).

    Rules of a region add to those of the whole country, to which a rule whose region is the country belongs as well.
    """
    kind, country = credential.kind, rule_set.country
    regions = {"", country, rule_set.region}
    accepting = [
        rule for rule in rule_set.rules
        if rule.type is RuleType.ACCEPTANCE and rule.region in regions and rule.holds_for(country, kind, now)
    ]  # fmt: skip
    issuer = _issuer_country(credential)
    withdrawing = [
        rule for rule in rule_set.rules
        if rule.type is RuleType.INVALIDATION and rule.holds_for(issuer, kind, now)
    ]  # fmt: skip
    return _newest(accepting) + _newest(withdrawing)


def speaks(rule_set: RuleSet, now: datetime) -> bool:
    """Tell whether any acceptance rule of the country is in force at `now` (aware): else nothing is accepted."""
    regions = {"", rule_set.country, rule_set.region}
    return any(
        rule.type is RuleType.ACCEPTANCE and rule.region in regions and rule.holds_for(rule_set.country, kind, now)
        for rule in rule_set.rules
        for kind in rule.kinds
    )


def _moment(when: datetime | None) -> str | None:
    return None if when is None else when.astimezone(UTC).isoformat(timespec="milliseconds")


def external(rule_set: RuleSet, credential: Credential, now: datetime, key_id: bytes = b"") -> dict[str, Any]:
    """Return what rules may ask beside the payload (`external`), named as in the reference engine."""
    return {
        "validationClock": _moment(now),
        "valueSets": rule_set.value_sets,
        "countryCode": rule_set.country,
        "region": rule_set.region,
        "issuerCountryCode": _issuer_country(credential),
        "exp": _moment(credential.expires_at),
        "iat": _moment(credential.issued_at),
        "kid": base64.b64encode(key_id).decode(),
    }


def _why_open(rule: BusinessRule, payload: Mapping[str, Any]) -> str:
    """Return a code for why this engine cannot decide a rule at all; empty where it can."""
    if rule.engine != ENGINE or rule.engine_version > ENGINE_VERSION:
        return "engine_version"
    if rule.logic is None:
        return Problem.INVALID
    version = read_version(str(payload.get("ver", ""))[:32])
    if version is None or version[0] != rule.schema_version[0] or version < rule.schema_version:
        return "schema_version"
    return ""


def _result(rule: BusinessRule, data: Mapping[str, Any], work: list[int]) -> RuleResult:
    problem = _why_open(rule, data["payload"])
    outcome = Outcome.OPEN
    if not problem and rule.logic is not None:
        try:
            value = rule.logic(data, work)
        except CertLogicError as error:
            problem = error.problem
        else:
            match value:
                case True:
                    outcome = Outcome.PASSED
                case False:
                    outcome = Outcome.FAILED
                case _:
                    problem = Problem.WRONG_TYPE
    return RuleResult(rule.identifier, rule.type, outcome, rule.descriptions, problem)


def _as_the_schema_means(payload: dict[str, Any]) -> dict[str, Any]:
    """Cut off the time of day that some issuers (Bulgaria) add to the date of birth: `dccDateOfBirth` takes none."""
    birth = payload.get("dob")
    return {**payload, "dob": birth.partition("T")[0]} if isinstance(birth, str) and "T" in birth else payload


def check(rule_set: RuleSet, credential: Credential, now: datetime, key_id: bytes = b"") -> tuple[RuleResult, ...]:
    """Ask every rule that applies to a health certificate at `now` (aware); all rules share one bound of work.

    Never empty: where no rule of the venue's country speaks about this certificate, or it has no DCC payload, one
    result without an identifier is OPEN, because nobody has said that it is acceptable.
    """
    payload = credential.details.get("payload")
    if not isinstance(payload, dict):
        return (RuleResult("", RuleType.ACCEPTANCE, Outcome.OPEN, problem="no_payload"),)
    data = {"payload": _as_the_schema_means(payload), "external": external(rule_set, credential, now, key_id)}
    work = [MAX_STEPS]
    results = tuple(_result(rule, data, work) for rule in select(rule_set, credential, now))
    if not any(result.type is RuleType.ACCEPTANCE for result in results):
        results = (RuleResult("", RuleType.ACCEPTANCE, Outcome.OPEN, problem="no_rule"), *results)
    return results


def reason_of(results: Iterable[RuleResult]) -> Reason | None:
    """Return why a certificate is not accepted, the gravest reason first; None where every rule passed."""
    results = tuple(results)
    failed = {result.type for result in results if result.outcome is Outcome.FAILED}
    if RuleType.INVALIDATION in failed:
        return Reason.INVALIDATED
    if failed:
        return Reason.COUNTRY_RULE_FAILED
    return Reason.RULE_UNDECIDED if any(one.outcome is Outcome.OPEN for one in results) else None


def refusals(rule_set: RuleSet, credential: Credential, now: datetime) -> tuple[Reason, ...]:
    """Return why a country's rules refuse a health certificate at `now` (aware); nothing where they accept it."""
    reason = reason_of(check(rule_set, credential, now))
    return () if reason is None else (reason,)
