"""The mark beside a journal, and copies of the database that somebody puts back."""

import shutil

import pytest

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.journal import Sealer, open_journal
from kiosk.adapters.journal_mark import Mark, MarkFile, place, read_mark
from kiosk.adapters.late_journal import LateJournal
from kiosk.app.ports import JournalError
from kiosk.domain.events import EventDraft, EventType

NOTE = EventDraft(EventType.KIOSK_STARTED)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "j.db"


def opened(path):
    return open_journal(path, kiosk="k", boot="b", clock=SystemClock(), sealer=Sealer(None))


def written(path, number):
    """Write events and stop the kiosk; return the journal's epoch."""
    journal = opened(path)
    journal.append([NOTE] * number)
    journal.close()
    return journal.head().epoch


def said(journal):
    """Return what the first events of a journal say of it."""
    return [event.data for event in journal.read(0, 9) if event.data]


def test_a_stopped_journal_leaves_its_mark(path):
    journal = opened(path)
    last = journal.append([NOTE] * 3)[-1]
    journal.confirm(2)
    journal.close()
    assert read_mark(place(path)) == Mark(journal.head().epoch, 3, last.hash, 2)


def test_a_mark_does_not_go_back_within_an_epoch(path):
    marks = MarkFile(path)
    marks.write(Mark("e", 9, "h"))
    marks.write(Mark("e", 7, "g", 5))
    assert read_mark(place(path)) == Mark("e", 9, "h", 5)
    marks.write(Mark("f", 1))
    assert read_mark(place(path)) == Mark("f", 1)


def test_a_mark_that_is_there_already_is_not_written_again(path):
    marks = MarkFile(path)
    marks.write(Mark("e", 9, "h"))
    before = place(path).stat().st_ino
    marks.write(Mark("e", 9, "h"))
    assert place(path).stat().st_ino == before


@pytest.mark.parametrize("harm", [b"", b"no mark", b"[1]", b'{"epoch": "e"}', b"[" * 5000])
def test_what_is_no_mark_is_none(path, harm):
    place(path).write_bytes(harm)
    assert read_mark(place(path)) is None


def test_a_mark_with_a_flipped_bit_is_none(path):
    MarkFile(path).write(Mark("e", 1234, "h"))
    place(path).write_text(place(path).read_text().replace("1234", "1235"))
    assert read_mark(place(path)) is None


def test_a_journal_without_a_mark_is_gone_on_with(path):
    epoch = written(path, 3)
    place(path).unlink()
    journal = opened(path)
    assert (journal.head().epoch, journal.head().last) == (epoch, 3)
    journal.close()
    assert read_mark(place(path)).last == 3


@pytest.mark.parametrize("since", [1, 250])
def test_a_copy_that_is_put_back_is_set_aside(path, tmp_path, since):
    epoch = written(path, 5)
    shutil.copy(path, tmp_path / "backup")
    written(path, since)
    shutil.copy(tmp_path / "backup", path)
    journal = opened(path)
    (fault,) = said(journal)
    assert fault["fault"] == "journal_restored"
    assert (tmp_path / fault["set_aside"]).read_bytes() == (tmp_path / "backup").read_bytes()
    assert read_mark(place(tmp_path / fault["set_aside"])).last == 5 + since
    assert journal.head().epoch != epoch
    journal.close()
    assert opened_again_says_the_same(path, journal)


def opened_again_says_the_same(path, journal):
    again = opened(path)
    again.close()
    return again.head() == journal.head()


def test_a_copy_from_before_the_file_was_damaged_is_set_aside(path, tmp_path):
    written(path, 5)
    shutil.copy(path, tmp_path / "backup")
    path.write_bytes(b"no journal" * 1000)
    opened(path).close()
    shutil.copy(tmp_path / "backup", path)
    journal = opened(path)
    assert said(journal)[0]["fault"] == "journal_restored"
    journal.close()


def test_a_copy_that_went_on_elsewhere_is_set_aside(path, tmp_path):
    """It is as long as the journal was, and says other things."""
    written(path, 5)
    for suffix in ("", ".mark"):
        shutil.copy(path.with_name(path.name + suffix), tmp_path / f"backup{suffix}")
    written(path, 2)
    mark = place(path).read_bytes()
    for suffix in ("", ".mark"):
        shutil.copy(tmp_path / f"backup{suffix}", path.with_name(path.name + suffix))
    written(path, 2)
    place(path).write_bytes(mark)
    journal = opened(path)
    assert said(journal)[0]["fault"] == "journal_restored"
    journal.close()


def test_the_journal_of_another_kiosk_is_set_aside(path):
    written(path, 5)
    journal = open_journal(path, kiosk="other", boot="b", clock=SystemClock(), sealer=Sealer(None))
    assert said(journal)[0]["fault"] == "journal_foreign"
    journal.close()


def test_a_journal_that_is_gone_is_missed(path):
    journal = opened(path)
    journal.append([NOTE] * 5)
    journal.confirm(2)
    journal.close()
    path.unlink()
    epoch, journal = journal.head().epoch, opened(path)
    assert said(journal) == [{"fault": "journal_gone"}, {"epoch": epoch, "first": 3, "last": 5}]
    journal.close()


def test_of_a_journal_that_is_gone_and_was_confirmed_nothing_is_missing(path):
    journal = opened(path)
    journal.append([NOTE] * 5)
    journal.confirm(5)
    journal.close()
    path.unlink()
    journal = opened(path)
    assert said(journal) == [{"fault": "journal_gone"}]
    journal.close()


# The centre as a witness: the mark was put back together with the database


def put_back_with_its_mark(path, tmp_path):
    written(path, 5)
    for suffix in ("", ".mark"):
        shutil.copy(path.with_name(path.name + suffix), tmp_path / f"backup{suffix}")
    written(path, 10)
    for suffix in ("", ".mark"):
        shutil.copy(tmp_path / f"backup{suffix}", path.with_name(path.name + suffix))


def test_a_confirmation_beyond_the_last_number_begins_a_new_journal(path, tmp_path):
    put_back_with_its_mark(path, tmp_path)
    journal = LateJournal(lambda: opened(path))
    epoch = journal.head().epoch
    assert journal.confirm(15) == 0
    assert said(journal)[0]["fault"] == "journal_restored"
    assert journal.head().epoch != epoch
    (aside,) = [place.name for place in tmp_path.glob("j.db.restored-*") if place.suffix != ".mark"]
    assert read_mark(tmp_path / f"{aside}.mark").last == 15
    journal.append([NOTE])
    journal.close()


def test_such_a_confirmation_is_no_word_on_what_is_here(path):
    journal = opened(path)
    journal.append([NOTE] * 3)
    with pytest.raises(JournalError):
        journal.confirm(4)
    assert journal.head().confirmed == 0
    journal.close()
