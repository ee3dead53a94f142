"""The gate process under kill -9 in the middle of visits: no admission without a record, no record twice."""

import base64
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing

import pytest

from kiosk.adapters.clock import SystemClock
from kiosk.api.link import Link, LinkClosedError
from kiosk.api.messages import Role, Scan
from kiosk.demo.script import make_issuers, visitor_pass
from kiosk.demo.world import Choices, make_world
from kiosk.domain.events import GENESIS, ClockConfidence, Event, EventType, follows

KILLS = int(os.environ.get("KIOSK_KILLS", "12"))
"""`KIOSK_KILLS=200 scripts/test integration` is the long form."""


class Door:
    """A gate process that this test starts, kills and starts again."""

    def __init__(self, folder):
        now = SystemClock().now()
        self.issuers = make_issuers(now)
        self.world = make_world(folder, self.issuers, Choices(pulse_ms=100), mqtt_port=1)
        self.now = now
        self.scans = 0
        self.cut_short = 0
        """How often a kill left a visit without a record."""
        self.counted = set()
        """Visits that the table of the counts has, as of the newest look at the events."""

    def start(self):
        command = [sys.executable, "-m", "kiosk", "run", "--config", str(self.world.config)]
        with (self.world.logs / "gate.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        return Link.connect(self.world.run, Role.VISION, 10)

    def show(self, link):
        """Hold up a new, valid pass."""
        self.scans += 1
        text = visitor_pass(self.issuers.front_desk, f"visitor-{self.scans}", self.now)
        self.last = Scan(scan=f"s-{self.scans}", data=base64.b64encode(text.encode()), frame_ns=0, read_ns=0)
        self.show_again(link)

    def show_again(self, link):
        """Send the newest scan once more, as a vision process that heard nothing might."""
        if self.scans:
            link.send(self.last.model_copy(update={"read_ns": time.monotonic_ns()}))

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def events(self):
        # A copy: whoever opens the file itself would do the recovery that is the gate's to do.
        copy = self.world.folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.world.journal.parent, copy)
        with closing(sqlite3.connect(copy / self.world.journal.name)) as database:
            epoch = database.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone()[0]
            rows = database.execute("SELECT * FROM events ORDER BY seq").fetchall()
            self.counted = {row[0] for row in database.execute("SELECT visit FROM counts WHERE change = 1")}
        return [_event(epoch, row) for row in rows]

    def releases(self):
        """When the relay's line took the released level, in nanoseconds, as a probe on the wire saw it."""
        edges = [line.split() for line in self.world.pin_log.read_text().splitlines()]
        return [int(at_ns) for _, level, at_ns in edges if level == "1"]


def show_for_ever(door, link):
    while True:
        door.show(link)


def _event(epoch, row):
    seq, boot, kind, visit, when, clock, mono_ns, data, sealed, prev, digest = row
    return Event(
        epoch, seq, "demo-door", boot, EventType(kind), visit, when, ClockConfidence(clock), mono_ns,
        json.loads(data), sealed, prev, digest,
    )  # fmt: skip


@pytest.fixture(scope="module")
def door(tmp_path_factory):
    """A door after many kills, at moments that a fixed seed chooses."""
    door = Door(tmp_path_factory.mktemp("d"))
    rng = random.Random(20)
    for number in range(KILLS):
        link = door.start()
        door.show_again(link)
        for _ in range(rng.randint(0, 3)):
            door.show(link)
            time.sleep(rng.uniform(0, 0.03))
        door.show(link)
        if number % 2:
            time.sleep(rng.uniform(0, 0.006))  # a visit takes some milliseconds: most of these kills fall into one
        door.kill()
        door.cut_short += door.last.scan not in {event.visit for event in door.events()}
        link.close()
    link = door.start()
    door.process.terminate()
    door.process.wait(10)
    link.close()
    return door


def test_the_kills_fell_into_visits(door):
    assert len(door.releases()) >= KILLS / 4, "hardly any relay moved: the test shows nothing"
    assert door.cut_short >= KILLS / 4, "hardly any visit was cut short: the test shows nothing"


def test_no_release_without_an_earlier_record(door):
    records = sorted(event.mono_ns for event in door.events() if event.type is EventType.VISIT_ADMITTED)
    for number, released_ns in enumerate(sorted(door.releases()), 1):
        assert sum(1 for at_ns in records if at_ns < released_ns) >= number


def test_no_visit_is_recorded_twice(door):
    visits = Counter(event.visit for event in door.events() if event.type is EventType.VISIT_ADMITTED)
    assert max(visits.values()) == 1, "a scan that came again after a kill was recorded again"
    assert not any(event.data.get("fault") == "journal_unavailable" for event in door.events())


def test_whoever_is_on_record_as_let_in_is_counted_and_nobody_else(door):
    events = door.events()
    annulled = {event.visit for event in events if event.type is EventType.VISIT_ANNULLED}
    admitted = {event.visit for event in events if event.type is EventType.VISIT_ADMITTED}
    assert door.counted == admitted - annulled
    assert len(door.counted) >= KILLS / 4


def test_the_chain_is_whole_and_the_numbers_have_no_gap(door):
    before = GENESIS
    for number, event in enumerate(door.events(), 1):
        assert event.seq == number
        assert follows(event, before)
        before = event.hash


def test_every_start_is_on_record_and_so_is_every_release_cut_short(door):
    events = door.events()
    assert sum(event.type is EventType.KIOSK_STARTED for event in events) >= KILLS / 2
    assert any(event.type is EventType.GATE_INTERRUPTED for event in events)


def test_nothing_personal_is_in_the_file_unsealed(door):
    content = b"".join(
        path.read_bytes() for path in door.world.journal.parent.iterdir() if path.name.startswith("journal.db")
    )
    assert b"visitor-1" not in content
    assert b"GK1:" not in content


def test_after_a_kill_a_client_has_to_connect_again(door):
    link = door.start()
    door.kill()
    with pytest.raises(LinkClosedError):
        show_for_ever(door, link)
    link.close()
