"""What an imager sends, cut into codes. Pure: bytes and the time in, codes out."""

import re
from abc import ABC, abstractmethod
from collections import Counter

from kiosk.adapters.scanners.assembly import Assembly, Discard, Received

SILENT_NS = 1_000_000_000
"""An imager that has said nothing for so long in the middle of a code will not end it."""
_ENDS = re.compile(rb"[\r\n]")


class Decoder(ABC):
    """Cuts a stream into codes, however it is chopped on its way."""

    def __init__(self, discarded: Counter[Discard], silence_ns: int = SILENT_NS) -> None:
        self._code = Assembly(discarded)
        self._silence_ns = silence_ns

    @abstractmethod
    def feed(self, data: bytes, now_ns: int) -> list[Received]:
        """Take what has come and return the codes that it completes."""

    def quiet(self, now_ns: int) -> list[Received]:
        """Notice that nothing lies waiting: drop a piece whose end has not come, as half a code is none."""
        if self.due_ns and now_ns >= self.due_ns:
            self._code.abandon(Discard.UNFINISHED)
        return []

    @property
    def due_ns(self) -> int:
        """When silence will have lasted long enough to mean something; 0: nothing is on its way."""
        return self._code.touched_ns + self._silence_ns if self._code.touched_ns else 0

    @property
    def held(self) -> int:
        """How many bytes are kept of what is on its way."""
        return len(self._code)

    def abandon(self, why: Discard) -> None:
        """Drop what is on its way, and count it."""
        self._code.abandon(why)


class LineDecoder(Decoder):
    """A serial imager that ends every code with CR, LF or both."""

    def feed(self, data: bytes, now_ns: int) -> list[Received]:
        """Take what has come and return the codes that it completes; empty lines are none."""
        *ended, rest = _ENDS.split(data)
        codes = []
        for piece in ended:
            self._code.add(piece, now_ns)
            code = self._code.end(now_ns)
            if code:
                codes.append(code)
        self._code.add(rest, now_ns)
        return codes


class GapDecoder(Decoder):
    """A serial imager without a suffix: silence ends a code, and every byte belongs to it, CR and LF too."""

    def feed(self, data: bytes, now_ns: int) -> list[Received]:
        """Take what has come. Never cuts: how late it is read says nothing of when it was sent."""
        self._code.add(data, now_ns)
        return []

    def quiet(self, now_ns: int) -> list[Received]:
        """Return the code that this silence has ended."""
        if not self.due_ns or now_ns < self.due_ns:
            return []
        code = self._code.end(now_ns)
        return [code] if code else []
