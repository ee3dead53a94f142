"""The index of who was here: written with the admission, gone when that is taken back, unreadable without its key."""

import sqlite3
from contextlib import closing

import pytest

from kiosk.adapters.day_keys import DayKeys
from kiosk.adapters.entry_index import STEP
from kiosk.adapters.journal_retention import drop
from kiosk.domain.events import ClockConfidence, EventDraft, EventType
from kiosk.domain.look_up import asked_number, asked_person
from kiosk.testing.guest_book import BINH, MORNING, GuestBook

DAY = 86_400


@pytest.fixture
def book(tmp_path):
    book = GuestBook(tmp_path)
    yield book
    book.close()


def found(book, number="7"):
    with book.books() as books:
        return [(one.seq, one.entry) for one in books.found(asked_number(number), 10)]


def asked(book, query):
    with closing(sqlite3.connect(book.folder / "journal.db")) as db:
        return db.execute(query).fetchone()[0]


def rows(book, table="terms"):
    return asked(book, f"SELECT count(*) FROM {table}")  # noqa: S608 - names of tables


def test_who_was_let_in_is_found_the_newest_first(book):
    first, _, second = book.admit(), book.admit(BINH, "8"), book.admit(way="exit")
    assert found(book) == [(second, False), (first, True)]
    with book.books() as books:
        anh = books.found(asked_person("Nguyen Thi Anh", MORNING.date().replace(1990, 8, 15)), 10)
    assert [one.seq for one in anh] == [second, first]


def test_an_admission_that_is_taken_back_is_found_no_more(book):
    book.admit()
    book.annul("v1")
    assert found(book) == []
    assert (rows(book), rows(book, "admissions")) == (0, 0)


def test_of_a_visit_that_is_admitted_again_the_second_time_is_found(book):
    book.admit()
    book.annul("v1")
    book.visits = 0
    second = book.admit()
    assert found(book) == [(second, True)]


def pairs(book):
    with book.books() as books:
        return [(one.seq, one.pair) for one in books.passages(range(1, 100))]


def test_whoever_goes_out_is_paired_with_their_entry_and_with_nobody_elses(book):
    book.admit(minutes=10)
    book.admit(BINH, "8", minutes=10)
    book.admit(way="exit")
    assert pairs(book) == [(1, 3), (2, 0), (3, 1)]
    with book.books() as books:
        (entry,) = books.passages([1])
    assert entry.paired_at - entry.at == 1200


def test_whoever_stays_past_midnight_is_paired_all_the_same(book):
    book.clock.advance(15 * 3600)  # eleven in the evening in Hà Nội
    book.admit(minutes=120)
    book.admit(way="exit")
    assert pairs(book) == [(1, 2), (2, 1)]


def test_an_exit_is_paired_once_and_after_a_day_not_at_all(book):
    book.admit(minutes=10)
    book.admit(way="exit")
    book.admit(way="exit", minutes=10)
    assert pairs(book) == [(1, 2), (2, 1), (3, 0)]
    book.admit(minutes=24 * 60 + 1)
    book.admit(way="exit")
    assert pairs(book)[3:] == [(4, 0), (5, 0)]


def test_whoever_came_twice_goes_out_by_the_newest_entry(book):
    book.admit(minutes=10)
    book.admit(minutes=10)
    book.admit(way="exit")
    assert pairs(book) == [(1, 0), (2, 3), (3, 2)]


def test_an_exit_that_is_taken_back_leaves_the_person_inside(book):
    book.admit(minutes=10)
    book.admit(way="exit")
    book.annul("v2")
    assert pairs(book) == [(1, 0)]
    book.admit(way="exit")
    assert pairs(book) == [(1, 4), (4, 1)]


def test_an_entry_that_is_taken_back_leaves_an_exit_without_a_beginning(book):
    book.admit(minutes=10)
    book.admit(way="exit")
    book.annul("v1")
    assert pairs(book) == [(2, 0)]


def test_whoever_is_refused_is_not_found(book):
    book.journal.append([EventDraft(EventType.VISIT_DENIED, "v9", terms=asked_number("7"))])
    assert found(book) == []
    assert rows(book) == 0


def test_a_person_is_found_on_several_days_under_several_keys(book):
    first = book.admit()
    book.clock.advance(DAY)
    second = book.admit()
    assert found(book) == [(second, True), (first, True)]
    kinds = asked(book, "SELECT count(DISTINCT term) FROM terms")
    assert kinds == rows(book), "one person has different hashes on different days"


def test_nothing_that_a_document_says_stands_in_the_file(book):
    book.admit(number="001190012345")
    content = b"".join(path.read_bytes() for path in book.folder.glob("journal.db*"))
    assert not [word for word in (b"001190012345", b"NGUYEN", "Ánh".encode(), b"1990-08-15") if word in content]


def test_after_the_retention_key_rows_and_answers_are_gone(book):
    book.admit()
    book.clock.advance(22 * DAY)
    later = book.admit()
    book.journal.forget_kept()
    assert found(book) == [(later, True)]
    assert [book.journal.tidy(), book.journal.tidy()] == [True, False]
    assert rows(book, "admissions") == 1
    with book.books() as books:
        assert books.days() == 1


def test_rows_of_days_that_are_over_go_in_steps(book):
    book.journal.append([EventDraft(EventType.VISIT_ADMITTED, f"m{n}", terms=(b"x",)) for n in range(STEP + 1)])
    book.clock.advance(22 * DAY)
    book.admit()
    book.journal.forget_kept()
    left = []
    while book.journal.tidy():
        left.append(rows(book, "admissions"))
    assert left == [2, 1]
    assert rows(book) == 3


def test_a_copy_of_the_file_without_the_key_tells_nobody(book):
    book.admit()
    (key,) = (book.folder / "day-keys").iterdir()
    key.unlink()
    assert found(book) == []
    assert rows(book) > 0


def test_what_is_dropped_from_the_journal_is_found_no_more(book):
    first, second = book.admit(), book.admit()
    with closing(sqlite3.connect(book.folder / "journal.db")) as db, db:
        drop(db, first)
    assert found(book) == [(second, True)]


def test_before_the_date_is_known_people_are_found_as_well(book):
    book.clock.confidence_is = ClockConfidence.UNSET
    seq = book.admit()
    assert found(book) == [(seq, True)]


def test_without_a_key_of_the_day_people_come_in_and_are_not_found(tmp_path):
    (tmp_path / "day-keys").write_text("no folder")
    book = GuestBook(tmp_path)
    assert book.admit() == 1
    assert (rows(book), rows(book, "admissions")) == (0, 0)
    book.close()


def test_a_journal_from_before_there_was_an_index_gets_one(tmp_path):
    book = GuestBook(tmp_path)
    book.admit()
    for table in ("terms", "admissions"):
        book.journal._db.execute(f"DROP TABLE {table}")
    book.close()
    book = GuestBook(tmp_path, visits=1)
    seq = book.admit()
    assert found(book) == [(seq, True)]
    book.close()


def test_a_full_journal_records_the_admission_and_leaves_the_index_out(book):
    draft = EventDraft(EventType.VISIT_ADMITTED, "v1", terms=(b"a", b"b"))
    book.journal._commit([draft], {}, inputs=False)
    assert (rows(book), rows(book, "events")) == (0, 1)


def test_two_uses_of_a_key_give_different_hashes(book):
    keys = DayKeys(book.folder / "other", clock=book.clock)
    (day, (one, other)) = keys.hash_terms([b"a", b"b"])
    assert day == "2026-06-01"
    assert one != other
    assert list(keys.hashes_of([b"b", b"a"])) == [other, one]
