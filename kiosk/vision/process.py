"""The vision process: frames in, Scans to the gate process. It never decides anything."""

import argparse
import base64
import secrets
import signal
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kiosk.api.faults import describe
from kiosk.api.link import Link, LinkClosedError
from kiosk.api.messages import MAX_CODE, CameraState, Message, PreviewWanted, Role, Scan, VisionHealth, WireError
from kiosk.api.notify import notify
from kiosk.config import ConfigError, KioskConfig, load_config
from kiosk.domain.presence import Presence
from kiosk.vision.capture import NS, Capture
from kiosk.vision.cascade import Cascade
from kiosk.vision.codes import Code, Engine
from kiosk.vision.motion import MotionGate
from kiosk.vision.sources import Frame, SourceStuckError, open_source, source_name
from kiosk.vision.sources.scene import SceneError
from kiosk.vision.viewfinder import Viewfinder

TICK_S = 0.1
"""The longest that the main loop waits for a frame."""
RECONNECT_NS = NS // 5
HEALTH_NS = NS


class GateLink:
    """The line to the gate process, made anew whenever it breaks. Never waits for it."""

    def __init__(self, run_dir: Path) -> None:
        self._run_dir = run_dir
        self._link: Link | None = None
        self._next_try = 0

    def reconnected(self, now_ns: int) -> Link | None:
        """Return a new connection where one has just been made; try at most five times a second."""
        if self._link is not None or now_ns < self._next_try:
            return None
        self._next_try = now_ns + RECONNECT_NS
        try:
            self._link = Link(self._run_dir, Role.VISION)
        except LinkClosedError:
            return None
        return self._link

    def send(self, message: Message) -> bool:
        """Send, and return whether there was anybody to send to."""
        if self._link is None:
            return False
        try:
            self._link.send(message)
        except LinkClosedError:
            self.close()
            return False
        return True

    def received(self) -> list[Message]:
        """Return what has come; never waits."""
        if self._link is None:
            return []
        try:
            return list(self._link.receive(0))
        except (LinkClosedError, WireError):
            self.close()
            return []

    @property
    def up(self) -> bool:
        """Whether there is a connection."""
        return self._link is not None

    def close(self) -> None:
        """Close the connection."""
        if self._link is not None:
            self._link.close()
            self._link = None


