"""scripts/mutate notices what tests miss, in a small tree of its own; and changes what it should, nothing else."""

from textwrap import dedent

import pytest

from kiosk.testing.mutant_runs import Baseline, Copy, Fate, UnchangedFailsError
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
        domain, folder = tmp_path / "mine/kiosk/domain", tmp_path / "mine/tests/unit/domain"
        domain.mkdir(parents=True)
        folder.mkdir(parents=True)
        for package in (domain, domain.parent):
            (package / "__init__.py").touch()
        (tmp_path / "mine/setup.cfg").write_text("[tool:pytest]\naddopts = --import-mode=importlib\n")
        (domain / "adult.py").write_text(source)
        (folder / "test_adult.py").write_text(tests)
        return Copy.of(tmp_path / "mine", tmp_path)

    return made


def fates(copy, *sources):
    baseline = copy.baseline(60)
    return [copy.fate("adult", source, baseline.tests_for("adult", 1, 5), 2) for source in sources]


CHANGED = [ADULT.replace(">=", ">"), ADULT.replace("18", "19"), ADULT.replace(">=", "<=")]


def test_thorough_tests_kill_every_change(copy):
    assert fates(copy(THOROUGH), *CHANGED) == [Fate.KILLED] * 3


def test_a_test_far_from_the_boundary_lets_changes_survive(copy):
    far = THOROUGH.replace("18", "50").replace("17", "5")
    assert fates(copy(far), *CHANGED) == [Fate.SURVIVED, Fate.SURVIVED, Fate.KILLED]


def test_nothing_changed_survives_and_what_cannot_be_imported_does_not_count(copy):
    assert fates(copy(THOROUGH), ADULT, "AGE = ") == [Fate.SURVIVED, Fate.DOES_NOT_LOAD]


def test_what_no_longer_ends_is_stopped(copy):
    endless = ADULT.replace("    return", "    while True: pass\n    return")
    assert fates(copy(THOROUGH), endless) == [Fate.TIMED_OUT]


def test_no_change_is_left_in_a_file(copy):
    small = copy(THOROUGH)
    fates(small, *CHANGED)
    assert small.source("adult") == ADULT
    assert (small.root.parent / "mine/kiosk/domain/adult.py").read_text() == ADULT


def test_tests_that_fail_without_a_change_are_said_so(copy):
    with pytest.raises(UnchangedFailsError):
        copy(THOROUGH.replace("18", "3")).baseline(60)


# which tests belong to a line


def baseline():
    lines = {"gate": {3: {""}, 7: {"slow", "fast"}, 9: {"other"}}, "words": {1: {""}}}
    return Baseline({"slow": 2.0, "fast": 0.1, "other": 0.2, "far": 0.01}, lines)


def test_those_that_run_the_line_come_first_and_the_fast_ones_before():
    assert baseline().tests_for("gate", 7, 7) == ["fast", "slow", "other"]


def test_a_line_of_the_import_belongs_to_all_those_that_touch_the_module_first():
    assert baseline().tests_for("gate", 3, 3) == ["fast", "other", "slow", "far"]


def test_a_module_of_nothing_but_words_belongs_to_all():
    assert baseline().tests_for("words", 1, 1) == ["far", "fast", "other", "slow"]


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


class Changed:
    first = 7

    def diff(self):
        return "-a\n+b"


def test_the_score_leaves_out_what_does_not_load():
    report = Report()
    for fate in ("killed", "killed", "timed out", "survived", "does not load"):
        report.add("gate", Changed(), fate)
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
