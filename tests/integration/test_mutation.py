"""scripts/mutate notices what tests miss, in a small tree of its own; and changes what it should, nothing else."""

from dataclasses import dataclass
from textwrap import dedent

import pytest

from kiosk.testing.mutant_host import CANNOT_EXCHANGE, Host, Job
from kiosk.testing.mutant_runs import TESTS, Baseline, Copy, Fate, UnchangedFailsError
from kiosk.testing.mutate_command import Report, chosen, main

ADULT = """\
AGE = 18


def is_adult(years):
    return years >= AGE
"""
THOROUGH = """\
from kiosk.domain.adult import is_adult


def test_the_birthday_itself():
    assert is_adult(18)


def test_the_day_before():
    assert not is_adult(17)
"""


@pytest.fixture
def copy(tmp_path):
    def made(tests, source=ADULT):
        mine = tmp_path / f"mine{len(copies)}"
        domain, folder = mine / "kiosk/domain", mine / "tests/unit/domain"
        domain.mkdir(parents=True)
        folder.mkdir(parents=True)
        for package in (domain, domain.parent):
            (package / "__init__.py").touch()
        (mine / "setup.cfg").write_text("[tool:pytest]\naddopts = --import-mode=importlib\n")
        (domain / "adult.py").write_text(source)
        (folder / "test_adult.py").write_text(tests)
        copies.append(Copy(mine, mine.with_suffix(".copy")))
        return copies[-1]

    copies = []
    yield made
    for one in copies:
        one.close()


@dataclass(frozen=True)
class Changed:
    """A change as kiosk.testing.mutants finds it, made by hand."""

    text: str
    within: tuple[str, ...] = ()
    first: int = 4
    last: int = 5

    def source(self):
        return self.text

    def diff(self):
        return "-a\n+b"


def fates(copy, *sources):
    """Return what becomes of changes, tried in both ways: they have to agree."""
    baseline = copy.baseline(60)
    by_import = [copy.fate("adult", Changed(source), baseline, 2) for source in sources]
    exchanged = [copy.fate("adult", Changed(source, ("is_adult",), 5), baseline, 2) for source in sources]
    assert not baseline.runs_at_import("adult", 5, 5)
    assert by_import == exchanged
    return by_import


CHANGED = [ADULT.replace(">=", ">"), ADULT.replace(">= AGE", ">= AGE + 1"), ADULT.replace(">=", "<=")]


def test_thorough_tests_kill_every_change(copy):
    assert fates(copy(THOROUGH), *CHANGED) == [Fate.KILLED] * 3


def test_a_change_in_a_function_takes_no_import_unless_something_hides_the_function(copy):
    cached = "from functools import cache\n\n@cache\ndef is_adult(years):\n    return years >= 18\n"
    tests = [f"tests/unit/domain/test_adult.py::{name}" for name in ("test_the_birthday_itself", "test_the_day_before")]
    host = Host(copy(THOROUGH).root, TESTS)
    answers = [
        host.status(Job("kiosk.domain.adult", within, source, tests, 2))
        for within, source in [
            (("is_adult",), ADULT), (("is_adult",), CHANGED[0]), (("is_adult",), ADULT), (("is_child",), ADULT),
        ]
    ]  # fmt: skip
    assert answers == [0, 1, 0, CANNOT_EXCHANGE], "a change does not outlive its fork"
    host.close()
    assert fates(copy(THOROUGH, cached), cached.replace(">=", ">")) == [Fate.KILLED]


def test_a_test_far_from_the_boundary_lets_changes_survive(copy):
    far = THOROUGH.replace("18", "50").replace("17", "5")
    assert fates(copy(far), *CHANGED) == [Fate.SURVIVED, Fate.SURVIVED, Fate.KILLED]


def test_nothing_changed_survives_and_what_cannot_be_imported_does_not_count(copy):
    small = copy(THOROUGH)
    assert fates(small, ADULT) == [Fate.SURVIVED]
    assert small.fate("adult", Changed("AGE = "), small.baseline(60), 2) is Fate.DOES_NOT_LOAD


def test_what_no_longer_ends_is_stopped(copy):
    endless = ADULT.replace("    return", "    while True: pass\n    return")
    assert fates(copy(THOROUGH), endless) == [Fate.TIMED_OUT]


def test_no_change_is_left_in_a_file(copy):
    small = copy(THOROUGH)
    fates(small, *CHANGED)
    assert small.source("adult") == ADULT
    assert (small.root.parent.with_suffix("") / "kiosk/domain/adult.py").read_text() == ADULT


def test_tests_that_fail_without_a_change_are_said_so(copy):
    with pytest.raises(UnchangedFailsError):
        copy(THOROUGH.replace("18", "3")).baseline(60)


# which tests belong to a line


