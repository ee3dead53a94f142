"""The engines that are compared, each by its name."""

from collections.abc import Callable, Sequence

from kiosk.vision.codes import Engine
from kiosk.vision.engines import ENGINES, EngineMissingError, open_engine

YARDSTICK = "pyzbar"
NAMES = ("cascade", "zxing", YARDSTICK, "opencv")
"""What is compared unless engines are named; `zbar`, pyzbar as the kiosk uses it, may be named too."""
KNOWN = (*NAMES, *(name for name in ENGINES if name not in NAMES))

OpenEngine = Callable[[str], Engine]


def open_named(name: str) -> Engine:
    """Make one of KNOWN. Raises EngineMissingError.

    As a yardstick pyzbar is taken at its word: the kiosk's own `zbar` leaves out what it may have garbled.
    """
    if name != YARDSTICK:
        return open_engine(name)
    open_engine("zbar")  # says what to install where it is missing
    from kiosk.vision.engines.zbar import ZbarEngine

    return ZbarEngine(everything=True)


def present(names: Sequence[str], opened: OpenEngine = open_named) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return which engines can be used, and of the others what to install."""
    missing = {}
    for name in names:
        try:
            opened(name)
        except EngineMissingError as error:
            missing[name] = str(error)
    return tuple(name for name in names if name not in missing), missing
