"""EU-format health certificates (`HC1:`), the Vietnamese vaccine passport among them.

Sources: eHealth Network, Technical Specifications for Digital Green Certificates, volumes 1 and 3; the
JSON schema 1.3; DESIGN section 7 for the order of steps. Schema 1.3 is used for every version, read as real
issuers wrote it: nulls count as absent, strings are trimmed, whole floats are integers.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from kiosk.domain.credential import Credential, Format, Holder, Kind, Verification
from kiosk.domain.reasons import Reason
from kiosk.domain.trust import TrustList
from kiosk.verify import cbor, envelope, revocation
from kiosk.verify.errors import MalformedError
from kiosk.verify.steps import Claimed, verify_claimed

FORMAT = Format.HC1
PREFIX = "HC1:"
_HCERT, _DCC = -260, 1
_MAX_STRING = 512

_GROUPS = {"v": Kind.VACCINATION, "t": Kind.TEST, "r": Kind.RECOVERY}
_TEXTS = {
    "v": ("tg", "vp", "mp", "ma", "dt", "co", "is", "ci"),
    "t": ("tg", "tt", "sc", "tr", "co", "is", "ci"),
    "r": ("tg", "fr", "co", "is", "df", "du", "ci"),
}
_DATES = {"v": ("dt",), "t": ("sc",), "r": ("fr", "df", "du")}
_EVENT_DATE = {"v": "dt", "t": "sc", "r": "fr"}


def _clean(value: Any) -> Any:
    """Return a payload value as schema 1.3 means it."""
    match value:
        case cbor.Tagged(tag=0 | 1004, value=str() as text):  # RFC 8949 section 3.4.1, RFC 8943: date-time, date
            return text
        case str():
            return value.strip()
        case float() if value.is_integer():
            return int(value)
        case dict():
            return {key: _clean(item) for key, item in value.items() if item is not None}
        case list():
            return [_clean(item) for item in value]
        case _:
            return value


def _bad() -> MalformedError:
    return MalformedError(Reason.SCHEMA_INVALID)


def _text(entry: Mapping[Any, Any], key: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value or len(value) > _MAX_STRING:
        raise _bad()
    return value


def _check_date(text: str) -> None:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise _bad() from None


def _check_birth_date(text: str) -> None:
    """Accept nothing, a year, a year and month, or a date (schema 1.3, `dob`); some add a time of day."""
    if not text:
        return
    day = text[:10] if text[10:11] == "T" else text
    padded = day + "-01-01"[len(day) - 4 :] if len(day) in (4, 7) else day
    try:
        date.fromisoformat(padded)
    except ValueError:
        raise _bad() from None


def _holder(payload: Mapping[Any, Any]) -> Holder:
    names, birth = payload.get("nam"), payload.get("dob", "")
    if not isinstance(names, dict) or not isinstance(birth, str):
        raise _bad()
    _check_birth_date(birth)
    if "fnt" not in names:
        raise _bad()
    # Any of them may be empty (schema 1.3, `person_name`): a person may have one name only.
    optional = {key: names.get(key, "") for key in ("fn", "gn", "fnt", "gnt")}
    if not all(isinstance(value, str) and len(value) <= _MAX_STRING for value in optional.values()):
        raise _bad()
    return Holder(
        family_name=optional["fn"],
        given_name=optional["gn"],
        birth_date=birth,
        family_name_icao=optional["fnt"],
        given_name_icao=optional["gnt"],
    )


def _entry(payload: Mapping[Any, Any]) -> tuple[str, Mapping[Any, Any]]:
    """Return the one vaccination, test or recovery that a certificate is about (DESIGN section 7, rule 4)."""
    present = [group for group in _GROUPS if payload.get(group)]
    if len(present) != 1:
        raise _bad()
    entries = payload[present[0]]
    if not isinstance(entries, list) or len(entries) != 1 or not isinstance(entries[0], dict):
        raise _bad()
    return present[0], entries[0]


def _details(group: str, entry: Mapping[Any, Any], payload: Mapping[Any, Any]) -> dict[str, object]:
    texts = {key: _text(entry, key) for key in _TEXTS[group]}
    for key in _DATES[group]:
        _check_date(texts[key])
    details: dict[str, object] = {
        "event_date": texts[_EVENT_DATE[group]], "target": texts["tg"], "country": texts["co"], "payload": payload,
    }  # fmt: skip
    if group == "v":
        doses = entry.get("dn"), entry.get("sd")
        if not all(type(number) is int and 1 <= number <= 99 for number in doses):
            raise _bad()
        details |= {"dose": doses[0], "series": doses[1], "product": texts["mp"]}
    elif group == "t":
        details["result"] = texts["tr"]
    return details


def matches(text: str) -> bool:
    """Tell whether `text` says that it is a certificate."""
    return text.startswith(PREFIX)


def parse(text: str) -> Claimed:
    """Read a certificate without trusting it. Raises MalformedError."""
    opened = envelope.unwrap(text, PREFIX)
    container = opened.claims.get(_HCERT)
    payload = _clean(container.get(_DCC)) if isinstance(container, dict) else None
    if not isinstance(payload, dict):
        raise MalformedError(Reason.CLAIMS_INVALID)
    if not isinstance(payload.get("ver"), str):
        raise _bad()
    group, entry = _entry(payload)
    details = _details(group, entry, payload)
    credential = Credential(
        format=FORMAT,
        kind=_GROUPS[group],
        issuer=envelope.text_claim(opened.claims, envelope.ISS),
        credential_id=str(entry["ci"]),
        holder=_holder(payload),
        issued_at=envelope.when(opened.claims.get(envelope.IAT)),
        valid_from=envelope.when(opened.claims.get(envelope.NBF)),
        expires_at=envelope.when(opened.claims.get(envelope.EXP)),
        details=details,
    )
    return Claimed(credential, opened.message, revocation.identifiers(credential, opened.message))


def verify(text: str, trust: TrustList, now: datetime) -> Verification:
    """Verify a certificate. Raises MalformedError where it cannot be parsed."""
    return verify_claimed(parse(text), trust, now)
