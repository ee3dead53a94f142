"""Board files: what they may say, and the sentence for what they may not."""

from pathlib import Path

import pytest

from kiosk.board_file import load_board
from kiosk.config import ConfigError
from kiosk.domain.lines import Out, Sense

BOARDS = Path(__file__).resolve().parents[2] / "firmware_config" / "boards"
RELAY = "name = 'x'\n[relay]\npin = 17\n"


@pytest.fixture
def read(tmp_path):
    def load(text):
        path = tmp_path / "board.toml"
        path.write_text(text)
        return load_board(path)

    return load


@pytest.mark.parametrize("path", sorted(BOARDS.glob("*.toml")), ids=lambda path: path.stem)
def test_the_boards_that_ship_can_be_read(path):
    assert load_board(path).relays


def test_each_input_has_the_active_level_of_its_kind_and_may_have_another(read):
    board = read(f"{RELAY}[contact]\npin = 5\n[beam]\npin = 6\n[exit_button]\npin = 16\nactive_high = true\n")
    assert [board.active_high(sense) for sense in (Sense.CONTACT, Sense.BEAM, Sense.EXIT_BUTTON)] == [True, True, True]
    assert board.debounce_ms == {Sense.CONTACT: 30, Sense.BEAM: 20, Sense.EXIT_BUTTON: 30}
    assert board.lines == {"relay", "contact", "beam", "exit_button"}


def test_relays_are_told_from_other_outputs(read):
    board = read(f"{RELAY}[exit_relay]\npin = 27\n[buzzer]\npin = 24\n")
    assert list(board.relays) == [Out.RELAY, Out.EXIT_RELAY]
    assert list(board.outputs) == [Out.RELAY, Out.EXIT_RELAY, Out.BUZZER]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = 'x'\n", "the key 'relay' is missing"),
        (f"{RELAY}[contact]\npin = 17\n", "relay and contact are all on pin 17; give each line a pin of its own"),
        (f"{RELAY}[contact]\npin = 28\n", "'contact.pin'"),
        (f"{RELAY}[contct]\npin = 5\n", "unknown key 'contct'; did you mean 'contact'?"),
        (f"{RELAY}[contact]\npin = 5\nactive_hihg = true\n", "did you mean 'active_high'?"),
        (f"{RELAY}[contact]\npin = 5\npull = 'sideways'\n", "'contact.pull'"),
        ("name = 'x'\n[relay]\n", "write either pin = NUMBER or coil = NUMBER"),
        ("name = 'x'\n[relay]\npin = 1\ncoil = 1\n", "write either pin = NUMBER or coil = NUMBER"),
        ("name = 'x'\n[relay]\ncoil = 1\n", "add a [modbus] table"),
        ("name = 'x'\n[relay]\ncoil = 1\nactive_high = false\n", "leave active_high out"),
        (f"{RELAY}[buzzer]\ncoil = 1\n", "coils are for relays"),
        ("name = 'x'\n[modbus]\nhost = 'h'\n[relay]\ncoil = 1\n[exit_relay]\ncoil = 1\n", "two lines are on one coil"),
        (f"exit_relay = {{ pin = 27 }}\n{RELAY}", "write [exit_relay] and under it pin = 27"),
        (f"exit_relay.pin = 27\n{RELAY}", "write [exit_relay] and under it pin = 27"),
        ("name = 'x'\n[relay]\npin = 0x11\n", "write [relay] and under it pin = 17"),
        ("name = 'x'\n['relay']\npin = 17\n", "write [relay] and under it pin = 17"),
        (f"{RELAY}[contact]\npin = 5\npull = 'none'\n", 'write [contact] and under it pull = "none"'),
        (f"{RELAY}[modbus]\nunit = 3\n", "write either device = PATH or host = NAME"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(read, text, said):
    with pytest.raises(ConfigError) as refused:
        read(text)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
