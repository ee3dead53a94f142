import itertools
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
import segno

from kiosk.config import CameraSection
from kiosk.vision.capture import Capture, Slot
from kiosk.vision.cascade import Cascade
from kiosk.vision.sources import Frame, SourceLostError, files, open_source, source_name
from kiosk.vision.sources.base import NS, Pace
from kiosk.vision.sources.scene import SceneError
from kiosk.vision.sources.webcam import WebcamSource


def code(text: str) -> np.ndarray:
    rows = segno.make(text, micro=False).matrix_iter(scale=5, border=6)
    return np.where(np.array([list(row) for row in rows], bool), 0, 255).astype(np.uint8)


def texts(frame: Frame) -> list[str]:
    return [found.text for found in Cascade().look(frame.luma).codes]


def test_a_folder_shows_each_picture_and_nothing_between(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(files, "HOLD_S", 0.1)
    monkeypatch.setattr(files, "EMPTY_S", 0.05)
    for name in ("ONE", "TWO"):
        cv2.imwrite(str(tmp_path / f"{name}.png"), code(name))
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    (tmp_path / "notes.txt").write_text("no picture either")
    with open_source(CameraSection(source=str(tmp_path), fps=100)) as source:
        frames = list(itertools.islice(source.frames(), 45))
    seen = [name for name, _ in itertools.groupby("".join(texts(frame)) for frame in frames)]
    assert seen == ["ONE", "", "TWO", ""]
    assert all(later.at_ns > earlier.at_ns for earlier, later in itertools.pairwise(frames))


def test_a_folder_without_pictures_is_a_lost_camera(tmp_path: Path):
    with open_source(CameraSection(source=str(tmp_path))) as source, pytest.raises(SourceLostError, match="no pict"):
        next(source.frames())


def test_a_video_plays_once_at_its_own_pace_and_then_stands_still(tmp_path: Path):
    path, card = tmp_path / "clip.avi", code("CLIP")
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 50, (320, 240), isColor=False)
    for x in (0, 20, 40):
        frame = np.full((240, 320), 90, np.uint8)
        frame[20 : 20 + len(card), x : x + len(card)] = card
        writer.write(frame)
    writer.release()
    with open_source(CameraSection(source=str(path))) as source:
        frames = list(itertools.islice(source.frames(), 6))
    assert [texts(frame) for frame in frames] == [["CLIP"]] * 6
    assert np.array_equal(frames[2].luma, frames[5].luma)
    assert not np.array_equal(frames[0].luma, frames[2].luma)
    steps = {later.at_ns - earlier.at_ns for earlier, later in itertools.pairwise(frames)}
    assert all(step % (NS // 50) == 0 for step in steps)


def test_a_file_that_is_no_video_is_a_lost_camera(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    (tmp_path / "clip.mp4").write_text("no video")
    camera = CameraSection(source=str(tmp_path / "clip.mp4"))
    with open_source(camera) as source, pytest.raises(SourceLostError, match=r"clip\.mp4"):
        next(source.frames())
    assert capfd.readouterr().err == ""


def test_a_source_that_is_not_there_is_named():
    with pytest.raises(SourceLostError, match=r"'/nowhere/clip\.mp4' is not there"):
        open_source(CameraSection(source="/nowhere/clip.mp4"))


def test_a_webcam_that_is_not_there_is_a_lost_camera(capfd: pytest.CaptureFixture[str]):
    source = open_source(CameraSection(source="webcam", device=63))
    with pytest.raises(SourceLostError, match="/dev/video63"):
        source.__enter__()
    assert capfd.readouterr().err == ""


def test_a_webcam_that_stops_is_a_lost_camera(tmp_path: Path):
    path = tmp_path / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 50, (320, 240))
    for grey in (40, 90):
        writer.write(np.full((240, 320, 3), grey, np.uint8))
    writer.release()
    source = WebcamSource(CameraSection(source="webcam"))
    source._capture = cv2.VideoCapture(str(path))  # A device that ends, as one does whose plug is pulled.
    frames = source.frames()
    assert [int(next(frames).luma.mean()) for _ in range(2)] == pytest.approx([40, 90], abs=3)
    with pytest.raises(SourceLostError, match="has stopped"):
        next(frames)
    source.__exit__(None, None, None)


def test_the_synthetic_camera_needs_a_scene():
    with pytest.raises(SceneError, match="scene"):
        open_source(CameraSection(source="synthetic"))


def test_health_names_the_source_without_its_folder():
    assert source_name(CameraSection(source="/srv/films/door.mp4")) == "door.mp4"
    assert source_name(CameraSection(source="picamera2")) == "picamera2"


PICAMERA2 = '''
import time
import numpy as np

class Request:
    def __init__(self):
        self.released = False
    def get_metadata(self):
        return {"SensorTimestamp": time.monotonic_ns() - 5_000_000}
    def release(self):
        self.released = True

class MappedArray:
    """The Y plane above U and V, with rows longer than the picture is wide."""
    def __init__(self, request, stream, reshape=True, write=True):
        assert (stream, write) == ("main", False)
        self.array = np.zeros((1080, 1344), np.uint8)
        self.array[:720, :1280] = 77
    def __enter__(self):
        return self
    def __exit__(self, *_):
        self.array = None

class Picamera2:
    made = []
    def __init__(self, number):
        if number:
            raise IndexError("list index out of range")
        Picamera2.made.append(self)
        self.camera_controls = {"FrameDurationLimits": (1, 2, 3), "Sharpness": (0, 16, 1)}
        self.requests, self.state, self.left = [], "new", 3
    def create_video_configuration(self, **settings):
        return settings
    def configure(self, settings):
        self.settings = settings
    def start(self):
        self.state = "started"
    def stop(self):
        self.state = "stopped"
    def close(self):
        self.state = "closed"
    def capture_request(self, wait):
        self.left -= 1
        if self.left < 0:
            raise TimeoutError
        self.requests.append(Request())
        return self.requests[-1]
'''


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A library of the same name and the same few calls, with a camera that dies after three frames."""
    (tmp_path / "picamera2.py").write_text(PICAMERA2)
    monkeypatch.syspath_prepend(tmp_path)
    import picamera2

    yield picamera2
    del sys.modules["picamera2"]


def test_the_pi_camera_gives_luma_and_the_time_of_its_sensor(library):
    with open_source(CameraSection(source="picamera2")) as source:
        frames = source.frames()
        frame = next(frames)
        assert frame.luma.shape == (720, 1280)
        assert (frame.luma == 77).all()
        assert 0 <= time.monotonic_ns() - frame.at_ns - 5_000_000 < NS // 2
        next(frames)
        (camera,) = library.Picamera2.made
        assert [request.released for request in camera.requests] == [True, False]
        next(frames)
        with pytest.raises(SourceLostError, match="stopped"):
            next(frames)
    assert camera.state == "closed"
    assert camera.settings["main"] == {"size": (1280, 720), "format": "YUV420"}
    assert camera.settings["controls"] == {"FrameDurationLimits": (33_333, 33_333), "Sharpness": 1.5}


def test_a_pi_camera_that_is_not_there_is_a_lost_camera(library):
    with pytest.raises(SourceLostError, match="camera number 1"):
        open_source(CameraSection(source="picamera2", device=1)).__enter__()


def test_without_the_library_the_pi_camera_is_lost(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "picamera2", None)
    with pytest.raises(SourceLostError, match="not installed"):
        open_source(CameraSection(source="picamera2")).__enter__()


def test_a_deadline_that_has_passed_is_left_out():
    pace = Pace(1000)
    pace.next_ns -= 50_500_000
    begin = pace.next_ns
    assert pace.advance() > time.monotonic_ns() - 1_000_000
    assert (pace.next_ns - begin) % 1_000_000 == 0


def test_the_slot_holds_the_newest_frame_only_and_gives_the_others_back():
    slot, luma, back = Slot(), np.zeros((2, 2), np.uint8), []
    assert slot.take(0) is None
    frames = [Frame(luma, at_ns, release=lambda at_ns=at_ns: back.append(at_ns)) for at_ns in (1, 2, 3, 4)]
    for frame in frames[:3]:
        slot.put(frame)
    assert slot.take(0) is frames[2]
    assert slot.take(0) is None
    assert back == [1, 2]
    slot.put(frames[3])
    slot.clear()
    assert slot.take(0) is None
    assert back == [1, 2, 4]


def test_a_frame_gives_its_memory_back_once_and_holds_nothing_after():
    back = []
    frame = Frame(np.ones((2, 2), np.uint8), 1, small=np.ones((1, 1), np.uint8), release=lambda: back.append(1))
    with frame:
        assert frame.luma.size == 4
    frame.close()
    assert (frame.luma.size, frame.small, back) == (0, None, [1])


def test_capture_opens_a_camera_that_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("kiosk.vision.capture.REOPEN_S", 0.02)
    folder = tmp_path / "pictures"
    capture = Capture(CameraSection(source=str(folder)))
    assert capture.state(time.monotonic_ns()) == "starting"
    capture.start()
    end = time.monotonic() + 5
    while capture.state(time.monotonic_ns()) != "lost" and time.monotonic() < end:
        time.sleep(0.005)
    assert "is not there" in capture.fault
    cv2.imwrite(str(tmp_path / "one.png"), code("BACK"))
    folder.mkdir()
    (tmp_path / "one.png").rename(folder / "one.png")
    frame = capture.slot.take(5)
    assert frame is not None
    assert texts(frame) == ["BACK"]
    assert capture.state(time.monotonic_ns()) == "ok"
    assert capture.state(time.monotonic_ns() + 3 * NS) == "lost"
    assert capture.fps(time.monotonic_ns()) >= 1
    capture.stop()
    assert not capture.is_alive()
    assert capture.broken is None
