"""Look-up and tracing at the touchscreen: on record first, and nothing personal in the answer."""

import asyncio
import json
from datetime import date, timedelta

import pytest

from kiosk.api.manager import LookUp, TraceVisits
from kiosk.app.manager_books_people import PeopleDesk
from kiosk.app.ports import JournalError
from kiosk.domain.credential import Holder
from kiosk.domain.events import EventType
from kiosk.domain.look_up import LookUpReason
from kiosk.domain.staff import Refused, RefusedError, Staff, StaffRole
from kiosk.testing.guest_book import ANH, BINH, HANOI, MORNING, GuestBook

MANAGER = Staff(StaffRole.MANAGER, "office")
WHY = LookUpReason.AUTHORITY
EIGHT = MORNING.astimezone(HANOI)
MINUTE = timedelta(minutes=1)
STRANGER = Holder("Lê", "Chi", "1970-01-01")


@pytest.fixture
def book(tmp_path):
    book = GuestBook(tmp_path)
    yield book
    book.close()


def desk_of(book, opened=None):
    async def record(drafts):
        book.journal.append(drafts)

    return PeopleDesk(opened or book.books, record, HANOI, 60)


def look_up(book, **asked):
    return asyncio.run(desk_of(book).look_up(LookUp(**{"reason": WHY, **asked}), MANAGER))


def trace(book, *visits, margin_min=0, **more):
    ask = TraceVisits(**{"reason": WHY, "visits": visits, "margin_min": margin_min, **more})
    return asyncio.run(desk_of(book).trace(ask, MANAGER))


def recorded(book):
    return [dict(one.data) for one in book.journal.read(0, 100) if one.type is EventType.RECORDS_CONSULTED]


def met(answer):
    return [one.seq for one in answer.contacts]


# was this person here?


def test_a_number_tells_times_and_directions(book):
    book.admit(number="001190012345", minutes=30)
    book.admit(number="001190012345", way="exit")
    found = look_up(book, number="001 190 012345")
    assert [(one.seq, one.at, one.direction) for one in found.visits] == [
        (2, EIGHT + 30 * MINUTE, "exit"), (1, EIGHT, "entry"),
    ]  # fmt: skip
    assert (found.more, found.days) == (False, 1)


def test_a_name_needs_its_birth_date(book):
    book.admit()
    assert [one.seq for one in look_up(book, name="nguyen thi anh", born=date(1990, 8, 15)).visits] == [1]
    assert look_up(book, name="nguyen thi anh", born=date(1990, 8, 16)).visits == ()
    with pytest.raises(RefusedError) as refused:
        look_up(book, name="nguyen thi anh")
    assert (refused.value.code, refused.value.detail) == (Refused.INVALID, "born")


@pytest.mark.parametrize(("asked", "field"), [
    ({"number": " - "}, "number"), ({"name": "?!", "born": date(1990, 8, 15)}, "name"),
])  # fmt: skip
def test_what_says_nobody_is_not_looked_up_nor_put_on_record(book, asked, field):
    with pytest.raises(RefusedError) as refused:
        look_up(book, **asked)
    assert (refused.value.code, refused.value.detail) == (Refused.INVALID, field)
    assert recorded(book) == []


@pytest.mark.parametrize("asked", [{}, {"number": "7", "name": "Ánh"}])
def test_a_question_by_neither_or_both_is_none(asked):
    with pytest.raises(ValueError, match="by a number, or by name"):
        LookUp(reason=WHY, **asked)


def test_a_look_up_is_on_record_with_who_and_why_and_without_whom(book):
    book.admit(number="001190012345")
    look_up(book, number="001190012345")
    (said,) = recorded(book)
    assert said == {"what": "person", "why": "authority", "by": "office", "role": "manager"}
    assert "001190012345" not in json.dumps(said)


def test_without_a_reason_nothing_is_read_nor_recorded(book):
    book.admit()
    for ask in (lambda: look_up(book, number="7", reason=None), lambda: trace(book, 1, reason=None)):
        with pytest.raises(RefusedError) as refused:
            ask()
        assert refused.value.code is Refused.REASON_MISSING
    assert recorded(book) == []


def test_nothing_is_read_before_it_is_on_record(book):
    def opened():
        raise AssertionError("the journal was opened")

    async def fails(_):
        raise JournalError("the disk is full")

    desk = PeopleDesk(opened, fails, HANOI, 60)
    for ask in (desk.look_up(LookUp(reason=WHY, number="7"), MANAGER),
                desk.trace(TraceVisits(reason=WHY, visits=(1,)), MANAGER)):  # fmt: skip
        with pytest.raises(RefusedError) as refused:
            asyncio.run(ask)
        assert refused.value.code is Refused.NOT_RECORDED


