"""Where the third-party vectors are, and a line for each set on how much of it was looked at."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_LINES = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session")
def absent():
    """Return a function that skips a test for want of vectors, and fails it where none may be wanting."""

    def want(what):
        if os.environ.get("KIOSK_REQUIRE_VECTORS") == "1":
            pytest.fail(f"{what} is missing and KIOSK_REQUIRE_VECTORS=1")
        pytest.skip(f"{what} is missing: the third-party vectors are not here")

    return want


@pytest.fixture(scope="session")
def vectors(absent):
    """Return a function that finds a folder of the vectors; where it is missing, the test is skipped or fails."""

    def folder(name):
        path = Path(os.environ.get("KIOSK_VECTORS", ROOT / "../shared/vectors")) / name
        if not path.is_dir():
            absent(path)
        return path

    return folder


@pytest.fixture(scope="session")
def label():
    """Return a function that tells what the code in a photograph says: `N.txt` or `N.bin` beside it, "" without."""

    def of(picture):
        beside = (picture.with_suffix(ending) for ending in (".txt", ".bin"))
        return next((path.read_bytes().decode(errors="replace") for path in beside if path.is_file()), "")

    return of


@pytest.fixture
def say(request):
    """Return a function that adds a line to the summary of the run."""
    return request.config.stash.setdefault(_LINES, []).append


def pytest_terminal_summary(terminalreporter, config):
    for line in config.stash.get(_LINES, []):
        terminalreporter.write_line(line)
