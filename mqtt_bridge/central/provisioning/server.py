"""HTTP over TLS around the desk. Everything that a stranger sends is bounded: size, time, number, rate.

| request | with | answer |
|---|---|---|
| `GET /v1/ca` | – | the authority's certificate, PEM; the kiosk compares it with what its claim pins |
| `POST /v1/enrol` | `{"token": base64, "request": PEM}` | `kiosk`, `certificate`, `ca`, `broker`, `centre_keys` |
| `POST /v1/renew` | `{"request": …}` and the certificate of before, in TLS | `kiosk`, `certificate`, `ca` |

A refusal is `{"error": CODE}`: 400 `request`, 403 a code of `ledger.Why`, 404, 429 `busy`, 503 `unavailable`.
"""

import base64
import binascii
import contextlib
import json
import ssl
import threading
from collections.abc import Callable
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import AF_INET6, SHUT_RDWR, socket
from typing import Any

from kiosk.verify import strict_json
from kiosk.verify.errors import MalformedError
from mqtt_bridge.central.provisioning.authority import certificate_pem
from mqtt_bridge.central.provisioning.issuing import Desk
from mqtt_bridge.central.provisioning.ledger import Refusal
from mqtt_bridge.central.provisioning.rate import RateLimit

MAX_BODY = 16_384
SILENCE_S = 5.0
"""How long a client may be silent."""
CONNECTION_S = 20.0
"""How long a connection may last, whatever it does."""
CONNECTIONS = 64
"""At most so many at a time."""


def tls_context(papers: Path, ca: Path) -> ssl.SSLContext:
    """Return the service's TLS settings: 1.2 or newer, a client's certificate verified where it shows one.

    Raises OSError.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(papers)
    context.load_verify_locations(ca)
    context.verify_mode = ssl.CERT_OPTIONAL
    return context


class Server(ThreadingHTTPServer):
    """Listens at once; `serve_forever` answers. `clock` returns aware times."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(
        self,
        place: tuple[str, int],
        context: ssl.SSLContext,
        desk: Desk,
        clock: Callable[[], datetime],
        log: Callable[[str], None],
    ) -> None:
        if ":" in place[0]:
            self.address_family = AF_INET6
        super().__init__(place, _Handler)
        # The handshake is for the connection's own thread: a client that stalls in it stalls nobody else.
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.desk, self.clock, self.log = desk, clock, log
        self.rate = RateLimit()
        self._free = threading.BoundedSemaphore(CONNECTIONS)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Give a connection a thread, or close it where there are too many."""
        if not self._free.acquire(blocking=False):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except BaseException:
            self._free.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer one connection."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing about a client that went away or spoke no TLS: it would fill the log."""


class _Handler(BaseHTTPRequestHandler):
    server: Server
    server_version = "kiosk-provisioning"
    sys_version = ""
    timeout = SILENCE_S

    def setup(self) -> None:
        line: ssl.SSLSocket = self.request
        line.settimeout(SILENCE_S)
        self._deadline = threading.Timer(CONNECTION_S, _cut, (line,))
        self._deadline.daemon = True
        self._deadline.start()
        try:
            line.do_handshake()
        except BaseException:
            self._deadline.cancel()
            raise
        super().setup()

    def finish(self) -> None:
        self._deadline.cancel()
        super().finish()

    def do_GET(self) -> None:
        if self.path != "/v1/ca":
            self._say(404, {"error": "request"})
            return
        self._send(200, certificate_pem(self.server.desk.authority.certificate), "application/x-pem-file")

    def do_POST(self) -> None:
        if not self.server.rate.take(str(self.client_address[0]), self.server.clock().timestamp()):
            self._say(429, {"error": "busy"})
            return
        try:
            self._say(200, self._answer(self._body()))
        except Refusal as refusal:
            self.server.log(f"refused: {refusal.why}")
            self._say(400 if refusal.why == "request" else 403, {"error": refusal.why})
        except OSError as error:
            self.server.log(f"the folder cannot be used ({error.strerror or 'error'}); check the disk")
            self._say(503, {"error": "unavailable"})

    def _answer(self, body: dict[str, Any]) -> dict[str, object]:
        now, desk = self.server.clock(), self.server.desk
        match self.path, body:
            case "/v1/enrol", {"token": str() as token, "request": str() as request}:
                try:
                    secret = base64.b64decode(token, validate=True)
                except (binascii.Error, ValueError):
                    raise Refusal("request") from None
                answer = desk.enrol(secret, request.encode(), now)
            case "/v1/renew", {"request": str() as request}:
                proof = self.request.getpeercert(binary_form=True)
                if proof is None:
                    raise Refusal("not_ours")
                answer = desk.renew(proof, request.encode(), now)
            case _:
                raise Refusal("request")
        self.server.log(f"{self.path.rpartition('/')[2]}: {answer['kiosk']} has its certificate")
        return answer

    def _body(self) -> dict[str, Any]:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdecimal() and int(length[:9]) <= MAX_BODY):
            raise Refusal("request")
        data = self.rfile.read(int(length))
        try:
            body = strict_json.loads(data)
        except MalformedError:
            raise Refusal("request") from None
        if len(data) != int(length) or not isinstance(body, dict):
            raise Refusal("request")
        return body

    def _say(self, status: int, content: dict[str, object]) -> None:
        self._send(status, json.dumps(content).encode(), "application/json")

    def _send(self, status: int, data: bytes, kind: str) -> None:
        self.close_connection = True
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """Answer what is no request of ours, repeating nothing of it."""
        self._say(code, {"error": "request"})

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - as the base class has it
        """Log nothing that a client has written."""


def _cut(line: socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(SHUT_RDWR)
