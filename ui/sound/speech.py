"""Which tone goes with a change of the screen, and what a page sounds like when it is read aloud. Pure."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from pathlib import Path

from kiosk.api.messages import Page
from kiosk.api.sentences import catalogue
from kiosk.domain.reasons import Reason
from ui.said import MOST_MINUTES
from ui.screen import Screen, Tone

MS = 1_000_000
CHIME_MS = 30_000
"""How often whoever waits for staff, and the staff, hears that somebody waits (notes on the visitor's states)."""
MAX_PEOPLE = 20
MAX_PARTS = 16
_WHOLE_GROUPS = ("page", "hint", "align", "alarm", "form", "reason", "next")
_ANSWERS = (Page.ALIGN, Page.ADMITTED, Page.REFUSED, Page.STAFF, Page.FIRE)
"""What everybody is told aloud where the venue wants that: never what stands there for hours."""


class Sound(StrEnum):
    """A short sound; `ui/assets/sounds` has a file for each."""

    READ = "read"
    ADMITTED = "admitted"
    MORE = "more"
    REFUSED = "refused"
    STAFF = "staff"
    STAFF_AGAIN = "staff_again"
    """Louder: nobody has come."""
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Heard:
    """What is to be heard now, in place of whatever is heard."""

    tone: Sound | None = None
    sentences: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.tone or self.sentences)


def heard(before: Screen | None, now: Screen, *, fresh: bool, to_all: bool, quiet: bool) -> Heard:
    """Return what a change of the screen makes heard.

    `fresh`: another visitor is answered now; `to_all`: answers are spoken to everybody; `quiet`: it is an hour in which
    nothing is heard but what somebody has asked for.
    """
    asked = now.choices.spoken
    silent = quiet and not asked and not called_for(now)
    tone = None if silent else tone_of(before, now, fresh=fresh)
    if asked and (before is None or not before.choices.spoken):
        return Heard(tone, spoken_on_request(now))
    said = spoken(now)
    if before is not None and said == spoken(before) and not fresh:
        return Heard(tone)
    return Heard(tone, said if asked or (to_all and not quiet and now.page in _ANSWERS) else ())


def tone_of(before: Screen | None, now: Screen, *, fresh: bool) -> Sound | None:
    """Return the tone that a change makes; None: it is not heard. `fresh`: another visitor is answered now."""
    if before is not None and now.calls > before.calls > 0:
        return Sound.STAFF_AGAIN
    if before is not None and before.page is now.page and before.tone is now.tone and not fresh:
        return None
    match now.page:
        case Page.QR_READ:
            return Sound.READ
        case Page.ADMITTED:
            return Sound.ADMITTED
        case Page.REFUSED:
            return Sound.MORE if now.tone is Tone.CARE else Sound.REFUSED
        case Page.STAFF:
            return Sound.STAFF
        case Page.OUT_OF_ORDER if before is not None and now.tone is Tone.DARK:
            return Sound.CLOSED
        case _:
            return None


def chime(screen: Screen, heard_ns: int, now_ns: int) -> Sound | None:
    """Return the tone that says again that somebody waits for staff, where the last one was at `heard_ns`."""
    if screen.page is not Page.STAFF or now_ns - heard_ns < CHIME_MS * MS:
        return None
    return Sound.STAFF_AGAIN if screen.calls > 1 else Sound.STAFF


def called_for(screen: Screen) -> bool:
    """Tell whether somebody has asked for staff: that is heard at any hour."""
    return screen.page is Page.STAFF and screen.reason_code == Reason.HELP_REQUESTED


def spoken(screen: Screen) -> tuple[str, ...]:
    """Return what is said of a page, sentence by sentence: what it shows, what stands around it comes last."""
    if screen.languages:
        return tuple(language.name for language in screen.languages)
    said = [screen.title, screen.reason, screen.next_step, screen.hint]
    if screen.alarm is not None:
        said.append(screen.alarm.text)
    said += [screen.longer, screen.help_over]
    return tuple(dict.fromkeys(text for text in said if text))


def spoken_on_request(screen: Screen) -> tuple[str, ...]:
    """Return what is said to whoever asks: the page, and what can be touched at its foot."""
    footer = screen.footer
    controls = (footer.language, footer.help, footer.read_aloud, footer.text_size, footer.contrast)
    lead = catalogue(screen.choices.language)["page.speech_controls"]
    return (*spoken(screen), *filter(None, (screen.waited, lead, *controls)))


def sentences(language: str) -> Iterator[str]:
    """Yield everything that can ever be said in a language, once: what `scripts/voices` renders.

    Names of other languages are among it: whoever cannot read them hears which there are.
    """
    words = catalogue(language)
    seen: dict[str, None] = {}
    for key, text in words.items():
        if key.partition(".")[0] in _WHOLE_GROUPS:
            seen.update(dict.fromkeys(_filled(text, language)))
    yield from seen


def _filled(text: str, language: str) -> Iterator[str]:
    """Yield a sentence with every value that its gap may have."""
    if "{people}" in text:
        yield from (text.format(people=number) for number in range(2, MAX_PEOPLE + 1))
    elif "{minutes}" in text:
        yield from (text.format(minutes=number) for number in range(1, MOST_MINUTES + 1))
    elif "{part}" in text:
        pairs = product(range(1, MAX_PARTS + 1), repeat=2)
        yield from (text.format(part=part, parts=parts) for part, parts in pairs if part < parts)
    elif "{alarm}" in text:
        alarms = (said for key, said in catalogue(language).items() if key.startswith("alarm."))
        yield from (text.format(alarm=said) for said in alarms)
    elif "{" not in text:
        yield text


def clip(folder: Path, language: str, text: str) -> Path:
    """Return where a sentence's sound is, named by what it says: another wording is another file."""
    return folder / language / f"{hashlib.sha256(text.encode()).hexdigest()[:20]}.wav"
