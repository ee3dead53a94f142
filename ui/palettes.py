"""The colours of the screen: a palette for each tone of a page, by day, by night and with high contrast. Pure.

Words stand out from their ground by 7:1 (high contrast 10:1), edges of controls from the page by 3:1 (WCAG 2.2, 1.4.6
and 1.4.11). Green and red differ by little in luminance: shape, words, position and sound carry the meaning.
"""

from dataclasses import dataclass, replace
from typing import Literal

from ui.branding import legible
from ui.viewmodel import Tone

Scheme = Literal["day", "night", "high"]
LEAST: dict[Scheme, float] = {"day": 7.0, "night": 7.0, "high": 10.0}
"""The contrast that words have in a scheme."""


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours `#rrggbb` of one tone."""

    paper: str
    """The page."""
    ink: str
    """What matters."""
    soft: str
    """What is said beside it."""
    accent: str
    """Drawings, and words that lead the eye: the venue's own colour on a calm page."""
    control: str
    """The face of a button."""
    line: str
    """Edges."""


def _white_on(paper: str, control: str, line: str) -> Palette:
    return Palette(paper, "#ffffff", "#ffffff", "#ffffff", control, line)


PALETTES: dict[Scheme, dict[Tone, Palette]] = {
    "day": {
        Tone.CALM: Palette("#f4f7fa", "#0e2438", "#34495d", "#0b4a82", "#dfe7ef", "#758699"),
        Tone.GOOD: _white_on("#0a5c33", "#074726", "#74b391"),
        Tone.BAD: _white_on("#8f1d14", "#71140d", "#d98b84"),
        Tone.CARE: _white_on("#7a4d00", "#5f3c00", "#d0aa70"),
        Tone.DARK: _white_on("#22303d", "#16212b", "#7b8ea0"),
    },
    "night": {
        Tone.CALM: Palette("#101820", "#e9eff5", "#bccad7", "#8ec5ff", "#202d3a", "#6f8294"),
        Tone.GOOD: _white_on("#074726", "#04351c", "#5f9d7c"),
        Tone.BAD: _white_on("#71140d", "#560c06", "#c4766f"),
        Tone.CARE: _white_on("#5f3c00", "#432a00", "#b8935a"),
        Tone.DARK: _white_on("#17212b", "#0d141b", "#6f8294"),
    },
    "high": {
        Tone.CALM: Palette("#000000", "#ffffff", "#ffffff", "#ffe14d", "#000000", "#ffffff"),
        Tone.GOOD: _white_on("#04351c", "#000000", "#ffffff"),
        Tone.BAD: _white_on("#560c06", "#000000", "#ffffff"),
        Tone.CARE: _white_on("#432a00", "#000000", "#ffffff"),
        Tone.DARK: _white_on("#000000", "#000000", "#ffffff"),
    },
}


def palettes(scheme: Scheme, accent: str = "") -> dict[Tone, Palette]:
    """Return the palettes of a scheme; calm pages with the venue's `accent`, if it has one, made legible."""
    whole = PALETTES[scheme]
    if not accent:
        return whole
    calm = whole[Tone.CALM]
    own = legible(accent, (calm.paper, calm.control), LEAST[scheme])
    return {**whole, Tone.CALM: replace(calm, accent=own)}
