"""The real gate process tells a bridge how it does, the machine included."""

import subprocess
import sys
import time

import pytest

from kiosk.adapters.clock import SystemClock
from kiosk.api.link import Link
from kiosk.api.messages import Role, Telemetry
from kiosk.api.telemetry import DoorNow, Health
from kiosk.demo.script import make_issuers
from kiosk.demo.world import Choices, make_world

pytestmark = pytest.mark.system

WAIT_S = 30


@pytest.fixture
def bridge(tmp_path):
    """Return the bridge's end of a gate process."""
    world = make_world(tmp_path, make_issuers(SystemClock().now()), Choices(), mqtt_port=1)
    command = [sys.executable, "-m", "kiosk", "run", "--config", str(world.config)]
    with (world.logs / "gate.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    link = Link.connect(world.run, Role.BRIDGE, WAIT_S)
    yield link
    link.close()
    process.terminate()
    assert process.wait(10) == 0


def heard(link, name):
    """Return the first telemetry of this name."""
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        for message in link.receive(1):
            if isinstance(message, Telemetry) and message.name == name:
                return message.data
    raise AssertionError(f"no {name} in {WAIT_S} s")


def test_a_bridge_is_told_of_the_door_at_once_and_of_the_machine_within_ten_seconds(bridge):
    door = DoorNow.model_validate(heard(bridge, "door"))
    assert (door.state, door.mode, door.visits_today) == ("locked", "normal", 0)
    began = time.monotonic()
    health = Health.model_validate(heard(bridge, "health"))
    assert time.monotonic() - began < 20
    assert health.machine.uptime_s > 0
    assert 10 < health.machine.memory_process_mb < 500
    assert 0 < health.machine.disk_used_percent <= 100
    assert (health.versions.policy, health.trust.stale) == ("demo-1", False)
