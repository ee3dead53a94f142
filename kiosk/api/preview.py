"""The preview: the newest camera picture in a memory file that vision writes and the screen reads.

Layout, little-endian: a header of 64 bytes, then one picture of `height` rows of `width` bytes (luma).

====== ====== ==========================================================================
offset type   meaning
====== ====== ==========================================================================
0      4s     magic, ``GKP1``
4      u32    width in pixels
8      u32    height in pixels
12     u32    sequence: odd while a picture is being written, so a reader can tell
16     u64    CLOCK_MONOTONIC nanoseconds of the picture; 0: there is none (zeroed)
====== ====== ==========================================================================
"""

import fcntl
import mmap
import os
import struct
from dataclasses import dataclass

_HEADER = struct.Struct("<4sIIIQ")
_SEQUENCE = struct.Struct("<I")
_SEALS = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL
HEADER_SIZE = 64
MAGIC = b"GKP1"


class PreviewError(ValueError):
    """The memory file is not a preview."""


def size(width: int, height: int) -> int:
    """Return the bytes that a preview of this size takes."""
    return HEADER_SIZE + width * height


@dataclass(frozen=True, slots=True)
class Picture:
    """One preview picture: `height` rows of `width` bytes of luma."""

    width: int
    height: int
    at_ns: int
    luma: bytes


class PreviewWriter:
    """Vision's end. Sequence counting makes a torn read visible; no lock is shared."""

    def __init__(self, width: int, height: int) -> None:
        self.fd = os.memfd_create("kiosk-preview", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        self.width, self.height = width, height
        os.ftruncate(self.fd, size(width, height))
        fcntl.fcntl(self.fd, fcntl.F_ADD_SEALS, _SEALS)
        self._memory = mmap.mmap(self.fd, size(width, height))
        self._sequence = 0
        _HEADER.pack_into(self._memory, 0, MAGIC, width, height, 0, 0)

    def write(self, luma: bytes | memoryview, at_ns: int) -> None:
        """Put one picture of exactly width × height bytes in place of the one before. Raises PreviewError."""
        if len(luma) != self.width * self.height:
            raise PreviewError("the picture has another size than was offered")
        self._begin()
        self._memory[HEADER_SIZE:] = luma
        self._end(at_ns)

    def clear(self) -> None:
        """Zero the picture: nobody needs it any more."""
        self._begin()
        self._memory[HEADER_SIZE:] = bytes(self.width * self.height)
        self._end(0)

    def _begin(self) -> None:
        self._sequence = (self._sequence + 1) & 0xFFFFFFFF
        _SEQUENCE.pack_into(self._memory, 12, self._sequence)

    def _end(self, at_ns: int) -> None:
        self._sequence = (self._sequence + 1) & 0xFFFFFFFF
        _HEADER.pack_into(self._memory, 0, MAGIC, self.width, self.height, self._sequence, at_ns)

    def close(self) -> None:
        """Zero and give back the memory."""
        self.clear()
        self._memory.close()
        os.close(self.fd)


class PreviewReader:
    """The screen's end. Raises PreviewError where the descriptor holds no preview.

    The memory has to be sealed: a file that its writer may shrink would end the process that has mapped it.
    """

    def __init__(self, fd: int) -> None:
        try:
            if fcntl.fcntl(fd, fcntl.F_GET_SEALS) & _SEALS != _SEALS:
                raise PreviewError("not sealed")
            length = os.fstat(fd).st_size
            if length <= HEADER_SIZE:
                raise PreviewError("too small")
            self._memory = mmap.mmap(fd, length, prot=mmap.PROT_READ)
        except OSError as error:
            raise PreviewError("not a memory file") from error
        magic, self.width, self.height, _, _ = _HEADER.unpack_from(self._memory)
        if magic != MAGIC or size(self.width, self.height) != length:
            self._memory.close()
            raise PreviewError("not a preview")

    def read(self, newer_than_ns: int = 0) -> Picture | None:
        """Return the newest picture; None where there is none, or none newer, or it is being written."""
        _, _, _, before, at_ns = _HEADER.unpack_from(self._memory)
        if before & 1 or at_ns <= newer_than_ns:
            return None
        luma = self._memory[HEADER_SIZE:]
        (after,) = _SEQUENCE.unpack_from(self._memory, 12)
        return Picture(self.width, self.height, at_ns, luma) if after == before else None

    def close(self) -> None:
        """Unmap the memory."""
        self._memory.close()
