"""CertLogic, the language of the EU's entry rules, in full (specification 1.3.3 of dgc-business-rules).

An expression is checked and compiled once, into one small function for each operation, and then evaluated as often
as wanted. Expressions and data come from strangers: depth, size and work are bounded, and whatever has no value
raises CertLogicError and nothing else.

Values are those of JSON (dict, list, str, int, bool, None) and aware `datetime`s, which only `plusTime` and
`dccDateOfBirth` make.
"""

import marshal
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from kiosk.domain.certlogic_dates import date_of_birth, date_time, plus
from kiosk.domain.certlogic_format import (
    COMPARISONS,
    MAX_TEXT,
    CertLogicError,
    Issue,
    Problem,
    validate,
)
from kiosk.domain.certlogic_values import equal, integer, moment, truth, wrong_type

__all__ = ["CertLogicError", "Issue", "Problem", "Rule", "compile_rule", "evaluate", "validate"]

MAX_STEPS = 40_000
"""Work of one evaluation: parts evaluated in all rounds of `reduce`, dates counting more, and items that `in` sees."""
_DATE_STEPS = 12
"""What reading a date costs, compared with the other operations."""
_ITEMS_A_STEP = 8
_MAX_UVCI = 256
"""Characters of an identifier; those of certificates have at most 80."""
_MAX_KEPT = 4096
"""Bytes of an expression that `evaluate` keeps compiled: 64 of them take at most 12 MB, published rules less than 1."""
_WITHOUT_REFERENCES = 2
"""The version of marshal's format in which equal content makes equal bytes."""
_MAX_SAFE = 2**53 - 1
"""Integers of the specification are those of JavaScript: beyond this they are not exact."""

