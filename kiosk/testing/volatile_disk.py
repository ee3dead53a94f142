"""A disk with a cache of its own that a power cut empties: a file served by FUSE, for a loop device to stand on.

What is written is readable at once, and stays only once the kernel has asked for a flush: the loop device makes one
of every barrier of its file system, and FUSE hands it on as FSYNC. A real disk may keep any part of the rest; so does
`cut`, by a seed. Only what FUSE asks of one file is answered (linux/fuse.h, protocol 7.31), which root may mount
without any other program.
"""

import ctypes
import errno
import os
import random
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import IntEnum
from pathlib import Path

_IN, _OUT = struct.Struct("<IIQQIIIHH"), struct.Struct("<IiQ")
_ATTR = struct.Struct("<QQQQQQIIIIIIIIII")
_IO = struct.Struct("<QQIIQII")


class _Op(IntEnum):
    """What FUSE asks."""

    LOOKUP = 1
    FORGET = 2
    GETATTR = 3
    SETATTR = 4
    OPEN = 14
    READ = 15
    WRITE = 16
    STATFS = 17
    RELEASE = 18
    FSYNC = 20
    FLUSH = 25
    """A descriptor is closed; of the disk's cache it says nothing."""
    INIT = 26
    INTERRUPT = 36
    DESTROY = 38
    BATCH_FORGET = 42


_UNANSWERED = frozenset({_Op.FORGET, _Op.INTERRUPT, _Op.BATCH_FORGET})
_ROOT, _FILE = 1, 2
_MAX_WRITE = 128 << 10
_DIRECT_IO = 1
"""No page cache above this file: every write comes here before it counts as made."""
_MNT_DETACH = 2
_SECTOR = 512
NAME = "disk"


class VolatileDisk:
    """The one file. `content` is what is read; `_stable` is what a cut leaves for sure."""

    def __init__(self, content: bytes) -> None:
        self.content, self._stable = bytearray(content), bytearray(content)
        self._cached: list[tuple[int, bytes]] = []
        self._lock = threading.Lock()
        self.flushes = 0

    def write(self, offset: int, data: bytes) -> None:
        """Take what is written, into the cache."""
        with self._lock:
            self.content[offset : offset + len(data)] = data
            self._cached += [(offset + at, data[at : at + _SECTOR]) for at in range(0, len(data), _SECTOR)]

    def flush(self) -> None:
        """Keep everything for good."""
        with self._lock:
            self.flushes += 1
            for offset, data in self._cached:
                self._stable[offset : offset + len(data)] = data
            self._cached.clear()

    def cut(self, seed: int = 0, share: float = 0.0) -> tuple[bytes, int]:
        """Return what is left when the power goes now, and how many sectors are gone that had been written.

        Of the sectors that were not flushed about this `share` of 1 is left all the same.
        """
        chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
        with self._lock:
            left, gone = bytearray(self._stable), 0
            for offset, data in self._cached:
                if chance.random() < share:
                    left[offset : offset + len(data)] = data
                else:
                    gone += 1
        return bytes(left), gone


@contextmanager
def served(disk: VolatileDisk, at: Path) -> Iterator[Path]:
    """Serve a disk as a file below the folder `at`. Raises OSError."""
    at.mkdir(exist_ok=True)
    fd = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
    try:
        _call("mount", b"volatile", bytes(at), b"fuse", 0, b"fd=%d,rootmode=40000,user_id=0,group_id=0" % fd)
        thread = threading.Thread(target=_serve, args=(fd, disk), name="volatile-disk", daemon=True)
        thread.start()
        try:
            yield at / NAME
        finally:
            _call("umount2", bytes(at), _MNT_DETACH)
            thread.join(10)
    finally:
        os.close(fd)


def _call(name: str, *arguments: object) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _serve(fd: int, disk: VolatileDisk) -> None:
    while True:
        try:
            request = os.read(fd, _MAX_WRITE + 8192)
        except InterruptedError:
            continue
        except OSError:  # ENODEV: unmounted
            return
        _, opcode, unique, node, *_ = _IN.unpack_from(request)
        if opcode in _UNANSWERED:
            continue
        answer, error = b"", 0
        try:
            answer = _answer(disk, opcode, node, request[_IN.size :])
        except OSError as problem:
            error = -(problem.errno or errno.EIO)
        with suppress(FileNotFoundError):  # whoever asked was killed, and waits for no answer
            os.write(fd, _OUT.pack(_OUT.size + len(answer), error, unique) + answer)


def _answer(disk: VolatileDisk, opcode: int, node: int, said: bytes) -> bytes:
    """Return the body of an answer. Raises OSError for what cannot be."""
    size = len(disk.content)
    match opcode:
        case _Op.INIT:  # major, minor, readahead, flags, background, congestion, max_write, granularity, pages …
            return struct.pack("<IIIIHHIIHHI28x", 7, 31, 0, 0, 16, 12, _MAX_WRITE, 1, 0, 0, 0)
        case _Op.LOOKUP:
            if said.rstrip(b"\0") != NAME.encode():
                raise FileNotFoundError(errno.ENOENT, "there is one file only")
            return struct.pack("<QQQQII", _FILE, 0, 3600, 3600, 0, 0) + _attributes(_FILE, size)
        case _Op.GETATTR | _Op.SETATTR:
            return struct.pack("<QII", 3600, 0, 0) + _attributes(node, size)
        case _Op.OPEN:
            return struct.pack("<QII", 1, _DIRECT_IO, 0)
        case _Op.READ:
            _, offset, length, *_ = _IO.unpack_from(said)
            return bytes(disk.content[offset : offset + length])
        case _Op.WRITE:
            _, offset, length, *_ = _IO.unpack_from(said)
            disk.write(offset, said[_IO.size : _IO.size + length])
            return struct.pack("<II", length, 0)
        case _Op.FSYNC:
            disk.flush()
            return b""
        case _Op.STATFS:
            return struct.pack("<QQQQQIIII24x", size >> 12, 0, 0, 2, 0, 4096, 255, 4096, 0)
        case _Op.RELEASE | _Op.FLUSH | _Op.DESTROY:
            return b""
        case _:
            raise OSError(errno.ENOSYS, "not needed here")


def _attributes(node: int, size: int) -> bytes:
    mode, length = (0o040755, 0) if node == _ROOT else (0o100600, size)
    return _ATTR.pack(node, length, length >> 9, 0, 0, 0, 0, 0, 0, mode, 1, 0, 0, 0, 4096, 0)
