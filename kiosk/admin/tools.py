"""The system's programs that the verbs are done with: found in one folder, given arguments, never a shell."""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kiosk.domain.staff import Refused, RefusedError

Tool = Literal["nmcli", "timedatectl", "lsblk", "systemctl", "systemd-mount", "systemd-umount", "amixer"]
MAX_OUTPUT = 1 << 20
_ENVIRONMENT = {"LC_ALL": "C.UTF-8", "PATH": "/usr/sbin:/usr/bin", "SYSTEMD_PAGER": "", "SYSTEMD_COLORS": "0"}


class ToolError(Exception):
    """A program has said no; its exit status is all that is told of it."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


@dataclass(frozen=True, slots=True)
class Tools:
    """Where they are."""

    folder: Path = Path("/usr/bin")

    def run(self, tool: Tool, *arguments: str, timeout_s: float = 15.0) -> str:
        """Run a program to its end and return what it has said.

        Raises ToolError, and RefusedError where it is not installed or does not come to an end.
        """
        try:
            done = subprocess.run(
                [str(self.folder / tool), *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, timeout=timeout_s, check=False, env=_ENVIRONMENT,
            )  # fmt: skip
        except OSError as error:
            raise RefusedError(Refused.UNAVAILABLE, tool.replace("-", "_")) from error
        except subprocess.TimeoutExpired as error:
            raise RefusedError(Refused.FAILED, "timeout") from error
        if done.returncode != 0:
            raise ToolError(done.returncode)
        return done.stdout[:MAX_OUTPUT].decode(errors="replace")
