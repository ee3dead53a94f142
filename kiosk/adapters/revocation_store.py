"""Exact lists of millions of withdrawn credentials: one immutable file a source, looked up on disk.

The layout, in pages of 1,024 bytes, numbers big-endian:

| part | bytes |
|---|---|
| header | magic, counts, version, time, digests, id of the content, source; its own SHA-256 last |
| blocks | each up to 63 identifiers of 16 bytes in order, then CRC-32, number of the block, count, id of the content |
| filter | a Bloom filter over the blocks (kiosk.adapters.revocation_filter) |
| fences | the first identifier of each block |
| dated | identifier and Unix time: withdrawn is only what was issued before |

Filter, fences and dated entries are in memory: 1.5 bytes an entry. What the filter does not rule out is looked up in
exactly one block, which has the entry itself or has it not. Every block that is read proves itself by its checksum, its
number and its list's id: damage means RevocationUnavailableError, never 'not withdrawn', and so does a block of
another list that was copied over the open file, which the fences in memory know nothing of. Files are read by
`pread`, not mapped: no page of theirs counts as memory of this process, and a failing disk is an error instead of a
signal.
"""

import hashlib
import os
import struct
import sys
import weakref
import zlib
from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kiosk.adapters import revocation_filter
from kiosk.adapters.revocation_filter import Filter
from kiosk.domain.trust import RevocationUnavailableError, TrustError

SIZE = 16
PAGE = 1024
PER_BLOCK = 63
MAX_COUNT = 200_000_000
MAX_DATED = 65_536
MAX_SOURCE = 128
SUFFIX = ".revoked"

ID = 6
"""Bytes that tell one content from another."""

