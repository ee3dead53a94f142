"""JSON (RFC 8259) from strangers, read strictly.

Python's own reader takes the last of two equal keys, NaN and Infinity, whole numbers of any length, any depth that the
stack allows, and halves of surrogate pairs, which later fail to become bytes. None of them is let through.
"""

import json
import math
import re
from typing import Any

MAX_DEPTH = 32
"""Nesting of lists and objects. A bundle of FHIR resources reaches about 15."""
_MAX_DIGITS = 20
"""Digits and sign of a whole number: 64 bits."""
_STRING = re.compile(r'"(?:[^"\\]+|\\.)*+"?', re.DOTALL)
"""A string, also one that never ends: it then reaches to the end, so that no second look begins inside it."""
_BRACKET = re.compile(r"[\[\]{}]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


class JsonError(ValueError):
    """The bytes are no JSON, or JSON that means different things to different readers."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise JsonError("a key stands twice in an object")
    return result


def _constant(name: str) -> Any:
    raise JsonError(f"{name} is no number of JSON")


def _int(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise JsonError("a whole number is too long")
    return int(digits)


def _float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise JsonError("a number is too large")
    return value


def _check_depth(text: str) -> None:
    depth = 0
    for bracket in _BRACKET.finditer(_STRING.sub("", text)):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > MAX_DEPTH:
            raise JsonError("lists and objects are nested too deep")


def _has_surrogates(value: Any) -> bool:
    """Tell whether a string or key anywhere in `value` (of bounded depth) has half of a surrogate pair."""
    match value:
        case str():
            return _SURROGATE.search(value) is not None
        case list():
            return any(map(_has_surrogates, value))
        case dict():
            return any(_has_surrogates(key) or _has_surrogates(item) for key, item in value.items())
        case _:
            return False


def loads(data: bytes) -> Any:
    """Return the one value that `data` (UTF-8, no byte order mark) holds. Raises JsonError.

    The caller bounds the size of `data`; time and memory grow in proportion to it.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise JsonError("not UTF-8") from None
    _check_depth(text)
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_constant=_constant, parse_int=_int, parse_float=_float
        )
    except json.JSONDecodeError:
        raise JsonError("not JSON") from None
    if "\\u" in text and _has_surrogates(value):
        raise JsonError("a string has half of a surrogate pair")
    return value
