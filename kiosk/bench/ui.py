"""The screen, measured: from a code in view to what a visitor sees, on the real processes; and the screen alone.

Gate, vision and screen run as at a door, with the synthetic camera; what the screen says it has drawn, and when, is
what counts. How pages, preview and memory behave is measured on the screen alone (`kiosk.bench.ui_stage`).
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kiosk.adapters.clock import SystemClock
from kiosk.api.messages import Trace
from kiosk.api.preview import PreviewWriter
from kiosk.bench.spread import Spread
from kiosk.demo.script import Visitor, make_issuers, visitor_pass
from kiosk.demo.supervisor import ChildError, Supervisor
from kiosk.demo.world import Choices, make_world, write_scene

_READY_S, _LEAD_S, _EVERY_S, _HOLD_S = 30.0, 3.0, 1.4, 0.6
_PROCESSES = ("gate", "vision", "ui")
_FEEDBACK = frozenset({"qr_read", "checking", "admitted", "refused", "staff"})
"""Pages that tell a visitor that the code has been seen."""
_CHILD_S = 3600.0
WIDTH, HEIGHT, PIXELS_PER_MM = 1280, 800, 5.9


@dataclass(frozen=True, slots=True)
class UiFigures:
    """Everything that one run measures."""

    feedback_ms: Spread
    """From the frame with the code to the first picture on the glass that says so."""
    go_in_ms: Spread
    """From the frame with the code to 'Please go in'."""
    missed: int
    first_frame_ms: float
    """From the start of the process."""
    rss_mb: float
    """Of the screen's process after all visits."""
    page_median_ms: float
    page_p99_ms: float
    preview_frames_s: float
    preview_cpu_percent: float
    """Of one core, the reading of the picture included."""
    visits: int
    growth_mb: float
    """Of resident memory over that many visits."""


@dataclass(slots=True)
class _Seen:
    """What the trace tells: when codes were seen, and when pages were on the glass."""

    frames: dict[str, int] = field(default_factory=dict)
    """Visit → nanoseconds of the frame in which its code was."""
    pages: list[tuple[int, str]] = field(default_factory=list)
    """Nanoseconds and name of each page that was drawn."""
    vision: str = ""
    first_frame_ms: float = 0.0

    def take(self, trace: Trace) -> None:
        match trace.step:
            case "seen" if not trace.data.get("passed_over"):
                self.frames.setdefault(trace.visit, int(trace.data["frame_ns"]))
            case "page":
                self.first_frame_ms = float(trace.data["first_frame_ms"])
                self.pages.append((int(trace.data["shown_ns"]), str(trace.data["page"])))
            case "health" if trace.data.get("process") == "vision":
                self.vision = str(trace.data.get("state"))
            case _:
                pass

    def after(self, frame_ns: int, until_ns: int, names: frozenset[str]) -> float | None:
        """Return after how many milliseconds one of these pages was drawn; None: it was not."""
        shown = [at for at, page in self.pages if frame_ns < at < until_ns and page in names]
        return (min(shown) - frame_ns) / 1e6 if shown else None


