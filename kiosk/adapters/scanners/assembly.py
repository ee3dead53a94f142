"""One code on its way in: whole, or not at all, and never more than MAX_CODE bytes. Pure; the time is an argument."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from kiosk.api.messages import MAX_CODE


class Discard(StrEnum):
    """Why a code from an imager was not passed on."""

    TOO_LONG = "too_long"
    """More than MAX_CODE bytes came without an end."""
    BROKEN = "broken"
    """A key came that stands for no character: part of the code is missing."""
    LOST = "lost"
    """The kernel had to drop keys, because they came faster than they were read."""
    UNFINISHED = "unfinished"
    """The imager fell silent in the middle of a code."""
    OTHER_SYMBOLOGY = "other_symbology"
    """The AIM identifier is missing, or names something else than a QR code."""
    STALE = "stale"
    """It waited too long: whoever held it up may have gone."""


@dataclass(frozen=True, slots=True)
class Received:
    """A code as the imager sent it, with the CLOCK_MONOTONIC times of its first byte and of its end."""

    data: bytes
    began_ns: int
    ended_ns: int


class Assembly:
    """Collects one code. What is spoilt stays spoilt until its end: the rest of a code is not a code."""

    def __init__(self, discarded: Counter[Discard]) -> None:
        self._discarded = discarded
        self._data = bytearray()
        self._spoilt: Discard | None = None
        self._began_ns = 0
        self.touched_ns = 0
        """When something last came; 0: nothing is on its way."""

    def add(self, data: bytes, at_ns: int) -> None:
        """Take bytes; beyond MAX_CODE nothing is kept."""
        if not data:
            return
        self._touch(at_ns)
        if self._spoilt is None and len(self._data) + len(data) > MAX_CODE:
            self.spoil(Discard.TOO_LONG, at_ns)
        elif self._spoilt is None:
            self._data += data

    def spoil(self, why: Discard, at_ns: int) -> None:
        """Give up what is on its way, and whatever still comes of it; the first reason is the one counted."""
        self._touch(at_ns)
        self._spoilt = self._spoilt or why
        self._data.clear()

    def end(self, at_ns: int) -> Received | None:
        """Return the code that has ended here; nothing where none had begun or where it was spoilt."""
        data, spoilt, began_ns = bytes(self._data), self._spoilt, self._began_ns
        self.forget()
        if spoilt:
            self._discarded[spoilt] += 1
        return Received(data, began_ns, at_ns) if data else None

    def abandon(self, why: Discard) -> None:
        """Drop what is on its way, and count it."""
        if self.touched_ns:
            self._discarded[self._spoilt or why] += 1
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self._data.clear()
        self._spoilt, self._began_ns, self.touched_ns = None, 0, 0

    def _touch(self, at_ns: int) -> None:
        self._began_ns = self._began_ns or at_ns
        self.touched_ns = at_ns

    def __len__(self) -> int:
        return len(self._data)
