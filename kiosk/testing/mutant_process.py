"""Tests in a process of its own, forked from one in which pytest is loaded already (`scripts/mutate`)."""

import os
import resource
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import Phase, settings

_PACKAGES = {"kiosk", "ui", "mqtt_bridge", "tests"}
_EXAMPLES = 30
_MEMORY = 4 << 30


class Chosen:
    """A plug-in that runs certain tests in a certain order, or all of them."""

    def __init__(self, tests: Iterable[str] = ()) -> None:
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


def enter(root: Path) -> None:
    """Let everything of this project be imported anew, from a copy of its tree."""
    os.chdir(root)
    sys.path.insert(0, str(root))
    for name in [name for name in sys.modules if name.partition(".")[0] in _PACKAGES]:
        del sys.modules[name]


def run_pytest(tests: Iterable[str], plugin: Chosen) -> int:
    """Run tests, or those in files and folders, up to the first that fails; return pytest's exit status."""
    files = dict.fromkeys(test.partition("::")[0] for test in tests)
    without = ("-pno:cacheprovider", "-pno:pytest-qt", "-pno:unraisableexception", "--assert=plain")
    return int(pytest.main(["-x", *without, *files], plugins=[plugin]))


def fork(work: Callable[[], int]) -> int:
    """Do `work` in a process of its own, which says nothing; return its id. What `work` returns is its status."""
    if child := os.fork():
        return child
    status = 1
    try:
        os.setsid()
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        status = work()
    finally:
        os._exit(status)


def end(child: int) -> None:
    """End a process, at once."""
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def forked(work: Callable[[], int], limit_s: int) -> int | None:
    """Return what `work` returns in a process of its own, or None where a signal ended it: it took too long.

    `limit_s` is of CPU; ten times as much may pass while others work.
    """

    def limited() -> int:
        resource.setrlimit(resource.RLIMIT_CPU, (limit_s, limit_s))
        signal.alarm(10 * limit_s)
        return work()

    child = fork(limited)
    try:
        status = os.waitpid(child, 0)[1]
    except BaseException:
        end(child)
        raise
    return os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else None
