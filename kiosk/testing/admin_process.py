"""A real `kiosk-admin` process with a socket as systemd hands it over, among programs that only note what they do."""

import getpass
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kiosk.testing.recorded_tools import RecordedTools

# What systemd does between fork and exec: the socket becomes descriptor 3, and the process is told its own number.
_START = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.execve(sys.executable, [sys.executable, "-m", "kiosk.admin.process", *sys.argv[2:]],
          os.environ | {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())})
"""


@dataclass(frozen=True, slots=True)
class AdminProcess:
    """What a test needs of it."""

    socket: Path
    system: Path
    tools: RecordedTools
    process: subprocess.Popen[bytes]


@contextmanager
def admin_process(folder: Path, account: str = "", idle_s: float = 30.0) -> Iterator[AdminProcess]:
    """Run it until the block ends. `account`: who may ask; empty: whoever runs the test."""
    tools = RecordedTools(
        folder / "tools", "nmcli", "timedatectl", "lsblk", "systemctl", "systemd-mount", "systemd-umount", "amixer"
    )
    system, path = folder / "system", folder / "admin.sock"
    system.mkdir()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        listener.listen(8)
        process = subprocess.Popen(
            [sys.executable, "-c", _START, str(listener.fileno()), "--account", account or getpass.getuser(),
             "--tools", str(tools.folder), "--system", str(system), "--idle", str(idle_s)],
            pass_fds=[listener.fileno()],
        )  # fmt: skip
        try:
            yield AdminProcess(path, system, tools, process)
        finally:
            process.terminate()
            process.wait(10)
