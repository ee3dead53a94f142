"""Releases where the service manager says nothing: what is not known to run is not left in force."""

import sys
from pathlib import Path

import pytest

from kiosk.admin.release import ReleaseError, Releases
from kiosk.admin.tools import Tools


@pytest.fixture
def releases(tmp_path):
    """A machine on which `systemctl` does not answer."""
    release = tmp_path / "releases" / "1.2.0"
    (release / "scripts").mkdir(parents=True)
    (release / "scripts/install").write_text("#!/bin/sh\nexit 0\n")
    (release / "scripts/install").chmod(0o755)
    no_tools = Tools(tmp_path / "no-tools")
    return Releases(no_tools, tmp_path / "kiosk", tmp_path / "releases", Path(sys.executable), lambda _: None)


def test_a_new_start_that_comes_to_no_end_is_a_release_that_is_not_installed(releases):
    with pytest.raises(ReleaseError) as caught:
        releases.put_in_force("1.2.0")
    assert caught.value.code == "not_installed"


def test_what_nobody_can_say_to_run_does_not_last(releases):
    assert not releases.lasts()
