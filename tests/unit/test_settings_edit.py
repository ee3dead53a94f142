"""Changing a person's settings file: only what shall change, and never into something else."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.adapters.settings_edit import SettingsEditError, changed

EXAMPLE = (Path(__file__).resolve().parents[2] / "firmware_config/kiosk.toml.example").read_text()
LINE = {"host": "broker.example", "port": 8883, "tls": None, "key_file": None}


def test_a_table_that_is_not_there_comes_at_the_end():
    text = changed("a = 1  # one\n", {"mqtt": LINE})
    assert text == 'a = 1  # one\n\n[mqtt]\nhost = "broker.example"\nport = 8883\n'


def test_values_change_in_their_place_and_comments_stay():
    old = '[mqtt]  # line\n  host = "x" # where\ntls = false\nca_file = "c"\n\n[z]\nhost = "z"\n'
    text = changed(old, {"mqtt": LINE})
    assert text == (
        '[mqtt]  # line\nport = 8883\n  host = "broker.example" # where\nca_file = "c"\n\n[z]\nhost = "z"\n'
    )


def test_the_example_of_the_repository():
    name = {"id": "gate-7", "tenant": "hanoi", "site": "north"}
    text = changed(EXAMPLE, {"kiosk": name, "mqtt": LINE, "centre": {"keys": "centre-keys.toml"}})
    before, after = EXAMPLE.splitlines(), text.splitlines()
    assert [line for line in after if line not in before] == [
        'id = "gate-7"          # small letters, digits and hyphens: part of the MQTT topics, like the next two',
        'tenant = "hanoi"', 'site = "north"', "[mqtt]", 'host = "broker.example"', "port = 8883", "[centre]",
        'keys = "centre-keys.toml"',
    ]  # fmt: skip
    assert changed(text, {"kiosk": name, "mqtt": LINE, "centre": {"keys": "centre-keys.toml"}}) == text


@pytest.mark.parametrize(
    "text",
    [
        'mqtt = { host = "x" }\n',
        'mqtt.host = "x"\n',
        '["mqtt"]\nhost = "x"\n',
        "[mqtt]\nhost = '''\nx'''\n",
        'note = """\n[mqtt]\n"""\n',
        '[[mqtt]]\nhost = "x"\n',
        '[mqtt]\n"host" = "x"\n',
    ],
)
def test_a_layout_of_its_own_is_left_to_the_person(text):
    with pytest.raises(SettingsEditError, match="have a layout of their own"):
        changed(text, {"mqtt": LINE})


def test_lists_over_several_lines_are_no_tables():
    text = '[mqtt]\nport = 1\nlist = [\n  "a", # [b]\n  [1],\n]\nhost = "x"\n'
    assert tomllib.loads(changed(text, {"mqtt": {"host": "y"}}))["mqtt"] == {
        "port": 1, "list": ["a", [1]], "host": "y",
    }  # fmt: skip


@pytest.mark.parametrize("value", ['x"\ntls = false', "a\\b", "\x00", 'a"b'])
def test_a_value_cannot_become_a_setting(value):
    with pytest.raises(SettingsEditError, match="no setting here has"):
        changed("", {"mqtt": {"host": value}})


_NAMES = st.sampled_from(["host", "port", "tls", "other", "mqtt"])
_VALUES = st.sampled_from(
    ['"x"', "1", "true", '["a"]', "[\n1,\n]", "'y' # c", '"""\n[mqtt]\nhost = 2\n"""', "{ a = 1 }"]
)
_OTHER = st.sampled_from(["[mqtt]", "[a]", "[[b]]", "[mqtt.c]", "# [mqtt]", ""])
_PARTS = st.one_of(st.builds("{} = {}".format, _NAMES, _VALUES), _OTHER)


@given(st.lists(_PARTS, max_size=8))
def test_whatever_the_file_says_the_rest_of_it_stays(parts):
    text = "\n".join(parts)
    try:
        before = tomllib.loads(text)
        after = tomllib.loads(changed(text, {"mqtt": LINE}))
    except (tomllib.TOMLDecodeError, SettingsEditError):
        return
    assert after.pop("mqtt") == {
        key: value for key, value in (before.pop("mqtt", {}) | LINE).items() if value is not None
    }
    assert after == before
