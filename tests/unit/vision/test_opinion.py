import os
import signal
import threading
import time
from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from kiosk.testing.codes import code, drawn, square
from kiosk.vision.codes import Part
from kiosk.vision.opinion import MAX_SIDE, PATIENCE_S, ChildOpinion, decode_answer, encode_answer

PICTURE = drawn("SECOND OPINION")


@pytest.fixture(params=["zbar", "patient"])
def opinion(request) -> Iterator[ChildOpinion]:
    asked = ChildOpinion(request.param)
    yield asked
    asked.close()


def answer(opinion: ChildOpinion, within_s: float = 8.0) -> list[str]:
    """Offer the picture until something is read."""
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        opinion.offer(PICTURE, 100, 50)
        time.sleep(0.02)
        if codes := opinion.take():
            return [found.text for found in codes]
    return []


def child_of(opinion: ChildOpinion) -> int:
    return opinion._child.pid


def test_what_the_child_reads_comes_back_where_it_lies_in_the_frame(opinion: ChildOpinion):
    opinion.offer(PICTURE, 100, 50)
    until = time.monotonic() + 8
    while not (codes := opinion.take()) and time.monotonic() < until:
        time.sleep(0.01)
    (found,) = codes
    assert (found.text, found.data) == ("SECOND OPINION", b"SECOND OPINION")
    assert found.corners[0] == (100 + 16, 50 + 16)
    assert opinion.take() == ()


@pytest.mark.parametrize("harm", [signal.SIGKILL, signal.SIGSTOP], ids=["crashed", "hung"])
def test_a_child_that_crashed_or_hangs_is_replaced(opinion: ChildOpinion, harm: signal.Signals):
    assert answer(opinion) == ["SECOND OPINION"]
    before = child_of(opinion)
    os.kill(before, harm)
    assert answer(opinion) == ["SECOND OPINION"]
    assert child_of(opinion) != before


def test_offering_never_waits_for_a_child_that_hangs(opinion: ChildOpinion):
    assert answer(opinion) == ["SECOND OPINION"]
    os.kill(child_of(opinion), signal.SIGSTOP)
    large = np.zeros((2 * MAX_SIDE, 2 * MAX_SIDE), np.uint8)
    offering = threading.Thread(target=lambda: [opinion.offer(large, 0, 0) for _ in range(20)])
    offering.start()
    offering.join(PATIENCE_S)  # one look at a child that hangs takes so long
    assert not offering.is_alive()


def test_an_answer_that_comes_too_late_is_nobody_s():
    slow = ChildOpinion("zbar", fresh_s=0.0)
    try:
        assert answer(slow, 1.0) == []
    finally:
        slow.close()


def test_a_region_larger_than_the_child_takes_is_reduced_and_not_cut(opinion: ChildOpinion):
    large = cv2.resize(PICTURE, (2400, 2400), interpolation=cv2.INTER_NEAREST)
    opinion.offer(large, 100, 50)
    until = time.monotonic() + 8
    while not (codes := opinion.take()) and time.monotonic() < until:
        time.sleep(0.01)
    (found,) = codes
    edge = 16 * 2400 / len(PICTURE)
    assert found.corners[0] == pytest.approx((100 + edge, 50 + edge), abs=20)
    assert found.corners[2] == pytest.approx((2500 - edge, 2450 - edge), abs=20)


def test_closing_ends_the_child_also_one_that_hangs(opinion: ChildOpinion):
    assert answer(opinion) == ["SECOND OPINION"]
    child = child_of(opinion)
    os.kill(child, signal.SIGSTOP)
    opinion.close()
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
    opinion.offer(PICTURE, 0, 0)
    assert opinion.take() == ()


def test_an_engine_that_is_not_there_gives_no_answer():
    nobody = ChildOpinion("no-such-engine")
    try:
        assert answer(nobody, 0.5) == []
    finally:
        nobody.close()


def test_an_answer_goes_over_the_pipe_and_back():
    codes = [code(b"A\tB", corners=square(9, 3, 4)), code(b"\xff", Part(1, 3, 77))]
    assert decode_answer(encode_answer(codes)) == [
        code(b"A\tB", corners=square(9, 3, 4)),
        code(b"\xff", Part(1, 3, 77)),
    ]


CORNERS = b"[[0,0],[1,0],[1,1],[0,1]]"
LINES = (
    b'[["QQ==", [[1e999,0],[1,0],[1,1],[0,1]], null]]\n', b'[["QQ==", [[99999999,0],[1,0],[1,1],[0,1]], null]]\n',
    *(b'[["QQ==", ' + CORNERS + b", [%s]]]\n" % part for part in (b"0,10000000,65", b"2,2,65", b"0,2,256", b'"0",2,3')),
    b"", b"\n", b"{}x", b"7\n", b"[7]\n", b'[["?", []]]\n', b'[["QQ==", [[0, 0]], null]]\n',
    b'[["QQ==", [[0,0],[1,0],[1,1],[0,1]], [1]]]\n',
)  # fmt: skip


@pytest.mark.parametrize("line", LINES)
def test_what_is_no_answer_is_refused(line: bytes):
    with pytest.raises(ValueError):  # noqa: PT011 - that it is refused is all that counts
        decode_answer(line)


