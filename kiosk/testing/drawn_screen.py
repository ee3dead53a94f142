"""What is drawn on the screen, measured: sizes, places, colours and names, as a person with a ruler would find them.

Functions return faults, one sentence each; none means that all is well. Places are in pixels of the glass as people see
it, whatever way it is mounted.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QAccessible, QAccessibleInterface, QColor, QImage
from PySide6.QtQuick import QQuickItem, QQuickWindow

SMALLEST_CAPITALS_MM = 4.8
SMALLEST_TARGET_MM = 12.7
SMALLEST_GAP_MM = 2.54
LONGEST_SENTENCE = 90
"""Characters. What is longer is what somebody has typed, a name of any length: only that may end in dots."""
_HAIR = 0.5
"""Pixels by which rounding may differ."""
_ROLES = QAccessible.Role
CONTROLS = frozenset({
    _ROLES.Button, _ROLES.CheckBox, _ROLES.RadioButton, _ROLES.EditableText, _ROLES.Slider, _ROLES.SpinBox,
    _ROLES.ListItem, _ROLES.Link, _ROLES.ComboBox, _ROLES.PageTab,
})  # fmt: skip
"""Roles of what is touched."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One visible item."""

    item: QQuickItem
    path: tuple[QQuickItem, ...]
    """What it lies in, outermost first."""
    box: QRectF
    """Where it would be if nothing were scrolled out of view."""
    seen: QRectF
    """The part of it that is not scrolled out of view; empty where none is."""
    scrolled: QQuickItem | None
    """The scrolling area that it lies in."""
    role: QAccessible.Role | None

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self.item.property("name") or self.item.property("text") or self.item.objectName())

    @property
    def is_text(self) -> bool:
        """Whether it is words."""
        return self.item.property("contentWidth") is not None and bool(self.item.property("text"))

    @property
    def is_control(self) -> bool:
        """Whether it is touched."""
        return self.role in CONTROLS


@dataclass(frozen=True, slots=True)
class Screenful:
    """Everything that is visible at one moment."""

    glass: QRectF
    items: tuple[Drawn, ...]
    pixels_per_mm: float
    cap_ratio: float

    @property
    def texts(self) -> list[Drawn]:
        """Return all words."""
        return [one for one in self.items if one.is_text]

    @property
    def controls(self) -> list[Drawn]:
        """Return all that is touched."""
        return [one for one in self.items if one.is_control]


def look_at(window: QQuickWindow, pixels_per_mm: float, cap_ratio: float) -> Screenful:
    """Return what `window` shows; grab it before, so that everything has its place."""
    QAccessible.setActive(True)
    root = next((item for item in _below(window.contentItem()) if kind(item) == "Surface"), window.contentItem())
    glass = QRectF(0, 0, root.width(), root.height())
    return Screenful(glass, tuple(_visible(root, root, (), None)), pixels_per_mm, cap_ratio)


def kind(item: QQuickItem) -> str:
    """Return the type of an item, as QML calls it."""
    return item.metaObject().className().split("_QML")[0]


def _below(item: QQuickItem) -> Iterator[QQuickItem]:
    for child in item.childItems():
        yield child
        yield from _below(child)


def _visible(
    item: QQuickItem, root: QQuickItem, path: tuple[QQuickItem, ...], scrolled: QQuickItem | None
) -> Iterator[Drawn]:
    if not item.isVisible() or item.opacity() == 0:
        return
    interface: QAccessibleInterface | None = QAccessible.queryAccessibleInterface(item)
    role = interface.role() if interface else None
    box = item.mapRectToItem(root, QRectF(0, 0, item.width(), item.height()))
    area = scrolled.mapRectToItem(root, QRectF(0, 0, scrolled.width(), scrolled.height())) if scrolled else box
    yield Drawn(item, path, box, box.intersected(area), scrolled, role)
    inner = item if item.property("contentY") is not None else scrolled
    for child in item.childItems():
        yield from _visible(child, root, (*path, item), inner)


def geometry_faults(screen: Screenful) -> list[str]:
    """Return what is clipped, too small, too near to something or on top of it."""
    return [
        *_clipped(screen),
        *_text_over_text(screen),
        *_small_controls(screen),
        *_text_over_controls(screen),
        *_near_controls(screen),
        *_text_over_icons(screen),
    ]


def _meet(one: Drawn, other: Drawn, margin: float = 0.0) -> bool:
    """Tell whether two items overlap for a person: what lies in one scrolling area, even out of view."""
    together = one.scrolled is other.scrolled
    first, second = (one.box, other.box) if together else (one.seen, other.seen)
    if first.isEmpty() or second.isEmpty():
        return False
    return first.adjusted(-margin, -margin, margin, margin).intersects(second)


def _room(one: Drawn, screen: Screenful, side: float = 0.0) -> QRectF:
    """Return where an item has to be: on the glass, or in what can be scrolled into view."""
    if one.scrolled is None:
        return screen.glass.adjusted(side, 0, -side, 0)
    content = one.scrolled.property("contentItem")
    whole = QRectF(0, 0, one.scrolled.property("contentWidth"), one.scrolled.property("contentHeight"))
    there: QRectF = content.mapRectToItem(one.item, whole)
    return there.translated(one.box.topLeft())


