"""A journal that cannot be opened at first: an error for every use, and the real one as soon as it can be."""

import pytest

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.journal import Sealer, open_journal
from kiosk.adapters.late_journal import LateJournal
from kiosk.app.ports import JournalError, JournalHead
from kiosk.domain.events import EventDraft, EventType

NOTE = EventDraft(EventType.KIOSK_STARTED)


def test_it_is_opened_at_the_first_write_after_the_obstacle_has_gone(tmp_path):
    obstacle = tmp_path / "state"
    obstacle.write_text("a file where the folder should be")

    def opener():
        return open_journal(obstacle / "j.db", kiosk="k", boot="b", clock=SystemClock(), sealer=Sealer(None))

    journal = LateJournal(opener)
    assert journal.problem
    assert journal.head() == JournalHead("", 0, 0)
    for use in (lambda: journal.append([NOTE]), lambda: journal.read(0, 1), lambda: journal.confirm(1)):
        with pytest.raises(JournalError):
            use()
    obstacle.unlink()
    (event,) = journal.append([NOTE])
    assert event.seq == 1
    assert journal.head().last == 1
    assert list(journal.read(0, 1)) == [event]
    assert journal.confirm(1) == 1
    journal.close()


def take_all(path):
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink()


def take_the_wal(path):
    path.with_name(path.name + "-wal").unlink()


def put_something_else(path):
    take_all(path)
    path.write_text("no journal")


@pytest.mark.parametrize(("harm", "said"), [
    # Of a write-ahead log alone nothing is lost: SQLite has it open, and writes it back when the file is given up.
    (take_all, ["journal_gone"]), (take_the_wal, []), (put_something_else, ["journal_corrupt"]),
])  # fmt: skip
def test_no_record_goes_into_a_file_that_was_taken_away_and_the_next_one_says_so(tmp_path, harm, said):
    path = tmp_path / "j.db"

    def opener():
        return open_journal(path, kiosk="k", boot="b", clock=SystemClock(), sealer=Sealer(None))

    journal = LateJournal(opener)
    journal.append([NOTE])
    harm(path)
    with pytest.raises(JournalError):
        journal.append([NOTE])
    (event,) = journal.append([NOTE])
    assert [e.data["fault"] for e in journal.read(0, 9) if "fault" in e.data] == said
    journal.close()
    again = LateJournal(opener)
    assert list(again.read(event.seq - 1, 9)) == [event]
    again.close()
