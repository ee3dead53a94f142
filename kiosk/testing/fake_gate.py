"""The bridge's end of a gate process, with a journal in memory: a real socket, and nothing behind it."""

import contextlib
import selectors
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Self

from kiosk.api.framing import LineBuffer
from kiosk.api.messages import (
    Appended,
    CommandOffer,
    DeadLetter,
    EventRecord,
    Events,
    Fetch,
    Hello,
    LinkHealth,
    Message,
    Role,
    Sent,
    Stored,
    Welcome,
    decode,
    encode,
)
from kiosk.domain.centre import ack_topic
from kiosk.domain.events import GENESIS, ClockConfidence, Event, EventType, digest
from kiosk.testing.centre_keys import KEYS
from kiosk.verify import receipt


def make_record(
    seq: int, prev: str = GENESIS, *, kiosk: str = "gate-1", epoch: str = "e1", data: dict[str, object] | None = None
) -> EventRecord:
    """Return a whole event record: its hash is right and follows `prev`."""
    event = Event(
        epoch=epoch,
        seq=seq,
        kiosk=kiosk,
        boot="b1",
        type=EventType.VISIT_ADMITTED,
        visit=f"v{seq}",
        time="2026-01-02T03:04:05.678Z",
        clock=ClockConfidence.SYNCED,
        mono_ns=seq * 1000,
        data={"reasons": ["ok"], "note": "Nguyễn"} if data is None else data,
        sealed="",
        prev=prev,
    )
    event = replace(event, hash=digest(event))
    return EventRecord(
        epoch=event.epoch,
        seq=event.seq,
        kiosk=event.kiosk,
        boot=event.boot,
        type=event.type.value,
        visit=event.visit,
        time=event.time,
        clock=event.clock.value,
        mono_ns=event.mono_ns,
        data=dict(event.data),
        sealed=event.sealed,
        prev=event.prev,
        hash=event.hash,
    )


