"""A kiosk with a broker, and somebody who speaks in the centre's name: real processes, ended by their own handles."""

import base64
import contextlib
import hashlib
import json
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from kiosk.adapters.clock import SystemClock
from kiosk.api.link import Link, LinkClosedError
from kiosk.api.messages import Role, Scan, Trace
from kiosk.demo.script import make_issuers, visitor_pass
from kiosk.demo.world import Choices, make_world
from kiosk.domain.centre import Permission, document_topic
from kiosk.domain.document import DocumentKind
from kiosk.testing.broker import Mosquitto
from kiosk.testing.centre_documents import ALL_KINDS, KITCHEN, OFFICE, document, signed
from kiosk.testing.centre_keys import write_centre_keys

KIOSK = "demo/lobby/demo-door"
Process = subprocess.Popen[bytes]


class DocumentSite:
    """Starts everything in a folder; `stack` ends it."""

    def __init__(self, folder: Path, stack: contextlib.ExitStack) -> None:
        self.folder, self._stack = folder, stack
        self.now = SystemClock().now().replace(microsecond=0)
        self.issuers = make_issuers(self.now)
        self.broker = stack.enter_context(Mosquitto(folder / "broker"))
        self.world = make_world(folder, self.issuers, Choices(pulse_ms=100), mqtt_port=self.broker.port)
        write_centre_keys(folder, {"office": (OFFICE, ALL_KINDS), "kitchen": (KITCHEN, [Permission.RESULTS])})
        self._news = threading.Condition()
        self._answers: list[dict[str, Any]] = []
        self.client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        self.client.on_message = self._hear
        self.client.connect("127.0.0.1", self.broker.port)
        self.client.subscribe(f"gk/1/{KIOSK}/up/cfg/+", qos=1)
        self.client.loop_start()
        stack.callback(self.client.loop_stop)
        stack.callback(self.client.disconnect)
        self.gate = self.start("kiosk", "run")
        self.start("mqtt_bridge")

    def start(self, *module: str) -> Process:
        """Start a process with the kiosk's settings."""
        with (self.folder / "processes.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *module, "--config", str(self.world.config)], stdout=log, stderr=log
            )
        self._stack.callback(self.stop, process)
        return process

    def start_gate(self) -> None:
        """Start the gate process anew, as systemd does when it has ended."""
        self.gate = self.start("kiosk", "run")

    def kill_gate(self) -> None:
        """End the gate process without a word."""
        self.gate.kill()
        self.gate.wait()

    @staticmethod
    def stop(process: Process) -> None:
        """End a process in good order."""
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(10)

    def _hear(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        with self._news:
            self._answers.append(json.loads(message.payload))
            self._news.notify_all()

    def put(self, kind: DocumentKind, version: int, content: bytes, key: Ed25519PrivateKey = OFFICE) -> str:
        """Leave a document on the kiosk's topic, retained; return its digest."""
        data = signed(document(kind, version, content, issued_at=self.now), key, KIOSK)
        self.client.publish(document_topic(KIOSK, kind), data, qos=1, retain=True)
        return hashlib.sha256(data).hexdigest()

    def answer(self, digest: str, *outcomes: str, timeout_s: float = 30) -> tuple[str, str]:
        """Return the first answer to a document that has one of these outcomes, with its code. Raises TimeoutError."""

        def found() -> list[dict[str, Any]]:
            return [one for one in self._answers if one["sha256"] == digest and one["outcome"] in outcomes]

        with self._news:
            if not self._news.wait_for(found, timeout_s):
                raise TimeoutError(f"{self._answers}\n{self.log()}")
            answer = found()[0]
        return answer["outcome"], answer["code"]

    def send(
        self, kind: DocumentKind, version: int, content: bytes, key: Ed25519PrivateKey = OFFICE
    ) -> tuple[str, str]:
        """Leave a document and return the kiosk's last word on it."""
        return self.answer(self.put(kind, version, content, key), "taken", "refused")

    def log(self) -> str:
        """Return what the processes have printed."""
        return (self.folder / "processes.log").read_text()

    def policy_in_force(self) -> str:
        """Hold up passes until one is judged; return the version of the policy that judged it. Raises TimeoutError."""
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
                                return str(message.data["policy"])
        raise TimeoutError(self.log())

    def recorded(self) -> list[dict[str, Any]]:
        """Return what the journal says of documents."""
        with contextlib.closing(sqlite3.connect(f"file:{self.world.journal}?mode=ro", uri=True)) as journal:
            rows = journal.execute("SELECT data FROM events WHERE type LIKE 'document.%' ORDER BY seq").fetchall()
        return [json.loads(row[0]) for row in rows]
