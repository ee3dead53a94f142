"""What people enter into a form, made uniform: dates, phone numbers, names, numbers, free text. Pure.

Each function takes what was entered and returns how it is kept, or raises ProblemError with what is wrong with it.
"""

import re
import unicodedata
from datetime import date
from decimal import Decimal
from enum import StrEnum

MAX_NAME = 100
MAX_TEXT = 200
EARLIEST = date(1900, 1, 1)
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
_VIETNAMESE = re.compile(r"\+84[235789][0-9]{8,9}")
"""Mobile numbers have nine digits after 84, those of houses ten."""
_IN_NAMES = " '\u2019.-"
_FILLING = re.compile(r"[\s().-]+")


class Problem(StrEnum):
    """What is wrong with an answer; the sentences are `form.problem_…` in `kiosk/api/sentences`."""

    MISSING = "missing"
    NOT_OFFERED = "not_offered"
    """None of the options; none but by a program."""
    NOT_TOGETHER = "not_together"
    """An option that excludes the others, with another one."""
    NO_DATE = "no_date"
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"
    NO_PHONE = "no_phone"
    NO_NAME = "no_name"
    NO_NUMBER = "no_number"
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    TOO_LONG = "too_long"
    NO_TEXT = "no_text"
    """Characters that are no writing."""


class ProblemError(ValueError):
    """An answer that cannot be taken. `problem` says why; what was entered is nowhere in it."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.value)
        self.problem = problem


def written(text: str, longest: int = MAX_TEXT) -> str:
    """Return a text in NFC with single spaces. Writing of any direction is taken, control characters are not.

    What steers the direction of writing is refused as well: a name never needs it, and with it a text reads otherwise
    than it is.
    """
    if len(text) > 4 * longest:
        raise ProblemError(Problem.TOO_LONG)
    text = " ".join(unicodedata.normalize("NFC", text).split())
    if any(unicodedata.category(one)[0] == "C" for one in text):
        raise ProblemError(Problem.NO_TEXT)
    if len(text) > longest:
        raise ProblemError(Problem.TOO_LONG)
    return text


def name(text: str) -> str:
    """Return a person's name: letters of any script, with what stands between them in names."""
    text = written(text, MAX_NAME)
    letters = sum(one.isalpha() for one in text)
    others = [one for one in text if not one.isalpha() and unicodedata.category(one)[0] != "M"]
    if letters < 2 or not set(_IN_NAMES).issuperset(others):
        raise ProblemError(Problem.NO_NAME)
    return text


def phone(text: str) -> str:
    """Return a phone number in E.164; one without a country's code is Vietnamese."""
    number = _FILLING.sub("", text)
    if number.startswith("00"):
        number = f"+{number[2:]}"
    elif number.startswith("0"):
        number = f"+84{number[1:]}"
    if number.startswith("+84") and not _VIETNAMESE.fullmatch(number):
        raise ProblemError(Problem.NO_PHONE)
    if not _PHONE.fullmatch(number):
        raise ProblemError(Problem.NO_PHONE)
    return number


def day(text: str, first: date, last: date) -> str:
    """Return a date of the calendar, from `first` to `last`, as YYYY-MM-DD."""
    try:
        found = date.fromisoformat(text) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None
    except ValueError:
        found = None
    if found is None:
        raise ProblemError(Problem.NO_DATE)
    if found < first:
        raise ProblemError(Problem.TOO_EARLY)
    if found > last:
        raise ProblemError(Problem.TOO_LATE)
    return found.isoformat()


def number(text: str, least: Decimal, most: Decimal, decimals: int) -> str:
    """Return a number from `least` to `most`, with a point and no more than `decimals` places; a comma is taken."""
    text = text.strip().replace(",", ".")
    match = re.fullmatch(r"-?[0-9]{1,9}(?:\.([0-9]{1,4}))?", text)
    if match is None or len(match[1] or "") > decimals:
        raise ProblemError(Problem.NO_NUMBER)
    value = Decimal(text)
    if value < least:
        raise ProblemError(Problem.TOO_SMALL)
    if value > most:
        raise ProblemError(Problem.TOO_LARGE)
    return f"{value.quantize(Decimal(1).scaleb(-decimals))}"
