"""The manager's questions about the day, who was here, and the roster, put together in the gate process."""

import logging
from collections.abc import Iterator

from kiosk.adapters.day_keys import DayKeys
from kiosk.adapters.export_files import ExportFiles
from kiosk.adapters.journal_query import JournalQuery
from kiosk.adapters.local_roster import NAME, LocalRoster
from kiosk.app.books import OpenBooks
from kiosk.app.manager_books import BooksDesk
from kiosk.app.manager_books_export import ExportDesk, Stick
from kiosk.app.manager_books_people import PeopleDesk
from kiosk.app.manager_books_roster import RosterDesk
from kiosk.app.manager_desk import Handlers
from kiosk.app.shell import Shell
from kiosk.cli.run_parts import Parts
from kiosk.domain.document import DocumentKind

_log = logging.getLogger("kiosk")


def books_handlers(shell: Shell, parts: Parts) -> Iterator[Handlers]:
    """Return who answers them; a roster that is kept here comes into force."""
    zone, record, books = parts.door.zone, shell.recorder.record_now, _books(parts)
    yield BooksDesk(books, parts.door, lambda: shell.policy, parts.clock, shell.reception.pace).handlers()
    yield PeopleDesk(books, record, zone, parts.config.privacy.stay_minutes).handlers()
    yield RosterDesk(_local_roster(parts), record, parts.clock, zone, lambda: shell.policy.zone).handlers()


def export_handlers(shell: Shell, parts: Parts, stick: Stick) -> Handlers:
    """Return who takes events out, onto a stick."""
    zone, usual_min = parts.door.zone, parts.config.privacy.stay_minutes
    writer = ExportFiles(parts.config.kiosk.id, parts.clock, zone)
    return ExportDesk(_books(parts), shell.recorder.record_now, writer, stick, zone, usual_min).handlers()


def _books(parts: Parts) -> OpenBooks:
    state = parts.config.paths.state
    return lambda: JournalQuery(state / "journal.db", DayKeys(state / "day-keys"))


def _local_roster(parts: Parts) -> LocalRoster:
    kept = parts.documents.kept[DocumentKind.ROSTER]
    roster = LocalRoster(
        parts.config.paths.state / NAME, parts.documents.roster,
        lambda: str(kept.in_force.document.version) if kept.in_force is not None else None,
    )  # fmt: skip
    roster.restore()
    if roster.problem:
        _log.warning("%s", roster.problem)
    return roster
