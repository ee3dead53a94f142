"""The socket: one question a connection, from the gate's account alone."""

import logging
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from typing import Any

from kiosk.admin.tools import ToolError
from kiosk.api.admin_messages import MAX_LINE, AdminAnswer, Result, Task, line_of, read_ask
from kiosk.api.faults import describe
from kiosk.api.manager.device import DeviceRead
from kiosk.api.manager.network import NetworkRead
from kiosk.api.manager.time import TimeRead
from kiosk.api.manager.update import UpdateRead
from kiosk.api.manager.usb import UsbRead
from kiosk.api.messages import WireError
from kiosk.domain.staff import Refused, RefusedError

MAX_OPEN = 8
"""Connections at a time: the gate asks one thing after another, and a wireless network may take its time."""
PATIENCE_S = 5.0
"""Seconds in which a question has to have come, and its answer to be taken."""
_UCRED = struct.Struct("3i")
_log = logging.getLogger("kiosk-admin")

LOOKS = (NetworkRead, TimeRead, UsbRead, DeviceRead, UpdateRead)
"""Verbs that change nothing."""
Verb = Callable[[Any], Result]


@dataclass(slots=True)
class AdminServer:
    """Answers on a listening socket."""

    listener: socket.socket
    allowed: frozenset[int]
    """Uids that may ask."""
    verbs: Mapping[type[Task], Verb]
    _open: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _doing: threading.Lock = field(default_factory=threading.Lock)
    """What changes the machine is done one after another; who only looks does not wait for it."""

    def serve(self, idle_s: float) -> None:
        """Answer until nobody has asked for `idle_s` seconds."""
        self.listener.settimeout(idle_s)
        while True:
            try:
                connection, _ = self.listener.accept()
            except TimeoutError:
                if self._open == 0:
                    return
                continue
            self._take(connection)

    def _take(self, connection: socket.socket) -> None:
        _, uid, _ = _UCRED.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))
        with self._lock:
            refused = uid not in self.allowed or self._open >= MAX_OPEN
            if not refused:
                self._open += 1
        if refused:
            if uid not in self.allowed:
                _log.warning("uid %d may not ask here", uid)
            connection.close()
            return
        threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        try:
            with connection:
                connection.settimeout(PATIENCE_S)
                with suppress(OSError, WireError):
                    answer = self.answer(_line(connection))
                    connection.sendall(line_of(answer))
        finally:
            with self._lock:
                self._open -= 1

    def answer(self, line: bytes) -> AdminAnswer:
        """Do what a line asks for. Raises WireError where it is no question."""
        request = read_ask(line).request
        verb = self.verbs.get(type(request))
        if verb is None:
            return AdminAnswer(code=Refused.UNAVAILABLE)
        try:
            with nullcontext() if isinstance(request, LOOKS) else self._doing:
                return AdminAnswer(reply=verb(request))
        except RefusedError as error:
            return AdminAnswer(code=error.code, detail=error.detail)
        except ToolError as error:
            _log.warning("%s: not done (status %d)", request.ask, error.status)
            return AdminAnswer(code=Refused.FAILED, detail=f"status_{error.status}" if error.status >= 0 else "killed")
        except OSError as error:
            _log.warning("%s: not done (%s)", request.ask, error.strerror)
            return AdminAnswer(code=Refused.FAILED)
        except Exception as error:  # noqa: BLE001 - the thread's top: whoever asks is told
            _log.error("%s: stopped by a fault of its own (%s)", request.ask, describe(error))
            return AdminAnswer(code=Refused.FAILED, detail="fault")


def _line(connection: socket.socket) -> bytes:
    """Return the one line that has come. Raises WireError where it is none."""
    data = b""
    while b"\n" not in data:
        piece = connection.recv(MAX_LINE + 1 - len(data))
        data += piece
        if not piece or len(data) > MAX_LINE:
            raise WireError("no line")
    line, _, rest = data.partition(b"\n")
    if rest:
        raise WireError("more than one question")
    return line
