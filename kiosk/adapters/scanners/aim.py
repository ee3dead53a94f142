"""AIM identifiers (ISO/IEC 15424): three characters before the data that say what kind of code it was. Pure."""

import re

QR_CODE = "QRCode"
UNKNOWN = "unknown"
"""The symbology of a code whose imager does not say what it was."""
_QR = re.compile(rb"\]Q([0-6])")
_WITH_ECI = frozenset(b"246")
_ECI = re.compile(rb"\\(?:\d{6}|(\\))")


def without_identifier(data: bytes) -> bytes | None:
    """Return what a QR code held; None where the identifier is missing or names another kind of code.

    An imager that says 'with ECI' (]Q2, ]Q4, ]Q6) writes a change of the character set as a backslash with six
    digits, and doubles every other backslash: both are undone, so that the bytes are those in the code.
    """
    found = _QR.match(data)
    if not found:
        return None
    content = data[found.end() :]
    return _ECI.sub(rb"\1", content) if found[1][0] in _WITH_ECI else content
