import cv2
import numpy as np
import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.testing.codes import PatientOpinion, bent, code, drawn, in_frame, picture, square
from kiosk.vision.cascade import BUDGET, HOPEFUL, SELDOM, STALLED, WHOLE_EVERY, WORK, Cascade
from kiosk.vision.codes import Engine, Located
from kiosk.vision.engines.zxing import ZxingEngine
from kiosk.vision.regions import Region
from kiosk.vision.still import StillReader
from kiosk.vision.tries import LOCATED, TEXTURED, Spot, Try

ENGINES = [Cascade(), StillReader()]
NAME = "001099012345||Nguyễn Thị Ánh|15081990|Nữ|12 Phố Huế, Hai Bà Trưng, Hà Nội|20052021"


@pytest.mark.parametrize("engine", ENGINES, ids=["door", "still"])
def test_vietnamese_text_is_exact_with_and_without_a_named_character_set(engine: Engine):
    named = picture(segno.make(NAME, encoding="utf-8", eci=True, micro=False))
    silent = picture(segno.make(NAME.encode(), mode="byte", micro=False))
    for luma in (named, silent):
        (code,) = engine.look(in_frame(luma)).codes
        assert (code.text, code.data) == (NAME, NAME.encode())


@given(st.binary(min_size=1, max_size=1200))
@settings(max_examples=40, deadline=None)
def test_every_byte_comes_back(data: bytes):
    frame = in_frame(picture(segno.make(data, mode="byte", micro=False), 3))
    assert [code.data for code in Cascade().look(frame).codes] == [data]


def test_text_that_is_no_utf_8_is_shown_in_the_likeliest_character_set():
    (code,) = Cascade().look(in_frame(picture(segno.make("Café", encoding="iso-8859-1", micro=False)))).codes
    assert (code.text, code.data) == ("Café", b"Caf\xe9")


def test_the_corners_are_where_the_code_is():
    luma = picture(segno.make("HELLO", micro=False), 5)
    (code,) = Cascade().look(in_frame(luma)).codes
    (left, top), _, (right, bottom), _ = code.corners
    assert (left, top) == pytest.approx((300 + 20, 80 + 20), abs=2)
    assert (right, bottom) == pytest.approx((300 + len(luma) - 20, 80 + len(luma) - 20), abs=2)


def test_two_codes_in_one_frame_are_both_read():
    frame = in_frame(picture(segno.make("ONE", micro=False)))
    other = picture(segno.make("TWO", micro=False))
    frame[400 : 400 + len(other), 800 : 800 + len(other)] = other
    assert {code.text for code in Cascade().look(frame).codes} == {"ONE", "TWO"}


def test_a_slice_of_a_camera_buffer_is_read_in_place():
    buffer = np.zeros((1080, 1344), np.uint8)
    buffer[:720, :1280] = in_frame(picture(segno.make("STRIDED", micro=False)))
    assert [code.text for code in Cascade().look(buffer[:720, :1280]).codes] == ["STRIDED"]


def test_micro_qr_is_no_format_of_this_kiosk():
    luma = in_frame(picture(segno.make("12345", micro=True), 8))
    assert [engine.look(luma).codes for engine in ENGINES] == [(), ()]


def test_light_on_dark_is_read_within_a_fifth_of_a_second_and_in_a_still_picture_at_once():
    luma = 255 - in_frame(drawn("DARK MODE"))
    cascade = Cascade()
    assert ["DARK MODE"] in [[code.text for code in cascade.look(luma).codes] for _ in range(2 * WHOLE_EVERY)]
    assert [code.text for code in StillReader().look(luma).codes] == ["DARK MODE"]


def test_a_tiny_picture_is_enlarged_and_its_corners_still_lie_inside():
    luma = cv2.resize(
        picture(segno.make("A" * 60, micro=False), 4), None, fx=0.36, fy=0.36, interpolation=cv2.INTER_AREA
    )
    (code,) = StillReader().look(luma).codes
    assert code.text == "A" * 60
    assert all(0 <= x <= luma.shape[1] and 0 <= y <= luma.shape[0] for x, y in code.corners)


@pytest.mark.parametrize("engine", ENGINES, ids=["door", "still"])
def test_noise_and_flat_pictures_hold_nothing(engine: Engine):
    rng = np.random.default_rng(1)
    assert engine.look(rng.integers(0, 256, (360, 640), dtype=np.uint8)).codes == ()
    assert engine.look(np.full((360, 640), 128, np.uint8)).codes == ()
    assert engine.look(np.zeros((1, 1), np.uint8)).codes == ()


