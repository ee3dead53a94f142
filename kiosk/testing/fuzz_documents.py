"""What trust, withdrawn codes and kept decisions come in, to begin fuzzing with; made by whoever makes the codes."""

import base64
import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import cbor2
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, pkcs7
from nacl.public import PrivateKey, SealedBox
from nacl.secret import Aead

from kiosk.adapters.revocation_build import build
from kiosk.adapters.trust_import import take_in
from kiosk.domain.credential import (
    Credential,
    Format,
    Holder,
    Kind,
    Rejected,
    TrustBasis,
    Verdict,
    Verification,
    Verified,
)
from kiosk.domain.events import ClockConfidence
from kiosk.domain.reasons import Reason
from kiosk.domain.situation import Situation
from kiosk.testing import fuzz_codes as codes
from kiosk.testing import health_certificates as health
from kiosk.testing import seals
from kiosk.testing.fuzz_target import scratch
from kiosk.verify import replay, trust_document
from kiosk.verify.revocation_lists import Revoked
from kiosk.verify.trust_document import TrustDocument
from kiosk.verify.trust_sources import Given

OWNER = ec.derive_private_key(22, ec.SECP256R1())
"""Who signs the venue's trust documents."""
OWNER_KEY = OWNER.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
SOURCE = "fuzz"
"""The name of the source that receipts are of."""
DAY_KEY = bytes(32)
WITHDRAWN = tuple(number.to_bytes(8, "big") * 2 for number in range(0, 1 << 60, (1 << 60) // 200))


def dump(*values: Any) -> list[bytes]:
    """Return values as JSON."""
    return [json.dumps(value).encode() for value in values]


def key_sets() -> list[bytes]:
    """Return sets of keys of an issuer of health cards."""
    other = {"kty": "RSA", "n": "AQAB", "e": "AQAB", "use": "enc"}
    return [codes.CARDS.jwks(), *dump({"keys": [codes.CARDS.jwk, other, {**codes.CARDS.jwk, "x5c": ["MIIB"]}]})]


def did_documents() -> list[bytes]:
    """Return documents of an issuer of New Zealand passes."""
    document = codes.PASSES.document()
    return dump(document, document | {"assertionMethod": document["assertionMethod"][0]})


def directories() -> list[bytes]:
    """Return directories of issuers of health cards."""
    issuer = {"iss": codes.CARDS.iss, "name": "Cards"}
    info = [{"issuer": issuer, "keys": [codes.CARDS.jwk], "crls": []}, {"issuer": {"iss": "https://x.example"}}]
    return dump({"directory": "x", "participating_issuers": [issuer], "issuerInfo": info})


def _pem(der: bytes) -> bytes:
    return b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(der) + b"-----END CERTIFICATE-----\n"


@cache
def authorities() -> tuple[bytes, ...]:
    """Return certificates of authorities and signers of seals, and master lists."""
    ders = [codes.AUTHORITY.certificate, codes.SEALER.certificate]
    return (*ders, _pem(ders[0]) + _pem(ders[1]), base64.b64encode(ders[0]), seals.master_list(ders, codes.LISTER))


def ticket_keys() -> list[bytes]:
    """Return files of pretix keys."""
    key = codes.ORGANISER.public_key
    event = {"slug": "x", "valid_keys": {"pretix_sig1": [key.decode()]}}
    return [key, key + b"\n" + key, *dump([key.decode()], event, {"results": [event]})]


def _document() -> TrustDocument:
    return TrustDocument(
        SOURCE, 7, datetime(2022, 1, 1, tzinfo=UTC), timedelta(days=30), codes.anchors(), frozenset({b"12345678"})
    )


@cache
def trust_documents() -> tuple[bytes, ...]:
    """Return signed trust documents."""
    return (trust_document.sign(_document(), OWNER, b""),)


def trust_contents() -> list[bytes]:
    """Return what stands in trust documents."""
    (whole,) = trust_documents()
    payload: bytes = cbor2.loads(whole).value[2]
    return [payload]


def trust_files() -> list[bytes]:
    """Return a file of every kind that trust comes in."""
    return [*key_sets(), *did_documents(), *directories(), *authorities(), *ticket_keys(), *trust_documents()]


@cache
def receipts() -> tuple[bytes, ...]:
    """Return stored sources, each with its receipt."""
    folder, found = scratch("receipts"), []
    given = (
        ("shc", Given(key_sets()[0], codes.CARDS.iss)), ("pretix", Given(ticket_keys()[0], "Organiser")),
        ("document", Given(trust_documents()[0], key=OWNER_KEY)), ("vds", Given(authorities()[2])),
        ("nzcp", Given(did_documents()[0])), ("issuer", Given(authorities()[1], "Issuer")),
    )  # fmt: skip
    for kind, one in given:
        take_in(one, folder, kind=kind, now=codes.NOW, name=SOURCE, max_age_days=30)
        path = folder / f"{SOURCE}.trust"
        found.append(path.read_bytes())
        for old in folder.iterdir():
            old.unlink()
    return tuple(found)


def batches() -> list[bytes]:
    """Return lists of withdrawn codes as documents: of the EU gateway and of health cards."""
    hashes_ = [base64.b64encode(bytes([n]) * 16).decode() for n in range(3)]
    batch = {"country": "VN", "expires": "2023-01-01T00:00:00Z", "kid": "AAAA", "hashType": "UCI",
             "entries": [{"hash": one} for one in hashes_]}  # fmt: skip
    card = {"kid": codes.CARDS.jwk["kid"], "method": "rid", "ctr": 3, "rids": ["card-1", "card-2.1640995200"]}
    return [*dump(batch, card), cbor2.dumps(batch), cbor2.dumps(card)]


@cache
def signed_files() -> tuple[bytes, ...]:
    """Return signed files of the gateway, all by the signer of master lists."""
    certificate = x509.load_der_x509_certificate(codes.LISTER.certificate)
    key = ec.derive_private_key(21, ec.SECP256R1())
    assert certificate.public_key() == key.public_key()  # noqa: S101 - of fuzz_codes.LISTER
    builder = pkcs7.PKCS7SignatureBuilder().set_data(batches()[0]).add_signer(certificate, key, hashes.SHA256())
    options = [[pkcs7.PKCS7Options.Binary], [pkcs7.PKCS7Options.Binary, pkcs7.PKCS7Options.NoAttributes]]
    ders = [builder.sign(Encoding.DER, chosen) for chosen in options]
    unsigned = cms.ContentInfo({"content_type": "data", "content": b"x"}).dump()
    return (*ders, base64.encodebytes(ders[0]), builder.sign(Encoding.PEM, options[0]), unsigned)


@cache
def revocation_files() -> tuple[bytes, ...]:
    """Return binary lists: of some hundred entries, of none, of dated ones only."""
    found, path = [], scratch("seed.revoked")
    dated = [Revoked(one, codes.NOW) for one in WITHDRAWN[:3]]
    chosen: list[list[bytes | Revoked]] = [[*WITHDRAWN], [], [*dated], [*WITHDRAWN[3:9], *dated]]
    for entries in chosen:
        path.unlink(missing_ok=True)
        build(path, entries, source="ministry", version=1, now=codes.NOW)
        found.append(path.read_bytes())
    return tuple(found)


def turned_bits() -> list[bytes]:
    """Return places in a file with what to do there: three bytes each."""
    return [b"", b"\x00\x00\x01", b"\x04\x10\x80\x0a\x00\xff", b"\x07\xfc\x01\x07\xfe\x01"]


def pins() -> list[bytes]:
    """Return files of PINs."""
    entries = [{"name": f"g{role}", "role": role, "key": "ab" * 32} for role in ("guard", "manager", "technician")]
    return [*dump({"version": 1, "salt": "0" * 32, "pins": entries}), b"7\n", b"-1"]


def words() -> list[bytes]:
    """Return a look-up, and a number that staff has counted, as they are left for the gate."""
    said = {"uid": 1, "at": "2022-02-01T08:00:00+00:00"}
    counted = {"what": "count", "people": 41, "by": "staff", "why": ""}
    exported = {"what": "export", "seq": 1, "last": 9, "why": "authority", **said}
    return dump({"what": "explain", "seq": 1, **said}, {**counted, **said}, exported)


AUTHORITY = SealedBox(PrivateKey(bytes(32)))
"""Whose key opens what is sealed in a trace."""


def traces() -> list[bytes]:
    """Return traces for the health authority: sealed to it, to nobody, and a box with no person in it."""
    boxes = [base64.b64encode(AUTHORITY.encrypt(plain)).decode() for plain in (b'{"family_name": "A"}', b"[]")]
    at = {"begins": "2022-02-01T08:00:00+00:00", "ends": "2022-02-01T09:00:00+00:00"}
    return dump({"contacts": [{"number": n, "sealed": box, **at} for n, box in enumerate((*boxes, ""), 1)]})


def kept_inputs() -> list[bytes]:
    """Return the inputs of decisions."""
    holder = Holder("Nguyễn Thị", "Ánh", "1990-08-15")
    details = {"dose": 2, "series": 2, "event_date": "2021-08-01", "payload": health.vaccination(codes.NOW)}
    shot = Credential(
        Format.HC1, Kind.VACCINATION, "VN", "URN:UVCI:1", holder, codes.NOW, None, codes.NOW, details=details
    )
    card = Credential(Format.CCCD, Kind.IDENTITY, "VN", "001099012345", holder)
    evidence: list[Verification] = [
        Verified(shot, "0a0b", TrustBasis("7", 3600), frozenset({bytes(16)})),
        Rejected(Verdict.UNSIGNED, (Reason.UNSIGNED_CARD,), Format.CCCD, card),
        Rejected(Verdict.UNKNOWN_ISSUER, (Reason.ISSUER_UNKNOWN,), Format.HC1, shot, "0c"),
        Rejected(Verdict.MALFORMED, (Reason.TOO_LONG,)),
    ]
    situation = Situation(codes.NOW, ClockConfidence.SYNCED, used={"URN:UVCI:1": 2}, inside=3)
    births = (True, False)
    return [replay.encode(replay.nameless(evidence, situation, birth_dates=birth)) for birth in births]


def boxes() -> list[bytes]:
    """Return encrypted inputs, each behind the name of its day: a sound one, and such as are none."""
    sound = bytes(Aead(DAY_KEY).encrypt(b"inputs", b"epoch:1", nonce=bytes(Aead.NONCE_SIZE)))
    return [b"2022-02-01\n" + sound, b"unset-0123456789abcdef\nx", b"/"]


def deny_lists() -> list[bytes]:
    """Return deny lists of a venue."""
    return [b'[[deny]]\nid = "URN:UVCI:01:VN:1"\nnote = "x"\nbegins = 2022-01-01\nends = 2022-02-01\n', b"deny = []\n"]


def pairs() -> list[bytes]:
    """Return two holders: one a line, its fields apart by bars."""
    found = (
        "Nguyễn Thị|Ánh|1990-08-15|NGUYEN<THI|ANH\nNguyễn Thị Ánh||1990-08-15||",
        "Trần|Văn Bình|1990||\nTRAN|BINH|1990-XX-XX|TRAN|VAN<BINH",
        "Müller-Lüdenscheidt|Jörg|1970-01-01||\nMUELLER LUEDENSCHEIDT|JOERG|1970-01-01||",
        "Παπαδόπουλος|Γεώργιος|1970-01-01||\nЩербаков|Юрий|1970-01-01||\n1970-01-01",  # noqa: RUF001
    )
    return [text.encode() for text in found]