def test_what_is_typed_is_not_shown_in_an_error(book):
    assert "001190012345" not in repr(LookUp(reason=WHY, number="001190012345"))


# who shared this place and time?


def test_whoever_came_within_the_hour_that_a_stay_is_taken_for_is_a_contact(book):
    for number in range(4):
        book.admit(Holder("Lê", f"Chi {number}", "1970-01-01"), str(number), minutes=40)
    answer = trace(book, 2)
    assert (met(answer), answer.count, answer.unnamed) == ([1, 3], 2, 0)
    assert [(one.begins, one.ends, one.left, one.shared_s) for one in answer.contacts] == [
        (EIGHT, EIGHT + 60 * MINUTE, False, 1200), (EIGHT + 80 * MINUTE, EIGHT + 140 * MINUTE, False, 1200),
    ]  # fmt: skip
    assert [(one.seq, one.shared_s) for one in answer.stays] == [(2, 3600)]


def test_who_was_seen_to_leave_is_a_contact_of_nobody_who_came_later(book):
    book.admit(minutes=10)
    book.admit(way="exit", minutes=10)
    later = book.admit(BINH, "8")
    assert met(trace(book, later)) == []
    assert met(trace(book, later, margin_min=10)) == [1]


def test_who_stayed_all_day_is_a_contact_of_the_evening(book):
    book.admit(minutes=600)
    evening = book.admit(BINH, "8", minutes=10)
    book.admit(way="exit")
    answer = trace(book, evening)
    assert [(one.seq, one.left) for one in answer.contacts] == [(1, True)]


def test_the_exit_of_a_visit_stands_for_it(book):
    book.admit(minutes=10)
    other = book.admit(BINH, "8", minutes=10)
    away = book.admit(way="exit")
    assert met(trace(book, away)) == met(trace(book, 1)) == [other]


def test_a_night_is_one_stay(book):
    book.clock.advance(15 * 3600)
    book.admit(minutes=120)
    book.admit(BINH, "8", minutes=60)
    away = book.admit(way="exit")
    for asked in (1, away):
        answer = trace(book, asked)
        assert [(one.seq, one.shared_s) for one in answer.stays] == [(1, 3 * 3600)]
        assert met(answer) == [2]


def test_whoever_was_only_seen_to_leave_is_a_contact_of_who_came_before(book):
    book.admit(minutes=30)
    book.admit(BINH, "8", way="exit")
    assert met(trace(book, 1)) == [2]


def test_the_person_is_no_contact_of_themself(book):
    first = book.admit(minutes=20)
    second = book.admit(minutes=20)
    other = book.admit(BINH, "8")
    assert met(trace(book, first, second)) == met(trace(book, first)) == [other]


def test_several_visits_have_each_contact_once_by_the_longest_time(book):
    book.admit(minutes=30)
    other = book.admit(BINH, "8", minutes=20)
    second = book.admit()
    answer = trace(book, 1, second)
    assert [(one.seq, one.shared_s) for one in answer.contacts] == [(other, 2400)]


def test_days_after_another_are_looked_at_each_by_itself(book):
    book.admit()
    book.clock.advance(3 * 86_400)
    book.admit(STRANGER, "9", minutes=5)
    second = book.admit()
    assert met(trace(book, 1, second)) == [2]


def test_a_row_that_no_gate_has_written_ends_nothing_else(book):
    book.admit()
    book.journal._db.execute("UPDATE admissions SET at = 1 << 60")
    for ask in (lambda: look_up(book, number="7"), lambda: trace(book, 1)):
        with pytest.raises(RefusedError) as refused:
            ask()
        assert (refused.value.code, refused.value.detail) == (Refused.FAILED, "journal")


def test_a_contact_whom_nobody_can_name_is_counted(book):
    asked = book.admit()
    book.write(EventType.VISIT_ADMITTED, "staff-1", {"by": "desk", "direction": "entry", "reasons": []})
    answer = trace(book, asked)
    assert (answer.count, answer.unnamed) == (1, 1)


def test_a_trace_is_on_record_with_its_visits(book):
    book.admit()
    trace(book, 1, margin_min=15)
    said = {"what": "trace", "why": "authority", "visits": [1], "margin_min": 15, "by": "office", "role": "manager"}
    assert recorded(book) == [said]


def test_what_is_no_visit_cannot_be_traced(book):
    book.refuse("expired")
    with pytest.raises(RefusedError) as refused:
        trace(book, 1, 99)
    assert (refused.value.code, refused.value.detail) == (Refused.NOT_FOUND, "visits")


def test_nothing_personal_is_in_an_answer(book):
    book.admit(ANH, number="001190012345")
    book.admit(BINH, number="001081054321")
    said = trace(book, 1).model_dump_json() + look_up(book, number="001081054321").model_dump_json()
    assert not [word for word in ("Bình", "001081054321", "1981") if word in said]
