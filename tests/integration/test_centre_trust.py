"""A trust document from the centre: over a real broker and the real bridge into a real gate process."""

import base64
import contextlib
import hashlib
import json
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.keys import make_signer, write_signer
from kiosk.api.link import Link
from kiosk.api.messages import Role, Scan, Trace, Welcome
from kiosk.demo.script import make_issuers, visitor_pass
from kiosk.demo.world import Choices, make_world
from kiosk.domain.trust import Algorithm
from kiosk.testing.broker import BrokerMissingError, Mosquitto, find_mosquitto
from kiosk.testing.needed import needed
from kiosk.verify import trust_document
from kiosk.verify.trust_document import TrustDocument
from kiosk.verify.trust_list import anchor_of

needed(find_mosquitto, BrokerMissingError)

pytestmark = pytest.mark.system
BASE = "gk/1/demo/lobby/demo-door"


class Site:
    """A kiosk whose centre may send it trust; every process is ended by its own handle."""

    def __init__(self, folder, stack):
        self.folder, self._stack = folder, stack
        self.now = SystemClock().now().replace(microsecond=0)
        self.centre = make_signer("Centre", Algorithm.ED25519, self.now)
        self.newcomer = make_signer("Newcomer", Algorithm.ES256, self.now)
        self.broker = stack.enter_context(Mosquitto(folder / "broker"))
        self.world = make_world(folder, make_issuers(self.now), Choices(pulse_ms=100), mqtt_port=self.broker.port)
        write_signer(self.centre, folder / "centre")
        with self.world.config.open("a") as file:
            file.write('[trust]\ncentre_key = "centre.pem"\n')
        self._news = threading.Condition()
        self._answers = []
        self.client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        self.client.on_message = self._hear
        self.client.connect("127.0.0.1", self.broker.port)
        self.client.subscribe(f"{BASE}/up/cfg/trust", qos=1)
        self.client.loop_start()
        stack.callback(self.client.loop_stop)
        stack.callback(self.client.disconnect)
        self.gate = self.start("kiosk", "run")
        self.start("mqtt_bridge")

    def start(self, *module):
        with (self.folder / "processes.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *module, "--config", str(self.world.config)], stdout=log, stderr=log
            )
        self._stack.callback(self.stop, process)
        return process

    @staticmethod
    def stop(process):
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(10)

    def _hear(self, _client, _data, message):
        with self._news:
            self._answers.append(json.loads(message.payload))
            self._news.notify_all()

    def document(self, version, *signers, by=None):
        by = by or self.centre
        anchors = tuple(anchor_of(signer.certificate) for signer in signers or (self.newcomer,))
        said = TrustDocument("region", version, self.now, timedelta(days=30), anchors)
        return trust_document.sign(said, by.key, by.key_id)

    def send(self, document):
        """Put a document on the kiosk's topic and return what the kiosk says of it."""
        with self._news:
            count = len(self._answers)
            self.client.publish(f"{BASE}/down/cfg/trust", document, qos=1, retain=True)
            assert self._news.wait_for(lambda: len(self._answers) > count, 25), self.log()
            answer = self._answers[-1]
        assert answer.pop("sha256") == hashlib.sha256(document).hexdigest(), "it names the document that it answers"
        return answer

    def log(self):
        return (self.folder / "processes.log").read_text()

    def judge_newcomers_pass(self):
        """Hold up passes of the newcomer, one after another, until one is judged; return the verdict on record."""
        eyes, monitor = (Link.connect(self.world.run, role, 10) for role in (Role.VISION, Role.MONITOR))
        with contextlib.closing(eyes), contextlib.closing(monitor):
            assert any(isinstance(message, Welcome) for message in monitor.receive(10))
            for _ in range(20):
                now = time.monotonic_ns()
                text = visitor_pass(self.newcomer, f"visitor-{now}", SystemClock().now())
                eyes.send(Scan(scan=f"s-{now}", data=base64.b64encode(text.encode()), frame_ns=now, read_ns=now))
                end = time.monotonic() + 1
                while time.monotonic() < end:
                    for message in monitor.receive(0.2):
                        if isinstance(message, Trace) and message.step == "decided":
                            return message.data["verdict"]
        raise AssertionError(self.log())


@pytest.fixture
def site(tmp_path):
    with contextlib.ExitStack() as stack:
        yield Site(tmp_path, stack)


def test_a_document_is_taken_counts_and_is_never_rolled_back_or_forged(site):
    assert site.judge_newcomers_pass() == "unknown_issuer"
    assert site.send(site.document(5)) == {"outcome": "taken", "code": "", "origin": "region", "version": "5"}
    assert site.judge_newcomers_pass() == "valid"
    refused = {"outcome": "refused", "origin": "", "version": ""}
    stranger = make_signer("Centre", Algorithm.ED25519, site.now)
    assert site.send(site.document(9, by=stranger)) == refused | {"code": "unusable"}
    assert site.send(site.document(4)) == refused | {"code": "older"}
    assert site.judge_newcomers_pass() == "valid"

    # A restart changes nothing: it is on disk, and the retained document, though older, is refused again.
    site.stop(site.gate)
    site.gate = site.start("kiosk", "run")
    assert site.judge_newcomers_pass() == "valid"
