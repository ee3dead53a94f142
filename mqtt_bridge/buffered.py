"""A socket that gathers what is written and reads ahead.

paho makes a system call for every packet that it writes, and three for every one that it reads. Over this, a hundred
events go in one call, and their hundred answers come in another.
"""

import contextlib
import socket
import ssl

GATHERED = 64 * 1024
"""Bytes that may wait to be written; then `send` says that it would block, and paho keeps the rest."""
_CHUNK = 64 * 1024


class BufferedSocket:
    """As much of a non-blocking socket as paho uses. What was sent is on its way only after `flush`."""

    def __init__(self, sock: socket.socket) -> None:
        """Take a connected socket over."""
        # Small packets both ways: without this, each waits for the answer to the one before it.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sock = sock
        self._out = bytearray()
        self._in = b""
        self._at = 0

    def fileno(self) -> int:
        """Return the descriptor to wait on; -1 after `close`."""
        return self._sock.fileno()

    def setblocking(self, flag: bool) -> None:
        """Do what a socket does."""
        self._sock.setblocking(flag)

    def recv(self, size: int) -> bytes:
        """Return at most `size` bytes, b"" at the end of the stream. Raises OSError, BlockingIOError among them."""
        if self._at == len(self._in):
            self._in, self._at = self._sock.recv(_CHUNK), 0
        data = self._in[self._at : self._at + size]
        self._at += len(data)
        return data

    def pending(self) -> int:
        """Return how many bytes can be read that `select` does not know of."""
        ahead = len(self._in) - self._at
        return ahead + (self._sock.pending() if isinstance(self._sock, ssl.SSLSocket) else 0)

    def send(self, data: bytes) -> int:
        """Take bytes to be written and return how many. Raises BlockingIOError where too many wait, and OSError."""
        if len(self._out) >= GATHERED:
            self.flush()
            if len(self._out) >= GATHERED:
                raise BlockingIOError
        self._out += data
        return len(data)

    @property
    def unsent(self) -> int:
        """Bytes that wait to be written."""
        return len(self._out)

    def flush(self) -> None:
        """Write as much as the socket takes. Raises OSError where the connection has ended."""
        while self._out:
            try:
                count = self._sock.send(self._out)
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return
            del self._out[:count]

    def close(self) -> None:
        """Write what the socket still takes, and close it."""
        with contextlib.suppress(OSError, ValueError):
            self.flush()
        self._sock.close()
