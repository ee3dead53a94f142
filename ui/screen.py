"""What is drawn, as words and names: the outcome of the view model. Nothing here knows Qt."""

from dataclasses import dataclass
from enum import StrEnum

from kiosk.api.messages import Page
from ui.choices import Choices


class Tone(StrEnum):
    """The colour of a page. Shape, words and sound say the same (DESIGN: never colour alone)."""

    CALM = "calm"
    GOOD = "good"
    BAD = "bad"
    CARE = "care"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Status:
    """One thing that staff should know, small, beside the clock."""

    icon: str
    text: str


@dataclass(frozen=True, slots=True)
class AlarmStrip:
    """What people at the door are told while an alarm stands."""

    icon: str
    text: str
    urgent: bool
    """Nobody has come for long."""
    confirmed: bool
    """Staff has seen it: the control by which they say so is gone."""


@dataclass(frozen=True, slots=True)
class Footer:
    """Labels of what is always there; empty for what is not offered here."""

    language: str
    """The other language's own name; where there are several, the word for 'language'."""
    help: str
    text_size: str
    contrast: str
    read_aloud: str = ""


@dataclass(frozen=True, slots=True)
class Language:
    """One that can be chosen."""

    code: str
    name: str
    """As its speakers call it."""
    chosen: bool


@dataclass(frozen=True, slots=True)
class Screen:
    """Everything that is drawn."""

    page: Page
    tone: Tone
    icon: str
    title: str
    footer: Footer
    choices: Choices
    hint: str = ""
    reason: str = ""
    """Why not, as a sentence."""
    next_step: str = ""
    """What to do now, as a sentence."""
    waited: str = ""
    """How long ago staff was called, as a sentence."""
    countdown: float = 0.0
    """The part of the page's time that is left, 1 to 0; 0 as well where the page does not end by itself."""
    guide: str = ""
    """On the idle page: the drawing beside a title that says how to hold a code so that it can be read; else empty."""
    preview: bool = False
    """Whether the camera picture belongs on this page."""
    aim: bool = True
    """Whether a code is held before the camera; otherwise it has failed, and a scanner reads."""
    status: Status | None = None
    alarm: AlarmStrip | None = None
    longer: str = ""
    """Label of the control by which whoever is on the way through asks for more time; empty where there is none."""
    help_over: str = ""
    """Label of the control by which whoever called staff says that it is over; empty where there is none."""
    languages: tuple[Language, ...] = ()
    """What can be chosen, in place of the page; empty: nobody chooses."""
    reason_code: str = ""
    """The code behind `reason` or behind the guide, empty where it is not known here. Names saved pictures."""
    calls: int = 0
    """How often staff has been called for this page."""
