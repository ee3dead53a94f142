"""The real gate process takes a declaration from the screen: it opens, and only the authority can read who it was."""

import base64
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from nacl.public import PrivateKey, SealedBox

from kiosk.adapters.clock import SystemClock
from kiosk.api.link import Link
from kiosk.api.messages import Events, Fetch, FormFilled, FormTaken, Page, Role, Snapshot
from kiosk.demo.script import make_issuers
from kiosk.demo.world import Choices, make_world

pytestmark = pytest.mark.system

WAIT_S = 30
WELL = {
    "name": ("Nguyễn Thị Ánh",), "birth_date": ("1990-05-06",), "phone": ("0912 345 678",), "symptoms": ("none",),
    "contact": ("no",), "travelled": ("no",),
}  # fmt: skip


class Kiosk:
    """A gate process with a screen before it."""

    def __init__(self, folder: Path) -> None:
        self.world = make_world(folder, make_issuers(SystemClock().now()), Choices(), mqtt_port=1)
        self.authority = PrivateKey.generate()
        (folder / "authority.pub").write_bytes(base64.b64encode(bytes(self.authority.public_key)))
        command = [sys.executable, "-m", "kiosk", "run", "--config", str(self.world.config)]
        with (self.world.logs / "gate.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        self.screen = Link.connect(self.world.run, Role.UI, WAIT_S)

    def until(self, wanted, link=None):
        """Return the first message that is wanted."""
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            for message in (link or self.screen).receive(1):
                if wanted(message):
                    return message
        raise AssertionError(f"nothing of the kind in {WAIT_S} s")

    def declare(self, answers, number=1):
        """Send a declaration, and return what is said of it."""
        form = {"form": "health-declaration", "version": "1", "language": "vi"}
        self.screen.send(FormFilled(id=number, answers=answers, **form))
        return self.until(lambda one: isinstance(one, FormTaken) and one.id == number)

    def shows(self, page):
        """Wait until a page is shown."""
        return self.until(lambda one: isinstance(one, Snapshot) and one.page is page)

    def events(self):
        """Return what is on record."""
        bridge = Link.connect(self.world.run, Role.BRIDGE, WAIT_S)
        bridge.send(Fetch(after=0, limit=100))
        found = self.until(lambda one: isinstance(one, Events), bridge)
        bridge.close()
        return found.events

    def stop(self):
        """End the gate process."""
        self.screen.close()
        self.process.terminate()
        assert self.process.wait(10) == 0


@pytest.fixture
def kiosk(tmp_path):
    kiosk = Kiosk(tmp_path)
    yield kiosk
    kiosk.stop()


def test_a_declaration_opens_and_only_the_authority_reads_it(kiosk):
    assert kiosk.declare({**WELL, "phone": ("12",)}).problem == "no_phone"
    assert kiosk.declare(WELL, 2).code == "ok"
    kiosk.shows(Page.ADMITTED)
    events = kiosk.events()
    declared = next(one for one in events if one.type == "declaration.made")
    admitted = next(one for one in events if one.type == "visit.admitted")
    assert admitted.visit == declared.visit
    assert admitted.data["rule"] == "declared at the screen"
    read = json.loads(SealedBox(kiosk.authority).decrypt(base64.b64decode(declared.sealed)))
    assert read["name"] == "Nguyễn Thị Ánh"
    assert read["phone"] == "+84912345678"
    for place in (kiosk.world.logs / "gate.log", *kiosk.world.journal.parent.glob("journal.db*")):
        assert "Nguyễn".encode() not in place.read_bytes(), place.name
        assert b"912345678" not in place.read_bytes(), place.name


def test_symptoms_bring_staff(kiosk):
    assert kiosk.declare({**WELL, "symptoms": ("fever", "cough")}).code == "ok"
    assert kiosk.shows(Page.STAFF).reasons[0] == "answers_need_staff"
    assert "visit.admitted" not in {one.type for one in kiosk.events()}
