"""A second opinion on regions where the fast engine is stuck, by a slower engine in a process of its own.

Three walls keep it away from the next frame and from the door: the main loop hands a region over and goes on
(whoever is busy is not waited for); a thread does the talking; the engine runs in a child, so that its time, its
memory and its crashes are its own. zbar is known to abort on odd codes: then the child is started again, at
most once a second, and the camera never notices.
"""

import base64
import binascii
import contextlib
import json
import os
import resource
import select
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Protocol

import numpy as np

from kiosk.vision.changes import scaled
from kiosk.vision.codes import Code, Luma, Part, moved
from kiosk.vision.engines import EngineMissingError, open_engine

MAX_SIDE = 1024
"""Pixels a side of a region may have."""
PATIENCE_S = 1.0
"""How long the child may think. The patient engine needs 20 to 300 ms, zbar alone 2 to 40."""
RESTART_S = 1.0
FRESH_S = 1.5
"""How old an answer may be. Whoever held the code up longer ago may have gone: nobody opens for them."""
_MEMORY = 1 << 30
"""Bytes of address space that the child may take: the library that parses hostile pixels must not starve the camera."""
_FARTHEST = 1 << 16
"""Pixels that a corner can be away: the engines know no larger pictures."""
_HEAD = struct.Struct("!HH")
_MAX_ANSWER = 1 << 16


