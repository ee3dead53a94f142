"""Which tone goes with a change of the screen, and what a page sounds like when it is read aloud. Pure."""

import hashlib
from collections.abc import Iterator
from enum import StrEnum
from itertools import product
from pathlib import Path

from kiosk.api.messages import Page
from kiosk.api.sentences import catalogue
from ui.viewmodel import Screen, Tone

CHIME_MS = 30_000
"""How often whoever waits for staff, and the staff, hears that somebody waits (notes on the visitor's states)."""
MAX_PEOPLE = 20
MAX_PARTS = 16
_WHOLE_GROUPS = ("page", "hint", "alarm", "reason", "next")


class Sound(StrEnum):
    """A short sound; `ui/assets/sounds` has a file for each."""

    READ = "read"
    ADMITTED = "admitted"
    MORE = "more"
    REFUSED = "refused"
    STAFF = "staff"
    CLOSED = "closed"


def tone_of(before: Screen | None, now: Screen, *, fresh: bool) -> Sound | None:
    """Return the tone that a change makes; None: it is not heard. `fresh`: another visitor is answered now."""
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


def spoken(screen: Screen) -> tuple[str, ...]:
    """Return what is said of a page, sentence by sentence: what it shows, what stands around it comes last."""
    said = [screen.title, screen.reason, screen.next_step, screen.hint]
    if screen.alarm is not None:
        said.append(screen.alarm.text)
    if screen.longer:
        said.append(screen.longer)
    return tuple(dict.fromkeys(text for text in said if text))


def spoken_on_request(screen: Screen) -> tuple[str, ...]:
    """Return what is said to whoever asks: the page, and what can be touched at its foot."""
    return (*spoken(screen), screen.footer.help, screen.footer.language)


def sentences(language: str) -> Iterator[str]:
    """Yield everything that can ever be said in a language, once: what `scripts/voices` renders."""
    words = catalogue(language)
    seen: dict[str, None] = {}
    for key, text in words.items():
        group = key.partition(".")[0]
        if group not in _WHOLE_GROUPS:
            continue
        for filled in _filled(text, language):
            seen.setdefault(filled)
    yield from seen


def _filled(text: str, language: str) -> Iterator[str]:
    """Yield a sentence with every value that its gap may have."""
    if "{people}" in text:
        yield from (text.format(people=number) for number in range(2, MAX_PEOPLE + 1))
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
