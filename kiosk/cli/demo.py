"""`kiosk demo`: the whole kiosk on this machine, and a morning of visitors."""

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from kiosk.adapters.clock import SystemClock
from kiosk.api.sentences import languages
from kiosk.cli.output import APPLIANCE, DONE, NEGATIVE, CommandError, exists, print_json
from kiosk.demo.books import compare
from kiosk.demo.script import Visitor, make_issuers, morning
from kiosk.demo.staff import give_pins
from kiosk.demo.summary import sum_up
from kiosk.demo.supervisor import ChildError, Supervisor, WindowClosedError, last_words
from kiosk.demo.timeline import Timeline
from kiosk.demo.world import Choices, World, make_world, write_scene
from kiosk.testing.broker import BrokerError, Mosquitto

READY_S = 20.0
LEAD_S = 2.5
"""From the start of vision to the scene's zero: it has to open its camera first."""
SETTLE_S = 8.0
QUIET_S = 6.0
PICTURE_S = 2.5
"""How long a picture of a folder is shown, and the pause after it."""
ONCE_MAX_S = 45.0
_SIZES = {"800x480": 5.19, "1280x800": 5.9, "720x1280": 8.2}


_LONGEST = 80
"""Bytes of a folder's path: a socket's whole path has at most 107 (sun_path in unix(7))."""
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class _Stop(Exception):  # noqa: N818 - not an error: Ctrl-C, SIGTERM, or the terminal has been closed
    """The person wants the demonstration to end."""


def _default_out() -> Path:
    """Return `out/demo` in the checkout, or in the working directory where the kiosk is installed otherwise."""
    checkout = Path(__file__).parents[2]
    return (checkout if (checkout / "setup.cfg").exists() else Path.cwd()) / "out" / "demo"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--camera", default="synthetic", metavar="SOURCE",
        help="synthetic (default), webcam, a video or a picture folder",
    )  # fmt: skip
    parser.add_argument("--once", action="store_true", help="end after one round; 0 only if all went right")
    parser.add_argument(
        "--screen", choices=tuple(_SIZES), default="800x480", metavar="SIZE",
        help=f"{', '.join(_SIZES)} (default: the first)",
    )  # fmt: skip
    parser.add_argument("--language", choices=languages(), default="vi", help="the screen's first language (vi)")
    parser.add_argument("--port", type=int, metavar="PORT", help="the broker's port on loopback (default: a free one)")
    parser.add_argument(
        "--out", type=Path, default=_default_out(), metavar="FOLDER",
        help="pictures of the screens, without display (out/demo)",
    )  # fmt: skip
    parser.add_argument("--keep", type=Path, metavar="DIR", help="play in DIR and leave it: `kiosk explain` reads it")
    parser.add_argument("--json", action="store_true", help="end with one JSON object; the rest on stderr")


def _camera(source: str) -> str:
    if source in ("synthetic", "webcam"):
        return source
    path = Path(source).resolve()
    if not exists(path):
        raise CommandError(f"{source}: there is no such video or folder; or say synthetic or webcam")
    return str(path)


def _choices(options: argparse.Namespace, pictures: Path | None) -> Choices:
    width, height = map(int, options.screen.split("x"))
    return Choices(
        _camera(options.camera), width, height, _SIZES[options.screen], options.language, pictures,
    )  # fmt: skip


def _shown_s(camera: str) -> float:
    """Return how long a folder of pictures takes to be shown; 0 for what has no length known beforehand."""
    path = Path(camera)
    return PICTURE_S * sum(1 for _ in path.iterdir()) if path.is_dir() else 0.0


def _has_display() -> bool:
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


