"""The one entrance to verification: bytes of a code in, a verification out. Only registered formats are read."""

from datetime import datetime

from kiosk.domain.credential import Format, Rejected, Verdict, Verification
from kiosk.domain.reasons import Reason
from kiosk.domain.trust import TrustList
from kiosk.verify import cccd, hc1, native_pass, web
from kiosk.verify.envelope import MAX_TEXT
from kiosk.verify.errors import MalformedError

_SIGNED = {hc1.PREFIX: (Format.HC1, hc1.verify), native_pass.PREFIX: (Format.PASS, native_pass.verify)}


def _malformed(reason: Reason, form: Format | None = None) -> Rejected:
    return Rejected(Verdict.MALFORMED, (reason,), form)


def verify(data: bytes, trust: TrustList, now: datetime) -> Verification:
    """Verify the exact bytes of a code at the moment `now` (aware). Never raises for what the bytes hold."""
    if len(data) > MAX_TEXT:
        return _malformed(Reason.TOO_LONG)
    try:
        # No code of ours ends in white space (a Base45 text cannot), and keyboards and files add it.
        text = data.decode().strip()
    except UnicodeDecodeError:
        return _malformed(Reason.UNKNOWN_FORMAT)
    for prefix, (form, verify_signed) in _SIGNED.items():
        if text.startswith(prefix):
            try:
                return verify_signed(text, trust, now)
            except MalformedError as error:
                return _malformed(error.reason, form)
    if web.matches(text):
        return web.verify(text)
    if cccd.matches(text):
        return cccd.verify(text)
    return _malformed(Reason.UNKNOWN_FORMAT)
