"""When the gate process is told how the camera does."""

from kiosk.config import CameraSection
from kiosk.vision.capture import NS, Capture
from kiosk.vision.health import HEALTH_NS, Health

START = 10 * NS


class WorkingCamera(Capture):
    """A camera that works, and gives nothing."""

    def state(self, _now_ns):
        return "ok"


CAMERA = WorkingCamera(CameraSection())


def told(*, moving):
    health = Health("webcam")
    health.report(CAMERA, moving, START)
    return health


def test_it_speaks_once_a_second():
    health = told(moving=False)
    assert not health.due("ok", moving=False, now_ns=START + HEALTH_NS - 1)
    assert health.due("ok", moving=False, now_ns=START + HEALTH_NS)


def test_another_state_is_said_at_once():
    assert told(moving=False).due("lost", moving=False, now_ns=START + 1)


def test_whoever_comes_is_said_at_once_and_whoever_stays_or_goes_is_not():
    assert told(moving=False).due("ok", moving=True, now_ns=START + 1)
    there = told(moving=True)
    assert not there.due("ok", moving=True, now_ns=START + 1)
    assert not there.due("ok", moving=False, now_ns=START + 1)


def test_what_moves_before_a_camera_that_shows_nothing_is_nobody():
    health = Health("webcam")
    health.report(Capture(CameraSection()), False, START)
    assert not health.due("starting", moving=True, now_ns=START + 1)
