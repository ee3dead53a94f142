"""The broker's files, `firmware_config/brokers`, on the real broker: who may say and hear what.

MQTT 3.1.1 answers a denial with success, so what counts is what arrives. Nothing is waited for that must not come:
behind a forbidden message goes a permitted one, and a broker keeps the order.
"""

import contextlib
import socket
import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
from paho.mqtt.enums import MQTTProtocolVersion

from kiosk.testing.broker import BrokerMissingError, Mosquitto, find_mosquitto
from kiosk.testing.fleet import Fleet
from kiosk.testing.mqtt_party import Party, SilenceError
from kiosk.testing.needed import needed
from mqtt_bridge.central.provisioning.authority import DESK_NAME
from mqtt_bridge.client_ids import ClientIds
from mqtt_bridge.topics import KioskAddress

needed(find_mosquitto, BrokerMissingError)

pytestmark = pytest.mark.system

FILES = Path(__file__).resolve().parents[2] / "firmware_config" / "brokers"
BASE = "gk/1/local/main"
VERSIONS = pytest.mark.parametrize(
    "version", [MQTTProtocolVersion.MQTTv311, MQTTProtocolVersion.MQTTv5], ids=["3.1.1", "5"]
)


def mosquitto_settings(folder):
    """Return the lines of mosquitto.conf for the files in this folder; the harness has made the listener already."""
    text = (FILES / "mosquitto.conf").read_text().replace("/etc/mosquitto/kiosk", str(folder))
    return [line for line in text.splitlines() if not line.startswith("listener ")]


@pytest.fixture
def fleet(tmp_path):
    fleet = Fleet(tmp_path, datetime.now(UTC))  # noqa: TID251 - TLS goes by the real clock
    acl = tmp_path / "acl"
    acl.write_text((FILES / "mosquitto.acl").read_text())
    acl.chmod(0o600)
    return fleet


@pytest.fixture
def broker(fleet):
    with Mosquitto(fleet.folder / "broker.d", settings=mosquitto_settings(fleet.folder)) as broker:
        yield broker


@VERSIONS
def test_a_kiosk_speaks_in_its_own_name_only(fleet, broker, version):
    with (
        Party(broker.port, fleet.centre(), "centre", ["gk/1/#"]) as centre,
        Party(broker.port, fleet.kiosk("gate-1"), "one", version=version) as one,
    ):
        one.say(f"{BASE}/gate-2/up/evt/visit.admitted", b"forged")
        one.say(f"{BASE}/gate-2/up/presence", b"forged", retain=True)
        one.say(f"{BASE}/up/evt/visit.admitted", b"forged")
        one.say("elsewhere", b"forged")
        one.say(f"{BASE}/gate-1/up/evt/visit.admitted", b"true")
        centre.hear(b"true")
    assert centre.heard == [(f"{BASE}/gate-1/up/evt/visit.admitted", b"true")]


@VERSIONS
def test_a_will_is_no_way_around(fleet, broker, version):
    one = Party(broker.port, fleet.kiosk("gate-1"), "one", version=version, will=f"{BASE}/gate-2/up/presence")
    two = Party(broker.port, fleet.kiosk("gate-2"), "two", version=version, will=f"{BASE}/gate-2/up/presence")
    with Party(broker.port, fleet.centre(), "centre", ["gk/1/#"]) as centre:
        try:
            one.connect()
            one.vanish()
        except SilenceError:
            pass  # a broker may as well refuse who asks for such a will
        two.connect()
        two.vanish()
        centre.hear(b"will")
        two.connect()
        two.say(f"{BASE}/gate-2/up/presence", b"last")
        centre.hear(b"last")
        one.leave()
        two.leave()
    assert [payload for _, payload in centre.heard] == [b"will", b"last"]


