"""What the bridge passes on of the gate's figures, and what it adds of its own."""

import json
from dataclasses import replace

from kiosk.api.messages import Telemetry
from kiosk.api.telemetry import Link
from mqtt_bridge.telemetry import MAX_TELEMETRY, Standing, TelemetryLine
from mqtt_bridge.topics import KioskAddress

ADDRESS = KioskAddress("local", "main", "gate-1")
UP = Standing("up", in_flight=3, window=100, waiting=7)


def line(*listeners, jitter=0.0):
    return TelemetryLine(ADDRESS, 100.0, lambda: jitter, listeners)


def links(told):
    """Return what was told of the line."""
    return [Link.model_validate_json(payload) for topic, payload in told if topic.endswith("/up/tele/link")]


def test_what_the_gate_tells_goes_to_the_centre_as_it_is():
    telemetry = line()
    telemetry.due(100.0, UP)
    telemetry.heard(Telemetry(name="health", data={"mode": "normal", "note": "Nguyễn"}))
    assert telemetry.due(101.0, UP) == [
        ("gk/1/local/main/gate-1/up/tele/health", '{"mode":"normal","note":"Nguyễn"}'.encode())
    ]
    assert telemetry.due(102.0, UP) == []


def test_what_is_local_goes_to_listeners_only():
    heard = []
    telemetry = line(heard.append)
    door = Telemetry(name="door", data={"state": "open"})
    event = Telemetry(name="event", data={"type": "visit.admitted"})
    telemetry.heard(door)
    telemetry.heard(event)
    told = telemetry.due(100.0, UP)
    assert heard[:2] == [door, event]
    assert [topic.rpartition("/")[2] for topic, _ in told] == ["link"]
    assert [message.name for message in heard] == ["door", "event", "link"]


def test_the_gate_cannot_speak_of_the_line():
    telemetry = line()
    telemetry.due(100.0, UP)
    telemetry.heard(Telemetry(name="link", data={"link": "up"}))
    assert telemetry.due(101.0, UP) == []


def test_the_line_is_told_once_a_minute_with_what_has_been_counted():
    telemetry = line()
    telemetry.connected(100.0)
    telemetry.due(100.0, UP)
    telemetry.connected(110.0)
    telemetry.due(110.0, UP)
    telemetry.confirmed(150.0)
    assert telemetry.due(169.9, UP) == []
    (said,) = links(telemetry.due(170.0, replace(UP, refused=1)))
    assert said == Link(
        link="up", gate=True, uptime_s=70, reconnects=1, refused=1, dead_letters=0, in_flight=3, window=100, waiting=7,
        confirmed_age_s=20,
    )  # fmt: skip


def test_bridges_that_connect_together_report_at_different_moments():
    telemetry = line(jitter=0.5)
    telemetry.due(100.0, UP)
    telemetry.connected(120.0)
    assert telemetry.due(124.9, UP) == []
    assert len(links(telemetry.due(125.0, UP))) == 1


def test_a_line_that_breaks_is_told_at_once_and_not_again_before_five_seconds():
    telemetry = line()
    telemetry.due(100.0, UP)
    assert links(telemetry.due(105.0, Standing("down", "refused")))[0].detail == "refused"
    assert telemetry.due(106.0, UP) == []
    assert links(telemetry.due(110.0, UP))[0].link == "up"


def test_a_gate_process_that_goes_is_told_at_once():
    telemetry = line()
    telemetry.due(100.0, UP)
    assert links(telemetry.due(110.0, Standing("up", gate=False)))[0].gate is False


def test_nothing_waits_for_a_broker_that_is_away():
    telemetry = line()
    for minute in range(1000):
        telemetry.heard(Telemetry(name="health", data={"minute": minute}))
        assert len(telemetry.due(100.0 + 60 * minute, Standing("down"))) <= 2


def test_what_is_too_large_or_no_json_is_not_told():
    telemetry = line()
    telemetry.due(100.0, UP)
    telemetry.heard(Telemetry(name="health", data={"note": "x" * MAX_TELEMETRY}))
    telemetry.heard(Telemetry(name="health", data={"light": float("inf")}))
    telemetry.heard(Telemetry(name="other", data={"n": 1}))
    ((topic, payload),) = telemetry.due(101.0, UP)
    assert (topic, json.loads(payload)) == ("gk/1/local/main/gate-1/up/tele/other", {"n": 1})
