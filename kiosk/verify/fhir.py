"""What the kiosk reads of a FHIR bundle (HL7 FHIR R4, hl7.org/fhir/R4): whose it is, vaccinations and test results.

Everything else in a bundle is passed over. Content is known by its codes, never by its words. The tables say where
their codes come from; a code that is not in them still counts as a vaccination or a test, of nothing in particular.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from kiosk.domain.credential import Holder, Kind
from kiosk.domain.policy import NEGATIVE
from kiosk.domain.reasons import Reason
from kiosk.verify.errors import MalformedError

MAX_ENTRIES = 500
_MAX_TEXT = 256
_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")
COVID_19 = "840539006"
"""SNOMED CT 'COVID-19': what the EU value set disease-agent-targeted calls it."""
DETECTED = "260373001"
"""SNOMED CT 'detected' (EU value set covid-19-lab-result)."""

_SYSTEMS = {
    "http://hl7.org/fhir/sid/cvx": "CVX", "http://loinc.org": "LOINC", "http://snomed.info/sct": "SNOMED",
    "http://id.who.int/icd11/mms": "ICD-11", "http://id.who.int/icd/release/11/mms": "ICD-11",
}  # fmt: skip
"""The identifiers of code systems (terminology.hl7.org; guides name ICD-11 in two ways), and their names here."""

SERIES = {
    "CVX:207": 2, "CVX:227": 2, "CVX:228": 2,  # Moderna: 12 years and older, 6 to 11, under 6
    "CVX:208": 2, "CVX:217": 2, "CVX:218": 2, "CVX:219": 3,  # Pfizer-BioNTech: 12 and older (twice), 5 to 11, under 5
    "CVX:210": 2, "CVX:211": 2, "CVX:212": 1,  # AstraZeneca, Novavax, Janssen
    "CVX:502": 2, "CVX:506": 1, "CVX:510": 2, "CVX:511": 2,  # Covaxin, CanSino, Sinopharm BIBP, Sinovac
}  # fmt: skip
"""Doses of the primary series. Codes: CDC, COVID-19 vaccine related codes (cdc.gov/iis/code-sets);
numbers: the products' emergency use listings of WHO and authorisations of the FDA, as they were in 2021 and 2022."""

_COVID_CVX = ((207, 208), (210, 213), (217, 219), (221, 221), (225, 230), (300, 302), (308, 313), (500, 521))
"""CVX codes of COVID-19 vaccines, from and to (same source, and VaccineCovid19CvxValueSet of WHO's DDCC guide)."""
_COVID_VACCINES = frozenset(
    [f"CVX:{code}" for first, last in _COVID_CVX for code in range(first, last + 1)]
    + [f"SNOMED:{code}" for code in ("1119305005", "1119349007", "1157024006", "1162643001", "29061000087103")]
    + [f"ICD-11:{code}" for code in (
        "XM68M6", "XM1NL1", "XM5DF6", "XM9QW8", "XM0CX4", "XM5JC5", "XM1J92", "XM6AT1", "XM0GQ8", "XM3CT4",
    )]
)  # fmt: skip
"""Kinds of vaccine in SNOMED CT and ICD-11: value set IMMZ.Z.DE26 ('COVID-19 vaccines') of WHO's Immunization guide."""

_COVID_TESTS = frozenset(
    f"LOINC:{code}" for code in (
        # Nucleic acid
        "94500-6", "94309-2", "94845-5", "94759-8", "94565-9", "95406-5", "94533-7", "94534-5", "94559-2", "94502-2",
        "94307-6", "94308-4", "94314-2", "94315-9", "94316-7",
        # Antigen
        "94558-4", "95209-3", "96119-3", "97097-0",
    )
)  # fmt: skip
"""Qualitative tests for the virus itself (loinc.org/sars-cov-2-and-covid-19). Tests for antibodies are left out: what
they find may be the vaccine's doing."""
_RESULTS = dict.fromkeys(("SNOMED:260415000", "SNOMED:260385009", "LOINC:LA11883-8", "LOINC:LA6577-6"), NEGATIVE)
_RESULTS |= dict.fromkeys(
    ("SNOMED:260373001", "SNOMED:10828004", "LOINC:LA11882-0", "LOINC:LA6576-8", "LOINC:LA18996-1"), DETECTED
)
"""What stands for 'not detected' and 'detected': value sets qualitative-lab-results-snomed and -loinc of HL7's SMART
Health Cards: Vaccination & Testing guide. Anything else (equivocal, unsuitable specimen) is no result."""
_FINAL = ("final", "amended", "corrected")
"""Statuses of an observation that stands (value set observation-status)."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a bundle says, in the words that policies use (kiosk.domain.policy)."""

    kind: Kind
    holder: Holder
    details: Mapping[str, object]


def _bad() -> MalformedError:
    return MalformedError(Reason.SCHEMA_INVALID)


def read(bundle: Any) -> Content:
    """Read a Bundle (JSON as Python values). Raises MalformedError(SCHEMA_INVALID).

    It is about one thing: vaccinations against COVID-19, or else tests for it, or else any vaccinations, or else any
    tests. A bundle that has neither of these says nothing to a door.
    """
    by_type = _resources(bundle)
    holder = _holder(by_type.get("Patient", []))
    vaccinations = [_vaccination(resource) for resource in by_type.get("Immunization", [])]
    tests = [_test(resource) for resource in by_type.get("Observation", [])]
    for covid in (True, False):
        if relevant := [one for one in vaccinations if one.covid or not covid]:
            return Content(Kind.VACCINATION, holder, _doses(relevant))
        if results := [one for one in tests if one.covid or not covid]:
            return Content(Kind.TEST, holder, _result(results))
    raise _bad()


