from dataclasses import replace

from kiosk.api.messages import MAX_CODE
from kiosk.domain.presence import REARM_NS
from kiosk.testing.codes import code, square
from kiosk.vision.codes import CODE128
from kiosk.vision.sightings import Sightings

SIZE = (1280, 720)
MIDDLE, EDGE = square(200, 540, 260), square(200, 20, 20)


def test_a_code_that_stays_is_told_once_and_again_after_it_was_away():
    sightings = Sightings()
    first = sightings.see([code(b"A")], SIZE, 1, 2)
    assert [(scan.data, scan.reader, scan.frame_ns, scan.read_ns) for scan in first] == [(b"A", "camera", 1, 2)]
    assert sightings.see([code(b"A")], SIZE, 3, 4) == []
    again = sightings.see([code(b"A")], SIZE, 3 + REARM_NS, 9)
    assert [scan.data for scan in again] == [b"A"]
    assert again[0].scan != first[0].scan


def test_what_is_held_up_comes_before_what_hangs_at_the_edge_and_both_know_of_each_other():
    mine, poster = Sightings().see([code(b"POSTER", corners=EDGE), code(b"MINE", corners=MIDDLE)], SIZE, 1, 2)
    assert (mine.data, poster.data) == (b"MINE", b"POSTER")
    assert (mine.beside, poster.beside) == ((poster.scan,), (mine.scan,))


def test_a_code_that_comes_later_names_the_one_that_is_held():
    sightings = Sightings()
    (first,) = sightings.see([code(b"A")], SIZE, 1, 2)
    (second,) = sightings.see([code(b"A"), code(b"B")], SIZE, 3, 4)
    assert second.beside == (first.scan,)
    assert sightings.see([code(b"A"), code(b"B")], SIZE, 5, 6) == []


def test_a_code_that_has_just_left_is_not_beside_the_next():
    sightings = Sightings()
    sightings.see([code(b"A")], SIZE, 1, 2)
    (scan,) = sightings.see([code(b"B")], SIZE, 3, 4)
    assert scan.beside == ()


def test_a_label_is_told_as_one_also_beside_a_qr_code_that_says_the_same():
    tube = replace(code(b"N-000123"), symbology=CODE128)
    told = Sightings().see([code(b"N-000123"), tube, code(b"A")], SIZE, 1, 2)
    assert {scan.data: scan.symbology for scan in told} == {b"N-000123": "code128", b"A": "qr"}


def test_empty_and_oversized_codes_are_none_of_the_gates_business():
    assert Sightings().see([code(b""), code(bytes(MAX_CODE + 1))], SIZE, 1, 2) == []


def test_after_forgetting_everything_in_view_is_new():
    sightings = Sightings()
    (before,) = sightings.see([code(b"A")], SIZE, 1, 2)
    sightings.forget()
    (after,) = sightings.see([code(b"A")], SIZE, 3, 4)
    assert after.scan != before.scan
    assert after.beside == ()


def test_a_day_of_codes_keeps_no_more_than_a_few():
    sightings = Sightings()
    for number in range(500):
        sightings.see([code(b"%d" % number)], SIZE, number * 2 * REARM_NS, 0)
    assert len(sightings._ids) <= 64


def test_a_code_that_comes_back_after_many_others_is_told_with_its_neighbour():
    sightings = Sightings()
    sightings.see([code(b"X")], SIZE, 0, 0)
    for number in range(63):
        sightings.see([code(b"%d" % number)], SIZE, (number + 1) * 2 * REARM_NS, 0)
    x, y = sightings.see([code(b"X"), code(b"Y")], SIZE, 200 * REARM_NS, 0)
    assert (x.beside, y.beside) == ((y.scan,), (x.scan,))


def test_a_poster_that_stays_is_beside_every_visitor_however_many_come():
    sightings = Sightings()
    (poster,) = sightings.see([code(b"POSTER")], SIZE, 0, 0)
    for number in range(200):
        at = (number + 1) * REARM_NS // 2
        found = sightings.see([code(b"POSTER"), code(b"%d" % number)], SIZE, at, 0)
        assert all(poster.scan in scan.beside for scan in found)
