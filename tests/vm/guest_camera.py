"""What runs inside the guest: the webcam's source on a V4L2 camera that its own kernel made (vivid)."""

import fcntl
import itertools
import os
import statistics
import struct
import time
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.config import CameraSection
from kiosk.vision.capture import Capture
from kiosk.vision.sources import SourceLostError, open_source, webcam
from kiosk.vision.sources.base import AWAY_NS, NS

DEVICE = Path("/dev/video0")
DRIVER = Path("/sys/bus/platform/drivers/vivid")
STOPPED = "the camera at /dev/video0 has stopped; check its cable"
ABSENT = "no camera at /dev/video0; check its cable and `[camera] device`"
BUSY = "the camera at /dev/video0 does not open; end the program that uses it, or correct `[camera] device`"

# vivid's own controls: V4L2_CTRL_CLASS_VIVID and what follows it

_SET_CONTROL = 0xC008561C
_PATTERN, _TEXT, _DROPPED, _DISCONNECT, _QUEUE_ERROR, _START_ERROR = (0xF0F000 + n for n in (0, 1, 64, 65, 70, 69))
BARS, BLACK, NOISE = 0, 5, 21
NO_TEXT = 2


def control(number, value=1):
    """Set a control, as another program may while the camera streams."""
    file = os.open(DEVICE, os.O_RDWR | os.O_NONBLOCK)
    try:
        fcntl.ioctl(file, _SET_CONTROL, struct.pack("Ii", number, value))
    finally:
        os.close(file)


def unplug():
    (DRIVER / "unbind").write_text("vivid.0")
    assert not DEVICE.exists()


def plug_in():
    (DRIVER / "bind").write_text("vivid.0")
    wait_for(DEVICE.exists, 10)


def wait_for(condition, seconds):
    """Wait for what has to come true within so many seconds, and return how many it took."""
    begin = time.monotonic()
    while not condition():
        assert time.monotonic() - begin < seconds, "it has not come true"
        time.sleep(0.005)
    return time.monotonic() - begin


def left_open():
    """Return which devices of cameras this process has open."""
    files = (str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink())
    return [file for file in files if "video" in file]


@pytest.fixture(autouse=True)
def camera():
    """A camera with all its controls at their defaults, which nobody has open in the end."""
    if DEVICE.exists():
        unplug()
    plug_in()
    yield
    assert left_open() == []


def settings(width=640, height=480, fps=25):
    return CameraSection(source="webcam", device=0, width=width, height=height, fps=fps)


@contextmanager
def streaming(**size):
    """A source that streams, and its frames."""
    with open_source(settings(**size)) as source:
        yield source, source.frames()


# frames


@pytest.mark.parametrize("size", [(640, 480), (1280, 720), (1920, 1080)])
def test_frames_have_the_wanted_size_and_stamps_that_grow(size):
    width, height = size
    with streaming(width=width, height=height) as (_, frames):
        before = asked = time.monotonic_ns()
        for frame in itertools.islice(frames, 10):
            assert frame.luma.shape == (height, width)
            assert frame.luma.dtype == np.uint8
            assert frame.luma.flags["C_CONTIGUOUS"]
            assert asked <= before < frame.at_ns <= time.monotonic_ns(), "of the same clock, and newer than the last"
            before = frame.at_ns


def test_frames_come_at_the_wanted_rate():
    for fps in (10, 25):
        with streaming(fps=fps) as (_, frames):
            stamps = [frame.at_ns for frame in itertools.islice(frames, 21)]
        step_ns = statistics.median(later - earlier for earlier, later in itertools.pairwise(stamps))
        assert step_ns == pytest.approx(NS / fps, rel=0.1)


def test_a_size_that_the_camera_has_not_gives_the_nearest():
    with streaming(width=320, height=240) as (_, frames):
        assert next(frames).luma.shape == (180, 320)


