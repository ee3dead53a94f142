"""Personal code of the Vietnamese platforms of 2021 (decision 1405/QĐ-BTTTT, version 1.1): unsigned.

`document number|NAME|YYYY-MM-DD|kind|QID|EXT`. By default the display masks the first six characters of the number,
and day and month, with `*`. What is masked is not known: the date becomes the partial one that it is, and the code is
known by its QID, never by its number. docs/credentials/personal-qr.md has the details.
"""

import re
from datetime import datetime

from kiosk.domain.credential import Credential, Format, Holder, Kind, Rejected
from kiosk.domain.reasons import Reason
from kiosk.domain.trust import TrustList
from kiosk.verify import cards
from kiosk.verify.errors import MalformedError

FORMAT = Format.PERSONAL_QR
_CODE = re.compile(
    r"[0-9A-Za-z*]{0,24}\s*\|[^|]*\|\s*[0-9*]{4}(?:-[0-9*]{2}){0,2}\s*\|\s*[01]\s*\|[^|]*\|[^|]*"
)
_QID = re.compile(r"[!-~]{1,64}")
_SEXES = {"1": "male", "2": "female"}


def matches(text: str) -> bool:
    """Tell whether `text` is laid out like a personal code."""
    return _CODE.fullmatch(text) is not None


def _number(digits: str) -> int:
    """Return a part of a date; 0 where any of it is masked."""
    return int(digits) if digits.isdigit() else 0


def _birth_date(text: str) -> str:
    year, month, day = (_number(part) for part in [*text.split("-"), "0", "0"][:3])
    return cards.iso_date(year, month, day if month else 0)


def verify(text: str, _trust: TrustList, _now: datetime) -> Rejected:
    """Read a code: unsigned. Phone, insurance number and signature are not kept, a number only where it is whole.

    Raises MalformedError where it has no QID or holds what no such code has.
    """
    document, name, birth, kind, qid, ext = cards.fields(text)
    if not _QID.fullmatch(qid):
        raise MalformedError(Reason.SCHEMA_INVALID)
    sex = [*ext.split("<", 2), ""][1].strip()
    return cards.unsigned(
        Credential(
            FORMAT,
            Kind.IDENTITY,
            issuer="VN",
            credential_id=qid,
            # A name with a mask in it is another name.
            holder=Holder(family_name="" if "*" in name else cards.name(name), birth_date=_birth_date(birth)),
            details={
                "declared_by_self": kind == "0", "sex": _SEXES.get(sex, ""),
                # For a venue's deny list alone; with a mask in it, it is the number of thousands.
                "document_number": "" if "*" in document else document,
            },
        )
    )
