"""A program that runs as a child of this process, and ends with it however that may be."""

import contextlib
import secrets
import shutil
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

HOST = "127.0.0.1"
STOP_S = 30.0


def free_port() -> int:
    """Return a loopback port on which nobody listens, and that no outgoing connection gets while a slow server starts.

    The kernel takes ports for outgoing connections from 32768 on.
    """
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as sock, contextlib.suppress(OSError):
            sock.bind((HOST, port))
            return port


def answers(port: int) -> bool:
    """Tell whether somebody takes connections on a loopback port."""
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=0.5):
        return True
    return False


def ends_with_us() -> list[str]:
    """Return a prefix to a command that ends it when this process ends, however that may be; empty without one."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM"] if setpriv else []


class Server(ABC):
    """What runs for as long as a `with` lasts."""

    @abstractmethod
    def start(self) -> None:
        """Start it and wait until it can be used."""

    @abstractmethod
    def close(self) -> None:
        """End it."""

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Child:
    """One program. It gets no Ctrl-C from the terminal: its parent ends it in its own order."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: Path | None = None,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        self._command = [*ends_with_us(), *command]
        self._log, self._environment, self._folder = log, environment, folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def start(self) -> None:
        """Start it where it does not run. Raises OSError."""
        if self.pid is not None:
            return
        with self._log.open("ab") if self._log else contextlib.nullcontext(subprocess.DEVNULL) as log:
            self._process = subprocess.Popen(
                self._command,
                env=self._environment,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def await_true(self, met: Callable[[], bool], timeout_s: float) -> bool:
        """Wait until something is so; False: it ended before, or the time is up."""
        end = time.monotonic() + timeout_s
        while self.pid is not None and time.monotonic() < end:
            if met():
                return True
            time.sleep(0.05)
        return False

    def last_words(self) -> str:
        """Return the last line of its log, bounded, for a sentence about why it has ended."""
        text = self._log.read_text(encoding="utf-8", errors="replace") if self._log and self._log.exists() else ""
        return text.strip().rpartition("\n")[2][:200] or "none"

    def stop(self) -> None:
        """End it in good order; kill it where it does not."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill it with -9: what it only held in memory is gone."""
        self._end(signal.SIGKILL)

    def tell(self, number: signal.Signals) -> None:
        """Send it a signal, where it runs."""
        if self._process is not None and self.pid is not None:
            self._process.send_signal(number)

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(number)
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