def _resources(bundle: Any) -> dict[str, list[Mapping[str, Any]]]:
    """Return the resources of a bundle by their types."""
    match bundle:
        case {"resourceType": "Bundle", "entry": list() as entries} if len(entries) <= MAX_ENTRIES:
            by_type: dict[str, list[Mapping[str, Any]]] = {}
            for entry in entries:
                match entry:
                    case {"resource": {"resourceType": str() as name} as resource}:
                        by_type.setdefault(name, []).append(resource)
                    case _:
                        raise _bad()
            return by_type
        case _:
            raise _bad()


# whose it is


def _holder(patients: Sequence[Mapping[str, Any]]) -> Holder:
    """Return whom a bundle is about; nobody where it has no Patient. Two of them could be confused with each other."""
    if not patients:
        return Holder()
    if len(patients) > 1:
        raise _bad()
    name = _name(_list(patients[0].get("name")))
    family, given = _text(name.get("family")), " ".join(map(_text, _list(name.get("given"))))
    if not family and not given:
        family = _text(name.get("text"))
    return Holder(family, given.strip(), _date(patients[0].get("birthDate")))


_FORMER = ("old", "maiden", "nickname", "anonymous")
"""Uses of a name (value set name-use) that no identity card has."""


def _name(names: Sequence[Any]) -> Mapping[str, Any]:
    """Return the official one of several names, or the first that is in use."""
    known = [name for name in names if isinstance(name, dict)]
    official = [name for name in known if name.get("use") == "official"]
    return next(iter([*official, *(name for name in known if name.get("use") not in _FORMER)]), {})


# vaccinations


@dataclass(frozen=True, slots=True)
class _Vaccination:
    day: str
    """ISO 8601, possibly only a year or a month; empty where there is none."""
    product: str
    covid: bool
    done: bool


def _vaccination(resource: Mapping[str, Any]) -> _Vaccination:
    codes = list(_codes(resource.get("vaccineCode")))
    # A dose below strength counts as none (Immunization.isSubpotent).
    done = resource.get("status") == "completed" and resource.get("isSubpotent") is not True
    product = next((code for code in codes if code in SERIES), next(iter(codes), ""))
    covid = not _COVID_VACCINES.isdisjoint(codes)
    return _Vaccination(_moment(resource.get("occurrenceDateTime"))[:10], product, covid, done)


def _doses(vaccinations: Sequence[_Vaccination]) -> dict[str, object]:
    """Count doses: completed ones, on days of their own. The first dose's product says how long the series is."""
    doses = {one.day: one for one in reversed(vaccinations) if one.done and one.day}
    days = sorted(doses)
    details: dict[str, object] = {}
    if days:
        details |= {"event_date": days[-1], "product": doses[days[-1]].product}
    if vaccinations[0].covid:  # they all are, or none is: doses against different diseases are not to be added up
        details |= {"target": COVID_19, "dose": len(days)}
        if days and (series := SERIES.get(doses[days[0]].product)):
            details["series"] = series
    return details


# tests


@dataclass(frozen=True, slots=True)
class _Test:
    moment: str
    """ISO 8601, a time of day in UTC; empty where there is none."""
    result: str
    """As in policies; empty where it is neither negative nor positive, or not final."""
    covid: bool


def _test(resource: Mapping[str, Any]) -> _Test:
    covid = not _COVID_TESTS.isdisjoint(_codes(resource.get("code")))
    found = {_RESULTS[code] for code in _codes(resource.get("valueCodeableConcept")) if code in _RESULTS}
    stands = resource.get("status") in _FINAL and len(found) == 1
    return _Test(_moment(resource.get("effectiveDateTime")), found.pop() if stands else "", covid)


def _result(tests: Sequence[_Test]) -> dict[str, object]:
    """Return what the newest test says. Of several at the same time, the one that is no clear negative counts."""
    newest = max(tests, key=lambda one: (one.moment, one.result != NEGATIVE))
    details: dict[str, object] = {}
    if newest.covid:
        details["target"] = COVID_19
        if newest.result:
            details["result"] = newest.result
    if newest.moment:
        details["event_date"] = newest.moment
    return details


# values


def _list(value: Any) -> Sequence[Any]:
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > MAX_ENTRIES:
        raise _bad()
    return value


def _text(value: Any) -> str:
    """Return a text without white space around it; empty for what is absent."""
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > _MAX_TEXT:
        raise _bad()
    return value.strip()


def _codes(concept: Any) -> Iterator[str]:
    """Yield the codes of a CodeableConcept as `CVX:208`, those of systems that are known here first to last."""
    for coding in _list(concept.get("coding")) if isinstance(concept, dict) else ():
        match coding:
            case {"system": str() as system, "code": str() as code} if system in _SYSTEMS and len(code) <= _MAX_TEXT:
                yield f"{_SYSTEMS[system]}:{code}"
            case _:
                pass


def _date(value: Any) -> str:
    """Return a date of FHIR (`1990`, `1990-05` or `1990-05-17`); empty for what is absent."""
    text = _text(value)
    if text:
        try:
            date.fromisoformat(text + "-01-01"[len(text) - 4 :] if _DATE.fullmatch(text) else "")
        except ValueError:
            raise _bad() from None
    return text


def _moment(value: Any) -> str:
    """Return a dateTime of FHIR: a date, or a date with a time, in UTC; empty for what is absent."""
    text = _text(value)
    if "T" not in text:
        return _date(text)
    try:
        when = datetime.fromisoformat(text)
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        raise _bad() from None
