"""What the real library cannot show without a sensor: focus, exposure and rows with padding.

Everything else is in tests/camera, against the real picamera2.
"""

import itertools
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from kiosk.config import CameraSection
from kiosk.vision.sources import Frame, SourceLostError, open_source
from kiosk.vision.sources.picamera2 import controls, exposure_control, middle

PI = {
    "FrameDurationLimits": (8_000, 200_000, 33_333),
    "ExposureTime": (26, 66_666, 20_000),
    "ExposureTimeMode": (0, 1, 0),
    "AnalogueGain": (1.0, 16.0, 1.0),
    "AeExposureMode": (0, 3, 0),
    "NoiseReductionMode": (0, 4, 0),
    "Sharpness": (0.0, 16.0, 1.0),
}
LENS = {"AfMode": (0, 2, 0), "LensPosition": (0.0, 15.0, 1.0)}

STAND_IN = '''
import time
from collections import deque
import numpy as np

class Request:
    """A picture of a grey wall as the sensor of a Pi gives it: padded rows, and what it was set to four frames ago."""
    def __init__(self, camera):
        self.camera, self.released = camera, False
        self.us, self.gain = camera.coming.popleft()
        self.config = {name: {"size": camera.settings[name]["size"]} for name in ("main", "lores")}
        camera.lent += 1
    def get_metadata(self):
        return {"SensorTimestamp": time.monotonic_ns(), "ExposureTime": self.us, "AnalogueGain": self.gain}
    def release(self):
        self.camera.lent -= 1
        self.camera.coming.append(self.camera.set)

class MappedArray:
    def __init__(self, request, stream, reshape=True, write=True):
        assert write is False
        width, height = request.config[stream]["size"]
        luma = min(255, 255 * (2e-5 * request.us * request.gain) ** (1 / 2.2))
        self.array = np.zeros((height * 3 // 2, width + 64), np.uint8)
        self.array[:height, :width] = luma
    def __enter__(self):
        return self
    def __exit__(self, *_):
        del self.array

class Picamera2:
    camera_controls = {}
    def __init__(self, number):
        self.set, self.lent = (10_000, 1.0), 0
        self.coming = deque([self.set] * 4)
    @classmethod
    def global_camera_info(cls):
        return [{}]
    def create_video_configuration(self, **settings):
        return settings
    def configure(self, settings):
        self.settings = settings
    def stream_configuration(self, name):
        return self.settings[name]
    def start(self):
        pass
    def cancel_all_and_flush(self):
        pass
    def close(self):
        pass
    def set_controls(self, controls):
        self.set = (controls["ExposureTime"], controls["AnalogueGain"])
    def capture_request(self, wait):
        return Request(self)
'''


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """A library of the same name and the same few calls, with a sensor."""
    (tmp_path / "picamera2.py").write_text(STAND_IN)
    monkeypatch.syspath_prepend(tmp_path)
    import picamera2

    picamera2.Picamera2.camera_controls = PI
    yield picamera2
    del sys.modules["picamera2"]


def test_a_camera_with_a_movable_lens_is_focused_where_codes_are_held_up():
    wanted = controls(PI | LENS, CameraSection(focus_cm=20))
    assert (wanted["AfMode"], wanted["LensPosition"]) == (0, 5.0)
    assert controls(PI | LENS, CameraSection(focus_cm=3))["LensPosition"] == 15.0


def test_a_camera_with_a_fixed_lens_is_asked_for_no_focus():
    assert set(controls(PI, CameraSection())) == {
        "FrameDurationLimits", "AeExposureMode", "NoiseReductionMode", "Sharpness",
    }  # fmt: skip
    assert controls({}, CameraSection()) == {}


def test_a_camera_without_a_settable_exposure_exposes_by_itself():
    assert exposure_control(PI, CameraSection()) is not None
    for name in ("ExposureTime", "AnalogueGain", "ExposureTimeMode"):
        assert exposure_control({key: PI[key] for key in PI if key != name}, CameraSection()) is None


def test_no_exposure_is_longer_than_a_frame():
    control = exposure_control(PI, CameraSection(exposure_ms=(20.0, 50.0), fps=100))
    assert control is not None
    control.seen(10_000, 1.0, 1.0)
    for _ in range(20):
        asked = control.next()
        assert asked is not None
        control.seen(asked.us, asked.gain, 1.0)
    assert asked.us <= 10_000


def taken(count: int, **settings: object) -> list[tuple[Frame, float, float]]:
    """Return frames with their lumas as they were before they were given back."""
    with open_source(CameraSection(source="picamera2", **settings)) as source:
        found = []
        for frame in itertools.islice(source.frames(), count):
            assert frame.small is not None
            assert frame.luma.shape == (720, 1280)
            assert frame.luma.strides == (1344, 1)
            found.append((frame, float(frame.luma.mean()), float(frame.small.mean())))
            frame.close()
        assert source._camera.lent == 0
        return found


def test_the_padding_of_the_rows_is_no_part_of_the_picture(library: object):
    for _, luma, small in taken(3):
        assert luma == small > 0


def test_every_third_frame_is_darker_and_says_so(library: object):
    last = taken(60)[-30:]
    darker = [luma for frame, luma, _ in last if frame.bracket]
    usual = [luma for frame, luma, _ in last if not frame.bracket]
    assert len(darker) == 10
    assert np.mean(usual) == pytest.approx(110, abs=10)
    assert np.mean(darker) == pytest.approx(np.mean(usual) * 0.5 ** (1 / 2.2), abs=4)


def test_the_bracket_can_be_switched_off(library: object):
    frames = taken(60, bracket=False)
    assert not any(frame.bracket for frame, _, _ in frames)
    assert {luma for _, luma, _ in frames[-30:]} == {frames[-1][1]}


def test_light_is_measured_where_codes_are_held_up():
    picture = np.zeros((180, 320), np.uint8)
    picture[40:140, 70:250] = 200
    assert middle(picture) > picture.mean() * 1.5
    assert middle(np.full((1, 1), 9, np.uint8)) == 9


def test_without_the_library_the_pi_camera_is_lost(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "picamera2", None)
    with pytest.raises(SourceLostError, match="not installed"):
        open_source(CameraSection(source="picamera2")).__enter__()
