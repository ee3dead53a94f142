import base64
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Self

import numpy as np
import pytest

from kiosk.api.framing import LineBuffer
from kiosk.api.messages import (
    Hello,
    Message,
    PreviewOffer,
    PreviewWanted,
    Scan,
    VisionHealth,
    Welcome,
    decode,
    encode,
)
from kiosk.api.preview import PreviewReader
from kiosk.config import CameraSection, load_config
from kiosk.settings_overlay import START_ANEW, digest_of
from kiosk.vision.capture import Capture
from kiosk.vision.codes import Code, Look, Luma
from kiosk.vision.process import Vision, main
from kiosk.vision.sight import Sight
from kiosk.vision.sources import Frame

NAME = "001099012345||Nguyễn Thị Ánh|15081990|Nữ".encode()
SETTINGS = """
[kiosk]
id = "door-1"
[paths]
run = "run"
policy = "policy.toml"
trust = "trust.json"
[gate]
board = "board.toml"
pins = "mock"
[camera]
source = "{source}"
scene = "scene.toml"
"""


class GateEnd:
    """The gate process's end of the vision socket: takes connections and remembers what it was told."""

    def __init__(self, folder: Path) -> None:
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / "vision.sock"))
        self._listener.listen()
        self._listener.settimeout(8)
        self.connection: socket.socket | None = None

    def accept(self) -> None:
        self.connection, _ = self._listener.accept()
        self.connection.settimeout(8)
        self._lines, self.fds, self.messages = LineBuffer(), [], []

    def until(self, condition: Callable[[Message], bool]) -> Message:
        """Read on until a message fits."""
        while True:
            data, fds, _, _ = socket.recv_fds(self.connection, 65_536, 4)
            assert data, "the vision process has gone away"
            self.fds += fds
            new = [decode(line) for line in self._lines.feed(data)]
            self.messages += new
            for message in new:
                if condition(message):
                    return message

    def hang_up(self) -> None:
        for fd in self.fds:
            os.close(fd)
        self.connection.close()

    def close(self) -> None:
        if self.connection is not None:
            self.hang_up()
        self._listener.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "run").mkdir()
    (tmp_path / "kiosk.toml").write_text(SETTINGS.format(source="synthetic"))
    payload = base64.b64encode(NAME).decode()
    (tmp_path / "scene.toml").write_text(
        f'[[items]]\npayload_b64 = "{payload}"\nat_s = 0.3\nhold_s = 60\napproach = false\n'
    )
    return tmp_path


@pytest.fixture
def gate(folder: Path) -> Iterator[GateEnd]:
    end = GateEnd(folder / "run")
    yield end
    end.close()


@pytest.fixture
def start(folder: Path) -> Iterator[Callable[..., Vision]]:
    running = []

    def run(**options: object) -> Vision:
        vision = Vision(load_config(folder / "kiosk.toml"), **options)
        thread = threading.Thread(target=vision.run)
        thread.start()
        running.append((vision, thread))
        return vision

    yield run
    for vision, thread in running:
        vision.stop()
        thread.join(5)
        assert not thread.is_alive()


def is_scan(message: Message) -> bool:
    return isinstance(message, Scan)


def test_a_code_that_stays_in_view_is_one_scan_with_its_exact_bytes(gate: GateEnd, start: Callable[..., Vision]):
    start()
    gate.accept()
    scan = gate.until(is_scan)
    seen_ns = time.monotonic_ns()
    assert isinstance(scan, Scan)
    assert (scan.data, scan.symbology) == (NAME, "qr")
    assert scan.frame_ns <= scan.read_ns <= seen_ns
    assert scan.scan.endswith("-1")
    assert len(scan.scan.partition("-")[0]) == 8
    health = gate.until(lambda message: isinstance(message, VisionHealth) and message.fps >= 15)
    assert isinstance(health, VisionHealth)
    assert (health.camera, health.source) == ("ok", "synthetic")
    assert health.decode_ms > 0
    assert health.light > 10
    assert isinstance(gate.messages[0], Hello)
    assert [message for message in gate.messages if is_scan(message)] == [scan]


