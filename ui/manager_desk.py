"""The manager's screen as it runs: touches and answers into the controller; its questions and its frame out."""

import time
from collections.abc import Callable

from PySide6.QtCore import QObject

from kiosk.api.messages import Answer, Ask
from ui.manager.controller import Controller, Outcome
from ui.manager.page import Act
from ui.manager.words import manager_words
from ui.manager_backend import Manager


class ManagerDesk(QObject):
    """Lives in the thread of the application."""

    def __init__(
        self,
        screen: Manager,
        send: Callable[[Ask], bool],
        language: Callable[[], str],
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """Show on `screen`, ask by `send`, speak the language that `language` returns; `clock` is CLOCK_MONOTONIC."""
        super().__init__()
        self._screen = screen
        self._send = send
        self._language = language
        self._clock = clock
        self._controller = Controller()
        screen.entered.connect(self._entered)
        screen.touched.connect(self._touched)
        screen.acted.connect(self._acted)
        screen.backed.connect(self._backed)
        screen.left.connect(self._left)

    @property
    def shown(self) -> bool:
        """Whether the manager's screen is up."""
        return self._controller.shown

    def update(self, answers: tuple[Answer, ...], *, gate_there: bool) -> None:
        """Take what the gate has said, and go on."""
        now_ns = self._clock()
        self._follow(self._controller.gate(now_ns, there=gate_there))
        for answer in answers:
            self._follow(self._controller.answer(answer, now_ns))
        self._follow(self._controller.tick(now_ns))
        self._show(now_ns)

    def _entered(self) -> None:
        self._done(self._controller.enter(self._clock()))

    def _touched(self) -> None:
        self._done(self._controller.touch(self._clock()))

    def _acted(self, act: Act) -> None:
        self._done(self._controller.act(act, self._clock()))

    def _backed(self) -> None:
        self._done(self._controller.back(self._clock()))

    def _left(self) -> None:
        self._done(self._controller.leave(self._clock()))

    def _done(self, outcome: Outcome) -> None:
        self._follow(outcome)
        self._show(self._clock())

    def _follow(self, outcome: Outcome) -> None:
        self._controller, asks = outcome
        for ask in asks:
            self._send(ask)

    def _show(self, now_ns: int) -> None:
        words = manager_words(self._language())
        opened = self._controller.opened
        self._screen.show(self._controller.frame(words, now_ns), opened[-1].serial if opened else 0, words)
