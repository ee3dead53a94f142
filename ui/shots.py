"""Pictures of every page, drawn without a gate process: for reviews, documents and tests."""

import os
import time
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QLinearGradient, QPainter

from kiosk.api.messages import Page, Snapshot
from kiosk.api.preview import PreviewWriter
from kiosk.api.sentences import languages
from kiosk.domain.door_io import Alarm
from kiosk.domain.situation import Direction
from ui.choices import Choices
from ui.forms.poses import POSED as FORMS_POSED
from ui.forms.poses import pose_form
from ui.icons import paint
from ui.manager.shots import NOW_NS as MANAGER_NOW_NS
from ui.manager.shots import POSED
from ui.manager.words import FOLDER, manager_words
from ui.poses import GLASSES, STYLES, Glass, Pose, Shot, Style
from ui.previewitem import SOURCE
from ui.stage import Stage
from ui.viewmodel import Offer, Screen, look

NOW_NS = 1_000_000_000_000
CLOCK = "08:30"


PAGES: dict[str, Snapshot | None] = {
    "idle": Snapshot(page=Page.IDLE, camera="ok", link="up"),
    "idle-venue": Snapshot(page=Page.IDLE, camera="ok", link="down"),
    "idle-preview": Snapshot(page=Page.IDLE, camera="ok", link="down"),
    **{
        f"idle-{hint}": Snapshot(page=Page.IDLE, camera="ok", link="up", hint=hint, part=1, parts=3)
        for hint in ("closer", "farther", "light", "still", "tilt", "flat", "next_part")
    },
    "idle-next": Snapshot(page=Page.IDLE, camera="ok", queue="next", present=True, since_ns=NOW_NS - 2_000_000_000),
    "idle-full": Snapshot(page=Page.IDLE, camera="ok", queue="full", present=True),
    "align": Snapshot(page=Page.ALIGN, camera="ok", since_ns=NOW_NS),
    "align-closer": Snapshot(page=Page.ALIGN, camera="ok", hint="closer", since_ns=NOW_NS),
    "idle-scanner": Snapshot(page=Page.IDLE, camera="dark", link="up"),
    "qr_read": Snapshot(page=Page.QR_READ, camera="ok", since_ns=NOW_NS),
    "checking": Snapshot(page=Page.QR_READ, camera="ok", since_ns=NOW_NS - 1_000_000_000),
    "admitted": Snapshot(page=Page.ADMITTED, camera="ok"),
    "admitted-people": Snapshot(page=Page.ADMITTED, camera="ok", people=2),
    "admitted-more-time": Snapshot(page=Page.ADMITTED, camera="ok", more_time="offered"),
    "admitted-longer": Snapshot(page=Page.ADMITTED, camera="ok", more_time="given"),
    "refused": Snapshot(
        page=Page.REFUSED,
        reasons=("expired",),
        next_step="renew",
        since_ns=NOW_NS - 2_000_000_000,
        until_ns=NOW_NS + 6_000_000_000,
        camera="ok",
    ),
    "refused-more": Snapshot(
        page=Page.REFUSED,
        reasons=("not_enough_alone",),
        next_step="show_pass_too",
        more=True,
        since_ns=NOW_NS - 2_000_000_000,
        until_ns=NOW_NS + 6_000_000_000,
        camera="ok",
    ),
    "refused-card": Snapshot(
        page=Page.REFUSED,
        reasons=("identity_needed",),
        next_step="show_card_too",
        more=True,
        since_ns=NOW_NS - 2_000_000_000,
        until_ns=NOW_NS + 6_000_000_000,
        camera="ok",
    ),
    "refused-mismatch": Snapshot(
        page=Page.REFUSED,
        reasons=("identity_mismatch",),
        next_step="show_one_persons",
        since_ns=NOW_NS - 2_000_000_000,
        until_ns=NOW_NS + 6_000_000_000,
        camera="ok",
    ),
    "refused-full": Snapshot(
        page=Page.REFUSED,
        reasons=("capacity_reached",),
        next_step="wait_for_room",
        since_ns=NOW_NS - 2_000_000_000,
        until_ns=NOW_NS + 6_000_000_000,
        camera="ok",
    ),
    "refused-face": Snapshot(
        page=Page.REFUSED,
        reasons=("face_needed",),
        next_step="look_at_camera",
        more=True,
        since_ns=NOW_NS - 2_000_000_000,
        until_ns=NOW_NS + 6_000_000_000,
        camera="ok",
    ),
    "refused-not-passed": Snapshot(
        page=Page.REFUSED,
        reasons=("not_passed",),
        next_step="show_again",
        since_ns=NOW_NS - 2_000_000_000,
        until_ns=NOW_NS + 6_000_000_000,
        camera="ok",
    ),
    "staff": Snapshot(page=Page.STAFF, reasons=("help_requested",), camera="ok", calls=1, since_ns=NOW_NS),
    "staff-again": Snapshot(
        page=Page.STAFF, reasons=("help_requested",), camera="ok", calls=2, since_ns=NOW_NS - 90_000_000_000
    ),
    "staff-nobody": Snapshot(
        page=Page.STAFF, reasons=("help_requested",), camera="ok", calls=5, since_ns=NOW_NS - 400_000_000_000
    ),
    "staff-issuer": Snapshot(page=Page.STAFF, reasons=("deny_listed",), camera="ok", calls=1, since_ns=NOW_NS),
    "out_of_order": Snapshot(page=Page.OUT_OF_ORDER, reasons=("camera_unavailable",), camera="lost"),
    "out_of_order-dark": Snapshot(page=Page.OUT_OF_ORDER, reasons=("camera_dark",), camera="dark"),
    "out_of_order-frozen": Snapshot(page=Page.OUT_OF_ORDER, reasons=("camera_frozen",), camera="frozen"),
    "lockdown": Snapshot(page=Page.LOCKDOWN, camera="ok"),
    "maintenance": Snapshot(page=Page.MAINTENANCE, camera="ok"),
    "free_passage": Snapshot(page=Page.FREE_PASSAGE, camera="ok"),
    "fire": Snapshot(page=Page.FIRE, reasons=("fire_alarm",), camera="ok"),
    **{
        f"idle-{alarm}": Snapshot(page=Page.IDLE, camera="ok", alarm=alarm, alarm_level=1)
        for alarm in (Alarm.DOOR_HELD, Alarm.TAILGATING, Alarm.SENSOR)
    },
    "idle-forced": Snapshot(page=Page.IDLE, camera="ok", alarm=Alarm.DOOR_FORCED, alarm_level=2),
    "admitted-exit": Snapshot(page=Page.ADMITTED, direction=Direction.EXIT, camera="ok", people=2),
    "refused-exit": Snapshot(page=Page.REFUSED, direction=Direction.EXIT, reasons=("expired",), camera="ok"),
    "free_passage-exit": Snapshot(page=Page.FREE_PASSAGE, direction=Direction.EXIT, camera="ok"),
    "fire-exit": Snapshot(page=Page.FIRE, direction=Direction.EXIT, reasons=("fire_alarm",), camera="ok"),
    "idle-confirmed": Snapshot(page=Page.IDLE, camera="ok", alarm=Alarm.DOOR_HELD, alarm_level=2, alarm_seen=True),
    "lockdown-forced": Snapshot(page=Page.LOCKDOWN, camera="ok", alarm=Alarm.DOOR_FORCED, alarm_level=2),
    "free_passage-tamper": Snapshot(page=Page.FREE_PASSAGE, camera="ok", alarm=Alarm.TAMPER, alarm_level=1),
}


