"""The table `[screen]` of `kiosk.toml`: the touchscreen, how it is mounted and how it looks."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from kiosk.language_files import languages
from kiosk.times_text import HoursText
from kiosk.toml_file import Section

MAX_VENUE = 40
"""Characters of a venue's name: what fits on the smallest glass in two lines."""


class ScreenSection(Section):
    """The touchscreen. Width and height are those of the glass as it is made, whatever way it is mounted."""

    width: Annotated[int, Field(ge=480, le=3840)] = 800
    height: Annotated[int, Field(ge=480, le=3840)] = 480
    pixels_per_mm: Annotated[float, Field(ge=2, le=20)] = 5.19
    rotation: Literal[0, 90, 180, 270] = 0
    """Degrees clockwise by which everything is turned, touch included."""
    renderer: Literal["software", "opengl"] = "software"
    """What Qt draws with: named, never guessed."""
    language: Annotated[str, Field(max_length=12)] = "vi"
    """The first language: that of whoever has not chosen another."""
    languages: Annotated[tuple[str, ...], Field(min_length=1)] = ("vi", "en")
    """What visitors can choose from, in this order: codes of the files in kiosk/api/sentences."""
    theme: Literal["day", "night", "auto"] = "day"
    """`auto`: night between the hours of `night`."""
    night: HoursText = "18:00-06:00"
    """By the venue's clock."""
    venue: Annotated[str, Field(max_length=MAX_VENUE)] = ""
    """The venue's name, above the visitor's pages."""
    logo: Path | None = None
    """PNG or SVG; one that cannot be used is left out, with a sentence on the standard error."""
    accent: Annotated[str, Field(pattern=r"^(#[0-9a-fA-F]{6})?$")] = ""
    """The venue's colour, `#rrggbb`; made lighter or darker until it can be read."""
    fullscreen: bool = True
    demo: bool = False
    """Says on the screen that this is a demonstration."""
    pictures: Path | None = None
    """Where to save a picture of every page shown (without a display)."""

    @field_validator("language")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in languages():
            raise ValueError(f"there is no such language; there are {', '.join(languages())}")
        return name

    @field_validator("languages")
    @classmethod
    def _each_once(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(names)) < len(names):
            raise ValueError("each language once")
        return tuple(map(cls._known, names))

    @model_validator(mode="after")
    def _first_is_offered(self) -> Self:
        if self.language not in self.languages:
            raise ValueError(f"language is not one of languages: {', '.join(self.languages)}; add it there")
        return self

    @field_validator("venue")
    @classmethod
    def _one_line(cls, name: str) -> str:
        if not name.isprintable():
            raise ValueError("a venue's name is one line of letters, digits and signs")
        return name.strip()
