"""A relay on a Modbus board: against a real server process, on TCP and on a serial line."""

import os
import pty
import queue
import socket
import subprocess
import sys
import threading
import tty

import pytest

pytest.importorskip("pymodbus", reason="the extra `modbus` is not installed")

from kiosk.adapters.gpio import PinError
from kiosk.adapters.modbus_relay import ModbusLink, ModbusRelay
from kiosk.board_file import ModbusTable

WAIT_S = 10
SERVER = """
import sys
from pymodbus import FramerType
from pymodbus.datastore import ModbusDeviceContext, ModbusSequentialDataBlock, ModbusServerContext
from pymodbus.server import StartSerialServer, StartTcpServer
coils = ModbusDeviceContext(co=ModbusSequentialDataBlock(1, [False] * 8))
context = ModbusServerContext(devices={3: coils}, single=False)
print("ready", flush=True)
if sys.argv[1].isdigit():
    StartTcpServer(context, address=("127.0.0.1", int(sys.argv[1])))
else:
    StartSerialServer(context, port=sys.argv[1], framer=FramerType.RTU, baudrate=9600)
"""


class Board:
    """A process that serves eight coils; it can be stopped and started again."""

    def __init__(self, where):
        self.where = str(where)
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVER, self.where], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self.process.stdout.readline() == "ready\n"

    def stop(self):
        self.process.kill()
        self.process.wait(WAIT_S)
        self.process.stdout.close()


class Edges:
    def __init__(self):
        self.queue = queue.Queue()

    def __call__(self, released, at_ns):
        self.queue.put((released, at_ns))

    def next(self):
        return self.queue.get(timeout=WAIT_S)


@pytest.fixture
def port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture
def board(port):
    board = Board(port)
    yield board
    board.stop()


def reach(link, coil=0):
    """Lock a coil as soon as the server listens: it says that it is ready before it does."""
    for _ in range(200):
        try:
            link.put(coil, on=False)
        except PinError:
            threading.Event().wait(0.05)
        else:
            return link
    raise AssertionError("the server does not listen")


@pytest.fixture
def link(board, port):
    link = reach(ModbusLink(ModbusTable(host="127.0.0.1", port=port, unit=3, timeout_ms=2_000)))
    yield link
    link.close()


@pytest.fixture
def edges():
    return Edges()


@pytest.fixture
def failed():
    return threading.Event()


@pytest.fixture
def relay(link, edges, failed):
    relay = ModbusRelay(link, 2, 1_000, edges, on_failure=failed.set)
    yield relay
    relay.close()


def test_a_release_is_seen_at_the_coil_and_ends_by_itself(relay, edges):
    relay.release(200)
    on, off = edges.next(), edges.next()
    assert (on[0], off[0]) == (True, False)
    assert 150 <= (off[1] - on[1]) / 1e6 < 1_000


def test_a_release_is_clamped(relay, edges):
    relay.release(60_000)
    on, off = edges.next(), edges.next()
    assert (off[1] - on[1]) / 1e6 < 3_000


def test_lock_ends_a_release(relay, edges):
    relay.release(1_000)
    assert edges.next()[0]
    relay.lock()
    assert not edges.next()[0]


def test_two_relays_share_one_board(link, edges):
    other = Edges()
    first, second = ModbusRelay(link, 0, 1_000, edges), ModbusRelay(link, 1, 1_000, other)
    first.release(200)
    second.release(200)
    assert [edges.next()[0], edges.next()[0], other.next()[0], other.next()[0]] == [True, False, True, False]
    first.close()
    second.close()


def test_closing_locks(link, edges):
    relay = ModbusRelay(link, 2, 1_000, edges)
    relay.release(1_000)
    assert edges.next()[0]
    relay.close()
    assert not edges.next()[0]


def test_a_board_that_is_lost_while_released_ends_the_process_in_bounded_time(relay, board, edges, failed):
    relay.release(1_000)
    assert edges.next()[0]
    board.stop()
    assert failed.wait(WAIT_S)
    board.start()


def test_a_board_that_comes_back_in_time_is_locked(relay, board, edges, failed):
    relay.release(300)
    assert edges.next()[0]
    board.stop()
    board.start()
    assert not edges.next()[0]
    assert not failed.is_set()


def test_a_board_that_is_not_there_is_said(port, edges):
    link = ModbusLink(ModbusTable(host="127.0.0.1", port=port, unit=3))
    with pytest.raises(PinError, match="cannot be reached"):
        ModbusRelay(link, 0, 1_000, edges)


def test_a_coil_that_the_board_has_not_is_said(link, edges):
    with pytest.raises(PinError, match="does not have coil 200"):
        ModbusRelay(link, 200, 1_000, edges)


class Odd:
    """A link to a board that sends what no driver has thought of."""

    def __init__(self):
        self.put_to, self.odd = [], False

    def put(self, coil, *, on):
        self.put_to.append((coil, on))
        if self.odd and on:
            raise IndexError("an answer without bits")


def test_whatever_a_board_sends_the_door_is_locked_and_the_process_ends(edges, failed):
    odd = Odd()
    relay = ModbusRelay(odd, 0, 1_000, edges, on_failure=failed.set)
    odd.odd = True
    relay.release(500)
    assert failed.wait(WAIT_S)
    assert odd.put_to[-1] == (0, False)


def test_it_works_on_a_serial_line(edges):
    (host, host_end), (device, device_end) = pty.openpty(), pty.openpty()
    for end in (host, host_end, device, device_end):
        tty.setraw(end)
    ended = threading.Event()
    cables = [threading.Thread(target=_cable, args=ends, daemon=True) for ends in ((host, device), (device, host))]
    for cable in cables:
        cable.start()
    board = Board(os.ttyname(device_end))
    link = reach(ModbusLink(ModbusTable(device=os.ttyname(host_end), unit=3, timeout_ms=1_000)), coil=4)
    relay = ModbusRelay(link, 4, 1_000, edges)
    relay.release(200)
    assert [edges.next()[0], edges.next()[0]] == [True, False]
    relay.close()
    link.close()
    board.stop()
    ended.set()
    for end in (host, host_end, device, device_end):
        os.close(end)


def _cable(source, sink):
    """Carry bytes from one end to the other until either is closed."""
    try:
        while data := os.read(source, 256):
            os.write(sink, data)
    except OSError:
        return