def bars(luma):
    """Return the brightness of the eight bars, below the text that vivid writes into its pictures."""
    height, width = luma.shape
    below = luma[height * 3 // 4 :]
    assert (below == below[0]).all(), "a bar is the same from row to row: no row is shifted"
    return [int(below[0, int((bar + 0.5) * width / 8)]) for bar in range(8)]


@pytest.mark.parametrize("fourcc", sorted(webcam._RAW - {"MJPG", "JPEG"}))
def test_the_luma_of_each_raw_format_is_that_of_the_picture(fourcc, monkeypatch):
    monkeypatch.setattr(webcam, "_FORMATS", (fourcc,))
    with streaming() as (source, frames):
        assert source._fourcc == fourcc
        found = bars(next(frames).luma)
    # white, yellow, cyan, green, magenta, red, blue and black, at three quarters of full colour
    assert found == sorted(set(found), reverse=True)
    assert 170 <= found[0] <= 195
    assert found[-1] <= 17


def test_a_camera_without_mjpg_is_asked_for_grey_instead():
    capture = cv2.VideoCapture(0, cv2.CAP_V4L2)
    assert capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG")), "OpenCV says yes and means another one"
    assert webcam._fourcc(capture) == "BGR3"
    capture.release()
    with streaming() as (source, frames):
        assert source._fourcc == "GREY"
        assert bars(next(frames).luma)[0] > 170


def test_a_camera_with_colours_only_is_made_grey(monkeypatch):
    monkeypatch.setattr(webcam, "_FORMATS", ("MJPG",))
    with streaming() as (source, frames):
        assert source._fourcc == "BGR3"
        found = bars(next(frames).luma)
    assert found == sorted(set(found), reverse=True)


def test_whoever_asks_late_gets_a_frame_that_was_taken_after_the_question():
    with streaming() as (_, frames):
        next(frames)
        time.sleep(2 * AWAY_NS / NS)
        asked_ns = time.monotonic_ns()
        assert next(frames).at_ns >= asked_ns
        time.sleep(AWAY_NS / NS / 2)
        asked_ns = time.monotonic_ns()
        assert next(frames).at_ns < asked_ns, "the queue does hold old ones: the test can fail"


def test_no_file_is_left_open():
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        with streaming() as (_, frames):
            next(frames)
            assert left_open() == [str(DEVICE)]
    assert len(list(Path("/proc/self/fd").iterdir())) == before


# what goes wrong


def test_a_camera_that_somebody_else_uses_is_said_and_not_disturbed(capfd):
    with streaming() as (_, frames):
        next(frames)
        with pytest.raises(SourceLostError) as caught:
            open_source(settings()).__enter__()
        assert str(caught.value) == BUSY
        assert left_open() == [str(DEVICE)]
        assert next(frames).luma.shape == (480, 640)
    with streaming() as (_, frames):
        next(frames)
    assert capfd.readouterr().err == ""


def test_a_camera_that_is_not_there_is_said(capfd):
    unplug()
    with pytest.raises(SourceLostError) as caught:
        open_source(settings()).__enter__()
    assert str(caught.value) == ABSENT
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("end", "again"),
    [
        pytest.param(unplug, plug_in, id="unplugged"),
        pytest.param(lambda: control(_DISCONNECT), lambda: None, id="disconnected"),
        pytest.param(lambda: control(_DROPPED, 100), lambda: control(_DROPPED, 0), id="stalled"),
        pytest.param(lambda: control(_QUEUE_ERROR), lambda: None, id="fatal error"),
    ],
)
def test_a_camera_that_ends_is_lost_soon_and_can_be_opened_again(end, again, capfd):
    with streaming() as (_, frames):
        assert len(list(itertools.islice(frames, 5))) == 5
        end()
        begin = time.monotonic()
        with pytest.raises(SourceLostError) as caught:
            list(itertools.islice(frames, 5))  # what was in the queue
        assert time.monotonic() - begin < 2
    assert str(caught.value) == STOPPED
    assert left_open() == []
    again()
    with streaming() as (_, frames):
        assert len(list(itertools.islice(frames, 5))) == 5
    assert capfd.readouterr().err == ""


def test_a_camera_that_does_not_start_is_lost():
    control(_START_ERROR)
    with streaming() as (_, frames), pytest.raises(SourceLostError, match="has stopped"):
        next(frames)
    with streaming() as (_, frames):
        next(frames)


def test_a_camera_that_drops_every_second_frame_is_none_that_is_lost():
    control(_DROPPED, 50)
    with streaming() as (_, frames):
        assert len(list(itertools.islice(frames, 40))) == 40


# the thread that keeps it open


class Watch:
    """A thread that captures, and how its camera is."""

    def __init__(self):
        self.capture = Capture(settings())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.capture.stop()
        assert not self.capture.is_alive()
        assert self.capture.broken is None

    def is_(self, state, within_s, fault=""):
        """Wait until the camera is so; return the seconds that it took."""
        took_s = wait_for(lambda: self.capture.state(time.monotonic_ns()) == state, within_s)
        assert self.capture.fault == fault
        return took_s

    def stays(self, state, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert self.capture.state(time.monotonic_ns()) == state
            time.sleep(0.02)


def test_a_camera_is_unplugged_and_plugged_in_again():
    control(_PATTERN, NOISE)
    with Watch() as watch:
        watch.capture.start()
        watch.is_("ok", 3)
        watch.stays("ok", 3)
        for _ in range(3):
            unplug()
            watch.is_("lost", 2, STOPPED)
            assert watch.capture.slot.take(0) is None, "a picture of a camera that is gone"
            wait_for(lambda: watch.capture.fault == ABSENT, 2)
            watch.stays("lost", 1.2)
            plug_in()
            control(_PATTERN, NOISE)
            watch.is_("ok", 3)
            frame = watch.capture.slot.take(1)
            assert frame is not None
            assert time.monotonic_ns() - frame.at_ns < NS
            frame.close()


def test_a_camera_that_somebody_else_uses_is_taken_when_it_is_free():
    with Watch() as watch:
        with streaming() as (_, frames):
            next(frames)
            watch.capture.start()
            watch.is_("lost", 2, BUSY)
            watch.stays("lost", 1.5)
            next(frames)
        watch.is_("ok", 3)


def test_a_picture_that_stands_still_is_frozen_and_one_that_is_black_is_dark():
    control(_PATTERN, NOISE)
    control(_TEXT, NO_TEXT)
    with Watch() as watch:
        watch.capture.start()
        watch.is_("ok", 3)
        control(_PATTERN, BARS)
        took_s = wait_for(lambda: watch.capture.state(time.monotonic_ns()) == "frozen", 4)
        assert took_s > 1.5
        watch.capture.slot.clear()
        assert watch.capture.slot.take(0.2) is None
        control(_PATTERN, NOISE)
        watch.is_("ok", 2)
        control(_PATTERN, BLACK)
        took_s = wait_for(lambda: watch.capture.state(time.monotonic_ns()) == "dark", 5)
        assert took_s > 2.5
        control(_PATTERN, NOISE)
        watch.is_("ok", 2)
