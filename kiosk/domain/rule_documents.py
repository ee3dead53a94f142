"""One document of the EU DCC gateway: a business rule, or value sets.

Source: the gateway's `validation-rule.schema.json`, and the layouts in which verifiers keep value sets.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from kiosk.domain.certlogic import CertLogicError, Rule, compile_rule
from kiosk.domain.certlogic_dates import date_time
from kiosk.domain.credential import Kind

ENGINE = "CERTLOGIC"
ENGINE_VERSION = (1, 3, 3)
"""The version of the specification that `kiosk.domain.certlogic` implements."""
_MAX_TEXT = 4096
_MAX_CODES = 20_000
_VERSION = re.compile(r"([0-9]{1,6})\.([0-9]{1,6})\.([0-9]{1,6})")

Version = tuple[int, int, int]


class RuleError(ValueError):
    """A rule or value set that is not laid out as one; the text is a sentence."""


class RuleType(StrEnum):
    """Whose rule it is."""

    ACCEPTANCE = "Acceptance"
    """Of the country that somebody wants to enter."""
    INVALIDATION = "Invalidation"
    """Of the country that issued the certificate."""


_KINDS = {
    "General": frozenset({Kind.VACCINATION, Kind.TEST, Kind.RECOVERY}),
    "Vaccination": frozenset({Kind.VACCINATION}),
    "Test": frozenset({Kind.TEST}),
    "Recovery": frozenset({Kind.RECOVERY}),
}


@dataclass(frozen=True, slots=True)
class BusinessRule:
    """One rule document."""

    identifier: str
    type: RuleType
    country: str
    region: str
    version: Version
    schema_version: Version
    engine: str
    engine_version: Version
    kinds: frozenset[Kind]
    descriptions: Mapping[str, str]
    """By language."""
    valid_from: datetime
    valid_to: datetime
    affected_fields: tuple[str, ...]
    logic: Rule | None
    """None: this engine cannot read it."""

    def holds_for(self, country: str, kind: Kind | None, now: datetime) -> bool:
        """Tell whether the rule is one of `country` for this kind of certificate, in force at `now`."""
        return self.country == country and kind in self.kinds and self.valid_from <= now <= self.valid_to


def _text(document: Mapping[Any, Any], key: str) -> str:
    value = document.get(key)
    if not isinstance(value, str) or len(value) > _MAX_TEXT:
        raise RuleError(f"{key} is missing, or no text")
    return value


def read_version(text: str) -> Version | None:
    """Read a version, three numbers; None for anything else."""
    found = _VERSION.fullmatch(text)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def _version(document: Mapping[Any, Any], key: str) -> Version:
    version = read_version(_text(document, key))
    if version is None:
        raise RuleError(f"{key} is no version, like 1.0.0")
    return version


def _time(document: Mapping[Any, Any], key: str) -> datetime:
    try:
        return date_time(_text(document, key))
    except CertLogicError as error:
        raise RuleError(f"{key} is no time") from error


def _descriptions(document: Mapping[Any, Any]) -> dict[str, str]:
    found = document.get("Description")
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise RuleError("Description is missing, or no list")
    return {_text(one, "lang"): _text(one, "desc") for one in found}


def _logic(document: Mapping[Any, Any], engine: str, engine_version: Version) -> Rule | None:
    if engine != ENGINE or engine_version > ENGINE_VERSION:
        return None
    try:
        return compile_rule(document.get("Logic"))
    except CertLogicError:
        return None


def rule_of(document: object) -> BusinessRule:
    """Read one rule document, a JSON value. Raises RuleError.

    A rule for another engine is read as well, without its logic: it makes a certificate undecided, not accepted.
    """
    if not isinstance(document, dict):
        raise RuleError("a rule is an object")
    fields = document.get("AffectedFields")
    if not isinstance(fields, list) or not all(isinstance(one, str) for one in fields):
        raise RuleError("AffectedFields is missing, or no list of texts")
    kinds = _KINDS.get(_text(document, "CertificateType"))
    kind_of_rule = _text(document, "Type")
    if kinds is None or kind_of_rule not in list(RuleType):
        raise RuleError("Type or CertificateType is none that rules have")
    engine, engine_version = _text(document, "Engine"), _version(document, "EngineVersion")
    return BusinessRule(
        identifier=_text(document, "Identifier"),
        type=RuleType(kind_of_rule),
        country=_text(document, "Country").strip().upper(),
        region="" if document.get("Region") is None else _text(document, "Region").strip().upper(),
        version=_version(document, "Version"),
        schema_version=_version(document, "SchemaVersion"),
        engine=engine,
        engine_version=engine_version,
        kinds=kinds,
        descriptions=_descriptions(document),
        valid_from=_time(document, "ValidFrom"),
        valid_to=_time(document, "ValidTo"),
        affected_fields=tuple(fields),
        logic=_logic(document, engine, engine_version),
    )


def _codes(codes: object) -> list[str]:
    if isinstance(codes, dict):
        codes = list(codes)
    if not isinstance(codes, list) or len(codes) > _MAX_CODES or not all(isinstance(code, str) for code in codes):
        raise RuleError("a value set is a list of codes, or an object with the codes as its keys")
    return codes


def value_sets_of(document: object) -> dict[str, list[str]]:
    """Read value sets, a JSON value, in either layout: `{name: [code, …]}`, or as the gateway serves them.

    The latter is a list of `{"valueSetId": name, "valueSetValues": {code: …}}`, or one such object.
    Raises RuleError.
    """
    if isinstance(document, dict) and "valueSetId" not in document:
        return {str(name): _codes(codes) for name, codes in document.items()}
    found = [document] if isinstance(document, dict) else document
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise RuleError("value sets are an object, or a list of objects")
    return {_text(one, "valueSetId"): _codes(one.get("valueSetValues")) for one in found}
