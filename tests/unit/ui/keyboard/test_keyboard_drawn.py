"""The keyboard as it is drawn: fingers and real keys, sizes, what those hear who do not see it."""

import itertools

import pytest
from PySide6.QtCore import QEvent, QPoint, QRectF, Qt, QUrl
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtQml import QQmlComponent
from PySide6.QtQuick import QQuickItem
from PySide6.QtTest import QTest

from ui.choices import Choices
from ui.keyboard.layouts import LETTERS, PAD_EXTRAS, Does
from ui.shots import GLASSES, pose

HAIR = 0.5
"""Pixels by which rounding may differ."""
SMALLEST_KEY_MM, SMALLEST_GAP_MM, SMALLEST_CAPITALS_MM = 12.7, 2.54, 4.8

glasses = pytest.mark.parametrize("glass", GLASSES, ids=lambda glass: f"{glass.width}x{glass.height}")


@pytest.fixture
def opened(stage):
    """Open keyboards over the visitor's window; they are gone after the test."""
    made = []

    def open_one(glass=GLASSES[0], choices=Choices("vi"), **properties):  # noqa: B008, frozen
        stage.set_surface(glass.width, glass.height, glass.pixels_per_mm)
        pose(stage, "idle", choices)
        component = QQmlComponent(stage.engine)
        component.setData(b"import Kiosk.Controls\nKeyboard { anchors.fill: parent }", QUrl())
        keyboard = component.createWithInitialProperties(properties)
        assert isinstance(keyboard, QQuickItem), component.errors()
        keyboard.setParent(stage.window)
        keyboard.setParentItem(stage.window.contentItem())
        made.append(keyboard)
        QGuiApplication.processEvents()
        stage.grab()
        return keyboard

    yield open_one
    for keyboard in made:
        keyboard.setParentItem(None)
        keyboard.deleteLater()
    QGuiApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture(scope="module")
def finger(qapp):
    return QTest.createTouchDevice()


def below(item):
    for child in item.childItems():
        yield child
        yield from below(child)


def find(keyboard, name):
    return next(item for item in below(keyboard) if item.objectName() == name)


def keys(keyboard):
    return [
        item for item in below(keyboard)
        if item.metaObject().className().startswith("KeyboardKey") and item.property("does") != Does.NOTHING
    ]  # fmt: skip


def tap(stage, finger, keyboard, name, *, off=(0, 0)):
    item = find(keyboard, name)
    middle = item.mapToScene(QPoint(int(item.width() / 2), int(item.height() / 2))).toPoint() + QPoint(*off)
    QTest.touchEvent(stage.window, finger).press(0, middle, stage.window).commit()
    QTest.touchEvent(stage.window, finger).release(0, middle, stage.window).commit()
    QGuiApplication.processEvents()


def heard(signal):
    said = []
    signal.connect(lambda *what: said.append(what[0] if what else None))
    return said


def box(item):
    return item.mapRectToScene(QRectF(0, 0, item.width(), item.height()))


def test_a_name_is_typed_with_a_finger(stage, opened, finger):
    keyboard = opened(layout="name")
    accepted = heard(keyboard.accepted)
    for key in ("h", "o", "a", "f"):
        tap(stage, finger, keyboard, f"key-{key}")
    tap(stage, finger, keyboard, "key-accept")
    assert accepted == ["Hòa"]


def test_a_touch_between_two_keys_is_for_the_nearer_one(stage, opened, finger):
    keyboard = opened(layout="email")
    accepted = heard(keyboard.accepted)
    half = int(find(keyboard, "key-g").width() / 2)
    tap(stage, finger, keyboard, "key-g", off=(half + 3, 0))
    tap(stage, finger, keyboard, "key-accept")
    assert accepted == ["g"]


def test_a_real_keyboard_types_as_well(stage, opened):
    keyboard = opened(layout="name")
    accepted, cancelled = heard(keyboard.accepted), heard(keyboard.cancelled)
    for letter in "Le AAnxx":
        QTest.keyClick(stage.window, letter)
    for key in (Qt.Key.Key_Backspace, Qt.Key.Key_Home, Qt.Key.Key_Delete, Qt.Key.Key_End, Qt.Key.Key_Left):
        QTest.keyClick(stage.window, key)
    QTest.keyClick(stage.window, Qt.Key.Key_Return)
    assert accepted == ["e Ân"]
    QTest.keyClick(stage.window, Qt.Key.Key_Escape)
    assert cancelled == [None]