def test_the_preview_is_offered_and_written_only_while_it_is_wanted(gate: GateEnd, start: Callable[..., Vision]):
    start()
    gate.accept()
    offer = gate.until(lambda message: isinstance(message, PreviewOffer))
    assert (offer.width, offer.height) == (480, 270)
    gate.until(is_scan)
    reader = PreviewReader(gate.fds[0])
    assert reader.read() is None
    gate.connection.sendall(encode(PreviewWanted(wanted=True)))
    assert eventually(lambda: reader.read() is not None)
    gate.connection.sendall(encode(PreviewWanted(wanted=False)))
    assert eventually(lambda: reader.read() is None)
    reader.close()


def eventually(condition: Callable[[], bool], seconds: float = 5) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def test_a_gate_process_that_comes_back_is_told_what_is_in_view(gate: GateEnd, start: Callable[..., Vision]):
    start()
    gate.accept()
    first = gate.until(is_scan)
    gate.hang_up()
    gate.accept()
    second = gate.until(is_scan)
    assert isinstance(first, Scan)
    assert isinstance(second, Scan)
    assert second.data == first.data
    assert second.scan != first.scan
    assert len(gate.fds) == 1


class LongCodes:
    """An engine that finds codes of every length in each frame."""

    def look(self, luma: Luma) -> Look:
        corners = ((0, 0), (9, 0), (9, 9), (0, 9))
        lengths = (0, 4096, 4097, luma.size)
        return Look(tuple(Code(bytes(length), "", "QRCode", corners) for length in lengths))

    def close(self) -> None:
        pass


def test_a_code_that_is_too_long_is_dropped(gate: GateEnd, start: Callable[..., Vision]):
    start(engine=LongCodes())
    gate.accept()
    gate.until(lambda message: isinstance(message, VisionHealth) and message.fps >= 10)
    assert [len(message.data) for message in gate.messages if isinstance(message, Scan)] == [4096]


def test_a_camera_that_is_not_there_is_reported_lost(folder: Path, gate: GateEnd, start: Callable[..., Vision]):
    (folder / "kiosk.toml").write_text(SETTINGS.format(source="/nowhere/clip.mp4"))
    start()
    gate.accept()
    health = gate.until(lambda message: isinstance(message, VisionHealth) and message.camera == "lost")
    assert isinstance(health, VisionHealth)
    assert (health.source, health.moving, health.fps) == ("clip.mp4", False, 0.0)


def test_an_unforeseen_error_of_the_camera_ends_the_process_with_a_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str]
):
    vision = Vision(load_config(folder / "kiosk.toml"))
    (folder / "scene.toml").write_text("changed = true")
    assert vision.run() == 1
    assert "unknown key 'changed'" in capsys.readouterr().err


class Wall:
    """A live camera in front of a wall, which gives other noise each time or the same for ever."""

    live = True

    def __init__(self, luma: float, *, frozen: bool) -> None:
        self._luma, self._frozen = luma, frozen

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def frames(self) -> Iterator[Frame]:
        rng = np.random.default_rng(1)
        first = self._picture(rng)
        while True:
            time.sleep(0.02)
            yield Frame(first if self._frozen else self._picture(rng), time.monotonic_ns())

    def _picture(self, rng: np.random.Generator) -> Luma:
        return np.clip(rng.normal(self._luma, 2, (90, 160)), 0, 255).astype(np.uint8)


