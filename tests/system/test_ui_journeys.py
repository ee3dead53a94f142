"""A visitor and a manager before the real screen: fingers on the window, the gate and vision as processes behind it."""

import contextlib
import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_QUICK_BACKEND", "software")

from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.pins import PinFile
from kiosk.config import load_config
from kiosk.demo.script import Visitor, make_issuers, visitor_pass
from kiosk.demo.supervisor import Supervisor
from kiosk.demo.timeline import Timeline
from kiosk.demo.world import Choices, make_world, write_scene
from kiosk.domain.staff import Staff, StaffRole
from kiosk.testing.touched_screen import TouchedScreen
from ui.shell import Shell
from ui.stage import Stage

pytestmark = pytest.mark.system

PIN = "739182"


@pytest.fixture(scope="module")
def stage():
    app = QGuiApplication.instance() or QGuiApplication(["kiosk-ui"])
    stage = Stage(app)
    yield stage
    stage.close()


@pytest.fixture
def door(tmp_path, stage):
    """The screen of a kiosk that runs, in English; `come` lets visitors with codes come before its camera."""
    issuers = make_issuers(SystemClock().now())
    world = make_world(tmp_path, issuers, Choices(width=1280, height=800, pixels_per_mm=5.9, language="en"), 1)
    write_scene(world.scene, ())
    (tmp_path / "state").mkdir(mode=0o700, exist_ok=True)
    PinFile(tmp_path / "state").put(Staff(StaffRole.MANAGER, "desk"), PIN)
    config = load_config(world.config)
    stage.set_surface(1280, 800, 5.9)
    stage.window.show()
    shell = Shell(config, stage, None)
    timeline = Timeline(lambda _: None)
    supervisor = Supervisor(world, timeline.take, lambda _: None)
    screen = TouchedScreen(stage, supervisor, QTest.createTouchDevice())
    supervisor.start_kiosk(("gate", "vision"))
    shell.begin()
    try:
        screen.wait(lambda: stage.visitor.page == "idle" and timeline.health.get("vision") == "ok", "ready", 30)

        def come(*visitors):
            timeline.visitors, timeline.start_ns = visitors, time.monotonic_ns() + 2_500_000_000
            write_scene(world.scene, visitors, timeline.start_ns)
            supervisor.children["vision"].process.terminate()

        yield screen, come, issuers, tmp_path
    finally:
        shell.end()
        supervisor.stop()


def visitor(text, outcome, at_s, hold_s=1.5):
    return Visitor("visitor", text, "phone", outcome, at_s=at_s, hold_s=hold_s)


def releases(folder):
    """Count how often the relay was energised."""
    with contextlib.suppress(OSError):
        return [line.split()[1] for line in (folder / "pins.log").read_text().splitlines()].count("1")
    return 0


def test_a_visitor_holds_up_a_code_and_goes_in(door):
    screen, come, issuers, folder = door
    assert "Show your QR code" in screen.words()
    come(visitor(visitor_pass(issuers.front_desk, "guest-1", SystemClock().now()), "admit", 0.2))
    screen.wait(lambda: screen.stage.visitor.page == "admitted", "admitted")
    assert "Please go in" in screen.words()
    assert releases(folder) == 1
    screen.wait(lambda: screen.stage.visitor.page == "idle", "the next may come")


