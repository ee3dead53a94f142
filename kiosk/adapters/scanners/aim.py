"""AIM identifiers (ISO/IEC 15424): three characters before the data that say what kind of code it was. Pure."""

import re
from collections.abc import Collection

from kiosk.domain.symbology import Symbology

_QR = re.compile(rb"\]Q([0-6])")
_CODE128 = (b"]C0", b"]C1")
"""Code 128, and the same with function character 1 in front (GS1-128)."""
_WITH_ECI = frozenset(b"246")
_ECI = re.compile(rb"\\(?:\d{6}|(\\))")


def identified(data: bytes, wanted: Collection[Symbology]) -> tuple[Symbology, bytes] | None:
    """Return what a code was and held; None where its identifier is missing or names something that is not wanted."""
    if Symbology.QR in wanted and (content := _qr_content(data)) is not None:
        return Symbology.QR, content
    if Symbology.CODE128 in wanted and data[:3] in _CODE128:
        return Symbology.CODE128, data[3:]
    return None


def _qr_content(data: bytes) -> bytes | None:
    """Return what a QR code held; None where the identifier does not name one.

    An imager that says 'with ECI' (]Q2, ]Q4, ]Q6) writes a change of the character set as a backslash with six
    digits, and doubles every other backslash: both are undone, so that the bytes are those in the code.
    """
    found = _QR.match(data)
    if not found:
        return None
    content = data[found.end() :]
    return _ECI.sub(rb"\1", content) if found[1][0] in _WITH_ECI else content
