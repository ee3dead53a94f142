"""Policy, settings and lists from the centre: over a real broker and the real bridge into a real gate process."""

import base64
import contextlib
import hashlib
import json
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from kiosk.adapters.clock import SystemClock
from kiosk.api.link import Link, LinkClosedError
from kiosk.api.messages import Role, Scan, Trace
from kiosk.demo.script import make_issuers, visitor_pass
from kiosk.demo.world import Choices, make_world
from kiosk.domain.document import DocumentKind
from kiosk.testing.broker import BrokerMissingError, Mosquitto, find_mosquitto
from kiosk.testing.centre_documents import ALL_KINDS, KITCHEN, OFFICE, document, signed
from kiosk.testing.centre_keys import write_centre_keys

try:
    find_mosquitto()
except BrokerMissingError as error:
    pytest.skip(str(error), allow_module_level=True)

pytestmark = pytest.mark.system
KIOSK = "demo/lobby/demo-door"
POLICY, SETTINGS, DENY = DocumentKind.POLICY, DocumentKind.SETTINGS, DocumentKind.DENY
NOBODY = b'version = "nobody"\nzone = "lobby"\n[[admit]]\nname = "staff"\nkinds = ["staff"]\n'


class Site:
    """A kiosk with a broker and whoever speaks in the centre's name; every process is ended by its own handle."""

    def __init__(self, folder, stack):
        self.folder, self._stack = folder, stack
        self.now = SystemClock().now().replace(microsecond=0)
        self.issuers = make_issuers(self.now)
        broker = stack.enter_context(Mosquitto(folder / "broker"))
        self.world = make_world(folder, self.issuers, Choices(pulse_ms=100), mqtt_port=broker.port)
        write_centre_keys(folder, {"office": (OFFICE, ALL_KINDS), "kitchen": (KITCHEN, {"results"})})
        self._news = threading.Condition()
        self._answers = []
        self.client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        self.client.on_message = self._hear
        self.client.connect("127.0.0.1", broker.port)
        self.client.subscribe(f"gk/1/{KIOSK}/up/cfg/+", qos=1)
        self.client.loop_start()
        stack.callback(self.client.loop_stop)
        stack.callback(self.client.disconnect)
        self.start_gate()
        self.start("mqtt_bridge")

    def start(self, *module):
        with (self.folder / "processes.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *module, "--config", str(self.world.config)], stdout=log, stderr=log
            )
        self._stack.callback(self.stop, process)
        return process

    def start_gate(self):
        self.gate = self.start("kiosk", "run")

    @staticmethod
    def stop(process):
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(10)

    def _hear(self, _client, _data, message):
        kind = message.topic.rpartition("/")[2]
        with self._news:
            self._answers.append((kind, json.loads(message.payload)))
            self._news.notify_all()

    def put(self, kind, version, content, key=OFFICE):
        """Put a document on the kiosk's topic, retained."""
        data = signed(document(kind, version, content, issued_at=self.now), key, KIOSK)
        self.client.publish(f"gk/1/{KIOSK}/down/cfg/{kind}", data, qos=1, retain=True)
        return hashlib.sha256(data).hexdigest()

    def answer(self, digest, *outcomes, timeout_s=30):
        """Return the first answer to a document that has one of these outcomes, with its code."""

        def found():
            said = [one for _, one in self._answers if one["sha256"] == digest and one["outcome"] in outcomes]
            return said[:1]

        with self._news:
            assert self._news.wait_for(found, timeout_s), f"{self._answers}\n{self.log()}"
            answer = found()[0]
        return answer["outcome"], answer["code"]

    def send(self, kind, version, content, *outcomes, key=OFFICE):
        return self.answer(self.put(kind, version, content, key), *(outcomes or ("taken", "refused")))

    def log(self):
        return (self.folder / "processes.log").read_text()

    def policy_in_force(self):
        """Hold up passes until one is judged; return the version of the policy that judged it."""
        for _ in range(40):
            with contextlib.suppress(LinkClosedError):
                eyes, monitor = (Link.connect(self.world.run, role, 10) for role in (Role.VISION, Role.MONITOR))
                with contextlib.closing(eyes), contextlib.closing(monitor):
                    now = time.monotonic_ns()
                    text = visitor_pass(self.issuers.front_desk, f"visitor-{now}", SystemClock().now())
                    eyes.send(Scan(scan=f"s-{now}", data=base64.b64encode(text.encode()), frame_ns=now, read_ns=now))
                    end = time.monotonic() + 1
                    while time.monotonic() < end:
                        for message in monitor.receive(0.2):
                            if isinstance(message, Trace) and message.step == "decided":
                                return message.data["policy"]
        raise AssertionError(self.log())

    def recorded(self):
        with contextlib.closing(sqlite3.connect(f"file:{self.world.journal}?mode=ro", uri=True)) as journal:
            rows = journal.execute("SELECT data FROM events WHERE type LIKE 'document.%' ORDER BY seq").fetchall()
        return [json.loads(row[0]) for row in rows]