_Work = list[int]
"""The steps that are left of one evaluation, in a list of one item."""
_Node = Callable[[Any, _Work], Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """A compiled expression: called with a data context, it returns the value or raises CertLogicError."""

    node: _Node
    steps: int
    """What one evaluation takes at most, rounds of `reduce` not counted."""

    def __call__(self, data: Any, work: _Work | None = None) -> Any:
        """Return the value. Several rules may share one `work`, a list of the steps that are left to them."""
        if work is None:
            work = [MAX_STEPS - self.steps]  # never below 0: MAX_NODES is less by more than the dearest part
        else:
            _spend(work, self.steps)
        return self.node(data, work)


_INTEGERS = {">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le}
_DATES = {"after": operator.gt, "before": operator.lt, "not-after": operator.le, "not-before": operator.ge}
_SEPARATORS = re.compile("[/#:]")
_INDEX = re.compile("[0-9]{1,9}")


def _spend(work: _Work, steps: int) -> None:
    work[0] -= steps
    if work[0] < 0:
        raise CertLogicError(Problem.TOO_MUCH, f"more than {MAX_STEPS} steps")


def _size(expression: Any) -> int:
    """Return the steps that one evaluation of an expression takes, rounds of an inner `reduce` not counted."""
    if isinstance(expression, list):
        return 1 + sum(map(_size, expression))
    if isinstance(expression, dict):
        [(name, operands)] = expression.items()
        return _size(operands) + (_DATE_STEPS if name in ("plusTime", "dccDateOfBirth", "extractFromUVCI") else 1)
    return 1


def _constant(value: Any) -> _Node:
    return lambda _data, _work: value


def _array(items: list[Any]) -> _Node:
    nodes = [_compile(item) for item in items]
    return lambda data, work: [node(data, work) for node in nodes]


def _var(path: str) -> _Node:
    if not path:
        return lambda data, _work: data
    steps = [(name, int(name) if _INDEX.fullmatch(name) else None) for name in path.split(".")]

    def look(data: Any, _work: _Work) -> Any:
        for name, index in steps:
            if isinstance(data, dict):
                data = data.get(name)
            elif index is not None and isinstance(data, list) and index < len(data):
                data = data[index]
            else:
                return None
        return data

    return look


def _if(guard: _Node, then: _Node, otherwise: _Node) -> _Node:
    return lambda data, work: then(data, work) if truth(guard(data, work)) else otherwise(data, work)


def _and(*operands: _Node) -> _Node:
    def conjunction(data: Any, work: _Work) -> Any:
        value: Any = True
        for operand in operands:
            value = operand(data, work)
            if not truth(value):
                break
        return value

    return conjunction


def _not(operand: _Node) -> _Node:
    return lambda data, work: not truth(operand(data, work))


def _equals(left: _Node, right: _Node) -> _Node:
    return lambda data, work: equal(left(data, work), right(data, work))


def _in(left: _Node, right: _Node) -> _Node:
    def member(data: Any, work: _Work) -> bool:
        item, items = left(data, work), right(data, work)
        if not isinstance(items, list):
            raise wrong_type('the second operand of "in" has to be an array')
        _spend(work, len(items) // _ITEMS_A_STEP)
        if isinstance(item, str) and len(item) <= MAX_TEXT:
            return item in items  # nothing but the same text equals a text
        return any(equal(item, one) for one in items)

    return member


def _add(left: _Node, right: _Node) -> _Node:
    def total(data: Any, work: _Work) -> int:
        value = integer(left(data, work)) + integer(right(data, work))
        if not -_MAX_SAFE <= value <= _MAX_SAFE:
            raise CertLogicError(Problem.TOO_MUCH, "an integer is too large")
        return value

    return total


def _comparison(name: str, operands: list[_Node]) -> _Node:
    holds, read = (_INTEGERS[name], integer) if name in _INTEGERS else (_DATES[name], moment)
    first, second = operands[:2]
    if len(operands) == 2:
        return lambda data, work: holds(read(first(data, work)), read(second(data, work)))
    third = operands[2]

    def between(data: Any, work: _Work) -> bool:
        low, middle, high = read(first(data, work)), read(second(data, work)), read(third(data, work))
        return bool(holds(low, middle) and holds(middle, high))

    return between


def _plus_time(operand: _Node, amount: int, unit: str) -> _Node:
    if not amount:
        return lambda data, work: date_time(operand(data, work))
    return lambda data, work: plus(date_time(operand(data, work)), amount, unit)


def _birth(operand: _Node) -> _Node:
    return lambda data, work: date_of_birth(operand(data, work))


def _uvci(operand: _Node, index: int) -> _Node:
    def fragment(data: Any, work: _Work) -> str | None:
        text = operand(data, work)
        if text is None:
            return None
        if not isinstance(text, str):
            raise wrong_type('the first operand of "extractFromUVCI" has to be a string')
        if len(text) > _MAX_UVCI:
            raise CertLogicError(Problem.TOO_MUCH, "too long for an identifier")
        fragments = _SEPARATORS.split(text.removeprefix("URN:UVCI:"))
        return fragments[index] if 0 <= index < len(fragments) else None

    return fragment


def _reduce(steps: int, operand: _Node, fold: _Node, initial: _Node) -> _Node:
    def reduction(data: Any, work: _Work) -> Any:
        items = operand(data, work)
        value = initial(data, work)
        if items is None:  # operating on null is no error (section 'Introduction'): an empty array
            return value
        if not isinstance(items, list):
            raise wrong_type('the first operand of "reduce" has to be an array')
        for item in items:
            _spend(work, steps)
            value = fold({"accumulator": value, "current": item}, work)
        return value

    return reduction


_PLAIN: dict[str, Callable[..., _Node]] = {
    "if": _if, "and": _and, "!": _not, "===": _equals, "in": _in, "+": _add, "dccDateOfBirth": _birth,
}  # fmt: skip
"""Operations whose operands are all evaluated by themselves."""


def _operation(name: str, operands: Any) -> _Node:
    match name:
        case "var":
            return _var(operands)
        case "plusTime":
            return _plus_time(_compile(operands[0]), int(operands[1]), operands[2])
        case "extractFromUVCI":
            return _uvci(_compile(operands[0]), int(operands[1]))
        case _:
            pass
    nodes = [_compile(operand) for operand in operands]
    if name in COMPARISONS:
        return _comparison(name, nodes)
    if name == "reduce":
        return _reduce(_size(operands[1]), *nodes)
    return _PLAIN[name](*nodes)


def _compile(expression: Any) -> _Node:
    """Compile what `validate` found to be valid; so the depth is bounded."""
    if isinstance(expression, list):
        return _array(expression)
    if isinstance(expression, dict):
        [(name, operands)] = expression.items()
        return _operation(name, operands)
    return _constant(int(expression) if isinstance(expression, float) else expression)


def compile_rule(expression: Any) -> Rule:
    """Compile an expression (any JSON value). Raises CertLogicError where it is none."""
    issues = validate(expression)
    if issues:
        raise CertLogicError(Problem.INVALID, issues[0].message)
    return Rule(_compile(expression), _size(expression))


@lru_cache(maxsize=64)
def _kept(content: bytes) -> Rule:
    return compile_rule(marshal.loads(content))  # noqa: S302 - bytes that `evaluate` has just made


def evaluate(expression: Any, data: Any) -> Any:
    """Return the value of an expression for a data context, both JSON values. Raises CertLogicError.

    Expressions of an ordinary size are kept compiled, by their whole content; `compile_rule` once is faster still.
    """
    try:
        content = marshal.dumps(expression, _WITHOUT_REFERENCES)
    except ValueError:  # nested too deeply, or no JSON: `validate` says so
        return compile_rule(expression)(data)
    if len(content) > _MAX_KEPT:
        return compile_rule(expression)(data)
    return _kept(content)(data)