_MAGIC = b"KIOSKRV2"
_HEADER = struct.Struct(f">8sQIIQq32s32s{ID}s{MAX_SOURCE}s")
_FOOTER = struct.Struct(f">IIH{ID}s")
_BODY = PAGE - _FOOTER.size
_DATED = struct.Struct(f">{SIZE}sq")
_DIGEST = hashlib.sha256().digest_size
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says of itself."""

    source: str
    """Whose list it is; versions are compared within one source."""
    version: int
    built_at: datetime
    count: int
    """Entries without a moment."""
    dated: int
    blocks_sha256: bytes = bytes(_DIGEST)
    index_sha256: bytes = bytes(_DIGEST)
    """Of filter, fences and dated entries."""
    content_id: bytes = bytes(ID)
    """Stands in every block as well."""

    @property
    def blocks(self) -> int:
        """How many blocks there are."""
        return -(-self.count // PER_BLOCK)

    @property
    def filter_size(self) -> int:
        """How long the filter is, in bytes."""
        return revocation_filter.size(self.count)

    @property
    def file_size(self) -> int:
        """How long the file is, to the byte."""
        return PAGE * (1 + self.blocks) + self.filter_size + SIZE * self.blocks + _DATED.size * self.dated

    def to_bytes(self) -> bytes:
        """Return the first page of the file."""
        packed = _HEADER.pack(
            _MAGIC, self.count, self.blocks, self.dated, self.version, int(self.built_at.timestamp()),
            self.blocks_sha256, self.index_sha256, self.content_id, self.source.encode(),
        )  # fmt: skip
        return (packed + hashlib.sha256(packed).digest()).ljust(PAGE, b"\0")

    @classmethod
    def of(cls, page: bytes) -> "Header":
        """Read the first page. Raises TrustError."""
        packed, digest = page[: _HEADER.size], page[_HEADER.size : _HEADER.size + _DIGEST]
        if not page.startswith(_MAGIC) or len(page) != PAGE:
            raise TrustError("is no list made by `kiosk revocation build`")
        if hashlib.sha256(packed).digest() != digest or page[_HEADER.size + _DIGEST :].strip(b"\0"):
            raise TrustError("is damaged at its beginning; copy it again")
        _, count, blocks, dated, version, built, blocks_sum, index_sum, content, source = _HEADER.unpack(packed)
        try:
            when = datetime.fromtimestamp(built, UTC)
            name = source.rstrip(b"\0").decode()
            header = cls(name, version, when, count, dated, blocks_sum, index_sum, content)
        except (ValueError, OverflowError, OSError):
            raise TrustError("has a header that makes no sense") from None
        if blocks != header.blocks or count > MAX_COUNT or dated > MAX_DATED:
            raise TrustError("has a header that makes no sense")
        return header


def pack_block(number: int, identifiers: list[bytes], content_id: bytes) -> bytes:
    """Return the page that holds up to 63 identifiers, which are in order, of the list with this id."""
    count = len(identifiers)
    body = b"".join(identifiers).ljust(_BODY, b"\0")
    return body + _FOOTER.pack(_checksum(body, number, count), number, count, content_id)


def pack_dated(identifier: bytes, before: datetime) -> bytes:
    """Return a dated entry."""
    return _DATED.pack(identifier, int(before.timestamp()))


def _checksum(page: bytes, number: int, count: int) -> int:
    return zlib.crc32(memoryview(page)[:_BODY], (number << 8 ^ count) & 0xFFFFFFFF)


def _numbers(data: bytes) -> "array[int]":
    numbers = array("Q", data)
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers


class RevocationStore:
    """One open list. Look-ups may come from several threads; the file is never written.

    Opening checks the header, the size and everything that is kept in memory. Raises TrustError with the file's name.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError as error:
            raise TrustError(f"{path}: cannot be read ({(error.strerror or 'error').lower()})") from error
        weakref.finalize(self, os.close, self._fd)
        where = os.fstat(self._fd)
        self.place = (where.st_dev, where.st_ino)
        """Which file it is: another one may have the same name and content."""
        try:
            self.header = Header.of(self._read(PAGE, 0))
            self._load_index()
        except RevocationUnavailableError:
            raise TrustError(f"{path}: cannot be read; copy it again") from None
        except TrustError as error:
            raise TrustError(f"{path}: {error}") from error

    def _load_index(self) -> None:
        header = self.header
        at = PAGE * (1 + header.blocks)
        # Before anything is allocated for it: a header that was made up may claim anything.
        if os.fstat(self._fd).st_size != header.file_size:
            raise TrustError("is not as long as it should be; copy it again")
        index = self._read(header.file_size - at, at)
        if hashlib.sha256(index).digest() != header.index_sha256:
            raise TrustError("is damaged at its end; copy it again")
        begin, end = header.filter_size, header.filter_size + SIZE * header.blocks
        self._filter, dated = Filter(bytearray(memoryview(index)[:begin])), index[end:]
        halves = _numbers(index[begin:end])
        self._high, self._low = halves[::2], halves[1::2]
        try:
            self.dated: dict[bytes, datetime] = {
                identifier: datetime.fromtimestamp(before, UTC) for identifier, before in _DATED.iter_unpack(dated)
            }
        except (ValueError, OverflowError, OSError):
            raise TrustError("has a time that makes no sense") from None

    def _read(self, count: int, at: int) -> bytes:
        try:
            data = os.pread(self._fd, count, at)
        except OSError as error:
            raise RevocationUnavailableError from error
        if len(data) != count:
            raise RevocationUnavailableError
        return data

    def __len__(self) -> int:
        return self.header.count + len(self.dated)

    def __contains__(self, identifier: object) -> bool:
        """Tell whether the list has exactly this identifier. Raises RevocationUnavailableError."""
        if not isinstance(identifier, bytes) or len(identifier) != SIZE or not self._filter.may_have(identifier):
            return False
        high, low = int.from_bytes(identifier[:8], "big"), int.from_bytes(identifier[8:], "big")
        first = bisect_left(self._high, high)
        number = first - 1
        if first < len(self._high) and self._high[first] == high:  # blocks may begin with the same eight bytes
            number = bisect_right(self._low, low, first, bisect_right(self._high, high, first)) - 1
        if number < 0:
            return False
        page, end = self._block(number)
        at = page.find(identifier, 0, end)
        while at >= 0 and at % SIZE:  # across two entries, so that it is none
            at = page.find(identifier, at + 1, end)
        return at >= 0

    def _block(self, number: int) -> tuple[bytes, int]:
        """Read one block and prove it; return the page and where its entries end. Raises RevocationUnavailableError."""
        page = self._read(PAGE, PAGE * (1 + number))
        checksum, says, count, content_id = _FOOTER.unpack_from(page, _BODY)
        if (says, content_id) != (number, self.header.content_id):
            raise RevocationUnavailableError
        if not 0 < count <= PER_BLOCK or checksum != _checksum(page, number, count):
            raise RevocationUnavailableError
        return page, count * SIZE

    def check(self) -> None:
        """Read the whole file and compare its checksum. Raises TrustError with the file's name."""
        digest = hashlib.sha256()
        end = PAGE * (1 + self.header.blocks)
        try:
            for at in range(PAGE, end, _CHUNK):
                digest.update(self._read(min(_CHUNK, end - at), at))
        except RevocationUnavailableError:
            raise TrustError(f"{self.path}: cannot be read to its end; copy it again") from None
        if digest.digest() != self.header.blocks_sha256:
            raise TrustError(f"{self.path}: is damaged; copy it again")
