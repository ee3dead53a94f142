"""What a picture file says about itself in its first bytes: kind and size, before anything is decoded. Pure."""

import struct
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Header:
    """The kind of a picture file, and its size in pixels."""

    kind: str
    width: int
    height: int


def _png(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from(">II", data, 16)
    return width, height


def _gif(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from("<HH", data, 6)
    return width, height


def _bmp(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from("<ii", data, 18)
    return abs(width), abs(height)


_SEGMENTS = 4096
"""Steps to the frame header of a JPEG: a telephone's picture has some twenty segments before it."""


def _jpeg(data: bytes) -> tuple[int, int]:
    """Walk the segments to the frame header (SOF0 to SOF15, without DHT, JPG and DAC)."""
    at = 2
    for _ in range(_SEGMENTS):
        mark, marker, length = struct.unpack_from(">BBH", data, at)
        if mark != 0xFF:
            raise ValueError("no marker")
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        at += 1 if marker == 0xFF else 2 + max(length, 2)
    raise ValueError("no frame header")


def _webp(data: bytes) -> tuple[int, int]:
    match data[12:16]:
        case b"VP8 ":
            width, height = struct.unpack_from("<HH", data, 26)
            return width & 0x3FFF, height & 0x3FFF
        case b"VP8L":
            (bits,) = struct.unpack_from("<I", data, 21)
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8X":
            width = int.from_bytes(data[24:27], "little") + 1
            return width, int.from_bytes(data[27:30], "little") + 1
        case _:
            raise ValueError("unknown WebP")


def _netpbm(data: bytes) -> tuple[int, int]:
    lines = data[2:512].replace(b"\r", b"\n").split(b"\n")
    words = [word for line in lines for word in line.split(b"#")[0].split()]
    return int(words[0]), int(words[1])


_KINDS: tuple[tuple[bytes, str, Callable[[bytes], tuple[int, int]]], ...] = (
    (b"\x89PNG\r\n\x1a\n", "PNG", _png),
    (b"\xff\xd8\xff", "JPEG", _jpeg),
    (b"GIF8", "GIF", _gif),
    (b"BM", "BMP", _bmp),
    (b"RIFF", "WebP", _webp),
    (b"P5", "PGM", _netpbm),
    (b"P6", "PPM", _netpbm),
)


def read_header(data: bytes) -> Header | None:
    """Return what the file says, or None where it is none of the known kinds or breaks off too early."""
    for signature, kind, measure in _KINDS:
        if data.startswith(signature):
            try:
                width, height = measure(data)
            except (struct.error, ValueError, IndexError):
                return None
            return Header(kind, width, height)
    return None
