"""Runs the tests of `kiosk/domain` against one change after the other, in a copy of the tree (`scripts/mutate`).

Each run is a process of its own, forked from one in which pytest is loaded already. It imports the copy, with the
changed module put in its place by an import hook: no change is ever written to a file, in the tree or in the copy.
"""

import json
import os
import resource
import shutil
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_loader
from pathlib import Path
from types import CodeType

import coverage
import pytest
from hypothesis import Phase, settings

DOMAIN, TESTS = Path("kiosk/domain"), Path("tests/unit/domain")
_LEFT_BEHIND = (".*", "__pycache__", "out", "docs", "*.egg-info")
_PACKAGES = {"kiosk", "ui", "mqtt_bridge", "tests"}
_EXAMPLES = 30
_MEMORY = 4 << 30
_PASSED, _NO_TESTS, _DOES_NOT_LOAD = 0, 5, 70
_AT_IMPORT = ""
"""What `Baseline.lines` calls the time before the first test."""


class Fate(Enum):
    """What became of a change."""

    KILLED = "killed"
    SURVIVED = "survived"
    TIMED_OUT = "timed out"
    DOES_NOT_LOAD = "does not load"


_FATES = {_PASSED: Fate.SURVIVED, _NO_TESTS: Fate.SURVIVED, _DOES_NOT_LOAD: Fate.DOES_NOT_LOAD}


class UnchangedFailsError(Exception):
    """The tests fail without any change."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a run of all tests without a change took and touched."""

    seconds: dict[str, float]
    """By test."""
    lines: dict[str, dict[int, set[str]]]
    """By module and line the tests that run it, `_AT_IMPORT` among them."""

    def tests_for(self, module: str, first: int, last: int) -> list[str]:
        """Return the tests that belong to lines of a module: those that run them come first, the fast ones before.

        Those that touch another line of the module follow, because what is cached runs once only; where the lines run
        at import, all the others as well.
        """
        by_line = self.lines.get(module, {})
        close = set().union(*(by_line.get(line, ()) for line in range(first, last + 1)))
        near = set().union(*by_line.values())
        far = set(self.seconds) if _AT_IMPORT in close or not near - {_AT_IMPORT} else set()
        order = {name: rank for rank, names in enumerate((far, near, close)) for name in names}
        order.pop(_AT_IMPORT, None)
        return sorted(order, key=lambda name: (-order[name], self.seconds[name]))


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of the tree in which tests are run."""

    root: Path

    @classmethod
    def of(cls, tree: Path, folder: Path) -> "Copy":
        """Copy what tests of the domain need."""
        shutil.copytree(tree, folder / "tree", ignore=shutil.ignore_patterns(*_LEFT_BEHIND))
        return cls(folder / "tree")

    def source(self, module: str) -> str:
        """Return the source of a module of the domain."""
        return (self.root / DOMAIN / f"{module}.py").read_text()

    def baseline(self, limit_s: int) -> Baseline:
        """Run every test once. Raises UnchangedFailsError."""
        file = self.root / "baseline.json"
        if _forked(lambda: _measure(self.root, file), limit_s, 10 * limit_s) != _PASSED:
            raise UnchangedFailsError
        found = json.loads(file.read_text())
        lines = {
            module: {int(line): set(tests) for line, tests in by_line.items()}
            for module, by_line in found["lines"].items()
        }
        return Baseline(found["seconds"], lines)

    def fate(self, module: str, source: str, tests: list[str], limit_s: int) -> Fate:
        """Run tests in this order, up to the first that fails, with `source` as the module. `limit_s` is of CPU."""

        def run() -> int:
            _enter(self.root)
            name = ".".join((*DOMAIN.parts, module))
            changed = _Source(name, str(self.root / DOMAIN / f"{module}.py"), source)
            sys.meta_path.insert(0, _OneModule(changed))
            try:
                __import__(name)
            except BaseException:  # noqa: BLE001 - whatever it is, the change cannot be tried
                return _DOES_NOT_LOAD
            return _pytest(tests, _Chosen(tests))

        if not tests:
            return Fate.SURVIVED
        status = _forked(run, limit_s, 10 * limit_s)
        if status is None:
            return Fate.TIMED_OUT
        return _FATES.get(status, Fate.KILLED)


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


class _Chosen:
    """A plug-in that runs certain tests in a certain order."""

    def __init__(self, tests: list[str]) -> None:
        self._order = {name: place for place, name in enumerate(tests)}

    @pytest.hookimpl(trylast=True)
    def pytest_collection(self) -> None:
        """Try few examples, the same ones each time, and do not look for the smallest that fails."""
        phases = (Phase.explicit, Phase.generate)
        settings.register_profile("mutation", settings.get_profile("fixed"), max_examples=_EXAMPLES, phases=phases)
        settings.load_profile("mutation")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the chosen tests, in their order."""
        if self._order:
            kept = [item for item in items if item.nodeid in self._order]
            items[:] = sorted(kept, key=lambda item: self._order[item.nodeid])


class _Measured(_Chosen):
    """A plug-in that notes how long each test takes and which lines it runs."""

    def __init__(self, counting: coverage.Coverage) -> None:
        super().__init__([])
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
    _enter(root)
    counting = coverage.Coverage(data_file=None, include=[f"{root / DOMAIN}/*"], config_file=False)
    measured = _Measured(counting)
    counting.start()
    try:
        status = _pytest([str(TESTS)], measured)
    finally:
        counting.stop()
    data = counting.get_data()
    lines = {Path(name).stem: data.contexts_by_lineno(name) for name in data.measured_files()}
    file.write_text(json.dumps({"seconds": measured.seconds, "lines": lines}))
    return status


def _enter(root: Path) -> None:
    """Let everything of this project be imported anew, from the copy."""
    os.chdir(root)
    sys.path.insert(0, str(root))
    for name in [name for name in sys.modules if name.partition(".")[0] in _PACKAGES]:
        del sys.modules[name]


def _pytest(tests: Iterable[str], plugin: _Chosen) -> int:
    files = dict.fromkeys(test.partition("::")[0] for test in tests)
    without = ("-pno:cacheprovider", "-pno:pytest-qt", "--assert=plain")
    return int(pytest.main(["-x", *without, *files], plugins=[plugin]))


def _forked(work: Callable[[], int], cpu_s: int, wall_s: int) -> int | None:
    """Return what `work` returns in a process of its own, or None where a signal ended it: it took too long."""
    if child := os.fork():
        try:
            status = os.waitpid(child, 0)[1]
        except BaseException:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            raise
        return os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else None
    status = 1
    try:
        os.setsid()
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.alarm(wall_s)
        status = work()
    finally:
        os._exit(status)
