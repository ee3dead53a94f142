"""A client's end of a socket of the gate process: blocking, reconnecting, one instance a process."""

import contextlib
import os
import select
import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path

from kiosk.api.framing import LineBuffer
from kiosk.api.messages import Hello, Message, Role, WireError, decode, encode

SEND_TIMEOUT_S = 2
_CHUNK = 1 << 16


class LinkClosedError(ConnectionError):
    """The gate process has gone away; connect again."""


class Link:
    """One connection to the gate process.

    `receive` and `send` may be used from two different threads, each of them from one only.
    """

    def __init__(self, run_dir: Path, role: Role) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        # A gate process that hangs must not make its clients hang as well.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", SEND_TIMEOUT_S, 0))
        try:
            self._socket.connect(str(run_dir / f"{role}.sock"))
        except OSError as error:
            self._socket.close()
            raise LinkClosedError("the gate process cannot be reached") from error
        self._lines = LineBuffer()
        self._fds: list[int] = []
        try:
            self.send(Hello(role=role, pid=os.getpid()))
        except LinkClosedError:
            self._socket.close()
            raise

    @classmethod
    def connect(cls, run_dir: Path, role: Role, timeout_s: float = 10.0) -> "Link":
        """Connect, trying again for `timeout_s` seconds. Raises LinkClosedError."""
        end = time.monotonic() + timeout_s
        while True:
            try:
                return cls(run_dir, role)
            except LinkClosedError:
                if time.monotonic() >= end:
                    raise
                time.sleep(0.05)

    def fileno(self) -> int:
        """Return the descriptor to wait on."""
        return self._socket.fileno()

    def send(self, message: Message, fd: int | None = None) -> None:
        """Send one message, with a file descriptor beside it if given. Raises LinkClosedError."""
        try:
            if fd is None:
                self._socket.sendall(encode(message))
            else:
                socket.send_fds(self._socket, [encode(message)], [fd])
        except OSError as error:
            raise LinkClosedError("the gate process has gone away") from error

    def receive(self, timeout_s: float | None = None) -> Iterator[Message]:
        """Wait up to `timeout_s` seconds (None: for ever) and yield what has come.

        A message this side does not know is passed over: the gate process may be newer.
        Raises LinkClosedError when the peer has gone.
        """
        try:
            if not select.select([self._socket], [], [], timeout_s)[0]:
                return
            data, fds, _, _ = socket.recv_fds(self._socket, _CHUNK, 4)
        except (OSError, ValueError) as error:
            raise LinkClosedError("the gate process has gone away") from error
        self._fds += fds
        if not data:
            raise LinkClosedError("the gate process has gone away")
        for line in self._lines.feed(data):
            with contextlib.suppress(WireError):
                yield decode(line)

    def take_fd(self) -> int | None:
        """Return the oldest descriptor that came beside a message; the caller closes it."""
        return self._fds.pop(0) if self._fds else None

    def close(self) -> None:
        """Close the connection and every descriptor that nobody took."""
        for fd in self._fds:
            os.close(fd)
        self._fds.clear()
        self._socket.close()
