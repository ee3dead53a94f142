"""A file system that is full: the journal says so in its last record, refuses, and goes on when there is room."""

import asyncio
from contextlib import closing

import pytest

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.journal import Sealer, open_journal
from kiosk.adapters.journal_reader import JournalReader
from kiosk.adapters.late_journal import LateJournal
from kiosk.app.ports import JournalError
from kiosk.domain.events import EventDraft, EventType
from kiosk.testing import power_cut
from kiosk.testing.gatehouse import Gatehouse, a_pass

NOTE = EventDraft(EventType.VISIT_DENIED, data={"filler": "x" * 2000})

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(bool(power_cut.why_not()), reason=power_cut.why_not() or "there can be file systems"),
]


@pytest.fixture
def disk(tmp_path):
    power_cut.make(tmp_path / "disk.img", size_mb=16)
    with power_cut.mounted(tmp_path / "disk.img", tmp_path / "disk") as disk:
        yield disk


@pytest.fixture
def journal(disk):
    def opener():
        return open_journal(disk / "journal.db", kiosk="k", boot="b", clock=SystemClock(), sealer=Sealer(None))

    with closing(LateJournal(opener)) as journal:
        yield journal


def fill(disk):
    """Leave not a block to anybody."""
    with (disk / "rubbish").open("ab", buffering=0) as file:
        for size in (1 << 16, 1 << 12):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                pass


def refused(journal):
    """Write until a record is refused; return the number of the last that was taken."""
    last = journal.head().last
    while True:
        try:
            last = journal.append([NOTE])[-1].seq
        except JournalError:
            return last


def faults(journal, after):
    return [(event.type.value, event.data["fault"]) for event in journal.read(after, 100) if "fault" in event.data]


def test_a_full_disk_is_put_on_record_and_over_as_soon_as_there_is_room(disk, journal):
    journal.append([NOTE] * 10)
    fill(disk)
    last = refused(journal)
    assert faults(journal, last) == [("fault.raised", "journal_full")]
    fill(disk)
    for _ in range(5):
        assert refused(journal) == last + 1, "nothing is written, and nothing said twice"
    (disk / "rubbish").unlink()
    (event,) = journal.append([NOTE])
    assert faults(journal, last) == [("fault.raised", "journal_full"), ("fault.cleared", "journal_full")]
    assert event.seq == last + 3
    with closing(JournalReader(disk / "journal.db")) as reader:
        assert reader.is_whole()


def test_a_start_on_a_full_disk_waits_for_room(disk, journal):
    last = journal.append([NOTE] * 10)[-1].seq
    fill(disk)
    refused(journal)
    fill(disk)
    journal.close()
    again = LateJournal(lambda: open_journal(
        disk / "journal.db", kiosk="k", boot="b", clock=SystemClock(), sealer=Sealer(None)
    ))  # fmt: skip
    fill(disk)
    refused(again)
    (disk / "rubbish").unlink()
    (event,) = again.append([NOTE])
    assert event.seq > last
    assert faults(again, last)[-1] == ("fault.cleared", "journal_full")
    again.close()


def test_the_gate_refuses_for_that_reason_and_admits_again_by_itself(disk, journal):
    door = Gatehouse(journal=journal)
    seen = []

    async def visits():
        journal.append([NOTE] * 10)
        fill(disk)
        refused(journal)
        await door.show(a_pass())
        await door.settle()
        seen.append((list(door.relay.told), door.screen.sent[-1].reasons))
        (disk / "rubbish").unlink()
        door.wait(3)  # the gate tries its journal again
        await door.settle()
        await door.show(a_pass(subject="w"))
        await door.settle()

    asyncio.run(visits())
    assert seen == [([], ("journal_unavailable",))]
    assert door.relay.told == [3000]
    assert not door.shell.gate.faults
    said = faults(journal, 0)
    assert said.index(("fault.raised", "journal_full")) < said.index(("fault.cleared", "journal_full"))
