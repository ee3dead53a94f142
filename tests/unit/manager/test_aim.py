"""Aiming the camera: what the gate tells of reading, and that the picture stays while somebody aims."""

import asyncio

import pytest

from kiosk.api.manager.aim import AimRead, HintCount
from kiosk.api.messages import PreviewWanted, VisionHealth
from kiosk.app.aiming import WINDOW_NS
from kiosk.app.manager_aim import AimDesk
from kiosk.domain.staff import Staff, StaffRole
from kiosk.testing.gatehouse import Gatehouse, a_pass

FITTER = Staff(StaffRole.TECHNICIAN, "fitter")


@pytest.fixture
def house():
    return Gatehouse()


def ask(house):
    desk = AimDesk(house.shell.line, house.clock, house.peers)
    return asyncio.run(desk.read(AimRead(), FITTER))


def test_before_vision_has_said_anything_nothing_is_claimed(house):
    shown = ask(house)
    assert (shown.camera, shown.fps, shown.read_fps, shown.codes, shown.hints) == ("starting", 0, 0, 0, ())


def test_the_newest_figures_are_told(house):
    health = VisionHealth(
        camera="ok", source="picamera2", fps=30, decoded_fps=28.5, read_fps=12.0, decode_ms=7.25, light=131.0
    )
    asyncio.run(house.shell.received(house.vision, health, None))
    shown = ask(house)
    assert (shown.camera, shown.source, shown.fps) == ("ok", "picamera2", 30)
    assert (shown.decoded_fps, shown.read_fps, shown.decode_ms, shown.light) == (28.5, 12.0, 7.25, 131.0)


def test_a_camera_that_is_lost_is_said_to_be(house):
    asyncio.run(house.report("ok"))
    house.shell.sight.lost()
    assert ask(house).camera == "lost"


def test_codes_and_hints_of_the_last_ten_seconds_are_counted(house):
    async def somebody_tries():
        await house.show(a_pass())
        for hint in ("closer", "closer", "", "closer", "tilt"):
            await house.hint(hint)

    asyncio.run(somebody_tries())
    shown = ask(house)
    assert (shown.codes, shown.hint) == (1, "tilt")
    assert shown.hints == (HintCount(hint="closer", count=2), HintCount(hint="tilt", count=1))
    house.clock.advance(WINDOW_NS / 1e9 + 1)
    shown = ask(house)
    assert (shown.codes, shown.hints) == (0, ())


def test_vision_is_asked_to_keep_its_picture_on(house):
    ask(house)
    assert house.vision.sent[-1] == PreviewWanted(wanted=True, steady=True)
    assert house.screen.sent[-1] != house.vision.sent[-1]
