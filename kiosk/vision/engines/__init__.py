"""Engines that read codes, by name. `open_engine` makes the one that the settings name; nothing is guessed."""

from collections.abc import Callable

from kiosk.vision.codes import Engine

__all__ = ["ENGINES", "EngineMissingError", "open_engine"]


class EngineMissingError(Exception):
    """The library of an engine is not installed. The text is one sentence that says what to install."""


def _zxing() -> Engine:
    from kiosk.vision.engines.zxing import ZxingEngine

    return ZxingEngine()


def _zbar() -> Engine:
    from kiosk.vision.engines.zbar import ZbarEngine

    return ZbarEngine()


def _opencv() -> Engine:
    from kiosk.vision.engines.opencv import OpenCvEngine

    return OpenCvEngine()


def _patient() -> Engine:
    from kiosk.vision.still import StillReader

    return StillReader(last_word=_zbar())


def _cascade() -> Engine:
    from kiosk.vision.cascade import Cascade

    return Cascade()


ENGINES: dict[str, Callable[[], Engine]] = {
    "cascade": _cascade,
    "patient": _patient,
    "zxing": _zxing,
    "zbar": _zbar,
    "opencv": _opencv,
}
"""What each needs is imported when it is made, so that a missing library costs nobody else anything."""


def open_engine(name: str) -> Engine:
    """Make an engine. Raises EngineMissingError, and KeyError for a name that is none of ENGINES."""
    return ENGINES[name]()
