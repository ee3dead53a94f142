"""The whole path, measured on the real processes: from a code in view to the relay, at rest, and at start.

The synthetic camera's own drawing is not counted: frames are stamped when they are handed over, and a code's
moment is when the scene puts it fully in view, at a random phase of the frame clock.
"""

import os
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.journal import Sealer, SqliteJournal
from kiosk.app.judge import judge
from kiosk.bench.spread import Spread
from kiosk.demo.script import Issuers, Visitor, make_issuers, visitor_pass
from kiosk.demo.supervisor import ChildError, Supervisor
from kiosk.demo.timeline import Timeline
from kiosk.demo.world import Choices, World, make_world, write_scene
from kiosk.domain.events import ClockConfidence, EventDraft, EventType
from kiosk.domain.situation import Situation
from kiosk.policy_file import load_policy
from kiosk.testing import health_certificates as health
from kiosk.verify.trust_list import list_of_certificates

PROCESSES = ("gate", "vision", "ui", "bridge")
_READY_S, _LEAD_S, _HOLD_S, _EVERY_S = 30.0, 3.0, 0.3, 0.55


@dataclass(frozen=True, slots=True)
class PathFigures:
    """Everything that one run measures."""

    start_to_ready_s: float
    view_to_relay_ms: Spread
    """From the code fully in view to the relay's edge: waiting for the next frame included."""
    frame_to_relay_ms: Spread
    """From the capture of the frame that was read."""
    record_to_relay_ms: Spread
    """From the admission's durable record."""
    missed: int
    decision_ms: Spread
    decision_with_commit_ms: Spread
    idle_cpu_percent: dict[str, float]
    """Of one core, by process."""
    rss_mb: dict[str, float]


def _texts(issuers: Issuers, now: datetime, count: int) -> list[str]:
    """Return codes in turn: a vaccine passport and a visitor pass, each of its own."""
    texts: list[str] = []
    for number in range(count):
        if number % 2:
            texts.append(visitor_pass(issuers.front_desk, f"bench-{number}", now))
        else:
            # Each of another person: a second certificate of one who was just admitted opens nothing.
            shot = health.vaccination(now - timedelta(days=90), given_name=f"Mẫu {number}")
            texts.append(health.certificate(issuers.ministry, shot, now - timedelta(days=1, seconds=number)))
    return texts


def _scene(texts: Sequence[str], seed: int) -> tuple[Visitor, ...]:
    rng = random.Random(seed)  # noqa: S311 - phases of a bench
    return tuple(
        Visitor("bench", text, "phone" if number % 4 < 2 else "paper", "admit",
                at_s=number * _EVERY_S + rng.uniform(0, 0.1), hold_s=_HOLD_S, approach=False)
        for number, text in enumerate(texts)
    )  # fmt: skip


def _decisions(world: World, issuers: Issuers, now: datetime, rounds: int) -> tuple[Spread, Spread]:
    """Time decisions alone, and with the durable commit that stands before every release."""
    clock = SystemClock()
    signers = (issuers.ministry, issuers.front_desk)
    trust = list_of_certificates([signer.certificate for signer in signers], now)
    policy = load_policy(world.folder / "policy.toml")
    journal = SqliteJournal(
        world.folder / "bench" / "journal.db", kiosk="bench", boot="", clock=clock,
        sealer=Sealer((world.folder / "authority.pub").read_bytes()),
    )  # fmt: skip
    alone: list[float] = []
    committed: list[float] = []
    for number, text in enumerate(_texts(issuers, now, rounds)):
        began = time.perf_counter_ns()
        judged = judge(text.encode(), trust, policy, Situation(now, ClockConfidence.SYNCED))
        alone.append((time.perf_counter_ns() - began) / 1e6)
        journal.append([EventDraft(EventType.VISIT_ADMITTED, f"v{number}", judged.data, judged.personal)])
        committed.append((time.perf_counter_ns() - began) / 1e6)
    journal.close()
    return Spread.of(alone), Spread.of(committed)


