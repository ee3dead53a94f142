import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2
import numpy as np
import pytest
import segno

from kiosk.config import CameraSection
from kiosk.vision.capture import REOPEN_FROZEN_NS, SILENT_NS, SILENT_SLOW_NS, Capture, Slot
from kiosk.vision.cascade import Cascade
from kiosk.vision.sources import Frame, SourceLostError, SourceStuckError
from kiosk.vision.sources.base import NS, bounded

FRAME = NS // 30


def code(text: str) -> np.ndarray:
    rows = segno.make(text, micro=False).matrix_iter(scale=5, border=6)
    return np.where(np.array([list(row) for row in rows], bool), 0, 255).astype(np.uint8)


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


def test_capture_opens_a_camera_that_comes_back(tmp_path: Path):
    folder = tmp_path / "pictures"
    capture = Capture(CameraSection(source=str(folder)), reopen_s=0.02)
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
    assert [found.text for found in Cascade().look(frame.luma).codes] == ["BACK"]
    assert capture.state(time.monotonic_ns()) == "ok"
    assert capture.state(time.monotonic_ns() + 3 * NS) == "lost"
    assert capture.fps(time.monotonic_ns()) >= 1
    capture.stop()
    assert not capture.is_alive()
    assert capture.broken is None


class Clock:
    """The time of a capture thread, which moves on with each frame."""

    def __init__(self) -> None:
        self.ns = NS

    def monotonic_ns(self) -> int:
        return self.ns


class Camera:
    """A live camera that gives these pictures, 30 a second, and then is lost."""

    live = True

    def __init__(self, clock: Clock, pictures: list[np.ndarray]) -> None:
        self._clock, self._pictures = clock, pictures
        self.lent = self.closed = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closed += 1

    def frames(self) -> Iterator[Frame]:
        while self._pictures:
            self._clock.ns += FRAME
            self.lent += 1
            yield Frame(self._pictures.pop(0), self._clock.ns, release=self._back)
        raise SourceLostError("it has gone away")

    def _back(self) -> None:
        self.lent -= 1


def noise(count: int, luma: float = 100.0) -> list[np.ndarray]:
    rng = np.random.default_rng(3)
    return [np.clip(luma + rng.normal(0, 2, (90, 160)), 0, 255).astype(np.uint8) for _ in range(count)]


class Scene:
    """A capture that is shown one camera after the other, in this thread and in no time."""

    def __init__(self) -> None:
        self.clock, self.camera = Clock(), Camera(Clock(), [])
        self.capture = Capture(CameraSection(), lambda _: self.camera, mono_ns=self.clock.monotonic_ns)

    def shows(self, pictures: list[np.ndarray]) -> Camera:
        """Open a camera that gives these pictures, and follow it until it is lost or has to be opened anew."""
        self.camera = Camera(self.clock, pictures)
        self.capture._once()
        return self.camera


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_a_camera_that_is_lost_gives_all_frames_back(scene):
    camera, capture = scene.shows(noise(10)), scene.capture
    assert (camera.lent, camera.closed) == (0, 1)
    assert capture.state(scene.clock.ns) == "lost"
    assert capture.fault == "it has gone away"
    assert capture.slot.take(0) is None


def taken_while_shown(capture: Capture) -> list[Frame]:
    """Have every frame that the capture hands over collected."""
    taken: list[Frame] = []
    capture.slot.put = taken.append  # type: ignore[method-assign]
    return taken


def test_the_first_picture_of_a_camera_may_be_an_old_one_and_is_not_handed_over(scene):
    taken = taken_while_shown(scene.capture)
    scene.shows(noise(10))
    assert len(taken) == 9


def test_a_frozen_camera_is_said_and_opened_anew_and_nobody_sees_its_picture(scene):
    capture, clock = scene.capture, scene.clock
    taken = taken_while_shown(capture)
    pictures = [*noise(5), *noise(1) * 300]
    camera = scene.shows(pictures)
    assert len(taken) == 4
    assert (camera.lent, camera.closed) == (4, 1)
    used = 305 - len(pictures)
    assert used * FRAME == pytest.approx(2 * NS + REOPEN_FROZEN_NS, rel=0.05)
    assert capture.state(clock.ns + 3 * NS) == "frozen"
    assert "the same picture" in capture.fault
    scene.shows([*noise(1), *noise(9)[5:]])
    assert len(taken) == 8
    assert capture.state(clock.ns) == "lost"


def test_a_camera_that_comes_back_from_being_frozen_is_all_right(scene):
    capture = scene.capture
    scene.shows([*noise(5), *noise(1) * 300])
    states = []
    capture.slot.put = lambda frame: states.append((capture.state(frame.at_ns), capture.fault))  # type: ignore[method-assign]
    scene.shows(noise(9)[5:])
    assert states == [("ok", "")] * 4


def test_a_camera_in_the_dark_is_said_and_its_frames_are_looked_at_all_the_same(scene):
    capture = scene.capture
    states = []
    capture.slot.put = lambda frame: states.append((capture.state(frame.at_ns), capture.fault))  # type: ignore[method-assign]
    scene.shows(noise(120, luma=2.0))
    assert states[0] == ("ok", "")
    assert states[-1][0] == "dark"
    assert "lens" in states[-1][1]


def test_a_thread_that_hangs_ends_the_process_within_four_seconds(scene):
    capture, clock = scene.capture, scene.clock
    scene.shows(noise(10))
    capture._sign(SILENT_NS)
    assert capture.works(clock.ns + 4 * NS)
    assert not capture.works(clock.ns + 4 * NS + 1)
    assert isinstance(capture.broken, SourceStuckError)


def test_a_camera_that_is_being_opened_may_take_longer(scene):
    capture, clock = scene.capture, scene.clock
    scene.shows([])
    capture._sign(SILENT_SLOW_NS)
    assert capture.works(clock.ns + 15 * NS)
    assert not capture.works(clock.ns + 15 * NS + 1)


def test_a_source_that_does_not_let_go_breaks_the_thread():
    class Holds(Camera):
        def __exit__(self, *_: object) -> None:
            raise SourceStuckError("closing the camera")

    capture = Capture(CameraSection(), lambda _: Holds(Clock(), []))
    capture.start()
    capture.join(5)
    assert isinstance(capture.broken, SourceStuckError)
    assert not capture.works(time.monotonic_ns())


def test_a_call_that_hangs_is_left_behind():
    free, begin = threading.Event(), time.monotonic()
    with pytest.raises(SourceStuckError, match="opening"):
        bounded(free.wait, 0.05, "opening")
    assert time.monotonic() - begin < 1
    free.set()


def test_a_call_that_ends_in_its_time_is_as_if_called_here():
    def lost() -> None:
        raise SourceLostError("gone")

    assert bounded(lambda: 7, 5, "seven") == 7
    with pytest.raises(SourceLostError, match="gone"):
        bounded(lost, 5, "nothing")
