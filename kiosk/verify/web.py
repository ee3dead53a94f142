"""Web addresses: a venue's check-in poster, or any other. Recognised for what they are, never opened."""

import re
from datetime import datetime
from urllib.parse import urlsplit

from kiosk.domain.credential import Format, Rejected, Verdict
from kiosk.domain.reasons import Reason
from kiosk.domain.trust import TrustList

FORMAT = Format.WEB
_VENUE_HOSTS = ("tokhaiyte.vn", "pccovid.gov.vn")
"""Vietnam's health declaration and entry control platforms of 2021; posters carry their addresses."""
_BARE = re.compile(
    r"www\.|(?:[a-z0-9-]{1,63}\.){0,4}(?:tokhaiyte\.vn|pccovid\.gov\.vn)\.?(?::[0-9]{0,5})?(?:[/?#]|$)", re.IGNORECASE
)
"""Addresses without a scheme: telephones open those too."""


def matches(text: str) -> bool:
    """Tell whether `text` is a web address."""
    return text[:8].lower().startswith(("http://", "https://")) or _BARE.match(text) is not None


def _host(text: str) -> str:
    """Return the host that a browser would ask, in small letters; empty where there is none."""
    # Browsers take a backslash for a slash (WHATWG URL, special schemes): what stands behind it is no host.
    address = text.replace("\\", "/")
    try:
        host = urlsplit(address if "://" in address[:8] else f"//{address}").hostname or ""
    except ValueError:
        return ""
    return host.removesuffix(".")


def verify(text: str, _trust: TrustList, _now: datetime) -> Rejected:
    """Say which sort of address it is."""
    host = _host(text)
    if any(host == known or host.endswith("." + known) for known in _VENUE_HOSTS):
        return Rejected(Verdict.MALFORMED, (Reason.VENUE_POSTER,), Format.VENUE)
    return Rejected(Verdict.MALFORMED, (Reason.WEB_ADDRESS,), FORMAT)