@pytest.fixture
def site(tmp_path):
    with contextlib.ExitStack() as stack:
        yield Site(tmp_path, stack)


def test_a_policy_is_swapped_in_the_running_gate_and_holds_after_a_kill(site):
    assert site.policy_in_force() == "demo-1"
    assert site.send(POLICY, 5, NOBODY) == ("taken", "")
    assert site.policy_in_force() == "nobody"
    assert site.send(POLICY, 4, NOBODY.replace(b"nobody", b"old")) == ("refused", "older")
    assert site.send(POLICY, 6, b"version = 3") == ("refused", "invalid")
    assert site.send(POLICY, 6, NOBODY, key=KITCHEN) == ("refused", "not_permitted")
    assert site.send(DENY, 1, b'[[deny]]\nid = "guest-17"\n') == ("taken", "")
    site.gate.kill()
    site.gate.wait()
    site.start_gate()
    assert site.policy_in_force() == "nobody"
    assert "deny from the centre in force" in site.log()
    assert "Traceback" not in site.log()


def test_a_gate_killed_at_any_moment_while_policies_come_goes_by_one_of_them_whole(site):
    moments, newest = random.Random(6), 0
    site.policy_in_force()
    for version in range(1, 5):
        site.put(POLICY, version, NOBODY.replace(b"nobody", b"v%d" % version))
        time.sleep(moments.uniform(0, 0.25))  # any moment between the broker and the answer, drawn from the seed
        site.gate.kill()
        site.gate.wait()
        site.start_gate()
        found = site.policy_in_force()
        number = int(found.removeprefix("v")) if found != "demo-1" else 0
        assert newest <= number <= version, "whole, and never older than before"
        newest = number
    last = site.put(POLICY, 7, NOBODY.replace(b"nobody", b"v7"))
    assert site.answer(last, "taken", "known") in (("taken", ""), ("known", ""))
    assert site.policy_in_force() == "v7"
    assert "Traceback" not in site.log()


def test_settings_are_tried_by_a_new_start_and_set_aside_where_no_start_lasts(site):
    site.policy_in_force()
    good = site.put(SETTINGS, 1, b"[gate]\npulse_ms = 200\n")
    assert site.answer(good, "pending") == ("pending", "")
    assert site.gate.wait(30) == 0, "it ends by itself once the last visitor has gone"
    site.start_gate()
    assert site.answer(good, "taken", timeout_s=40) == ("taken", ""), "the start has lasted"
    assert site.send(SETTINGS, 2, b'[gate]\npins = "lgpio"\n') == ("refused", "not_permitted")

    bad = site.put(SETTINGS, 3, b"[gate]\npulse_ms = 300\n")
    assert site.gate.wait(30) == 0
    for _ in range(2):
        site.start_gate()
        Link.connect(site.world.run, Role.MONITOR, 20).close()
        site.gate.kill()
        site.gate.wait()
    site.start_gate()
    assert site.answer(bad, "refused") == ("refused", "not_in_force")
    state = site.folder / "state"
    assert (state / "settings.toml").read_bytes() == b"[gate]\npulse_ms = 200\n", "what was confirmed"
    assert [(one["kind"], one.get("version") or one["code"]) for one in site.recorded()] == [
        ("settings", "1"), ("settings", "not_permitted"), ("settings", "not_in_force"),
    ]  # fmt: skip
    assert "Traceback" not in site.log()