class Opinion(Protocol):
    """Whoever takes a region now and says later what it reads."""

    def offer(self, region: Luma, left: int, top: int) -> None:
        """Hand over a part of a frame that begins at (left, top). It may be passed over; nobody waits."""
        ...

    def take(self) -> tuple[Code, ...]:
        """Return what has been read since the last call, in coordinates of its frame."""
        ...

    def close(self) -> None:
        """Give everything back."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class _Question:
    region: Luma
    times: float
    """How many times as large as in the frame."""
    left: int
    top: int
    offered_s: float


def _fitting(region: Luma) -> tuple[Luma, float]:
    """Return a copy with sides of at most MAX_SIDE, and how many times as large it is."""
    times = min(MAX_SIDE / max(region.shape), 1.0)
    return (region.copy(), 1.0) if times == 1 else (scaled(region, times), times)


class ChildOpinion:
    """Asks an engine in a child process, which starts with the first region. Answers to old regions are dropped."""

    def __init__(self, engine: str, fresh_s: float = FRESH_S) -> None:
        self._engine, self._fresh_s = engine, fresh_s
        self._condition = threading.Condition()
        self._waiting: _Question | None = None
        self._read: list[tuple[Code, float]] = []
        """Each with the moment at which its region was offered."""
        self._busy = self._ended = False
        self._child: subprocess.Popen[bytes] | None = None
        self._not_before = 0.0
        self._thread = threading.Thread(target=self._work, name="opinion", daemon=True)

    def offer(self, region: Luma, left: int, top: int) -> None:
        """Hand over a region, unless the one before is still looked at."""
        with self._condition:
            if self._busy or self._waiting is not None or self._ended:
                return
            self._waiting = _Question(*_fitting(region), left, top, time.monotonic())
            self._condition.notify()
        if self._thread.ident is None:
            self._thread.start()

    def take(self) -> tuple[Code, ...]:
        """Return what has been read since the last call, without what was offered too long ago."""
        with self._condition:
            read, self._read = self._read, []
        oldest = time.monotonic() - self._fresh_s
        return tuple(code for code, offered_s in read if offered_s >= oldest)

    def close(self) -> None:
        """End the thread and the child."""
        with self._condition:
            self._ended = True
            self._condition.notify()
        if self._thread.ident is not None:
            self._thread.join(2 * PATIENCE_S)
        self._end_child()

    def _work(self) -> None:
        while True:
            with self._condition:
                self._busy = False
                while self._waiting is None and not self._ended:
                    self._condition.wait()
                if self._ended or self._waiting is None:
                    return
                question, self._waiting, self._busy = self._waiting, None, True
            codes = self._ask(question)
            with self._condition:
                self._read = [(code, question.offered_s) for code in codes]

    def _ask(self, question: "_Question") -> list[Code]:
        try:
            child = self._running_child()
            if child is None or child.stdin is None or child.stdout is None:
                return []
            region = question.region
            _send(child.stdin.fileno(), _HEAD.pack(*region.shape) + region.tobytes())
            codes = decode_answer(_line(child.stdout.fileno()))
            return [moved(code, (question.left, question.top), question.times) for code in codes]
        except (OSError, ValueError):  # it crashed, hung, or said something else than an answer
            self._end_child()
            return []

    def _running_child(self) -> subprocess.Popen[bytes] | None:
        if self._child is not None and self._child.poll() is None:
            return self._child
        self._end_child()
        if time.monotonic() < self._not_before:
            return None
        self._not_before = time.monotonic() + RESTART_S
        self._child = subprocess.Popen(
            [sys.executable, "-m", "kiosk.vision.opinion", self._engine],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0,
        )  # fmt: skip
        if self._child.stdin is not None:
            os.set_blocking(self._child.stdin.fileno(), False)
        return self._child

    def _end_child(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.communicate()


def _send(fd: int, data: bytes) -> None:
    """Write all of `data` within PATIENCE_S. Raises ValueError where the child does not take it."""
    rest, until = memoryview(data), time.monotonic() + PATIENCE_S
    while rest:
        left = until - time.monotonic()
        if left <= 0 or not select.select([], [fd], [], left)[1]:
            raise ValueError("not taken in time")
        rest = rest[os.write(fd, rest) :]


def _line(fd: int) -> bytes:
    """Read one line within PATIENCE_S. Raises ValueError where none comes."""
    line, until = bytearray(), time.monotonic() + PATIENCE_S
    while not line.endswith(b"\n"):
        left = until - time.monotonic()
        if left <= 0 or not select.select([fd], [], [], left)[0]:
            raise ValueError("no answer in time")
        chunk = os.read(fd, _MAX_ANSWER)
        line += chunk
        if not chunk or len(line) > _MAX_ANSWER:
            raise ValueError("no answer")
    return bytes(line)


def encode_answer(codes: Sequence[Code]) -> bytes:
    """Return what the child says of a region."""
    said = [
        (base64.b64encode(code.data).decode(), code.corners, astuple(code.part) if code.part is not None else None)
        for code in codes
    ]
    return json.dumps(said).encode() + b"\n"


def decode_answer(line: bytes) -> list[Code]:
    """Return what the child said of a region. Raises ValueError: the child parses hostile pixels, and may lie."""
    codes = []
    try:
        for data, corners, part in json.loads(line):
            content = base64.b64decode(data, validate=True)
            a, b, c, d = ((_coordinate(x), _coordinate(y)) for x, y in corners)
            place = None if part is None else _part(*part)
            codes.append(Code(content, content.decode(errors="replace"), "QRCode", (a, b, c, d), place))
    except (TypeError, binascii.Error, RecursionError) as error:
        raise ValueError("no answer") from error
    return codes


def _coordinate(value: object) -> int:
    if not isinstance(value, int) or not -_FARTHEST <= value <= _FARTHEST:
        raise ValueError("no coordinate")
    return value


def _part(index: object, count: object, parity: object) -> Part:
    if not isinstance(index, int) or not isinstance(count, int) or not isinstance(parity, int):
        raise TypeError("no part")
    if not 0 <= index < count or not 2 <= count <= 16 or not 0 <= parity <= 255:
        raise ValueError("no part")
    return Part(index, count, parity)


def serve(engine_name: str) -> int:
    """Answer regions on standard input, one line each, until it ends. Returns the exit status."""
    try:
        engine = open_engine(engine_name)
    except EngineMissingError:
        return 3
    with contextlib.suppress(OSError, ValueError):  # where the service may not set limits, its own bounds both
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    take, give = sys.stdin.buffer, sys.stdout.buffer
    while len(head := take.read(_HEAD.size)) == _HEAD.size:
        high, wide = _HEAD.unpack(head)
        pixels = take.read(high * wide)
        if len(pixels) < high * wide:
            break
        region = np.frombuffer(pixels, np.uint8).reshape(high, wide)
        give.write(encode_answer(engine.look(region).codes))
        give.flush()
    return 0


if __name__ == "__main__":
    sys.exit(serve(sys.argv[1]))
