"""The engines that are compared, each by its name."""

from collections.abc import Callable, Sequence

from kiosk.vision.codes import Code, Engine, Look, Luma
from kiosk.vision.engines import ENGINES, EngineMissingError, open_engine

YARDSTICK = "pyzbar"
NAMES = ("cascade", "zxing", YARDSTICK, "opencv")
"""What is compared unless engines are named; `zbar`, pyzbar as the kiosk uses it, may be named too."""
KNOWN = (*NAMES, *(name for name in ENGINES if name not in NAMES))

OpenEngine = Callable[[str], Engine]


class PlainZbar:
    """pyzbar as it comes, for comparison.

    The kiosk's own `zbar` leaves out what pyzbar may have garbled (anything but ASCII): as a yardstick that would be
    unfair to it. Here all bytes count as it gives them, exact or wrong.
    """

    def __init__(self) -> None:
        open_engine("zbar")  # says what to install where it is missing
        from pyzbar import pyzbar

        self._decode = pyzbar.decode
        self._symbols = [pyzbar.ZBarSymbol.QRCODE]

    def look(self, luma: Luma) -> Look:
        """Return every QR code that pyzbar finds."""
        codes = []
        for found in self._decode(luma, symbols=self._symbols):
            left, top, wide, high = found.rect
            box = ((left, top), (left + wide, top), (left + wide, top + high), (left, top + high))
            data = bytes(found.data)
            codes.append(Code(data, data.decode(errors="replace"), "QRCode", box))
        return Look(tuple(codes))


def open_named(name: str) -> Engine:
    """Make one of KNOWN. Raises EngineMissingError."""
    return PlainZbar() if name == YARDSTICK else open_engine(name)


def present(names: Sequence[str], opened: OpenEngine = open_named) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return which engines can be used, and of the others what to install."""
    missing = {}
    for name in names:
        try:
            opened(name)
        except EngineMissingError as error:
            missing[name] = str(error)
    return tuple(name for name in names if name not in missing), missing
