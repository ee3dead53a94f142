import numpy as np
import pytest
import segno

from kiosk.testing.codes import QUIET, bent, drawn, square
from kiosk.vision.engines.zxing import ZxingEngine
from kiosk.vision.surface import _known, flatten

ENGINE = ZxingEngine()


@pytest.mark.parametrize("version", [1, 2, 6, 7, 14, 21, 28, 40])
def test_what_must_be_dark_or_light_is_so_in_every_symbol(version: int):
    known = _known(version)
    for mask in (0, 3):
        code = segno.make("1", version=version, mask=mask, error="l", micro=False, boost_error=False)
        light = np.where(np.array([list(row) for row in code.matrix], bool), -1, 1)
        assert (known[known != 0] == light[known != 0]).all()
    share = np.count_nonzero(known) / known.size
    assert 0.05 < share < 0.6




@pytest.mark.parametrize(("version", "by"), [(3, 0.02), (6, 0.017), (10, 0.012), (14, 0.01)])
def test_a_code_on_a_sheet_that_waves_is_followed(version: int, by: float):
    text = "FOLLOWED " * version
    luma = bent(drawn(text, 6, version=version, error="l"), by)
    side = len(luma) - 12 * QUIET
    corners = square(side, 6 * QUIET, 6 * QUIET)
    (code,) = ENGINE.look(flatten(luma, corners, version)).codes
    assert code.text == text


def test_a_flat_code_stays_as_it_is():
    luma = drawn("FLAT", 5, version=4)
    drawing = flatten(luma, square(len(luma) - 40, 20, 20), 4)
    assert len(drawing) == 4 * (17 + 16 + 2 * QUIET)
    assert ENGINE.look(drawing).codes[0].text == "FLAT"


def test_a_grey_sheet_gives_a_drawing_in_which_nothing_is_read():
    assert ENGINE.look(flatten(np.full((300, 300), 128, np.uint8), square(200, 50, 50), 5)).codes == ()
