"""Runs the tests of `kiosk/domain` against one change after the other, in a copy of the tree (`scripts/mutate`).

No change is ever written to a file, in the tree or in the copy: a changed function is exchanged in a fork of a process
that has everything loaded (kiosk.testing.mutant_host), a changed module put in its place by an import hook.
"""

import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_loader
from itertools import accumulate
from math import ceil
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING

import coverage
import pytest

from kiosk.testing.mutant_host import CANNOT_EXCHANGE, Host, Job
from kiosk.testing.mutant_process import Chosen, enter, forked, run_pytest

if TYPE_CHECKING:
    from kiosk.testing.mutants import Mutant

DOMAIN, TESTS = Path("kiosk/domain"), Path("tests/unit/domain")
_LEFT_BEHIND = (".*", "__pycache__", "out", "docs", "*.egg-info")
_PASSED, _NO_TESTS, _DOES_NOT_LOAD = 0, 5, 70
_ENOUGH_S = 8.0
"""What the tests of one change may take together: a change that hundreds of quick ones miss is seldom noticed by a slow
one, and would cost a minute."""
_AT_IMPORT = ""
"""What `Baseline.lines` calls the time before the first test."""


class Fate(Enum):
    """What became of a change."""

    KILLED = "killed"
    SURVIVED = "survived"
    TIMED_OUT = "timed out"
    DOES_NOT_LOAD = "does not load"


_FATES = {
    None: Fate.TIMED_OUT, _PASSED: Fate.SURVIVED, _NO_TESTS: Fate.SURVIVED, _DOES_NOT_LOAD: Fate.DOES_NOT_LOAD,
}  # fmt: skip


class UnchangedFailsError(Exception):
    """The tests fail without any change."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a run of all tests without a change took and touched."""

    seconds: dict[str, float]
    """By test."""
    lines: dict[str, dict[int, set[str]]]
    """By module and line the tests that run it, `_AT_IMPORT` among them."""

    def runs_at_import(self, module: str, first: int, last: int) -> bool:
        """Tell whether lines of a module are run before the first test."""
        return _AT_IMPORT in self._close(module, first, last)

    def tests_for(self, module: str, first: int, last: int) -> list[str]:
        """Return the tests that run these lines of a module: its own and the fast ones first, up to a time.

        Where the lines run at import, nobody can tell which tests they matter to: those that touch the module follow,
        and those of others.
        """
        close = self._close(module, first, last)
        near = far = frozenset[str]()
        if _AT_IMPORT in close:
            near = frozenset().union(*self.lines[module].values())
            far = frozenset(self.seconds)
        order = {name: rank for rank, names in enumerate((far, near, close)) for name in names}
        order.pop(_AT_IMPORT, None)
        own = tuple(f"{TESTS}/test_{word}" for word in (module, module.partition("_")[0]))
        strange = {name: sum(not name.startswith(start) for start in own) for name in order}
        ordered = sorted(order, key=lambda name: (strange[name], -order[name], self.seconds[name]))
        taken = accumulate((self.seconds[name] for name in ordered), initial=0.0)
        return [name for name, before in zip(ordered, taken, strict=False) if before + self.seconds[name] <= _ENOUGH_S]

    def _close(self, module: str, first: int, last: int) -> set[str]:
        by_line = self.lines.get(module, {})
        return set().union(*(by_line.get(line, ()) for line in range(first, last + 1)))


class Copy:
    """A copy of the tree in which tests are run."""

    def __init__(self, tree: Path, folder: Path) -> None:
        self.root = folder / "tree"
        shutil.copytree(tree, self.root, ignore=shutil.ignore_patterns(*_LEFT_BEHIND))
        self._host: Host | None = None

    def source(self, module: str) -> str:
        """Return the source of a module of the domain."""
        return (self.root / DOMAIN / f"{module}.py").read_text()

    def baseline(self, limit_s: int) -> Baseline:
        """Run every test once. Raises UnchangedFailsError."""
        file = self.root / "baseline.json"
        if forked(lambda: _measure(self.root, file), limit_s) != _PASSED:
            raise UnchangedFailsError
        found = json.loads(file.read_text())
        lines = {
            module: {int(line): set(tests) for line, tests in by_line.items()}
            for module, by_line in found["lines"].items()
        }
        return Baseline(found["seconds"], lines)

    def fate(self, module: str, mutant: "Mutant", baseline: Baseline, limit_s: int) -> Fate:
        """Run the tests that belong to a change, up to the first that fails.

        `limit_s` is how much CPU may be used beyond what the tests take without a change.
        """
        tests, source = baseline.tests_for(module, mutant.first, mutant.last), mutant.source()
        if not tests:
            return Fate.SURVIVED
        seconds = limit_s + ceil(sum(baseline.seconds[test] for test in tests))
        if mutant.within and not baseline.runs_at_import(module, mutant.first, mutant.last):
            self._host = self._host or Host(self.root, TESTS)
            status = self._host.status(Job(_name(module), mutant.within, source, tests, seconds))
            if status != CANNOT_EXCHANGE:
                return _FATES.get(status, Fate.KILLED)
        return _FATES.get(forked(lambda: self._imported(module, source, tests), seconds), Fate.KILLED)

    def close(self) -> None:
        """End what was begun for it."""
        if self._host is not None:
            self._host.close()

    def _imported(self, module: str, source: str, tests: list[str]) -> int:
        enter(self.root)
        sys.meta_path.insert(0, _OneModule(_Source(_name(module), str(self.root / DOMAIN / f"{module}.py"), source)))
        try:
            __import__(_name(module))
        except BaseException:  # noqa: BLE001 - whatever it is, the change cannot be tried
            return _DOES_NOT_LOAD
        return run_pytest(tests, Chosen(tests))


def _name(module: str) -> str:
    return ".".join((*DOMAIN.parts, module))


class _Source(SourceFileLoader):
    """Loads a module from a text instead of its file."""

    def __init__(self, name: str, path: str, source: str) -> None:
        super().__init__(name, path)
        self._source = source

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002
        """Compile the text; nothing is kept in `__pycache__`."""
        return compile(self._source, self.path, "exec", dont_inherit=True)


class _OneModule(MetaPathFinder):
    """Finds the changed module; all others are left to the next finder."""

    def __init__(self, loader: _Source) -> None:
        self._loader = loader

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:  # noqa: ARG002
        """Return where the module comes from."""
        return spec_from_loader(fullname, self._loader) if fullname == self._loader.name else None


class _Measured(Chosen):
    """A plug-in that notes how long each test takes and which lines it runs."""

    def __init__(self, counting: coverage.Coverage) -> None:
        super().__init__()
        self._counting = counting
        self.seconds: dict[str, float] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Let lines count for this test while it runs."""
        self._counting.switch_context(item.nodeid)
        try:
            return (yield)
        finally:
            self._counting.switch_context(_AT_IMPORT)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add up what setting up, running and tidying up took."""
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + report.duration


def _measure(root: Path, file: Path) -> int:
    """Run every test and write into `file` what Baseline holds; return pytest's exit status."""
    enter(root)
    counting = coverage.Coverage(data_file=None, include=[f"{root / DOMAIN}/*"], config_file=False)
    measured = _Measured(counting)
    counting.start()
    try:
        status = run_pytest([str(TESTS)], measured)
    finally:
        counting.stop()
    data = counting.get_data()
    lines = {Path(name).stem: data.contexts_by_lineno(name) for name in data.measured_files()}
    file.write_text(json.dumps({"seconds": measured.seconds, "lines": lines}))
    return status
