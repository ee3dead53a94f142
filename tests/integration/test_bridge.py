"""The real bridge, a real broker and the real centre; only the gate process is a stand-in."""

import contextlib
import datetime as dt
import json
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from kiosk.testing.broker import BrokerError, BrokerMissingError, Mosquitto, PortBusyError, find_mosquitto, free_port
from kiosk.testing.fake_gate import FakeGate

try:
    find_mosquitto()
except BrokerMissingError as error:
    pytest.skip(str(error), allow_module_level=True)

pytestmark = pytest.mark.system

MQTT = '[mqtt]\nhost = "127.0.0.1"\nport = {port}\ntls = false\n'


class Stage:
    """Starts processes and ends every one of them by its own handle."""

    def __init__(self, tmp_path):
        self.path = tmp_path
        self.database = tmp_path / "centre.db"
        self._stack = contextlib.ExitStack()

    def gate(self, **options):
        return self._stack.enter_context(FakeGate(self.path, **options))

    def broker(self, **options):
        return self._stack.enter_context(Mosquitto(self.path / "broker", **options))

    def _run(self, *arguments):
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self._stack.callback(self.stop, process)
        return process

    @staticmethod
    def stop(process):
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=10)
        assert "Traceback" not in err, err
        return process.returncode, out, err

    def bridge(self, port=None, mqtt=MQTT):
        file = self.path / "kiosk.toml"
        file.write_text(
            '[kiosk]\nid = "gate-1"\n[paths]\nrun = "."\npolicy = "p"\ntrust = "t"\n'
            '[gate]\nboard = "b"\npins = "mock"\n' + (mqtt.format(port=port) if port else "")
        )
        return self._run("mqtt_bridge", "--config", str(file))

    def centre(self, port):
        process = self._run("mqtt_bridge.central", "--port", str(port), "--database", str(self.database))
        line = process.stdout.readline()
        assert line == f"kiosk-centre: subscribed at 127.0.0.1:{port}\n", line or process.stderr.read()
        return process

    def rows(self, sql):
        with contextlib.closing(sqlite3.connect(self.database)) as database:
            return database.execute(sql).fetchall()

    def close(self):
        self._stack.close()


@pytest.fixture
def stage(tmp_path):
    stage = Stage(tmp_path)
    yield stage
    stage.close()


def numbers(stage):
    return [seq for (seq,) in stage.rows("SELECT seq FROM events ORDER BY seq")]


def test_events_are_stored_exactly_once_and_confirmed(stage):
    gate, broker = stage.gate(), stage.broker()
    gate.append(450)
    centre = stage.centre(broker.port)
    bridge = stage.bridge(broker.port)
    gate.await_confirmed(450)
    gate.append()
    gate.await_confirmed(451)
    gate.await_sent(451)
    assert numbers(stage) == list(range(1, 452))
    assert stage.rows("SELECT * FROM findings") == stage.rows("SELECT * FROM dead_letters") == []
    assert gate.sent == sorted(gate.sent)
    assert {stored.epoch for stored in gate.stored} == {"e1"}
    assert max(fetch.limit for fetch in gate.fetches) <= 100
    record = json.loads(stage.rows("SELECT record FROM events WHERE seq = 7")[0][0])
    assert record == gate.journal[6].model_dump()
    assert stage.stop(bridge)[0] == stage.stop(centre)[0] == 0


def test_a_broker_that_is_killed_loses_nothing_and_nothing_is_stored_twice(stage):
    gate, broker = stage.gate(), stage.broker()
    stage.centre(broker.port)
    stage.bridge(broker.port)
    gate.append(3000)
    gate.await_confirmed(300)
    for _ in range(2):
        broker.kill()
        gate.append(10)
        time.sleep(0.2)
        broker.start()
    gate.await_confirmed(3020)
    assert numbers(stage) == list(range(1, 3021))
    assert stage.rows("SELECT * FROM findings") == []


