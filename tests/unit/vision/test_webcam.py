"""Frames of a webcam as drivers give them. A device of its own is not needed; see docs/camera.md."""

import itertools
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.config import CameraSection
from kiosk.vision.sources import SourceLostError, open_source, webcam
from kiosk.vision.sources.base import NS, Stamps
from kiosk.vision.sources.webcam import WebcamSource, luma_of

LUMA = np.add.outer(np.arange(48), np.arange(64)).astype(np.uint8) * 2
COLOUR = np.full((48, 64), 128, np.uint8)


def padded(rows: np.ndarray, by: int = 32) -> np.ndarray:
    return np.pad(rows, ((0, 0), (0, by)), constant_values=7).reshape(-1)


def jpeg(luma: np.ndarray = LUMA) -> np.ndarray:
    return cv2.imencode(".jpg", cv2.cvtColor(luma, cv2.COLOR_GRAY2BGR), [cv2.IMWRITE_JPEG_QUALITY, 95])[1].reshape(-1)


def yuyv() -> np.ndarray:
    return np.stack([LUMA, COLOUR], axis=2).reshape(48, 128)


@pytest.mark.parametrize(
    ("fourcc", "data"),
    [
        ("GREY", LUMA.reshape(1, -1)),
        ("GREY", padded(LUMA)),
        ("YUYV", yuyv().reshape(1, -1)),
        ("YUYV", padded(yuyv())),
        ("UYVY", np.stack([COLOUR, LUMA], axis=2).reshape(-1)),
        ("NV12", np.concatenate([LUMA.reshape(-1), COLOUR.reshape(-1)[: 48 * 32]])),
        ("YU12", np.concatenate([LUMA.reshape(-1), COLOUR.reshape(-1)[: 48 * 32]])),
    ],
)
def test_the_luma_is_taken_out_of_each_format_exactly(fourcc: str, data: np.ndarray):
    luma = luma_of(data, fourcc, 64, 48)
    assert luma is not None
    assert np.array_equal(luma, LUMA)


def test_a_jpeg_is_decoded_to_its_luma_and_nothing_behind_it_matters():
    luma = luma_of(np.concatenate([jpeg(), np.zeros(999, np.uint8)]).reshape(1, -1), "MJPG", 64, 48)
    assert luma is not None
    assert np.abs(luma.astype(int) - LUMA).max() < 8


def test_what_opencv_has_converted_is_made_grey():
    luma = luma_of(cv2.cvtColor(LUMA, cv2.COLOR_GRAY2BGR), "RGB3", 64, 48)
    assert luma is not None
    assert np.array_equal(luma, LUMA)


def huge_jpeg() -> np.ndarray:
    data = bytearray(jpeg().tobytes())
    place = data.index(b"\xff\xc0") + 5
    data[place : place + 4] = (12_000).to_bytes(2, "big") * 2
    return np.frombuffer(bytes(data), np.uint8)


@pytest.mark.parametrize(
    ("fourcc", "data"),
    [
        ("MJPG", np.zeros(0, np.uint8)),
        ("MJPG", np.zeros(4096, np.uint8)),
        ("MJPG", jpeg()[:40]),
        ("MJPG", huge_jpeg()),
        ("MJPG", cv2.imencode(".png", LUMA)[1].reshape(-1)),
        ("GREY", np.zeros(0, np.uint8)),
        ("GREY", LUMA.reshape(-1)[:-1]),
        ("YUYV", LUMA.reshape(-1)),
        ("NV12", LUMA.reshape(-1)),
    ],
)
def test_half_a_frame_and_a_monstrous_one_are_none(fourcc: str, data: np.ndarray):
    assert luma_of(data, fourcc, 64, 48) is None


def test_a_driver_without_a_size_gives_no_frame():
    assert luma_of(LUMA.reshape(-1), "GREY", 0, 0) is None


def test_a_webcam_that_is_not_there_is_a_lost_camera(capfd: pytest.CaptureFixture[str]):
    source = open_source(CameraSection(source="webcam", device=63))
    with pytest.raises(SourceLostError, match="/dev/video63"):
        source.__enter__()
    assert capfd.readouterr().err == ""


class Chooser:
    """A capture that says yes to every format, as OpenCV does, and takes one that it likes where it has it not."""

    def __init__(self, *has: str) -> None:
        self._has, self._name = has, ""

    def set(self, what: int, code: float) -> bool:
        assert what == cv2.CAP_PROP_FOURCC
        name = int(code).to_bytes(4, "little").decode()
        self._name = name if name in self._has else "BGR3"
        return True

    def get(self, what: int) -> float:
        assert what == cv2.CAP_PROP_FOURCC
        return float(int.from_bytes(self._name.encode(), "little"))


