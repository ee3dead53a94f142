from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.certlogic import MAX_STEPS, CertLogicError, Issue, Problem, compile_rule, evaluate, validate
from kiosk.domain.certlogic_format import MAX_DEPTH, MAX_NODES, MAX_TEXT

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner))
OPERATORS = (
    "var", "if", "and", "!", "===", "in", "+", ">", "<=", "after", "not-before", "plusTime", "reduce",
    "extractFromUVCI", "dccDateOfBirth", "none of these",
)  # fmt: skip
EXPRESSIONS = st.recursive(
    LEAVES | st.sampled_from(["day", "2021-06-01", "URN:UVCI:01:VN", {"var": ""}, {"var": "a.0"}, {"var": "current"}]),
    lambda inner: st.lists(inner, max_size=4)
    | st.builds(lambda name, operands: {name: operands}, st.sampled_from(OPERATORS), st.lists(inner, max_size=4)),
    max_leaves=20,
)


def var(path):
    return {"var": path}


NESTED = {"reduce": [var("items"), {"+": [var("current"), var("accumulator")]}, 0]}
"""An operation that takes rounds: it has to know how many are left, wherever it stands."""


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ({"if": [{"===": [NESTED, 6]}, NESTED, "else"]}, 6), ({"if": [False, "then", NESTED]}, 6),
        ({"and": [True, NESTED]}, 6), ({"!": [NESTED]}, False), ({"===": [6, NESTED]}, True),
        ({"===": [NESTED, 6]}, True), ({"in": [NESTED, [6]]}, True), ({"in": [6, [NESTED]]}, True),
        ({"+": [NESTED, 1]}, 7), ({"+": [1, NESTED]}, 7), ({"<": [NESTED, 7]}, True), ({"<": [5, NESTED, 7]}, True),
        ({"<": [5, 6, NESTED]}, False), ({"<": [NESTED, 7, 8]}, True), ([NESTED], [6]),
        ({"reduce": [[1], {"+": [var("current"), var("accumulator")]}, NESTED]}, 7),
        ({"extractFromUVCI": [{"if": [NESTED, "a/b", ""]}, 1]}, "b"),
    ],
)  # fmt: skip
def test_an_operation_that_takes_rounds_may_stand_anywhere(expression, value):
    assert evaluate(expression, {"items": [1, 2, 3]}) == value


@pytest.mark.parametrize(("index", "value"), [(-1, None), (0, "a"), (1, "b"), (2, "c"), (3, None)])
def test_a_fragment_of_an_identifier_is_counted_from_nought(index, value):
    assert evaluate({"extractFromUVCI": ["URN:UVCI:a/b#c", index]}, {}) == value


@pytest.mark.parametrize("sign", [1, -1])
def test_an_integer_is_as_large_as_every_engine_holds_it(sign):
    most = sign * (2**53 - 1)
    assert evaluate({"+": [most - sign, sign]}, {}) == most
    assert problem({"+": [most, sign]}, {}) is Problem.TOO_MUCH


def problem(expression, data=None):
    with pytest.raises(CertLogicError) as caught:
        evaluate(expression, data)
    return caught.value.problem


