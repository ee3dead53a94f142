import numpy as np
import pytest

from kiosk.testing.codes import drawn, in_frame, label
from kiosk.vision.labels import AGREE_NS, LiveLabels, read_labels

MS = 1_000_000
TEXT = "NCOV-2108-000123"
FRAME = in_frame(label(TEXT))
EMPTY = np.full_like(FRAME, 110)


def texts(codes):
    return [code.text for code in codes]


@pytest.mark.parametrize("turns", range(4))
def test_a_label_is_read_however_the_tube_is_held(turns):
    (code,) = read_labels(np.ascontiguousarray(np.rot90(FRAME, turns)))
    assert (code.text, code.data, code.symbology, code.part) == (TEXT, TEXT.encode(), "Code128", None)


def test_a_label_is_where_it_is():
    (code,) = read_labels(in_frame(label(TEXT), left=300, top=80))
    assert all(290 <= x <= 760 and 70 <= y <= 190 for x, y in code.corners)


def test_several_tubes_in_a_rack_are_all_read_each_once():
    frame = np.vstack([in_frame(label(TEXT)), in_frame(label("NCOV-2108-000124")), in_frame(label(TEXT))])
    assert sorted(texts(read_labels(frame))) == [TEXT, "NCOV-2108-000124"]


def test_what_is_shorter_than_a_label_is_none():
    assert read_labels(in_frame(label("12345"))) == ()
    assert texts(read_labels(in_frame(label("123456")))) == ["123456"]


def test_nothing_else_is_a_label():
    for frame in (EMPTY, in_frame(drawn(TEXT))):
        assert read_labels(frame) == ()


def test_in_live_video_a_second_frame_has_to_read_the_same():
    labels = LiveLabels()
    assert labels.look(FRAME, 0) == []
    assert labels.look(EMPTY, 33 * MS) == []
    assert texts(labels.look(FRAME, 66 * MS)) == [TEXT]
    assert texts(labels.look(FRAME, 99 * MS)) == [TEXT]


def test_the_same_frame_again_is_no_second_look():
    labels = LiveLabels()
    assert labels.look(FRAME, 5 * MS) == []
    assert labels.look(FRAME, 5 * MS) == []


def test_a_look_that_is_too_long_ago_does_not_agree():
    labels = LiveLabels()
    labels.look(FRAME, 0)
    assert labels.look(FRAME, AGREE_NS + 1) == []
    assert texts(labels.look(FRAME, 2 * AGREE_NS + 1)) == [TEXT]


def test_two_different_labels_do_not_agree():
    labels = LiveLabels()
    labels.look(FRAME, 0)
    assert labels.look(in_frame(label("NCOV-2108-000124")), 33 * MS) == []
