"""Stand-ins for barcode imagers: one behind a real pseudo-terminal, one that types through a pipe."""

import asyncio
import errno
import os
import struct
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NoReturn, Protocol

from kiosk.api.messages import Scan

_EVENT = struct.Struct("@llHHi")
_BY_CODE = "\0\0" + "1234567890-=" + "\0\0" + "qwertyuiop[]" + "\n\0" + "asdfghjkl;'`" + "\0" + "\\zxcvbnm,./"
"""The keys of a US keyboard in the order of their codes, from 0; NUL for those that type nothing."""
_SHIFTED = dict(zip('!@#$%^&*()_+{}:"~|<>?', "1234567890-=[];'`\\,./", strict=True))
_SPACE, LEFT_SHIFT = 57, 42
_PRESS_NS = 1_000_000


def key_event(key: int, value: int, at_ns: int) -> bytes:
    """Return one key event and the report that ends it: value 1 pressed, 0 released, 2 repeated."""
    seconds, micros = divmod(at_ns // 1000, 1_000_000)
    return _EVENT.pack(seconds, micros, 1, key, value) + _EVENT.pack(seconds, micros, 0, 0, 0)


def dropped_event(at_ns: int) -> bytes:
    """Return the event with which the kernel says that its queue overflowed."""
    seconds, micros = divmod(at_ns // 1000, 1_000_000)
    return _EVENT.pack(seconds, micros, 0, 3, 0)


def strokes(text: str) -> list[tuple[int, int]]:
    """Return the (key, value) of every key that an imager presses and releases to type printable ASCII and Enter."""
    made = []
    for char in text:
        low = _SHIFTED.get(char, char.lower())
        key = _SPACE if char == " " else _BY_CODE.index(low)
        pressed = [(key, 1), (key, 0)]
        made += [(LEFT_SHIFT, 1), *pressed, (LEFT_SHIFT, 0)] if low != char else pressed
    return made


def typed(text: str, at_ns: int) -> bytes:
    """Return the events of typing `text`, a key a millisecond, from a moment on."""
    return b"".join(key_event(key, value, at_ns + n * _PRESS_NS) for n, (key, value) in enumerate(strokes(text)))


class SerialImager:
    """A serial imager that can be plugged in and out at one path."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd = -1

    def plug(self) -> None:
        """Be there."""
        self._fd, far = os.openpty()
        self.path.symlink_to(os.ttyname(far))
        os.close(far)

    def send(self, data: bytes) -> None:
        """Send bytes; waits while nobody takes them."""
        view = memoryview(data)
        while view:
            view = view[os.write(self._fd, view) :]

    def unplug(self) -> None:
        """Be gone."""
        self.path.unlink(missing_ok=True)
        with suppress(OSError):
            os.close(self._fd)
        self._fd = -1


class PipedKeyboard:
    """A keyboard device whose events come through a pipe, as the kernel would write them."""

    dated = True

    def __init__(self) -> None:
        self._fd, self._far = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def give(self, events: bytes) -> None:
        """Let events come."""
        os.write(self._far, events)

    def unplug(self) -> None:
        """Be gone."""
        os.close(self._far)

    def fileno(self) -> int:
        """Return the descriptor to wait on."""
        return self._fd

    def read(self) -> bytes:
        """Return what has come. Raises OSError after `unplug`, as the kernel does."""
        try:
            data = os.read(self._fd, 4096)
        except BlockingIOError:
            return b""
        if not data:
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
        return data

    def discard(self) -> None:
        """Throw nothing away."""

    def close(self) -> None:
        """Give it back."""
        os.close(self._fd)


@dataclass(slots=True)
class RecordingTaker:
    """Takes scans as the shell does; without `room` they wait, and with `refuses` they are of another moment."""

    scans: list[Scan] = field(default_factory=list)
    states: list[tuple[str, Literal["ok", "lost"]]] = field(default_factory=list)
    room: asyncio.Event = field(default_factory=asyncio.Event)
    refuses: bool = False

    def __post_init__(self) -> None:
        self.room.set()

    async def scanned(self, scan: Scan) -> bool:
        """Take a scan."""
        await self.room.wait()
        if not self.refuses:
            self.scans.append(scan)
        return not self.refuses

    def reader_state(self, reader: str, state: Literal["ok", "lost"]) -> None:
        """Take note of a state."""
        self.states.append((reader, state))


class Runs(Protocol):
    """What runs for ever: a scanner."""

    async def run(self) -> NoReturn:
        """Run until cancelled."""
        ...


async def until(condition: Callable[[], object], seconds: float = 10) -> None:
    """Wait for what has to come true. Raises TimeoutError where it does not."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("it has not come true")
        await asyncio.sleep(0.005)


@asynccontextmanager
async def reading(*scanners: Runs) -> AsyncIterator[None]:
    """Let scanners run for as long as the block lasts."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(scanner.run()) for scanner in scanners]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
