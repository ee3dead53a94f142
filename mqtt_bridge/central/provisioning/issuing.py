"""What a kiosk gets for what it shows: a token the first time, its certificate from then on.

Bytes in, an answer or a Refusal out; the HTTP around it is in `server`.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mqtt_bridge.central.provisioning.authority import Authority, certificate_pem
from mqtt_bridge.central.provisioning.ledger import Issued, Ledger, Refusal
from mqtt_bridge.topics import KioskAddress

MAX_REQUEST_PEM = 4096
MOST_A_DAY = 12
"""Certificates that one kiosk gets in 24 hours: far more than a kiosk asks for, far less than fills a disk."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What every kiosk gets beside its certificate."""

    broker_host: str
    broker_port: int
    broker_version: int
    """Of MQTT: 5, or 311 for 3.1.1."""
    centre_keys: str
    """Content of centre-keys.toml: who may say what in the centre's name."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Gives out certificates. `now`: aware times."""

    authority: Authority
    ledger: Ledger
    delivery: Delivery
    on_withdrawn: Callable[[datetime], None]
    """Called after certificates have been withdrawn, to publish the list of them."""

    def enrol(self, token: bytes, request: bytes, now: datetime) -> dict[str, object]:
        """Return the answer to a new kiosk. Raises Refusal."""
        key, digest = _requested(request)
        at = int(now.timestamp())
        issued, is_new = self.ledger.enrol(token, digest, at, lambda kiosk: self._issue(kiosk, key, digest, now))
        if is_new:
            self.on_withdrawn(now)
        delivery = self.delivery
        return self._answer(issued) | {
            "broker": {
                "host": delivery.broker_host,
                "port": delivery.broker_port,
                "version": delivery.broker_version,
            },
            "centre_keys": delivery.centre_keys,
        }

    def renew(self, proof: bytes, request: bytes, now: datetime) -> dict[str, object]:
        """Return the answer to a kiosk whose certificate (DER) TLS has verified. Raises Refusal.

        Who may command is not in it: a service that is taken over cannot command the kiosks that are out there.
        """
        key, digest = _requested(request)
        serial = f"{x509.load_der_x509_certificate(proof).serial_number:x}"
        issued = self.ledger.renew(
            serial,
            digest,
            int(now.timestamp()),
            lambda kiosk: self._issue(kiosk, key, digest, now),
            most_a_day=MOST_A_DAY,
        )
        return self._answer(issued)

    def _issue(self, kiosk: KioskAddress, key: ec.EllipticCurvePublicKey, digest: bytes, now: datetime) -> Issued:
        certificate = self.authority.for_kiosk(kiosk, key, now)
        address = f"{kiosk.tenant}/{kiosk.site}/{kiosk.kiosk}"
        pem = certificate_pem(certificate).decode()
        return Issued.of(certificate, address, digest, pem, int(now.timestamp()))

    def _answer(self, issued: Issued) -> dict[str, object]:
        ca = certificate_pem(self.authority.certificate).decode()
        return {"kiosk": issued.address, "certificate": issued.pem, "ca": ca}


def _requested(pem: bytes) -> tuple[ec.EllipticCurvePublicKey, bytes]:
    """Return the key that a certificate request (PKCS 10, PEM) proves to hold, and its hash.

    What the request says about names counts for nothing. Raises Refusal.
    """
    if len(pem) > MAX_REQUEST_PEM:
        raise Refusal("request")
    try:
        request = x509.load_pem_x509_csr(pem)
        key = request.public_key()
        proved = isinstance(key, ec.EllipticCurvePublicKey) and request.is_signature_valid
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Refusal("request") from None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1) or not proved:
        raise Refusal("request")
    return key, hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
