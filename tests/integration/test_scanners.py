"""Imagers in the gate process: real pseudo-terminals, plugged in and out, and keyboards through a pipe."""

import asyncio
import logging
import subprocess
import sys
import time

import pytest

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.scanners.assembly import Discard
from kiosk.adapters.scanners.devices import ScannerLostError
from kiosk.adapters.scanners.scanner import RETRY_S, STALE_NS, Scanner
from kiosk.config import ScannerSection
from kiosk.demo.script import make_issuers, visitor_pass
from kiosk.demo.world import Choices, make_world
from kiosk.domain.presence import CAPACITY, REARM_NS
from kiosk.testing.scanners import PipedKeyboard, RecordingTaker, SerialImager, reading, typed, until

WAIT_S = 10
SOON_S = 0.02
"""A lost device is looked for more often here than once a second."""
SECRET = "HC1:NGUYEN-THI-ANH"


class Desk:
    """One serial imager, its scanner, and whoever takes its scans."""

    def __init__(self, folder, name="desk", *, retry_s=SOON_S, stale_ns=STALE_NS, **settings):
        self.imager = SerialImager(folder / name)
        self.settings = ScannerSection(name=name, kind="serial", device=str(self.imager.path), **settings)
        self.taker = RecordingTaker()
        self.scanner = Scanner(self.settings, self.taker, SystemClock(), retry_s=retry_s, stale_ns=stale_ns)

    def reading(self):
        return reading(self.scanner)

    async def plugged(self):
        """Plug in, and wait until the kiosk has it."""
        ready = len(self.taker.states) + 1
        self.imager.plug()
        await until(lambda: len(self.taker.states) >= ready and self.taker.states[-1][1] == "ok")

    async def send(self, data):
        await asyncio.to_thread(self.imager.send, data)

    async def got(self, count):
        await until(lambda: len(self.taker.scans) >= count)
        return self.codes()

    def codes(self):
        return [scan.data for scan in self.taker.scans]


@pytest.fixture
def desk(tmp_path):
    desk = Desk(tmp_path)
    yield desk
    desk.imager.unplug()


def test_a_code_becomes_a_scan_with_its_reader_and_its_moment(desk):
    async def play():
        async with desk.reading():
            await desk.plugged()
            before = time.monotonic_ns()
            await desk.send("Nguyễn Thị Ánh\r\n".encode())
            await desk.got(1)
            return before

    before = asyncio.run(play())
    (scan,) = desk.taker.scans
    assert scan.data == "Nguyễn Thị Ánh".encode()
    assert (scan.reader, scan.symbology) == ("desk", "unknown")
    assert before <= scan.frame_ns <= scan.read_ns <= time.monotonic_ns()


def test_what_an_imager_had_kept_until_it_was_opened_is_of_no_known_moment(desk):
    async def play():
        async with desk.reading():
            desk.imager.plug()
            for _ in range(5):
                await desk.send(b"kept\r")
                await asyncio.sleep(0.02)
            assert desk.taker.states == []
            await until(lambda: desk.taker.states)
            await desk.send(b"new\r")
            return await desk.got(1)

    assert asyncio.run(play()) == [b"new"]


def test_binary_passes_as_it_is_in_whatever_pieces(desk):
    every = bytes(byte for byte in range(256) if byte not in b"\r\n") * 3

    async def play():
        async with desk.reading():
            await desk.plugged()
            for n in range(0, len(every), 50):
                await desk.send(every[n : n + 50])
                await asyncio.sleep(0.005)
            await desk.send(b"\r")
            return await desk.got(1)

    assert asyncio.run(play()) == [every]


