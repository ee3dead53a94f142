"""Whether two credentials name one person: names, as travel documents write them, and birth dates.

The one place where persons are compared; `docs/matching.md` has the rules with examples and why they are as they are.
What is tolerated is what documents do to a name, never what could be another person's: the last word of a Vietnamese
name tells siblings and twins apart, so nothing makes up for it.
"""

from enum import StrEnum
from itertools import product
from typing import NamedTuple

from kiosk.domain import birth_dates
from kiosk.domain.credential import Holder
from kiosk.domain.spelling import fold, foldings

__all__ = ["Likeness", "compare", "compare_names", "fold", "is_named", "same_person"]

CUT = frozenset({30, 31, 39})
"""Characters of the name in a machine-readable zone (ICAO Doc 9303 parts 5, 6 and 4): a longer one is cut there."""
_CUT_FIELD = 80
"""Characters of a name's field in an EU-format certificate (schema 1.3)."""
_LONG_WORD = 8
"""Letters that no Vietnamese syllable has (`nghiêng` has seven): such a word is several, written together."""
_MOST_WORDS = 16
"""Beyond so many words only equality counts: nobody's name has them, and a comparison stays cheap."""
GENDER = frozenset({"THI", "VAN"})
"""The middle words Thị and Văn, which say no more than woman or man, and which many documents leave out."""

Words = tuple[str, ...]


class Likeness(StrEnum):
    """What a comparison of two holders says."""

    SAME = "same"
    DIFFERENT_NAME = "different_name"
    DIFFERENT_BIRTH_DATE = "different_birth_date"
    NOT_NAMED = "not_named"
    """At least one of them has no name, or no birth date that can be read."""
    UNSURE = "unsure"
    """It may be the same person, or a twin: a document left out or turned round what tells them apart."""


class _Name(NamedTuple):
    """One spelling of a name. Where it is one field, nobody knows where the family name ends, and `given` is empty."""

    family: Words
    given: Words
    whole: Words
    """Both, family name first, as Vietnamese cards have them."""
    letters: str
    """All of them without the spaces."""
    is_cut: bool
    """Whether it is as long as names are that were cut at the end."""


def _name(family: str, given: str, raw: int) -> _Name:
    """Return a folded name. `raw`: characters of the one field that it came in, 0 where it came in two."""
    if not family:
        family, given = given, ""
    words, more = tuple(family.split()), tuple(given.split())
    zone = len(family) + (2 + len(given) if given else 0)
    is_cut = zone in CUT or raw in CUT or _CUT_FIELD in (len(family), len(given))
    return _Name(words, more, words + more, "".join(words + more), is_cut)


def _may_be_one(a: _Name, b: _Name) -> bool:
    """Tell by a cheap look whether two spellings have anything in common."""
    if max(len(a.whole), len(b.whole)) > _MOST_WORDS:
        return False
    return (
        not set(a.whole).isdisjoint(b.whole) or a.letters.startswith(b.letters) or b.letters.startswith(a.letters)
    )


def _names(holder: Holder) -> list[_Name]:
    """Return the spellings of a holder: as it is written, and as the issuer folded it."""
    written = (holder.family_name or holder.family_name_icao, holder.given_name or holder.given_name_icao)
    folded = (holder.family_name_icao or holder.family_name, holder.given_name_icao or holder.given_name)
    found = []
    for family, given in (written, folded) if folded != written else (written,):
        # A letter that may be written in several ways is written in one of them throughout a document.
        for one, two in dict.fromkeys(zip(foldings(family), foldings(given), strict=True)):
            # A visible digital seal has both in one field, with two spaces between them (ICAO VDS-NC, `n`).
            name = _name(one, two, 0 if given else len(family.strip()))
            if name.whole and name not in found:
                found.append(name)
    return found


def is_named(holder: Holder) -> bool:
    """Tell whether a holder can be told from others: by name and birth date, never by one of them."""
    if holder.stand_in is not None:
        return holder.stand_in.named
    born = holder.hidden_birth_date is not None or birth_dates.read(holder.birth_date) is not None
    return born and bool(_names(holder))


def same_person(one: Holder, other: Holder) -> bool:
    """Tell whether both name one person beyond reasonable doubt."""
    return compare(one, other) is Likeness.SAME


def compare(one: Holder, other: Holder) -> Likeness:
    """Compare two holders. Symmetric; a holder with name and birth date is the same as itself.

    Where a birth date is known in part only, it agrees with many, and the whole name has to be equal.
    """
    if one.stand_in is not None and other.stand_in is not None:
        return Likeness.SAME if other.stand_in.number in one.stand_in.same else Likeness.DIFFERENT_NAME
    if one.hidden_birth_date is not None or other.hidden_birth_date is not None:
        return _compare_hidden(one, other)
    born, other_born = birth_dates.read(one.birth_date), birth_dates.read(other.birth_date)
    if born is None or other_born is None:
        return Likeness.NOT_NAMED
    if born.agrees(other_born):
        return compare_names(one, other, whole=not (born.is_whole and other_born.is_whole))
    return Likeness.DIFFERENT_BIRTH_DATE if _names(one) and _names(other) else Likeness.NOT_NAMED


