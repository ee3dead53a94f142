"""What a visitor chose at the screen, and when it is forgotten. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kiosk.api.messages import Page

MS = 1_000_000
FORGET_MS = 20_000
"""How long the screen stays as the last visitor set it, once nobody is being served."""
RESTING = (Page.IDLE, Page.OUT_OF_ORDER, Page.LOCKDOWN, Page.MAINTENANCE, Page.FREE_PASSAGE)
"""Pages on which nobody is being served."""


@dataclass(frozen=True, slots=True)
class Choices:
    """Language, size, contrast and whether the screen is read out, as one visitor likes them."""

    language: str = "vi"
    large: bool = False
    high_contrast: bool = False
    spoken: bool = False


def next_language(language: str, languages: Sequence[str]) -> str:
    """Return the language that the footer's button leads to."""
    if language not in languages:
        return languages[0]
    return languages[(languages.index(language) + 1) % len(languages)]


@dataclass(frozen=True, slots=True)
class Session:
    """The present choices, the venue's own, and since when nobody has used the screen."""

    default: Choices
    now: Choices
    resting_ns: int | None = None
    """Since when the screen rests: idle, and nobody touches a choice. None: somebody is being served."""
    choosing: Page | None = None
    """The page in whose place somebody looks for their language; None: nobody does."""
    choosing_ns: int = 0
    """Since when."""

    @classmethod
    def fresh(cls, default: Choices) -> "Session":
        """Return a session in which nobody has chosen anything."""
        return cls(default=default, now=default)

    def choose(self, choices: Choices, now_ns: int) -> "Session":
        """Return the session after a visitor chose; the time to forget starts again."""
        resting = None if self.resting_ns is None else now_ns
        return replace(self, now=choices, resting_ns=resting, choosing=None)

    def open_languages(self, page: Page, now_ns: int) -> "Session":
        """Return the session in which somebody looks for their language, or does no longer, as they touch again."""
        choosing = page if self.choosing is None else None
        resting = None if self.resting_ns is None else now_ns
        return replace(self, choosing=choosing, choosing_ns=now_ns, resting_ns=resting)

    def busy(self) -> "Session":
        """Return the session while somebody of the staff is at the screen: the time to forget begins after that."""
        return self if self.resting_ns is None else replace(self, resting_ns=None)

    def settle(self, page: Page, now_ns: int) -> "Session":
        """Return the session as it is at `now_ns` while `page` is shown.

        What the gate says next, to whomever, comes before the list of languages.
        """
        if self.choosing is not None and (self.choosing is not page or now_ns - self.choosing_ns >= FORGET_MS * MS):
            return replace(self, choosing=None).settle(page, now_ns)
        if page not in RESTING:
            return self if self.resting_ns is None else replace(self, resting_ns=None)
        if self.resting_ns is None:
            return replace(self, resting_ns=now_ns)
        if self.now != self.default and now_ns - self.resting_ns >= FORGET_MS * MS:
            return replace(self, now=self.default)
        return self
