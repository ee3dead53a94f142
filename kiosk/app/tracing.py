"""Tracing with the journal: the stays of some visits, and who met them. For the manager's screen and `kiosk trace`."""

from collections.abc import Sequence
from datetime import UTC, datetime

from kiosk.app.books import Books, Tracing
from kiosk.domain.tracing import LONGEST_S, Contact, Passage, Stay, contacts, stays


def trace(books: Books, numbers: Sequence[int], *, margin_s: int, usual_s: int) -> Tracing:
    """Find out who met the visits with these numbers. Each is looked at by itself. Raises JournalError.

    `usual_s`: how long somebody is taken to stay who was not seen to leave.
    """
    same = books.of_same(numbers)
    asked: dict[int, Stay] = {}
    found: dict[int, Contact] = {}
    for passage in books.passages(numbers):
        own = _stay_of(books, passage, usual_s)
        asked[own.seq] = own
        for contact in contacts([own], _near(books, own, margin_s, usual_s), margin_s, but=same):
            known = found.get(contact.stay.seq)
            if known is None or known.shared_s < contact.shared_s:
                found[contact.stay.seq] = contact
    met = tuple(found[seq] for seq in sorted(found))
    return Tracing(tuple(asked.values()), met, dict(books.sealed([contact.stay.seq for contact in met])))


def _stay_of(books: Books, passage: Passage, usual_s: int) -> Stay:
    """Return the stay that a passage begins or ends."""
    own = books.passages(books.of_same([passage.seq]))
    made = stays([one for one in own if abs(one.at - passage.at) <= LONGEST_S], usual_s)
    return next((one for one in made if one.seq == passage.seq), None) or next(
        one for one in reversed(made) if one.ends == passage.at
    )


def _near(books: Books, own: Stay, margin_s: int, usual_s: int) -> Sequence[Stay]:
    """Return the stays that may overlap: of a day around where people are seen to leave, else of the usual time."""
    begin, end = own.begins - margin_s, own.ends + margin_s
    leave = books.has_exits(begin - LONGEST_S, end + LONGEST_S)
    reach = LONGEST_S if leave else usual_s
    return stays(books.between(begin - reach, end + (reach if leave else 0), terms=leave), usual_s)


def for_authority(found: Tracing, *, why: str, margin_min: int) -> dict[str, object]:
    """Return what a file for the health authority says: numbers, times, and what it alone can open."""

    def said(stay: Stay) -> dict[str, object]:
        return {"number": stay.seq, "begins": _utc(stay.begins), "ends": _utc(stay.ends), "left": stay.left}

    return {
        "reason": why, "margin_minutes": margin_min,
        "visits": [said(stay) for stay in found.asked],
        "contacts": [
            {**said(one.stay), "shared_seconds": one.shared_s, "sealed": found.sealed.get(one.stay.seq, "")}
            for one in found.contacts
        ],
    }  # fmt: skip


def _utc(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat()
