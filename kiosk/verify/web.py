"""Web addresses: a venue's check-in poster, or any other. Recognised for what they are, never opened."""

from datetime import datetime
from urllib.parse import urlsplit

from kiosk.domain.credential import Format, Rejected, Verdict
from kiosk.domain.reasons import Reason
from kiosk.domain.trust import TrustList

FORMAT = Format.WEB
_VENUE_HOSTS = ("tokhaiyte.vn", "pccovid.gov.vn")
"""Vietnam's health declaration and entry control platforms of 2021; posters carry their addresses."""


def matches(text: str) -> bool:
    """Tell whether `text` is a web address."""
    return text[:8].lower().startswith(("http://", "https://"))


def verify(text: str, _trust: TrustList, _now: datetime) -> Rejected:
    """Say which sort of address it is."""
    try:
        host = urlsplit(text).hostname or ""
    except ValueError:
        host = ""
    if any(host == known or host.endswith("." + known) for known in _VENUE_HOSTS):
        return Rejected(Verdict.MALFORMED, (Reason.VENUE_POSTER,), Format.VENUE)
    return Rejected(Verdict.MALFORMED, (Reason.WEB_ADDRESS,), FORMAT)
