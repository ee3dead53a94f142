"""Tracing with the journal: the stays of some visits, and who met them. For the manager's screen and `kiosk trace`."""

from collections.abc import Sequence
from datetime import UTC, datetime

from kiosk.app.books import Books, Tracing
from kiosk.domain.tracing import Contact, Stay, contacts, stay_of


def trace(books: Books, numbers: Sequence[int], *, margin_s: int, usual_s: int) -> Tracing:
    """Find out who met the visits with these numbers. Each is looked at by itself. Raises JournalError.

    `usual_s`: how long somebody is taken to stay of whom only the entry, or only the exit, was seen.
    """
    asked = {stay.seq: stay for stay in (stay_of(one, usual_s) for one in books.passages(numbers))}
    same = books.of_same({*numbers, *asked})
    found: dict[int, Contact] = {}
    for own in asked.values():
        passages = books.meeting(own.begins - margin_s, own.ends + margin_s, usual_s)
        for contact in contacts([own], (stay_of(one, usual_s) for one in passages), margin_s, but=same):
            known = found.get(contact.stay.seq)
            if known is None or known.shared_s < contact.shared_s:
                found[contact.stay.seq] = contact
    met = tuple(found[seq] for seq in sorted(found))
    return Tracing(tuple(asked.values()), met, dict(books.sealed([contact.stay.seq for contact in met])))


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
