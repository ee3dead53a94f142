"""Settings from the centre: what they may say, and how they lie over the kiosk's own."""

import hashlib
from pathlib import Path

import pytest

from kiosk.config import ConfigError, KioskConfig, NotPermittedError, load_config, load_own, with_settings
from kiosk.settings_overlay import FROM_CENTRE, digest_of, read_overlay
from kiosk.testing.centre_documents import OWN_SETTINGS

OWN = OWN_SETTINGS.replace('pins = "mock"', 'pins = "mock"\npulse_ms = 2000\n[door]\nheld_ms = 30000')


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "kiosk.toml"
    path.write_text(OWN)
    (tmp_path / "state").mkdir()
    (tmp_path / "run").mkdir()
    return path


def test_without_settings_from_the_centre_the_kiosks_own_count(own):
    config = load_config(own)
    assert config == load_own(own)
    assert (config.gate.pulse_ms, config.settings_digest) == (2000, "")


def test_what_the_centre_says_lies_over_them_key_by_key(own, tmp_path):
    settings = b'[gate]\npulse_ms = 4000\n[screen]\nlanguage = "en"\n'
    (tmp_path / "state" / "settings.toml").write_bytes(settings)
    config = load_config(own)
    assert (config.gate.pulse_ms, config.screen.language, config.door.held_ms) == (4000, "en", 30_000)
    assert config.gate.board == tmp_path / "board.toml", "paths of the file itself stay as they are"
    assert config.settings_digest == hashlib.sha256(settings).hexdigest()


def test_who_may_not_look_into_the_state_folder_reads_the_copy_beside_the_sockets(own, tmp_path):
    def as_the_screen(path):
        if path.parent.name == "state":
            raise PermissionError
        return path.read_bytes()

    paths = load_own(own).paths
    folders = (paths.state, paths.run)
    assert read_overlay(folders, as_the_screen) is None
    (tmp_path / "run" / "settings.toml").write_bytes(b"# copy")
    assert read_overlay(folders, as_the_screen) == b"# copy"
    assert read_overlay(folders) is None, "for the gate a copy alone is an old one"


def test_a_process_starts_anew_only_where_that_would_bring_the_gates_settings(own, tmp_path):
    place, settings = tmp_path / "state" / "settings.toml", b'[screen]\nlanguage = "en"\n'
    before = load_config(own)
    assert not before.is_outdated("")
    assert not before.is_outdated(digest_of(settings)), "they are not to be found: a new start would find none"
    place.write_bytes(settings)
    assert before.is_outdated(digest_of(settings))
    after = load_config(own)
    assert not after.is_outdated(digest_of(settings))
    place.unlink()
    assert after.is_outdated("")
    place.mkdir()
    assert not after.is_outdated(""), "nobody knows what a new start would find"


def test_settings_that_cannot_be_read_are_said(own, tmp_path):
    (tmp_path / "state" / "settings.toml").mkdir()
    with pytest.raises(ConfigError, match=r"settings.toml: cannot be read"):
        load_config(own)


@pytest.mark.parametrize("said", [
    '[kiosk]\nid = "gate-2"', '[paths]\nstate = "/tmp"', '[gate]\npins = "lgpio"', '[gate]\nboard = "b"',
    '[gate]\npin_log = "/etc/passwd"', '[privacy]\nauthority_key = "k"', '[trust]\ncentre_key = "k"',
    '[trust]\naccept_stale_DANGEROUS = ["own"]', '[mqtt]\nhost = "127.0.0.1"', '[camera]\nsource = "/dev/sda"',
    '[door]\nfail = "safe"', '[[door.hold_open]]\nhours = ["00:00-24:00"]', "monitor = true",
    '[[scanner]]\nname = "s"\nkind = "serial"\ndevice = "/dev/x"', "[clock]\ntrust_system = true",
    '[screen]\nlanguage = "en"\npictures = "p"', '[centre]\nkeys = "k"', "[centre]\nremote_opening = true",
    '[kiosk]\ntime_zone = "UTC"',
])  # fmt: skip
def test_what_the_centre_may_not_say_is_refused_by_name(own, said):
    with pytest.raises(NotPermittedError) as caught:
        with_settings(own, said.encode(), "settings.toml")
    key = said.partition("]\n")[2].splitlines()[-1].split(" ")[0] if said.startswith("[") else said.split(" ")[0]
    assert "own settings only" in str(caught.value)
    assert key in str(caught.value) or "scanner" in str(caught.value) or "hold_open" in str(caught.value)


@pytest.mark.parametrize("said", [
    b"[gate]\npulse_ms = 5", b"[gate]\npulse = 4000", b"gate = 3", b"[gate]\npulse_ms = ", b"\xff", b"[[gate]]\n",
    b"nobody = 1", b"[camera]\nexposure_ms = [9.0, 1.0]",
])  # fmt: skip
def test_what_the_settings_model_refuses_is_refused(own, said):
    with pytest.raises(ConfigError) as caught:
        with_settings(own, said, "settings.toml")
    assert not isinstance(caught.value, NotPermittedError)
    assert str(caught.value).startswith("settings.toml: ")


def test_all_that_is_allowed_exists_and_is_no_place_and_not_dangerous():
    for table, keys in FROM_CENTRE.items():
        section = KioskConfig.model_fields[table].annotation
        for key in keys:
            field = section.model_fields[key]
            assert field.annotation not in (Path, Path | None), (table, key)
            assert "DANGEROUS" not in key
