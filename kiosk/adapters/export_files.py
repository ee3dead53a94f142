"""Events as files for people and machines, to be carried away: streamed, checkable, and whole or not there at all.

A folder of its own, with `events.csv` for a spreadsheet, `events.jsonl` with each event as it goes over the wire (so
that its hash and what is sealed come with it), `manifest.json`, and `SHA256SUMS` for `sha256sum -c`. A trace has
`trace.json` in their place. The folder has its name only once everything in it is on the disk.
"""

import csv
import errno
import hashlib
import io
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import BinaryIO

from kiosk.app.books import Books, ExportError, Tracing
from kiosk.app.ports import Clock, JournalError
from kiosk.app.records import to_wire
from kiosk.app.tracing import for_authority
from kiosk.domain.events import Event
from kiosk.whole_file import sync_folder

BATCH = 500
FORMAT = "entrance-kiosk export 1"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would calculate, or run."""
_COLUMNS = ("number", "time", "clock", "type", "visit", "direction", "format", "kind", "reasons", "data")
_GONE = frozenset({errno.ENODEV, errno.EIO, errno.ENOENT, errno.EROFS, errno.ENXIO})


@dataclass(slots=True)
class _Sink:
    """A file that is written to the end, with its hash."""

    name: str
    file: BinaryIO
    size: int = 0
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def write(self, data: bytes) -> None:
        self.file.write(data)
        self.digest.update(data)
        self.size += len(data)


def cell(value: object) -> str:
    """Return a value as a cell that no spreadsheet takes for a formula."""
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


@dataclass(frozen=True, slots=True)
class ExportFiles:
    """Writes what a kiosk exports, as kiosk.app.books.ExportWriter. `zone`: the venue's, for the table's times."""

    kiosk: str
    clock: Clock
    zone: tzinfo = UTC

    def events(
        self, books: Books, into: Path, numbers: tuple[int, int],
        progress: Callable[[float, int], None] = lambda *_: None, cancelled: Callable[[], bool] = lambda: False,
    ) -> tuple[str, ...]:  # fmt: skip
        """Write the events from one number to another; return the names of the files, below `into`.

        Raises ExportError, JournalError.
        """
        first, last = numbers
        with self._folder(into, f"events-{first}-{last}") as folder:
            with _sink(folder / "events.csv") as table, _sink(folder / "events.jsonl") as lines:
                table.write("\ufeff".encode() + _row(_COLUMNS))
                count = 0
                for events in _batches(books, first, last):
                    if cancelled():
                        raise ExportError("cancelled")
                    table.write(b"".join(_row(_cells(event, self.zone)) for event in events))
                    lines.write(b"".join(to_wire(event).model_dump_json().encode() + b"\n" for event in events))
                    count += len(events)
                    progress((events[-1].seq - first + 1) / (last - first + 1), count)
            said = {"epoch": books.epoch, "first": first, "last": last, "events": count}
            return self._finish(folder, said, (table, lines))

    def trace(self, books: Books, into: Path, found: Tracing, *, why: str, margin_min: int) -> tuple[str, ...]:
        """Write who shared place and time, for the health authority. Raises ExportError."""
        said = for_authority(found, why=why, margin_min=margin_min)
        with self._folder(into, "trace") as folder:
            with _sink(folder / "trace.json") as sink:
                sink.write(_json({**self._origin(), "epoch": books.epoch, **said}))
            return self._finish(folder, {"epoch": books.epoch}, (sink,))

    def _origin(self) -> dict[str, object]:
        made = self.clock.now().astimezone(UTC).isoformat(timespec="seconds")
        return {"kiosk": self.kiosk, "made": made, "clock": self.clock.confidence().value, "time_zone": str(self.zone)}

    @contextmanager
    def _folder(self, into: Path, what: str) -> Iterator[Path]:
        """Make a folder that is taken away again where what is done in it fails. Raises ExportError."""
        draft = into / f".{self.kiosk}-{what}-{self.clock.now().astimezone(UTC):%Y%m%dT%H%M%SZ}"
        try:
            if not into.is_dir():
                raise ExportError("target_gone")
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir()
            yield draft
        except OSError as error:
            if isinstance(error, JournalError):
                raise
            raise ExportError(_code(error)) from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def _finish(self, folder: Path, said: Mapping[str, object], files: Sequence[_Sink]) -> tuple[str, ...]:
        """Write manifest and sums, and give the folder its name."""
        listed = [{"name": one.name, "bytes": one.size, "sha256": one.digest.hexdigest()} for one in files]
        with _sink(folder / "manifest.json") as manifest:
            manifest.write(_json({"format": FORMAT, **self._origin(), **said, "files": listed}))
        with _sink(folder / "SHA256SUMS") as sums:
            sums.write("".join(f"{one.digest.hexdigest()}  {one.name}\n" for one in (*files, manifest)).encode())
        sync_folder(folder)
        name = folder.name.removeprefix(".")
        folder.rename(folder.with_name(name))
        sync_folder(folder.parent)
        return tuple(f"{name}/{one.name}" for one in (*files, manifest, sums))


def _json(said: Mapping[str, object]) -> bytes:
    return json.dumps(said, ensure_ascii=False, indent=1).encode() + b"\n"


def _batches(books: Books, first: int, last: int) -> Iterator[Sequence[Event]]:
    after = first - 1
    while events := [event for event in books.read(after, BATCH) if event.seq <= last]:
        yield events
        after = events[-1].seq


def _cells(event: Event, zone: tzinfo) -> tuple[object, ...]:
    data = dict(event.data)
    reasons = data.pop("reasons", [])
    time = datetime.fromisoformat(event.time).astimezone(zone).isoformat(timespec="seconds")
    return (
        event.seq, time, event.clock.value, event.type.value, event.visit,
        *(data.pop(key, "") for key in ("direction", "format", "kind")),
        " ".join(map(str, reasons)) if isinstance(reasons, list) else reasons,
        json.dumps(data, ensure_ascii=False, sort_keys=True),
    )  # fmt: skip


def _row(values: Sequence[object]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerow(map(cell, values))
    return text.getvalue().encode("utf-8", "replace")


def _code(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return "no_space"
    return "target_gone" if error.errno in _GONE else "not_writable"


@contextmanager
def _sink(path: Path) -> Iterator[_Sink]:
    with path.open("xb") as file:
        yield _Sink(path.name, file)
        file.flush()
        os.fsync(file.fileno())
