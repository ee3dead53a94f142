import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from kiosk.cli.doctor import _camera, _settings
from kiosk.config import CameraSection


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
