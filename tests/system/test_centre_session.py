"""A session with a whole centre: scripts/centre, a real gate and bridge, and an operator with `kiosk command`."""

import contextlib
import signal
import subprocess
import sys

import pytest

from kiosk.adapters.clock import SystemClock
from kiosk.demo.script import make_issuers
from kiosk.demo.world import Choices, make_world
from kiosk.testing.broker import BrokerMissingError, find_mosquitto
from kiosk.testing.centre_site import WAIT_S, CentreSite
from kiosk.testing.fault_stage import seconds_until
from kiosk.testing.needed import needed
from mqtt_bridge.central.rabbit_node import RabbitMissingError, find_rabbitmq

pytestmark = pytest.mark.system
STORED = "SELECT type FROM events ORDER BY seq"


def kiosk(*words):
    command = [sys.executable, "-m", "kiosk", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def start():
    """Start a process of the kiosk; it is stopped at the end, and must not have fallen over."""
    with contextlib.ExitStack() as stack:

        def stop(process):
            process.send_signal(signal.SIGTERM)
            assert "Traceback" not in process.communicate(timeout=WAIT_S)[1]

        def started(*module):
            process = subprocess.Popen(
                [sys.executable, "-m", *map(str, module)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
            )
            stack.callback(stop, process)

        yield started


@pytest.fixture(params=["mosquitto", "rabbitmq"])
def site(request, tmp_path):
    if request.param == "mosquitto":
        needed(find_mosquitto, BrokerMissingError)
    else:
        needed(find_rabbitmq, RabbitMissingError)
    site = CentreSite(tmp_path / "centre", "--broker", request.param)
    try:
        yield site.await_start()
    finally:
        site.stop()


def test_what_an_operator_sends_is_done_and_on_record_at_the_centre(site, start, tmp_path):
    (tmp_path / "words").write_text("four quiet words here\n")
    operator = ("--passphrase-file", tmp_path / "words")
    assert kiosk("command", "key", "--name", "desk-1", "--out", tmp_path / "desk-1", *operator).returncode == 0

    world = make_world(tmp_path / "kiosk", make_issuers(SystemClock().now()), Choices(pulse_ms=100), site.port)
    (world.folder / "centre-keys.toml").write_text(site.keys.read_text() + (tmp_path / "desk-1.toml").read_text())
    version = "version = 311" if "version = 311" in site.said else "version = 5"
    world.config.write_text(world.config.read_text().replace(f"port = {site.port}", f"port = {site.port}\n{version}"))
    start("kiosk", "run", "--config", world.config)
    start("mqtt_bridge", "--config", world.config)
    seconds_until(lambda: site.rows("SELECT upto FROM cursors WHERE upto > 0"), WAIT_S)

    key = ("--config", world.config, "--key", tmp_path / "desk-1.key.pem", *operator)
    done = kiosk("command", "send", "maintenance", *key)
    assert (done.returncode, "maintenance done" in done.stdout) == (0, True), done.stdout + done.stderr
    refused = kiosk("command", "send", "open", "--reason", "delivery", *key)
    assert (refused.returncode, "remote_opening_off" in refused.stdout) == (1, True), refused.stdout + refused.stderr

    seconds_until(lambda: site.rows(STORED).count(("command.finished",)) == 2, WAIT_S)
    assert ("mode.changed",) in site.rows(STORED)
    assert {name for (name,) in site.rows("SELECT name FROM kiosk_state")} >= {"presence", "res"}
    assert site.rows("SELECT code FROM dead_letters") == []
