"""The real gate and camera processes while somebody holds up a code and aims the camera."""

import json
import os
import subprocess
import sys
import time

import pytest

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.pins import PinFile
from kiosk.api.link import Link
from kiosk.api.manager import Answer, Ask, SignIn
from kiosk.api.manager.aim import AimRead, AimShown
from kiosk.api.messages import PreviewOffer, Role
from kiosk.api.preview import PreviewReader
from kiosk.demo.script import make_issuers
from kiosk.demo.world import Choices, make_world
from kiosk.domain.staff import Staff, StaffRole

pytestmark = pytest.mark.system

WAIT_S = 30
PIN = "246813"
HELD_UP = {"items": [{"text": "held up by a technician", "at_s": 0, "hold_s": 120, "approach": False}]}


@pytest.fixture
def run(tmp_path):
    """The folder of the sockets of a gate process, and of a camera process before which a code is held."""
    world = make_world(tmp_path, make_issuers(SystemClock().now()), Choices(), mqtt_port=1)
    world.scene.write_text(json.dumps(HELD_UP))
    world.journal.parent.mkdir(exist_ok=True)
    PinFile(world.journal.parent).put(Staff(StaffRole.TECHNICIAN, "fitter"), PIN)
    started = []
    with (world.logs / "aim.log").open("ab") as log:
        for command in (["kiosk", "run"], ["kiosk.vision"]):
            line = [sys.executable, "-m", *command, "--config", str(world.config)]
            started.append(subprocess.Popen(line, stdout=log, stderr=log))
    yield world.run
    for process in reversed(started):
        process.terminate()
        process.wait(10)


class Technician:
    """Somebody before the screen, who asks again as soon as there is an answer, and looks at the picture."""

    def __init__(self, run):
        self.link, self.preview, self.session, self.asked = Link.connect(run, Role.UI, WAIT_S), None, "", 1
        self.link.send(Ask(id=1, request=SignIn(pin=PIN)))

    def look(self):
        """Wait for an answer; return what it says of the camera, and when the picture was taken."""
        shown = None
        for message in self.link.receive(1):
            if isinstance(message, PreviewOffer):
                fd = self.link.take_fd()
                self.preview = PreviewReader(fd)
                os.close(fd)
            elif isinstance(message, Answer):
                self.session = self.session or message.reply.session
                shown = message.reply if isinstance(message.reply, AimShown) else None
                self.asked += 1
                self.link.send(Ask(id=self.asked, session=self.session, request=AimRead()))
        picture = self.preview.read(0) if self.preview else None
        return shown, picture.at_ns if picture else 0

    def close(self):
        """Go away."""
        self.link.close()
        if self.preview:
            self.preview.close()


def test_a_technician_sees_the_picture_and_how_often_the_code_is_read(run):
    technician = Technician(run)
    end, pictures, reads = time.monotonic() + WAIT_S, set(), None
    while time.monotonic() < end and (len(pictures) < 5 or reads is None):
        shown, at_ns = technician.look()
        pictures |= {at_ns} - {0}
        reads = shown if shown and shown.read_fps > 0 else reads
    technician.close()
    assert len(pictures) >= 5
    assert reads is not None
    assert (reads.camera, reads.source) == ("ok", "synthetic")
    assert reads.fps > 0
    assert reads.decode_ms > 0
    assert reads.codes >= 1
