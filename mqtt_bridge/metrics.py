"""Figures for Prometheus: its text format, written here, and a port on loopback that serves it.

The names follow Prometheus' rules: base units, `_total` for what only grows, one label for what has several values.
What is not known is left out, so that nobody takes a guess for a measurement.
"""

import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from pydantic import ValidationError

from kiosk.api.messages import Telemetry
from kiosk.api.telemetry import DOOR, EVENT, HEALTH, LINK, DoorNow, Happened, Health, Link, Range
from kiosk.domain.door_io import DoorState, Mode

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
TYPES = 100
"""Kinds of events that are counted apart; a newer gate process knows more than this one, and a broken one any."""
READ_S = 1.0
"""How long a client may take to ask."""
_MIB = 1 << 20


class Figures:
    """Listens to telemetry and tells the newest of it. May be used from several threads."""

    def __init__(self, version: str) -> None:
        self._version = version
        self._lock = threading.Lock()
        self._health: Health | None = None
        self._door: DoorNow | None = None
        self._link: Link | None = None
        self._events: Counter[str] = Counter()

    def heard(self, message: Telemetry) -> None:
        """Take what is told; what is laid out otherwise is passed over."""
        try:
            with self._lock:
                match message.name:
                    case name if name == HEALTH:
                        self._health = Health.model_validate(message.data)
                    case name if name == DOOR:
                        self._door = DoorNow.model_validate(message.data)
                    case name if name == LINK:
                        self._link = Link.model_validate(message.data)
                        if not self._link.gate:
                            self._health = self._door = None  # of a gate process that is gone
                    case name if name == EVENT:
                        self._count(Happened.model_validate(message.data))
                    case _:
                        pass
        except ValidationError:
            pass

    def _count(self, happened: Happened) -> None:
        if happened.type in self._events or len(self._events) < TYPES:
            self._events[happened.type] += 1

    def text(self) -> str:
        """Return all that is known, in Prometheus' text format."""
        with self._lock:
            health, door, link, events = self._health, self._door, self._link, dict(self._events)
        lines = [*_metric("build_info", "gauge", "What runs.", [({"version": self._version}, 1)])]
        lines += _of_door(door, health)
        lines += _of_health(health)
        lines += _of_link(link)
        counted = [({"type": kind}, count) for kind, count in sorted(events.items())]
        lines += _metric("events_total", "counter", "Events recorded while the bridge has listened.", counted)
        return "\n".join(lines) + "\n"


_Samples = Iterable[tuple[dict[str, str], float | None]]


def _metric(name: str, kind: str, about: str, samples: _Samples) -> Iterator[str]:
    known = [(labels, value) for labels, value in samples if value is not None]
    if known:
        yield f"# HELP kiosk_{name} {about}"
        yield f"# TYPE kiosk_{name} {kind}"
    for labels, value in known:
        said = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
        yield f"kiosk_{name}{{{said}}} {value:.10g}" if said else f"kiosk_{name} {value:.10g}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _gauge(name: str, about: str, value: float | None) -> Iterator[str]:
    return _metric(name, "gauge", about, [({}, value)])


def _states(name: str, about: str, label: str, all_of_them: Iterable[str], now: Iterable[str]) -> Iterator[str]:
    """Return a metric of 1 and 0 for each value of a closed list."""
    shown = set(now)
    return _metric(name, "gauge", about, [({label: one}, float(one in shown)) for one in all_of_them])


def _ranged(name: str, about: str, figure: Range | None) -> Iterator[str]:
    """Return a figure that varied: its mean, and its extremes by a label."""
    values = {} if figure is None else {"min": figure.min, "mean": figure.mean, "max": figure.max}
    return _metric(name, "gauge", about, [({"statistic": key}, value) for key, value in values.items()])


def _of_door(door: DoorNow | None, health: Health | None) -> Iterator[str]:
    mode = door.mode if door is not None else health.mode if health is not None else None
    if mode is not None:
        yield from _states("door_mode", "How the door is run.", "mode", Mode, [mode])
    if door is not None:
        yield from _states("door_state", "How the door stands.", "state", DoorState, [door.state])
        yield from _gauge("people_inside", "People inside, as counted here.", door.inside)
        yield from _gauge("visits_today", "People who came in since midnight.", door.visits_today)


