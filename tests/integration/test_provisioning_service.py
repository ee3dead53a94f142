"""The provisioning service as a stranger meets it: bounded, and it repeats and logs nothing that was sent."""

import http.client
import json
import socket
import ssl
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding

from kiosk.adapters.identity import request_for
from kiosk.testing.provisioning import Counter
from mqtt_bridge.central.provisioning.server import CONNECTIONS, MAX_BODY

pytestmark = pytest.mark.system

NOW = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 - TLS goes by the real clock
REQUEST = request_for(ec.generate_private_key(ec.SECP256R1())).decode()
TOKEN = "AAAAAAAAAAAAAAAAAAAAAA=="


@pytest.fixture
def counter(tmp_path):
    with Counter(tmp_path / "centre", NOW) as counter:
        yield counter


def context_of(counter):
    return ssl.create_default_context(cafile=str(counter.office.folder / "ca.pem"))


def asked(counter, method, path, body=b"", headers=None):
    """Return status and content of the answer."""
    line = http.client.HTTPSConnection("localhost", counter.port, timeout=10, context=context_of(counter))
    try:
        line.request(method, path, body, headers or {})
        answer = line.getresponse()
        return answer.status, answer.read()
    finally:
        line.close()


def spoken(counter, data):
    """Send bytes over TLS and return all that comes back."""
    with (
        socket.create_connection(("127.0.0.1", counter.port), 10) as raw,
        context_of(counter).wrap_socket(raw, server_hostname="localhost") as line,
    ):
        line.sendall(data)
        answer = b""
        while more := line.recv(4096):
            answer += more
        return answer


def test_the_authority_is_for_everybody(counter):
    status, pem = asked(counter, "GET", "/v1/ca")
    assert (status, x509.load_pem_x509_certificate(pem)) == (200, counter.office.authority.certificate)


@pytest.mark.parametrize("path", ["/", "/v1/ca/../../ca.key", "/v1/claims", "/v1/ca?x"])
def test_there_is_nothing_else_to_see(counter, path):
    assert asked(counter, "GET", path) == (404, b'{"error": "request"}')


def strange_key(key, digest):
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, digest)
    return request.public_bytes(Encoding.PEM).decode()


BODIES = {
    "nothing": b"",
    "no JSON": b"{",
    "a list": b"[]",
    "a key twice": b'{"token": "a", "token": "b"}',
    "no request": json.dumps({"token": TOKEN}).encode(),
    "a token that is no text": json.dumps({"token": 1, "request": REQUEST}).encode(),
    "a token that is no base64": json.dumps({"token": "\u1ea8", "request": REQUEST}).encode(),
    "a request that is none": json.dumps({"token": TOKEN, "request": "-----BEGIN CERTIFICATE REQUEST-----"}).encode(),
    "a certificate": json.dumps({"token": TOKEN, "request": REQUEST.replace(" REQUEST", "")}).encode(),
    "a request that was changed": json.dumps({"token": TOKEN, "request": REQUEST[:100] + "A" + REQUEST[101:]}).encode(),
    "too long a request": json.dumps({"token": TOKEN, "request": REQUEST + "\n" * 5000}).encode(),
    "a curve of another kind": json.dumps(
        {"token": TOKEN, "request": strange_key(ec.generate_private_key(ec.SECP384R1()), hashes.SHA256())}
    ).encode(),
    "a key of another kind": json.dumps(
        {"token": TOKEN, "request": strange_key(ed25519.Ed25519PrivateKey.generate(), None)}
    ).encode(),
    "nested without end": b"[" * 10_000,
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_what_is_no_request_is_refused_in_one_word(counter, body):
    for path in ("/v1/enrol", "/v1/renew"):
        status, said = asked(counter, "POST", path, body)
        # Renewing looks at the proof first.
        assert (status, json.loads(said)["error"]) in ((400, "request"), (403, "not_ours"))
    assert set(counter.log) <= {"refused: request", "refused: not_ours"}


@pytest.mark.parametrize("length", ["-1", "1e3", str(MAX_BODY + 1), "9" * 5000, "٣", ""])
def test_a_length_that_is_none(counter, length):
    said = spoken(counter, f"POST /v1/enrol HTTP/1.1\r\nContent-Length: {length}\r\n\r\n".encode())
    assert said.startswith(b"HTTP/1.0 400 ")


@pytest.mark.parametrize(
    "data",
    [b"BREW / HTTP/1.1\r\n\r\n", b"\x00\x01\x02\r\n\r\n", b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n",
     b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n", b"GET / HTTP/9.9.9\r\n\r\n"],
    ids=["method", "bytes", "line", "headers", "version"],
)  # fmt: skip
def test_what_is_no_http_is_answered_without_repeating_it(counter, data):
    said = spoken(counter, data)
    assert said.endswith(b'{"error": "request"}')
    assert b"BREW" not in said
    assert len(said) < 400


def test_nobody_asks_too_often(counter):
    body = json.dumps({"token": TOKEN, "request": REQUEST}).encode()
    answers = [asked(counter, "POST", "/v1/enrol", body) for _ in range(31)]
    assert [status for status, _ in answers] == [403] * 30 + [429]
    counter.clock.advance(2)
    assert asked(counter, "POST", "/v1/enrol", body)[0] == 403


def test_who_only_connects_keeps_nobody_out(counter):
    """Connections that never begin their handshake hold a place each, and no more than that."""
    idle = [socket.create_connection(("127.0.0.1", counter.port), 10) for _ in range(CONNECTIONS - 1)]
    try:
        assert asked(counter, "GET", "/v1/ca")[0] == 200
    finally:
        for one in idle:
            one.close()


def test_one_more_than_there_are_places_is_closed_at_once(counter):
    idle = [socket.create_connection(("127.0.0.1", counter.port), 10) for _ in range(CONNECTIONS + 1)]
    try:
        assert idle[-1].recv(1) == b""
    finally:
        for one in idle:
            one.close()