class Health:
    """Collects the figures of one second."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._decodes: list[float] = []
        self._light = 0.0
        self._state: CameraState | None = None
        self._sent_ns = 0

    def decoded(self, ms: float, light: float) -> None:
        """Take the time of one decode, and the mean luma of its frame."""
        self._decodes.append(ms)
        self._light = light

    def due(self, state: CameraState, now_ns: int) -> bool:
        """Return whether a report is due: a second has passed, or the state has changed."""
        return state != self._state or now_ns - self._sent_ns >= HEALTH_NS

    def report(self, capture: Capture, moving: bool, now_ns: int) -> VisionHealth:
        """Return the report and begin the next second."""
        state, seconds = capture.state(now_ns), max((now_ns - self._sent_ns) / NS, 1e-3)
        first, decodes, self._decodes = self._state is None, self._decodes, []
        self._state, self._sent_ns = state, now_ns
        return VisionHealth(
            camera=state,
            source=self._source,
            fps=capture.fps(now_ns),
            decoded_fps=0.0 if first else round(len(decodes) / seconds, 1),
            decode_ms=round(statistics.median(decodes), 2) if decodes else 0.0,
            light=round(self._light, 1),
            moving=moving and state == "ok",
        )


class Vision:
    """The main loop: newest frame → codes → scans."""

    def __init__(self, config: KioskConfig, engine: Engine | None = None) -> None:
        camera = config.camera
        self._engine = engine or Cascade()
        self._capture = Capture(camera)
        self._gate = GateLink(config.paths.run)
        self._viewfinder = Viewfinder(camera.width, camera.height)
        self._health = Health(source_name(camera))
        self._motion, self._presence = MotionGate(), Presence()
        self._name, self._scans = secrets.token_hex(4), 0
        self._ending = False
        self._ready = False
        self._told_ns = 0
        self._said = ""

    def stop(self, *_: object) -> None:
        """End the main loop soon (also as a signal handler)."""
        self._ending = True

    def run(self) -> int:
        """Work until `stop`. Returns the exit status: 0, or 1 where the capture thread broke."""
        self._capture.start()
        try:
            while not self._ending and self._capture.works(time.monotonic_ns()):
                self._turn(self._capture.slot.take(TICK_S))
        finally:
            self._viewfinder.close()
            self._capture.stop()
            self._gate.close()
        broken = self._capture.broken
        if broken is not None:
            # Our own sentences may be said; the text of any other error might repeat content.
            why = str(broken) if isinstance(broken, SceneError | SourceStuckError) else describe(broken)
            print(f"kiosk-vision: the camera's reader broke: {why}", file=sys.stderr)
            return 1
        return 0

    def _turn(self, frame: Frame | None) -> None:
        if frame is not None:
            with frame:
                self._look(frame)
        now = time.monotonic_ns()
        self._serve_link(now)
        state = self._capture.state(now)
        if state != "ok":
            self._viewfinder.blind()
        if self._health.due(state, now):
            self._gate.send(self._health.report(self._capture, self._motion.moving, now))
            self._tell_service_manager(now)
            self._tell_log(self._capture.fault)

    def _look(self, frame: Frame) -> None:
        if self._motion.look(frame.luma if frame.small is None else frame.small, frame.at_ns, frame.bracket):
            begin_ns = time.monotonic_ns()
            codes = self._engine.look(frame.luma).codes
            read_ns = time.monotonic_ns()
            if codes:
                self._motion.code_seen(frame.at_ns)
            self._report(codes, frame.at_ns, read_ns)
            self._health.decoded((read_ns - begin_ns) / 1e6, float(np.mean(frame.luma[::16, ::16])))
        self._viewfinder.show(frame.luma, frame.at_ns, self._motion.moved_ns)

    def _report(self, codes: Sequence[Code], frame_ns: int, read_ns: int) -> None:
        fitting = {code.data: code for code in codes if 0 < len(code.data) <= MAX_CODE}
        for data in self._presence.see(fitting, frame_ns):
            self._scans += 1
            scan = Scan(
                scan=f"{self._name}-{self._scans}",
                data=base64.b64encode(data),
                symbology=fitting[data].symbology,
                frame_ns=frame_ns,
                read_ns=read_ns,
            )
            if not self._gate.send(scan):
                self._presence.forget()  # Nobody heard it; it will be said again once somebody listens.

    def _serve_link(self, now_ns: int) -> None:
        link = self._gate.reconnected(now_ns)
        if link is not None:
            self._presence.forget()
            try:
                self._viewfinder.offer(link)
            except LinkClosedError:
                self._gate.close()
        for message in self._gate.received():
            if isinstance(message, PreviewWanted):
                self._viewfinder.want(message.wanted)
        if not self._gate.up:
            self._viewfinder.want(False)

    def _tell_service_manager(self, now_ns: int) -> None:
        # Ready without a camera too: the gate process knows that it is lost, and a restart brings none.
        if not self._ready and self._capture.state(now_ns) != "starting":
            self._ready = True
            notify("READY=1")
        if now_ns - self._told_ns >= HEALTH_NS:
            self._told_ns = now_ns
            notify("WATCHDOG=1")

    def _tell_log(self, fault: str) -> None:
        if fault != self._said:
            self._said = fault
            print(f"kiosk-vision: {fault or 'the camera is back'}", file=sys.stderr, flush=True)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the vision process. Exit status: 0 ended on request, 1 broke, 2 the settings are wrong."""
    parser = argparse.ArgumentParser(prog="kiosk-vision", description="Reads codes in front of the camera.")
    parser.add_argument("--config", type=Path, required=True, help="the settings, kiosk.toml")
    arguments = parser.parse_args(argv)
    try:
        config = load_config(arguments.config)
        if config.camera.source == "synthetic":
            open_source(config.camera)
    except (ConfigError, SceneError) as error:
        print(f"kiosk-vision: {error}", file=sys.stderr)
        return 2
    vision = Vision(config)
    signal.signal(signal.SIGTERM, vision.stop)
    signal.signal(signal.SIGINT, vision.stop)
    return vision.run()
