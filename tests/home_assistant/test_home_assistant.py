"""The real bridge shows itself to the real Home Assistant over a real broker; only the gate process is a stand-in."""

from kiosk.testing.telemetry import DOOR, HEALTH, admitted, told

HOME = "[home_assistant]\nport = {port}\ntls = false\n"
NAME = "entrance_kiosk_gate_1"
COMPONENTS = 15
"""All that can be seen, the event of a visit included."""


def states(answer):
    """Return the state of each entity by the end of its name."""
    return {
        entity.partition(".")[2].removeprefix(f"{NAME}_"): said["state"]
        for entity, said in answer["entities"].items()
    }  # fmt: skip


def test_everything_that_can_be_seen_is_there_and_says_how_it_is(stage, home):
    gate, broker = stage.gate(), stage.broker()
    guest = home(broker.port)
    stage.bridge(broker.port, HOME)
    gate.await_link("off")
    gate.tell(told(HEALTH))
    gate.tell(told(DOOR))
    answer = guest.ask(until=COMPONENTS - 1)
    assert states(answer) == {
        "online": "on", "door": "on", "door_state": "held", "mode": "lockdown", "people_inside": "17",
        "visits_today": "230", "fault": "on", "faults": "camera_dark, relay_fault", "alarm": "on", "camera": "dark",
        "temperature": "50.5", "disk_used": "42.5", "events_waiting": "20.0", "centre": "off", "visit": "unknown",
    }  # fmt: skip
    assert [device[0] for device in answer["devices"]] == ["Entrance kiosk gate-1"]
    assert answer["entities"][f"sensor.{NAME}_temperature"]["unit_of_measurement"] == "°C"
    gate.tell(admitted())
    visit = guest.ask(until=COMPONENTS)["entities"][f"event.{NAME}_visit"]
    assert visit["event_type"] == "admitted"


def test_nothing_can_be_done_from_there_and_no_word_of_it_is_heard(stage, home):
    gate, broker = stage.gate(), stage.broker()
    guest = home(broker.port)
    stage.bridge(broker.port, HOME)
    gate.await_link("off")
    gate.tell(told(DOOR))
    answer = guest.ask(until=6)
    # None of Home Assistant's kinds of things that take an order: no button, lock, switch, cover, text …
    assert {entity.partition(".")[0] for entity in answer["entities"]} == {"binary_sensor", "event", "sensor"}
    assert answer["domains"] == ["binary_sensor", "event", "sensor"]


def test_home_assistant_that_starts_later_or_anew_is_told_all_of_it(stage, home):
    gate, broker = stage.gate(), stage.broker()
    stage.bridge(broker.port, HOME)
    gate.await_link("off")
    gate.tell(told(HEALTH))
    gate.tell(told(DOOR))
    guest = home(broker.port)
    guest.ask(again=True)
    assert states(guest.ask(until=COMPONENTS - 1))["people_inside"] == "17"


def test_a_kiosk_that_goes_away_is_not_available(stage, home):
    gate, broker = stage.gate(), stage.broker()
    guest = home(broker.port)
    bridge = stage.bridge(broker.port, HOME)
    gate.await_link("off")
    gate.tell(told(DOOR))
    assert states(guest.ask(until=6))["mode"] == "lockdown"
    stage.stop(bridge)
    gone = states(guest.ask(unavailable=COMPONENTS - 1))
    assert (gone["online"], gone["mode"], gone["door"]) == ("off", "unavailable", "unavailable")


def test_a_gate_process_that_goes_away_is_not_shown_as_it_was(stage, home):
    gate, broker = stage.gate(), stage.broker()
    guest = home(broker.port)
    stage.bridge(broker.port, HOME)
    gate.await_link("off")
    gate.tell(told(DOOR))
    assert states(guest.ask(until=6))["mode"] == "lockdown"
    gate.stop()
    gone = states(guest.ask(unavailable=COMPONENTS - 1))
    assert (gone["online"], gone["mode"], gone["door"]) == ("on", "unavailable", "unavailable")
