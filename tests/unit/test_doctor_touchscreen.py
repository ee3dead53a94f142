"""What `kiosk doctor` says of settings made at the touchscreen, and of the process with rights."""

import socket

import pytest

from kiosk.cli.doctor_touchscreen import touchscreen
from kiosk.config import load_config
from kiosk.testing.venue_settings import Venue


@pytest.fixture
def venue(tmp_path):
    return Venue(tmp_path)


def said(venue, pins="mock"):
    text = venue.path.read_text().replace('pins = "mock"', f'pins = "{pins}"')
    venue.path.write_text(text.replace("[paths]\n", '[paths]\nadmin = "admin.sock"\n'))
    return [(one.part, one.state, one.found) for one in touchscreen(load_config(venue.path))]


def test_a_demonstration_in_which_nothing_was_set_says_nothing(venue):
    assert said(venue) == []
    assert list(touchscreen(None)) == []


def test_what_was_set_is_named_and_not_repeated(venue):
    venue.set(gate__pulse_ms="4000", screen__venue="Hall")
    venue.config()
    assert said(venue) == [("touchscreen", "ok", "set there: gate.pulse_ms, screen.venue")]


def test_an_appliance_says_whether_its_machine_can_be_set(venue, tmp_path):
    ((part, state, found),) = said(venue, "lgpio")
    assert (part, state) == ("rights", "warning")
    assert "cannot be set" in found
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "admin.sock"))
        ((part, state, _),) = [(one.part, one.state, one.found) for one in touchscreen(load_config(venue.path))]
        assert (part, state) == ("rights", "ok")