TEXT = "HC1:NCFOXN" * 8


def grid(luma: np.ndarray) -> np.ndarray:
    across = np.arange(len(luma))
    return luma * np.where(np.add.outer(across, across) % 3, 1, 0.55)


SPOILED = {
    "blurred": lambda luma: cv2.GaussianBlur(luma, (0, 0), 2.3),
    "creased": lambda luma: bent(luma, 0.022),
    "grainy": lambda luma: np.random.default_rng(1).poisson(luma / 255 * 18 + 3) * 11,
    "screen grid": grid,
    "hazy": lambda luma: luma * 0.15 + 160,
}


def spoiled(how: str) -> np.ndarray:
    """Return a frame with a code that has been spoiled."""
    luma = SPOILED[how](drawn(TEXT, 4, error="l").astype(np.float32))
    return in_frame(np.clip(luma, 0, 255).astype(np.uint8))


@pytest.mark.parametrize("how", SPOILED)
def test_what_is_hard_to_read_is_read_within_a_few_frames(how: str):
    cascade, frame = Cascade(), spoiled(how)
    assert [TEXT] in [[found.text for found in cascade.look(frame).codes] for _ in range(8)]


@pytest.mark.parametrize("how", ["blurred", "creased", "screen grid"])
def test_the_engine_alone_does_not_read_it(how: str):
    assert ZxingEngine().look(spoiled(how)).codes == ()


def covered() -> np.ndarray:
    """Return a frame with a code that is located and that nobody can read."""
    luma = drawn(TEXT, 5, error="l")
    third = len(luma) // 3
    luma[third:-60, third:-60] = 128
    return in_frame(luma)


def test_the_second_opinion_is_asked_where_reading_stalls_and_its_answer_counts():
    opinion = PatientOpinion()
    cascade, frame = Cascade(opinion), covered()
    for _ in range(STALLED - 1):
        assert cascade.look(frame).codes == ()
    assert opinion.offered == []
    look = cascade.look(frame)
    ((shape, left, top),) = opinion.offered
    assert left <= look.located[0].corners[0][0] <= left + shape[1]
    assert top <= look.located[0].corners[0][1] <= top + shape[0]
    opinion.answers = (code(b"LATE"),)
    assert [found.data for found in cascade.look(frame).codes] == [b"LATE"]
    cascade.close()
    assert opinion.closed


def test_what_hangs_there_unreadable_is_asked_about_seldom():
    opinion = PatientOpinion()
    cascade, frame = Cascade(opinion), covered()
    for _ in range(HOPEFUL + 4 * SELDOM):
        cascade.look(frame)
    assert len(opinion.offered) == HOPEFUL - STALLED + 1 + 4


def test_another_code_elsewhere_is_asked_about_at_once_again():
    opinion = PatientOpinion()
    cascade, frame = Cascade(opinion), covered()
    for _ in range(HOPEFUL + 2):
        cascade.look(frame)
    before = len(opinion.offered)
    for _ in range(STALLED):
        cascade.look(np.roll(frame, 500, axis=1))
    assert len(opinion.offered) == before + 1


def test_nobody_is_asked_about_a_frame_in_which_something_was_read():
    opinion = PatientOpinion()
    cascade = Cascade(opinion)
    for _ in range(2 * STALLED):
        cascade.look(in_frame(drawn("READ")))
    assert opinion.offered == []


def test_a_second_code_that_stays_unread_does_not_cost_the_first():
    luma = covered()
    other = drawn("GOOD")
    luma[500 : 500 + len(other), 900 : 900 + len(other)] = other
    look = Cascade().look(luma)
    assert [found.text for found in look.codes] == ["GOOD"]
    assert len(look.located) >= 1


@pytest.mark.parametrize("one", [*LOCATED, *TEXTURED])
def test_work_at_a_spot_is_bounded_however_large_it_is(one: Try):
    whole = Spot(Region(0, 0, 1280, 720), Located(square(700, 10, 10), 14))
    small = Spot(Region(0, 0, 300, 300), Located(square(200, 50, 50), 6))
    assert 0 < one.cost(small, WORK) <= WORK * 1.3
    assert one.cost(whole, WORK) <= max(whole.region.area, BUDGET)