def _compare_hidden(one: Holder, other: Holder) -> Likeness:
    """Compare holders of whom one at least has a birth date that can only be compared with a whole one."""
    if not is_named(one) or not is_named(other):
        return Likeness.NOT_NAMED
    likeness = compare_names(one, other)
    if one.hidden_birth_date == other.hidden_birth_date:
        return likeness
    hidden, shown = (one, other) if one.hidden_birth_date is not None else (other, one)
    if hidden.hidden_birth_date is None or shown.hidden_birth_date is not None or not _says_a_day(shown):
        return Likeness.UNSURE if likeness is Likeness.SAME else likeness
    return likeness if hidden.hidden_birth_date.fits(shown.birth_date) else Likeness.DIFFERENT_BIRTH_DATE


def _says_a_day(holder: Holder) -> bool:
    born = birth_dates.read(holder.birth_date)
    return born is not None and born.is_whole


def compare_names(one: Holder, other: Holder, *, whole: bool = False) -> Likeness:
    """Compare names alone, for whoever knows the birth dates to agree by other means (a pass carries only a hash).

    With `whole` nothing is tolerated but the spelling.
    """
    names, others = _names(one), _names(other)
    if not names or not others:
        return Likeness.NOT_NAMED
    if any(a.whole == b.whole for a in names for b in others):
        return Likeness.SAME
    pairs = [(a, b) for a, b in product(names, others) if _may_be_one(a, b)]
    if not whole and any(_is_tolerated(a, b) for a, b in pairs):
        return Likeness.SAME
    return Likeness.UNSURE if any(_is_near(a, b) for a, b in pairs) else Likeness.DIFFERENT_NAME


def _is_tolerated(a: _Name, b: _Name) -> bool:
    """Tell whether two spellings, not equal, are one name as documents change it (docs/matching.md, rules 4 to 9)."""
    short, long = sorted((a, b), key=lambda name: (len(name.whole), name.whole))
    return (
        _is_turned(a, b)
        or (a.letters == b.letters and _is_joined(a.whole, b.whole))
        or _lacks_middle(short.whole, long.whole)
        or _has_initials(a.whole, b.whole)
        or _is_cut_from(a, b)
        or _is_cut_from(b, a)
    )


def _is_turned(a: _Name, b: _Name) -> bool:
    """Tell whether the fields of family and given name are exchanged. Where both are one field, nobody knows."""
    return (bool(a.given) and a.given + a.family == b.whole) or (bool(b.given) and b.given + b.family == a.whole)


def _is_joined(a: Words, b: Words) -> bool:
    """Tell of the same letters whether words are together in one that are apart in the other, none a syllable."""
    ends, other_ends = _ends(a), _ends(b)
    return all(_word_at(a, end) >= _LONG_WORD for end in other_ends - ends) and all(
        _word_at(b, end) >= _LONG_WORD for end in ends - other_ends
    )


def _ends(words: Words) -> frozenset[int]:
    """Return where words end, counted in letters."""
    at, ends = 0, []
    for word in words:
        at += len(word)
        ends.append(at)
    return frozenset(ends)


def _word_at(words: Words, place: int) -> int:
    """Return how long the word is in whose middle `place` is, counted in letters."""
    at = 0
    return next(len(word) for word in words if (at := at + len(word)) > place)


def _lacks_middle(short: Words, long: Words) -> bool:
    """Tell whether middle words are left out, in one of the two ways that documents do it.

    Thị or Văn behind the family name; or all of them, so that family and given name are left.
    """
    if len(short) < 2 or len(long) <= len(short) or short[0] != long[0] or short[-1] != long[-1]:
        return False
    return len(short) == 2 or (long[1] in GENDER and short == long[:1] + long[2:])


def _has_initials(a: Words, b: Words) -> bool:
    """Tell whether middle words are shortened to their first letter, and everything else is equal."""
    if len(a) != len(b) or len(a) < 3 or a[0] != b[0] or a[-1] != b[-1]:
        return False
    return all(_is_initial(x, y) or _is_initial(y, x) or x == y for x, y in zip(a[1:-1], b[1:-1], strict=True))


def _is_initial(letter: str, word: str) -> bool:
    return len(letter) == 1 and word.startswith(letter)


def _is_cut_from(a: _Name, b: _Name) -> bool:
    """Tell whether `a` is what a field too short for it has left of `b`."""
    if not a.is_cut:
        return False
    cut, whole = " ".join(a.whole), " ".join(b.whole)
    return len(cut) < len(whole) and whole.startswith(cut)


def _is_near(a: _Name, b: _Name) -> bool:
    """Tell whether a person should look: the same words in another order, or all words of one in the other."""
    one, other = sorted((a.whole, b.whole), key=len)
    if len(one) >= 2 and all(one.count(word) <= other.count(word) for word in set(one)):
        return True
    return a.letters == b.letters or _is_tolerated(a, b)