@pytest.mark.parametrize(
    ("has", "taken"),
    [(("YUYV", "GREY", "MJPG"), "MJPG"), (("YUYV", "GREY"), "GREY"), (("YUYV",), "YUYV"), ((), "BGR3")],
)
def test_the_next_format_is_asked_for_where_another_one_was_taken(has: tuple[str, ...], taken: str):
    capture = Chooser(*has)
    any(webcam._takes(capture, name) for name in webcam._FORMATS)
    assert webcam._fourcc(capture) == taken


def ending(tmp_path: Path, frames: int = 3) -> WebcamSource:
    """A webcam with a real capture in it that ends, as a device does whose plug is pulled."""
    path = tmp_path / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 50, (320, 240))
    for number in range(frames):
        writer.write(np.full((240, 320, 3), 40 + 50 * (number % 4), np.uint8))
    writer.release()
    source = WebcamSource(CameraSection(source="webcam"))
    source._capture, source._size = cv2.VideoCapture(str(path)), (320, 240)
    return source


def test_a_webcam_that_stops_is_a_lost_camera_at_once(tmp_path: Path):
    source = ending(tmp_path)
    frames = source.frames()
    found = list(itertools.islice(frames, 3))
    assert [int(frame.luma.mean()) for frame in found] == pytest.approx([40, 90, 140], abs=3)
    begin = time.monotonic()
    with pytest.raises(SourceLostError, match="has stopped; check its cable"):
        next(frames)
    assert time.monotonic() - begin < 0.5
    source.__exit__(None, None, None)


def test_a_few_bad_frames_are_passed_over_and_many_are_a_lost_camera(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    source, calls = ending(tmp_path, 60), []

    def damaged(pixels: np.ndarray, *_: object) -> np.ndarray | None:
        calls.append(1)
        return None if len(calls) % 8 in {1, 2, 3} or len(calls) > 8 else pixels[:, :, 0]

    monkeypatch.setattr(webcam, "luma_of", damaged)
    frames = source.frames()
    assert len(list(itertools.islice(frames, 5))) == 5
    with pytest.raises(SourceLostError, match="has stopped"):
        next(frames)
    assert len(calls) == 8 + webcam.MISSES
    source.__exit__(None, None, None)


class Queue:
    """A driver whose queue holds old frames, and which then gives new ones."""

    def __init__(self, ages_ms: list[float]) -> None:
        self._ages_ms, self.at_ms = ages_ms, 0.0

    def grab(self) -> bool:
        self.at_ms = time.monotonic_ns() / 1e6 - (self._ages_ms.pop(0) if self._ages_ms else -0.01)
        return True

    def get(self, what: int) -> float:
        assert what == cv2.CAP_PROP_POS_MSEC
        return self.at_ms

    def retrieve(self) -> tuple[bool, np.ndarray]:
        return True, np.zeros(12, np.uint8)


def test_whoever_asks_late_gets_a_frame_that_was_taken_after_the_question():
    source = WebcamSource(CameraSection(source="webcam"))
    source._fourcc, source._size = "GREY", (4, 3)
    queue = Queue([500, 400])
    asked_ns = time.monotonic_ns()
    frame = source._next(queue)
    assert frame is not None
    assert frame.at_ns >= asked_ns
    source._gave_ns = time.monotonic_ns()
    frame = source._next(Queue([20]))
    assert frame is not None
    assert 10 < (time.monotonic_ns() - frame.at_ns) / 1e6 < 200


def test_a_time_stamp_of_just_now_is_taken_and_what_cannot_be_is_now():
    stamps = Stamps()
    just_now = time.monotonic_ns() - NS // 10
    assert stamps.at_ns(just_now) == just_now
    for stamp in (None, 5, time.monotonic_ns() + NS):
        at_ns = stamps.at_ns(stamp)
        assert 0 <= time.monotonic_ns() - at_ns < NS // 2


def test_a_time_stamp_that_stands_still_gives_a_time_that_stands_still():
    stamps = Stamps()
    first = stamps.at_ns(5)
    assert stamps.at_ns(5) == first
    assert stamps.at_ns(6) > first
    assert stamps.at_ns(None) < stamps.at_ns(None)
