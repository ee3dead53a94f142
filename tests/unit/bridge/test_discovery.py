"""What Home Assistant is told of a kiosk. scripts/home-assistant-test shows it to the real one."""

import json

import pytest

from kiosk.api.messages import Telemetry
from kiosk.api.telemetry import Happened
from kiosk.domain.events import EventType
from kiosk.testing.telemetry import DOOR, HEALTH, LINK, admitted, told
from mqtt_bridge.discovery import HomeDevice
from mqtt_bridge.topics import KioskAddress

DEVICE = HomeDevice(KioskAddress("acme", "north-hall", "gate-1"), "0.1.0")
BASE = "entrance-kiosk/acme/north-hall/gate-1"


@pytest.fixture
def config():
    return json.loads(DEVICE.config())


def keys_of(value):
    """Return every key, however deep."""
    if isinstance(value, dict):
        return {*value, *(key for inner in value.values() for key in keys_of(inner))}
    return {key for inner in value for key in keys_of(inner)} if isinstance(value, list) else set()


def test_the_device_is_announced_below_the_prefix_that_home_assistant_listens_to(config):
    assert DEVICE.topic == "homeassistant/device/entrance_kiosk_acme_north-hall_gate-1/config"
    assert config["device"]["identifiers"] == ["entrance_kiosk_acme_north-hall_gate-1"]
    assert (config["device"]["sw_version"], config["origin"]["name"]) == ("0.1.0", "entrance-kiosk")
    assert HomeDevice(DEVICE.address, "0.1.0", "ha").topic.startswith("ha/device/")


def test_nothing_in_it_takes_an_order(config):
    assert not [key for key in keys_of(config) if "command" in key or "cmd" in key or key.startswith("payload")]
    assert {said["platform"] for said in config["components"].values()} == {"sensor", "binary_sensor", "event"}


def test_everything_has_a_name_of_its_own(config):
    unique = [said["unique_id"] for said in config["components"].values()]
    assert len(set(unique)) == len(unique) == 15
    other = json.loads(HomeDevice(KioskAddress("acme", "north", "hall-gate-1"), "0.1.0").config())
    assert set(unique).isdisjoint(said["unique_id"] for said in other["components"].values())


def test_all_of_it_is_read_from_topics_that_the_kiosk_writes(config):
    written = {DEVICE.presence, *(DEVICE.shown(message)[0] for message in (
        told(HEALTH), told(DOOR), told(LINK), admitted(),
    ))}  # fmt: skip
    assert {said["state_topic"] for said in config["components"].values()} == written
    assert all(topic.startswith(f"{BASE}/") for topic in written)


def test_what_is_shown_is_away_while_the_kiosk_is(config):
    away = [name for name, said in config["components"].items() if "availability" not in said]
    assert away == ["online"]


def test_a_visit_is_shown_by_what_became_of_it_and_nothing_else():
    shown = {kind: DEVICE.shown(told(Happened(type=kind))) for kind in EventType}
    assert {kind: json.loads(said[1]) for kind, said in shown.items() if said} == {
        "visit.admitted": {"event_type": "admitted"}, "visit.denied": {"event_type": "denied"},
    }  # fmt: skip


def test_what_cannot_be_written_is_not_shown():
    assert DEVICE.shown(Telemetry(name="door", data={"inside": float("nan")})) is None