def test_delete_held_down_goes_on(stage, opened, qtbot):
    keyboard = opened(layout="phone", text="0912345678")
    item = find(keyboard, "key-erase")
    middle = item.mapToScene(QPoint(int(item.width() / 2), int(item.height() / 2))).toPoint()
    field = find(keyboard, "typed")
    QTest.mousePress(stage.window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle)
    qtbot.waitUntil(lambda: len(field.property("text")) <= 8, timeout=4000)
    QTest.mouseRelease(stage.window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle)
    assert 0 < len(field.property("text")) <= 8


def test_what_was_typed_is_forgotten_once_it_is_closed(stage, opened, finger):
    keyboard = opened(layout="pin", text="123456", secret=True)
    field = find(keyboard, "typed")
    assert field.property("displayText") == "●" * 6
    tap(stage, finger, keyboard, "keyboardCancel")
    assert field.property("text") == ""


def test_a_pin_is_not_spoken(opened):
    QAccessible.setActive(True)
    keyboard = opened(layout="pin", text="123456", secret=True)
    spoken = QAccessible.queryAccessibleInterface(find(keyboard, "typed"))
    assert spoken.state().passwordEdit
    assert "1" not in spoken.text(QAccessible.Text.Value)


def test_the_letter_under_the_finger_is_shown_above_it_but_not_of_a_pin(stage, opened, finger):
    for layout, secret, shown in (("email", False, True), ("pin", True, False)):
        keyboard = opened(layout=layout, secret=secret)
        item = find(keyboard, "key-5" if layout == "pin" else "key-g")
        middle = item.mapToScene(QPoint(int(item.width() / 2), int(item.height() / 2))).toPoint()
        QTest.touchEvent(stage.window, finger).press(0, middle, stage.window).commit()
        assert find(keyboard, "bubble").isVisible() is shown
        QTest.touchEvent(stage.window, finger).release(0, middle, stage.window).commit()
        assert not find(keyboard, "bubble").isVisible()


@glasses
@pytest.mark.parametrize("large", [False, True], ids=["normal", "large"])
def test_keys_are_as_large_as_a_finger_and_apart(stage, opened, glass, large):
    for layout, language in itertools.product(sorted(LETTERS | PAD_EXTRAS.keys()), ("vi", "en")):
        keyboard = opened(glass, Choices(language, large=large), layout=layout, title="Họ và tên của bạn là gì?")
        window = QRectF(0, 0, glass.width, glass.height)
        gap = SMALLEST_GAP_MM * glass.pixels_per_mm - HAIR
        found = keys(keyboard)
        field = find(keyboard, "field")
        for key in found:
            name = key.objectName()
            assert min(key.width(), key.height()) >= SMALLEST_KEY_MM * glass.pixels_per_mm, (layout, name)
            assert window.adjusted(gap, 0, -gap, 0).contains(box(key)), (layout, name)
            for text in key.childItems():
                if text.property("contentWidth") and text.property("text"):
                    assert text.property("contentWidth") + 4 <= key.width(), (layout, name)
                    capitals = text.property("font").pixelSize() * stage.cap_ratio / glass.pixels_per_mm
                    assert capitals >= SMALLEST_CAPITALS_MM
        for one, other in itertools.combinations([*found, field], 2):
            near = box(one).adjusted(-gap + 0.01, -gap + 0.01, gap - 0.01, gap - 0.01)
            assert not near.intersects(box(other)), (layout, one.objectName(), other.objectName())
        title = find(keyboard, "title")
        assert window.contains(box(title))
        assert title.property("contentWidth") <= title.width() + 0.5
        assert not any(box(title).intersects(box(item)) for item in [*found, field])
        keyboard.setParentItem(None)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_key_has_a_name_for_those_who_listen(opened, language):
    QAccessible.setActive(True)
    keyboard = opened(choices=Choices(language), layout="name")
    names = [QAccessible.queryAccessibleInterface(key).text(QAccessible.Text.Name) for key in keys(keyboard)]
    assert all(names)
    assert len(set(names)) == len(names)
    assert {"vi": "Dấu cách", "en": "Space"}[language] in names