def test_a_bridge_and_a_centre_that_are_killed_lose_nothing(stage):
    gate, broker = stage.gate(), stage.broker()
    centre, bridge = stage.centre(broker.port), stage.bridge(broker.port)
    gate.append(3000)
    for upto in (300, 1000):
        gate.await_confirmed(upto)
        bridge.kill()
        centre.kill()
        centre, bridge = stage.centre(broker.port), stage.bridge(broker.port)
    gate.await_confirmed(3000)
    assert numbers(stage) == list(range(1, 3001))
    assert stage.rows("SELECT * FROM findings") == []


def test_a_puback_is_no_proof_while_the_centre_is_away(stage):
    gate, broker = stage.gate(), stage.broker()
    centre = stage.centre(broker.port)
    stage.bridge(broker.port)
    gate.append()
    gate.await_confirmed(1)
    stage.stop(centre)
    gate.append(200)
    gate.await_sent(201)
    assert gate.confirmed == 1
    stage.centre(broker.port)
    gate.await_confirmed(201)
    assert numbers(stage) == list(range(1, 202))


def test_without_any_subscriber_nothing_counts_as_sent_until_the_centre_comes(stage):
    gate, broker = stage.gate(), stage.broker()
    gate.append(50)
    stage.bridge(broker.port)
    gate.await_link("up", "no_subscriber")
    assert (gate.sent, gate.stored) == ([], [])
    stage.centre(broker.port)
    gate.await_confirmed(50)
    gate.await_link("up", "")


def test_the_line_is_down_without_a_broker_and_up_when_it_comes(stage):
    gate = stage.gate()
    port = free_port()
    gate.append(5)
    bridge = stage.bridge(port)
    gate.await_link("down", "refused")
    broker = stage.broker(port=port)
    stage.centre(port)
    gate.await_link("up")
    gate.await_confirmed(5)
    broker.stop()
    gate.await_link("down")
    assert stage.stop(bridge)[0] == 0


def test_the_gate_process_may_go_and_come_back_with_the_same_or_a_new_journal(stage):
    broker = stage.broker()
    bridge = stage.bridge(broker.port)
    stage.centre(broker.port)
    first = FakeGate(stage.path)
    with first:
        first.append(120)
        first.await_confirmed(120)
    with first:
        first.append(30)
        first.await_confirmed(150)
        assert first.connections == 2
    with FakeGate(stage.path, epoch="e2") as second:
        second.append(3)
        second.await_confirmed(3)
        assert {stored.epoch for stored in second.stored} == {"e2"}
    assert stage.rows("SELECT epoch, count(*) FROM events GROUP BY epoch") == [("e1", 150), ("e2", 3)]
    assert stage.rows("SELECT * FROM findings") == []
    assert bridge.poll() is None


def test_a_journal_that_is_replaced_while_the_gate_runs_is_noticed(stage):
    gate, broker = stage.gate(), stage.broker()
    stage.centre(broker.port)
    stage.bridge(broker.port)
    gate.append(20)
    gate.await_confirmed(20)
    gate.replace_journal("e2")
    gate.append(2)
    gate.await_confirmed(2)
    gate.replace_journal("e3")
    gate.append(40)
    gate.await_confirmed(40)
    assert stage.rows("SELECT epoch, max(seq), count(*) FROM events GROUP BY epoch") == [
        ("e1", 20, 20),
        ("e2", 2, 2),
        ("e3", 40, 40),
    ]


def test_a_word_of_the_centre_that_the_gate_could_not_keep_is_said_again(stage):
    gate, broker = stage.gate(), stage.broker()
    stage.centre(broker.port)
    stage.bridge(broker.port)
    gate.append(5)
    gate.await_confirmed(5)
    gate.confirmed = 0
    gate.append(0)
    gate.await_confirmed(5)


def test_without_a_centre_in_the_settings_the_line_is_off(stage):
    gate = stage.gate()
    gate.append()
    bridge = stage.bridge()
    gate.await_link("off")
    assert gate.fetches == []
    assert stage.stop(bridge)[0] == 0


