import numpy as np
import pytest
from numpy.random import default_rng

from kiosk.bench.read.clips import CLIPS, FRAMES, Clip
from kiosk.bench.read.frames import (
    AXES,
    CELLS,
    EMPTY,
    LEVELS,
    NEGATIVE,
    Frame,
    frames_for,
    hardness,
    is_tuning,
    make_frame,
)
from kiosk.bench.read.negatives import NEGATIVES, negative_modules
from kiosk.bench.read.payloads import code_modules, make_payload
from kiosk.vision.engines import open_engine

TUNING = 2
CYCLE = frames_for(CELLS)


def read(luma: np.ndarray) -> list[bytes]:
    return [code.data for code in open_engine("zxing").look(luma).codes]


def flat(modules: np.ndarray) -> np.ndarray:
    return modules.repeat(4, axis=0).repeat(4, axis=1)


@pytest.fixture(scope="module")
def cycle() -> list[Frame]:
    return [make_frame(TUNING, index) for index in range(CYCLE)]


def test_every_payload_is_exactly_in_its_code():
    rng = default_rng(TUNING)
    kinds = set()
    for _ in range(60):
        payload = make_payload(rng)
        assert read(flat(code_modules(payload, rng))) == [payload.data], payload.kind
        kinds.add((payload.kind, payload.eci))
    assert {kind for kind, _ in kinds} == {"certificate", "pass", "identity card", "web address", "ticket", "binary"}
    assert {eci for kind, eci in kinds if kind == "identity card"} == {True, False}


def test_what_people_carry_looks_like_it():
    rng = default_rng(TUNING)
    payloads = [make_payload(rng) for _ in range(80)]
    by_kind = {payload.kind: payload.data for payload in payloads}
    assert by_kind["certificate"].startswith(b"HC1:")
    assert by_kind["pass"].startswith(b"GK1:")
    assert len(by_kind["identity card"].decode().split("|")) == 7
    assert by_kind["web address"].startswith(b"https://")
    assert any(not payload.data.isascii() for payload in payloads if payload.kind == "identity card")


@pytest.mark.parametrize("kind", NEGATIVES)
def test_nothing_is_in_what_must_not_be_read(kind: str):
    rng = default_rng(TUNING)
    for _ in range(3):
        assert read(flat(negative_modules(kind, rng))) == []


def test_a_frame_is_the_same_every_time_and_differs_by_seed_and_index():
    again, other_seed, other_index = make_frame(TUNING, 9), make_frame(TUNING + 2, 9), make_frame(TUNING, 9 + CYCLE)
    frame = make_frame(TUNING, 9)
    assert np.array_equal(frame.luma, again.luma)
    assert frame.payload == again.payload
    for other in (other_seed, other_index):
        assert not np.array_equal(frame.luma, other.luma)
        assert (frame.axis, frame.level) == (other.axis, other.level)


def test_a_round_has_every_axis_and_level_once_and_frames_without_a_code(cycle: list[Frame]):
    cells = [(frame.axis, frame.level) for frame in cycle if frame.payload]
    assert sorted(cells) == sorted((axis, level) for axis in AXES for level in range(1, LEVELS + 1))
    assert [frame.axis for frame in cycle if not frame.payload] == [EMPTY] * 2 + [NEGATIVE] * 4
    assert all(frame.luma.shape == (720, 1280) and frame.luma.dtype == np.uint8 for frame in cycle)


def test_all_kinds_of_negatives_come_in_three_rounds():
    places = [round_ * CYCLE + CELLS + 2 + place for round_ in range(3) for place in range(4)]
    kinds = {make_frame(TUNING, index).what.split(" on ")[0] for index in places}
    assert kinds == set(NEGATIVES)


@pytest.mark.parametrize("number", range(len(AXES)), ids=AXES)
def test_level_one_is_easy_and_level_six_nearly_impossible(number: int):
    easy, hard = ([make_frame(TUNING, number + cell + CYCLE * turn) for turn in range(4)] for cell in (0, CELLS - 6))
    assert {frame.level for frame in easy} == {1}
    assert {frame.level for frame in hard} == {LEVELS}
    assert sum(frame.payload.data in read(frame.luma) for frame in easy) == 4
    assert sum(frame.payload.data in read(frame.luma) for frame in hard) <= 1


def test_nothing_is_read_in_frames_without_a_code(cycle: list[Frame]):
    assert [frame.what for frame in cycle if not frame.payload and read(frame.luma)] == []


@pytest.mark.parametrize(("codes", "frames"), [(1, 1), (36, 42), (40, 46), (2160, 2520)])
def test_how_many_frames_hold_so_many_codes(codes: int, frames: int):
    assert frames_for(codes) == frames


def test_hardness_lies_between_its_levels():
    assert hardness("distance", 1.0) > hardness("distance", 1.5) > hardness("distance", 2.0)
    assert hardness("distance", 0.0) == hardness("distance", 1.0)
    assert hardness("blur", LEVELS + 0.5) > hardness("blur", LEVELS)


def test_even_seeds_are_for_tuning_and_odd_ones_for_reporting():
    assert is_tuning(2)
    assert not is_tuning(1)


def test_clips_are_the_same_every_time():
    assert np.array_equal(Clip(TUNING, 3).frame(40), Clip(TUNING, 3).frame(40))
    assert not np.array_equal(Clip(TUNING, 3).frame(40), Clip(TUNING, 3).frame(41))


def test_in_every_clip_the_code_comes_into_view_before_half_of_it_is_over():
    for number in range(CLIPS):
        clip = Clip(TUNING, number)
        assert 0 < clip.in_view_s < FRAMES / 30 / 2
        assert clip.axis == AXES[number % len(AXES)]


def test_a_clip_begins_unread_and_an_easy_one_ends_read():
    clip = Clip(TUNING, 2)
    assert read(clip.frame(0)) == []
    assert any(read(clip.frame(number)) == [clip.payload.data] for number in range(50, FRAMES, 4))
