"""What the pages have in common that need the process `kiosk-admin`: saying that it is not there."""

from kiosk.domain.staff import Refused
from ui.manager.blocks import Notice
from ui.manager.page import Words


def missing(words: Words) -> Notice:
    """Return what is said where nothing on this machine can do what the page is for."""
    return Notice(words["manager.device_service.missing"], icon="wrench", tone="care")


def waiting(words: Words) -> Notice:
    """Return what is said until the first answer comes."""
    return Notice(words["manager.device_service.waiting"], icon="hourglass")


def refusal(code: Refused, words: Words, page: str = "", detail: str = "") -> Notice:
    """Return why the gate did not do what was asked for on this page; it stays until something else is tried.

    A page may have a sentence of its own for a code and what it is about: `CODE_DETAIL`, or `CODE` for any detail.
    """
    own = (f"manager.{page}.{code}_{detail}", f"manager.{page}.{code}", f"manager.refused.{code}")
    said = next(words[key] for key in own if key in words)
    return Notice(said.format(detail=detail), icon="octagon-cross", tone="bad")
