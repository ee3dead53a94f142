"""Staff at the socket of the real gate process: signing in, opening the door, waiting after wrong PINs, a restart."""

import itertools
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.journal_reader import JournalReader
from kiosk.adapters.pins import PinFile
from kiosk.api.link import Link
from kiosk.api.manager import Answer, Ask, OpenDoor, Opened, ShowDoor, ShowHealth, SignIn
from kiosk.api.messages import Role
from kiosk.cli import main
from kiosk.demo.script import make_issuers
from kiosk.demo.world import Choices, make_world
from kiosk.domain.events import EventType
from kiosk.domain.situation import Direction
from kiosk.domain.staff import Refused, Staff, StaffRole
from kiosk.domain.staff_door import OpenReason

pytestmark = pytest.mark.system

WAIT_S = 30
GUARD, WRONG = "135792", "908172"


class Kiosk:
    """A gate process that can be ended and started again, and the screen's end of it."""

    def __init__(self, folder):
        self.world = make_world(folder, make_issuers(SystemClock().now()), Choices(), mqtt_port=1)
        self.state = folder / "state"
        self.state.mkdir()
        PinFile(self.state).put(Staff(StaffRole.GUARD, "night"), GUARD)
        self.session, self.ids, self.link, self.process = "", itertools.count(1), None, None

    @contextmanager
    def running(self):
        command = [sys.executable, "-m", "kiosk", "run", "--config", str(self.world.config)]
        with (self.world.logs / "gate.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        self.link = Link.connect(self.world.run, Role.UI, WAIT_S)
        try:
            yield
        finally:
            self.link.close()
            self.process.terminate()
            assert self.process.wait(10) == 0

    def ask(self, request):
        ask = Ask(id=next(self.ids), session=self.session, request=request)
        self.link.send(ask)
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            for message in self.link.receive(1):
                if isinstance(message, Answer) and message.id == ask.id:
                    return message
        raise AssertionError(f"no answer in {WAIT_S} s")

    def sign_in(self, pin):
        answer = self.ask(SignIn(pin=pin))
        if answer.reply is not None:
            self.session = answer.reply.session
        return answer

    def kinds(self):
        reader = JournalReader(self.world.journal)
        try:
            return [reader.event(seq).type for seq in range(1, reader.last() + 1)]
        finally:
            reader.close()


@pytest.fixture
def kiosk(tmp_path):
    return Kiosk(tmp_path)


def test_a_guard_signs_in_opens_the_door_and_all_of_it_is_in_the_journal(kiosk):
    with kiosk.running():
        assert kiosk.ask(ShowDoor()).code is Refused.SIGNED_OUT
        assert kiosk.sign_in(GUARD).reply.name == "night"
        opened = kiosk.ask(OpenDoor(direction=Direction.ENTRY, reason=OpenReason.DELIVERY))
        assert isinstance(opened.reply, Opened), opened
        parts = {light.part for light in kiosk.ask(ShowHealth()).reply.lights}
        assert "storage" in parts
    kinds = kiosk.kinds()
    order = [EventType.STAFF_SIGNED_IN, EventType.STAFF_ACTED, EventType.VISIT_ADMITTED, EventType.GATE_RELEASED]
    assert [kind for kind in kinds if kind in order] == order


def test_wrong_pins_make_everybody_wait_and_a_restart_is_no_way_around(kiosk):
    with kiosk.running():
        assert [kiosk.sign_in(WRONG).code for _ in range(5)] == [Refused.WRONG_PIN] * 5
    with kiosk.running():
        answer = kiosk.sign_in(GUARD)
        assert (answer.code, 50 <= int(answer.detail) <= 60) == (Refused.LOCKED_OUT, True)


def test_a_pin_that_is_taken_away_on_the_command_line_ends_its_session(kiosk, capsys):
    with kiosk.running():
        kiosk.sign_in(GUARD)
        assert main(["pin", "remove", "--name", "night", "--config", str(kiosk.world.config)]) == 0
        assert "is removed" in capsys.readouterr().out
        end = time.monotonic() + WAIT_S
        while kiosk.ask(ShowDoor()).code is None and time.monotonic() < end:
            pass
        assert kiosk.ask(ShowDoor()).code is Refused.SIGNED_OUT
        assert kiosk.sign_in(GUARD).code is Refused.NO_PINS