VENUE = ("Bệnh viện Bạch Mai – cổng số 2", "#e07b00")
"""The name and colour of a venue that has its own, on the pages that say so."""
LIVE = frozenset({"idle-preview", "align"} | {name for name, page in PAGES.items() if page and page.hint})
"""Pages that are drawn with a camera picture: where a code is held up, the camera sees it."""


def _visitor(name: str) -> Pose:
    return Pose(name, "visitor", lambda stage, choices: pose(stage, name, choices), live=name in LIVE)


def _manager(name: str) -> Pose:
    live = name.startswith("camera_aim") and name != "camera_aim-lost"
    return Pose(f"manager-{name}", "manager", lambda stage, choices: pose_manager(stage, name, choices), live)


def _form(name: str) -> Pose:
    def show(stage: Stage, choices: Choices) -> None:
        pose(stage, "idle", choices)
        pose_form(stage, name, choices)

    return Pose(f"form-{name}", "forms", show)


def _offered(name: str, page: str, offer: Offer, *, choosing: bool = False) -> Pose:
    def show(stage: Stage, choices: Choices) -> None:
        settle(stage, look(PAGES[page], choices, NOW_NS, offer, choosing=choosing))

    return Pose(name, "visitor", show)


_THREE = Offer(("vi", "en", "fr"), voice=True)
_MORE = (
    _offered("idle-aloud", "idle", _THREE),
    _offered("refused-aloud", "refused", Offer(voice=True)),
    _offered("languages", "idle", _THREE, choosing=True),
)
"""Where more is offered than at most doors."""
POSES: dict[str, Pose] = {
    one.name: one
    for one in (*map(_visitor, PAGES), *_MORE, *map(_manager, POSED), *map(_form, ("offers", *FORMS_POSED)))
}
"""Every screen that there are pictures of. A part of the screen adds a list of its own."""


def offscreen() -> None:
    """Draw nowhere but into memory, the same way on every machine. Before the application is made."""
    os.environ.update(QT_QPA_PLATFORM="offscreen", QT_QUICK_BACKEND="software", QT_SCALE_FACTOR="1")


