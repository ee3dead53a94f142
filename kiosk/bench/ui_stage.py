"""The screen alone in a process of its own: how long pages take, what the preview costs, whether memory grows.

Started by `kiosk.bench.ui` as `python -m kiosk.bench.ui_stage WHAT ...`; prints one JSON object.

    pages TIMES        milliseconds from a change of page to the frame that shows it, as software draws 1280 × 800
    preview FD SECONDS frames a second of the camera picture that arrives in the memory file FD, and processor time
    visits COUNT       resident memory over so many visits, eight hours of them in virtual time
"""

import gc
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QEventLoop, QTimer
from PySide6.QtGui import QGuiApplication

from kiosk.api.messages import Page, Snapshot
from ui.choices import Choices, Session
from ui.previewitem import SOURCE
from ui.shots import PAGES, offscreen
from ui.stage import Stage
from ui.viewmodel import look

WIDTH, HEIGHT, PIXELS_PER_MM = 1280, 800, 5.9
WARM_VISITS = 200
"""Caches of fonts, icons and drawings have filled by then."""
_MS, _S = 1_000_000, 1_000_000_000
_DAY_S = 8 * 3600
_CHANGES = ("idle", "qr_read", "admitted", "idle-preview", "refused", "staff", "checking", "refused-more", "lockdown")


def resident_kb() -> int:
    """Return the resident memory of this process."""
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123, a kernel file
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


def pages(stage: Stage, times: int) -> dict[str, object]:
    """Change pages and return how long each took to be drawn, in milliseconds."""
    taken: list[float] = []
    done: list[int] = []
    stage.window.frameSwapped.connect(lambda: done.append(time.perf_counter_ns()))
    for number in range(times + len(_CHANGES)):
        screen = look(PAGES[_CHANGES[number % len(_CHANGES)]], Choices("vi"), 10 * _S)
        done.clear()
        began = time.perf_counter_ns()
        stage.visitor.show(screen)
        while not done:
            QGuiApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        if number >= len(_CHANGES):  # the first round loads what later ones have
            taken.append((done[0] - began) / 1e6)
        _settle()
    return {"ms": [round(one, 2) for one in taken]}


def preview(stage: Stage, fd: int, seconds: float) -> dict[str, object]:
    """Show the camera picture for some seconds; return what was drawn a second, and the share of a core it took."""
    SOURCE.offer(fd)
    stage.visitor.show(look(Snapshot(page=Page.IDLE, camera="ok"), Choices("vi"), 1))
    _run(1.0)
    shown = [0]
    stage.window.frameSwapped.connect(lambda: shown.__setitem__(0, shown[0] + 1))
    began, used = time.perf_counter(), time.process_time()
    _run(seconds)
    took = time.perf_counter() - began
    return {
        "frames_s": round(shown[0] / took, 1),
        "cpu_percent": round(100 * (time.process_time() - used) / took, 1),
        "live": stage.camera.live,
    }


def _run(seconds: float) -> None:
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def _settle() -> None:
    """Let what the page before has left behind go."""
    QGuiApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@dataclass(frozen=True, slots=True)
class _Moment:
    snapshot: Snapshot
    at_ns: int
    choose: Choices | None = None


def _visit(number: int, at_ns: int, every_ns: int) -> Iterator[_Moment]:
    """Return what one visitor sees: a code is read, and an answer given; one in five reads on, one in three chooses."""
    visit = f"{number:08x}"
    yield _Moment(Snapshot(page=Page.QR_READ, camera="ok", visit=visit, since_ns=at_ns), at_ns)
    after = at_ns + every_ns // 5
    if number % 5 == 4:
        reasons = (("expired",), ("capacity_reached",), ("identity_needed",))[number % 3]
        chosen = Choices("en" if number % 2 else "vi", large=number % 3 == 0, high_contrast=number % 4 == 0)
        refused = Snapshot(
            page=Page.REFUSED, camera="ok", visit=visit, reasons=reasons, since_ns=after, until_ns=after + 8 * _S
        )
        yield _Moment(refused, after)
        yield _Moment(refused, after + every_ns // 5, chosen)
        if number % 15 == 14:
            yield _Moment(Snapshot(page=Page.STAFF, camera="ok", reasons=("help_requested",)), after + every_ns // 4)
    else:
        yield _Moment(Snapshot(page=Page.ADMITTED, camera="ok", visit=visit, people=1 + number % 2), after)
    hint = ("", "closer", "light")[number % 3]
    yield _Moment(Snapshot(page=Page.IDLE, camera="ok", hint=hint), at_ns + every_ns // 2)


def visits(stage: Stage, count: int) -> dict[str, object]:
    """Let so many visitors come within eight hours of virtual time; return memory before and after them."""
    every_ns = _DAY_S * _S // count
    session = Session.fresh(Choices("vi"))
    at_warm = 0
    for number in range(WARM_VISITS + count):
        for moment in _visit(number, (number + 1) * every_ns, every_ns):
            if moment.choose is not None:
                session = session.choose(moment.choose, moment.at_ns)
            session = session.settle(moment.snapshot.page, moment.at_ns)
            stage.visitor.set_clock(time.strftime("%H:%M", time.gmtime(moment.at_ns // _S)))
            stage.visitor.show(look(moment.snapshot, session.now, moment.at_ns))
            QGuiApplication.processEvents()
            stage.window.grabWindow()
            _settle()
        if number == WARM_VISITS - 1:
            at_warm = _resting_kb()
    return {"visits": count, "before_kb": at_warm, "after_kb": _resting_kb()}


def _resting_kb() -> int:
    gc.collect()
    return resident_kb()


def main(words: list[str]) -> None:
    """Do what is asked, and print it."""
    offscreen()
    stage = Stage(QGuiApplication(["kiosk-ui"]))
    stage.set_surface(WIDTH, HEIGHT, PIXELS_PER_MM)
    stage.window.show()
    match words:
        case ["pages", times]:
            result = pages(stage, int(times))
        case ["preview", fd, seconds]:
            result = preview(stage, int(fd), float(seconds))
        case ["visits", count]:
            result = visits(stage, int(count))
        case _:
            raise SystemExit("ui_stage: pages TIMES, preview FD SECONDS or visits COUNT")
    print(json.dumps({**result, "rss_kb": resident_kb()}))
    stage.close()


if __name__ == "__main__":
    main(sys.argv[1:])
