"""JSON (RFC 8259) for what strangers hold up to a camera: one meaning a text, or none.

Two readers of one text must not see two contents: the last of two equal names wins here and the first there, so
both are refused (RFC 7493 section 2.3), as are NaN, infinities and halves of surrogate pairs (sections 2.1 and
2.2), which Python would take. How large a text may be is its format's business; the time is linear in it.
"""

import json
import math
import re
from typing import Any, NoReturn

from kiosk.domain.reasons import Reason
from kiosk.verify.errors import MalformedError

MAX_DEPTH = 32
_MAX_DIGITS = 32
"""Of a number. Doubles need 17 with a sign, a point and an exponent; Python's own bound on integers is 4,300."""
_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
"""Strings, whole or cut off at the end, and brackets. Possessive, and a string never fails: linear."""


def _check_depth(text: str) -> None:
    if text.count("[") + text.count("{") <= MAX_DEPTH:  # in strings or not: so few cannot nest any deeper
        return
    depth = 0
    for token in _TOKENS.finditer(text):
        first = text[token.start()]
        depth += (first in "[{") - (first in "]}")
        if depth > MAX_DEPTH:
            raise ValueError


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _integer(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise ValueError
    return int(digits)


def _float(digits: str) -> float:
    number = float(digits) if len(digits) <= _MAX_DIGITS else math.inf
    if math.isinf(number):
        raise ValueError
    return number


def _constant(_name: str) -> NoReturn:
    raise ValueError


def loads(data: bytes | str) -> Any:
    """Return the one value that `data` (UTF-8, no byte order mark) holds: dict, list, str, int, float, bool or None.

    Raises MalformedError(SCHEMA_INVALID) for anything else, and for more than MAX_DEPTH levels.
    """
    try:
        raw = data if isinstance(data, bytes) else data.encode()
        text = raw.decode()
        _check_depth(text)
        value = json.loads(
            text, object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_constant
        )
        if "\\u" in text:  # the only way to half a surrogate pair in a text that is UTF-8
            json.dumps(value, ensure_ascii=False).encode()
    except ValueError:
        raise MalformedError(Reason.SCHEMA_INVALID) from None
    return value
