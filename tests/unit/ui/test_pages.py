"""Every page as it is drawn: nothing clipped, nothing on top of anything, everything named and legible."""

import itertools

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QAccessible, QColor, QGuiApplication

from kiosk.api.messages import Page, Snapshot
from kiosk.api.sentences import catalogue, languages
from kiosk.domain.door_io import Alarm
from kiosk.domain.reasons import Reason
from ui.choices import RESTING, Choices
from ui.shots import GLASSES, NOW_NS, PAGES, pose
from ui.viewmodel import look

SMALLEST_CAPITALS_MM = 4.8
SMALLEST_TARGET_MM = 12.7
SMALLEST_GAP_MM = 2.54

glasses = pytest.mark.parametrize("glass", GLASSES, ids=lambda glass: f"{glass.width}x{glass.height}")


def place(stage, glass):
    stage.set_surface(glass.width, glass.height, glass.pixels_per_mm)
    QGuiApplication.processEvents()


def visible(item, path=()):
    if not item.isVisible():
        return
    yield item, path
    for child in item.childItems():
        yield from visible(child, (*path, item))


def kind(item):
    return item.metaObject().className().split("_QML")[0]


def box(item):
    return item.mapRectToScene(QRectF(0, 0, item.width(), item.height()))


def is_text(item):
    return item.property("contentWidth") is not None and bool(item.property("text"))


def is_control(item):
    return kind(item) in {"TouchButton", "HoldButton", "Corner"}


def check(stage, glass):
    stage.grab()  # lays out what is still to be laid out
    window = QRectF(0, 0, glass.width, glass.height)
    side = SMALLEST_GAP_MM * glass.pixels_per_mm
    found = list(visible(stage.window.contentItem()))
    texts = [(item, path) for item, path in found if is_text(item)]
    controls = [item for item, _ in found if is_control(item)]
    assert texts
    assert len(controls) >= 4
    for text, _ in texts:
        words = text.property("text")
        assert not text.property("truncated"), words
        assert text.property("contentWidth") <= text.width() + 0.5, words
        assert text.property("contentHeight") <= text.height() + 0.5, words
        assert window.contains(box(text)), words
        capitals = text.property("font").pixelSize() * stage.cap_ratio / glass.pixels_per_mm
        assert capitals >= SMALLEST_CAPITALS_MM, words
    for (one, one_path), (other, other_path) in itertools.combinations(texts, 2):
        assert not box(one).intersects(box(other)), (one.property("text"), other.property("text"))
        assert one not in other_path
        assert other not in one_path
    for control in controls:
        name = control.property("name") or control.property("text")
        assert min(control.width(), control.height()) >= SMALLEST_TARGET_MM * glass.pixels_per_mm, name
        assert window.adjusted(side, 0, -side, 0).contains(box(control)), name
        for text, path in texts:
            if control in path:
                assert box(control).contains(box(text)), name
            else:
                assert not box(control).intersects(box(text)), (name, text.property("text"))
    gap = SMALLEST_GAP_MM * glass.pixels_per_mm
    for one, other in itertools.combinations(controls, 2):
        near = box(one).adjusted(-gap + 0.01, -gap + 0.01, gap - 0.01, gap - 0.01)
        assert not near.intersects(box(other)), (one.objectName(), other.objectName())
    for item, path in found:
        if kind(item) == "Icon" and not any(is_control(parent) for parent in path):
            for text, _ in texts:
                assert not box(item).intersects(box(text)), (item.property("name"), text.property("text"))


@glasses
@pytest.mark.parametrize("large", [False, True], ids=["normal", "large"])
def test_everything_fits_on_every_page(stage, glass, large):
    place(stage, glass)
    for name, language in itertools.product(PAGES, languages()):
        pose(stage, name, Choices(language, large=large))
        check(stage, glass)


@glasses
@pytest.mark.parametrize("language", languages())
def test_every_reason_fits(stage, glass, language):
    place(stage, glass)
    for reason, large in itertools.product(Reason, (False, True)):
        snapshot = Snapshot(page=Page.REFUSED, reasons=(reason,), since_ns=1, until_ns=2 * NOW_NS)
        stage.visitor.show(look(snapshot, Choices(language, large=large), NOW_NS))
        check(stage, glass)


@glasses
@pytest.mark.parametrize("language", languages())
def test_every_alarm_fits_over_every_page_that_it_stands_on(stage, glass, language):
    place(stage, glass)
    said = [alarm for alarm in Alarm if f"alarm.{alarm}" in catalogue(language)]
    for page, alarm, level, large in itertools.product(RESTING, said, (1, 2), (False, True)):
        snapshot = Snapshot(page=page, alarm=alarm, alarm_level=level, camera="ok", reasons=("camera_unavailable",))
        stage.visitor.show(look(snapshot, Choices(language, large=large), NOW_NS))
        check(stage, glass)


@glasses
def test_the_status_line_fits_beside_the_clock_in_a_demonstration(stage, glass):
    place(stage, glass)
    stage.visitor.set_rules(demo=True, preview=True)
    stage.visitor.set_clock("08:30")
    try:
        for camera, language in itertools.product(("ok", "starting", "lost", "dark", "frozen"), languages()):
            snapshot = Snapshot(page=Page.IDLE, camera=camera, link="down")
            stage.visitor.show(look(snapshot, Choices(language), NOW_NS))
            check(stage, glass)
    finally:
        stage.visitor.set_rules(demo=False, preview=True)


def luminance(colour):
    def linear(part):
        return part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF())


def contrast(one, other):
    light, dark = sorted((luminance(QColor(one)), luminance(QColor(other))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("high", "least"), [(False, 7), (True, 10)])
def test_words_stand_out_from_their_ground(stage, high, least):
    theme = stage.engine.singletonInstance("Kiosk.Theme", "Theme")
    for name in PAGES:
        pose(stage, name, Choices("vi", high_contrast=high))
        for ink, ground in (("ink", "paper"), ("soft", "paper"), ("accent", "paper"), ("ink", "control")):
            assert contrast(theme.property(ink), theme.property(ground)) >= least, (name, ink, ground)
        assert contrast(theme.property("alarmInk"), theme.property("alarmPaper")) >= least, name


def spoken(interface):
    for index in range(interface.childCount()):
        child = interface.child(index)
        if child is not None and not child.state().invisible:
            yield child.role(), child.text(QAccessible.Text.Name)
            yield from spoken(child)


def test_everything_visible_has_a_name_for_those_who_listen(stage):
    QAccessible.setActive(True)
    for name, language in itertools.product(PAGES, languages()):
        pose(stage, name, Choices(language))
        named = list(spoken(QAccessible.queryAccessibleInterface(stage.window)))
        assert all(label for _, label in named), name
        labels = {label for _, label in named}
        found = list(visible(stage.window.contentItem()))
        words = {item.property("text") for item, path in found if is_text(item) and not any(map(is_control, path))}
        assert words <= labels, name
        buttons = {label for role, label in named if role == QAccessible.Role.Button}
        controls = {item.property("name") or item.property("text") for item, _ in found if is_control(item)}
        assert controls == buttons, name


def test_the_title_is_a_heading(stage):
    QAccessible.setActive(True)
    pose(stage, "admitted", Choices("en"))
    named = list(spoken(QAccessible.queryAccessibleInterface(stage.window)))
    assert (QAccessible.Role.Heading, "Please go in") in named


def test_a_page_is_drawn_the_same_each_time(stage):
    pose(stage, "refused", Choices("vi"))
    first = stage.grab()
    pose(stage, "idle", Choices("en", large=True))
    pose(stage, "refused", Choices("vi"))
    assert stage.grab() == first
