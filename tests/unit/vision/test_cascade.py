import cv2
import numpy as np
import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.vision.cascade import Cascade
from kiosk.vision.codes import Engine
from kiosk.vision.still import StillReader

ENGINES = [Cascade(), StillReader()]
NAME = "001099012345||Nguyễn Thị Ánh|15081990|Nữ|12 Phố Huế, Hai Bà Trưng, Hà Nội|20052021"


def picture(code: segno.QRCode, scale: int = 4) -> np.ndarray:
    rows = [list(row) for row in code.matrix_iter(scale=scale, border=4)]
    return np.where(np.array(rows, bool), 0, 255).astype(np.uint8)


def in_frame(code: np.ndarray) -> np.ndarray:
    frame = np.full((720, 1280), 110, np.uint8)
    frame[80 : 80 + len(code), 300 : 300 + len(code)] = code
    return frame


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


def test_a_still_picture_gets_more_effort_than_a_frame():
    luma = 255 - in_frame(picture(segno.make("INVERTED", micro=False)))
    assert Cascade().look(luma).codes == ()
    assert [code.text for code in StillReader().look(luma).codes] == ["INVERTED"]


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
