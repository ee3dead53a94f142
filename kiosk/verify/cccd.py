"""Vietnamese citizen identity card (CCCD; the chip card of 2021, the card of 2024): text without a signature.

`number(12)|old number(9) or empty|full name|DDMMYYYY|Nam or Nữ|address|issued DDMMYYYY`; the card of 2024 may carry
more fields. Anybody can print one, so it proves nothing alone. docs/credentials/citizen-card.md has the details.
"""

import re
from datetime import datetime

from kiosk.domain.credential import Credential, Format, Holder, Kind, Rejected
from kiosk.domain.trust import TrustList
from kiosk.verify import cards

FORMAT = Format.CCCD
_MIN_FIELDS = 7
_CARD = re.compile(r"[0-9]{12}\|([0-9]{9})?\|")
_LAST_PROVINCE = 96
_SHORT_DATE = re.compile(r"[0-9]{6}")


def matches(text: str) -> bool:
    """Tell whether `text` is laid out like a card."""
    return _CARD.match(text) is not None and text.count("|") >= _MIN_FIELDS - 1


def _born(number: str) -> tuple[int, str]:
    """Return the year of birth and the sex that a number says (decree 137/2015/NĐ-CP, article 13).

    Its fourth digit counts centuries from the 20th on, even for men and odd for women; the next two are the year.
    """
    return 1900 + 100 * (int(number[3]) // 2) + int(number[4:6]), "female" if int(number[3]) % 2 else "male"


def is_plausible(number: str, birth_date: str, sex: str) -> bool:
    """Tell whether a number fits the rest of its card. Whoever prints a card can make it fit: a check, no proof."""
    year, number_sex = _born(number)
    province_fits = 1 <= int(number[:3]) <= _LAST_PROVINCE
    return province_fits and birth_date[:4] in ("", str(year)) and sex in ("", number_sex)


def _birth_date(text: str, number: str) -> str:
    if _SHORT_DATE.fullmatch(text):
        # DDMMYY: the century is in the number, and only where the number is of that year.
        year, _ = _born(number)
        return cards.day_first(f"{text[:4]}{year}") if text[4:] == number[4:6] else ""
    return cards.day_first(text)


def verify(text: str, _trust: TrustList, _now: datetime) -> Rejected:
    """Read a card: unsigned, with the name and birth date that it may bind to a signed credential.

    A number that contradicts the rest is noted in `details["plausible"]`, and no more: refusing it would stop nobody
    who prints cards, and turn away whoever has a misprinted one. Raises MalformedError for what is no text of a card.
    """
    number, old, name, birth, sex, _address, issued, *_ = cards.fields(text)
    birth_date, said_sex = _birth_date(birth, number), cards.sex(sex)
    return cards.unsigned(
        Credential(
            FORMAT,
            Kind.IDENTITY,
            issuer="VN",
            credential_id=number,
            holder=Holder(family_name=cards.name(name), birth_date=birth_date),
            issued_at=cards.moment(issued),
            details={"sex": said_sex, "plausible": is_plausible(number, birth_date, said_sex), "old_number": old},
        )
    )
