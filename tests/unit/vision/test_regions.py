import numpy as np

from kiosk.testing.codes import drawn, in_frame, square
from kiosk.vision.regions import LEAST, Region, apart, box, textured

FRAME = np.full((720, 1280), 128, np.uint8)


def test_a_box_has_a_margin_and_ends_at_the_edge_of_the_frame():
    assert box(FRAME, square(100, 200, 300)) == Region(175, 275, 325, 425)
    assert box(FRAME, square(100, 1200, 5), 0.5) == Region(1150, 0, 1280, 155)
    assert box(FRAME, square(100, 200, 300), 0) == Region(200, 300, 300, 400)


def test_a_region_is_cut_out_without_a_copy():
    assert np.shares_memory(Region(10, 20, 30, 40).of(FRAME), FRAME)


def test_the_larger_of_two_that_overlap_is_kept_and_small_ones_are_not():
    large, inside, aside = Region(0, 0, 300, 300), Region(20, 20, 120, 120), Region(400, 0, 500, 100)
    tiny = Region(700, 0, 700 + LEAST - 1, 500)
    assert apart([inside, aside, tiny, large]) == [large, aside]
    assert apart([inside, aside], taken=[large]) == [aside]


def test_what_is_textured_like_a_code_is_found():
    luma = in_frame(drawn("X" * 200, 4), left=700, top=300)
    (region,) = textured(luma)
    side = len(drawn("X" * 200, 4))
    assert region.left <= 716
    assert region.top <= 316
    assert region.right >= 700 + side - 16
    assert region.bottom >= 300 + side - 16
    assert region.area < 4 * side * side


def test_grain_and_stripes_and_flat_walls_are_not():
    rng = np.random.default_rng(3)
    assert textured(FRAME) == []
    assert textured(np.clip(FRAME + rng.normal(0, 12, FRAME.shape), 0, 255).astype(np.uint8)) == []
    stripes = FRAME.copy()
    stripes[:, ::8] = 0
    assert textured(stripes) == []


def test_a_frame_too_small_for_any_code_has_no_texture():
    assert textured(np.zeros((1, 1), np.uint8)) == []
    assert textured(np.zeros((40, 1280), np.uint8)) == []
