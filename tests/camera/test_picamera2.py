"""The kiosk's source for a Raspberry Pi's camera against the real picamera2 and libcamera."""

import gc
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from kiosk.config import CameraSection
from kiosk.vision.capture import Capture
from kiosk.vision.cascade import Cascade
from kiosk.vision.motion import MotionGate
from kiosk.vision.sources import Frame, SourceLostError, SourceStuckError, open_source, picamera2
from kiosk.vision.sources.picamera2 import Picamera2Source

NS = 1_000_000_000
its_thread_may_die = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")


@pytest.fixture
def opened(number: Callable[[str], int]) -> Iterator[Callable[..., Picamera2Source]]:
    sources = []

    def enter(model: str = "Pictures", **settings: object) -> Picamera2Source:
        source = open_source(CameraSection(source="picamera2", device=number(model), **settings))
        sources.append(source)
        assert isinstance(source, Picamera2Source)
        return source.__enter__()

    yield enter
    for source in sources:
        source.__exit__(None, None, None)


def lent(source: Picamera2Source) -> int:
    return source._camera.allocator.lent


def exhaust(frames: Iterator[Frame]) -> None:
    for frame in itertools.islice(frames, 20):
        frame.close()


def buffers(source: Picamera2Source) -> int:
    """How many there are. The virtual pipeline makes four, however many are asked for."""
    return min(len(source._camera.allocator.buffers(stream)) for stream in source._camera.streams)


def eventually(condition: Callable[[], bool], seconds: float = 5) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def test_the_luma_of_the_main_stream_is_read_where_it_lies(opened: Callable[..., Picamera2Source]):
    source = opened()
    with next(source.frames()) as frame:
        assert frame.luma.shape == (720, 1280)
        assert not frame.luma.flags.owndata
        assert [code.data for code in Cascade().look(frame.luma).codes] == [b"VIRTUAL CAMERA"]
        assert frame.luma[20, 20] == pytest.approx(90, abs=8)


def test_the_small_stream_shows_the_same(opened: Callable[..., Picamera2Source]):
    source = opened()
    with next(source.frames()) as frame:
        assert frame.small is not None
        assert frame.small.shape == (180, 320)
        assert np.abs(frame.small.astype(int) - frame.luma[2::4, 2::4]).mean() < 6


