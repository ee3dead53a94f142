from collections.abc import Iterator

import numpy as np
import pytest

from kiosk.api.preview import PreviewReader
from kiosk.vision.viewfinder import EVERY_NS, STEADY_NS, STILL_NS, Viewfinder

FRAME = np.full((720, 1280), 200, np.uint8)
NOW = 10_000_000_000


@pytest.fixture
def ends() -> Iterator[tuple[Viewfinder, PreviewReader]]:
    viewfinder = Viewfinder(1280, 720)
    reader = PreviewReader(viewfinder._writer.fd)
    yield viewfinder, reader
    reader.close()
    viewfinder.close()


def test_nothing_is_written_until_somebody_looks(ends):
    viewfinder, reader = ends
    viewfinder.show(FRAME, NOW, NOW)
    assert reader.read() is None
    viewfinder.want(True)
    viewfinder.show(FRAME, NOW, NOW)
    picture = reader.read()
    assert (picture.width, picture.height, picture.at_ns) == (480, 270, NOW)
    assert picture.luma == bytes([200]) * 480 * 270


def test_no_more_than_fifteen_pictures_a_second(ends):
    viewfinder, reader = ends
    viewfinder.want(True)
    written = set()
    for number in range(31):
        at_ns = NOW + number * 1_000_000_000 // 30
        viewfinder.show(FRAME, at_ns, at_ns)
        written.add(reader.read().at_ns)
    assert len(written) == 16
    assert EVERY_NS < 1_000_000_000 / 15


def test_it_is_zeroed_when_nobody_looks_any_more(ends):
    viewfinder, reader = ends
    viewfinder.want(True)
    viewfinder.show(FRAME, NOW, NOW)
    viewfinder.want(False)
    assert reader.read() is None
    assert not any(reader._memory[64:])


def test_it_is_zeroed_two_seconds_after_the_last_motion(ends):
    viewfinder, reader = ends
    viewfinder.want(True)
    viewfinder.show(FRAME, NOW, NOW)
    viewfinder.show(FRAME, NOW + STILL_NS, NOW)
    assert reader.read() is not None
    viewfinder.show(FRAME, NOW + STILL_NS + 1, NOW)
    assert reader.read() is None
    assert not any(reader._memory[64:])


def test_for_whoever_aims_the_camera_it_stays_and_ends_by_itself(ends):
    viewfinder, reader = ends
    viewfinder.want(True, steady_ns=NOW)
    still = NOW - 2 * STILL_NS
    viewfinder.show(FRAME, NOW + STEADY_NS, still)
    assert reader.read() is not None
    viewfinder.want(True)  # said for another reason: nobody aims any longer than they asked
    viewfinder.show(FRAME, NOW + STEADY_NS + 1, still)
    assert reader.read() is None


def test_it_is_zeroed_when_the_camera_is_lost(ends):
    viewfinder, reader = ends
    viewfinder.want(True)
    viewfinder.show(FRAME, NOW, NOW)
    viewfinder.blind()
    assert reader.read() is None


def test_a_frame_of_another_shape_gets_black_edges(ends):
    viewfinder, reader = ends
    viewfinder.want(True)
    viewfinder.show(np.full((480, 640), 200, np.uint8), NOW, NOW)
    rows = np.frombuffer(reader.read().luma, np.uint8).reshape(270, 480)
    assert (rows[:, 60:420] == 200).all()
    assert not rows[:, :60].any()
    assert not rows[:, 420:].any()
