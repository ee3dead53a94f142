"""Takes visitors through forms: between the pure `ui.forms`, QML and the gate process. Runs in the screen's thread."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from kiosk.api.messages import FormFilled, FormTaken, Page
from kiosk.domain.form import Form, Purpose
from ui.forms.filling import Filling, Stage
from ui.forms.view import FormView, offers, show
from ui.forms_backend import Forms


@dataclass(slots=True, weakref_slot=True)
class FormsDesk:
    """Holds the form that is being filled in: nothing of it is anywhere else."""

    backend: Forms
    forms: Mapping[Purpose, Form]
    kept: bool
    """Whether the gate keeps answers, sealed to an authority."""
    send: Callable[[FormFilled], bool]
    """Sends to the gate process; False where it is not there."""
    language: Callable[[], str]
    today: Callable[[], date]
    clock: Callable[[], int]
    """CLOCK_MONOTONIC in nanoseconds."""
    drawn: Callable[[], None] = lambda: None
    """Told that the page may have changed."""
    filling: Filling | None = None
    view: FormView | None = None
    """The page of it that is shown; None: none is."""
    _page: Page = Page.OUT_OF_ORDER
    _id: int = 0
    _sent: bool = field(default=False)

    def __post_init__(self) -> None:
        self.backend.acted.connect(self.act)

    @property
    def busy(self) -> bool:
        """Tell whether somebody is filling in a form: the screen stays as they have set it."""
        return self.filling is not None

    def act(self, what: str, value: str) -> None:
        """Take what a visitor did."""
        now = self.clock()
        if what == "start":
            self._start(value, now)
        elif self.filling is not None:
            self.filling = self._acted(self.filling.touch(now), what, value)
        self._settle(now)

    def update(self, taken: tuple[FormTaken, ...], page: Page) -> None:
        """Let time pass while the gate shows `page`, and take what it says of a form."""
        now, self._page = self.clock(), page
        for said in taken:
            if self.filling is not None and said.id == self._id:
                self.filling = self.filling.taken(said)
        if self.filling is not None:
            self.filling = self.filling.pass_time(page, now)
        self._settle(now)

    def _start(self, purpose: str, now: int) -> None:
        form = next((form for name, form in self.forms.items() if name == purpose), None)
        if form is not None and self.filling is None and self._page is Page.IDLE:
            self.filling = Filling.begin(form, self.today(), now)

    @staticmethod
    def _acted(filling: Filling, what: str, value: str) -> Filling | None:
        match what:
            case "choose":
                return filling.choose(value)
            case "enter":
                return filling.enter(value)
            case "change":
                return filling.change(value)
            case "agree":
                return filling.agree()
            case "next":
                return filling.next()
            case "back":
                return filling.back()
            case _:
                return filling

    def _settle(self, now: int) -> None:
        filling = self.filling
        if filling is not None and filling.stage is Stage.SENDING and not self._sent:
            self._id += 1
            self._sent = True
            self.send(
                FormFilled(
                    id=self._id, form=filling.form.id, version=filling.form.version, language=self.language(),
                    answers=dict(filling.answers),
                )
            )  # fmt: skip
        self._sent = filling is not None and filling.stage is Stage.SENDING
        language = self.language()
        self.backend.offer(offers(self.forms, language))
        # What answers somebody comes first.
        visible = filling if self._page is Page.IDLE else None
        self.view = show(visible, language, now, kept=self.kept) if visible is not None else None
        if visible is None:
            self.backend.show(None, "", language)
        else:
            page = visible.at if visible.stage is Stage.QUESTION else str(visible.stage)
            self.backend.show(self.view, page, language)
        self.drawn()
