import importlib.util
import os
import sys
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pytest

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.keys import make_signer
from kiosk.adapters.revocation_build import build
from kiosk.cli.doctor import _camera, _settings, _trust
from kiosk.cli.doctor_state import counts
from kiosk.config import CameraSection, load_config
from kiosk.domain.trust import Algorithm


@pytest.fixture
def video(tmp_path: Path):
    """Make a system with these video devices, each with the name that the kernel gives it."""

    def make(**names: str) -> Path:
        for device, name in names.items():
            (tmp_path / "sys/class/video4linux" / device).mkdir(parents=True)
            (tmp_path / "sys/class/video4linux" / device / "name").write_text(name + "\n")
            (tmp_path / "dev").mkdir(exist_ok=True)
            (tmp_path / "dev" / device).touch()
        return tmp_path

    return make


@pytest.fixture
def picamera2(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("picamera2")
    module.__spec__ = importlib.util.spec_from_loader("picamera2", None)
    monkeypatch.setitem(sys.modules, "picamera2", module)


@pytest.mark.usefixtures("picamera2")
@pytest.mark.parametrize("receiver", ["unicam-image", "rp1-cfe-csi2_ch0"])
def test_a_camera_module_is_found_by_its_receiver(receiver: str, video):
    system = video(video0=receiver, video10="bcm2835-codec-decode")
    assert _camera(CameraSection(), system).state == "ok"


@pytest.mark.usefixtures("picamera2")
def test_the_pi_s_own_video_devices_are_no_camera(video):
    finding = _camera(CameraSection(), video(video10="bcm2835-codec-decode", video20="pispbe-input"))
    assert (finding.state, finding.found) == ("missing", "no camera module among 2 video devices")
    assert "ribbon cable" in finding.next_step


def test_without_the_library_there_is_no_camera(monkeypatch: pytest.MonkeyPatch, video):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    finding = _camera(CameraSection(), video(video0="unicam-image"))
    assert (finding.state, finding.found) == ("missing", "picamera2 is not installed")


def test_a_webcam_is_looked_for_by_its_number(video):
    system = video(video0="USB", video2="USB")
    assert _camera(CameraSection(source="webcam", device=2), system).state == "ok"
    finding = _camera(CameraSection(source="webcam", device=1), system)
    assert (finding.state, finding.found) == ("missing", "there is no /dev/video1, but video0, video2")
    assert finding.next_step == "correct [camera] device"


def test_a_webcam_that_is_not_plugged_in(tmp_path: Path):
    finding = _camera(CameraSection(source="webcam"), tmp_path)
    assert (finding.state, finding.found) == ("missing", "there is no /dev/video0")


def test_what_stands_in_for_a_camera_has_to_be_there(tmp_path: Path):
    scene = tmp_path / "scene.toml"
    assert _camera(CameraSection(source="synthetic", scene=scene)).state == "missing"
    assert _camera(CameraSection(source="synthetic")).state == "missing"
    scene.touch()
    assert _camera(CameraSection(source="synthetic", scene=scene)).state == "ok"
    assert _camera(CameraSection(source=str(tmp_path))).state == "ok"
    assert _camera(CameraSection(source=str(tmp_path / "none.mp4"))).state == "missing"


@pytest.fixture
def settings(tmp_path: Path):
    """Make settings with this [trust] table, over a folder with one certificate of so many days ago."""

    def make(trust: str = "", *, days: int = 1):
        now = SystemClock().now()
        path = tmp_path / "trust" / "desk.der"
        path.parent.mkdir()
        path.write_bytes(make_signer("Desk", Algorithm.ED25519, now).certificate)
        when = (now - timedelta(days=days)).timestamp()
        os.utime(path, (when, when))
        (tmp_path / "kiosk.toml").write_text(
            '[kiosk]\nid = "gate-1"\n[paths]\npolicy = "p"\ntrust = "trust"\n'
            f'[gate]\nboard = "b"\npins = "mock"\n[trust]\n{trust}\n'
        )
        return load_config(tmp_path / "kiosk.toml")

    return make


def states(config):
    return [(finding.part, finding.state) for finding in _trust(config)]


def test_a_fresh_list_is_well_and_an_old_one_is_named(settings):
    assert states(settings()) == [("trust list", "ok")]


def test_an_old_list_is_named(settings):
    (finding,) = _trust(settings(days=31))
    assert finding.state == "missing"
    assert finding.found.endswith("too old: trust")


def test_a_stale_list_that_is_accepted_is_a_warning_for_as_long_as_the_settings_say_so(settings):
    found = states(settings('accept_stale_DANGEROUS = ["trust"]', days=31))
    assert found == [("stale trust", "warning"), ("trust list", "ok")]


def withdrawn(config, tmp_path):
    """Return what is said of the lists of withdrawn codes, with the memory of a gate in its place."""
    paths = config.paths.model_copy(update={"state": tmp_path})
    return [f for f in _trust(config.model_copy(update={"paths": paths})) if f.part == "withdrawn"]


def test_lists_of_withdrawn_codes_that_are_gone_or_older_than_before_are_named(settings, tmp_path):
    config, now = settings(), SystemClock().now()
    build(tmp_path / "trust" / "eu.revoked", [], source="eu", version=3, now=now)
    (tmp_path / "revocation.json").write_text('{"eu": "3"}')
    assert withdrawn(config, tmp_path) == []
    (tmp_path / "revocation.json").write_text('{"clinic": "7", "eu": "4", "revoked.txt": ""}')
    older, gone = withdrawn(config, tmp_path)
    assert (older.state, older.found) == ("missing", "older than a list that was in force: eu")
    assert (gone.state, gone.found) == ("warning", "no longer among the trust files: clinic, revoked.txt")


@pytest.mark.parametrize(
    ("table", "days", "found"),
    [
        ("", 29, []), ("", 31, ["older than it may be: withdrawn/eu"]), ("revocation_max_age_days = 40", 31, []),
        ('accept_stale_DANGEROUS = ["withdrawn/eu"]', 31, []),
    ],
)  # fmt: skip
def test_an_old_list_of_withdrawn_codes_is_named(settings, tmp_path, table, days, found):
    config = settings(table)
    built_at = SystemClock().now() - timedelta(days=days)
    build(tmp_path / "trust" / "eu.revoked", [], source="eu", version=3, now=built_at)
    assert [finding.found for finding in withdrawn(config, tmp_path)] == found


def test_a_key_of_the_centre_that_is_not_there_is_missing(settings):
    assert states(settings('centre_key = "centre.pem"'))[-1] == ("centre's key", "missing")


def test_what_the_centre_sent_is_looked_at_as_well(settings, tmp_path):
    config = settings('centre_key = "centre.pem"')
    (tmp_path / "centre.pem").touch()
    state = config.paths.model_copy(update={"state": tmp_path / "state"})
    (tmp_path / "state" / "trust").mkdir(parents=True)
    (tmp_path / "state" / "trust" / "damaged.trust").write_text("{}")
    (finding, *_) = _trust(config.model_copy(update={"paths": state}))
    assert (finding.state, "damaged.trust" in finding.found) == ("missing", True)


def test_without_settings_no_list_is_looked_for():
    assert states(None) == [("trust list", "missing")]


@pytest.mark.parametrize(("key", "found"), [(None, []), (bytes(32), ["ok"]), (b"short", ["missing"])])
def test_a_key_of_the_counts_that_is_none_is_missing(settings, tmp_path, key, found):
    config = settings()
    config = config.model_copy(update={"paths": config.paths.model_copy(update={"state": tmp_path})})
    if key is not None:
        (tmp_path / "entries.key").write_bytes(key)
    assert [finding.state for finding in counts(config)] == found
    assert (tmp_path / "entries.key").exists() is (key is not None), "looking makes no key"
    assert all(finding.next_step for finding in counts(config) if finding.state != "ok")


SETTINGS = """
[kiosk]
id = "k"
[paths]
policy = "policy.toml"
trust = "t"
state = "state"
[gate]
board = "board.toml"
pins = "mock"
"""
RULE = '[[admit]]\nname = "guests"\nkinds = ["visit"]\n'


@pytest.mark.parametrize(
    ("rules", "state", "found"),
    [
        (RULE, "ok", "policy 1"),
        (RULE + "hours = []\n", "warning", "Rule 'guests' never applies: it has no hours."),
        ("", "warning", "the policy is empty: nobody is admitted"),
        (RULE + "hour = []\n", "missing", "did you mean 'hours'?"),
    ],
)
def test_a_policy_is_looked_at_as_well(tmp_path: Path, rules: str, state: str, found: str):
    (tmp_path / "kiosk.toml").write_text(SETTINGS)
    (tmp_path / "board.toml").write_text('name = "b"\n[relay]\npin = 17\n')
    (tmp_path / "policy.toml").write_text(f'version = "1"\n{rules}')
    finding, _ = _settings(tmp_path / "kiosk.toml")
    assert finding.state == state
    assert finding.found.endswith(found)
