"""ICAO visible digital seals for non-constrained environments (VDS-NC): proofs of testing and of vaccination.

Source: ICAO Technical Report "VDS-NC: Visible Digital Seal for non-constrained environments" (version 1, 2021), with
the data sets of CAPSCA (test) and the WHO (vaccination). JSON of `data` (header and message) and `sig`; the signature
covers the canonical form (RFC 8785) of `data`. The signer's certificate comes inside the seal and proves nothing: it
has to be certified by a trusted authority of the very country that the header names, or be trusted by itself.

A seal has no end of its own; its signer's certificate bounds it, so the certificate's dates are the credential's.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import rfc8785

from kiosk.domain.countries import two_letters
from kiosk.domain.credential import Credential, Format, Holder, Kind, Verification
from kiosk.domain.reasons import Reason
from kiosk.domain.trust import Algorithm, AmbiguousKeyError, TrustAnchor, TrustList, TrustSource, UnknownKeyError
from kiosk.verify import certificates, csca, revocation, strict_json
from kiosk.verify.certificates import X509
from kiosk.verify.errors import MalformedError
from kiosk.verify.steps import Claimed, verify_claimed

FORMAT = Format.VDS_NC
_VERSION = 1
_NEVER = datetime.min.replace(tzinfo=UTC)
_KINDS = {"icao.test": Kind.TEST, "icao.vacc": Kind.VACCINATION}
_ALGORITHMS = {name.value: name for name in (Algorithm.ES256, Algorithm.ES384, Algorithm.ES512)}
_MAX_STRING = 256
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*={0,2}")
_BIRTH = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")
_RESULTS = {"negative": "260415000", "normal": "260415000", "positive": "260373001", "abnormal": "260373001"}
"""Words of the data set for tests → SNOMED CT 'not detected' and 'detected', as health certificates say it."""
_TEST_TYPES = {"molecular": "LP6464-4", "antigen": "LP217198-3"}
"""Words that begin a type of test → LOINC, as health certificates say it. Antibodies show no absence of infection."""
_COVID_19, _COVID_19_ICD = "840539006", "RA01"
"""SNOMED CT, as health certificates say it, and how ICD-11 codes of it begin."""


@dataclass(frozen=True, slots=True)
class Seal:
    """The signature of a seal, nothing in it trusted."""

    algorithm: Algorithm | None
    key_id: bytes
    """First 8 bytes of the SHA-256 of its signer's key; empty where it carries no certificate."""
    signature: bytes
    signed_bytes: bytes


def _bad() -> MalformedError:
    return MalformedError(Reason.SCHEMA_INVALID)


