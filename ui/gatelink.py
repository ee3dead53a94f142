"""The screen's line to the gate process: a thread that reads, and one slot that the screen looks into.

Only the newest Snapshot counts: while the screen is busy, older ones are overwritten. Answers alone queue, and there
are no more of them than the screen has asked for.
"""

import contextlib
import os
import socket
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from kiosk.api.link import Link, LinkClosedError
from kiosk.api.messages import Answer, FormTaken, Message, PreviewOffer, Role, Snapshot, Welcome, WireError

RETRY_S = 0.2
GONE_MS = 1_000
"""How long the last page stays up after the gate process went away: a restart shall not flicker."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What the screen knows of the gate process now."""

    snapshot: Snapshot | None = None
    """The newest one, of this connection or the one before."""
    gone_ns: int | None = None
    """Since when there is no connection; None: there is one."""


class GateLink:
    """Reads in a thread of its own; `heard`, `take_preview` and `send` are for the screen's thread."""

    def __init__(self, run_dir: Path, wake: socket.socket) -> None:
        """Read from `run_dir`/ui.sock; a byte on `wake` says that there is something new."""
        self._run_dir = run_dir
        self._wake = wake
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._link: Link | None = None
        self._heard = Heard(gone_ns=time.monotonic_ns())
        self._preview: int | None = None
        self._settings: str | None = None
        self._answers: list[Answer] = []
        self._forms: list[FormTaken] = []
        self._thread = threading.Thread(target=self._run, name="gate-link", daemon=True)

    def start(self) -> None:
        """Begin to connect."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread and the connection."""
        self._stop.set()
        self._thread.join(timeout=2 * RETRY_S)
        self._drop_preview()

    def heard(self) -> Heard:
        """Return the newest state."""
        with self._lock:
            return self._heard

    def take_preview(self) -> int | None:
        """Return the descriptor of a newly offered preview, once; the caller closes it."""
        with self._lock:
            fd, self._preview = self._preview, None
            return fd

    def take_settings(self) -> str | None:
        """Return the digest of the settings that a gate process goes by, once for each that has come."""
        with self._lock:
            settings, self._settings = self._settings, None
            return settings

    def take_answers(self) -> tuple[Answer, ...]:
        """Return what the gate has answered to the manager's screen, once; of a connection that is gone, nothing."""
        with self._lock:
            answers, self._answers = tuple(self._answers), []
            return answers

    def take_forms(self) -> tuple[FormTaken, ...]:
        """Return what the gate has said of forms that were filled in, once."""
        with self._lock:
            forms, self._forms = tuple(self._forms), []
            return forms

    def send(self, message: Message) -> bool:
        """Send one message; False where the gate process is not there to hear it."""
        with self._lock:
            if self._link is None:
                return False
            try:
                self._link.send(message)
            except LinkClosedError:
                return False
            return True

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                link = Link(self._run_dir, Role.UI)
            except LinkClosedError:
                self._stop.wait(RETRY_S)
                continue
            with self._lock:
                self._link = link
                self._heard = Heard(self._heard.snapshot, None)
            with contextlib.suppress(LinkClosedError, WireError):
                while not self._stop.is_set():
                    for message in link.receive(RETRY_S):
                        self._take(message, link)
            with self._lock:
                self._link = None
                self._heard = Heard(self._heard.snapshot, time.monotonic_ns())
                self._answers.clear()
                link.close()
            self._drop_preview()
            self._ring()
            self._stop.wait(RETRY_S)

    def _take(self, message: Message, link: Link) -> None:
        if isinstance(message, Snapshot):
            with self._lock:
                self._heard = Heard(message, None)
            self._ring()
        elif isinstance(message, Answer):
            with self._lock:
                self._answers.append(message)
            self._ring()
        elif isinstance(message, FormTaken):
            with self._lock:
                self._forms.append(message)
            self._ring()
        elif isinstance(message, Welcome):
            with self._lock:
                self._settings = message.settings
            self._ring()
        elif isinstance(message, PreviewOffer):
            fd = link.take_fd()
            self._drop_preview()
            with self._lock:
                self._preview = fd
            self._ring()

    def _drop_preview(self) -> None:
        fd = self.take_preview()
        if fd is not None:
            os.close(fd)

    def _ring(self) -> None:
        with contextlib.suppress(OSError):  # a full pipe already holds a ring; a closed one needs none
            self._wake.send(b"g")