def _of_health(health: Health | None) -> Iterator[str]:
    if health is None:
        return
    camera, machine, trust = health.camera, health.machine, health.trust
    yield from _metric("fault", "gauge", "Faults that stand.", [({"fault": one}, 1) for one in health.faults])
    yield from _metric("alarm", "gauge", "Alarms that stand.", [({"alarm": one}, 1) for one in health.alarms])
    yield from _states("clock", "How far the clock can be believed.", "confidence", _CLOCKS, [health.clock])
    yield from _states("camera", "What the camera does.", "state", _CAMERAS, [camera.state])
    yield from _ranged("camera_frames_per_second", "Frames captured a second.", camera.fps)
    yield from _ranged("camera_searched_frames_per_second", "Frames searched for codes a second.", camera.decoded_fps)
    yield from _ranged("camera_search_seconds", "Median time of one search.", _scaled(camera.decode_ms, 1e-3))
    yield from _ranged("camera_light_luma", "Mean luma of the picture, 0 to 255.", camera.light)
    yield from _ranged("temperature_celsius", "The hottest part of the machine.", machine.temperature_c)
    slower = [({"why": one}, 1) for one in machine.throttled]
    yield from _metric("throttled", "gauge", "Why the machine is slower than it can be.", slower)
    yield from _gauge("disk_used_ratio", "Of the journal's file system.", _times(machine.disk_used_percent, 0.01))
    yield from _gauge("memory_available_bytes", "What new work may take.", _times(machine.memory_available_mb, _MIB))
    yield from _gauge("machine_uptime_seconds", "Since the machine's start.", machine.uptime_s)
    yield from _gauge("gate_uptime_seconds", "Since the gate process started.", health.uptime_s)
    yield from _gauge("gate_resident_memory_bytes", "Of the gate process.", _times(machine.memory_process_mb, _MIB))
    yield from _gauge("events_last", "Number of the newest event.", health.events.last)
    yield from _gauge("trust_age_seconds", "Age of the trust list's oldest part.", trust.age_s)
    yield from _gauge("trust_stale", "1: it makes nobody valid any more.", float(trust.stale))
    yield from _gauge("trust_keys", "Keys in the trust list.", trust.keys)


_CLOCKS = ("synced", "drifting", "unset")
_CAMERAS = ("ok", "starting", "lost", "dark", "frozen")


def _of_link(link: Link | None) -> Iterator[str]:
    if link is None:
        return
    yield from _gauge("link_up", "1: there is a session with the centre's broker.", float(link.link == "up"))
    yield from _gauge("gate_up", "1: the gate process is there.", float(link.gate))
    yield from _metric("link_reconnects_total", "counter", "Connections after the first.", [({}, link.reconnects)])
    yield from _metric("events_refused_total", "counter", "PUBACKs that said no.", [({}, link.refused)])
    yield from _gauge("events_dead", "Events that can never be sent.", link.dead_letters)
    yield from _gauge("events_in_flight", "Events that wait for a PUBACK.", link.in_flight)
    yield from _gauge("events_waiting", "Events that the centre has not confirmed.", link.waiting)
    yield from _gauge("confirmed_age_seconds", "Since the centre last confirmed.", link.confirmed_age_s)
    yield from _gauge("bridge_uptime_seconds", "Since the bridge started.", link.uptime_s)
    yield from _gauge("bridge_resident_memory_bytes", "Of the bridge.", _times(link.memory_process_mb, _MIB))


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


def _scaled(figure: Range | None, factor: float) -> Range | None:
    if figure is None:
        return None
    return Range(min=figure.min * factor, mean=figure.mean * factor, max=figure.max * factor)


class _Handler(BaseHTTPRequestHandler):
    timeout = READ_S
    server_version, sys_version = "kiosk", ""
    figures: Figures

    def do_GET(self) -> None:
        """Answer `/metrics` with the figures and anything else with 404."""
        if self.path != "/metrics":
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        body = self.figures.text().encode()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", CONTENT_TYPE)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class calls it so
        """Log nothing: a scrape every 15 s is no news, and a path is somebody's text."""


class MetricsPort:
    """Serves the figures to programs of this machine, one at a time, in a thread. Raises OSError where it cannot."""

    def __init__(self, port: int, figures: Figures) -> None:
        self._figures = figures
        handler = type("Handler", (_Handler,), {"figures": figures})
        self._server = HTTPServer(("127.0.0.1", port), handler)
        self.address = ("127.0.0.1", self._server.server_port)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.2,), name="metrics", daemon=True)

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def heard(self, message: Telemetry) -> None:
        """Take what is told."""
        self._figures.heard(message)

    def close(self) -> None:
        """Close the port."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join(READ_S)
        self._server.server_close()
