"""Issuers, and messages that no honest issuer would make."""

from datetime import UTC, datetime

import cbor2
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from kiosk.adapters.keys import make_signer
from kiosk.domain.trust import Algorithm, TrustList
from kiosk.verify.trust_list import anchor_of

NOW = datetime(2026, 7, 5, 9, tzinfo=UTC)
NUMBERS = {
    Algorithm.ES256: -7, Algorithm.ES384: -35, Algorithm.ES512: -36, Algorithm.PS256: -37, Algorithm.ED25519: -8,
}  # fmt: skip
CURVES = {"secp256r1": (hashes.SHA256(), 32), "secp384r1": (hashes.SHA384(), 48), "secp521r1": (hashes.SHA512(), 66)}
ALG, KID = 1, 4


def raw_signature(key, data, digest=None):
    """Sign with `cryptography` alone: the code under test must agree with it. `digest`: instead of the curve's own."""
    match key:
        case ec.EllipticCurvePrivateKey():
            own, size = CURVES[key.curve.name]
            r, s = decode_dss_signature(key.sign(data, ec.ECDSA(digest or own)))
            return r.to_bytes(size, "big") + s.to_bytes(size, "big")
        case ed25519.Ed25519PrivateKey():
            return key.sign(data)
        case _:
            return key.sign(data, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())


def craft_message(signer, payload, *, protected=None, unprotected=None, tags=(18,), sign=raw_signature):
    """Return a COSE_Sign1 with exactly these headers (default: an honest one) and tags, outermost first."""
    if protected is None:
        number = next(n for a, n in NUMBERS.items() if a is anchor_of(signer.certificate).algorithm)
        protected = {ALG: number, KID: signer.key_id}
    header = protected if isinstance(protected, bytes) else cbor2.dumps(protected)
    signature = sign(signer.key, cbor2.dumps(["Signature1", header, b"", payload]))
    message = [header, unprotected or {}, payload, signature]
    for tag in reversed(tags):
        message = cbor2.CBORTag(tag, message)
    return cbor2.dumps(message)


@pytest.fixture(scope="session")
def signers():
    """One issuer of health certificates for each algorithm."""
    return {algorithm: make_signer(f"Signer {algorithm}", algorithm, NOW, country="VN", for_passes=False)
            for algorithm in Algorithm}  # fmt: skip


@pytest.fixture(scope="session")
def signer(signers):
    return signers[Algorithm.ES256]


@pytest.fixture(scope="session")
def stranger():
    """An issuer that no list names."""
    return make_signer("Stranger", Algorithm.ES256, NOW, country="VN", for_passes=False)


@pytest.fixture(scope="session")
def hotel():
    """An issuer of passes."""
    return make_signer("Hotel A", Algorithm.ED25519, NOW)


@pytest.fixture(scope="session")
def other_hotel():
    return make_signer("Hotel B", Algorithm.ED25519, NOW)


@pytest.fixture(scope="session")
def craft():
    return craft_message


@pytest.fixture(scope="session")
def sign_raw():
    return raw_signature


@pytest.fixture(scope="session")
def trusting():
    """Return a function that makes a list of these signers."""

    def of(*signers, imported_at=NOW):
        anchors = [anchor_of(signer.certificate) for signer in signers]
        return TrustList.of(anchors, version="7", imported_at=imported_at)

    return of
