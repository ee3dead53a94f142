"""The running screen: what the gate says in, what is drawn and done out. One timer, one socket that wakes it."""

import os
import signal
import socket
import sys
import time
from collections.abc import Mapping
from datetime import datetime
from types import FrameType
from zoneinfo import ZoneInfo

from PySide6.QtCore import QEvent, QObject, QSocketNotifier, QTimer
from PySide6.QtGui import QGuiApplication

from kiosk.api.messages import Intent, Page, Snapshot, UiHealth
from kiosk.api.notify import notify
from kiosk.config import KioskConfig
from kiosk.domain.form import Form, Purpose
from kiosk.settings_overlay import START_ANEW
from kiosk.times_text import read_hours
from ui.choices import Choices, Session
from ui.daytime import DRIFT_MM, drift, is_night
from ui.forms_desk import FormsDesk
from ui.gatelink import GONE_MS, GateLink, Heard
from ui.manager_desk import ManagerDesk
from ui.pictures import Album
from ui.presence import Rest
from ui.previewitem import SOURCE
from ui.sound.desk import SoundDesk, command
from ui.stage import Stage
from ui.viewmodel import Offer, Screen, look, starting

MS = 1_000_000
HEALTH_MS = 5_000
WATCHDOG_MS = 1_000
_CALM_TICK_MS = 250
_BUSY_TICK_MS = 100
_DONE_BY_SOMEBODY = frozenset({
    QEvent.Type.TouchBegin, QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.KeyPress,
})  # fmt: skip


