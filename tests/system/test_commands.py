"""Commands from afar, all of it real: the operator's command line, a broker, the bridge and the gate process."""

import json
import subprocess
import sys
import time
from contextlib import closing, contextmanager

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.journal_reader import JournalReader
from kiosk.api.link import Link
from kiosk.api.messages import Role, Trace
from kiosk.demo.script import make_issuers
from kiosk.demo.world import Choices, make_world
from kiosk.domain.events import EventType
from kiosk.testing.broker import Mosquitto

pytestmark = pytest.mark.system
KIOSK = "demo/lobby/demo-door"


class Site:
    """A kiosk, and the people who may command it."""

    def __init__(self, folder, broker):
        self.broker = broker
        self.world = make_world(folder, make_issuers(SystemClock().now()), Choices(pulse_ms=100), broker.port)
        settings = self.world.config.read_text().replace("[centre]", "[centre]\nremote_opening = true")
        self.world.config.write_text(settings)
        self.folder = folder
        (folder / "passphrase").write_text("four quiet words here\n")
        for name in ("anna", "binh"):
            key = ("--name", name, "--out", str(folder / name), "--passphrase-file", str(folder / "passphrase"))
            assert self.command("key", *key)[0] == 0
            with (folder / "centre-keys.toml").open("a") as file:
                file.write((folder / f"{name}.toml").read_text())

    def command(self, *words):
        """Run `kiosk command`; return its status and what it printed, object by object."""
        process = subprocess.run(
            [sys.executable, "-m", "kiosk", "command", *words, "--json"], capture_output=True, text=True, timeout=60,
            check=False,
        )  # fmt: skip
        assert "Traceback" not in process.stderr
        return process.returncode, [json.loads(line) for line in process.stdout.splitlines()]

    def key(self, name, option="key"):
        passphrase = option.replace("key", "passphrase-file")
        return f"--{option}", str(self.folder / f"{name}.key.pem"), f"--{passphrase}", str(self.folder / "passphrase")

    def send(self, *words):
        """Send something; return the states that came, with their codes."""
        status, results = self.command("send", *words, "--config", str(self.world.config))
        return status, [(one["state"], one["code"]) for one in results]

    @contextmanager
    def running(self):
        """Let gate and bridge run, until the block ends."""
        config = ("--config", str(self.world.config))
        with (self.world.logs / "all.log").open("ab") as log:
            gate = subprocess.Popen([sys.executable, "-m", "kiosk", "run", *config], stdout=log, stderr=log)
            try:
                with closing(Link.connect(self.world.run, Role.MONITOR, 20)) as monitor:
                    bridge = subprocess.Popen([sys.executable, "-m", "mqtt_bridge", *config], stdout=log, stderr=log)
                    try:
                        self._wait_for(monitor)
                        yield
                    finally:
                        bridge.terminate()
                        bridge.wait(20)
            finally:
                gate.terminate()
                gate.wait(20)

    @staticmethod
    def _wait_for(monitor):
        end = time.monotonic() + 30
        while time.monotonic() < end:
            for message in monitor.receive(0.2):
                said = message.data if isinstance(message, Trace) else {}
                if said.get("process") == "bridge" and said.get("state") == "up":
                    return
        raise TimeoutError("the bridge has not come up")

    def releases(self):
        """How often the relay's line took the released level, as a probe on the wire saw it."""
        pins = self.world.pin_log
        return sum(line.split()[1] == "1" for line in pins.read_text().splitlines()) if pins.exists() else 0

    def events(self, *kinds):
        with closing(JournalReader(self.world.journal)) as reader:
            events = [reader.event(number) for number in range(1, reader.last() + 1)]
        return [event for event in events if event.type in kinds]


@pytest.fixture
def site(tmp_path):
    with Mosquitto(tmp_path / "broker") as broker:
        yield Site(tmp_path, broker)


def publish(broker, topic, payload, *, retain):
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
    client.connect(broker.host, broker.port)
    client.loop_start()
    client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(10)
    client.disconnect()
    client.loop_stop()


def test_a_door_is_opened_locked_down_by_two_and_run_as_usual_again(site):
    with site.running():
        assert site.send("open", *site.key("anna"), "--reason", "delivery") == (
            0, [("received", ""), ("running", ""), ("done", "")],
        )  # fmt: skip
        assert site.releases() == 1
        assert site.send("lockdown", *site.key("anna")) == (1, [("refused", "one_key_is_not_enough")])
        assert site.send("lockdown", *site.key("anna"), *site.key("binh", "second-key"))[1][-1] == ("done", "")
        assert site.send("open", *site.key("binh")) == (1, [("received", ""), ("refused", "not_now")])
        assert site.send("normal", *site.key("binh"))[0] == 0
    assert site.releases() == 1
    admitted, = site.events(EventType.VISIT_ADMITTED)
    assert admitted.data == {"by": "centre", "direction": "entry", "reasons": ["delivery"]}
    modes = [event.data["mode"] for event in site.events(EventType.MODE_CHANGED)]
    assert modes == ["lockdown", "normal"]


def test_what_was_sent_before_is_refused_after_a_restart(site):
    once = str(site.folder / "open.cose")
    with site.running():
        assert site.command("sign", "open", "--kiosk", KIOSK, *site.key("anna"), "--out", once)[0] == 0
        assert site.send("--file", once)[1][-1] == ("done", "")
        assert site.send("--file", once) == (1, [("refused", "repeated")])
    with site.running():
        assert site.send("--file", once) == (1, [("refused", "repeated")])
    assert site.releases() == 1


def test_an_opening_that_a_broker_has_kept_does_not_fire_when_the_kiosk_comes(site):
    kept = site.folder / "open.cose"
    _, (made,) = site.command("sign", "open", "--kiosk", KIOSK, *site.key("anna"), "--out", str(kept))
    publish(site.broker, made["topic"], kept.read_bytes(), retain=True)
    with site.running():
        end = time.monotonic() + 20
        while not site.events(EventType.COMMAND_REFUSED) and time.monotonic() < end:
            time.sleep(0.05)
        refused, = site.events(EventType.COMMAND_REFUSED)
        assert refused.data == {"code": "retained", "count": 1}
        assert site.releases() == 0
        # The door does open for one that is said now.
        assert site.send("open", *site.key("anna"))[1][-1] == ("done", "")
    assert site.releases() == 1
