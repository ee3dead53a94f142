"""The gate process at a start with a journal that it cannot go on with: it runs, and tells what is left of it."""

import shutil
import subprocess
import sys
import time
from contextlib import closing

import pytest

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.journal import Sealer, SqliteJournal
from kiosk.adapters.journal_reader import JournalReader
from kiosk.api.link import Link
from kiosk.api.messages import Role
from kiosk.demo.script import make_issuers
from kiosk.demo.world import Choices, make_world
from kiosk.domain.events import EventDraft, EventType

pytestmark = pytest.mark.system
WAIT_S = 20.0


@pytest.fixture
def world(tmp_path):
    return make_world(tmp_path, make_issuers(SystemClock().now()), Choices(), mqtt_port=1)


def write(world, number):
    """Write events as a gate process does that runs for a while."""
    with closing(SqliteJournal(
        world.journal, kiosk="demo-door", boot="before", clock=SystemClock(), sealer=Sealer(None)
    )) as journal:  # fmt: skip
        journal.append([EventDraft(EventType.VISIT_DENIED, data={"number": n}) for n in range(number)])
        return journal.head().epoch


def run_until(world, path):
    """Run the gate process until a file is there."""
    command = [sys.executable, "-m", "kiosk", "run", "--config", str(world.config)]
    end = time.monotonic() + WAIT_S
    with (world.logs / "gate.log").open("ab") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        Link.connect(world.run, Role.VISION, 10).close()
        while not list(path.parent.glob(path.name)) and time.monotonic() < end:
            time.sleep(0.05)
        process.terminate()
    assert process.returncode == 0


def events(world):
    with closing(JournalReader(world.journal)) as reader:
        assert reader.is_whole()
        return [reader.event(seq) for seq in range(1, reader.last() + 1)]


def of(kind, found):
    return [event.data for event in found if event.type is kind]


def damage(world):
    content = bytearray(world.journal.read_bytes())
    content[-4096:] = bytes(4096)  # the last page, where the newest events are
    world.journal.write_bytes(content)


def test_a_damaged_journal_is_set_aside_and_told_again(world):
    epoch = write(world, 500)
    damage(world)
    run_until(world, world.journal.with_name("journal.db.corrupt-*.salvaged"))
    found = events(world)
    assert found[0].data["fault"] == "journal_corrupt"
    assert found[0].epoch != epoch
    salvaged, gaps = of(EventType.JOURNAL_SALVAGED, found), of(EventType.JOURNAL_GAP, found)
    told = [event["seq"] for event in salvaged]
    lost = [seq for gap in gaps for seq in range(gap["first"], gap["last"] + 1)]
    assert sorted([*told, *lost]) == list(range(1, 501))
    assert len(told) > 400
    assert {event["epoch"] for event in (*salvaged, *gaps)} == {epoch}
    assert any(event.type is EventType.KIOSK_STARTED for event in found)


def test_an_old_copy_is_set_aside_and_what_it_has_not_is_told_as_a_gap(world, tmp_path):
    write(world, 20)
    shutil.copy(world.journal, tmp_path / "backup")
    write(world, 30)
    shutil.copy(tmp_path / "backup", world.journal)
    run_until(world, world.journal.with_name("journal.db.restored-*.salvaged"))
    found = events(world)
    assert found[0].data["fault"] == "journal_restored"
    assert [event["seq"] for event in of(EventType.JOURNAL_SALVAGED, found)] == list(range(1, 21))
    assert [(gap["first"], gap["last"]) for gap in of(EventType.JOURNAL_GAP, found)] == [(21, 50)]


def test_a_whole_journal_is_gone_on_with(world):
    epoch = write(world, 20)
    run_until(world, world.journal)
    found = events(world)
    assert {event.epoch for event in found} == {epoch}
    assert not list(world.journal.parent.glob("journal.db.*-*")), "nothing was set aside"
