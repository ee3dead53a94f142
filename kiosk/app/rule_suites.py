"""Run published tests of rules: rule folders of the DCC rules' repository, suites of the CertLogic specification.

Pure: documents in, counts out. A test whose evaluation ends in an error counts as `false`, as the specification
advises for rules. A suite or case that its author set aside (`"directive": "skip"`) is not run. A single assertion
that is set aside is run all the same, and counts where it holds: the specification's suite marks errors like that.
"""

import reprlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from kiosk.domain.certlogic import CertLogicError, Rule, compile_rule, evaluate, validate
from kiosk.domain.rule_documents import RuleError, rule_of

_SKIP = "skip"
_ANYTHING = object()
"""Stands for a value that no test expects."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A test that did not come out as expected; both sides in short."""

    test: str
    expected: str
    got: str


@dataclass(slots=True)
class SuiteResult:
    """What came of one suite or rule."""

    name: str
    passed: int = 0
    skipped: int = 0
    failures: list[Failure] = field(default_factory=list)
    warning: str = ""
    """Why the kiosk would not load a rule whose tests can be run all the same; empty where it would."""

    def count(self, test: str, expected: Any, got: Any, *, why: str = "", set_aside: bool = False) -> None:
        """Count one test. `why` says what went wrong where the evaluation ended in an error."""
        if _same(got, expected):
            self.passed += 1
        elif set_aside:
            self.skipped += 1
        else:
            shown = _SHORT.repr(got) + (f" ({why})" if why else "")
            self.failures.append(Failure(test, _SHORT.repr(expected), shown))


class _Short(reprlib.Repr):
    """Shows values as JSON writes them, in a bounded number of characters."""

    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = 80

    def repr1(self, x: Any, level: int) -> str:
        words = {None: "null", True: "true", False: "false"}
        return words[x] if x is None or isinstance(x, bool) else super().repr1(x, level)


_SHORT = _Short()


def _plain(value: Any) -> Any:
    """Return a date-time as JSON writes it; anything else as it is."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value


def _same(got: Any, expected: Any) -> bool:
    """Compare as JSON does: true is not 1. As deep as `expected`, so that a value of any size ends."""
    if isinstance(expected, list):
        return isinstance(got, list) and len(got) == len(expected) and all(map(_same, got, expected))
    if isinstance(expected, dict):
        return isinstance(got, dict) and got.keys() == expected.keys() and all(
            _same(got[key], value) for key, value in expected.items()
        )  # fmt: skip
    return isinstance(got, bool) == isinstance(expected, bool) and bool(got == expected)


def is_suite(document: Any) -> bool:
    """Tell whether a document is a suite of the CertLogic specification, of either kind."""
    cases = document.get("cases") if isinstance(document, dict) else None
    return isinstance(cases, list) and bool(cases) and all(
        isinstance(case, dict) and (isinstance(case.get("assertions"), list) or isinstance(case.get("issues"), list))
        for case in cases
    )  # fmt: skip


def _evaluation(tally: SuiteResult, case: Mapping[str, Any], name: str) -> None:
    for number, assertion in enumerate(case["assertions"], 1):
        if not isinstance(assertion, dict):
            tally.count(f"{name} {number}", "an assertion", assertion)
            continue
        expression = assertion.get("certLogicExpression", case.get("certLogicExpression"))
        why = ""
        try:
            got = _plain(evaluate(expression, assertion.get("data")))
        except CertLogicError as error:
            got, why = False, f"{error.problem}: {error}"
        set_aside = assertion.get("directive") == _SKIP
        tally.count(f"{name} {number}", assertion.get("expected", _ANYTHING), got, why=why, set_aside=set_aside)


def _validation(tally: SuiteResult, case: Mapping[str, Any], name: str) -> None:
    found = validate(case.get("certLogicExpression"))
    tally.count(name, case["issues"], [{"expr": issue.expression, "message": issue.message} for issue in found])


def run_suite(name: str, document: Mapping[str, Any]) -> SuiteResult:
    """Run a suite of the specification: `is_suite` has to hold."""
    tally = SuiteResult(name)
    for number, case in enumerate(document["cases"], 1):
        if _SKIP in (document.get("directive"), case.get("directive")):
            tally.skipped += len(case.get("assertions") or case["issues"])
        elif "assertions" in case:
            _evaluation(tally, case, str(case.get("name") or number))
        else:
            _validation(tally, case, str(case.get("name") or number))
    return tally


def _compiled(tally: SuiteResult, rule: Any) -> Rule | None:
    """Compile a rule; that its logic is none is a failure of its own, and what else is wrong with it a warning."""
    try:
        rule_of(rule)
    except RuleError as error:
        tally.warning = str(error)
    try:
        return compile_rule(rule.get("Logic") if isinstance(rule, dict) else None)
    except CertLogicError as error:
        tally.failures.append(Failure("the rule itself", "a valid rule", str(error)[:200]))
        return None


def run_rule(name: str, rule: Any, tests: Iterable[tuple[str, Any]]) -> SuiteResult:
    """Run the tests of one rule document, each `{payload, external, expected}` with its file's name."""
    tally = SuiteResult(name)
    compiled = _compiled(tally, rule)
    for test, document in tests:
        if not isinstance(document, dict) or "expected" not in document:
            tally.count(test, "a test", document)
            continue
        got, why = False, "the rule is not valid"
        if compiled is not None:
            try:
                got, why = _plain(compiled({key: document.get(key) for key in ("payload", "external")})), ""
            except CertLogicError as error:
                why = f"{error.problem}: {error}"
        tally.count(test, document["expected"], got, why=why)
    return tally