def test_the_bars_are_what_libcamera_draws(opened: Callable[..., Picamera2Source]):
    with next(opened("Bars").frames()) as frame:
        edges = np.flatnonzero(np.diff(frame.luma[360].astype(int)))
        assert set(np.diff(edges)) == {1280 // 8}  # eight bars, wherever they have got to
        assert len(np.unique(frame.luma)) == 8


def test_many_frames_go_through_few_buffers(opened: Callable[..., Picamera2Source]):
    source = opened()
    assert source._camera.camera_configuration()["buffer_count"] == 6
    frames, stamps = source.frames(), []
    for _ in range(300):
        with next(frames) as frame:
            stamps.append(frame.at_ns)
    assert all(later > earlier for earlier, later in itertools.pairwise(stamps))
    assert 0 <= time.monotonic_ns() - stamps[-1] < NS
    assert eventually(lambda: lent(source) == 0)


def test_one_frame_in_the_slot_and_one_being_read_do_not_starve_the_camera(opened: Callable[..., Picamera2Source]):
    frames = opened().frames()
    read, waiting = next(frames), next(frames)
    for _ in range(60):
        read.close()
        read, waiting = waiting, next(frames)
        assert read.luma.size == waiting.luma.size == 1280 * 720
    read.close()
    waiting.close()


def test_a_frame_does_not_change_while_it_is_held(opened: Callable[..., Picamera2Source]):
    frames = opened().frames()
    held = next(frames)
    before = held.luma.copy()
    for _ in range(60):
        next(frames).close()
    assert np.array_equal(held.luma, before)
    held.close()


def test_frames_that_nobody_gives_back_stop_the_camera_and_it_comes_back(opened: Callable[..., Picamera2Source]):
    """The counterpart: without `close` the buffers do run out."""
    source = opened()
    kept: list[Frame] = []
    begin = time.monotonic()
    with pytest.raises(SourceLostError, match="has stopped"):
        kept.extend(itertools.islice(source.frames(), 20))
    assert len(kept) == lent(source) == buffers(source)
    assert 1.4 < time.monotonic() - begin < 3
    source.__exit__(None, None, None)
    for frame in kept:
        frame.close()
    with source, next(source.frames()) as frame:
        assert frame.luma.size


def test_a_frame_may_be_held_beyond_the_end_of_its_camera(opened: Callable[..., Picamera2Source]):
    source = opened()
    frame = next(source.frames())
    before = frame.luma.copy()
    source.__exit__(None, None, None)
    assert np.array_equal(frame.luma, before)
    frame.close()


def test_whoever_asks_late_gets_a_frame_that_was_exposed_after_the_question(
    opened: Callable[..., Picamera2Source], monkeypatch: pytest.MonkeyPatch
):
    source = opened()
    frames = source.frames()
    next(frames).close()
    taken: list[int] = []
    ask = source._camera.capture_request

    def late(wait: float) -> object:
        """A queue in which a frame of some time ago is still waiting."""
        request = ask(wait=wait)
        taken.append(1)
        if len(taken) == 1:
            request.get_metadata = lambda: {"SensorTimestamp": time.monotonic_ns() - NS // 2}
        return request

    monkeypatch.setattr(source._camera, "capture_request", late)
    time.sleep(0.3)
    asked_ns = time.monotonic_ns()
    with next(frames) as frame:
        assert frame.at_ns >= asked_ns
    assert len(taken) >= 2
    before = len(taken)
    with next(frames):
        assert len(taken) == before + 1


def test_only_what_the_camera_has_is_set(opened: Callable[..., Picamera2Source]):
    camera = opened(fps=50)._camera
    assert "LensPosition" not in camera.camera_controls
    assert camera.camera_configuration()["controls"] == {"FrameDurationLimits": (20_000, 20_000)}


@its_thread_may_die
def test_an_error_in_the_library_s_own_thread_is_a_lost_camera_and_it_opens_again(
    opened: Callable[..., Picamera2Source],
):
    """picamera2's event loop dies of it, and whoever waits for a picture without a time waits for ever."""
    source = opened()
    frames = source.frames()
    next(frames).close()

    def breaks(_: object) -> None:
        raise OSError("the driver has gone away")

    source._camera.post_callback = breaks
    begin = time.monotonic()
    with pytest.raises(SourceLostError, match="has stopped"):
        exhaust(frames)
    assert time.monotonic() - begin < 3
    source.__exit__(None, None, None)
    assert time.monotonic() - begin < 5
    with source:
        assert next(source.frames()).luma.size


@its_thread_may_die
def test_a_frame_can_be_given_back_to_a_camera_that_has_stopped(opened: Callable[..., Picamera2Source]):
    """libcamera refuses it then; that is for the next question to say, not for whoever has read the frame."""
    source = opened()
    frame = next(source.frames())
    source._camera.camera.stop()
    with pytest.raises(RuntimeError):
        source._camera.camera.queue_request(source._camera.camera.create_request(0))
    frame.close()
    assert frame.luma.size == 0


@its_thread_may_die
def test_a_camera_that_stops_by_itself_is_lost_and_comes_back(opened: Callable[..., Picamera2Source]):
    source = opened()
    frames = source.frames()
    next(frames).close()
    source._camera.camera.stop()  # libcamera's own camera, behind picamera2's back
    begin = time.monotonic()
    with pytest.raises(SourceLostError, match="has stopped"):
        exhaust(frames)
    assert time.monotonic() - begin < 3
    source.__exit__(None, None, None)
    with source, next(source.frames()) as frame:
        assert frame.luma.size


def test_a_camera_that_does_not_close_ends_the_process(
    opened: Callable[..., Picamera2Source], monkeypatch: pytest.MonkeyPatch
):
    source, free = opened(), threading.Event()
    camera, close = source._camera, source._camera.close
    monkeypatch.setattr(camera, "close", free.wait)
    monkeypatch.setattr(picamera2, "CLOSE_S", 0.2)
    begin = time.monotonic()
    with pytest.raises(SourceStuckError, match="closing"):
        source.__exit__(None, None, None)
    assert time.monotonic() - begin < 1
    free.set()
    close()


def test_a_camera_that_is_not_there_is_lost_each_time_and_leaves_nothing_open(library: object):
    def try_it() -> int:
        with pytest.raises(SourceLostError, match="camera number 9"):
            open_source(CameraSection(source="picamera2", device=9)).__enter__()
        return len(list(Path("/proc/self/fd").iterdir()))

    first = try_it()
    assert [try_it() for _ in range(5)] == [first] * 5


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_camera_in_use_is_lost_with_a_sentence(opened: Callable[..., Picamera2Source], number: Callable[[str], int]):
    opened()
    with pytest.raises(SourceLostError, match=r"does not (open|start)"):
        open_source(CameraSection(source="picamera2", device=number("Pictures"))).__enter__()
    gc.collect()  # Of a camera that could not be made the library leaves a pipe open; it ends here, with a warning.


def test_it_opens_and_closes_many_times_and_leaves_nothing_open(opened: Callable[..., Picamera2Source]):
    source, open_files = opened(), []
    for _ in range(8):
        next(source.frames()).close()
        source.__exit__(None, None, None)
        open_files.append(len(list(Path("/proc/self/fd").iterdir())))
        source.__enter__()
    assert open_files[-1] <= open_files[2]


def test_the_capture_thread_and_the_motion_gate_work_with_it(number: Callable[[str], int]):
    capture = Capture(CameraSection(source="picamera2", device=number("Pictures")))
    capture.start()
    gate, looked, codes = MotionGate(), 0, set()
    end = time.monotonic() + 10
    try:
        while looked < 30 and time.monotonic() < end:
            frame = capture.slot.take(1)
            assert frame is not None
            with frame:
                if gate.look(frame.small, frame.at_ns, frame.bracket):
                    looked += 1
                    codes |= {code.data for code in Cascade().look(frame.luma).codes}
    finally:
        capture.stop()
    assert looked == 30
    assert codes == {b"VIRTUAL CAMERA"}
    assert not capture.is_alive()
    assert capture.broken is None


def test_a_camera_that_gives_the_same_picture_for_ever_is_frozen_and_is_opened_anew(
    number: Callable[[str], int], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("kiosk.vision.capture.REOPEN_FROZEN_NS", NS // 5)
    monkeypatch.setattr("kiosk.vision.capture.REOPEN_S", 0.01)
    capture, opened = Capture(CameraSection(source="picamera2", device=number("Still"))), []
    watch = capture._watch
    capture._watch = lambda source: (opened.append(1), watch(source))  # type: ignore[method-assign]
    capture.start()
    try:
        assert eventually(lambda: capture.state(time.monotonic_ns()) == "frozen")
        assert "the same picture" in capture.fault
        assert capture.slot.take(0) is None
        assert eventually(lambda: len(opened) == 2)
        assert capture.state(time.monotonic_ns()) == "frozen"
    finally:
        capture.stop()
    assert capture.broken is None


@its_thread_may_die
def test_a_camera_that_stalls_is_back_within_five_seconds(number: Callable[[str], int]):
    capture, sources = Capture(CameraSection(source="picamera2", device=number("Bars"))), []
    watch = capture._watch
    capture._watch = lambda source: (sources.append(source), watch(source))  # type: ignore[method-assign]
    capture.start()
    try:
        assert eventually(lambda: capture.state(time.monotonic_ns()) == "ok")
        sources[0]._camera.camera.stop()  # libcamera's own camera, behind picamera2's back
        begin = time.monotonic()
        assert eventually(lambda: capture.state(time.monotonic_ns()) == "lost")
        assert time.monotonic() - begin < 2.5
        assert eventually(lambda: capture.state(time.monotonic_ns()) == "ok")
        assert time.monotonic() - begin < 5
        assert len(sources) == 2
        assert capture.works(time.monotonic_ns())
    finally:
        capture.stop()


def test_libcamera_takes_the_exposures_that_are_set_with_each_request(
    opened: Callable[..., Picamera2Source], monkeypatch: pytest.MonkeyPatch
):
    """The virtual pipeline has no exposure: what is seen here is that kinds and calls fit, not what comes of it."""
    import libcamera
    import picamera2 as library

    if not hasattr(libcamera.controls, "ExposureTimeMode"):
        pytest.skip("libcamera 0.5 or newer is needed, as on Raspberry Pi OS")

    source = opened()
    camera = source._camera
    for name in ("ExposureTime", "AnalogueGain"):
        camera.camera_ctrl_info[name] = (getattr(libcamera.controls, name), None)
    limits = {"ExposureTime": (100, 66_666, 20_000), "ExposureTimeMode": (0, 1, 0), "AnalogueGain": (1.0, 16.0, 1.0)}
    source._exposure = picamera2.exposure_control(limits, CameraSection())
    metadata = library.CompletedRequest.get_metadata
    exposed = {"ExposureTime": 4_000, "AnalogueGain": 2.0}
    monkeypatch.setattr(library.CompletedRequest, "get_metadata", lambda request: metadata(request) | exposed)
    set_before: list[dict[str, object]] = []
    set_controls = camera.set_controls
    monkeypatch.setattr(camera, "set_controls", lambda new: (set_before.append(new), set_controls(new)))
    for frame in itertools.islice(source.frames(), 30):
        frame.close()
    assert len(set_before) == 30
    assert eventually(lambda: lent(source) == 0)
    assert isinstance(set_before[-1]["ExposureTime"], int)
