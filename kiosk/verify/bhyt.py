"""Vietnamese health insurance card (BHYT): text without a signature.

`number|name|birth date|1 male, 2 female|address|first clinic|valid from|valid to|…`, name and address as the hex of
their UTF-8. Anybody can print one. docs/credentials/health-insurance-card.md has the details and how little is public.
"""

import re
from datetime import datetime

from kiosk.domain.credential import Credential, Format, Holder, Kind, Rejected
from kiosk.domain.reasons import Reason
from kiosk.domain.trust import TrustList
from kiosk.verify import cards
from kiosk.verify.errors import MalformedError

FORMAT = Format.BHYT
_MIN_FIELDS = 8
_LONG = 15
_PERSON = 10
_CARD = re.compile(r"(?:[A-Z]{2}[0-9]{13}|[0-9]{10}|[0-9]{12})\|(?:[0-9A-Fa-f]{2}){1,512}\|[0-9/]{0,10}\|[12]?\|")
"""The number: until 2021 two letters and 13 digits (the last ten are the social insurance number), then those ten
alone; since 2025 also the twelve digits of the citizen card."""


def matches(text: str) -> bool:
    """Tell whether `text` is laid out like a card."""
    return _CARD.match(text) is not None and text.count("|") >= _MIN_FIELDS - 1


def _from_hex(field: str) -> str:
    try:
        text = bytes.fromhex(field).decode()
    except ValueError:  # of the hex, or of UTF-8
        raise MalformedError(Reason.SCHEMA_INVALID) from None
    if "|" in text:
        raise MalformedError(Reason.SCHEMA_INVALID)
    return cards.name(cards.fields(text)[0])


def verify(text: str, _trust: TrustList, _now: datetime) -> Rejected:
    """Read a card: unsigned. From when to when it says to be valid is kept, and believed by nobody.

    Raises MalformedError where the name is no text.
    """
    number, name, birth, sex, _address, _clinic, begins, ends, *_ = cards.fields(text)
    return cards.unsigned(
        Credential(
            FORMAT,
            Kind.IDENTITY,
            issuer="VN",
            credential_id=number,
            holder=Holder(family_name=_from_hex(name), birth_date=cards.day_first(birth)),
            valid_from=cards.moment(begins),
            expires_at=cards.moment(ends),
            # Of the long number the rest changes with job and province; newer cards have these ten digits alone.
            details={"sex": cards.sex(sex), "insurance_number": number[-_PERSON:] if len(number) == _LONG else ""},
        )
    )
