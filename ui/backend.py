"""What QML sees of Python: the screen as properties, and what a person can do as slots."""

from dataclasses import asdict, replace

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement, QmlSingleton

from kiosk.api.messages import Intent
from kiosk.api.sentences import sentence
from ui.choices import Choices, next_language
from ui.viewmodel import Screen, starting

QML_IMPORT_NAME = "Kiosk.Backend"
QML_IMPORT_MAJOR_VERSION = 1


@QmlElement
@QmlSingleton
class Visitor(QObject):
    """The visitor's screen. `show` is Python's way in; `asked` and `chosen` are the ways out."""

    screen_changed = Signal()
    choices_changed = Signal()
    labels_changed = Signal()
    """Apart from the screen, as much hangs on them that seldom changes: colours, sizes, the footer."""
    countdown_changed = Signal()
    surface_changed = Signal()
    clock_changed = Signal()
    asked = Signal(object)
    """A person did something: an Intent for the gate."""
    chosen = Signal(object)
    """A person chose another language, size, contrast, or to hear the screen: the new Choices."""
    languages_asked = Signal()
    """A person looks for their language, or no longer."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._screen = starting(Choices())
        self._pixels_per_mm = 5.19
        self._cap_ratio = 0.74
        self._short_side_mm = 92.0
        self._clock = ""
        self._demo = False
        self._preview_allowed = True
        self._offered: tuple[str, ...] = ("vi", "en")
        self._labels = self._label()

    def set_surface(self, pixels_per_mm: float, short_side_mm: float, cap_ratio: float) -> None:
        """Say how dense and how large the screen is, and how high the font's capitals are."""
        self._pixels_per_mm, self._short_side_mm, self._cap_ratio = pixels_per_mm, short_side_mm, cap_ratio
        self.surface_changed.emit()

    def set_rules(self, *, demo: bool, preview: bool) -> None:
        """Say whether this is a demonstration, and whether the camera picture may be drawn at all."""
        self._demo, self._preview_allowed = demo, preview
        self._relabel()
        self.screen_changed.emit()

    def set_languages(self, offered: tuple[str, ...]) -> None:
        """Say which languages there are to choose from, in their order."""
        self._offered = offered

    def set_clock(self, text: str) -> None:
        """Show the time of day."""
        if text != self._clock:
            self._clock = text
            self.clock_changed.emit()

    def show(self, screen: Screen) -> bool:
        """Show `screen`. Returns whether anything but the countdown differs."""
        before, self._screen = self._screen, screen
        if before.countdown != screen.countdown:
            self.countdown_changed.emit()
        if replace(before, countdown=0.0) == replace(screen, countdown=0.0):
            return False
        if before.choices != screen.choices:
            self.choices_changed.emit()
        self._relabel()
        self.screen_changed.emit()
        return True

    def _relabel(self) -> None:
        labels = self._label()
        if labels != self._labels:
            self._labels = labels
            self.labels_changed.emit()

    def _label(self) -> dict[str, str]:
        footer, language = self._screen.footer, self._screen.choices.language
        return {
            "language": footer.language,
            "help": footer.help,
            "textSize": footer.text_size,
            "contrast": footer.contrast,
            "moreTime": sentence("page.more_time", language),
            "moreSeconds": sentence("page.more_seconds", language),
            "showHere": sentence("page.show_here", language) if self._screen.aim else "",
            "staffEnter": sentence("page.staff_enter", language),
            "staffHold": sentence("page.staff_hold", language),
            "pressAgain": sentence("page.press_again", language),
            "alarmHold": sentence("page.alarm_hold", language),
            "alarmHoldStaff": sentence("page.alarm_hold_staff", language),
            "longer": self._screen.longer,
            "helpOver": self._screen.help_over,
            "readAloud": footer.read_aloud,
            "languages": sentence("page.language", language),
            "back": sentence("page.back", language),
            "demo": sentence("page.demo", language) if self._demo else "",
        }

    # what a person can do

    @Slot()
    def touch(self) -> None:
        """Someone touched the screen to read on."""
        self.asked.emit(Intent(intent="touch"))

    @Slot()
    def help(self) -> None:
        """Someone needs a person."""
        self.asked.emit(Intent(intent="help"))

    @Slot()
    def staffDone(self) -> None:  # noqa: N802, QML calls it
        """Staff has come."""
        self.asked.emit(Intent(intent="staff_done"))

    @Slot()
    def needLonger(self) -> None:  # noqa: N802, QML calls it
        """Someone on the way through needs more time."""
        self.asked.emit(Intent(intent="longer"))

    @Slot()
    def alarmsSeen(self) -> None:  # noqa: N802, QML calls it
        """Staff has seen the alarms."""
        self.asked.emit(Intent(intent="alarms_seen"))

    @Slot()
    def helpOver(self) -> None:  # noqa: N802, QML calls it
        """Whoever called staff needs nobody any more."""
        self.asked.emit(Intent(intent="help_over"))

    @Slot()
    def otherLanguage(self) -> None:  # noqa: N802, QML calls it
        """Someone reads another language: the other one, or one of several."""
        if len(self._offered) > 2:
            self.languages_asked.emit()
        else:
            self.setLanguage(next_language(self._screen.choices.language, self._offered))

    @Slot(str)
    def setLanguage(self, code: str) -> None:  # noqa: N802, QML calls it
        """Someone reads this language."""
        if code in self._offered:
            self.chosen.emit(replace(self._screen.choices, language=code))

    @Slot()
    def toggleSpoken(self) -> None:  # noqa: N802, QML calls it
        """Someone wants to hear what stands on the screen, or no longer."""
        now = self._screen.choices
        self.chosen.emit(replace(now, spoken=not now.spoken))

    @Slot()
    def toggleLarge(self) -> None:  # noqa: N802, QML calls it
        """Someone wants larger (or smaller) letters."""
        now = self._screen.choices
        self.chosen.emit(replace(now, large=not now.large))

    @Slot()
    def toggleContrast(self) -> None:  # noqa: N802, QML calls it
        """Someone wants more (or less) contrast."""
        now = self._screen.choices
        self.chosen.emit(replace(now, high_contrast=not now.high_contrast))

    # the screen

    @Property(str, notify=screen_changed)
    def page(self) -> str:
        """Name of the page."""
        return str(self._screen.page)

    @Property(str, notify=screen_changed)
    def tone(self) -> str:
        """Name of the page's colours."""
        return str(self._screen.tone)

    @Property(str, notify=screen_changed)
    def icon(self) -> str:
        """Name of the page's icon."""
        return self._screen.icon

    @Property(str, notify=screen_changed)
    def title(self) -> str:
        """Say what is going on, in a few words."""
        return self._screen.title

    @Property(str, notify=screen_changed)
    def hint(self) -> str:
        """Say what helps now."""
        return self._screen.hint

    @Property(str, notify=screen_changed)
    def reason(self) -> str:
        """Why not."""
        return self._screen.reason

    @Property(str, notify=screen_changed)
    def nextStep(self) -> str:  # noqa: N802, a QML property
        """Say what to do about it."""
        return self._screen.next_step

    @Property(str, notify=screen_changed)
    def waited(self) -> str:
        """Say how long ago staff was called; nothing where it was just now."""
        return self._screen.waited

    @Property("QVariantList", notify=screen_changed)  # type: ignore[arg-type]
    def languages(self) -> list[dict[str, object]]:
        """Return what can be chosen in place of the page: `code`, `name`, `chosen`; empty: nobody chooses."""
        return [asdict(language) for language in self._screen.languages]

    @Property(str, notify=screen_changed)
    def guide(self) -> str:
        """Name of the drawing beside a title that says how to hold a code; empty where it says something else."""
        return self._screen.guide

    @Property(bool, notify=screen_changed)
    def preview(self) -> bool:
        """Whether to draw the camera picture."""
        return self._screen.preview and self._preview_allowed

    @Property(bool, notify=screen_changed)
    def previewAllowed(self) -> bool:  # noqa: N802, a QML property
        """Whether the camera picture may be drawn at all: not where pictures of the screen are kept."""
        return self._preview_allowed

    @Property(float, notify=countdown_changed)
    def countdown(self) -> float:
        """Return the part of the page's time that is left."""
        return self._screen.countdown

    @Property(str, notify=screen_changed)
    def statusIcon(self) -> str:  # noqa: N802, a QML property
        """Icon of what staff should know; empty where there is nothing."""
        return self._screen.status.icon if self._screen.status else ""

    @Property(str, notify=screen_changed)
    def statusText(self) -> str:  # noqa: N802, a QML property
        """Say what staff should know."""
        return self._screen.status.text if self._screen.status else ""

    @Property(str, notify=screen_changed)
    def alarmIcon(self) -> str:  # noqa: N802, a QML property
        """Icon of the alarm that stands."""
        return self._screen.alarm.icon if self._screen.alarm else ""

    @Property(str, notify=screen_changed)
    def alarmText(self) -> str:  # noqa: N802, a QML property
        """Say what is to be done about the alarm; nothing where none stands."""
        return self._screen.alarm.text if self._screen.alarm else ""

    @Property(bool, notify=screen_changed)
    def alarmUrgent(self) -> bool:  # noqa: N802, a QML property
        """Whether nobody has come for long."""
        return self._screen.alarm is not None and self._screen.alarm.urgent

    @Property(bool, notify=screen_changed)
    def alarmConfirmed(self) -> bool:  # noqa: N802, a QML property
        """Whether staff has seen the alarm."""
        return self._screen.alarm is not None and self._screen.alarm.confirmed

    @Property("QVariantMap", notify=labels_changed)  # type: ignore[arg-type]
    def labels(self) -> dict[str, str]:
        """Texts of controls, by the names that QML knows them by; empty for one that is not there."""
        return self._labels

    @Property(str, notify=choices_changed)
    def language(self) -> str:
        """Code of the language that is read now."""
        return self._screen.choices.language

    @Property(bool, notify=choices_changed)
    def large(self) -> bool:
        """Whether letters are large."""
        return self._screen.choices.large

    @Property(bool, notify=choices_changed)
    def highContrast(self) -> bool:  # noqa: N802, a QML property
        """Whether colours are as far apart as they can be."""
        return self._screen.choices.high_contrast

    @Property(bool, notify=choices_changed)
    def spoken(self) -> bool:
        """Whether the screen is read out."""
        return self._screen.choices.spoken

    @Property(str, notify=clock_changed)
    def clock(self) -> str:
        """Return the time of day, or nothing where it is not known."""
        return self._clock

    # the surface

    @Property(float, notify=surface_changed)
    def pixelsPerMm(self) -> float:  # noqa: N802, a QML property
        """How dense the screen is."""
        return self._pixels_per_mm

    @Property(float, notify=surface_changed)
    def shortSideMm(self) -> float:  # noqa: N802, a QML property
        """Return the shorter side of the glass."""
        return self._short_side_mm

    @Property(float, notify=surface_changed)
    def capRatio(self) -> float:  # noqa: N802, a QML property
        """Height of capitals as a part of the font's size."""
        return self._cap_ratio
