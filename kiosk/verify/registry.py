"""The one entrance to verification: bytes of a code in, a verification out. Only registered formats are read.

A format is a module of this package with a `FORMAT`, `matches(text)` and `verify(text, trust, now)`, and a line in
`FORMATS` (docs/extend.md).
"""

from datetime import datetime
from typing import Protocol

from kiosk.domain.credential import Format, Rejected, Verdict, Verification
from kiosk.domain.parts import is_joined
from kiosk.domain.reasons import Reason
from kiosk.domain.symbology import Symbology
from kiosk.domain.trust import TrustList
from kiosk.verify import bhyt, cccd, hc1, native_pass, nzcp, personal_qr, pretix, shc, tube, vds_nc, web
from kiosk.verify.envelope import MAX_TEXT
from kiosk.verify.errors import MalformedError


class FormatModule(Protocol):
    """What a module has to offer to be asked."""

    @property
    def FORMAT(self) -> Format:  # noqa: N802 - a module's constant
        """What it reads."""
        ...

    def matches(self, text: str, /) -> bool:
        """Tell by its first look whether `text` is of this format. Cheap, and never raises."""
        ...

    def verify(self, text: str, trust: TrustList, now: datetime, /) -> Verification:
        """Verify a text that matches. Raises MalformedError where it cannot be parsed."""
        ...


FORMATS: tuple[FormatModule, ...] = (
    hc1,
    native_pass,
    vds_nc,
    shc,
    nzcp,
    web,
    cccd,
    personal_qr,
    bhyt,
    pretix,
)
"""In the order in which they are asked; the first that matches answers. Of QR codes only."""
LINEAR: tuple[FormatModule, ...] = (tube,)
"""The same for a Code 128: it is a tube's label or nothing, whatever it says, and no QR code is ever a label."""


def _malformed(reason: Reason, form: Format | None = None) -> Rejected:
    return Rejected(Verdict.MALFORMED, (reason,), form)


def verify(
    data: bytes, trust: TrustList, now: datetime, *, symbology: Symbology = Symbology.QR
) -> Verification:
    """Verify the exact bytes of a code at the moment `now` (aware). Never raises for what the bytes hold.

    `symbology` is what they were read from.
    """
    if len(data) > MAX_TEXT and not is_joined(data):
        return _malformed(Reason.TOO_LONG)
    try:
        # No code of ours ends in white space (a Base45 text cannot), and keyboards and files add it.
        text = data.decode().strip()
    except UnicodeDecodeError:
        return _malformed(Reason.UNKNOWN_FORMAT)
    asked = LINEAR if symbology is Symbology.CODE128 else FORMATS
    found = next((form for form in asked if form.matches(text)), None)
    if found is None:
        return _malformed(Reason.UNKNOWN_FORMAT)
    try:
        return found.verify(text, trust, now)
    except MalformedError as error:
        return _malformed(error.reason, found.FORMAT)
