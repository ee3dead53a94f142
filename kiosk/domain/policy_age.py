"""How old a person is by a birth date that may be partial, as real documents have it (`1990`, `1990-05`).

And which birth date that is, where a pass carries only a hash of it.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from kiosk.domain import birth_dates
from kiosk.domain.credential import Credential, Rejected, Verdict, Verification, Verified
from kiosk.domain.names import Likeness, compare, compare_names, same_person
from kiosk.domain.policy_terms import AdmitRule, MinorRule, Policy
from kiosk.domain.reasons import Reason
from kiosk.domain.situation import Direction, Situation

_MOST = 150


def years(birth_date: str, today: date) -> tuple[int, int] | None:
    """Return the least and the most completed years that a birth date allows; None where it says nothing.

    Who was born on 29 February turns a year older on 1 March of other years.
    """
    born = birth_dates.read(birth_date)
    if born is None:
        return None
    if not born.month:
        # A day of an unknown month may be any day of the year.
        born = birth_dates.BirthDate(born.year)
    month = born.month or 12
    try:
        first = date(born.year, born.month or 1, born.day or 1)
        last = date(born.year, month, born.day or _last_day(born.year, month))
    except ValueError:
        return None
    if first > today:
        return None
    least, most = _completed(last, today), _completed(first, today)
    return (max(least, 0), most) if most <= _MOST else None


def _last_day(year: int, month: int) -> int:
    """Return the number of days of a month. Raises ValueError for what is none."""
    return 31 if month == 12 else (date(year, month + 1, 1) - timedelta(days=1)).day


def _completed(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def is_under(birth_date: str, limit: int, today: date) -> bool:
    """Tell whether a person is surely younger than `limit` years: on every day that the birth date allows."""
    age = years(birth_date, today)
    return age is not None and age[1] < limit


def may_be_under(birth_date: str, limit: int, today: date) -> bool:
    """Tell whether a known birth date leaves it possible that a person is younger than `limit` years."""
    age = years(birth_date, today)
    return age is not None and age[0] < limit


def is_adult(birth_date: str, limit: int, today: date) -> bool:
    """Tell whether a person is surely `limit` years old."""
    age = years(birth_date, today)
    return age is not None and age[0] >= limit


def person_failures(
    rule: AdmitRule,
    policy: Policy,
    credential: Credential,
    evidence: Sequence[Verification],
    situation: Situation,
) -> Iterator[Reason]:
    """Yield what the holder's age speaks against; a partial birth date counts by the least favourable day."""
    today, minors = situation.now.date(), policy.minors
    age = years(signed_birth_date(credential, evidence), today)
    if age is not None:
        youngest = age[0]
    else:
        youngest = min((least for least, _ in _claimed_ages(credential, evidence, today)), default=_MOST)
    if rule.min_years or rule.max_years is not None:
        if youngest < rule.min_years:
            yield Reason.TOO_YOUNG
        elif age is None:
            yield Reason.AGE_UNKNOWN
        elif rule.max_years is not None and age[1] > rule.max_years:
            yield Reason.GROUP_NOT_ALLOWED
    if minors is None or minors.rule is not MinorRule.WITH_ADULT or situation.direction is not Direction.ENTRY:
        return
    if youngest < minors.under and not situation.with_adult:
        yield Reason.MINOR_ALONE


def signed_birth_date(credential: Credential, evidence: Sequence[Verification]) -> str:
    """Return the holder's birth date as the credential says it: itself, or by a hash that another piece's date fits.

    The other piece may be unsigned, as a citizen card is: the hash is signed, and no other day fits it. Empty where
    the credential says none, or nothing was shown that tells which day the hash stands for.
    """
    holder = credential.holder
    if holder.birth_date:
        return holder.birth_date
    # Without a birth date of its own nobody is the same person but by the hash (kiosk.domain.names).
    dates = (one.holder.birth_date for one in _pieces(evidence) if same_person(holder, one.holder))
    return next(filter(None, dates), "")


def _claimed_ages(
    credential: Credential, evidence: Sequence[Verification], today: date
) -> Iterator[tuple[int, int]]:
    """Yield the ages in other pieces of that name, for a credential whose own date nobody knows.

    They count against the holder alone: who shows a child's card is a child, and an adult's card makes nobody an
    adult, as anybody can print one. A date that the credential's hash does not fit is another person's.
    """
    for one in _pieces(evidence):
        age = years(one.holder.birth_date, today)
        if (
            age is not None
            and compare_names(credential.holder, one.holder) is Likeness.SAME
            and compare(credential.holder, one.holder) is not Likeness.DIFFERENT_BIRTH_DATE
        ):
            yield age


def _pieces(evidence: Sequence[Verification]) -> Iterator[Credential]:
    """Yield what is signed and valid, and what is unsigned: never what was found to be false or withdrawn."""
    for piece in evidence:
        match piece:
            case Verified(credential=one) | Rejected(verdict=Verdict.UNSIGNED, credential=Credential() as one):
                yield one
            case _:
                pass