def _clipped(screen: Screenful) -> Iterator[str]:
    for text in screen.texts:
        item, words = text.item, str(text.item.property("text"))
        typed = len(words) > LONGEST_SENTENCE
        if item.property("truncated") and not typed:
            yield f"cut short: {words}"
        if item.property("contentWidth") > item.width() + _HAIR:
            yield f"wider than its place: {words}"
        if item.property("contentHeight") > item.height() + _HAIR:
            yield f"higher than its place: {words}"
        if not _room(text, screen).adjusted(-_HAIR, -_HAIR, _HAIR, _HAIR).contains(text.box):
            yield f"off the glass: {words}"
        capitals = item.property("font").pixelSize() * screen.cap_ratio / screen.pixels_per_mm
        if capitals < SMALLEST_CAPITALS_MM:
            yield f"capitals of {capitals:.1f} mm: {words}"


def _text_over_text(screen: Screenful) -> Iterator[str]:
    for one, other in combinations(screen.texts, 2):
        if _meet(one, other):
            yield f"words on words: {one.name} / {other.name}"


def _small_controls(screen: Screenful) -> Iterator[str]:
    least, side = SMALLEST_TARGET_MM * screen.pixels_per_mm, SMALLEST_GAP_MM * screen.pixels_per_mm
    for control in screen.controls:
        if min(control.item.width(), control.item.height()) < least - _HAIR:
            size = (control.item.width() / screen.pixels_per_mm, control.item.height() / screen.pixels_per_mm)
            yield f"too small to touch, {size[0]:.1f} × {size[1]:.1f} mm: {control.name}"
        if not _room(control, screen, side).adjusted(-_HAIR, -_HAIR, _HAIR, _HAIR).contains(control.box):
            yield f"too near to the edge to touch: {control.name}"


def _text_over_controls(screen: Screenful) -> Iterator[str]:
    for control in screen.controls:
        for text in screen.texts:
            if control.item in text.path or text.item is control.item:
                if not control.box.adjusted(-_HAIR, -_HAIR, _HAIR, _HAIR).contains(text.box):
                    yield f"words larger than their control: {control.name} / {text.name}"
            elif _meet(control, text):
                yield f"words on a control: {text.name} / {control.name}"


def _near_controls(screen: Screenful) -> Iterator[str]:
    gap = SMALLEST_GAP_MM * screen.pixels_per_mm
    for one, other in combinations(screen.controls, 2):
        inside = one.item in other.path or other.item in one.path
        if not inside and _meet(one, other, gap - _HAIR):
            yield f"controls too near to each other: {one.name} / {other.name}"


def _text_over_icons(screen: Screenful) -> Iterator[str]:
    icons = [one for one in screen.items if kind(one.item) == "Icon" and one.box.width() > 0]
    touched = {id(control.item) for control in screen.controls}
    for icon in icons:
        if any(id(parent) in touched for parent in icon.path):
            continue
        for text in screen.texts:
            if _meet(icon, text):
                yield f"words on a drawing: {text.name} / {icon.name}"


def contrast(one: QColor, other: QColor) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: QColor) -> float:
    def linear(part: float) -> float:
        return float(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)

    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF())


def contrast_faults(screen: Screenful, picture: QImage, least: float) -> list[str]:
    """Return the words whose colour is nearer than `least` to what is drawn behind them in `picture`."""
    faults = []
    for text in screen.texts:
        place = text.seen.intersected(screen.glass)
        if place.width() < 2 or place.height() < 2 or not _enabled(text):
            continue
        ink, ground = QColor(text.item.property("color")), _ground(picture, place)
        found = contrast(ink, ground)
        if found < least:
            faults.append(f"{ink.name()} on {ground.name()}, {found:.1f}:1: {text.name}")
    return faults


def _enabled(one: Drawn) -> bool:
    """Tell whether it can be used; what cannot is exempt (WCAG 2.2, 1.4.3)."""
    return all(bool(item.property("enabled")) for item in (*one.path, one.item))


def _ground(picture: QImage, place: QRectF) -> QColor:
    """Return the colour that most of a place has: letters cover less than half of it."""
    counted: dict[int, int] = {}
    box = place.toRect().intersected(picture.rect())
    step_x, step_y = max(1, box.width() // 40), max(1, box.height() // 20)
    for y in range(box.top(), box.bottom() + 1, step_y):
        for x in range(box.left(), box.right() + 1, step_x):
            pixel = picture.pixel(x, y)
            counted[pixel] = counted.get(pixel, 0) + 1
    return QColor.fromRgb(max(counted, key=lambda pixel: counted[pixel]))


def name_faults(screen: Screenful, window: QQuickWindow) -> list[str]:
    """Return what those do not hear who cannot see: words and controls that have no name for them."""
    heard = list(spoken(window))
    faults = [f"nameless: {role}" for role, name in heard if not name and role in CONTROLS]
    labels = {name for _, name in heard}
    whole = [one.item for one in screen.items if one.role in CONTROLS or one.role == _ROLES.Graphic]
    for text in screen.texts:
        inside = any(item in text.path or item is text.item for item in whole)
        if not inside and text.item.property("text") not in labels:
            faults.append(f"not said: {text.name}")
    if not any(role == _ROLES.Heading for role, _ in heard):
        faults.append("no heading")
    return faults


def spoken(window: QQuickWindow) -> Iterator[tuple[QAccessible.Role, str]]:
    """Return roles and names of what a screen reader finds, in its order."""
    QAccessible.setActive(True)
    yield from _spoken(QAccessible.queryAccessibleInterface(window))


def _spoken(interface: QAccessibleInterface) -> Iterator[tuple[QAccessible.Role, str]]:
    for child in filter(None, map(interface.child, range(interface.childCount()))):  # some have gone meanwhile
        if not child.state().invisible:
            yield child.role(), child.text(QAccessible.Text.Name)
            yield from _spoken(child)