@pytest.mark.parametrize(("luma", "frozen", "state"), [(100, True, "frozen"), (3, False, "dark"), (100, False, "ok")])
def test_a_camera_that_shows_nothing_or_the_same_for_ever_is_reported_as_such(
    luma: float, frozen: bool, state: str, gate: GateEnd, start: Callable[..., Vision]
):
    soon = partial(Sight, dark_ns=200_000_000, frozen_ns=200_000_000)
    start(capture=Capture(CameraSection(), lambda _: Wall(luma, frozen=frozen), sight=soon))
    gate.accept()
    gate.until(lambda message: isinstance(message, VisionHealth) and message.camera == state)


class Hangs:
    """A live camera whose library does not come back after the first frame."""

    live = True

    def __init__(self) -> None:
        self.free = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def frames(self) -> Iterator[Frame]:
        yield Frame(np.zeros((720, 1280), np.uint8), time.monotonic_ns())
        self.free.wait(30)


def test_a_camera_whose_library_hangs_ends_the_process_so_that_it_is_started_anew(
    folder: Path, capsys: pytest.CaptureFixture[str]
):
    camera = Hangs()
    capture = Capture(CameraSection(), lambda _: camera, silent_ns=300_000_000)
    vision, begin = Vision(load_config(folder / "kiosk.toml"), capture=capture), time.monotonic()
    assert vision.run() == 1
    assert time.monotonic() - begin < 4
    assert "does not answer" in capsys.readouterr().err
    camera.free.set()


@contextlib.contextmanager
def ended_in_any_case(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """Hand a process on; where the test fails in the middle, kill it instead of waiting for it."""
    with process:
        try:
            yield process
        finally:
            process.kill()


def test_the_process_serves_systemd_and_ends_cleanly_when_asked(folder: Path, gate: GateEnd):
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind(str(folder / "notify"))
    manager.settimeout(8)
    command = [sys.executable, "-m", "kiosk.vision", "--config", str(folder / "kiosk.toml")]
    environment = os.environ | {"NOTIFY_SOCKET": str(folder / "notify")}
    with ended_in_any_case(subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)) as process:
        gate.accept()
        gate.connection.sendall(encode(PreviewWanted(wanted=True)))
        gate.until(is_scan)
        reader = PreviewReader(gate.fds[0])
        assert eventually(lambda: reader.read() is not None)
        told = {manager.recv(64)}
        while told != {b"READY=1", b"WATCHDOG=1"}:
            told.add(manager.recv(64))
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""
    assert reader.read() is None
    assert not np.frombuffer(reader._memory[64:], np.uint8).any()
    reader.close()
    manager.close()


def test_with_other_settings_than_the_gate_it_asks_to_be_started_anew(folder: Path, gate: GateEnd):
    (folder / "state").mkdir()
    file = folder / "kiosk.toml"
    file.write_text(file.read_text().replace('run = "run"', 'run = "run"\nstate = "state"'))
    vision, found = Vision(load_config(file)), []
    thread = threading.Thread(target=lambda: found.append(vision.run()))
    thread.start()
    gate.accept()
    (folder / "state" / "settings.toml").write_bytes(b"[camera]\nfps = 20\n")
    gate.connection.sendall(encode(Welcome(kiosk="door-1", epoch="e", settings=digest_of(b"[camera]\nfps = 20\n"))))
    thread.join(10)
    vision.stop()
    assert found == [START_ANEW]


@pytest.mark.parametrize(
    ("settings", "scene", "says"),
    [
        (None, "", "kiosk.toml: cannot be read"),
        (SETTINGS.format(source="synthetic").replace("source", "sauce"), "", "did you mean 'source'"),
        (SETTINGS.format(source="synthetic"), "[[items]]\ntext = 1", "item 1"),
        (SETTINGS.format(source="synthetic").replace('scene = "scene.toml"', ""), "", "needs a scene"),
    ],
)
def test_wrong_settings_are_one_sentence_and_status_2(
    settings: str | None, scene: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    if settings is not None:
        (tmp_path / "kiosk.toml").write_text(settings)
    (tmp_path / "scene.toml").write_text(scene)
    assert main(["--config", str(tmp_path / "kiosk.toml")]) == 2
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1
