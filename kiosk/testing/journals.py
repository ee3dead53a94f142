"""Journals of kiosks that send: whole chains of events, as the centre gets them."""

from kiosk.api.messages import EventRecord
from kiosk.domain.events import GENESIS
from kiosk.testing.fake_gate import make_record


def chain(
    count: int, *, kiosk: str = "gate-1", epoch: str = "e1", broken: frozenset[int] = frozenset()
) -> list[EventRecord]:
    """Return events 1 to `count`; those in `broken` do not name the event before them."""
    records: list[EventRecord] = []
    for number in range(1, count + 1):
        prev = records[-1].hash if records else GENESIS
        records.append(make_record(number, "f" * 64 if number in broken else prev, kiosk=kiosk, epoch=epoch))
    return records
