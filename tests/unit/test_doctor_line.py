"""What `kiosk doctor` says about the line to the centre, each with the next step."""

from datetime import UTC, datetime, timedelta

import pytest

from kiosk.cli.doctor_line import line
from kiosk.config import load_config
from kiosk.testing.centre_keys import write_centre_keys
from kiosk.testing.fleet import Fleet

NOW = datetime(2026, 7, 5, 9, tzinfo=UTC)
SETTINGS = """\
[kiosk]
id = "gate-1"
[paths]
policy = "p"
trust = "t"
[gate]
board = "b"
pins = "mock"
"""
LINE = """\
[centre]
keys = "centre-keys.toml"
[mqtt]
ca_file = "ca.pem"
cert_file = "gate-1.pem"
key_file = "gate-1.key"
"""


@pytest.fixture
def folder(tmp_path):
    Fleet(tmp_path, NOW).kiosk("gate-1")
    write_centre_keys(tmp_path)
    return tmp_path


def findings(folder, settings=SETTINGS + LINE, now=NOW):
    (folder / "kiosk.toml").write_text(settings)
    return {one.part: (one.state, one.found) for one in line(load_config(folder / "kiosk.toml"), now)}


def test_all_is_well(folder):
    assert findings(folder) == {
        "certificate": ("ok", "local/main/gate-1, good until 2026-10-03"),
        "centre": ("ok", "keys: 1; among them they may store"),
    }


def test_without_a_centre_nothing_is_needed(folder):
    assert findings(folder, SETTINGS) == {}
    assert list(line(None, NOW)) == []


@pytest.mark.parametrize(
    ("days", "state", "told"),
    [(59, "ok", "good until"), (61, "warning", "due for the next one"), (91, "missing", "expired on 2026-10-03"),
     (-1, "missing", "not valid by this kiosk's clock")],
)  # fmt: skip
def test_how_old_it_is(folder, days, state, told):
    found = findings(folder, now=NOW + timedelta(days=days))["certificate"]
    assert (found[0], told in found[1]) == (state, True)


def test_a_certificate_of_another_kiosk(folder):
    found = findings(folder, SETTINGS.replace("gate-1", "gate-2") + LINE)["certificate"]
    assert found == ("missing", "of local/main/gate-1: the certificate names another kiosk")


def test_a_key_of_another_certificate(folder):
    Fleet(folder, NOW).kiosk("gate-1")
    (folder / "gate-1.key").write_bytes((folder / "broker.key").read_bytes())
    assert findings(folder)["certificate"][1].endswith("the certificate belongs to another key")


def test_files_that_are_damaged_or_not_there(folder):
    (folder / "gate-1.key").write_text("")
    assert findings(folder)["certificate"][0] == "missing"
    (folder / "gate-1.key").unlink()
    assert "gate-1.key: cannot be read (no such file or directory)" in findings(folder)["certificate"][1]


def test_a_key_that_everybody_can_read(folder):
    (folder / "gate-1.key").chmod(0o644)
    assert findings(folder)["certificate"][0] == "missing"


def test_a_list_of_keys_by_which_no_event_is_ever_done_with(folder):
    keys = (folder / "centre-keys.toml").read_text()
    (folder / "centre-keys.toml").write_text(keys.replace('"store"', '"open"'))
    assert findings(folder)["centre"][0] == "missing"
    (folder / "centre-keys.toml").unlink()
    assert findings(folder)["centre"][0] == "missing"