def since_start_ms() -> float:
    """Return the milliseconds since this process was created."""
    with open("/proc/self/stat", encoding="ascii") as file:  # noqa: PTH123, a kernel file, read once
        ticks = int(file.read().rpartition(")")[2].split()[19])
    return (time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")) * 1000


class Shell(QObject):
    """Connects the gate process, the view model and the stage. Lives in the thread of the application."""

    def __init__(
        self, config: KioskConfig, stage: Stage, album: Album | None, forms: Mapping[Purpose, Form] | None = None
    ) -> None:
        super().__init__()
        self._config = config
        self._stage = stage
        self._album = album
        self._session = Session.fresh(Choices(language=config.screen.language))
        self._sound = SoundDesk(config.sound, config.screen.languages, command(config.sound))
        self._rest = Rest(time.monotonic_ns())
        self._screen: Screen = starting(self._session.now, self._offer)
        self._snapshot: Snapshot | None = None
        self._connected = False
        self._starting = True
        self._visit = ""
        self._undrawn: str | None = None
        self._shown: tuple[str, int] | None = None
        self._first_frame_ms = 0.0
        self._health_ns = self._watchdog_ns = 0
        self._began = time.monotonic()

        self._ears, mouth = socket.socketpair()
        self._mouth = mouth
        for end in (self._ears, mouth):
            end.setblocking(False)
        self._link = GateLink(config.paths.run, mouth)
        self._notifier = QSocketNotifier(self._ears.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._woken)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)

        self._zone = ZoneInfo(config.kiosk.time_zone)
        self._forms = FormsDesk(
            stage.forms, forms or {}, config.privacy.authority_key is not None, self._link.send,
            lambda: self._session.now.language, lambda: self._venue_time().date(),
            time.monotonic_ns, stage.window.update,
        )  # fmt: skip
        self._manager = ManagerDesk(stage.manager, self._link.send, lambda: self._session.now.language)

        stage.visitor.asked.connect(self._ask)
        stage.visitor.chosen.connect(self._choose)
        stage.visitor.languages_asked.connect(self._choose_language)
        stage.window.installEventFilter(self)
        stage.window.frameSwapped.connect(self._drawn)
        # A picture of the screen must never hold a picture of a person (DESIGN section 8).
        synthetic = config.camera.source == "synthetic"
        stage.visitor.set_rules(demo=config.screen.demo, preview=album is None or synthetic)
        stage.visitor.set_languages(config.screen.languages)

    def run(self) -> int:
        """Show the screen until a signal says to stop. Returns the exit status."""
        signal.set_wakeup_fd(self._mouth.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        self.begin()
        status = QGuiApplication.exec()
        signal.set_wakeup_fd(-1)
        self.end()
        return status

    def begin(self) -> None:
        """Listen to the gate process and show what it says, while the application handles events."""
        self._link.start()
        self._update()
        self._timer.start(_CALM_TICK_MS)

    def end(self) -> None:
        """Listen no more."""
        self._timer.stop()
        self._sound.close()
        self._notifier.setEnabled(False)
        self._link.stop()
        for end in (self._ears, self._mouth):
            end.close()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        QGuiApplication.exit(0)

    def _woken(self) -> None:
        try:
            while self._ears.recv(64):
                pass
        except BlockingIOError:
            self._update()

    def _tick(self) -> None:
        now = time.monotonic_ns()
        if now - self._watchdog_ns >= WATCHDOG_MS * MS:
            self._watchdog_ns = now
            notify("WATCHDOG=1")
        if self._shown and now - self._health_ns >= HEALTH_MS * MS:
            self._report(now)
        self._update()

    def _update(self) -> None:
        now = time.monotonic_ns()
        heard = self._link.heard()
        settings = self._link.take_settings()
        if settings is not None and self._config.is_outdated(settings):
            QGuiApplication.exit(START_ANEW)
        fd = self._link.take_preview()
        if fd is not None:
            SOURCE.offer(fd)
        if heard.gone_ns is not None:
            SOURCE.close()
        screen = self._look(heard, now)
        if self._manager.shown or self._forms.busy:
            self._session = self._session.busy()
        before, self._session = self._session, self._session.settle(screen.page, now)
        if self._session.now != screen.choices or self._session.choosing is not before.choosing:
            screen = self._look(heard, now)
        self._show(screen, fresh=heard.gone_ns is None and not self._connected and self._snapshot is not None)
        if self._snapshot is not None or heard.gone_ns is not None:
            self._connected = heard.gone_ns is None
        self._forms.update(self._link.take_forms(), screen.page)
        self._manager.update(self._link.take_answers(), gate_there=self._snapshot is not None)
        busy = screen.countdown > 0 or screen.page is Page.QR_READ
        self._timer.setInterval(_BUSY_TICK_MS if busy else _CALM_TICK_MS)

    def _look(self, heard: Heard, now: int) -> Screen:
        gone = heard.gone_ns is not None and now - heard.gone_ns >= GONE_MS * MS
        self._snapshot = None if gone else heard.snapshot
        self._starting = self._snapshot is None and not gone
        if self._starting:
            return starting(self._session.now, self._offer)
        choosing = self._session.choosing is not None
        return look(self._snapshot, self._session.now, now, self._offer, choosing=choosing)

    @property
    def _offer(self) -> Offer:
        return Offer(self._config.screen.languages, self._sound.can_speak)

    def _show(self, screen: Screen, *, fresh: bool) -> None:
        self._screen = screen
        visit = self._snapshot.visit if self._snapshot else ""
        fresh = fresh or visit != self._visit
        self._visit = visit
        known = self._snapshot is None or self._snapshot.clock != "unset"
        local = self._venue_time()
        self._stage.visitor.set_clock(local.strftime("%H:%M") if known else "")
        minute = local.hour * 60 + local.minute if known else None
        self._light(screen, minute)
        changed = self._stage.visitor.show(screen)
        self._sound.follow(
            screen, fresh=fresh, now_ns=time.monotonic_ns(), minute=minute, form=self._forms.view
        )  # fmt: skip
        if changed or fresh:
            self._undrawn = str(screen.page)
            self._stage.window.update()

    def _venue_time(self) -> datetime:
        return datetime.fromtimestamp(time.time(), self._zone)

    def _light(self, screen: Screen, minute: int | None) -> None:
        now = time.monotonic_ns()
        present = self._manager.shown or self._forms.busy or (self._snapshot is not None and self._snapshot.present)
        self._rest = self._rest.seen(screen.page, present=present, now_ns=now)
        self._stage.appearance.set_dimmed(self._rest.dimmed(now))
        theme, night = self._config.screen.theme, read_hours(self._config.screen.night)
        self._stage.appearance.set_night(is_night(theme, night, minute))
        step = max(round(self._config.screen.pixels_per_mm * DRIFT_MM), 1)
        self._stage.appearance.set_drift(*drift(time.monotonic() - self._began, step))

    def _drawn(self) -> None:
        now = time.monotonic_ns()
        if not self._first_frame_ms:
            self._first_frame_ms = since_start_ms()
            notify("READY=1")
        if self._undrawn is None:
            return
        page, self._undrawn = self._undrawn, None
        if self._snapshot is not None:
            self._shown = (page, now)
            self._report(now)
        if self._album and not self._starting and self._album.wants(self._screen):
            QTimer.singleShot(0, self._save)

    def _report(self, now: int) -> None:
        if self._shown is None:
            return
        self._health_ns = now
        page, shown_ns = self._shown
        self._link.send(
            UiHealth(
                first_frame_ms=round(self._first_frame_ms, 1), page=page, shown_ns=shown_ns,
                sound=self._sound.state, voice=self._sound.voice,
            )
        )  # fmt: skip

    def _save(self) -> None:
        # Nor what somebody types into a form, or what the manager's screen says of who was here.
        private = self._forms.busy or self._manager.shown
        if self._album is None or private or not self._album.wants(self._screen):
            return
        try:
            self._album.save(self._screen, self._stage.grab())
        except OSError as error:
            print(f"kiosk-ui: {error}; pictures are no longer saved", file=sys.stderr)
            self._album = None

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802, Qt's name
        """Wake the screen by whatever somebody does at it; what they do counts all the same."""
        if event.type() in _DONE_BY_SOMEBODY:
            self._rest = self._rest.touched(time.monotonic_ns())
            self._stage.appearance.set_dimmed(False)
        return False

    def _ask(self, intent: Intent) -> None:
        self._link.send(intent)

    def _choose_language(self) -> None:
        self._session = self._session.open_languages(self._screen.page, time.monotonic_ns())
        self._update()

    def _choose(self, choices: Choices) -> None:
        self._session = self._session.choose(choices, time.monotonic_ns())
        self._update()
