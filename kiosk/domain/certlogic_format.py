"""Whether a JSON value is a CertLogic expression (CertLogic specification 1.3.3), before anything is evaluated.

The sentences are those of the specification's validation suite, because rule authors know them from its own tools.
"""

from enum import StrEnum
from typing import Any, NamedTuple

MAX_DEPTH = 64
MAX_NODES = 4096
"""Bounds of one expression. The largest published rules stay below 20 levels and 200 nodes."""
MAX_TEXT = 4096
"""Characters of one string that an operation looks into."""
_MAX_PATH = 256


class Problem(StrEnum):
    """Why an expression has no value."""

    INVALID = "invalid_expression"
    """It is no expression of the specification."""
    WRONG_TYPE = "wrong_type"
    """An operand turned out to be of a type that the operation does not take."""
    BAD_DATE = "bad_date"
    """A text that had to be a date is none, or the result lies outside the calendar (years 1 to 9999)."""
    TOO_MUCH = "too_much"
    """A bound on depth, size or work was reached."""


class CertLogicError(ValueError):
    """An expression that has no value; `problem` is the stable code."""

    def __init__(self, problem: Problem, what: str) -> None:
        super().__init__(what)
        self.problem = problem


class Issue(NamedTuple):
    """One thing that is wrong with an expression, and the part of it that is."""

    expression: Any
    message: str


COMPARISONS = frozenset({">", "<", ">=", "<=", "after", "before", "not-after", "not-before"})
TIME_UNITS = ("year", "month", "day", "hour")
_EXACTLY = {
    "if": (3, 'an "if"-operation must have exactly 3 values/operands'),
    "plusTime": (3, 'a "plusTime"-operation must have exactly 3 values/operands'),
    "reduce": (3, 'a "reduce"-operation must have exactly 3 values/operands'),
    "extractFromUVCI": (2, 'an "extractFromUVCI"-operation must have exactly 2 values/operands'),
    "dccDateOfBirth": (1, 'a "dccDateOfBirth"-operation must have exactly 1 value/operand'),
    "!": (1, "a !-operation (logical not/negation) must have exactly 1 operand"),
    "===": (2, 'an operation with operator "===" must have 2 operands'),
    "in": (2, 'an operation with operator "in" must have 2 operands'),
    "+": (2, 'an operation with operator "+" must have 2 operands'),
}


def is_integer(value: object) -> bool:
    """Tell whether a JSON number is an integer; JSON does not tell 1.0 from 1."""
    return type(value) is int or (type(value) is float and value.is_integer())


def _shown(value: object) -> str:
    """Return a part of an expression for a sentence: short, and cheap whatever it holds."""
    return str(value)[:80] if isinstance(value, str | int | float) or value is None else type(value).__name__


def _path_issue(path: object) -> str | None:
    if not isinstance(path, str):
        return 'not of the form { "var": "<path>" }'
    if len(path) > _MAX_PATH or (path and not all(path.split("."))):
        return f"data access path doesn't have a valid format: {path[:_MAX_PATH]}"
    return None


def _literal_issues(operator: str, operands: list[Any]) -> list[str]:
    """Return what is wrong with operands that have to be literals."""
    found = []
    if operator in ("plusTime", "extractFromUVCI") and len(operands) > 1 and not is_integer(operands[1]):
        name = "amount" if operator == "plusTime" else "index"
        found.append(f'"{name}" argument (#2) of "{operator}" must be an integer, but it is: {_shown(operands[1])}')
    if operator == "plusTime" and len(operands) > 2 and operands[2] not in TIME_UNITS:
        units = ", ".join(TIME_UNITS)
        found.append(f'"unit" argument (#3) of "plusTime" must be a string equal to one of {units}, '
                     f"but it is: {_shown(operands[2])}")  # fmt: skip
    return found


def _count_issue(operator: str, count: int) -> str | None:
    if operator == "and":
        rule, right = 'an "and" operation must have at least 2 operands', count >= 2
    elif operator in COMPARISONS:
        rule, right = f'an operation with operator "{operator}" must have 2 or 3 operands', 2 <= count <= 3
    else:
        wanted, rule = _EXACTLY[operator]
        right = count == wanted
    return None if right else f"{rule}, but it has {count}"


class _Checker:
    def __init__(self) -> None:
        self.issues: list[Issue] = []
        self.nodes = 0

    def check(self, expression: Any, depth: int) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES or depth > MAX_DEPTH:
            raise CertLogicError(Problem.TOO_MUCH, f"more than {MAX_NODES} parts or {MAX_DEPTH} levels")
        if isinstance(expression, list):
            for item in expression:
                self.check(item, depth + 1)
        elif isinstance(expression, dict):
            self.operation(expression, depth)
        elif isinstance(expression, float) and not expression.is_integer():
            self.issues.append(Issue(expression, f"{expression} is a non-integer number"))
        elif not isinstance(expression, str | int | float):
            self.issues.append(Issue(expression, "invalid CertLogic expression"))

    def operation(self, expression: dict[Any, Any], depth: int) -> None:
        def wrong(message: str | None) -> None:
            if message is not None:
                self.issues.append(Issue(expression, message))

        if len(expression) != 1:
            return wrong(f"expression object must have exactly one key, but it has {len(expression)}")
        [(operator, operands)] = expression.items()
        if operator == "var":
            return wrong(_path_issue(operands))
        if not isinstance(operands, list):
            return wrong('operation not of the form { "<operator>": [ <values...> ] }')
        if operator not in COMPARISONS and operator != "and" and operator not in _EXACTLY:
            return wrong(f'unrecognised operator: "{_shown(operator)}"')
        wrong(_count_issue(operator, len(operands)))
        for message in _literal_issues(operator, operands):
            wrong(message)
        evaluated = operands[:1] if operator in ("plusTime", "extractFromUVCI") else operands
        for operand in evaluated:
            self.check(operand, depth + 1)
        return None


def validate(expression: Any) -> tuple[Issue, ...]:
    """Return everything that is wrong with an expression, outer parts first; nothing for a valid one.

    Takes any JSON value. One that is larger than the bounds is reported up to where they are reached.
    """
    checker = _Checker()
    try:
        checker.check(expression, 0)
    except CertLogicError as error:
        checker.issues.append(Issue(None, str(error)))
    return tuple(checker.issues)
