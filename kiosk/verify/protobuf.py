"""A strict little reader of protocol buffers (protobuf.dev, "Encoding"), for what strangers hold up to a camera.

Reads one flat message of integers and texts. Other than the usual readers it takes no field twice (the last would win,
unseen by whoever looked at the first), no group (deprecated, and the one thing that nests without a length) and
nothing cut off. Fields that nobody asked for are passed over, as their senders expect.
"""

from collections.abc import Iterator, Mapping
from enum import IntEnum

from kiosk.domain.reasons import Reason
from kiosk.verify.errors import MalformedError

_MAX_VARINT = 10
"""Bytes of the longest number: 64 bits, 7 a byte."""
_LARGEST = 2**63 - 1


class Wire(IntEnum):
    """How a field is written."""

    VARINT = 0
    FIXED64 = 1
    TEXT = 2
    FIXED32 = 5


_FIXED = {Wire.FIXED64: 8, Wire.FIXED32: 4}


def _bad() -> MalformedError:
    return MalformedError(Reason.CLAIMS_INVALID)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Return the number at `at` and where it ends."""
    value = 0
    for index, byte in enumerate(data[at : at + _MAX_VARINT]):
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value, at + index + 1
    raise _bad()


def _fields(data: bytes) -> Iterator[tuple[int, Wire, int | bytes]]:
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        try:
            wire = Wire(tag & 7)
        except ValueError:
            raise _bad() from None
        if wire is Wire.VARINT:
            value, at = _varint(data, at)
            yield tag >> 3, wire, value
            continue
        size, at = (_FIXED[wire], at) if wire in _FIXED else _varint(data, at)
        if size > len(data) - at:
            raise _bad()
        yield tag >> 3, wire, data[at : at + size]
        at += size


def read(data: bytes, fields: Mapping[int, Wire]) -> dict[int, int | str]:
    """Return the fields asked for by number (VARINT or TEXT) that are there: numbers from 0 to 2^63 - 1, and texts.

    Raises MalformedError(CLAIMS_INVALID), also where one of them is written otherwise than asked for.
    """
    found: dict[int, int | str] = {}
    for number, wire, value in _fields(data):
        if number == 0:
            raise _bad()
        if number not in fields:
            continue
        if number in found or wire is not fields[number]:
            raise _bad()
        if isinstance(value, int):
            if value > _LARGEST:
                raise _bad()
            found[number] = value
            continue
        try:
            found[number] = value.decode()
        except UnicodeDecodeError:
            raise _bad() from None
    return found
