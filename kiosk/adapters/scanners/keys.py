"""Keyboard events of the kernel (`struct input_event`), decoded with the US layout. Pure.

An imager types a code and presses Enter. Only printable ASCII can be typed faithfully; a key that stands for
nothing else than itself (Escape, a function key, anything with Ctrl, Alt or Meta) means that the code holds
what a keyboard cannot say, and the whole code is discarded.
"""

import struct
from collections import Counter

from kiosk.adapters.scanners.assembly import Discard, Received
from kiosk.adapters.scanners.decoders import Decoder

EVENT = struct.Struct("@llHHi")
"""struct input_event of this machine: seconds, microseconds, type, code, value."""
_EV_SYN, _EV_KEY = 0, 1
_SYN_REPORT, _SYN_DROPPED = 0, 3
_PRESSED, _RELEASED = 1, 0
_ENTER = frozenset({28, 96})
_SHIFT = frozenset({42, 54})
_CHORD = frozenset({29, 97, 56, 100, 125, 126})
"""Ctrl, Alt and Meta, left and right."""
_CAPS_LOCK, _NUM_LOCK = 58, 69


def _row(first: int, plain: str, shifted: str) -> dict[int, tuple[int, int]]:
    return {first + n: (ord(low), ord(high)) for n, (low, high) in enumerate(zip(plain, shifted, strict=True))}


US: dict[int, tuple[int, int]] = {
    **_row(2, "1234567890-=", "!@#$%^&*()_+"),
    **_row(16, "qwertyuiop[]", "QWERTYUIOP{}"),
    **_row(30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    **_row(43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    57: (32, 32),
    # The numeric keypad, as with Num Lock on: what imagers mean by it.
    55: (42, 42), 98: (47, 47),
    **_row(71, "789-456+1230.", "789-456+1230."),
    117: (61, 61), 121: (44, 44),
}  # fmt: skip
"""Key code → character alone and with Shift, as in linux/input-event-codes.h."""


class KeyDecoder(Decoder):
    """Key events in, codes out. Times are those that the kernel gave the events."""

    def __init__(self, discarded: Counter[Discard]) -> None:
        super().__init__(discarded)
        self._held: set[int] = set()
        self._caps = False
        self._lost = False
        self._rest = b""

    def feed(self, data: bytes, now_ns: int) -> list[Received]:
        """Take events, in pieces of any size, and return the codes that they complete."""
        del now_ns  # the kernel's own times say when a key was pressed, however late it is read
        data = self._rest + data
        whole = len(data) - len(data) % EVENT.size
        self._rest = data[whole:]
        codes = []
        for seconds, micros, kind, key, value in EVENT.iter_unpack(data[:whole]):
            code = self._event(kind, key, value, seconds * 1_000_000_000 + micros * 1_000)
            if code:
                codes.append(code)
        return codes

    def _event(self, kind: int, key: int, value: int, at_ns: int) -> Received | None:
        if kind == _EV_SYN and key == _SYN_DROPPED:
            # The kernel's queue overflowed. What follows up to the next report is not to be believed either.
            self._lost = True
            self._held.clear()
            self._caps = False
            self._code.spoil(Discard.LOST, at_ns)
        elif kind == _EV_SYN and key == _SYN_REPORT:
            self._lost = False
        elif kind == _EV_KEY and not self._lost:
            return self._key(key, value, at_ns)
        return None

    def _key(self, key: int, value: int, at_ns: int) -> Received | None:
        if key in _SHIFT or key in _CHORD:
            if value == _RELEASED:
                self._held.discard(key)
            else:
                self._held.add(key)
            return None
        if value != _PRESSED:
            return None  # released, or repeating by itself: an imager presses each key once
        self.quiet(at_ns)  # after a pause this key begins a new code, even where nobody looked during the pause
        if key in _ENTER:
            return self._code.end(at_ns)
        if key == _CAPS_LOCK:
            self._caps = not self._caps
        elif key in US and not self._held & _CHORD:
            self._code.add(self._character(key), at_ns)
        elif key != _NUM_LOCK:
            self._code.spoil(Discard.BROKEN, at_ns)
        return None

    def _character(self, key: int) -> bytes:
        plain, shifted = US[key]
        letter = 97 <= plain <= 122
        shift = bool(self._held & _SHIFT) is not (self._caps and letter)
        return bytes([shifted if shift else plain])
