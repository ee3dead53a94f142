"""How the screen looks here, for QML: colours, the venue's name and logo, how the glass is mounted, light."""

from dataclasses import asdict

from PySide6.QtCore import Property, QObject, Signal
from PySide6.QtQml import QmlElement, QmlSingleton

from ui.palettes import Scheme, palettes

QML_IMPORT_NAME = "Kiosk.Backend"
QML_IMPORT_MAJOR_VERSION = 1


@QmlElement
@QmlSingleton
class Appearance(QObject):
    """What the settings and the hour say of the screen. The `set_` methods are Python's way in."""

    colours_changed = Signal()
    venue_changed = Signal()
    place_changed = Signal()
    dimmed_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._night = self._dimmed = False
        self._accent = self._venue = ""
        self._logo_ratio = 0.0
        self._logo_number = 0
        self._rotation = 0
        self._drift = (0, 0)

    def set_night(self, night: bool) -> None:
        """Say whether it is night."""
        if night != self._night:
            self._night = night
            self.colours_changed.emit()

    def set_venue(self, name: str, accent: str, logo_ratio: float) -> None:
        """Say what the venue is called, its colour (or nothing), and its logo's width by height; 0 without a logo."""
        if (name, accent, logo_ratio) == (self._venue, self._accent, self._logo_ratio) and not logo_ratio:
            return
        self._venue, self._accent, self._logo_ratio = name, accent, logo_ratio
        self._logo_number += 1
        self.venue_changed.emit()
        self.colours_changed.emit()

    def set_rotation(self, degrees: int) -> None:
        """Say by how much everything is turned, clockwise: 0, 90, 180 or 270."""
        if degrees != self._rotation:
            self._rotation = degrees
            self.place_changed.emit()

    def set_drift(self, right: int, down: int) -> None:
        """Move everything by some pixels."""
        if (right, down) != self._drift:
            self._drift = (right, down)
            self.place_changed.emit()

    def set_dimmed(self, dimmed: bool) -> None:
        """Darken the screen while nobody is there, or wake it at once."""
        if dimmed != self._dimmed:
            self._dimmed = dimmed
            self.dimmed_changed.emit()

    def _palettes(self, scheme: Scheme) -> dict[str, dict[str, str]]:
        return {str(tone): asdict(palette) for tone, palette in palettes(scheme, self._accent).items()}

    @Property(bool, notify=colours_changed)
    def night(self) -> bool:
        """Whether colours are those of the night."""
        return self._night

    @Property("QVariantMap", notify=colours_changed)  # type: ignore[arg-type]
    def palettes(self) -> dict[str, dict[str, str]]:
        """Colours by tone and use, for now."""
        return self._palettes("night" if self._night else "day")

    @Property("QVariantMap", notify=colours_changed)  # type: ignore[arg-type]
    def highPalettes(self) -> dict[str, dict[str, str]]:  # noqa: N802, a QML property
        """Colours by tone and use, as far apart as they can be."""
        return self._palettes("high")

    @Property(str, notify=venue_changed)
    def venue(self) -> str:
        """Name of the venue, or nothing."""
        return self._venue

    @Property(float, notify=venue_changed)
    def logoRatio(self) -> float:  # noqa: N802, a QML property
        """Width of the logo divided by its height; 0 without a logo."""
        return self._logo_ratio

    @Property(str, notify=venue_changed)
    def logo(self) -> str:
        """Address of the logo, or nothing."""
        return f"image://logo/{self._logo_number}" if self._logo_ratio else ""

    @Property(int, notify=place_changed)
    def rotation(self) -> int:
        """Degrees by which everything is turned."""
        return self._rotation

    @Property(int, notify=place_changed)
    def right(self) -> int:
        """Pixels by which everything is moved to the right."""
        return self._drift[0]

    @Property(int, notify=place_changed)
    def down(self) -> int:
        """Pixels by which everything is moved down."""
        return self._drift[1]

    @Property(bool, notify=dimmed_changed)
    def dimmed(self) -> bool:
        """Whether the screen is dark because nobody is there."""
        return self._dimmed