class FakeGate:
    """Serves one bridge at a time, from a thread. Everything that the bridge reports is kept and can be awaited."""

    def __init__(self, run_dir: Path, *, kiosk: str = "gate-1", epoch: str = "e1") -> None:
        self._path = run_dir / f"{Role.BRIDGE}.sock"
        self.kiosk, self.epoch = kiosk, epoch
        self.journal: list[EventRecord] = []
        self.confirmed = 0
        self.sent: list[int] = []
        self.stored: list[receipt.Receipt] = []
        self.dead: dict[int, str] = {}
        self.commands: list[CommandOffer] = []
        self.health: list[LinkHealth] = []
        self.fetches: list[Fetch] = []
        self.connections = 0
        self.longest_gap_s = 0.0
        """The longest time for which events waited and none was confirmed."""
        self._waiting_since = 0.0
        self._changed = threading.Condition()
        self._client: socket.socket | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Open the socket and serve."""
        self._stop.clear()
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(self._path))
        listener.listen()
        self._thread = threading.Thread(target=self._serve, args=(listener,), name="fake-gate", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Close the socket, as a gate process that has died would."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        self._path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def append(self, count: int = 1, data: dict[str, object] | None = None) -> None:
        """Write events and tell the bridge."""
        with self._changed:
            if self.confirmed == len(self.journal):
                self._waiting_since = time.monotonic()
            for _ in range(count):
                prev = self.journal[-1].hash if self.journal else GENESIS
                number = len(self.journal) + 1
                self.journal.append(make_record(number, prev, kiosk=self.kiosk, epoch=self.epoch, data=data))
            self._tell(Appended(last=len(self.journal), confirmed=self.confirmed))

    def tell(self, message: Message) -> None:
        """Say anything else that a gate process says."""
        with self._changed:
            self._tell(message)

    def replace_journal(self, epoch: str) -> None:
        """Begin a new, empty journal without a word, as a gate does that had to set a corrupt one aside."""
        with self._changed:
            self.epoch, self.journal, self.confirmed = epoch, [], 0

    def put_back(self, number: int) -> None:
        """Have an old copy of the journal, of so many events, none of which it knows to be confirmed."""
        with self._changed:
            self.journal, self.confirmed = self.journal[:number], 0

    def await_confirmed(self, upto: int, timeout_s: float = 20.0) -> None:
        """Wait until the bridge has reported that the centre stored everything up to `upto`."""
        self._await(lambda: self.confirmed >= upto, timeout_s, lambda: f"only {self.confirmed} of {upto} are confirmed")

    def await_sent(self, upto: int, timeout_s: float = 20.0) -> None:
        """Wait until the bridge has reported that everything up to `upto` has been handed to the broker."""
        self._await(lambda: max(self.sent, default=0) >= upto, timeout_s, lambda: f"not all of {upto} were sent")

    def await_link(self, link: str, *details: str, timeout_s: float = 20.0) -> None:
        """Wait until the bridge's newest word about its line is `link` (and one of `details`, where any are named)."""

        def said() -> bool:
            newest = self.health[-1] if self.health else None
            return newest is not None and newest.link == link and (not details or newest.detail in details)

        self._await(said, timeout_s, lambda: f"the line is not {link}: {self.health[-3:]}")

    def _await(self, met: Callable[[], bool], timeout_s: float, otherwise: Callable[[], str]) -> None:
        end = time.monotonic() + timeout_s
        with self._changed:
            while not met():
                left = end - time.monotonic()
                if left <= 0:
                    raise TimeoutError(otherwise())
                self._changed.wait(left)

    # The thread

    def _serve(self, listener: socket.socket) -> None:
        with listener, selectors.DefaultSelector() as selector:
            selector.register(listener, selectors.EVENT_READ)
            lines = LineBuffer()
            while not self._stop.is_set():
                for key, _ in selector.select(0.05):
                    if key.fileobj is listener:
                        lines = LineBuffer()
                        self._drop(selector)
                        client, _ = listener.accept()
                        selector.register(client, selectors.EVENT_READ)
                        with self._changed:
                            self._client = client
                    elif self._client is not None and not self._read(self._client, lines):
                        self._drop(selector)
            self._drop(selector)

    def _drop(self, selector: selectors.BaseSelector) -> None:
        with self._changed:
            client, self._client = self._client, None
        if client is not None:
            selector.unregister(client)
            client.close()

    def _read(self, client: socket.socket, lines: LineBuffer) -> bool:
        try:
            data = client.recv(1 << 16)
        except OSError:
            return False
        with self._changed:
            for line in lines.feed(data):
                self._take(decode(line))
            self._changed.notify_all()
        return bool(data)

    def _take(self, message: Message) -> None:
        match message:
            case Hello():
                self.connections += 1
                self._tell(Welcome(kiosk=self.kiosk, epoch=self.epoch))
                self._tell(Appended(last=len(self.journal), confirmed=self.confirmed))
            case Fetch():
                self.fetches.append(message)
                events = tuple(self.journal[message.after : message.after + message.limit])
                self._tell(Events(events=events, last=len(self.journal)))
            case Sent():
                self.sent.append(message.upto)
            case Stored():
                said = receipt.opened(message.receipt, ack_topic(f"local/main/{self.kiosk}"), KEYS)
                self.stored.append(said)
                if said.epoch == self.epoch and said.upto > self.confirmed:
                    now, self.confirmed = time.monotonic(), said.upto
                    self.longest_gap_s = max(self.longest_gap_s, now - self._waiting_since)
                    self._waiting_since = now
            case DeadLetter():
                self.dead[message.seq] = message.code
            case CommandOffer():
                self.commands.append(message)
            case LinkHealth():
                self.health.append(message)
            case _:
                raise AssertionError(f"a bridge does not say {message.type}")

    def _tell(self, message: Message) -> None:
        if self._client is not None:
            with contextlib.suppress(OSError):
                self._client.sendall(encode(message))
