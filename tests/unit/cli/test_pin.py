"""`kiosk pin`: gives PINs, lists them, takes them away, and leaves word of it for the journal."""

import json
from datetime import timedelta

import pytest

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.lookups import Inbox
from kiosk.adapters.pins import PinFile
from kiosk.cli import main
from kiosk.cli.doctor_state import pins as look_at_pins
from kiosk.cli.output import CommandError
from kiosk.cli.pin import _pin
from kiosk.config import load_config
from kiosk.demo.script import make_issuers
from kiosk.demo.world import Choices, make_world
from kiosk.domain.staff import Staff, StaffRole


@pytest.fixture(scope="module")
def issuers():
    return make_issuers(SystemClock().now() - timedelta(days=1))


@pytest.fixture
def kiosk(tmp_path, issuers):
    return make_world(tmp_path, issuers, Choices(), 18831)


@pytest.fixture
def command(kiosk, state, capsys, tmp_path):
    def call(*words, pin=None):
        if pin is not None:
            (tmp_path / "pin.txt").write_text(pin + "\n")
            words = (*words, "--pin-file", str(tmp_path / "pin.txt"))
        status = main(["pin", *words, "--config", str(kiosk.config)])
        said = capsys.readouterr()
        return status, said.out + said.err

    return call


@pytest.fixture
def state(kiosk):
    folder = load_config(kiosk.config).paths.state
    folder.mkdir()  # by systemd, or by the gate's first start
    return folder


def test_before_the_first_start_one_is_told_what_to_do(command, state):
    state.rmdir()
    assert command("list") == (3, f"kiosk: {state}: is not there; start the kiosk once, or try as root\n")


def test_a_pin_is_given_listed_and_taken_away_and_each_change_waits_for_the_journal(command, state):
    assert command("set", "--role", "manager", pin="246813") == (0, "The PIN 'manager' (manager) is set.\n")
    assert command("set", "--role", "guard", "--name", "night-2", pin="135792")[0] == 0
    assert PinFile(state).find("135792") == Staff(StaffRole.GUARD, "night-2")
    _, said = command("list", "--json")
    assert json.loads(said) == {"pins": [{"name": "manager", "role": "manager"}, {"name": "night-2", "role": "guard"}]}
    assert command("remove", "--name", "night-2") == (0, "The PIN 'night-2' (guard) is removed.\n")
    words = [draft.data["what"] + " " + draft.data["name"] for _, draft in Inbox(state / "lookups").waiting()]
    assert sorted(words) == ["removed night-2", "set manager", "set night-2"]


def test_nobody_has_a_pin_to_begin_with(command):
    assert command("list") == (1, "Nobody has a PIN. `kiosk pin set --role manager` gives one.\n")


@pytest.mark.parametrize(
    ("words", "pin", "status", "says"),
    [
        (("set", "--role", "guard"), "12", 2, "a PIN has 6 to 12 digits"),
        (("set", "--role", "guard"), "123456", 2, "among the first that somebody would try"),
        (("set", "--role", "guard"), "246813", 2, "that PIN cannot be used"),
        (("set", "--role", "guard", "--name", "manager"), "135792", 2, "has a PIN of another role"),
        (("set", "--role", "king"), "135792", 2, "invalid choice"),
        (("set", "--role", "guard", "--name", "Nguyễn Văn A"), "135792", 2, "is no code"),
        (("remove", "--name", "manager"), None, 2, "the only manager's PIN"),
        (("remove", "--name", "nobody"), None, 1, "there is no PIN of that name"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_says_in_a_sentence_what_to_do(command, words, pin, status, says):
    command("set", "--role", "manager", pin="246813")
    found, said = command(*words, pin=pin)
    assert (found, says in said, said.count("\n")) == (status, True, 1)
    assert "246813" not in said
    assert "135792" not in said


def test_a_pin_is_typed_twice(command):
    with pytest.raises(CommandError, match="no terminal to ask"):
        _pin(None)


def test_a_damaged_file_is_named(command, state):
    (state / "pins.json").write_text("{")
    status, said = command("list")
    assert (status, "is damaged; move it away" in said) == (3, True)


def test_the_doctor_says_whether_anybody_can_sign_in(command, kiosk, state):
    config = load_config(kiosk.config)

    def found():
        (finding,) = look_at_pins(config)
        return finding.state, finding.found

    assert found() == ("warning", "nobody has a PIN: the touchscreen serves visitors only")
    command("set", "--role", "guard", pin="135792")
    assert found() == ("warning", "no manager has a PIN")
    command("set", "--role", "manager", pin="246813")
    assert found() == ("ok", "PINs for guard (guard), manager (manager)")
    (state / "pins.json").write_text("{")
    assert found()[0] == "missing"
    assert list(look_at_pins(None)) == []
