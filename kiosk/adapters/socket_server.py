"""The gate process's Unix sockets, one a role (DESIGN section 2).

The file's mode and group say who may connect, and the peer's uid is checked as well. A peer that sends what
is no message, or does not read what it is sent, is dropped: it comes back by itself, and the gate never waits.
"""

import asyncio
import os
import pwd
import socket
import struct
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from kiosk.api.framing import LineBuffer
from kiosk.api.messages import WITH_FILE, Hello, Message, Role, WireError, decode, encode
from kiosk.app.ports import Peer

MAX_UNSENT = 4 << 20
MAX_PEERS = 4
"""Of one role, so that none can shut another out."""
_CHUNK = 1 << 16
Spawn = Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]
_UCRED = struct.Struct("3i")


class Handler(Protocol):
    """Who is told what the peers do."""

    def opened(self, peer: Peer) -> None:
        """Handle a peer that has said who it is."""
        ...

    def closed(self, role: Role) -> None:
        """Handle the last peer of a role having gone."""
        ...

    async def received(self, peer: Peer, message: Message, fd: int | None) -> None:
        """Take a message; `fd` is closed afterwards. Raises WireError where the peer is to be dropped."""
        ...


class SocketError(OSError):
    """The run directory cannot hold the sockets."""


def _allowed_uids(role: Role) -> set[int]:
    """Return the uids that may be `role`: this process's own, and the service account of that role."""
    uids = {os.geteuid()}
    with suppress(KeyError):
        uids.add(pwd.getpwnam(f"kiosk-{role}").pw_uid)
    return uids


class _Connection:
    """One peer."""

    def __init__(self, server: "SocketServer", role: Role, sock: socket.socket) -> None:
        self.role = role
        self.greeted = False
        self._server, self._socket = server, sock
        self._lines = LineBuffer()
        self._inbox: asyncio.Queue[tuple[Message, int | None]] = asyncio.Queue(256)
        self._outbox: deque[tuple[bytes, int | None]] = deque()
        self._unsent = 0
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(sock, self._readable)

    def send(self, message: Message, fd: int | None = None) -> None:
        """Queue a message; drop the peer where it does not read."""
        line = encode(message)
        if self._socket.fileno() < 0:
            return
        if self._unsent + len(line) > MAX_UNSENT:
            self._server.drop(self)
            return
        # The descriptor is duplicated, so that its owner may replace it while the line still waits.
        self._outbox.append((line, None if fd is None else os.dup(fd)))
        self._unsent += len(line)
        self._flush()

    def _flush(self) -> None:
        while self._outbox:
            line, fd = self._outbox[0]
            try:
                count = self._socket.send(line) if fd is None else socket.send_fds(self._socket, [line], [fd])
            except BlockingIOError:
                self._loop.add_writer(self._socket, self._flush)
                return
            except OSError:
                self._server.drop(self)
                return
            if fd is not None:
                os.close(fd)
            self._unsent -= count
            if count < len(line):
                self._outbox[0] = (line[count:], None)
            else:
                self._outbox.popleft()
        self._loop.remove_writer(self._socket)

    def _readable(self) -> None:
        try:
            data, fds, _, _ = socket.recv_fds(self._socket, _CHUNK, 4)
        except BlockingIOError:
            return
        except OSError:
            data, fds = b"", []
        try:
            for line in self._lines.feed(data):
                message = decode(line)
                # A descriptor may come in one piece with lines before its own.
                if self._take(message, fds[0] if fds and isinstance(message, WITH_FILE) else None):
                    del fds[:1]
        except (WireError, asyncio.QueueFull):
            data = b""
        for fd in fds:
            os.close(fd)
        if not data:
            self._server.drop(self)

    def _take(self, message: Message, fd: int | None) -> bool:
        """Take a message; return whether `fd` has been taken with it. Raises WireError and QueueFull."""
        if not self.greeted:
            if not isinstance(message, Hello) or message.role is not self.role:
                raise WireError("the first line must be a hello for this socket")
            self.greeted = True
            self._server.handler.opened(self)
            return False
        self._inbox.put_nowait((message, fd))
        return fd is not None

    async def pump(self) -> None:
        """Hand this peer's messages on, one after another."""
        while True:
            message, fd = await self._inbox.get()
            try:
                await self._server.handler.received(self, message, fd)
            except WireError:
                self._server.drop(self)
            finally:
                if fd is not None:
                    os.close(fd)

    def close(self) -> None:
        """Close the connection and give every descriptor back."""
        if self._socket.fileno() < 0:
            return
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)
        self._socket.close()
        for _, fd in self._outbox:
            if fd is not None:
                os.close(fd)
        self._outbox.clear()
        while not self._inbox.empty():
            _, waiting = self._inbox.get_nowait()
            if waiting is not None:
                os.close(waiting)


class SocketServer:
    """Listens on `<run directory>/<role>.sock` for every role it is given."""

    def __init__(self, run_dir: Path, roles: Sequence[Role], handler: Handler | None = None) -> None:
        """Bind the sockets. Raises SocketError."""
        self._listeners: dict[Role, socket.socket] = {}
        self._pumps: dict[_Connection, asyncio.Task[None]] = {}
        self._run_dir = run_dir
        if handler is not None:
            self.handler = handler
        try:
            run_dir.mkdir(parents=True, exist_ok=True)
            for role in roles:
                self._listeners[role] = self._bind(run_dir / f"{role}.sock")
        except OSError as error:
            raise SocketError(f"{run_dir}: cannot hold the sockets ({(error.strerror or 'error').lower()})") from error

    handler: Handler

    @staticmethod
    def _bind(path: Path) -> socket.socket:
        path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        listener.bind(str(path))
        path.chmod(0o660)
        listener.listen(4)
        return listener

    def of(self, role: Role) -> Sequence[Peer]:
        """Return the peers of a role that have said hello."""
        return [connection for connection in self._pumps if connection.role is role and connection.greeted]

    async def serve(self, spawn: Spawn) -> None:
        """Accept peers until cancelled; `spawn` starts a task in the caller's group."""
        loop = asyncio.get_running_loop()
        for role, listener in self._listeners.items():
            loop.add_reader(listener, self._accept, role, listener, spawn)
        try:
            await asyncio.Event().wait()
        finally:
            for listener in self._listeners.values():
                loop.remove_reader(listener)
            for connection in list(self._pumps):
                connection.close()

    def _accept(
        self, role: Role, listener: socket.socket, spawn: Spawn
    ) -> None:
        try:
            sock, _ = listener.accept()
        except OSError:
            return
        sock.setblocking(False)
        credentials = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size)
        _, uid, _ = _UCRED.unpack(credentials)
        same_role = sum(connection.role is role for connection in self._pumps)
        if uid not in _allowed_uids(role) or same_role >= MAX_PEERS:
            sock.close()
            return
        connection = _Connection(self, role, sock)
        self._pumps[connection] = spawn(connection.pump())

    def drop(self, connection: _Connection) -> None:
        """End a connection; tell the handler where it was the last of its role."""
        task = self._pumps.pop(connection, None)
        if task is None:
            return
        connection.close()
        task.cancel()
        if connection.greeted and not self.of(connection.role):
            self.handler.closed(connection.role)

    def close(self) -> None:
        """Remove the sockets."""
        for role, listener in self._listeners.items():
            listener.close()
            (self._run_dir / f"{role}.sock").unlink(missing_ok=True)