@VERSIONS
def test_a_kiosk_hears_nothing_that_is_for_another(fleet, broker, version):
    everything = ["#", "gk/1/#", f"{BASE}/+/down/#", f"{BASE}/gate-2/#", "$SYS/#", "$share/x/gk/1/#"]
    with (
        Party(broker.port, fleet.centre(), "centre") as centre,
        Party(broker.port, fleet.kiosk("gate-2"), "two") as two,
        Party(broker.port, fleet.kiosk("gate-1"), "one", everything, version=version) as one,
    ):
        centre.say(f"{BASE}/gate-2/down/cmd/open", b"secret")
        centre.say(f"{BASE}/gate-2/down/cfg/policy", b"secret", retain=True)
        two.say(f"{BASE}/gate-2/up/evt/visit.admitted", b"secret")
        centre.say(f"{BASE}/gate-1/down/ack", b"mine")
        one.hear(b"mine")
    with Party(broker.port, fleet.kiosk("gate-1"), "late", everything, version=version) as late:
        # What is retained comes before the answer to a message that is sent after the subscription.
        late.say(f"{BASE}/gate-1/up/presence", b"here")
    assert {payload for _, payload in one.heard} == {b"mine"}
    assert late.heard == []


@VERSIONS
def test_nobody_but_the_centre_writes_to_a_kiosk(fleet, broker, version):
    """Not even the kiosk itself: whoever writes to its `down/ack` could make it forget."""
    with (
        Party(broker.port, fleet.centre(), "centre") as centre,
        Party(broker.port, fleet.kiosk("gate-2"), "two", version=version) as two,
        Party(broker.port, fleet.kiosk("gate-1"), "one", [f"{BASE}/gate-1/down/#"], version=version) as one,
    ):
        one.say(f"{BASE}/gate-1/down/ack", b"forged")
        two.say(f"{BASE}/gate-1/down/cmd/open", b"forged")
        two.say(f"{BASE}/gate-1/down/cfg/policy", b"forged", retain=True)
        centre.say(f"{BASE}/gate-1/down/ack", b"true")
        one.hear(b"true")
    assert [payload for _, payload in one.heard] == [b"true"]


def test_the_centre_does_not_speak_for_a_kiosk(fleet, broker):
    with (
        Party(broker.port, fleet.centre(), "watch", ["gk/1/#"]) as watch,
        Party(broker.port, fleet.centre(), "centre") as centre,
        Party(broker.port, fleet.kiosk("gate-1"), "one") as one,
    ):
        centre.say(f"{BASE}/gate-1/up/evt/visit.admitted", b"forged")
        one.say(f"{BASE}/gate-1/up/evt/visit.admitted", b"true")
        watch.hear(b"true")
    assert [payload for _, payload in watch.heard] == [b"true"]


def test_who_commands_hears_answers_and_no_events(fleet, broker):
    """Nor can it make a kiosk forget: receipts are the consumers' business."""
    with (
        Party(broker.port, fleet.kiosk("gate-1"), "one", [f"{BASE}/gate-1/down/#"]) as one,
        Party(broker.port, fleet.centre(DESK_NAME), "desk", ["gk/1/#"]) as desk,
    ):
        desk.say(f"{BASE}/gate-1/down/ack", b"forged")
        desk.say(f"{BASE}/gate-1/up/evt/visit.admitted", b"forged")
        desk.say(f"{BASE}/gate-1/down/cmd/open", b"signed")
        one.hear(b"signed")
        one.say(f"{BASE}/gate-1/up/evt/visit.admitted", b"event")
        one.say(f"{BASE}/gate-1/up/res/1", b"answer")
        desk.hear(b"answer")
    assert [payload for _, payload in one.heard] == [b"signed"]
    assert [payload for _, payload in desk.heard] == [b"answer"]


@pytest.mark.parametrize("who", ["nobody", "stranger", "broker"])
def test_who_does_not_prove_a_name_is_not_let_in(fleet, broker, who):
    """Without a certificate, with one of another authority, with one that is for a server."""
    papers = fleet.stranger("gate-1") if who == "stranger" else getattr(fleet, who)()
    with pytest.raises((OSError, SilenceError)):
        Party(broker.port, papers, "x").connect()
    with Party(broker.port, fleet.kiosk("gate-1"), "x"):
        pass