def baseline():
    lines = {"gate": {3: {""}, 7: {"slow", "fast"}, 9: {"other"}}, "words": {1: {""}}}
    return Baseline({"slow": 2.0, "fast": 0.1, "other": 0.2, "far": 0.01}, lines)


def test_a_line_belongs_to_those_that_run_it_the_fast_ones_first():
    assert baseline().tests_for("gate", 7, 9) == ["fast", "other", "slow"]
    assert baseline().tests_for("gate", 7, 7) == ["fast", "slow"]
    assert baseline().tests_for("gate", 8, 8) == []


def test_a_line_of_the_import_belongs_to_all_that_touch_the_module_first():
    assert baseline().tests_for("gate", 3, 3) == ["fast", "other", "slow", "far"]


def test_a_module_of_nothing_but_words_belongs_to_all():
    assert baseline().tests_for("words", 1, 1) == ["far", "fast", "other", "slow"]


def test_tests_of_the_modules_own_name_come_first():
    names = ["tests/unit/domain/test_visit.py::a", "tests/unit/domain/test_gate_rules.py::b"]
    both = Baseline(dict(zip(names, (1.0, 2.0), strict=True)), {"gate_io": {7: set(names)}})
    assert both.tests_for("gate_io", 7, 7) == names[::-1]


def test_after_many_tests_no_slow_one_is_run():
    many = Baseline({"a": 3.0, "b": 4.0, "c": 5.0}, {"gate": {7: {"c", "b", "a"}}})
    assert many.tests_for("gate", 7, 7) == ["a", "b"]


# what is changed


def changes(source):
    pytest.importorskip("mutmut", reason="the extra `mutation` is not installed")
    from kiosk.testing.mutants import mutants_of

    return [mutant.diff() for mutant in mutants_of(dedent(source))]


def test_a_boundary_a_table_and_a_property_are_changed():
    found = changes("""\
        LIMITS = {"a": 3}
        class Age:
            @property
            def grown(self):
                return self.years >= 18
        """)
    assert '-LIMITS = {"a": 3}\n+LIMITS = {"a": 4}' in found
    assert "-        return self.years >= 18\n+        return self.years > 18" in found
    assert "-        return self.years >= 18\n+        return self.years >= 19" in found


@pytest.mark.parametrize("source", [
    "def f(x: Literal[1]) -> Literal[2]: ...",
    "@dataclass(frozen=True)\nclass A: ...",
    "class A(Enum):\n    B = 'b'",
    "Input = A | B",
    "raise RuleError('say what to do next')",
    "match x:\n    case _:\n        assert_never(x)",
    "match x:\n    case _:\n        pass",
    "isinstance(x, A)",
    "__all__ = ['a']",
    "class A:\n    b: str | None = None",
])  # fmt: skip
def test_what_no_test_could_notice_is_left_alone(source):
    assert changes(source) == []


def test_the_code_of_an_error_is_changed_and_its_sentence_is_not():
    assert changes("raise RuleError(3, 'no such rule')") == [
        "-raise RuleError(3, 'no such rule')\n+raise RuleError(None, 'no such rule')",
        "-raise RuleError(3, 'no such rule')\n+raise RuleError('no such rule')",
        "-raise RuleError(3, 'no such rule')\n+raise RuleError(4, 'no such rule')",
    ]


# the sample and the report


def test_the_same_seed_draws_the_same_sample_over_all_modules():
    modules = {"a": list(range(50)), "b": list(range(50))}
    sample = chosen(modules, 20, 3)
    assert len(set(sample)) == 20
    assert sample == chosen(modules, 20, 3) != chosen(modules, 20, 4)
    assert {module for module, _ in sample} == {"a", "b"}
    assert len(chosen(modules, 1000, 3)) == 100


def test_the_score_leaves_out_what_does_not_load():
    report = Report()
    for fate in ("killed", "killed", "timed out", "survived", "does not load"):
        report.add("gate", Changed("", first=7), fate)
    assert report.document() == {
        "modules": {name: {"killed": 2, "survived": 1, "timed out": 1, "does not load": 1, "score": 75.0}
                    for name in ("gate", "all")},
        "survivors": [{"module": "gate", "line": 7, "diff": "-a\n+b"}],
    }  # fmt: skip
    assert "\n".join(report.lines()) == dedent("""\
        kiosk/domain/gate.py:7
        -a
        +b

        module  changes  killed  survived  timed out  does not load  score, %
        gate          5       2         1          1              1      75.0
        all           5       2         1          1              1      75.0""")


@pytest.mark.parametrize(("words", "said"), [
    (["nothing"], "kiosk/domain has no module 'nothing'; name one of its files without .py, or all"),
    (["gate", "--sample", "0"], "'0' is no whole number from 1 to 1000000"),
    ([], "the following arguments are required: MODULE"),
])  # fmt: skip
def test_wrong_words_are_answered_in_a_sentence(words, said, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(words)
    assert said in capsys.readouterr().err
