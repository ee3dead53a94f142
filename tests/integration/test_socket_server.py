"""The gate process's sockets with real clients: greeting, descriptors, bad peers dropped, slow ones too."""

import asyncio
import contextlib
import os
import queue
import socket
import threading
from pathlib import Path

import pytest

from kiosk.adapters.socket_server import MAX_PEERS, SocketError, SocketServer
from kiosk.api.link import Link, LinkClosedError
from kiosk.api.messages import Hello, Intent, PreviewOffer, Role, Snapshot, Welcome, WireError, encode

REFUSED = Intent(intent="staff_done")
"""What the handler of these tests refuses."""


class Recorder:
    """A handler that remembers, and greets."""

    def __init__(self):
        self.received_messages, self.gone, self.fds, self.with_fd = [], [], [], []
        self.event = threading.Event()
        self.heard = queue.Queue()
        """A word for each message, once everything is noted of it."""

    def opened(self, peer):
        peer.send(Welcome(kiosk="k", epoch="e"))

    def closed(self, role):
        self.gone.append(role)
        self.event.set()

    async def received(self, _peer, message, fd):
        self.received_messages.append(message)
        if fd is not None:
            self.fds.append(os.fstat(fd).st_ino)
            self.with_fd.append(message)
        self.heard.put(message)
        self.event.set()
        if message == REFUSED:
            raise WireError("refused")


class Served:
    """A server on a loop of its own thread."""

    def __init__(self, folder):
        self.handler = Recorder()
        self.folder = folder
        self.server = SocketServer(folder, list(Role), self.handler)
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self._thread.start()
        self._ready.wait(5)

    async def _run(self):
        self.loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            serving = group.create_task(self.server.serve(group.create_task))
            self._ready.set()
            await self._stop.wait()
            serving.cancel()
            for connection in list(self.server._pumps):
                self.server.drop(connection)

    def on_loop(self, call):
        done = threading.Event()
        self.loop.call_soon_threadsafe(lambda: (call(), done.set()))
        assert done.wait(5)

    def close(self):
        self.loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(5)
        self.server.close()


@pytest.fixture
def served(tmp_path):
    served = Served(tmp_path)
    yield served
    served.close()


def next_message(link):
    for _ in range(50):
        for message in link.receive(0.1):
            return message
    raise AssertionError("nothing came")


def test_a_client_is_greeted_and_heard(served):
    link = Link(served.folder, Role.UI)
    assert next_message(link) == Welcome(kiosk="k", epoch="e")
    link.send(Intent(intent="help"))
    assert served.handler.event.wait(5)
    assert served.handler.received_messages == [Intent(intent="help")]
    link.close()


def test_a_descriptor_travels_beside_its_message_both_ways(served):
    link = Link(served.folder, Role.UI)
    next_message(link)
    with (served.folder / "picture").open("wb") as file:
        link.send(PreviewOffer(width=1, height=1), file.fileno())
        assert served.handler.event.wait(5)
        assert served.handler.fds == [os.fstat(file.fileno()).st_ino]
        offer = PreviewOffer(width=2, height=2)
        served.on_loop(lambda: served.server.of(Role.UI)[0].send(offer, file.fileno()))
        assert next_message(link) == offer
        fd = link.take_fd()
        assert os.fstat(fd).st_ino == os.fstat(file.fileno()).st_ino
        os.close(fd)
    link.close()


def test_a_descriptor_that_comes_in_one_piece_with_lines_before_its_own_goes_to_its_own(served):
    link = Link(served.folder, Role.VISION)
    next_message(link)
    with (served.folder / "picture").open("wb") as file:
        lines = encode(Intent(intent="touch")) + encode(PreviewOffer(width=2, height=2))
        socket.send_fds(link._socket, [lines], [file.fileno()])
        assert [served.handler.heard.get(timeout=5) for _ in range(2)] == served.handler.received_messages
        assert served.handler.with_fd == [PreviewOffer(width=2, height=2)]
    link.close()


@pytest.mark.parametrize("line", [b"GET / HTTP/1.1\r\n", b"\xff\xfe\n", encode(Hello(role=Role.BRIDGE)), b"{}\n"])
def test_what_does_not_begin_with_its_hello_is_dropped(served, line):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(served.folder / "ui.sock"))
        client.settimeout(5)
        client.sendall(line)
        assert client.recv(100) == b""


def test_a_client_that_sends_garbage_later_is_dropped_and_noticed(served):
    link = Link(served.folder, Role.VISION)
    next_message(link)
    link._socket.sendall(b"garbage\n")
    with pytest.raises(LinkClosedError):
        next_message(link)
    assert served.handler.event.wait(5)
    assert served.handler.gone == [Role.VISION]
    link.close()


def test_a_client_whose_message_is_refused_is_dropped_and_noticed(served):
    link = Link(served.folder, Role.UI)
    next_message(link)
    link.send(REFUSED)
    with pytest.raises(LinkClosedError):
        next_message(link)
    link.close()
    served.on_loop(lambda: None)  # the server has finished the turn in which it dropped the client
    assert served.handler.gone == [Role.UI]


@pytest.mark.parametrize(
    "lines",
    [
        encode(Hello(role=Role.UI)),
        encode(Intent(intent="help")),
        encode(Hello(role=Role.UI)) + encode(Intent(intent="help")) * 300,
        encode(Hello(role=Role.UI)) + b"half a line",
        b"garbage\n",
    ],
    ids=["a hello", "no hello", "too much at once", "half a line", "garbage"],
)
def test_descriptors_beside_what_takes_none_are_given_back(served, lines):
    with (served.folder / "picture").open("wb") as file, socket.socket(socket.AF_UNIX) as client:
        before = _times_open(file)
        client.connect(str(served.folder / "ui.sock"))
        client.settimeout(5)
        socket.send_fds(client, [lines], [file.fileno()] * 3)
        client.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionResetError):
            while client.recv(1000):
                pass
        served.on_loop(lambda: None)
        assert _times_open(file) == before


def _times_open(file):
    """Return how many descriptors of this process, which the server shares, lead to a file."""
    return sum(link.exists() and link.samefile(file.name) for link in Path("/proc/self/fd").iterdir())


def test_a_client_that_does_not_read_is_dropped_and_nobody_waits_for_it(served):
    link = Link(served.folder, Role.UI)
    next_message(link)
    big = Snapshot(page="idle", reasons=("x" * 1000,) * 500)

    def flood():
        for _ in range(20):
            for peer in served.server.of(Role.UI):
                peer.send(big)

    served.on_loop(flood)
    assert served.handler.event.wait(5)
    assert served.handler.gone == [Role.UI]
    link.close()


def test_too_many_clients_are_turned_away(served):
    links = [Link(served.folder, Role.MONITOR) for _ in range(MAX_PEERS)]
    for link in links:
        next_message(link)
    with socket.socket(socket.AF_UNIX) as one_too_many:
        one_too_many.connect(str(served.folder / "monitor.sock"))
        one_too_many.settimeout(5)
        assert one_too_many.recv(100) == b""
    for link in links:
        link.close()


def test_sockets_are_for_their_owner_and_group_only(served):
    assert (served.folder / "ui.sock").stat().st_mode & 0o777 == 0o660


def test_a_folder_that_cannot_hold_sockets_is_said(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SocketError):
        SocketServer(tmp_path / "file", [Role.UI])
