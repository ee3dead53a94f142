"""The screen as it runs: its own process, a gate process played by the test over real sockets."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from kiosk.api.framing import LineBuffer
from kiosk.api.messages import Hello, Intent, Page, PreviewOffer, Snapshot, UiHealth, Welcome, decode, encode
from kiosk.api.preview import PreviewWriter
from kiosk.settings_overlay import START_ANEW, digest_of
from ui.stage import choose_platform

ROOT = Path(__file__).parents[3]
SETTINGS = """
[kiosk]
id = "door-1"
[paths]
run = "{run}"
state = "state"
policy = "policy.toml"
trust = "trust"
[gate]
board = "board.toml"
pins = "mock"
[camera]
source = "synthetic"
[screen]
language = "en"
pictures = "pictures"
"""


class Gate:
    """The gate process's end of ui.sock."""

    def __init__(self, run):
        self.run = run
        self.open()

    def open(self):
        (self.run / "ui.sock").unlink(missing_ok=True)
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(str(self.run / "ui.sock"))
        self.server.listen()
        self.server.settimeout(10)

    def accept(self):
        self.peer, _ = self.server.accept()
        self.peer.settimeout(10)
        self.lines, self.heard = LineBuffer(), []
        hello = self.next()
        assert isinstance(hello, Hello)
        return hello

    def next(self):
        while not self.heard:
            self.heard += map(decode, self.lines.feed(self.peer.recv(65536)))
        return self.heard.pop(0)

    def until(self, wanted):
        while not wanted(message := self.next()):
            pass
        return message

    def say(self, page, **fields):
        at = time.monotonic_ns()
        self.peer.sendall(encode(Snapshot(page=page, camera="ok", since_ns=at, **fields)))
        return at

    def shown(self, page):
        return self.until(lambda message: isinstance(message, UiHealth) and message.page == page)

    def close(self):
        self.peer.close()
        self.server.close()


@pytest.fixture
def gate(tmp_path):
    gate = Gate(tmp_path)
    yield gate
    gate.server.close()
    with contextlib.suppress(AttributeError):
        gate.peer.close()


@pytest.fixture
def screen(tmp_path, gate):
    settings = tmp_path / "kiosk.toml"
    settings.write_text(SETTINGS.format(run=tmp_path))
    process = subprocess.Popen(
        [sys.executable, "-m", "ui", "--config", settings], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    gate.accept()
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


def stop(process, number=signal.SIGTERM):
    process.send_signal(number)
    _, errors = process.communicate(timeout=5)
    assert (process.returncode, errors) == (0, "")


def wait_for(condition, seconds=5):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


def names(folder):
    return sorted(path.name for path in folder.glob("*.png"))


def test_a_visit_is_shown_reported_and_pictured(gate, screen, tmp_path):
    gate.say(Page.IDLE)
    shown = gate.shown("idle")
    assert (shown.first_frame_ms > 0, shown.sound, shown.voice) == (True, "off", "off")  # by the settings
    for page in (Page.QR_READ, Page.REFUSED, Page.IDLE):
        reasons = ("expired",) if page is Page.REFUSED else ()
        at = gate.say(page, reasons=reasons, until_ns=time.monotonic_ns() + 8 * 10**9)
        assert at < gate.shown(page).shown_ns < at + 10**9
        time.sleep(0.1)
    stop(screen)
    pictures = tmp_path / "pictures"
    assert names(pictures) == ["01-idle-en.png", "02-qr_read-en.png", "03-refused-expired-en.png"]
    assert QImage(str(pictures / "03-refused-expired-en.png")).pixelColor(2, 2).name() == "#8f1d14"


def test_it_looks_as_the_settings_say_and_names_what_it_cannot_use(gate, tmp_path):
    settings, logo = tmp_path / "kiosk.toml", tmp_path / "logo.png"
    logo.write_text("no picture")
    look = 'theme = "night"\nrotation = 180\nvenue = "Mine"\nlogo = "logo.png"\n'
    settings.write_text(SETTINGS.format(run=tmp_path) + look)
    command = [sys.executable, "-m", "ui", "--config", settings]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        gate.accept()
        gate.say(Page.REFUSED, reasons=("expired",), until_ns=time.monotonic_ns() + 8 * 10**9)
        gate.shown(Page.REFUSED)
        wait_for(lambda: names(tmp_path / "pictures"))
    finally:
        process.terminate()
        _, errors = process.communicate(timeout=5)
    assert errors == f"kiosk-ui: the logo {logo} is neither a PNG nor an SVG\n"
    (picture,) = (tmp_path / "pictures").glob("*.png")
    assert QImage(str(picture)).pixelColor(2, 2).name() == "#71140d"


def test_with_other_settings_than_the_gate_it_asks_to_be_started_anew(gate, screen, tmp_path):
    gate.peer.sendall(encode(Welcome(kiosk="door-1", epoch="e", settings="")))
    gate.say(Page.IDLE)
    gate.shown(Page.IDLE)
    settings = b'[screen]\nlanguage = "vi"\n'
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "settings.toml").write_bytes(settings)
    gate.peer.sendall(encode(Welcome(kiosk="door-1", epoch="e", settings=digest_of(settings))))
    assert screen.wait(10) == START_ANEW


