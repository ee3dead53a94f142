"""A process in which all tests are loaded, so that a change inside a function takes a fork and no import.

In the fork the code of that one function is exchanged. What runs while a module is imported (tables, defaults, classes)
cannot be tried in this way; kiosk.testing.mutant_runs imports the changed module anew for it.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

import pytest

from kiosk.testing.mutant_process import Chosen, end, enter, fork, forked, run_pytest

CANNOT_EXCHANGE = 71


@dataclass(frozen=True, slots=True)
class Job:
    """Tests to be run with one function of a module as it stands in a changed source. `limit_s` is of CPU."""

    module: str
    within: tuple[str, ...]
    """Names of the classes around the function, and its own."""
    source: str
    tests: list[str]
    limit_s: int


class Host:
    """The process, as seen from outside."""

    def __init__(self, root: Path, tests: Path) -> None:
        self._ours, theirs = Pipe()
        self._child = fork(lambda: _serve(root, tests, theirs))
        theirs.close()

    def status(self, job: Job) -> int | None:
        """Return 0 where the tests passed, CANNOT_EXCHANGE, another status where one failed; None: it took too long."""
        self._ours.send(job)
        answer: int | None = self._ours.recv()
        return answer

    def close(self) -> None:
        """End the process."""
        end(self._child)
        self._ours.close()


def _serve(root: Path, tests: Path, pipe: Connection) -> int:
    enter(root)
    return run_pytest([str(tests)], _Serving(pipe))


class _Serving(Chosen):
    """A plug-in that has all tests collected, and then runs them as it is asked to."""

    def __init__(self, pipe: Connection) -> None:
        super().__init__()
        self._pipe = pipe

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Answer jobs for as long as there is somebody who sends them."""
        items = {item.nodeid: item for item in session.items}
        while True:
            try:
                job: Job = self._pipe.recv()
            except EOFError:
                return True
            self._pipe.send(forked(_trial(session, items, job), job.limit_s))


def _trial(session: pytest.Session, items: Mapping[str, pytest.Item], job: Job) -> Callable[[], int]:
    def run() -> int:
        if not _exchange(sys.modules[job.module], job):
            return CANNOT_EXCHANGE
        chosen = [items[name] for name in job.tests]
        for item, following in pairwise([*chosen, None]):
            if item is not None:
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if session.testsfailed:
                return 1
        return 0

    return run


def _exchange(module: ModuleType, job: Job) -> bool:
    """Put the code of the changed function into the function that is there; return whether that can be done."""
    code: CodeType | None = compile(job.source, str(module.__file__), "exec", dont_inherit=True)
    found: object = module
    for name in job.within:
        inside = [one for one in code.co_consts if isinstance(one, CodeType) and one.co_name == name] if code else []
        code = inside[0] if len(inside) == 1 else None
        found = vars(found).get(name) if isinstance(found, ModuleType | type) else None
    if isinstance(found, property):
        found = found.fget
    if isinstance(found, staticmethod | classmethod):
        found = found.__func__
    if not isinstance(found, FunctionType) or code is None or code.co_freevars != found.__code__.co_freevars:
        return False  # behind a cache or another decorator, or there twice
    found.__code__ = code
    return True