def test_a_gate_of_another_name_is_not_served(stage):
    gate, broker = stage.gate(kiosk="gate-2"), stage.broker()
    gate.append()
    stage.bridge(broker.port)
    gate.await_link("up", "wrong_kiosk")
    assert gate.fetches == []


def test_a_small_receive_maximum_is_respected(stage):
    # This broker ends the connection with 0x93 where more are on their way.
    gate, broker = stage.gate(), stage.broker(settings=("max_inflight_messages 3",))
    gate.append(100)
    stage.centre(broker.port)
    stage.bridge(broker.port)
    gate.await_confirmed(100)
    assert [health.link for health in gate.health if health.link != "down"] == ["up"]


def test_an_event_that_is_too_large_for_the_broker_blocks_nothing_and_is_reported(stage):
    gate, broker = stage.gate(), stage.broker(settings=("max_packet_size 4000",))
    gate.append(3)
    gate.append(1, data={"note": "x" * 5000})
    gate.append(60)
    stage.centre(broker.port)
    stage.bridge(broker.port)
    gate.await_confirmed(3)
    gate.await_link("up", "unsendable")
    end = time.monotonic() + 10
    while len(numbers(stage)) < 63 and time.monotonic() < end:
        time.sleep(0.05)
    assert numbers(stage) == [*range(1, 4), *range(5, 65)]
    assert (gate.confirmed, max(gate.sent)) == (3, 3)


class Listener:
    """A client of the broker that keeps what it hears and may speak."""

    def __init__(self, port, topic):
        self.heard = []
        self._news = threading.Condition()
        self.client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        self.client.on_message = self._hear
        self.client.connect("127.0.0.1", port)
        self.client.subscribe(topic, qos=1)
        self.client.loop_start()

    def _hear(self, _client, _data, message):
        with self._news:
            self.heard.append((message.topic, json.loads(message.payload), message.retain))
            self._news.notify_all()

    def await_count(self, count):
        with self._news:
            assert self._news.wait_for(lambda: len(self.heard) >= count, 10), self.heard

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()


_KEY_USAGES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


