"""The gate process under kill -9 in the middle of openings from afar: each happens once at most, and has one end."""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing

import pytest

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.journal_reader import JournalReader
from kiosk.api.link import Link
from kiosk.api.messages import CommandResult, Role
from kiosk.demo.script import make_issuers
from kiosk.demo.world import Choices, make_world
from kiosk.domain.command import CommandName
from kiosk.domain.events import EventType
from kiosk.signing_key import key_table
from kiosk.testing.commanding import ANNA, MAY, order

KILLS = int(os.environ.get("KIOSK_KILLS", "12"))
"""`KIOSK_KILLS=200 scripts/test integration` is the long form."""
KIOSK = "demo/lobby/demo-door"


class Door:
    """A gate process that Anna commands, and that this test starts, kills and starts again."""

    def __init__(self, folder):
        self.world = make_world(folder, make_issuers(SystemClock().now()), Choices(pulse_ms=100), mqtt_port=1)
        settings = self.world.config.read_text().replace("[centre]", "[centre]\nremote_opening = true")
        self.world.config.write_text(settings)
        with (folder / "centre-keys.toml").open("a") as file:
            file.write(key_table("anna", ANNA, MAY))
        self.sent = []
        self.answers = []

    def start(self):
        command = [sys.executable, "-m", "kiosk", "run", "--config", str(self.world.config)]
        with (self.world.logs / "gate.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        return Link.connect(self.world.run, Role.BRIDGE, 20)

    def command(self, link):
        """Send a new opening, and every earlier one once more, as a broker might that delivers twice."""
        now = SystemClock().now()
        new = order(CommandName.OPEN, int(now.timestamp() * 1000), now, address=KIOSK)
        self.sent.append(new)
        for offer in (new, *self.sent[-4:]):
            link.send(offer)

    def listen(self, link, seconds, until=None):
        """Take answers for a time, or up to one with this state."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            heard = [one for one in link.receive(left) if isinstance(one, CommandResult)]
            self.answers += heard
            if until in {one.state for one in heard}:
                return

    def kill(self):
        self.process.kill()
        self.process.wait()

    def events(self):
        with closing(JournalReader(self.world.journal)) as reader:
            return [reader.event(number) for number in range(1, reader.last() + 1)]

    def releases(self):
        """How often the relay's line took the released level, as a probe on the wire saw it."""
        return sum(line.split()[1] == "1" for line in self.world.pin_log.read_text().splitlines())


@pytest.fixture(scope="module")
def door(tmp_path_factory):
    """A door after many kills, at moments that a fixed seed chooses."""
    door = Door(tmp_path_factory.mktemp("d"))
    chance = random.Random(6)
    for number in range(KILLS):
        with closing(door.start()) as link:
            door.listen(link, 0.1)
            door.command(link)
            # An opening takes 5 to 20 ms: ledger, record, admission, relay, end.
            if number % 2:
                door.listen(link, 10, until="received")
            else:
                door.listen(link, chance.uniform(0, 0.04))
            door.kill()
    with closing(door.start()) as link:
        door.command(link)
        door.listen(link, 2)
        door.process.terminate()
        door.process.wait(20)
    return door


def test_the_kills_fell_into_openings(door):
    codes = Counter((event.data["state"], event.data["code"]) for event in of(door, EventType.COMMAND_FINISHED))
    assert codes["done", ""] >= 1
    assert codes["failed", "interrupted"] >= KILLS / 6, f"hardly any was interrupted: {codes}"


def test_no_opening_happens_twice(door):
    admitted = Counter(event.visit for event in of(door, EventType.VISIT_ADMITTED))
    assert admitted
    assert max(admitted.values()) == 1
    assert door.releases() <= len(admitted)


def test_what_was_received_has_one_end(door):
    received = [event.data["id"] for event in of(door, EventType.COMMAND_RECEIVED)]
    ended = [event.data["id"] for event in of(door, EventType.COMMAND_FINISHED)]
    assert len(set(received)) == len(received)
    assert len(set(ended)) == len(ended)
    assert set(received) <= set(ended)


def test_what_was_interrupted_is_told_by_the_next_process(door):
    told = {one.id for one in door.answers if one.code == "interrupted"}
    assert told == {e.data["id"] for e in of(door, EventType.COMMAND_FINISHED) if e.data["code"] == "interrupted"}


def of(door, kind):
    return [event for event in door.events() if event.type is kind]