def measure(folder: Path, *, codes: int, visits: int, progress: Callable[[str], None]) -> UiFigures:
    """Measure once in `folder`. Raises ChildError where a process fails, ValueError where nothing was measured."""
    seen, first_ms, rss_mb = _at_the_door(folder, codes, progress)
    feedback: list[float] = []
    go_in: list[float] = []
    for frame_ns in seen.frames.values():
        until_ns = frame_ns + round(_EVERY_S * 1e9)
        first = seen.after(frame_ns, until_ns, _FEEDBACK)
        admitted = seen.after(frame_ns, until_ns, frozenset({"admitted"}))
        if first is not None and admitted is not None:
            feedback.append(first)
            go_in.append(admitted)
    progress("changing pages")
    taken = sorted(_alone("pages", "600")["ms"])
    progress("showing the camera picture")
    shown = _preview(8.0)
    progress(f"{visits} visits in eight hours of virtual time")
    soak = soak_visits(visits)
    return UiFigures(
        Spread.of(feedback), Spread.of(go_in), codes - len(feedback), first_ms, rss_mb,
        taken[len(taken) // 2], taken[round(0.99 * (len(taken) - 1))],
        shown["frames_s"], shown["cpu_percent"], visits, soak,
    )  # fmt: skip


def soak_visits(visits: int) -> float:
    """Return by how many megabytes the screen's memory grows over so many visits. Raises ChildError."""
    found = _alone("visits", str(visits))
    return round((int(found["after_kb"]) - int(found["before_kb"])) / 1024, 2)


def _at_the_door(folder: Path, codes: int, progress: Callable[[str], None]) -> tuple[_Seen, float, float]:
    """Let codes come before the real processes; return what was seen, the start, and the screen's memory."""
    now = SystemClock().now()
    issuers = make_issuers(now)
    shape = Choices(width=WIDTH, height=HEIGHT, pixels_per_mm=PIXELS_PER_MM, pulse_ms=100)
    world = make_world(folder, issuers, shape, 1)
    write_scene(world.scene, ())
    seen = _Seen()
    supervisor = Supervisor(world, seen.take, lambda _: None)
    try:
        progress("starting gate, vision and screen")
        supervisor.start_kiosk(_PROCESSES)
        if not supervisor.run_until(lambda: seen.vision == "ok" and bool(seen.pages), _READY_S):
            raise ChildError("the kiosk did not become ready")
        first_ms = seen.first_frame_ms
        progress(f"{codes} codes come into view")
        scene = tuple(
            Visitor("bench", visitor_pass(issuers.front_desk, f"bench-{number}", now), "phone", "admit",
                    at_s=number * _EVERY_S + (number * 7 % 11) / 110, hold_s=_HOLD_S, approach=False)
            for number in range(codes)
        )  # fmt: skip
        start_ns = time.monotonic_ns() + round(_LEAD_S * 1e9)
        write_scene(world.scene, scene, start_ns)
        vision = supervisor.children["vision"].process
        if vision is not None:
            vision.terminate()  # it reads its scene when it opens the camera
        end_ns = start_ns + round((codes * _EVERY_S + 1) * 1e9)
        supervisor.run_until(lambda: time.monotonic_ns() > end_ns, _LEAD_S + codes * _EVERY_S + 5)
        return seen, first_ms, round(supervisor.children["ui"].rss_mb(), 1)
    finally:
        supervisor.stop()


def _preview(seconds: float) -> dict[str, float]:
    """Write a camera picture thirty times a second, as vision does, and return what the screen makes of it."""
    writer = PreviewWriter(640, 480)
    os.set_inheritable(writer.fd, True)
    picture = bytearray(writer.width * writer.height)
    child = subprocess.Popen(
        _command("preview", str(writer.fd), str(seconds)), stdout=subprocess.PIPE, pass_fds=(writer.fd,)
    )
    try:
        while child.poll() is None:
            picture[: writer.width] = os.urandom(writer.width)  # another picture each time
            writer.write(bytes(picture), time.monotonic_ns())
            time.sleep(1 / 30)
        found = _answer(child.communicate()[0], child.returncode)
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()
        writer.close()
    if not found["live"]:
        raise ChildError("the screen did not show the camera picture")
    return {"frames_s": float(found["frames_s"]), "cpu_percent": float(found["cpu_percent"])}


def _alone(*words: str) -> dict[str, Any]:
    result = subprocess.run(_command(*words), capture_output=True, timeout=_CHILD_S, check=False)
    return _answer(result.stdout, result.returncode)


def _command(*words: str) -> list[str]:
    return [sys.executable, "-m", "kiosk.bench.ui_stage", *words]


def _answer(said: bytes, status: int) -> dict[str, Any]:
    if status:
        raise ChildError(f"the screen alone ended with status {status}")
    found: dict[str, Any] = json.loads(said)
    return found
