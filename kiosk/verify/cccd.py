"""Vietnamese citizen identity card (CCCD, chip card): `|`-separated text without a signature.

`number(12)|old number(9) or empty|full name|DDMMYYYY|Nam or Nữ|address|issued DDMMYYYY`; the card of 2024 may
carry more fields. It proves nothing alone: anyone can print one.
"""

import re
from datetime import date, datetime

from kiosk.domain.credential import Credential, Format, Holder, Kind, Rejected, Verdict
from kiosk.domain.reasons import Reason
from kiosk.domain.trust import TrustList

FORMAT = Format.CCCD
_MIN_FIELDS = 7
_CARD = re.compile(r"[0-9]{12}\|([0-9]{9})?\|")


def matches(text: str) -> bool:
    """Tell whether `text` is laid out like a card."""
    return _CARD.match(text) is not None and text.count("|") >= _MIN_FIELDS - 1


def _date(text: str) -> str:
    """Return DDMMYYYY or dd/mm/yyyy as ISO 8601; empty for what is no date."""
    digits = text.replace("/", "")
    if len(digits) != 8 or not digits.isascii() or not digits.isdigit():
        return ""
    try:
        return date(int(digits[4:]), int(digits[2:4]), int(digits[:2])).isoformat()
    except ValueError:
        return ""


def verify(text: str, _trust: TrustList, _now: datetime) -> Rejected:
    """Read a card: unsigned, with the name and birth date that it may bind to a signed credential."""
    number, _old, name, birth, *_ = text.split("|")
    holder = Holder(family_name=name.strip()[:128], birth_date=_date(birth))
    card = Credential(FORMAT, Kind.IDENTITY, issuer="VN", credential_id=number, holder=holder)
    return Rejected(Verdict.UNSIGNED, (Reason.UNSIGNED_CARD,), FORMAT, card)
