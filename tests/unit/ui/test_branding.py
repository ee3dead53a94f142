"""A venue's colour, made legible; and the palettes of day, night and high contrast."""

import itertools
import random

import pytest

from ui.branding import contrast, legible
from ui.palettes import LEAST, PALETTES, palettes
from ui.viewmodel import Tone

SCHEMES = tuple(PALETTES)


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#ffffff", "#777777") == pytest.approx(4.48, abs=0.01)
    assert contrast("#0a5c33", "#0a5c33") == 1


def test_a_colour_that_can_be_read_stays_as_it_is():
    assert legible("#0B4A82", ["#f4f7fa"], 7) == "#0b4a82"


@pytest.mark.parametrize(
    ("wanted", "ground", "shown"),
    [
        ("#ff8800", "#f4f7fa", "#844300"),  # orange becomes brown on light paper
        ("#ff8800", "#101820", "#ff8800"),  # and is right on dark
        ("#0000ff", "#101820", "#74a0ff"),  # blue becomes lighter at night
        ("#808080", "#f4f7fa", "#545454"),  # grey stays grey
    ],
)
def test_one_that_cannot_becomes_darker_or_lighter_and_keeps_its_hue(wanted, ground, shown):
    assert legible(wanted, [ground], 7) == shown


def test_it_is_changed_no_more_than_needed():
    for wanted in ("#ff8800", "#00ff00", "#ffff00", "#e2001a"):
        assert 7 <= contrast(legible(wanted, ["#f4f7fa"], 7), "#f4f7fa") < 7.15


def test_where_nothing_would_do_it_is_the_best_there_is():
    assert legible("#ff0000", ["#777777"], 7) == "#000000"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_whatever_colour_a_venue_has_it_can_be_read(scheme):
    draw = random.Random(7)
    for accent in ["#000000", "#ffffff", *(f"#{draw.randrange(1 << 24):06x}" for _ in range(300))]:
        calm = palettes(scheme, accent)[Tone.CALM]
        assert min(contrast(calm.accent, calm.paper), contrast(calm.accent, calm.control)) >= LEAST[scheme], accent


@pytest.mark.parametrize("tone", Tone)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_words_and_edges_stand_out_in_every_palette(scheme, tone):
    palette = palettes(scheme)[tone]
    for ink, ground in itertools.product((palette.ink, palette.soft, palette.accent), (palette.paper, palette.control)):
        assert contrast(ink, ground) >= LEAST[scheme], (ink, ground)
    assert contrast(palette.line, palette.paper) >= 3


def test_the_venues_colour_is_for_calm_pages_only():
    ours, plain = palettes("day", "#6a1b8a"), palettes("day")
    assert ours[Tone.CALM].accent == "#6a1b8a"
    assert {tone for tone in Tone if ours[tone] != plain[tone]} == {Tone.CALM}