class _Demo:
    """One demonstration, from its folder to its summary."""

    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        self.options, self.folder = options, folder
        self.pictures: Path | None = None
        if not _has_display():
            self.pictures = options.out.resolve() / "screens"
            shutil.rmtree(self.pictures, ignore_errors=True)
            self.pictures.mkdir(parents=True, exist_ok=True)
        self.scripted = options.camera == "synthetic"
        self.timeline = Timeline(self.say)

    def say(self, line: str) -> None:
        """Print a line for people; with --json they are on standard error."""
        print(line, file=sys.stderr if self.options.json else sys.stdout, flush=True)

    def _note(self, note: str) -> None:
        self.say(f"        {note}")

    def play(self) -> int:
        """Start everything, play, stop everything; return the exit status."""
        now = SystemClock().now()
        issuers = make_issuers(now)
        with Mosquitto(self.folder / "broker", port=self.options.port) as broker:
            world = make_world(self.folder, issuers, _choices(self.options, self.pictures), broker.port)
            world.journal.parent.mkdir(exist_ok=True)
            supervisor = Supervisor(world, self.timeline.take, self._note, broker, windowed=self.pictures is None)
            try:
                self._start(supervisor, broker, world)
                visitors = morning(issuers, now) if self.scripted else ()
                self._rounds(supervisor, world, visitors)
            except (_Stop, WindowClosedError):
                self.say("\nStopping…")
            finally:
                _ignore_signals()  # a second Ctrl-C must not leave half of them behind
                stubborn = supervisor.stop()
        if stubborn:
            self.say(f"had to be killed: {', '.join(stubborn)}")
        return self._sum_up(world)

    def _start(self, supervisor: Supervisor, broker: Mosquitto, world: World) -> None:
        began = time.monotonic()
        self.say("Starting: gate, vision, screen, bridge; a broker and a small centre on loopback")
        pins = give_pins(world.journal.parent)
        supervisor.start_centre(broker.port)
        supervisor.start_kiosk(("gate", "ui", "bridge"))
        line = self.timeline
        if not supervisor.run_until(lambda: bool(line.page) and line.health.get("bridge") == "up", READY_S):
            raise ChildError("the screen or the line to the centre did not come up")
        self.say(f"Ready after {time.monotonic() - began:.1f} s. " + (
            f"Pictures of the screens go to {self.pictures}" if self.pictures else "The screen is the new window"
        ))  # fmt: skip
        self.say(pins)

    def _rounds(self, supervisor: Supervisor, world: World, visitors: tuple[Visitor, ...]) -> None:
        self.timeline.visitors = visitors
        self.timeline.start_ns = time.monotonic_ns() + round(LEAD_S * 1e9) if visitors else 0
        last = visitors[-1] if visitors else None
        length = last.at_s + last.length_s if last else 0.0
        if visitors:
            repeat_s = None if self.options.once else length + 4.0
            write_scene(world.scene, visitors, self.timeline.start_ns, repeat_s)
            self.timeline.repeat_s = repeat_s or 0.0
        supervisor.start_kiosk(("vision",))
        if not self.options.once:
            self.say("Ctrl-C ends the demonstration\n")
            supervisor.run_until(lambda: False, float("inf"))
        elif visitors:
            end_ns = self.timeline.start_ns + round(length * 1e9)
            supervisor.run_until(lambda: time.monotonic_ns() > end_ns, ONCE_MAX_S)
        else:
            self._until_quiet(supervisor)
        supervisor.run_until(self._settled, SETTLE_S)

    def _until_quiet(self, supervisor: Supervisor) -> None:
        """Without a script: go on until nothing new has been read for a while."""
        visits, since = 0, time.monotonic() + LEAD_S + _shown_s(self.options.camera)

        def quiet() -> bool:
            nonlocal visits, since
            if len(self.timeline.visits) != visits:
                visits, since = len(self.timeline.visits), max(since, time.monotonic())
            return time.monotonic() - since > QUIET_S

        supervisor.run_until(quiet, ONCE_MAX_S - SETTLE_S)

    def _settled(self) -> bool:
        return all(visit.done for visit in self.timeline.visits.values())

    def _camera_problem(self, world: World) -> str:
        if self.timeline.health.get("vision") in (None, "ok", "starting", "gone"):
            return ""
        return f"the camera is {self.timeline.health['vision']}; {last_words(world.logs / 'vision.log')}"

    def _sum_up(self, world: World) -> int:
        """Say how each visit ended; the exit status is 0 only if all ended as they should."""
        books = compare(world.journal, world.centre_database)
        summary = sum_up(
            self.timeline, books, Choices().pulse_ms, self._camera_problem(world), whole_script=self.options.once
        )
        self.say("")
        for line in summary.lines():
            self.say(line)
        if self.pictures and self.pictures.is_dir():
            self.say(f"{len(list(self.pictures.glob('*.png')))} pictures of the screens are in {self.pictures}")
        if self.options.keep:
            self.say(f"Why the last visitor was let in or refused: kiosk explain last --config {world.config}")
        else:
            self.say("With --keep DIR the records stay, and `kiosk explain` says why each was let in or refused")
        if self.options.json:
            print_json(summary.as_json())
        if summary.camera_problem:
            return APPLIANCE
        return DONE if summary.all_right else NEGATIVE


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """Yield the folder of one demonstration: one that vanishes with it, or a new one that stays."""
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="kiosk-") as passing:
            yield Path(passing)
        return
    folder = keep.resolve()
    if len(os.fsencode(folder)) > _LONGEST:
        raise CommandError(f"--keep: a path of more than {_LONGEST} bytes leaves no room for the names of sockets")
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError as error:
        raise CommandError(f"{keep}: is there already; name a folder that is not") from error
    yield folder


def _on_signal(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signature of a handler
    raise _Stop


def _ignore_signals() -> None:
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)


def run(options: argparse.Namespace) -> int:
    """Play the demonstration."""
    _camera(options.camera)
    if options.port is not None and not 1024 <= options.port <= 65_535:
        raise CommandError("--port is a number from 1024 to 65535")
    handlers = {number: signal.signal(number, _on_signal) for number in _ENDING}
    try:
        with _folder(options.keep) as folder:
            return _Demo(options, folder).play()
    except _Stop:
        return NEGATIVE
    except (BrokerError, ChildError) as error:
        raise CommandError(str(error), APPLIANCE) from error
    except OSError as error:
        what = (error.strerror or "error").lower()
        raise CommandError(f"{error.filename or options.out}: {what}", APPLIANCE) from error
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
