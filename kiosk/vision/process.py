"""The vision process: frames in, Scans to the gate process. It never decides anything."""

import argparse
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kiosk.api.faults import describe
from kiosk.api.link import LinkClosedError
from kiosk.api.messages import Hint, PreviewWanted, Welcome
from kiosk.api.notify import notify
from kiosk.config import ConfigError, KioskConfig, load_config
from kiosk.settings_overlay import START_ANEW
from kiosk.vision.capture import NS, Capture
from kiosk.vision.codes import Engine
from kiosk.vision.engines import EngineMissingError
from kiosk.vision.gatelink import GateLink
from kiosk.vision.health import HEALTH_NS, Health
from kiosk.vision.hints import Advice
from kiosk.vision.motion import MotionGate
from kiosk.vision.reader import Reader, open_reader
from kiosk.vision.sightings import Sightings
from kiosk.vision.sources import Frame, SourceStuckError, open_source, source_name
from kiosk.vision.sources.scene import SceneError
from kiosk.vision.viewfinder import Viewfinder

TICK_S = 0.1
"""The longest that the main loop waits for a frame."""
RENEW_NS = 2 * NS
"""How often a hint is said again while it holds: the gate process drops one that is not."""


class Vision:
    """The main loop: newest frame → codes → scans."""

    def __init__(self, config: KioskConfig, engine: Engine | None = None, capture: Capture | None = None) -> None:
        self._config, camera = config, config.camera
        self._reader = open_reader(config.reading) if engine is None else Reader(engine)
        self._capture = capture or Capture(camera)
        self._gate = GateLink(config.paths.run)
        self._viewfinder = Viewfinder(camera.width, camera.height)
        self._health = Health(source_name(camera))
        self._motion, self._sightings = MotionGate(), Sightings()
        self._advice, self._advised_ns = Advice(), 0
        self._ending = False
        self._status = 0
        self._ready = False
        self._told_ns = 0
        self._said = ""

    def stop(self, *_: object) -> None:
        """End the main loop soon (also as a signal handler)."""
        self._ending = True

    def run(self) -> int:
        """Work until `stop`. Returns the exit status: 0, 1 where the capture thread broke, or START_ANEW."""
        self._capture.start()
        try:
            while not self._ending and self._capture.works(time.monotonic_ns()):
                self._turn(self._capture.slot.take(TICK_S))
        finally:
            self._viewfinder.close()
            self._capture.stop()
            self._reader.close()
            self._gate.close()
        broken = self._capture.broken
        if broken is not None:
            # Our own sentences may be said; the text of any other error might repeat content.
            why = str(broken) if isinstance(broken, SceneError | SourceStuckError) else describe(broken)
            print(f"kiosk-vision: the camera's reader broke: {why}", file=sys.stderr)
            return 1
        return self._status

    def _turn(self, frame: Frame | None) -> None:
        if frame is not None:
            with frame:
                self._look(frame)
        now = time.monotonic_ns()
        self._serve_link(now)
        state = self._capture.state(now)
        if state != "ok":
            self._viewfinder.blind()
        if self._health.due(state, self._motion.moving, now):
            self._gate.send(self._health.report(self._capture, self._motion.moving, now))
            self._tell_service_manager(now)
            self._tell_log(self._capture.fault)

    def _look(self, frame: Frame) -> None:
        if self._motion.look(frame.luma if frame.small is None else frame.small, frame.at_ns, frame.bracket):
            begin_ns = time.monotonic_ns()
            reading = self._reader.read(frame.luma, frame.at_ns)
            read_ns = time.monotonic_ns()
            if reading.seen:
                self._motion.code_seen(frame.at_ns)
            size = (frame.luma.shape[1], frame.luma.shape[0])
            for scan in self._sightings.see(reading.codes, size, frame.at_ns, read_ns):
                if not self._gate.send(scan):
                    self._sightings.forget()  # Nobody heard it; it will be said again once somebody listens.
            self._advise(reading.advice, read_ns)
            light = float(np.mean(frame.luma[::16, ::16]))
            self._health.decoded((read_ns - begin_ns) / 1e6, light, read=reading.seen)
        self._viewfinder.show(frame.luma, frame.at_ns, self._motion.moved_ns)

    def _advise(self, advice: Advice, now_ns: int) -> None:
        due = bool(advice.hint) and now_ns - self._advised_ns >= RENEW_NS
        if advice != self._advice or due:
            self._advice, self._advised_ns = advice, now_ns
            self._gate.send(Hint(hint=advice.hint, part=advice.part, parts=advice.parts))

    def _serve_link(self, now_ns: int) -> None:
        link = self._gate.reconnected(now_ns)
        if link is not None:
            self._sightings.forget()
            try:
                self._viewfinder.offer(link)
            except LinkClosedError:
                self._gate.close()
        for message in self._gate.received():
            if isinstance(message, PreviewWanted):
                self._viewfinder.want(message.wanted, steady_ns=now_ns if message.steady else 0)
            elif isinstance(message, Welcome) and self._config.is_outdated(message.settings):
                self._status, self._ending = START_ANEW, True
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
    """Run the vision process. Exit status: 0 ended on request, 1 broke, 2 the settings are wrong, 75 start anew."""
    parser = argparse.ArgumentParser(prog="kiosk-vision", description="Reads codes in front of the camera.")
    parser.add_argument("--config", type=Path, required=True, help="the settings, kiosk.toml")
    arguments = parser.parse_args(argv)
    try:
        config = load_config(arguments.config)
        if config.camera.source == "synthetic":
            open_source(config.camera)
        vision = Vision(config)
    except (ConfigError, SceneError, EngineMissingError) as error:
        print(f"kiosk-vision: {error}", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, vision.stop)
    signal.signal(signal.SIGINT, vision.stop)
    return vision.run()
