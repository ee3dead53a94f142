"""Test issuers of SMART Health Cards and of New Zealand passes, made up from nothing real."""

import base64
import hashlib
import json
import uuid
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from kiosk.verify import cose


def _url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _coordinates(key: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    numbers = key.public_key().public_numbers()
    return {"x": _url64(numbers.x.to_bytes(32, "big")), "y": _url64(numbers.y.to_bytes(32, "big"))}


@dataclass(frozen=True, slots=True)
class CardIssuer:
    """An issuer of SMART Health Cards with one key."""

    iss: str = "https://cards.example"
    key: ec.EllipticCurvePrivateKey = field(default_factory=_new_key)

    @property
    def jwk(self) -> dict[str, Any]:
        """The public key as the issuer publishes it."""
        point = _coordinates(self.key)
        canonical = f'{{"crv":"P-256","kty":"EC","x":"{point["x"]}","y":"{point["y"]}"}}'
        kid = _url64(hashlib.sha256(canonical.encode()).digest())
        return {"kty": "EC", "kid": kid, "use": "sig", "alg": "ES256", "crv": "P-256", **point}

    def jwks(self) -> bytes:
        """Return what lies at `<iss>/.well-known/jwks.json`."""
        return json.dumps({"keys": [self.jwk]}).encode()

    def sign(self, payload: bytes, **header: Any) -> str:
        """Return a compact JWS of these very bytes; header fields given here replace honest ones, None removes one."""
        fields = {"zip": "DEF", "alg": "ES256", "kid": self.jwk["kid"], **header}
        protected = json.dumps({key: value for key, value in fields.items() if value is not None}).encode()
        signed = f"{_url64(protected)}.{_url64(payload)}"
        r, s = decode_dss_signature(self.key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{signed}.{_url64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    def card(self, claims: object, **header: Any) -> str:
        """Return the text of a card that makes these claims."""
        return numeric(self.sign(deflate(json.dumps(claims).encode()), **header))

    def claims(self, bundle: object, begins: datetime, **more: Any) -> dict[str, Any]:
        """Return the claims of a card with this bundle; `rid` goes into `vc`."""
        vc: dict[str, Any] = {
            "type": ["https://smarthealth.cards#health-card"],
            "credentialSubject": {"fhirVersion": "4.0.1", "fhirBundle": bundle},
        }
        if "rid" in more:
            vc["rid"] = more.pop("rid")
        return {"iss": self.iss, "nbf": begins.timestamp(), "vc": vc, **more}


def deflate(data: bytes) -> bytes:
    """Compress as raw DEFLATE."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush()


def digits(jws: str) -> str:
    """Return the digits that stand for a JWS."""
    return "".join(f"{ord(letter) - 45:02}" for letter in jws)


def numeric(jws: str) -> str:
    """Return the text of a card in one part."""
    return "shc:/" + digits(jws)


def in_parts(card: str, total: int) -> list[str]:
    """Return the texts of a card in several parts."""
    pairs = card.removeprefix("shc:/")
    size = 2 * -(-len(pairs) // (2 * total))
    return [f"shc:/{at + 1}/{total}/{pairs[at * size : (at + 1) * size]}" for at in range(total)]


def patient(family: str = "Nguyễn", given: Sequence[str] = ("Mẫu",), born: str = "1990-01-01") -> dict[str, Any]:
    """Return a Patient."""
    return {"resourceType": "Patient", "name": [{"family": family, "given": list(given)}], "birthDate": born}


def dose(day: str, cvx: str = "208", **more: Any) -> dict[str, Any]:
    """Return an Immunization."""
    coding = [{"system": "http://hl7.org/fhir/sid/cvx", "code": cvx}]
    return {
        "resourceType": "Immunization", "status": "completed", "vaccineCode": {"coding": coding},
        "patient": {"reference": "resource:0"}, "occurrenceDateTime": day, **more,
    }  # fmt: skip


def lab_result(taken: str, snomed: str = "260415000", loinc: str = "94500-6", **more: Any) -> dict[str, Any]:
    """Return an Observation: a test of the virus's nucleic acid that found nothing, where nothing else is said."""
    return {
        "resourceType": "Observation", "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": loinc}]},
        "valueCodeableConcept": {"coding": [{"system": "http://snomed.info/sct", "code": snomed}]},
        "effectiveDateTime": taken, **more,
    }  # fmt: skip


def bundle(*resources: Mapping[str, Any]) -> dict[str, Any]:
    """Return a Bundle."""
    entries = [{"fullUrl": f"resource:{at}", "resource": dict(one)} for at, one in enumerate(resources)]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


@dataclass(frozen=True, slots=True)
class PassIssuer:
    """An issuer of New Zealand passes with one key."""

    did: str = "did:web:passes.example"
    key_id: str = "key-1"
    key: ec.EllipticCurvePrivateKey = field(default_factory=_new_key)

    def document(self) -> dict[str, Any]:
        """Return the DID document."""
        name = f"{self.did}#{self.key_id}"
        jwk = {"kty": "EC", "crv": "P-256", **_coordinates(self.key)}
        method = {"id": name, "controller": self.did, "type": "JsonWebKey2020", "publicKeyJwk": jwk}
        return {
            "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/suites/jws-2020/v1"],
            "id": self.did, "verificationMethod": [method], "assertionMethod": [name],
        }  # fmt: skip

    def claims(self, begins: datetime, ends: datetime, **subject: str) -> dict[Any, Any]:
        """Return the claims of a pass."""
        holder = {"givenName": "Aroha Mẫu", "familyName": "Example", "dob": "1990-01-01", **subject}
        return {
            1: self.did, 5: int(begins.timestamp()), 4: int(ends.timestamp()), 7: uuid.UUID(int=17).bytes,
            "vc": {
                "@context": ["https://www.w3.org/2018/credentials/v1", "https://nzcp.covid19.health.nz/contexts/v1"],
                "version": "1.0.0", "type": ["VerifiableCredential", "PublicCovidPass"], "credentialSubject": holder,
            },
        }  # fmt: skip

    def encode(self, claims: Mapping[Any, Any]) -> str:
        """Return the text of a pass that makes these claims."""
        message = cose.sign(cbor2.dumps(dict(claims)), self.key, self.key_id.encode())
        return "NZCP:/1/" + base64.b32encode(message).decode().rstrip("=")
