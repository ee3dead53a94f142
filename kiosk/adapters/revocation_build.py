"""Builds the files of `kiosk.adapters.revocation_store` from any number of entries in bounded memory.

Entries are sorted in runs of 250,000 that go to a temporary folder beside the target, and the runs are merged into
the file, which then takes its name in one step. Nobody ever sees half a list.
"""

import hashlib
import heapq
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from kiosk.adapters.revocation_filter import Filter
from kiosk.adapters.revocation_store import (
    ID,
    MAX_COUNT,
    MAX_DATED,
    MAX_SOURCE,
    PAGE,
    PER_BLOCK,
    SIZE,
    Header,
    RevocationStore,
    pack_block,
    pack_dated,
)
from kiosk.domain.trust import TrustError
from kiosk.verify.revocation_lists import Revoked

RUN = 250_000
"""Entries that are sorted at a time: about 15 MB as Python keeps them."""
_READ = 4096 * SIZE


def build(
    target: Path, entries: Iterable[bytes | Revoked], *, source: str, version: int, now: datetime, run: int = RUN
) -> Header:
    """Write `entries` (bytes: withdrawn whenever issued) as the list `target`, and return its header.

    Raises TrustError where the target is a newer list of the same source, or of another one, and where something
    cannot be written or is no identifier.
    """
    if not 0 < len(source.encode()) <= MAX_SOURCE or "\0" in source:
        raise TrustError(f"the name of a source has 1 to {MAX_SOURCE} bytes")
    if not 0 <= version < 1 << 63:
        raise TrustError("the version is a number from 0 on")
    _refuse_older(target, source, version)
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".revocation-") as folder:
            content = hashlib.sha256(f"{source}\0{version}\0{now.isoformat()}".encode())
            runs, dated = _sort(Path(folder), entries, run, content)
            part = Path(folder) / "list"
            header = Header(source, version, now, 0, len(dated), content_id=content.digest()[:ID])
            header = _write(part, runs, dated, header)
            part.replace(target)
        _sync_folder(target.parent)
    except OSError as error:
        raise TrustError(f"{target}: cannot be written ({(error.strerror or 'error').lower()})") from error
    return header


def _refuse_older(target: Path, source: str, version: int) -> None:
    if not target.exists():
        return
    there = RevocationStore(target).header
    if there.source != source:
        raise TrustError(f"{target}: is the list of '{there.source}'; choose another name, one file a source")
    if version < there.version:
        raise TrustError(f"{target}: has version {there.version}, which is newer than {version}")


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _plain(entries: Iterable[bytes | Revoked], dated: dict[bytes, datetime]) -> Iterator[bytes]:
    """Yield what is withdrawn whenever it was issued; put the rest into `dated`, the latest moment of each."""
    for entry in entries:
        if isinstance(entry, bytes):
            identifier = entry
        elif entry.before is None:
            identifier = entry.identifier
        else:
            dated[entry.identifier] = max(entry.before, dated.get(entry.identifier, entry.before))
            if len(dated) > MAX_DATED:
                raise TrustError(f"more than {MAX_DATED} entries have a moment; cut the list up")
            continue
        if len(identifier) != SIZE:
            raise TrustError(f"an entry is no identifier of {SIZE} bytes")
        yield identifier


def _sort(
    folder: Path, entries: Iterable[bytes | Revoked], run: int, content: "hashlib._Hash"
) -> tuple[list[Path], dict[bytes, datetime]]:
    """Write the entries in sorted runs, and return these and what is dated. `content` takes up every run."""
    dated: dict[bytes, datetime] = {}
    runs: list[Path] = []
    plain = _plain(entries, dated)
    while piece := sorted(islice(plain, run)):
        if (len(runs) + 1) * run > MAX_COUNT + run:
            raise TrustError(f"more than {MAX_COUNT} entries")
        runs.append(folder / f"run-{len(runs)}")
        data = b"".join(piece)
        content.update(data)
        runs[-1].write_bytes(data)
    return runs, dated


def _entries(file: BinaryIO) -> Iterator[bytes]:
    while data := file.read(_READ):
        for at in range(0, len(data), SIZE):
            yield data[at : at + SIZE]


def _blocks(runs: list[BinaryIO]) -> Iterator[list[bytes]]:
    """Merge the runs into blocks of different identifiers in order."""
    block: list[bytes] = []
    last = b""
    for identifier in heapq.merge(*map(_entries, runs)):
        if identifier == last:
            continue
        last = identifier
        block.append(identifier)
        if len(block) == PER_BLOCK:
            yield block
            block = []
    if block:
        yield block


def _filter(out: BinaryIO, header: Header) -> bytearray:
    """Return the filter over the blocks that are in the file; its size is known only when they are counted."""
    made, left = Filter(bytearray(header.filter_size)), header.count
    out.seek(PAGE)
    for _ in range(header.blocks):
        page = out.read(PAGE)
        for at in range(0, SIZE * min(left, PER_BLOCK), SIZE):
            made.add(page[at : at + SIZE])
        left -= PER_BLOCK
    return made.data


def _write(part: Path, runs: list[Path], dated: dict[bytes, datetime], header: Header) -> Header:
    digest, fences, count = hashlib.sha256(), bytearray(), 0
    with ExitStack() as files, part.open("w+b") as out:
        out.write(bytes(PAGE))
        for number, block in enumerate(_blocks([files.enter_context(path.open("rb")) for path in runs])):
            page = pack_block(number, block, header.content_id)
            digest.update(page)
            fences += block[0]
            count += len(block)
            out.write(page)
        header = replace(header, count=count, blocks_sha256=digest.digest())
        index = _filter(out, header) + fences + b"".join(pack_dated(*item) for item in sorted(dated.items()))
        out.write(index)
        header = replace(header, index_sha256=hashlib.sha256(index).digest())
        out.seek(0)
        out.write(header.to_bytes())
        out.flush()
        os.fsync(out.fileno())
    part.chmod(0o644)
    return header
