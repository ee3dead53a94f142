"""The centre's provisioning for tests: the real folder and the real server in threads, and a line that can break."""

import contextlib
import io
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from kiosk.adapters.identity import IdentityFolder
from kiosk.cli import main
from kiosk.testing.broker import free_port
from kiosk.testing.centre_keys import write_centre_keys
from kiosk.testing.clock import FakeClock
from kiosk.verify.claim import TOKEN_BYTES, Claim, encode
from mqtt_bridge.central.provisioning.issuing import Desk
from mqtt_bridge.central.provisioning.ledger import address_of
from mqtt_bridge.central.provisioning.office import Office, Settings
from mqtt_bridge.central.provisioning.server import Server, tls_context

KIOSK = "hanoi/north/gate-7"
SETTINGS = """\
# What the venue wrote stays.
[kiosk]
id = "gate-1"          # which door
time_zone = "Asia/Ho_Chi_Minh"

[paths]
state = "state"
run = "run"
policy = "policy.toml"
trust = "trust"

[gate]
board = "board.toml"
pins = "mock"

[centre]
keys = "old.toml"
remote_opening = true
"""


class Counter:
    """The provisioning service on a loopback port, for as long as the `with` lasts. Its clock is moved by hand."""

    def __init__(self, folder: Path, now: datetime, *, broker_version: Literal[5, 311] = 5) -> None:
        self.clock = FakeClock(now)
        self.port = free_port()
        folder.mkdir(parents=True, exist_ok=True)
        settings = Settings(
            host="localhost", port=self.port, broker_host="localhost", broker_port=free_port(),
            broker_version=broker_version, centre_keys=write_centre_keys(folder),
        )  # fmt: skip
        self.office = Office.founded(folder / "office", settings, "Test fleet", now)
        self.desk: Desk = self.office.desk()
        self.papers = self.office.folder / "service.pem"
        """What it proves its name with."""
        self.log: list[str] = []
        self._tokens = 0
        self._server: Server | None = None

    def claim(self, kiosk: str = KIOSK, *, until: datetime | None = None, **changed: Any) -> str:
        """Return the code of a claim that is on record; `changed`: what the code says otherwise."""
        self._tokens += 1
        token, now = self._tokens.to_bytes(TOKEN_BYTES, "big"), int(self.clock.now().timestamp())
        end = int(until.timestamp()) if until else now + 3600
        self.office.ledger.claim(token, address_of(kiosk), now, end)
        said: dict[str, Any] = {
            "host": "localhost", "port": self.port, "ca_sha256": self.office.authority.fingerprint, "token": token,
            "kiosk": kiosk, "until": datetime.fromtimestamp(end, UTC),
        }  # fmt: skip
        return encode(Claim(**(said | changed)))

    def start(self) -> None:
        """Begin to answer."""
        context = tls_context(self.papers, self.office.folder / "ca.pem")
        self._server = Server(("127.0.0.1", self.port), context, self.desk, self.clock.now, self.log.append)
        # A test waits for the end of it; the default asks twice a second.
        threading.Thread(target=self._server.serve_forever, args=(0.01,), name="counter", daemon=True).start()

    def lie(self, lie: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        """Answer new kiosks with what `lie` makes of the true answer, from now on."""
        true = self.desk
        self.stop()
        self.desk = LyingDesk(true.authority, true.ledger, true.delivery, true.on_withdrawn, lie)
        self.start()

    def stop(self) -> None:
        """Answer no more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


@dataclass(frozen=True, slots=True)
class LyingDesk(Desk):
    """A desk that changes its answers to new kiosks."""

    lie: Callable[[dict[str, Any]], dict[str, Any]] = dict

    def enrol(self, token: bytes, request: bytes, now: datetime) -> dict[str, Any]:
        """Lie to a new kiosk."""
        return self.lie(Desk.enrol(self, token, request, now))


class Cutter:
    """A line to a port that breaks after so many bytes from there, counted over all its connections.

    It has a port of its own. `mend` lets everything through from then on.
    """

    def __init__(self, port: int, after: int) -> None:
        self._target, self._left = port, after
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.passed = 0
        """Bytes that have come through from there."""
        threading.Thread(target=self._accept, name="cutter", daemon=True).start()

    def mend(self) -> None:
        """Let everything through."""
        self._left = 1 << 60

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._target))
                threading.Thread(target=self._carry, args=(near, far, False), daemon=True).start()
                threading.Thread(target=self._carry, args=(far, near, True), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket, counted: bool) -> None:
        with source, sink:
            with contextlib.suppress(OSError):
                while data := source.recv(512):
                    if counted:
                        data = data[: self._left]
                        self._left -= len(data)
                        self.passed += len(data)
                    sink.sendall(data)
                    if counted and not self._left:
                        break
            for end in (source, sink):
                # Closing alone would not wake the thread that reads from it.
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)


class NewKiosk:
    """A folder with settings, and `kiosk provision` run on it as an installer does."""

    def __init__(self, folder: Path, settings: str = SETTINGS) -> None:
        folder.mkdir()
        self.folder, self.settings, self.identity = folder, folder / "kiosk.toml", IdentityFolder(folder / "mqtt")
        self.settings.write_text(settings)
        self.settings.chmod(0o640)

    def provision(self, code: str) -> tuple[int, str]:
        """Run the command with a code; return its status and all that it said."""
        (self.folder / "code.txt").write_text(code + "\n")
        return self.run(str(self.folder / "code.txt"), "--config", str(self.settings))

    def renew(self, *more: str) -> tuple[int, str]:
        """Run the command that the timer runs."""
        return self.run("--renew", *more)

    def run(self, *arguments: str) -> tuple[int, str]:
        """Run the command with these arguments."""
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            status = main(["provision", *arguments, "--into", str(self.identity.folder)])
        return status, said.getvalue()

    @property
    def serial(self) -> int:
        """Serial number of its certificate."""
        return self.identity.read().certificate.serial_number

    def files(self) -> dict[str, bytes]:
        """Return everything that it has, without what it was shown."""
        found = [path for path in self.folder.rglob("*") if path.is_file() and path.name != "code.txt"]
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in found}