def certificates(folder):
    """Write a CA, and a server's and a kiosk's certificate that it signed."""
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    keys = {name: ec.generate_private_key(ec.SECP256R1()) for name in ("ca", "localhost", "gate-1")}

    def named(name):
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])

    for name, key in keys.items():
        builder = x509.CertificateBuilder(named("ca"), named(name), key.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(now).not_valid_after(now.replace(year=2126))
        builder = builder.add_extension(x509.BasicConstraints(ca=name == "ca", path_length=None), critical=True)
        # What RFC 5280 asks for, and Python checks from 3.13 on.
        ca = x509.AuthorityKeyIdentifier.from_issuer_public_key(keys["ca"].public_key())
        builder = builder.add_extension(ca, critical=False)
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        if name == "ca":
            usage = dict.fromkeys(_KEY_USAGES, False) | {"key_cert_sign": True, "crl_sign": True}
            builder = builder.add_extension(x509.KeyUsage(**usage), critical=True)
        names = x509.SubjectAlternativeName([x509.DNSName(name)])
        certificate = builder.add_extension(names, critical=False).sign(keys["ca"], hashes.SHA256())
        (folder / f"{name}.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
        (folder / f"{name}.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def test_over_tls_with_certificates_on_both_sides(stage):
    folder = stage.path
    certificates(folder)
    settings = (
        f"cafile {folder}/ca.pem",
        f"certfile {folder}/localhost.pem",
        f"keyfile {folder}/localhost.key",
        "require_certificate true",
        "use_identity_as_username true",
        f"acl_file {folder}/acl",
        f"listener {(plain := free_port())} 127.0.0.1",
    )
    (folder / "acl").write_text(
        "topic readwrite gk/#\npattern write gk/1/+/+/%u/up/#\npattern read gk/1/+/+/%u/down/#\n"
    )
    (folder / "acl").chmod(0o600)
    gate, broker = stage.gate(), stage.broker(settings=settings)
    gate.append(300)
    stage.centre(plain)
    tls = '[mqtt]\nhost = "localhost"\nport = {port}\nca_file = "ca.pem"\n'
    bridge = stage.bridge(broker.port, tls)
    # Under TLS 1.3 a client learns after the handshake that it lacks a certificate: as an alert, or as a closed line.
    gate.await_link("down", "tls", "lost")
    assert stage.stop(bridge)[0] == 0
    stage.bridge(broker.port, tls + 'cert_file = "gate-1.pem"\nkey_file = "gate-1.key"\n')
    gate.await_confirmed(300)
    assert numbers(stage) == list(range(1, 301))


def test_a_broker_that_cannot_prove_its_name_is_not_spoken_to(stage):
    certificates(stage.path)
    names = ("cafile ca.pem", "certfile gate-1.pem", "keyfile gate-1.key")
    settings = tuple(f"{key} {stage.path}/{file}" for key, file in map(str.split, names))
    gate, broker = stage.gate(), stage.broker(settings=settings)
    stage.bridge(broker.port, '[mqtt]\nhost = "localhost"\nport = {port}\nca_file = "ca.pem"\n')
    gate.await_link("down", "tls")


def test_presence_is_born_and_ends_and_impossible_acknowledgements_change_nothing(stage):
    gate, broker = stage.gate(), stage.broker()
    gate.append(2)
    listener = Listener(broker.port, "gk/1/local/main/gate-1/up/#")
    try:
        bridge = stage.bridge(broker.port)
        listener.await_count(3)
        (topic, birth, _), *events = listener.heard
        assert topic == "gk/1/local/main/gate-1/up/presence"
        assert birth["state"] == "online"
        assert [event["id"] for _, event, _ in events] == ["gate-1:e1:1", "gate-1:e1:2"]
        gate.await_sent(2)
        for payload in ('{"epoch":"e2","upto":1}', '{"epoch":"e1","upto":3}', "junk", '{"epoch":"e1","upto":1}'):
            listener.client.publish("gk/1/local/main/gate-1/down/ack", payload, qos=1)
        gate.await_confirmed(1)
        assert [(stored.epoch, stored.upto) for stored in gate.stored] == [("e1", 1)]
        assert stage.stop(bridge)[0] == 0
        listener.await_count(4)
        assert listener.heard[-1][1] == {"state": "stopped", "session": birth["session"]}
    finally:
        listener.close()


@pytest.mark.parametrize(
    "words",
    [b"\xff" * 64, b"\x20\x02\x00\x87", b"HTTP/1.1 400 Bad Request\r\n\r\n", b""],
    ids=["noise", "cut_short", "http", "silence"],
)
def test_a_peer_that_is_no_broker_is_left_and_tried_again(stage, words):
    gate = stage.gate()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        bridge = stage.bridge(listener.getsockname()[1])
        for _ in range(2):
            peer, _ = listener.accept()
            with peer:
                peer.recv(4096)
                peer.sendall(words)
        gate.await_link("down")
        assert bridge.poll() is None
        assert stage.stop(bridge)[0] == 0


def test_settings_that_cannot_be_used_are_one_sentence_and_status_2(stage):
    for mqtt in ("[mqtt]\nprot = {port}\n", '[mqtt]\nport = {port}\nca_file = "missing.pem"\n'):
        status, out, err = stage.stop(_ended(stage.bridge(1, mqtt)))
        assert (status, out, len(err.splitlines())) == (2, "", 1)


def _ended(process):
    process.wait(10)
    return process


def test_a_busy_port_and_a_broker_that_does_not_start_are_clean_errors(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(PortBusyError):
        Mosquitto(tmp_path, port=taken.getsockname()[1]).start()
    with pytest.raises(BrokerError, match="last words"):
        Mosquitto(tmp_path, settings=("no_such_setting 1",)).start()
