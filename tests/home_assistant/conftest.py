"""Home Assistant in a root of its own, as a child process that answers questions."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from kiosk.testing.bridge_stage import Stage

ROOT = Path(os.environ.get("KIOSK_HOME_ASSISTANT_ROOT", ""))
"""Set by scripts/home-assistant-test."""


class Guest:
    """Home Assistant with its MQTT integration, for as long as it is not closed."""

    def __init__(self, port):
        enter = f"mount -t proc proc {ROOT}/proc; mount --rbind /dev {ROOT}/dev; exec chroot {ROOT} /usr/bin/env -i"
        start = "PATH=/usr/bin HOME=/tmp LC_ALL=C.UTF-8 PYTHONPATH=/opt/site python3 /guest/guest.py /guest/config"
        source = Path(__file__).with_name("guest.py").read_text()
        config = ROOT / "guest" / "config"
        # It remembers: each one begins without a past.
        shutil.rmtree(config, ignore_errors=True)
        config.mkdir(parents=True)
        (config / "configuration.yaml").touch()
        (ROOT / "guest" / "guest.py").write_text(source)
        self._process = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "bash", "-euc", f"{enter} {start} {port}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self._read() == {"ready": True}

    def ask(self, **question):
        """Ask one question and return the answer."""
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self):
        line = self._process.stdout.readline()
        assert line, "Home Assistant has ended; its words are above"
        return json.loads(line)

    def close(self):
        """End it."""
        self._process.stdin.close()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


@pytest.fixture
def stage(tmp_path):
    if not ROOT.name:
        pytest.skip("Home Assistant is not here: start these tests as scripts/home-assistant-test")
    stage = Stage(tmp_path)
    yield stage
    stage.close()


@pytest.fixture
def home(stage):
    """Return a function that starts Home Assistant at a broker's port."""
    guests = []

    def start(port):
        guests.append(Guest(port))
        return guests[-1]

    yield start
    for guest in guests:
        guest.close()
