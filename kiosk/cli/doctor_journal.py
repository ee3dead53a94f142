"""What `kiosk doctor` finds of the journal: whether it can be read, is chained at its end, and has room."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from kiosk.adapters import journal_salvage
from kiosk.adapters.journal_reader import JournalReader
from kiosk.adapters.journal_room import FILLING, NEARLY_FULL, Room, disk_used
from kiosk.app.ports import JournalError
from kiosk.cli.doctor_state import Finding
from kiosk.cli.output import exists
from kiosk.config import KioskConfig

_DEAD_SHOWN = 5
_LOOKED_AT = 1000
"""Newest events whose chain is checked."""


def journal(config: KioskConfig | None, disk: Callable[[Path], float] = disk_used) -> Iterator[Finding]:
    """Look at the journal beside the gate process that writes it; one that is not there yet is made by the gate."""
    path = config.paths.state / "journal.db" if config else None
    if config is None or path is None or not exists(path):
        return
    try:
        with closing(JournalReader(path)) as reader:
            yield _found(reader, config, Room(reader.filled(config.journal.max_mb), disk(path.parent)))
            yield from _dead(reader)
    except JournalError as error:
        yield Finding("journal", "missing", str(error), "run this as root; docs/journal.md says what else it may be")
    yield from _set_aside(path)


def _found(reader: JournalReader, config: KioskConfig, room: Room) -> Finding:
    head = reader.head()
    waiting = f"{head.last - head.confirmed} not confirmed" if config.mqtt is not None else "no centre is configured"
    found = f"events: {head.last - reader.dropped}, {waiting}; {room.of} {room.percent} % full"
    if not reader.is_whole(max(reader.dropped, head.last - _LOOKED_AT)):
        step = "keep a copy of journal.db* and report it; the next start may set the file aside"
        return Finding("journal", "missing", f"{found}; the newest events are not one chain", step)
    if room.percent >= NEARLY_FULL:
        return Finding("journal", "missing", found, "make room: once it is full nobody is admitted (docs/journal.md)")
    if room.percent >= FILLING:
        return Finding("journal", "warning", found, "find out why the centre confirms nothing, or make room")
    return Finding("journal", "ok", found)


def _dead(reader: JournalReader) -> Iterator[Finding]:
    """Say which events the centre can only have a stand-in of."""
    if dead := reader.dead():
        newest = ", ".join(f"{seq} ({code})" for seq, code in list(dead.items())[-_DEAD_SHOWN:])
        found = f"events that could not be sent whole: {len(dead)}, the newest: {newest}"
        step = "raise the broker's packet limit; the events are here for as long as this kiosk keeps any"
        yield Finding("dead letters", "warning", found, step)


def _set_aside(path: Path) -> Iterator[Finding]:
    if waiting := [aside.name for aside in journal_salvage.waiting(path)]:
        step = "leave them there: the gate reads what it can"
        yield Finding("journal", "warning", f"set aside and not read yet: {', '.join(waiting)}", step)