def _map(entry: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = entry.get(key)
    if not isinstance(value, dict):
        raise _bad()
    return value


def _maps(entry: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    value = entry.get(key)
    if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
        raise _bad()
    return value


def _text(entry: Mapping[str, Any], key: str, *, required: bool = True) -> str:
    value = entry.get(key, "")
    if not isinstance(value, str) or len(value) > _MAX_STRING or (required and not value.strip()):
        raise _bad()
    return value.strip()


def _bytes(entry: Mapping[str, Any], key: str) -> bytes:
    """Read base64url (RFC 4648 section 5) with or without its padding, in its one spelling; empty where absent."""
    text = entry.get(key, "")
    if not isinstance(text, str) or not _BASE64URL.fullmatch(text):
        raise _bad()
    bare = text.rstrip("=")
    try:
        raw = base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
    except binascii.Error:
        raise _bad() from None
    if base64.urlsafe_b64encode(raw).rstrip(b"=") != bare.encode():
        raise _bad()
    return raw


def _moment(text: str) -> str:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise _bad() from None
    return text


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise _bad() from None


def _holder(person: Mapping[str, Any]) -> Holder:
    """Read the holder: `PRIMARY  SECONDARY` with two spaces between (Doc 9303-3 section 3.4), perhaps cut off."""
    family, _, given = _text(person, "n").replace("<", " ").partition("  ")
    birth = _text(person, "dob", required=False).removesuffix("-XX").removesuffix("-XX")
    if birth:
        if not _BIRTH.fullmatch(birth):
            raise _bad()
        _day(birth + "-01-01"[len(birth) - 4 :])
    return Holder(family_name=family, given_name=" ".join(given.split()), birth_date=birth)


def _sequence(dose: Mapping[str, Any]) -> int:
    """Read a dose's number: the data set says a string, issuers write a number."""
    number = dose.get("seq")
    if isinstance(number, str) and number.isascii() and number.isdigit() and len(number) <= 2:
        number = int(number)
    if type(number) is not int or not 1 <= number <= 99:
        raise _bad()
    return number


def _vaccination(message: Mapping[str, Any]) -> dict[str, object]:
    """Return what rules ask of a vaccination: its latest dose. How many there are to be, a seal does not say."""
    doses = [(_day(_text(d, "dvc")), _sequence(d), vaccine, d) for vaccine in _maps(message, "ve")
             for d in _maps(vaccine, "vd")]  # fmt: skip
    when, number, vaccine, dose = max(doses, key=lambda one: one[:2])
    disease = _text(vaccine, "dis", required=False)
    return {
        "event_date": when,
        "dose": number,
        "product": _text(vaccine, "nam"),
        "prophylaxis": _text(vaccine, "des"),
        "target": _COVID_19 if disease.startswith(_COVID_19_ICD) else disease,
        "country": two_letters(_text(dose, "ctr")),
    }


def _test(message: Mapping[str, Any]) -> dict[str, object]:
    """Return what rules ask of a test. A result that is none of the data set's words stays as it is written."""
    result, place = _map(message, "tr"), _map(message, "sp")
    word, sort = _text(result, "r").lower(), _text(result, "tc").lower()
    known = next((code for start, code in _TEST_TYPES.items() if sort.startswith(start)), "")
    return {
        "event_date": _moment(_text(_map(message, "dat"), "sc")),
        "result": _RESULTS.get(word, word) if known else word,
        "test_type": known or sort,
        "target": _COVID_19,
        "country": two_letters(_text(place, "ctr")),
    }


def _certificate(signature: Mapping[str, Any]) -> X509 | None:
    """Read the signer's certificate; None where the seal only refers to one (later versions do)."""
    der = _bytes(signature, "cer")
    try:
        return certificates.read(der) if der else None
    except certificates.CertificateError:
        raise _bad() from None


def _sealed(data: Mapping[str, Any], signature: Mapping[str, Any], certificate: X509 | None) -> Seal:
    try:
        canonical = rfc8785.dumps(data)
    except rfc8785.CanonicalizationError:  # integers that no double holds (RFC 8785 section 3.2.2.3)
        raise _bad() from None
    key_id = certificate.key_id if certificate else b""
    return Seal(_ALGORITHMS.get(_text(signature, "alg")), key_id, _bytes(signature, "sigvl"), canonical)


def _read(text: str) -> tuple[Claimed, X509 | None]:
    root = strict_json.loads(text)
    if not isinstance(root, dict):
        raise _bad()
    data, signature = _map(root, "data"), _map(root, "sig")
    header, message = _map(data, "hdr"), _map(data, "msg")
    kind = _KINDS.get(_text(header, "t"))
    if kind is None or type(header.get("v")) is not int or header["v"] != _VERSION:
        raise MalformedError(Reason.UNKNOWN_FORMAT)
    details = _vaccination(message) if kind is Kind.VACCINATION else _test(message)
    person = _map(message, "pid")
    numbers = {
        "document": _text(person, "i", required=False), "document_number": _text(person, "dn", required=False),
    }  # fmt: skip
    certificate, issuer = _certificate(signature), _text(header, "is")
    credential = Credential(
        format=FORMAT,
        kind=kind,
        issuer=two_letters(issuer) or issuer,
        credential_id=_text(message, "uvci" if kind is Kind.VACCINATION else "utci"),
        holder=_holder(person),
        valid_from=certificate.starts if certificate else None,
        expires_at=certificate.ends if certificate else None,
        details={**details, **numbers, "payload": message},
    )
    seal = _sealed(data, signature, certificate)
    return Claimed(credential, seal, revocation.identifiers(credential, seal), ends=False), certificate


def _find(certificate: X509 | None, claimed: Claimed, trust: TrustList) -> TrustAnchor | Reason:
    """Find the signer: trusted itself, or certified by the one authority of its country that it names."""
    if certificate is None:
        return Reason.KEY_ID_MISSING
    country = claimed.credential.issuer
    if not country == certificate.country == certificate.issuer_country:
        return Reason.ISSUER_NOT_ENTITLED
    try:
        known = trust.find(country, certificate.fingerprint)
    except AmbiguousKeyError:
        return Reason.KEY_AMBIGUOUS
    except UnknownKeyError:
        return _certified(certificate, country, trust)
    if trust.is_withdrawn(known):
        return Reason.KEY_REVOKED
    # The certificate is the very one that is trusted, and so are its dates.
    return replace(_freshest(known, trust), key_id=certificate.key_id)


def _freshest(anchor: TrustAnchor, trust: TrustList) -> TrustAnchor:
    """Return what the source that was taken over last says of a key."""
    return max(trust.grants(anchor), key=lambda one: (one.source or TrustSource()).imported_at or _NEVER)


def _certified(certificate: X509, country: str, trust: TrustList) -> TrustAnchor | Reason:
    try:
        authority = trust.find_authority(country, certificate.authority_key_id)
    except UnknownKeyError:
        return Reason.ISSUER_UNKNOWN
    except AmbiguousKeyError:
        return Reason.KEY_AMBIGUOUS
    if trust.is_withdrawn(authority):
        return Reason.KEY_REVOKED
    if FORMAT not in authority.formats or not certificates.is_signed_by(certificate.der, authority.public_key):
        return Reason.ISSUER_UNKNOWN
    signer = csca.signer_of(certificate)
    if signer is None:
        return Reason.ISSUER_NOT_ENTITLED
    # It is as fresh as the list that vouches for its authority, and may do no more and no longer than that.
    authority = _freshest(authority, trust)
    kinds, source = signer.kinds & authority.kinds, authority.source
    return replace(signer, kinds=kinds, source=source, valid_until=authority.valid_until)


def matches(text: str) -> bool:
    """Tell whether `text` looks like a seal: JSON that names one of ICAO's types."""
    return text.startswith("{") and '"icao.' in text


def parse(text: str) -> Claimed:
    """Read a seal without trusting it. Raises MalformedError."""
    return _read(text)[0]


def verify(text: str, trust: TrustList, now: datetime) -> Verification:
    """Verify a seal. Raises MalformedError where it cannot be parsed."""
    claimed, certificate = _read(text)
    return verify_claimed(claimed, trust, now, find=partial(_find, certificate))
