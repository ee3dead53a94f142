"""A journal without room: the last record says so, nothing is admitted, and it goes on by itself."""

import pytest

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.journal import Retention, Sealer, SqliteJournal
from kiosk.adapters.journal_ballast import SIZE, Ballast
from kiosk.adapters.journal_room import Room, alarms
from kiosk.app.ports import JournalError
from kiosk.domain.events import EventDraft, EventType

NOTE = EventDraft(EventType.KIOSK_STARTED)
BIG = EventDraft(EventType.VISIT_DENIED, data={"filler": "x" * 50_000})
RAISED, CLEARED = EventType.FAULT_RAISED, EventType.FAULT_CLEARED


def opened(folder, **options):
    settings = {"max_mb": 8, "keep_days": 30, **options}
    return SqliteJournal(
        folder / "j.db", kiosk="k", boot="b", clock=SystemClock(), sealer=Sealer(None), retention=Retention(**settings)
    )


@pytest.fixture
def journal(tmp_path):
    journal = opened(tmp_path)
    yield journal
    journal.close()


def fill(journal):
    """Write until nothing fits; return the number of the last event of these."""
    last = 0
    while True:
        try:
            last = journal.append([BIG])[-1].seq
        except JournalError:
            return last


def faults(journal, after):
    return [(event.type, event.data["fault"]) for event in journal.read(after, 100) if "fault" in event.data]


def test_the_last_record_says_that_the_journal_is_full(journal):
    last = fill(journal)
    assert faults(journal, last) == [(RAISED, "journal_full")]
    assert journal.read(last, 1)[0].data["of"] == "journal"


def test_it_is_said_once_however_often_a_record_is_tried(journal):
    last = fill(journal)
    for _ in range(3):
        with pytest.raises(JournalError):
            journal.append([BIG])
    assert journal.head().last == last + 1


def test_a_restart_says_it_no_second_time(tmp_path):
    journal = opened(tmp_path)
    last = fill(journal)
    journal.close()
    journal = opened(tmp_path)
    with pytest.raises(JournalError):
        journal.append([BIG])
    assert faults(journal, last) == [(RAISED, "journal_full")]
    journal.close()


def test_what_the_centre_confirms_makes_room_and_the_next_record_says_so(journal):
    journal.append([NOTE] * 1100)
    last = fill(journal)
    assert journal.confirm(last) == last
    (event,) = journal.append([NOTE])
    assert faults(journal, last) == [(RAISED, "journal_full"), (CLEARED, "journal_full")]
    assert event.seq == last + 3
    assert event.type is EventType.KIOSK_STARTED


def test_confirmed_events_make_room_before_anything_is_refused(journal):
    filler = EventDraft(EventType.KIOSK_STARTED, data={"filler": "x" * 5000})
    for _ in range(40):  # 40 MB in a file of 8, of which the newest 1,000 events are 5
        (*_, last) = journal.append([filler] * 200)
        journal.confirm(last.seq)
    assert journal.head().last == 8000
    assert not faults(journal, 0)


def test_without_a_centre_no_young_event_makes_room(tmp_path):
    journal = opened(tmp_path, has_centre=False)
    first = journal.append([NOTE] * 1100)[0]
    fill(journal)
    assert journal.read(0, 1)[0] == first
    journal.close()


# The ballast


def test_a_journal_holds_its_ballast(tmp_path, journal):
    ballast = tmp_path / "j.db.ballast"
    assert ballast.stat().st_size == SIZE
    assert ballast.stat().st_blocks * 512 >= SIZE, "of real blocks: an empty one would give nothing away"


def test_a_full_journal_has_freed_its_ballast(tmp_path, journal):
    fill(journal)
    assert not (tmp_path / "j.db.ballast").exists()


def test_ballast_is_held_and_freed(tmp_path):
    ballast = Ballast(tmp_path / "j.db")
    assert not ballast.is_held
    ballast.hold()
    assert ballast.is_held
    ballast.hold()
    ballast.free()
    assert not ballast.is_held
    ballast.free()


def test_room_beside_it_can_be_asked_for(tmp_path):
    ballast = Ballast(tmp_path / "j.db")
    with pytest.raises(OSError, match="full"):
        ballast.hold(beside=1 << 60)
    assert not ballast.is_held
    ballast.hold(beside=SIZE)
    assert ballast.is_held


def test_what_only_looks_like_ballast_is_made_real(tmp_path):
    with (tmp_path / "j.db.ballast").open("wb") as hollow:
        hollow.truncate(SIZE)
    ballast = Ballast(tmp_path / "j.db")
    assert not ballast.is_held
    ballast.hold()
    assert ballast.is_held


def test_without_room_for_the_ballast_there_is_none_for_a_record(tmp_path):
    """Then the next full disk could not be put on record."""
    (tmp_path / "j.db.ballast").mkdir()
    journal = opened(tmp_path)
    with pytest.raises(JournalError):
        journal.append([NOTE])
    (tmp_path / "j.db.ballast").rmdir()
    assert journal.append([NOTE])[0].seq == 1
    journal.close()


# Alarms

NONE, FILLING, BOTH = frozenset(), frozenset({"journal_filling"}), frozenset({"journal_filling", "journal_nearly_full"})


@pytest.mark.parametrize(("before", "used", "after", "said"), [
    (NONE, 0.799, NONE, []),
    (NONE, 0.80, FILLING, [(RAISED, "journal_filling")]),
    (FILLING, 0.85, FILLING, []),
    (FILLING, 0.90, BOTH, [(RAISED, "journal_nearly_full")]),
    (NONE, 0.95, BOTH, [(RAISED, "journal_filling"), (RAISED, "journal_nearly_full")]),
    (BOTH, 0.86, BOTH, []),
    (BOTH, 0.84, FILLING, [(CLEARED, "journal_nearly_full")]),
    (FILLING, 0.76, FILLING, []),
    (FILLING, 0.74, NONE, [(CLEARED, "journal_filling")]),
    (BOTH, 0.1, NONE, [(CLEARED, "journal_filling"), (CLEARED, "journal_nearly_full")]),
])  # fmt: skip
def test_alarms_are_raised_once_and_cleared_a_little_lower(before, used, after, said):
    standing, drafts = alarms(before, Room(used, 0.3))
    assert standing == after
    assert [(draft.type, draft.data["fault"]) for draft in drafts] == said


def test_an_alarm_names_the_fuller_one():
    _, (draft,) = alarms(NONE, Room(0.5, 0.81))
    assert draft.data == {"fault": "journal_filling", "of": "disk", "percent": 81}


def test_freed_pages_are_room(journal):
    journal.append([NOTE] * 1100)
    fill(journal)
    before = journal.filled()
    journal.confirm(journal.head().last)
    while journal.tidy():
        pass
    assert journal.filled() < before
