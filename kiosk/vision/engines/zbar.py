"""zbar through pyzbar: a slower second opinion that sometimes reads what zxing-cpp does not.

It guesses character sets, so that Vietnamese UTF-8 without ECI and binary content come out garbled. Only
payloads of pure printable ASCII are taken from it; anything else counts as not read.
"""


from kiosk.vision.codes import Code, Look, Luma
from kiosk.vision.engines import EngineMissingError

try:
    from pyzbar import pyzbar
except ImportError as error:  # pyzbar without the zbar library raises this too
    raise EngineMissingError("zbar is not installed; install libzbar0 and pyzbar, or name another engine") from error


def exact(data: bytes) -> bool:
    """Tell whether zbar cannot have garbled this: printable ASCII is the same in all character sets."""
    return bool(data) and all(0x20 <= byte < 0x7F or byte in b"\t\r\n" for byte in data)


class ZbarEngine:
    """One look: about 30 ms at 720p on a current x86 core, whether there is a code or not.

    With `everything` it gives whatever zbar says, exact or not: for comparison only.
    """

    def __init__(self, *, everything: bool = False) -> None:
        self._everything = everything

    def look(self, luma: Luma) -> Look:
        """Return the codes whose content is exact beyond doubt."""
        codes = []
        try:
            symbols = pyzbar.decode(luma, symbols=[pyzbar.ZBarSymbol.QRCODE])
        except ValueError:  # pyzbar gives up on symbols without an orientation, such as parts of a structured append
            return Look()
        for found in symbols:
            if found.type != "QRCODE":  # a part of a structured append, whose place in the message it does not tell
                continue
            data = bytes(found.data)
            if not self._everything and not exact(data):
                continue
            left, top, wide, high = found.rect
            box = ((left, top), (left + wide, top), (left + wide, top + high), (left, top + high))
            codes.append(Code(data, data.decode(errors="replace"), "QRCode", box))
        return Look(tuple(codes))

    def close(self) -> None:
        """Hold nothing."""