@pytest.mark.parametrize(
    ("expression", "data", "value"),
    [
        ("text", None, "text"),
        (3.0, None, 3),
        ([1, var("x")], {"x": 2}, [1, 2]),
        (var(""), {"a": 1}, {"a": 1}),
        (var("a.1.b"), {"a": [0, {"b": 7}]}, 7),
        (var("a.2"), {"a": [0]}, None),
        (var("a.b"), {"a": "text"}, None),
        (var("a.0"), {"a": "text"}, None),
        (var("0"), {"0": "a key"}, "a key"),
        ({"if": [var("x"), "then", "else"]}, {"x": 0}, "else"),
        ({"if": [var("x"), "then", "else"]}, {"x": 2.0}, "then"),
        ({"and": [1, [], {"plusTime": ["no date", 0, "day"]}]}, None, []),
        ({"and": [True, "last"]}, None, "last"),
        ({"!": [var("x")]}, {"x": {}}, True),
        ({"===": [1, 1.0]}, None, True),
        ({"===": [True, 1]}, None, False),
        ({"===": ["1", 1]}, None, False),
        ({"===": [1, "1"]}, None, False),
        ({"===": ["one", "two"]}, None, False),
        ({"===": [var("x"), var("y")]}, {}, True),
        ({"===": [var("x"), var("y")]}, {"x": [1], "y": [1]}, False),
        ({"in": ["b", ["a", "b"]]}, None, True),
        ({"in": [1, [True, "1"]]}, None, False),
        ({"in": [var("x"), var("y")]}, {"y": [None]}, True),
        ({"+": [1, 2.0]}, None, 3),
        ({"+": [1, var("x")]}, {"x": 2.0}, 3),
        ({"<": [1, 2]}, None, True),
        ({">=": [3, 3, 1]}, None, True),
        ({">": [3, 2, 2]}, None, False),
        ({"extractFromUVCI": ["URN:UVCI:01:VN:ABC#X", 1]}, None, "VN"),
        ({"extractFromUVCI": ["01:VN:ABC#X", 3]}, None, "X"),
        ({"extractFromUVCI": ["01", -1]}, None, None),
        ({"extractFromUVCI": [var("x"), 0]}, {}, None),
        ({"reduce": [var("x"), {"+": [var("accumulator"), var("current")]}, 10]}, {"x": [1, 2]}, 13),
        ({"reduce": [var("x"), var("current"), 10]}, {}, 10),
        ({"plusTime": ["2020-02-29", 1, "year"]}, None, datetime(2021, 3, 1, tzinfo=UTC)),
        ({"dccDateOfBirth": ["2004-02"]}, None, datetime(2004, 2, 29, tzinfo=UTC)),
        ({"after": [{"plusTime": ["2021-06-02", 0, "day"]}, {"plusTime": ["2021-06-01", 0, "hour"]}]}, None, True),
        ({"not-after": [{"plusTime": ["2021", -1, "month"]}] * 3}, None, True),
        ({"before": [{"plusTime": ["2021-01-01", days, "day"]} for days in (0, 1, 1)]}, None, False),
    ],
)
def test_values(expression, data, value):
    got = evaluate(expression, data)
    assert got == value
    assert type(got) is type(value)


@pytest.mark.parametrize(
    "expression",
    [
        {"if": [var("half"), 1, 2]},
        {"and": [True, var("half")]},
        {"!": [{"plusTime": ["2021-06-01", 0, "day"]}]},
        {"+": [1, "2"]},
        {"+": [1, True]},
        {"<": [1, "2"]},
        {"after": ["2021-06-02", "2021-06-01"]},
        {"in": [1, var("half")]},
        {"in": ["a", "abc"]},
        {"reduce": ["abc", 1, 1]},
        {"extractFromUVCI": [7, 0]},
        {"plusTime": [7, 0, "day"]},
        {"dccDateOfBirth": [var("nothing")]},
    ],
)
def test_an_operand_of_a_wrong_type_is_an_error(expression):
    assert problem(expression, {"half": 0.5}) is Problem.WRONG_TYPE


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (None, "invalid CertLogic expression"),
        (b"bytes", "invalid CertLogic expression"),
        (3.14, "3.14 is a non-integer number"),
        (float("inf"), "inf is a non-integer number"),
        ({}, "expression object must have exactly one key, but it has 0"),
        ({"if": 1}, 'operation not of the form { "<operator>": [ <values...> ] }'),
        ({"var": ["a"]}, 'not of the form { "var": "<path>" }'),
        ({"var": ".a"}, "data access path doesn't have a valid format: .a"),
        ({"or": [1, 2]}, 'unrecognised operator: "or"'),
        ({7: [1, 2]}, 'unrecognised operator: "7"'),
        ({(): [1, 2]}, 'unrecognised operator: "tuple"'),
        ({"if": [1, 2]}, 'an "if"-operation must have exactly 3 values/operands, but it has 2'),
        ({"and": [1]}, 'an "and" operation must have at least 2 operands, but it has 1'),
        ({"<": [1]}, 'an operation with operator "<" must have 2 or 3 operands, but it has 1'),
        ({"plusTime": ["2021", "1", "day"]}, '"amount" argument (#2) of "plusTime" must be an integer, but it is: 1'),
        ({"plusTime": ["2021", 1, []]},
         '"unit" argument (#3) of "plusTime" must be a string equal to one of year, month, day, hour, but it is: list'),
        ({"extractFromUVCI": ["a", var("x")]},
         '"index" argument (#2) of "extractFromUVCI" must be an integer, but it is: dict'),
        ({"plusTime": []}, 'a "plusTime"-operation must have exactly 3 values/operands, but it has 0'),
    ],
)  # fmt: skip
def test_what_is_no_expression_is_told_and_not_evaluated(expression, message):
    assert validate(expression) == (Issue(expression, message),)
    assert problem(expression) is Problem.INVALID


