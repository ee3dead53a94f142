"""What QML sees of a form: its page as properties, and what a visitor does as slots."""

from dataclasses import asdict

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement, QmlSingleton

from kiosk.api.sentences import sentence
from ui.forms.view import FormView

QML_IMPORT_NAME = "Kiosk.Backend"
QML_IMPORT_MAJOR_VERSION = 1

_NOTHING = FormView("", "")


@QmlElement
@QmlSingleton
class Forms(QObject):
    """The form that is being filled in, if any. `show` is Python's way in, `acted` the way out."""

    changed = Signal()
    offers_changed = Signal()
    acted = Signal(str, str)
    """A visitor did something: start, choose, enter, change, next, back, agree or touch, and with what."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view: FormView | None = None
        self._page = ""
        self._language = "vi"
        self._offers: tuple[tuple[str, str], ...] = ()

    def offer(self, offers: tuple[tuple[str, str], ...]) -> None:
        """Say which forms can be opened: what becomes of each, and the label of its control."""
        if offers != self._offers:
            self._offers = offers
            self.offers_changed.emit()

    def show(self, view: FormView | None, page: str = "", language: str = "vi") -> None:
        """Show a page; None: no form. `page` names it, so that a keyboard opens once for each."""
        if (view, page, language) != (self._view, self._page, self._language):
            self._view, self._page, self._language = view, page, language
            self.changed.emit()

    # what a visitor can do

    @Slot(str)
    def start(self, purpose: str) -> None:
        """Open a form."""
        self.acted.emit("start", purpose)

    @Slot(str)
    def choose(self, option: str) -> None:
        """Choose an option, or take it back."""
        self.acted.emit("choose", option)

    @Slot(str)
    def enter(self, text: str) -> None:
        """Take what was typed."""
        self.acted.emit("enter", text)

    @Slot(str)
    def change(self, question: str) -> None:
        """Open an answer again."""
        self.acted.emit("change", question)

    @Slot()
    def goOn(self) -> None:  # noqa: N802, QML calls it
        """Go on."""
        self.acted.emit("next", "")

    @Slot()
    def goBack(self) -> None:  # noqa: N802, QML calls it
        """Go back, or end it."""
        self.acted.emit("back", "")

    @Slot()
    def toggleAgreed(self) -> None:  # noqa: N802, QML calls it
        """Agree, or take that back."""
        self.acted.emit("agree", "")

    @Slot()
    def touch(self) -> None:
        """Somebody is there."""
        self.acted.emit("touch", "")

    # the page

    @Property(bool, notify=changed)
    def shown(self) -> bool:
        """Whether a form is on the screen."""
        return self._view is not None

    @Property(str, notify=changed)
    def page(self) -> str:
        """Name of the page: its stage, or the id of its question."""
        return self._page

    @Property("QVariantMap", notify=changed)  # type: ignore[arg-type]
    def view(self) -> dict[str, object]:
        """Return everything that is drawn, by the names of FormView."""
        view = self._view or _NOTHING
        return {**asdict(view), "choices": [asdict(one) for one in view.choices]}

    @Property("QVariantMap", notify=changed)  # type: ignore[arg-type]
    def labels(self) -> dict[str, str]:
        """Texts of controls that are the same on every page."""
        keys = {"typeHere": "form.type_here", "more": "form.more_choices"}
        return {name: sentence(key, self._language) for name, key in keys.items()}

    @Property("QVariantList", notify=offers_changed)  # type: ignore[arg-type]
    def offers(self) -> list[dict[str, str]]:
        """Return the forms that can be opened."""
        return [{"purpose": purpose, "label": label} for purpose, label in self._offers]