def test_what_is_withdrawn_is_not_let_in_after_a_reload(fleet, broker):
    papers = fleet.kiosk("gate-1")
    with Party(broker.port, papers, "one"):
        pass
    fleet.withdraw([papers])
    broker.reload()
    with Party(broker.port, fleet.kiosk("gate-2"), "two"), pytest.raises((OSError, SilenceError)):
        Party(broker.port, papers, "one").connect()


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
def test_the_broker_refuses_tls_1_1_and_takes_1_2(fleet, broker):
    context = fleet.kiosk("gate-1").context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with spoken_to(broker.port, context) as line:
        assert line.version() == "TLSv1.2"
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    # The broker's own words: a refusal by this side would read differently.
    with pytest.raises(ssl.SSLError, match="TLSV1_ALERT_PROTOCOL_VERSION"), spoken_to(broker.port, context):
        pass


@contextlib.contextmanager
def spoken_to(port, context):
    with (
        socket.create_connection(("127.0.0.1", port)) as raw,
        context.wrap_socket(raw, server_hostname="localhost") as line,
    ):
        yield line


def ids(papers, kiosk):
    """Return the client ids that a kiosk's bridge uses."""
    return ClientIds.of(KioskAddress("local", "main", kiosk), papers.key.read_bytes())


@VERSIONS
def test_a_kiosk_that_guesses_throws_nobody_off(fleet, broker, version):
    """All that another kiosk can know: tenant, site, name, and how the ids of its own are made."""
    mine, other = fleet.kiosk("gate-1"), fleet.kiosk("gate-2")
    digits = ids(other, "gate-2").up.rpartition(".")[2]
    guesses = ["gk1.local.main.gate-1", "gk1.local.main.gate-1.down", f"gk1.local.main.gate-1.{digits}"]
    with (
        Party(broker.port, fleet.centre(), "centre", ["gk/1/#"]) as centre,
        Party(broker.port, mine, ids(mine, "gate-1").up, version=version) as one,
    ):
        for guess in [*guesses, ids(mine, "gate-2").up]:
            with Party(broker.port, other, guess, version=version):
                pass
        one.say(f"{BASE}/gate-1/up/evt/visit.admitted", b"still here")
        centre.hear(b"still here")
        assert one.is_open


@VERSIONS
def test_who_knows_the_id_takes_the_place_and_learns_nothing(fleet, broker, version):
    """What the digits are for: without them, this is how far another kiosk gets. Its queue is not handed over."""
    mine, other = fleet.kiosk("gate-1"), fleet.kiosk("gate-2")
    known = ids(mine, "gate-1").down
    with Party(broker.port, mine, known, [f"{BASE}/gate-1/down/#"], version=version, keep_session=True):
        pass
    with Party(broker.port, fleet.centre(), "centre") as centre:
        centre.say(f"{BASE}/gate-1/down/cmd/open", b"secret")
        with Party(broker.port, other, known, [f"{BASE}/gate-2/down/#"], version=version, keep_session=True) as thief:
            centre.say(f"{BASE}/gate-1/down/cmd/open", b"secret")
            centre.say(f"{BASE}/gate-2/down/ack", b"own")
            thief.hear(b"own")
    assert [payload for _, payload in thief.heard] == [b"own"]


def test_the_same_id_does_throw_off(fleet, broker):
    """The counterpart: a broker ends the older of two connections with one id, so the digits are needed."""
    mine = fleet.kiosk("gate-1")
    with Party(broker.port, mine, "known") as one, Party(broker.port, fleet.kiosk("gate-2"), "known"):
        one.await_closed()


def test_a_queue_is_handed_to_its_own_kiosk(fleet, broker):
    """The counterpart: the session that the thief did not get was there."""
    mine = fleet.kiosk("gate-1")
    session = Party(broker.port, mine, "known", [f"{BASE}/gate-1/down/#"], keep_session=True)
    with session:
        pass
    with Party(broker.port, fleet.centre(), "centre") as centre:
        centre.say(f"{BASE}/gate-1/down/cmd/open", b"kept")
    with session:
        session.hear(b"kept")
