"""Values of CertLogic (specification 1.3.3, section 'Values'): their truth, their types, and when they are equal."""

from datetime import datetime
from types import NoneType
from typing import Any

from kiosk.domain.certlogic_format import MAX_TEXT, CertLogicError, Problem, is_integer

_TRUTHY_OR_FALSY = frozenset({bool, NoneType, str, list, dict, int})


def wrong_type(what: str) -> CertLogicError:
    """Return the error for an operand that an operation does not take."""
    return CertLogicError(Problem.WRONG_TYPE, what)


def truth(value: Any) -> bool:
    """Tell truthy from falsy (section 'Truthy and falsy values'). Some values are neither: an error."""
    if type(value) in _TRUTHY_OR_FALSY or is_integer(value):
        return bool(value)
    raise wrong_type("neither truthy nor falsy")


def integer(value: Any) -> int:
    """Return an operand that has to be an integer. Raises CertLogicError."""
    if type(value) is int:
        return value
    if not is_integer(value):
        raise wrong_type("operands have to be integers")
    return int(value)


def moment(value: Any) -> datetime:
    """Return an operand that has to be a date-time. Raises CertLogicError."""
    if not isinstance(value, datetime):
        raise wrong_type("operands have to be date-times")
    return value


def equal(one: Any, other: Any) -> bool:
    """Compare without coercion: scalars by type and value, arrays and objects by identity (as in JavaScript)."""
    if one is other:
        return True
    if isinstance(one, str):
        if not isinstance(other, str) or len(one) != len(other):
            return False
        if len(one) > MAX_TEXT:  # work that no step counts
            raise CertLogicError(Problem.TOO_MUCH, "too long to be compared")
        return one == other
    if is_integer(one):
        return is_integer(other) and bool(one == other)
    return False
