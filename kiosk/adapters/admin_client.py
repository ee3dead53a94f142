"""The gate's way to `kiosk-admin`: one connection a question. Blocks; called off the loop."""

import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kiosk.api.admin_messages import MAX_LINE, AdminAsk, Result, Task, line_of, read_answer
from kiosk.api.messages import WireError
from kiosk.domain.staff import Refused, RefusedError

CONNECT_S = 2.0
ANSWER_S = 150.0
"""Seconds until an answer has come: a wireless network takes its time, and so does a slow stick."""


@dataclass(frozen=True, slots=True)
class AdminClient:
    """Asks at a socket that systemd holds, so that asking starts the process."""

    path: Path

    def ask(self, request: Task) -> Result:
        """Return the answer. Raises RefusedError: what the process says, or that there is none on this machine."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            try:
                connection.settimeout(CONNECT_S)
                connection.connect(str(self.path))
                connection.sendall(line_of(AdminAsk(request=request)))
                connection.settimeout(ANSWER_S)
                answer = read_answer(_line(connection))
            except TimeoutError as error:
                raise RefusedError(Refused.FAILED, "timeout") from error
            except (OSError, WireError) as error:
                raise RefusedError(Refused.UNAVAILABLE, "kiosk_admin") from error
        if answer.reply is None:
            raise RefusedError(answer.code or Refused.FAILED, answer.detail)
        return answer.reply

    @property
    def is_there(self) -> bool:
        """Tell whether this machine has such a process."""
        with suppress(OSError):
            return self.path.is_socket()
        return False


def _line(connection: socket.socket) -> bytes:
    data = b""
    while not data.endswith(b"\n"):
        piece = connection.recv(MAX_LINE)
        data += piece
        if not piece or len(data) > MAX_LINE:
            raise WireError("no answer")
    return data
