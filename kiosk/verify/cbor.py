"""A strict CBOR decoder (RFC 8949) for what strangers hold up to a camera.

General decoders are lenient where a verifier must not be: they pass over trailing bytes, keep the last of
two equal keys and follow shared references. This one refuses all three, bounds nesting and lengths, and
returns plain Python values: int, float, bytes, str, list, dict, bool, None, and Tagged for unknown tags.
"""

import struct
from dataclasses import dataclass
from typing import Any, NoReturn

from kiosk.domain.reasons import Reason
from kiosk.verify.errors import MalformedError

MAX_DEPTH = 16
MAX_ITEMS = 8192
"""Values in all, short numbers and texts not counted: certificates have some dozens, and 64 KB could hold 65,000."""
_INDEFINITE = 31
_BREAK = object()
_SHARED = frozenset({28, 29})  # http://cbor.schmorp.de/value-sharing
_FLOATS = {25: (">e", 2), 26: (">f", 4), 27: (">d", 8)}
_TEXT = 0x60
_KEYS = (str, int, bytes)
_SIMPLE = {20: False, 21: True, 22: None, 23: None}


@dataclass(frozen=True, slots=True)
class Tagged:
    """A value under a tag; what the tag means is the caller's business."""

    tag: int
    value: Any


def _refuse() -> NoReturn:
    raise MalformedError(Reason.CBOR_INVALID)


class _Decoder:
    """Reads on from `at`; IndexError where the data ends, UnicodeDecodeError for a text that is none.

    Small numbers and short texts, of which certificates are made, are told apart first.
    """

    __slots__ = ("at", "data", "items")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.items = 0

    def take(self, count: int) -> bytes:
        end = self.at + count
        if end > len(self.data):
            _refuse()
        piece = self.data[self.at : end]
        self.at = end
        return piece

    def byte(self) -> int:
        at = self.at
        self.at = at + 1
        return self.data[at]

    def argument(self, info: int) -> int:
        """Return the number that follows an initial byte (section 3)."""
        if info < 24:
            return info
        if info == 24:
            return self.byte()
        if info > 27:
            _refuse()
        return int.from_bytes(self.take(1 << (info - 24)), "big")

    def value(self, depth: int, *, may_break: bool = False) -> Any:
        if depth > MAX_DEPTH:
            _refuse()
        data, at = self.data, self.at
        initial = data[at]
        self.at = at = at + 1
        if initial < 24:
            return initial
        if 0 <= (size := initial - _TEXT) < 24:
            self.at = end = at + size
            if end > len(data):
                _refuse()
            return data[at:end].decode()
        return self.item(initial >> 5, initial & 0x1F, depth, may_break=may_break)

    def item(self, major: int, info: int, depth: int, *, may_break: bool) -> Any:
        self.items += 1
        if self.items > MAX_ITEMS:
            _refuse()
        match major:
            case 0:
                return self.argument(info)
            case 1:
                return -1 - self.argument(info)
            case 2:
                return self.string(2, info)
            case 3:
                return self.string(3, info).decode()
            case 4:
                return self.array(info, depth)
            case 5:
                return self.map(info, depth)
            case 6:
                return self.tagged(info, depth)
            case _:
                return self.simple(info, may_break=may_break)

    def string(self, major: int, info: int) -> bytes:
        if info != _INDEFINITE:
            return self.take(info if info < 24 else self.argument(info))
        chunks = bytearray()
        while (initial := self.byte()) != 0xFF:
            if initial >> 5 != major or initial & 0x1F == _INDEFINITE:
                _refuse()
            chunks += self.take(self.argument(initial & 0x1F))
        return bytes(chunks)

    def array(self, info: int, depth: int) -> list[Any]:
        items: list[Any] = []
        if info == _INDEFINITE:
            while (item := self.value(depth + 1, may_break=True)) is not _BREAK:
                items.append(item)
            return items
        count = self.argument(info)
        if count > len(self.data) - self.at:
            _refuse()
        return [self.value(depth + 1) for _ in range(count)]

    def map(self, info: int, depth: int) -> dict[Any, Any]:
        result: dict[Any, Any] = {}
        left, below = -1 if info == _INDEFINITE else self.argument(info), depth + 1
        while left:
            key = self.value(below, may_break=left < 0)
            if key is _BREAK:
                break
            # True == 1 == 1.0 in Python, so only the types that maps of this field use may be keys.
            if type(key) not in _KEYS or key in result:
                _refuse()
            result[key] = self.value(below)
            left -= 1
        return result

    def tagged(self, info: int, depth: int) -> Tagged:
        tag = self.argument(info)
        if tag in _SHARED:
            _refuse()
        return Tagged(tag, self.value(depth + 1))

    def simple(self, info: int, *, may_break: bool) -> Any:
        if info in _SIMPLE:
            return _SIMPLE[info]
        if info in _FLOATS:
            layout, size = _FLOATS[info]
            return struct.unpack(layout, self.take(size))[0]
        if info == _INDEFINITE and may_break:
            return _BREAK
        return _refuse()


def head(major: int, argument: int) -> bytes:
    """Return the shortest initial bytes of an item (section 3). The argument is below 2^32."""
    first = major << 5
    if argument < 24:
        return bytes((first | argument,))
    for info, size in ((24, 1), (25, 2), (26, 4)):
        if argument < 1 << 8 * size:
            return bytes((first | info,)) + argument.to_bytes(size, "big")
    raise ValueError("longer than anything here")


def decode(data: bytes) -> Any:
    """Return the one value that `data` holds. Raises MalformedError(CBOR_INVALID)."""
    decoder = _Decoder(data)
    try:
        value = decoder.value(0)
    except (IndexError, UnicodeDecodeError):
        raise MalformedError(Reason.CBOR_INVALID) from None
    if decoder.at != len(data):
        _refuse()
    return value