def test_a_megabyte_without_an_end_is_dropped_and_the_next_code_is_read(desk, caplog):
    async def play():
        async with desk.reading():
            await desk.plugged()
            await desk.send(SECRET.encode() * (1_000_000 // len(SECRET)) + b"\rafter\r")
            return await desk.got(1)

    assert asyncio.run(play()) == [b"after"]
    assert desk.scanner.discarded == {Discard.TOO_LONG: 1}
    assert "1 codes dropped" in caplog.text
    assert SECRET not in caplog.text


def test_without_a_suffix_silence_ends_a_code_with_its_line_feeds(tmp_path):
    desk = Desk(tmp_path, suffix="none", gap_ms=40)

    async def play():
        async with desk.reading():
            await desk.plugged()
            await desk.send(b"\x00\r\n\xff")
            await desk.got(1)
            await desk.send(b"next")
            return await desk.got(2)

    assert asyncio.run(play()) == [b"\x00\r\n\xff", b"next"]
    desk.imager.unplug()


def test_with_aim_identifiers_only_qr_codes_are_taken(tmp_path):
    desk = Desk(tmp_path, prefix="aim")

    async def play():
        async with desk.reading():
            await desk.plugged()
            await desk.send(b"]F012345\rno identifier\r]Q1\r]Q1one\r]Q2\\000026two\r")
            return await desk.got(2)

    assert asyncio.run(play()) == [b"one", b"two"]
    assert {scan.symbology for scan in desk.taker.scans} == {"qr"}
    assert desk.scanner.discarded == {Discard.OTHER_SYMBOLOGY: 3}
    desk.imager.unplug()


def test_a_sampling_desk_takes_the_labels_of_tubes_and_says_what_they_are(tmp_path):
    desk = Desk(tmp_path, prefix="aim", symbologies=("qr", "code128"))

    async def play():
        async with desk.reading():
            await desk.plugged()
            await desk.send(b"]E04006381333931\r]C0NCOV-2108-000123\r]Q1one\r")
            return await desk.got(2)

    assert asyncio.run(play()) == [b"NCOV-2108-000123", b"one"]
    assert [scan.symbology for scan in desk.taker.scans] == ["code128", "qr"]
    assert desk.scanner.discarded == {Discard.OTHER_SYMBOLOGY: 1}
    desk.imager.unplug()


def test_unplugged_and_plugged_in_again_each_change_is_said_once(desk, caplog):
    caplog.set_level(logging.INFO)

    async def play():
        async with desk.reading():
            await until(lambda: desk.taker.states)
            await asyncio.sleep(0.2)  # many looks for it, and nothing new to say
            await desk.plugged()
            await desk.send(b"one\rhalf a co")
            await desk.got(1)
            desk.imager.unplug()
            await until(lambda: desk.taker.states[-1] == ("desk", "lost"))
            await asyncio.sleep(0.2)
            await desk.plugged()
            await desk.send(b"de\r")
            return await desk.got(2)

    assert asyncio.run(play()) == [b"one", b"de"]
    assert desk.taker.states == [("desk", state) for state in ("lost", "ok", "lost", "ok")]
    assert [record.levelname for record in caplog.records if "scanner desk:" in record.message] == [
        "WARNING", "INFO", "WARNING", "INFO",
    ]  # fmt: skip


def test_a_lost_device_is_looked_for_again_within_two_seconds(tmp_path):
    desk = Desk(tmp_path, retry_s=RETRY_S)

    async def play():
        async with desk.reading():
            await desk.plugged()
            desk.imager.unplug()
            await until(lambda: desk.taker.states[-1] == ("desk", "lost"))
            began = time.monotonic()
            await desk.plugged()
            return time.monotonic() - began

    assert asyncio.run(play()) < 2
    desk.imager.unplug()


def test_a_code_scanned_again_at_once_is_one_scan_and_later_it_is_new(desk):
    async def play():
        async with desk.reading():
            await desk.plugged()
            for _ in range(5):
                await desk.send(b"held\r")
                await asyncio.sleep(0.02)
            await desk.send(b"other\r")
            await desk.got(2)
            await asyncio.sleep(REARM_NS / 1e9 + 0.1)
            await desk.send(b"held\r")
            return await desk.got(3)

    assert asyncio.run(play()) == [b"held", b"other", b"held"]
    assert len({scan.scan for scan in desk.taker.scans}) == 3


def test_a_flood_of_codes_is_held_back(desk):
    async def play():
        async with desk.reading():
            await desk.plugged()
            await desk.send(b"".join(b"%d\r" % n for n in range(20_000)))
            await desk.send(b"last\r")
            await asyncio.sleep(0.3)

    asyncio.run(play())
    assert 0 < len(desk.codes()) <= CAPACITY


def test_while_the_gate_has_no_room_nothing_is_read_and_what_waited_too_long_is_dropped(tmp_path):
    desk = Desk(tmp_path, stale_ns=200_000_000)

    async def play():
        async with desk.reading():
            await desk.plugged()
            desk.taker.room.clear()
            await desk.send(b"one\r")
            await asyncio.sleep(0.1)
            await desk.send(b"of another moment\r")
            await asyncio.sleep(0.3)
            assert desk.codes() == []
            desk.taker.room.set()
            await desk.got(1)
            await asyncio.sleep(0.05)
            await desk.send(b"new\r")
            return await desk.got(2)

    assert STALE_NS < 3_000_000_000, "longer than a scan may be old in the shell"
    assert asyncio.run(play()) == [b"one", b"new"]
    desk.imager.unplug()


def test_a_scan_that_the_gate_refuses_as_old_may_come_again_at_once(desk):
    async def play():
        async with desk.reading():
            await desk.plugged()
            desk.taker.refuses = True
            await desk.send(b"pass\r")
            await until(lambda: desk.scanner.discarded[Discard.STALE])
            desk.taker.refuses = False
            await desk.send(b"pass\r")
            return await desk.got(1)

    assert asyncio.run(play()) == [b"pass"]


def test_two_scanners_are_told_apart_and_one_works_without_the_other(tmp_path):
    desk, ramp = Desk(tmp_path), Desk(tmp_path, "ramp")

    async def play():
        async with reading(desk.scanner, ramp.scanner):
            await desk.plugged()
            await ramp.plugged()
            await desk.send(b"same\r")
            await ramp.send(b"same\r")
            await desk.got(1)
            await ramp.got(1)
            desk.imager.unplug()
            await until(lambda: desk.taker.states[-1] == ("desk", "lost"))
            await ramp.send(b"more\r")
            await ramp.got(2)

    asyncio.run(play())
    assert [scan.reader for scan in desk.taker.scans + ramp.taker.scans] == ["desk", "ramp", "ramp"]
    assert ramp.taker.states[-1] == ("ramp", "ok")
    assert ("ramp", "lost") not in ramp.taker.states[1:]
    ramp.imager.unplug()


def test_a_keyboard_types_scans_and_comes_back_after_it_was_unplugged():
    plugged = [PipedKeyboard(), PipedKeyboard()]
    first, second = plugged
    settings = ScannerSection(name="desk", kind="keyboard", device="/dev/input/by-id/none-event-kbd", prefix="aim")
    taker = RecordingTaker()

    def opener(scanner):
        if not plugged:
            raise ScannerLostError("there is none", "plug it in")
        return plugged.pop(0)

    scanner = Scanner(settings, taker, SystemClock(), opener, retry_s=SOON_S)

    async def play():
        async with reading(scanner):
            events = typed("]Q1HC1:6BF+70790T9WJWG.FKY*4\n", time.monotonic_ns())
            for n in range(0, len(events), 100):
                first.give(events[n : n + 100])
                await asyncio.sleep(0.001)
            await until(lambda: len(taker.scans) == 1)
            first.unplug()
            await until(lambda: len(taker.states) == 3)
            second.give(typed("]Q1next\n", time.monotonic_ns()))
            await until(lambda: len(taker.scans) == 2)

    asyncio.run(play())
    assert [scan.data for scan in taker.scans] == [b"HC1:6BF+70790T9WJWG.FKY*4", b"next"]
    assert taker.states == [("desk", "ok"), ("desk", "lost"), ("desk", "ok")]
    second.unplug()


# the whole gate process


def test_the_gate_process_opens_for_a_scanner_while_no_vision_process_is_there(tmp_path):
    now = SystemClock().now()
    issuers = make_issuers(now)
    world = make_world(tmp_path / "d", issuers, Choices(pulse_ms=100), mqtt_port=1)
    imager = SerialImager(tmp_path / "imager")
    table = f'\n[[scanner]]\nname = "desk"\nkind = "serial"\ndevice = "{imager.path}"\n'
    world.config.write_text(world.config.read_text() + table)
    imager.plug()
    with (world.logs / "gate.log").open("wb") as log:
        command = [sys.executable, "-m", "kiosk", "run", "--config", str(world.config)]
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait(lambda: b"scanner desk: ready" in (world.logs / "gate.log").read_bytes())
        imager.send(b"x" * 5000 + b"\rnothing that opens\r")
        imager.send(visitor_pass(issuers.front_desk, "v", now).encode() + b"\r")
        wait(lambda: world.pin_log.exists() and world.pin_log.read_text().count("\n") >= 2)
    finally:
        process.terminate()
        process.wait(WAIT_S)
        imager.unplug()
    assert [line.split()[:2] for line in world.pin_log.read_text().splitlines()] == [["17", "1"], ["17", "0"]]
    assert b"GK1:" not in (world.logs / "gate.log").read_bytes()


def wait(condition):
    end = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)