def test_every_issue_is_told_with_its_part():
    assert validate([1, None, {"!": [2.5]}, {"reduce": [var("x"), None]}]) == (
        Issue(None, "invalid CertLogic expression"),
        Issue(2.5, "2.5 is a non-integer number"),
        Issue({"reduce": [var("x"), None]},
              'a "reduce"-operation must have exactly 3 values/operands, but it has 2'),
        Issue(None, "invalid CertLogic expression"),
    )  # fmt: skip


def nested(levels):
    expression = True
    for _ in range(levels):
        expression = {"!": [expression]}
    return expression


def test_the_bounds_of_an_expression():
    assert evaluate(nested(MAX_DEPTH), None) is True
    assert validate(nested(MAX_DEPTH + 1))[0].message.startswith("more than")
    assert evaluate([1] * (MAX_NODES - 1), None) == [1] * (MAX_NODES - 1)
    assert problem([1] * MAX_NODES) is Problem.INVALID
    assert problem({"var": "a" * 1000}) is Problem.INVALID


def test_the_dearest_expression_without_a_loop_can_be_evaluated():
    dates = [{"dccDateOfBirth": ["2004"]}] * ((MAX_NODES - 1) // 2)
    assert validate(dates) == ()
    assert compile_rule(dates).steps < MAX_STEPS


@pytest.mark.parametrize(
    ("expression", "data"),
    [
        ({"reduce": [var(""), {"+": [var("accumulator"), 1]}, 0]}, [0] * MAX_STEPS),
        ({"reduce": [var(""), [var("accumulator")] * 100, 0]}, [0] * (MAX_STEPS // 100)),
        ({"reduce": [var(""), {"in": [var("current"), ["b"] * 4000]}, 0]}, ["a"] * 100),
        ({"reduce": [var(""), {"reduce": [[1] * 100, var("current"), 0]}, 0]}, [0] * 400),
        ({"===": [var("0"), var("1")]}, ["a" * (MAX_TEXT + 1), "b" * (MAX_TEXT + 1)]),
        ({"in": [var("0"), var("1")]}, ["a" * (MAX_TEXT + 1), ["b" * (MAX_TEXT + 1)]]),
        ({"extractFromUVCI": [var(""), 0]}, ":" * MAX_TEXT),
        ({"+": [2**53 - 1, 1]}, None),
        ({"+": [-(10**400), 1]}, None),
    ],
)
def test_the_bounds_of_work(expression, data):
    assert problem(expression, data) is Problem.TOO_MUCH


def test_an_expression_that_was_changed_is_another():
    expression = {"===": [1, 1]}
    assert evaluate(expression, None) is True
    expression["==="][1] = True  # equal to 1 in Python, and nothing that CertLogic would take for it
    assert evaluate(expression, None) is False


def test_an_expression_of_any_size_is_evaluated():
    names = [f"name {n}" for n in range(2000)]
    assert evaluate({"in": ["name 1999", names]}, None) is True
    assert problem({"in": ["name 1999", [set()]]}) is Problem.INVALID


def test_what_cannot_be_kept_is_refused_all_the_same():
    assert problem(nested(5000)) is Problem.INVALID
    assert problem([object()]) is Problem.INVALID


def test_rules_can_share_the_work_of_one_decision():
    rule = compile_rule([1, 2, 3])
    work = [2 * rule.steps]
    assert rule(None, work) == rule(None, work) == [1, 2, 3]
    with pytest.raises(CertLogicError) as caught:
        rule(None, work)
    assert caught.value.problem is Problem.TOO_MUCH


@given(EXPRESSIONS, JSON)
def test_there_is_a_value_or_a_typed_error(expression, data):
    issues = validate(expression)
    try:
        evaluate(expression, data)
        problem_found = None
    except CertLogicError as error:
        problem_found = error.problem
    assert (problem_found is Problem.INVALID) == bool(issues)


@given(JSON)
def test_a_double_negation_tells_truth(value):
    truth = {"!": [{"!": [var("")]}]}
    try:
        assert evaluate(truth, value) is bool(value)
    except CertLogicError:
        assert isinstance(value, float)
        assert not value.is_integer()
