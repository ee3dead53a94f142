"""A second opinion on regions where the fast engine is stuck, by a slower engine in a process of its own.

Three walls keep it away from the next frame and from the door: the main loop hands a region over and goes on
(whoever is busy is not waited for); a thread does the talking; the engine runs in a child, so that its time, its
memory and its crashes are its own. zbar is known to abort on odd codes: then the child is started again, at
most once a second, and the camera never notices.
"""

import base64
import binascii
import json
import os
import select
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import astuple
from typing import Protocol

import numpy as np

from kiosk.vision.codes import Code, Luma, Part
from kiosk.vision.engines import EngineMissingError, open_engine

MAX_SIDE = 1024
"""Pixels a side of a region may have."""
PATIENCE_S = 1.0
"""How long the child may think. The patient engine needs 20 to 300 ms, zbar alone 2 to 40."""
RESTART_S = 1.0
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


class ChildOpinion:
    """Asks an engine in a child process. It starts with the first region."""

    def __init__(self, engine: str) -> None:
        self._engine = engine
        self._condition = threading.Condition()
        self._waiting: tuple[Luma, int, int] | None = None
        self._read: list[Code] = []
        self._busy = self._ended = False
        self._child: subprocess.Popen[bytes] | None = None
        self._not_before = 0.0
        self._thread = threading.Thread(target=self._work, name="opinion", daemon=True)

    def offer(self, region: Luma, left: int, top: int) -> None:
        """Hand over a region, unless the one before is still looked at."""
        with self._condition:
            if self._busy or self._waiting is not None or self._ended:
                return
            self._waiting = (region[:MAX_SIDE, :MAX_SIDE].copy(), left, top)
            self._condition.notify()
        if self._thread.ident is None:
            self._thread.start()

    def take(self) -> tuple[Code, ...]:
        """Return what has been read since the last call."""
        with self._condition:
            read, self._read = tuple(self._read), []
        return read

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
                (region, left, top), self._waiting, self._busy = self._waiting, None, True
            codes = self._ask(region, left, top)
            with self._condition:
                self._read += codes

    def _ask(self, region: Luma, left: int, top: int) -> list[Code]:
        try:
            child = self._running_child()
            if child is None or child.stdin is None or child.stdout is None:
                return []
            _send(child.stdin.fileno(), _HEAD.pack(*region.shape) + region.tobytes())
            return decode_answer(_line(child.stdout.fileno()), left, top)
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


def decode_answer(line: bytes, left: int, top: int) -> list[Code]:
    """Return what the child said, moved to where the region lies. Raises ValueError."""
    codes = []
    try:
        for data, corners, part in json.loads(line):
            content = base64.b64decode(data, validate=True)
            a, b, c, d = ((left + int(x), top + int(y)) for x, y in corners)
            place = None if part is None else Part(*map(int, part))
            codes.append(Code(content, content.decode(errors="replace"), "QRCode", (a, b, c, d), place))
    except (TypeError, binascii.Error, RecursionError) as error:
        raise ValueError("no answer") from error
    return codes


def serve(engine_name: str) -> int:
    """Answer regions on standard input, one line each, until it ends. Returns the exit status."""
    try:
        engine = open_engine(engine_name)
    except EngineMissingError:
        return 3
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
