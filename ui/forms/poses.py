"""Forms held still for pictures and for rulers: a page of each kind, with the answers of nobody."""

from collections.abc import Callable
from datetime import date
from functools import cache, reduce
from importlib.resources import as_file, files

from PySide6.QtCore import QEvent
from PySide6.QtGui import QGuiApplication

from kiosk.api.messages import FormTaken, Page
from kiosk.domain.form import Form, Purpose
from kiosk.form_file import load_forms
from ui.choices import Choices
from ui.forms.filling import IDLE_MS, MS, Filling, Stage
from ui.forms.view import offers, show
from ui.stage import Stage as Window

NOW_NS = 10_000_000_000
TODAY = date(2026, 11, 25)
Step = Callable[[Filling], Filling | None]


@cache
def shipped_forms() -> dict[Purpose, Form]:
    """Return the forms that come with the kiosk."""
    with as_file(files("firmware_config") / "forms") as folder:
        return load_forms(folder, ("health-declaration.toml", "check-in.toml"))


def _enter(text: str) -> Step:
    return lambda filling: filling.enter(text)


def _choose(option: str) -> Step:
    return lambda filling: filling.choose(option)


def _say(code: str) -> Step:
    return lambda filling: filling.taken(FormTaken.model_validate({"id": 1, "code": code, "receipt": "7A3F2C"}))


_WHO = (_enter("Nguyễn Thị Ánh Tuyết"), _enter("06051990"), _enter("0912345678"))
_ILL = (*_WHO, _choose("fever"), _choose("cough"))
_WELL = (*_WHO, _choose("none"), Filling.next, _choose("no"), Filling.next, _choose("no"), Filling.next)
_AGREED = (*_WELL, Filling.next, Filling.agree)
_CHECKED = (
    _enter("302"), _enter("Nguyễn Thị Ánh"), _enter("36,8"), _choose("none"), Filling.next, Filling.next, Filling.next,
    Filling.agree, Filling.next, _say("ok"),
)  # fmt: skip
POSED: dict[str, tuple[Purpose, tuple[Step, ...]]] = {
    "name": (Purpose.DECLARATION, ()),
    "name-wrong": (Purpose.DECLARATION, (_enter("x"),)),
    "date": (Purpose.DECLARATION, _WHO[:1]),
    "date-wrong": (Purpose.DECLARATION, (*_WHO[:1], _enter("31022000"))),
    "phone": (Purpose.DECLARATION, _WHO[:2]),
    "many": (Purpose.DECLARATION, _ILL),
    "yes-no": (Purpose.DECLARATION, (*_ILL, Filling.next)),
    "review": (Purpose.DECLARATION, _WELL),
    "consent": (Purpose.DECLARATION, (*_WELL, Filling.next)),
    "consent-failed": (Purpose.DECLARATION, (*_AGREED, Filling.next, _say("not_recorded"))),
    "sending": (Purpose.DECLARATION, (*_AGREED, Filling.next)),
    "still-there": (Purpose.DECLARATION, (lambda filling: filling.pass_time(Page.IDLE, NOW_NS + IDLE_MS * MS),)),
    "number": (Purpose.CHECK_IN, _CHECKED[:2]),
    "receipt": (Purpose.CHECK_IN, _CHECKED),
}
"""By name, which form it is, and what a visitor has done so far."""


def pose_form(window: Window, name: str, choices: Choices) -> None:
    """Show one of POSED over the first page, or `offers`: that page with what whoever has no code can do."""
    window.forms.offer(offers(shipped_forms(), choices.language))
    if name == "offers":
        window.forms.show(None)
    else:
        filling = posed(name)
        page = filling.at if filling.stage is Stage.QUESTION else str(filling.stage)
        view = show(filling, choices.language, filling.touched_ns, kept=False)
        window.forms.show(None)
        window.forms.show(view, page, choices.language)
    settle(window)


def posed(name: str) -> Filling:
    """Return a form as far as somebody has got in one of POSED."""
    purpose, steps = POSED[name]

    def step(filling: Filling, act: Step) -> Filling:
        after = act(filling)
        if after is None:
            raise ValueError(f"{name} is over before it can be drawn")
        return after

    return reduce(step, steps, Filling.begin(shipped_forms()[purpose], TODAY, NOW_NS))


def settle(window: Window) -> None:
    """Let what has changed find its place: answers are laid out after their sizes are known."""
    for _ in range(3):
        window.grab()
        QGuiApplication.processEvents()
        QGuiApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
