"""The line to the provisioning service: HTTPS with one pinned authority, everything that comes back bounded.

A claim pins the authority's certificate by its hash. So that certificate is fetched first, over a connection that
proves nothing, and believed only when its hash is the pinned one; the token goes over a second connection, which it
verifies.
"""

import base64
import contextlib
import hashlib
import hmac
import http.client
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from kiosk.verify import strict_json
from kiosk.verify.claim import Claim
from kiosk.verify.errors import MalformedError

MAX_ANSWER = 65_536
SILENCE_S = 10.0
TOTAL_S = 30.0
"""How long one request may take, however slowly its answer drips."""
REFUSALS = frozenset(
    {"unknown_token", "expired", "used", "renewed", "revoked", "too_many", "not_ours", "request", "busy"}
)
_NOT_YET_VALID, _HAS_EXPIRED = 9, 10  # X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_HAS_EXPIRED


class ServiceError(OSError):
    """No usable answer. `code`: unreachable, tls, clock, wrong_ca, cut_short, nonsense, unavailable, or a refusal's."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def pinned_authority(claim: Claim) -> x509.Certificate:
    """Fetch the authority's certificate and compare it with what the claim pins. Raises ServiceError."""
    context = ssl.create_default_context()
    # Nothing is believed on this connection but what has the pinned hash, and nothing secret is sent.
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    pem = _ask(claim.host, claim.port, context, "GET", "/v1/ca")
    try:
        certificate = x509.load_pem_x509_certificate(pem)
    except ValueError:
        raise ServiceError("nonsense") from None
    if not hmac.compare_digest(certificate.fingerprint(hashes.SHA256()), claim.ca_sha256):
        raise ServiceError("wrong_ca")
    return certificate


def enrol(claim: Claim, ca_pem: str, request: bytes) -> dict[str, Any]:
    """Show the token and return the answer, an object of whatever the service says. Raises ServiceError."""
    body = {"token": base64.b64encode(claim.token).decode(), "request": request.decode()}
    return _post(claim.host, claim.port, _trusting(ca_pem), "/v1/enrol", body)


def renew(host: str, port: int, ca_pem: str, identity: Path, request: bytes) -> dict[str, Any]:
    """Show the certificate in `identity` (with its key) and return the answer. Raises ServiceError, OSError."""
    context = _trusting(ca_pem)
    context.load_cert_chain(identity)
    return _post(host, port, context, "/v1/renew", {"request": request.decode()})


def claim_name(claim: Claim) -> str:
    """Return a name for what belongs to a claim, which says nothing about its token."""
    return hashlib.sha256(b"gk1 claim\0" + claim.token).hexdigest()[:16]


def _trusting(ca_pem: str) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=ca_pem)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _post(host: str, port: int, context: ssl.SSLContext, path: str, body: dict[str, str]) -> dict[str, Any]:
    try:
        answer = strict_json.loads(_ask(host, port, context, "POST", path, json.dumps(body).encode()))
    except MalformedError:
        raise ServiceError("nonsense") from None
    if not isinstance(answer, dict):
        raise ServiceError("nonsense")
    return answer


def _ask(host: str, port: int, context: ssl.SSLContext, method: str, path: str, body: bytes | None = None) -> bytes:
    try:
        with _line(host, port, context) as line:
            line.request(method, path, body, {"Content-Type": "application/json"} if body else {})
            response = line.getresponse()
            length = response.length
            data = response.read(MAX_ANSWER + 1)
    except ssl.SSLCertVerificationError as error:
        raise ServiceError("clock" if error.verify_code in (_NOT_YET_VALID, _HAS_EXPIRED) else "tls") from None
    except ssl.SSLError:
        raise ServiceError("tls") from None
    except (http.client.IncompleteRead, http.client.RemoteDisconnected, ConnectionResetError):
        raise ServiceError("cut_short") from None
    except http.client.HTTPException:
        raise ServiceError("nonsense") from None
    except (OSError, ValueError):
        raise ServiceError("unreachable") from None
    if length is None or len(data) > MAX_ANSWER:
        raise ServiceError("nonsense")
    if len(data) < length:
        raise ServiceError("cut_short")
    if response.status != http.client.OK:
        raise ServiceError(_refusal(data))
    return data


@contextlib.contextmanager
def _line(host: str, port: int, context: ssl.SSLContext) -> Iterator[http.client.HTTPSConnection]:
    line = http.client.HTTPSConnection(host, port, timeout=SILENCE_S, context=context)
    with contextlib.closing(line):
        line.connect()
        cutter = threading.Timer(TOTAL_S, _cut, (line.sock,))
        cutter.daemon = True
        cutter.start()
        try:
            yield line
        finally:
            cutter.cancel()


def _cut(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def _refusal(data: bytes) -> str:
    """Return the code of a refusal: one that we know, or `unavailable`."""
    try:
        answer = strict_json.loads(data)
    except MalformedError:
        return "unavailable"
    code = answer.get("error") if isinstance(answer, dict) else None
    return code if isinstance(code, str) and code in REFUSALS else "unavailable"
