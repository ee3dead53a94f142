"""The journal: all events of this kiosk, numbered, chained and durable (DESIGN section 5).

`open_journal` is the way in. `journal_file` opens and reads the file, `journal_records` writes it. Beside them are
`journal_retention` (what may be dropped), `journal_room` (how full it is), `journal_mark` (how far it had come),
`journal_ballast` (room for the last record), `journal_salvage` (what is read from a file that was set aside) and
`journal_keeper` (who does all that in time).
"""

from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from kiosk.adapters.day_keys import DayKeys
from kiosk.adapters.journal_file import CHECKED
from kiosk.adapters.journal_mark import Mark, place
from kiosk.adapters.journal_records import SqliteJournal
from kiosk.adapters.journal_retention import Retention
from kiosk.adapters.journal_rows import CorruptJournalError, GoneJournalError, UnfitJournalError, event_of
from kiosk.adapters.journal_salvage import SetAside
from kiosk.adapters.sealer import Sealer, SealingError
from kiosk.app.ports import Clock, JournalError
from kiosk.domain.events import Count, EventDraft, EventType

__all__ = [
    "CHECKED", "CorruptJournalError", "GoneJournalError", "Retention", "Sealer", "SealingError", "SqliteJournal",
    "event_of", "open_journal",
]  # fmt: skip

_UNSURE = Count(unsure=True)
"""The counts went with the file."""


def open_journal(
    path: Path, *, kiosk: str, boot: str, clock: Clock, sealer: Sealer, day_keys: DayKeys | None = None,
    retention: Retention | None = None,
) -> SqliteJournal:  # fmt: skip
    """Open a journal; an unfit file is set aside, never deleted, and a new one with a new epoch begun.

    The new journal's first event says so. Raises JournalError where no journal can be had.
    """
    def opened() -> SqliteJournal:
        return SqliteJournal(
            path, kiosk=kiosk, boot=boot, clock=clock, sealer=sealer, day_keys=day_keys, retention=retention
        )

    try:
        journal = opened()
    except UnfitJournalError as unfit:
        aside = _set_aside(path, unfit.fault, clock.now())
        journal = opened()
        data = {"fault": unfit.fault, "set_aside": aside.name}
        journal.append([EventDraft(EventType.FAULT_RAISED, data=data, count=_UNSURE), *_mode(aside, kiosk)])
    else:
        if journal.lost is not None:
            journal.append(_gone(journal.lost))
    journal.mark()
    return journal


def _set_aside(path: Path, fault: str, now: datetime) -> Path:
    """Rename the files of a journal, and return the new name of the first. Raises JournalError."""
    name = f"{path.name}.{fault.removeprefix('journal_')}-{now:%Y%m%dT%H%M%S}"
    number = 1
    while (aside := path.with_name(f"{name}-{number}" if number > 1 else name)).exists():
        number += 1
    try:
        # The mark goes last: as long as it is here, a start finds out what has happened.
        for suffix in ("", "-wal", "-shm"):
            old = path.with_name(path.name + suffix)
            if old.exists():
                old.rename(aside.with_name(aside.name + suffix))
        if place(path).exists():
            place(path).rename(place(aside))
    except OSError as error:
        raise JournalError("the unfit journal cannot be set aside") from error
    return aside


def _mode(aside: Path, kiosk: str) -> list[EventDraft]:
    """Return how the door was run: what was locked down is locked down in the new journal too."""
    mode = None
    with suppress(JournalError), closing(SetAside(aside, kiosk)) as old:
        mode = old.newest_mode()
    return [EventDraft(EventType.MODE_CHANGED, data=mode.data)] if mode is not None else []


def _gone(mark: Mark) -> list[EventDraft]:
    """Return what there is to say where a journal was that is gone."""
    raised = EventDraft(EventType.FAULT_RAISED, data={"fault": "journal_gone"}, count=_UNSURE)
    if mark.last <= mark.confirmed:
        return [raised]
    data = {"epoch": mark.epoch, "first": mark.confirmed + 1, "last": mark.last}
    return [raised, EventDraft(EventType.JOURNAL_GAP, data=data)]
