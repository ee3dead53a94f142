"""A real gate process with a manager before its screen, for tests that ask what the manager's screen asks."""

import itertools
import subprocess
import sys
import time
from pathlib import Path

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.pins import PinFile
from kiosk.api.link import Link
from kiosk.api.manager import Answer, Ask, Request, SignedIn, SignIn
from kiosk.api.messages import Role
from kiosk.demo.script import make_issuers
from kiosk.demo.world import Choices, make_world
from kiosk.domain.staff import Staff, StaffRole

WAIT_S = 30
PIN = "246813"


class ManagerGate:
    """Started again and again, as systemd would. `admin`: where `kiosk-admin` listens."""

    def __init__(self, folder: Path, admin: Path) -> None:
        self.world = make_world(folder, make_issuers(SystemClock().now()), Choices(), mqtt_port=1)
        text = self.world.config.read_text()
        self.world.config.write_text(text.replace("[paths]\n", f'[paths]\nadmin = "{admin}"\n'))
        self.world.journal.parent.mkdir(exist_ok=True)
        PinFile(self.world.journal.parent).put(Staff(StaffRole.MANAGER, "office"), PIN)
        self._numbers = itertools.count(1)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and sign in."""
        command = [sys.executable, "-m", "kiosk", "run", "--config", str(self.world.config)]
        with (self.world.logs / "gate.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        self.link, self.session = Link.connect(self.world.run, Role.UI, WAIT_S), ""
        signed_in = self.ask(SignIn(pin=PIN)).reply
        if not isinstance(signed_in, SignedIn):
            raise AssertionError("the PIN is not taken")  # noqa: TRY004 - it is the gate that fails
        self.session = signed_in.session

    def ask(self, request: Request) -> Answer:
        """Ask, and return the answer."""
        number = next(self._numbers)
        self.link.send(Ask(id=number, session=self.session, request=request))
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            for message in self.link.receive(1):
                if isinstance(message, Answer) and message.id == number:
                    return message
        raise AssertionError(f"no answer in {WAIT_S} s")

    def start_anew(self) -> None:
        """Wait until the gate asks for a new start, and make it."""
        self._ended(0)
        self.link.close()
        self.start()

    def kill(self) -> None:
        """End it as a crash does."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
            self.link.close()

    def stop(self) -> None:
        """End it as systemd does."""
        self.link.close()
        if self.process is not None:
            self.process.terminate()
            self._ended(0)

    def _ended(self, status: int) -> None:
        if self.process is None or self.process.wait(WAIT_S) != status:
            raise AssertionError(f"the gate process has not ended with status {status}")