def test_a_visitor_who_is_refused_reads_on_asks_for_help_and_staff_comes(door):
    screen, come, issuers, folder = door
    old = visitor_pass(issuers.front_desk, "guest-2", SystemClock().now() - timedelta(days=400))
    come(visitor(old, "deny", 0.2))
    screen.wait(lambda: screen.stage.visitor.page == "refused", "refused")
    assert {"You cannot go in yet", "This code has expired"} <= set(screen.words())
    left = screen.stage.visitor.countdown
    screen.rest(0.6)
    assert screen.stage.visitor.countdown < left
    left = screen.stage.visitor.countdown
    screen.tap("moreTime")
    screen.wait(lambda: screen.stage.visitor.countdown == 0 or screen.stage.visitor.countdown > left, "more time")
    screen.tap("language")
    screen.wait(lambda: "You cannot go in yet" not in screen.words(), "in another language")
    assert screen.stage.visitor.page == "refused"
    screen.tap("help")
    screen.wait(lambda: screen.stage.visitor.page == "staff", "staff is called")
    screen.tap("staffDone")
    screen.rest(0.3)
    assert screen.stage.visitor.page == "staff", "a tap is not enough"
    screen.hold("staffDone", 2.4)
    screen.wait(lambda: screen.stage.visitor.page != "staff", "staff has come")
    assert releases(folder) == 0


def sign_in(screen, pin=PIN):
    screen.hold("corner", 2.4)
    screen.wait(lambda: screen.stage.manager.page == "sign_in", "the PIN is asked for")
    for digit in pin:
        screen.tap(f"key:{digit}")
    screen.tap("key:enter")


def test_a_manager_signs_in_opens_the_door_and_signs_out(door):
    screen, _, _, folder = door
    screen.tap("corner")
    screen.rest(0.3)
    assert not screen.stage.manager.shown, "nobody gets there by a tap"
    sign_in(screen)
    screen.wait(lambda: screen.stage.manager.page == "menu", "the menu")
    screen.tap("act:dashboard")
    screen.wait(lambda: screen.stage.manager.page == "dashboard", "the dashboard")
    screen.tap("managerBack")
    screen.tap("act:open_door")
    screen.tap("act:other")
    screen.tap("act:open")
    screen.rest(0.3)
    assert releases(folder) == 0, "the door opens only where the control is held"
    screen.hold("act:open", 1.4)
    screen.wait(lambda: releases(folder) == 1, "the relay")
    screen.wait(lambda: screen.find("act:anew"), "it says that the door is open")
    screen.tap("signOut")
    screen.wait(lambda: not screen.stage.manager.shown, "visitors have the screen again")


def test_a_wrong_pin_opens_nothing(door):
    screen, _, _, folder = door
    sign_in(screen, "111111")
    screen.wait(lambda: any("PIN" in words and "not right" in words for words in screen.words()), "it says so")
    assert screen.stage.manager.page == "sign_in"
    assert releases(folder) == 0


def test_when_the_gate_process_is_killed_the_screen_says_so_and_comes_back(door):
    screen, *_ = door
    gate = screen.supervisor.children["gate"].process
    gate.kill()
    gate.wait()
    began = time.monotonic()
    end = began + 5
    while screen.stage.visitor.page != "out_of_order" and time.monotonic() < end:
        QGuiApplication.processEvents()  # and nobody starts it again yet
    assert time.monotonic() - began < 2
    assert any(words.startswith("Use the other door or ask staff") for words in screen.words())
    screen.wait(lambda: screen.stage.visitor.page == "idle", "it is back by itself", 30)


@pytest.mark.skipif(not Path("/usr/bin/Xvfb").exists(), reason="there is no Xvfb here")
@pytest.mark.skipif("KIOSK_JOURNEYS_ON_X" in os.environ, reason="runs these in a real window")
def test_a_manager_finds_the_same_in_a_window_of_a_real_display(tmp_path):
    read, write = os.pipe()
    display = subprocess.Popen(
        ["/usr/bin/Xvfb", "-displayfd", str(write), "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
        pass_fds=(write,), stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        os.close(write)
        number = os.read(read, 16).decode().strip()
        assert number, "Xvfb does not start"
        env = {**os.environ, "DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb", "KIOSK_JOURNEYS_ON_X": "1"}
        words = [sys.executable, "-m", "pytest", "-q", "-k", "signs_in", __file__]
        result = subprocess.run(words, env=env, capture_output=True, text=True, timeout=180, check=False)
        assert result.returncode == 0, result.stdout
    finally:
        display.terminate()
        display.wait()
        os.close(read)