def every(
    glasses: Iterable[Glass] = GLASSES, styles: Iterable[Style] = STYLES, poses: Iterable[Pose] | None = None
) -> Iterator[Shot]:
    """Return all combinations, glass by glass; those of one pose follow each other.

    The manager's pages come in the languages that have words for them: in others they are in English.
    """
    chosen = tuple(POSES.values() if poses is None else poses)
    for glass, one, style, language in product(glasses, chosen, tuple(styles), languages()):
        if one.part != "manager" or (FOLDER / f"{language}.toml").is_file():
            yield Shot(glass, one, language, style)


def telling(glass: Glass) -> Iterator[Shot]:
    """Return what is enough to see every fault on a glass: sizes in every language, colours in one."""
    for shot in every([glass]):
        if shot.language == COLOURED or not (shot.style.high_contrast or shot.style.night):
            yield shot


COLOURED = "vi"
"""Colours do not depend on the language, and Vietnamese letters are the tallest."""


def take(stage: Stage, shots: Iterable[Shot]) -> Iterator[tuple[Shot, QImage]]:
    """Draw each shot; the pixels are the same each time."""
    stage.visitor.set_clock(CLOCK)
    writer = PreviewWriter(640, 480)
    SOURCE.offer(os.dup(writer.fd))
    phone, face = (demonstration_luma(writer.width, writer.height, what) for what in ("phone", "person"))
    glass: Glass | None = None
    for shot in shots:
        if shot.glass is not glass:
            glass = shot.glass
            stage.set_surface(glass.width, glass.height, glass.pixels_per_mm)
            stage.window.show()
        stage.appearance.set_night(shot.style.night)
        if shot.pose.live:
            writer.write(face if shot.pose.name.startswith("align") else phone, time.monotonic_ns())
        shot.pose.show(stage, shot.choices)
        # Nobody returns to the event loop here, where what the page before has left behind would go.
        QGuiApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        yield shot, stage.grab()
        writer.clear()
    writer.close()
    stage.appearance.set_night(False)
    stage.manager.show(None, 0, {})


def save_all(stage: Stage, folder: Path, *, large: bool = False, high_contrast: bool = False) -> list[Path]:
    """Save every page on every glass in every language. Returns the paths; the bytes are the same each time."""
    style = Style("chosen", large, high_contrast)
    saved = []
    for shot, picture in take(stage, every(styles=[style])):
        path = folder / f"{shot.glass}-{shot.pose.name}-{shot.language}.png"
        if not picture.save(str(path)):
            raise OSError(f"{path} cannot be written")
        saved.append(path)
    return saved


def pose(stage: Stage, name: str, choices: Choices) -> None:
    """Show one of PAGES."""
    stage.appearance.set_venue(*(VENUE if name.endswith("-venue") else ("", "")), 0.0)
    settle(stage, look(PAGES[name], choices, NOW_NS))


def settle(stage: Stage, screen: Screen) -> None:
    """Show a screen, with all that it draws of the camera."""
    stage.forms.show(None)
    stage.forms.offer(())
    stage.manager.show(None, 0, {})
    stage.visitor.show(screen)
    QGuiApplication.processEvents()
    stage.camera.drawing.refresh()


def pose_manager(stage: Stage, name: str, choices: Choices) -> None:
    """Show one of the manager's pages."""
    pose(stage, "idle", choices)
    words = manager_words(choices.language)
    stage.manager.show(POSED[name].frame(words, MANAGER_NOW_NS), 1 + list(POSED).index(name), words)
    QGuiApplication.processEvents()
    stage.camera.drawing.refresh()


def demonstration_luma(width: int, height: int, held: str = "phone") -> bytes:
    """Return a camera picture that no camera took: a phone with a drawing of a code, or a person, in a room."""
    image = QImage(width, height, QImage.Format.Format_Grayscale8)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    room = QLinearGradient(0, 0, width, height)
    room.setColorAt(0, QColor(150, 150, 150))
    room.setColorAt(1, QColor(60, 60, 60))
    painter.fillRect(image.rect(), room)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(205, 205, 205))
    painter.drawRect(QRectF(width * 0.06, height * 0.08, width * 0.16, height * 0.5))
    painter.setBrush(QColor(85, 85, 85))
    painter.drawRoundedRect(QRectF(width * 0.42, height * 0.62, width * 0.36, height * 0.6), 60, 60)
    tall = round(height * 0.84)
    wide = round(tall * 0.6)
    painter.translate(width / 2, height / 2)
    painter.rotate(-5)
    painter.drawImage(-wide // 2, -tall // 2, paint(held, "1c1c1c", "f4f4f4", wide, tall))
    painter.end()
    return bytes(image.constBits())