def _at_rest(supervisor: Supervisor, seconds: float) -> tuple[dict[str, float], dict[str, float]]:
    children = {name: supervisor.children[name] for name in PROCESSES}
    before = {name: child.cpu_s() for name, child in children.items()}
    began = time.monotonic()
    supervisor.run_until(lambda: time.monotonic() - began >= seconds, seconds + 1)
    took = time.monotonic() - began
    cpu = {name: round(100 * (child.cpu_s() - before[name]) / took, 1) for name, child in children.items()}
    return cpu, {name: round(child.rss_mb(), 1) for name, child in children.items()}


def _latencies(timeline: Timeline) -> tuple[list[float], list[float], list[float]]:
    view: list[float] = []
    frame: list[float] = []
    record: list[float] = []
    for visit in timeline.visits.values():
        if visit.on_ns and visit.visitor is not None:
            view.append((visit.on_ns - timeline.start_ns) / 1e6 - visit.visitor.at_s * 1e3)
            frame.append((visit.on_ns - visit.frame_ns) / 1e6)
            record.append((visit.on_ns - visit.stored_ns) / 1e6)
    return view, frame, record


def measure(
    folder: Path, broker_port: int, *, visits: int = 60, idle_s: float = 8.0, seed: int = 1,
    progress: Callable[[str], None],
) -> PathFigures:  # fmt: skip
    """Run everything once in `folder` and return the figures. Raises ChildError where a process fails."""
    now = SystemClock().now()
    issuers = make_issuers(now)
    choices = Choices(pictures=None if os.environ.get("DISPLAY") else folder / "screens", pulse_ms=100)
    world = make_world(folder, issuers, choices, broker_port)
    write_scene(world.scene, ())
    timeline = Timeline(lambda _: None, early_ns=0)
    supervisor = Supervisor(world, timeline.take, lambda _: None)
    try:
        supervisor.start_centre(broker_port)
        progress("starting the four processes")
        began = time.monotonic()
        supervisor.start_kiosk()
        if not supervisor.run_until(lambda: is_ready(timeline), _READY_S):
            raise ChildError("the kiosk did not become ready")
        ready_s = time.monotonic() - began
        progress(f"at rest for {idle_s:.0f} s")
        supervisor.run_until(lambda: time.monotonic() - began > ready_s + 2, 3)
        cpu, rss = _at_rest(supervisor, idle_s)
        progress(f"{visits} codes come into view")
        _show(supervisor, timeline, _scene(_texts(issuers, now, visits), seed))
        rss = {name: max(rss[name], round(supervisor.children[name].rss_mb(), 1)) for name in PROCESSES}
    finally:
        supervisor.stop()
    progress("decisions alone and with their commit")
    alone, committed = _decisions(world, issuers, now, 200)
    view, frame, record = _latencies(timeline)
    return PathFigures(
        round(ready_s, 2), Spread.of(view), Spread.of(frame), Spread.of(record), visits - len(view), alone, committed,
        cpu, rss,
    )  # fmt: skip


def is_ready(timeline: Timeline) -> bool:
    """Tell whether a visitor could be served: camera, screen and line are up."""
    return timeline.health.get("vision") == "ok" and timeline.health.get("bridge") == "up" and bool(timeline.page)


def _show(supervisor: Supervisor, timeline: Timeline, visitors: tuple[Visitor, ...]) -> None:
    """Let a new scene play: vision is started again, as it reads its scene when it opens the camera."""
    timeline.visitors = visitors
    timeline.start_ns = time.monotonic_ns() + round(_LEAD_S * 1e9)
    write_scene(supervisor.world.scene, visitors, timeline.start_ns)
    vision = supervisor.children["vision"].process
    if vision is not None:
        vision.terminate()
    end_ns = timeline.start_ns + round((visitors[-1].at_s + visitors[-1].hold_s + 1) * 1e9)
    supervisor.run_until(lambda: time.monotonic_ns() > end_ns, _LEAD_S + visitors[-1].at_s + 5)
