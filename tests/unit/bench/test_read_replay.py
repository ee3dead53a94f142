"""Clips against the reckoned clock. Frames are one pixel that holds the frame's number."""

import numpy as np
import pytest

from kiosk.bench.read.replay import ClipScore, Played, replay
from kiosk.vision.codes import Code, Engine, Look, Luma

BOX = ((0, 0), (1, 0), (1, 1), (0, 1))
FRAMES = [np.full((1, 1), number, np.uint8) for number in range(84)]


class Reader:
    """Reads from a frame on, and remembers which frames it was shown."""

    def __init__(self, reads_from: int, data: bytes = b"code") -> None:
        self.reads_from = reads_from
        self.data = data
        self.seen: list[int] = []

    def look(self, luma: Luma) -> Look:
        self.seen.append(int(luma[0, 0]))
        if self.seen[-1] < self.reads_from:
            return Look()
        return Look((Code(self.data, self.data.decode(), "QRCode", BOX),))


def taking(ms: float):
    def watch(engine: Engine, luma: Luma) -> tuple[Look, float]:
        return engine.look(luma), ms

    return watch


def test_a_fast_engine_sees_every_frame():
    engine = Reader(6)
    played = replay(FRAMES, engine, b"code", 0.1, 1.0, taking(3))
    assert engine.seen == [0, 1, 2, 3, 4, 5, 6]
    assert played == Played(decode_ms=103.0, looks=7, wrong=False)


def test_a_slow_engine_takes_the_newest_frame_and_loses_the_others():
    engine = Reader(10)
    played = replay(FRAMES, engine, b"code", 0.0, 1.0, taking(80))
    assert engine.seen == [0, 2, 4, 7, 9, 12]
    assert played == Played(decode_ms=480.0, looks=6, wrong=False)


def test_slower_cpu_is_the_same_as_a_slower_engine():
    fast, slow = Reader(10), Reader(10)
    assert replay(FRAMES, fast, b"code", 0.0, 2.5, taking(32)) == replay(FRAMES, slow, b"code", 0.0, 1.0, taking(80))
    assert fast.seen == slow.seen


def test_an_engine_that_ends_exactly_with_a_frame_takes_that_frame():
    engine = Reader(3)
    replay(FRAMES, engine, b"code", 0.0, 1.0, taking(1000 / 30))
    assert engine.seen == [0, 1, 2, 3]


def test_a_clip_may_end_unread():
    assert replay(FRAMES, Reader(200), b"code", 0.0, 1.0, taking(5)) == Played(None, 84, wrong=False)


def test_something_else_is_no_read():
    played = replay(FRAMES, Reader(80, b"other"), b"code", 0.0, 1.0, taking(5))
    assert played == Played(None, 84, wrong=True)


@pytest.mark.parametrize(("times", "median"), [((100.0, None, 300.0), 200.0), ((None, None, None), None)])
def test_the_median_is_of_what_was_read(times: tuple[float | None, ...], median: float | None):
    score = ClipScore.of_clips(1.4, [Played(ms, 10, wrong=False) for ms in times])
    assert (score.read, score.of, score.median_ms) == (len([ms for ms in times if ms]), 3, median)
    assert (score.decode_ms, score.looks, score.wrong) == (times, 30, 0)
