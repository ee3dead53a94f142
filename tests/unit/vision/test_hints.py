import cv2
import numpy as np
import pytest

from kiosk.testing.codes import bent, code, drawn, in_frame, square
from kiosk.vision.codes import Located, Look
from kiosk.vision.hints import AWAY_NS, SHOWN_NS, STALLED_NS, Advice, Hints, trouble

TEXT = "HC1:NCFOXN" * 20
MS = 1_000_000
GREY = np.full((720, 1280), 110, np.uint8)


def held(change=None, scale: int = 4, version: int = 8) -> tuple[np.ndarray, Located]:
    """Return a frame with a code that `change` has spoiled, and where it is."""
    luma = drawn(TEXT[: version * 10], scale, version=version, error="l")
    side = len(luma) - 8 * scale
    spoiled = luma if change is None else change(luma)
    soft = np.clip(spoiled.astype(np.float32) * 0.7 + 40, 0, 255).astype(np.uint8) if change is not glare else spoiled
    return in_frame(soft, top=20), Located(square(side, 300 + 4 * scale, 20 + 4 * scale), version)


def glare(luma: np.ndarray) -> np.ndarray:
    washed = luma.copy()
    third = len(luma) // 3
    washed[third:, third : 2 * third] = 255
    return washed


def dim(luma: np.ndarray) -> np.ndarray:
    return np.random.default_rng(1).poisson(luma / 255 * 4 + 2).astype(np.float32) * 20


def smeared(luma: np.ndarray) -> np.ndarray:
    return cv2.blur(luma, (9, 3))


def defocused(luma: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(luma, (0, 0), 9)


@pytest.mark.parametrize(
    ("spoiled", "hint"),
    [
        (held(scale=1), "closer"),
        (held(smeared), "still"),
        (held(defocused, scale=11, version=9), "farther"),
        (held(glare), "tilt"),
        (held(dim), "light"),
        (held(lambda luma: bent(luma, 0.03)), "flat"),
    ],
    ids=["small", "smeared", "near", "glare", "dim", "creased"],
)
def test_each_trouble_has_its_hint(spoiled: tuple[np.ndarray, Located], hint: str):
    assert trouble(*spoiled) == hint


def test_a_symbol_of_unknown_version_is_judged_by_its_size():
    assert trouble(GREY, Located(square(60, 300, 80))) == "closer"
    assert trouble(GREY, Located(((0, 0), (0, 0), (0, 0), (0, 0)))) == "closer"


FRAME, SPOT = held(smeared)
UNREAD, READ, NOTHING = Look(located=(SPOT,)), Look(codes=(code(b"X"),)), Look()


def test_nothing_is_said_before_reading_has_stalled():
    hints = Hints()
    assert [hints.see(FRAME, UNREAD, None, at * MS).hint for at in (1, 200, 400)] == ["", "", ""]
    assert hints.see(FRAME, UNREAD, None, MS + STALLED_NS).hint == "still"


def test_a_code_that_is_read_ends_the_hint_at_once():
    hints = Hints()
    hints.see(FRAME, UNREAD, None, 1)
    hints.see(FRAME, UNREAD, None, 1 + STALLED_NS)
    assert hints.see(FRAME, READ, None, 2 + STALLED_NS) == Advice()


def test_a_hint_stays_long_enough_to_be_read():
    hints = Hints()
    small, far = held(scale=1)
    hints.see(FRAME, UNREAD, None, 1)
    shown = 1 + STALLED_NS
    assert hints.see(FRAME, UNREAD, None, shown).hint == "still"
    assert hints.see(small, Look(located=(far,)), None, shown + SHOWN_NS - 1).hint == "still"
    assert hints.see(small, Look(located=(far,)), None, shown + SHOWN_NS).hint == "closer"


def test_a_frame_in_which_nothing_is_located_changes_nothing_yet():
    hints = Hints()
    hints.see(FRAME, UNREAD, None, 1)
    shown = 1 + STALLED_NS
    hints.see(FRAME, UNREAD, None, shown)
    assert hints.see(GREY, NOTHING, None, shown + AWAY_NS).hint == "still"
    assert hints.see(GREY, NOTHING, None, shown + AWAY_NS + SHOWN_NS) == Advice()


def test_the_next_part_is_asked_for_at_once():
    hints = Hints()
    assert hints.see(GREY, READ, (1, 3), 1) == Advice("next_part", 1, 3)
    assert hints.see(GREY, READ, (2, 3), 2) == Advice("next_part", 2, 3)
    assert hints.see(GREY, READ, None, 3) == Advice()
