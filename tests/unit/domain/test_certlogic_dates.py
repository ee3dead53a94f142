from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kiosk.domain import certlogic_dates
from kiosk.domain.certlogic import CertLogicError, Problem
from kiosk.domain.certlogic_dates import date_of_birth, date_time, plus

NOON = datetime(2021, 6, 1, 12, 30, 15, tzinfo=UTC)
MILLISECONDS = timedelta(milliseconds=120)
YEARS = st.integers(-700_000, 2_900_000).map(lambda days: NOON + timedelta(days=days))
TEXTS = st.sampled_from(
    ["2021-06-01", "2021-06-01T12:30:15Z", "2021-06-01T12:30:15.120+02:00", "2021-06-01T12:30:15-0130"]
)


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("2021", datetime(2021, 12, 31, tzinfo=UTC)),
        ("2020-02", datetime(2020, 2, 29, tzinfo=UTC)),
        ("2021-02", datetime(2021, 2, 28, tzinfo=UTC)),
        ("2021-06-01", datetime(2021, 6, 1, tzinfo=UTC)),
    ],
)
def test_partial_dates_are_taken_as_the_last_day_that_they_may_mean(text, when):
    assert date_of_birth(text) == date_time(text) == when


@pytest.mark.parametrize("offset", ["", "Z", "+0", "+00", "-000", "+0000", "+0:00", "+00:00"])
@pytest.mark.parametrize(("fraction", "more"), [("", timedelta()), (".12", MILLISECONDS), (".1209999", MILLISECONDS)])
def test_the_formats_of_date_times(fraction, more, offset):
    assert date_time(f"2021-06-01T12:30:15{fraction}{offset}") == NOON + more


@pytest.mark.parametrize("offset", ["+2", "+02", "+200", "+0200", "+2:00", "+02:00"])
def test_offsets(offset):
    assert date_time(f"2021-06-01T14:30:15{offset}") == NOON
    assert date_time(f"2021-06-01T10:30:15.000{offset.replace('+', '-')}") == NOON
    assert date_time(f"2021-06-01T14:30:15{offset}").tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "", "21", "202", "20210601", "2021-6-1", "2021-13", "2021-02-30", "2021-06-01 12:30:15Z", "2021-06-01T12:30Z",
        "2021-06-01T24:00:00Z", "2021-06-01T12:30:60Z", "2021-06-01T12:30:15+24:00", "2021-06-01T12:30:15+1:",
        "2021-06-01T12:30:15,120Z", "2021-W01-1", "2021-06-01T12:30:15.Z", "0000-01-01", "0000", "٢٠٢١", " 2021",
        "2021-06-01T12:30:15+01:00:30", "0001-01-01T00:00:00+01:00", "2021-06-01T12:30:15." + "1" * 60,
    ],
)  # fmt: skip
def test_what_is_no_date(text):
    with pytest.raises(CertLogicError) as caught:
        date_time(text)
    assert caught.value.problem is Problem.BAD_DATE


def test_a_date_of_birth_has_no_time():
    with pytest.raises(CertLogicError):
        date_of_birth("2021-06-01T00:00:00Z")


def test_only_a_string_is_read_as_a_date():
    with pytest.raises(CertLogicError) as caught:
        date_time(2021)
    assert caught.value.problem is Problem.WRONG_TYPE


@pytest.mark.parametrize(
    ("start", "amount", "unit", "end"),
    [
        ("2020-02-29", 1, "day", "2020-03-01"),
        ("2020-02-29", 1, "month", "2020-03-29"),
        ("2020-02-29", 1, "year", "2021-03-01"),
        ("2021-01-31", 1, "month", "2021-03-03"),
        ("2021-03-31", -1, "month", "2021-03-03"),
        ("2021-12-15", 1, "month", "2022-01-15"),
        ("2021-01-15", -1, "month", "2020-12-15"),
        ("2021-01-15", -25, "month", "2018-12-15"),
        ("2021-03-28", 24, "hour", "2021-03-29"),
        ("2021-06-01", 0, "year", "2021-06-01"),
    ],
)
def test_adding_as_ecmascript_does(start, amount, unit, end):
    assert plus(date_time(start), amount, unit) == date_time(end)


@pytest.mark.parametrize(("amount", "unit"), [(8000, "year"), (-2021, "year"), (10**30, "day"), (-(10**9), "hour")])
def test_a_date_outside_the_calendar(amount, unit):
    with pytest.raises(CertLogicError) as caught:
        plus(NOON, amount, unit)
    assert caught.value.problem is Problem.BAD_DATE


@given(YEARS, st.integers(-300, 300))
def test_days_and_hours_can_be_taken_back(when, amount):
    assert plus(plus(when, amount, "day"), -amount, "day") == when
    assert plus(when, amount * 24, "hour") == plus(when, amount, "day")


def changed(parts):
    text, at, piece = parts
    return text[: at % len(text)] + piece + text[at % len(text) + 1 :]


@given(st.tuples(TEXTS, st.integers(0, 40), st.text("0123456789-+:.,TZW \u0663", max_size=2)).map(changed) | TEXTS)
@example("2021-W01-1")
def test_the_quick_way_reads_what_the_long_way_reads(text):
    def tried(read):
        try:
            return read(text)
        except ValueError:
            return None

    assert tried(date_time) == (tried(certlogic_dates._full) or tried(certlogic_dates._partial))