def test_a_long_check_is_said_without_the_gate_asking(gate, screen):
    at = gate.say(Page.QR_READ)
    assert gate.shown("checking").shown_ns >= at + 300_000_000
    stop(screen, signal.SIGINT)


def test_without_a_gate_the_page_says_so_and_comes_back_with_it(gate, screen, tmp_path):
    gate.say(Page.IDLE)
    gate.shown("idle")
    gate.close()
    pictures = tmp_path / "pictures"
    wait_for(lambda: any("out_of_order-gate_unreachable" in name for name in names(pictures)), 3)
    gate.open()
    gate.accept()
    gate.say(Page.IDLE)
    gate.shown("idle")
    stop(screen)


def test_the_preview_is_taken_over_and_its_descriptor_closed(gate, screen, tmp_path):
    gate.say(Page.IDLE)
    gate.shown("idle")
    writer = PreviewWriter(64, 48)

    def descriptors():
        return len(list(Path(f"/proc/{screen.pid}/fd").iterdir()))

    before = descriptors()
    for _ in range(5):
        socket.send_fds(gate.peer, [encode(PreviewOffer(width=64, height=48))], [writer.fd])
        writer.write(bytes(64 * 48), time.monotonic_ns())
    wait_for(lambda: "kiosk-preview" in Path(f"/proc/{screen.pid}/maps").read_text())
    wait_for(lambda: descriptors() <= before + 1)  # the map holds one of its own
    writer.close()
    stop(screen)


def test_intents_of_a_running_screen_reach_the_gate(gate, qtbot, stage, tmp_path):
    from ui.gatelink import GateLink

    ears, mouth = socket.socketpair()
    link = GateLink(tmp_path, mouth)
    assert not link.send(Intent(intent="help"))
    link.start()
    try:
        gate.accept()
        wait_for(lambda: link.heard().gone_ns is None)
        assert link.send(Intent(intent="help"))
        assert gate.next() == Intent(intent="help")
    finally:
        link.stop()
        ears.close()
        mouth.close()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [("[kiosk", "not valid TOML"), ('[kiosk]\nid = "x"\nidd = 1', "unknown key"), (None, "cannot be read")],
)
def test_wrong_settings_are_one_sentence_and_status_2(tmp_path, capsys, content, complaint):
    from ui.process import main

    path = tmp_path / "kiosk.toml"
    if content is not None:
        path.write_text(content)
    assert main(["--config", str(path)]) == 2
    errors = capsys.readouterr().err
    assert errors.startswith("kiosk-ui: ")
    assert len(errors.splitlines()) == 1
    assert content is not None or complaint in errors


@pytest.mark.parametrize(("display", "draws_itself"), [("", True), (":7", False)])
def test_a_display_without_a_name_is_none(monkeypatch, display, draws_itself):
    for name in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY"):
        monkeypatch.setenv(name, "")  # so that it is put back whatever happens
        monkeypatch.delenv(name)
    monkeypatch.setenv("DISPLAY", display)
    choose_platform()
    assert ("QT_QPA_PLATFORM" in os.environ) is draws_itself
