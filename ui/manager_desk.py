"""The manager's screen as it runs: touches and answers into the controller; its questions and its frame out."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from kiosk.api.messages import Answer, Ask
from ui.manager.page import Act
from ui.manager.words import manager_words
from ui.manager_backend import Manager

if TYPE_CHECKING:
    from ui.manager.controller import Controller, Outcome


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
        self._gate_there = False
        self._controller: Controller | None = None
        screen.entered.connect(self._entered)
        screen.touched.connect(self._touched)
        screen.acted.connect(self._acted)
        screen.backed.connect(self._backed)
        screen.left.connect(self._left)

    @property
    def shown(self) -> bool:
        """Whether the manager's screen is up."""
        return self._controller is not None and self._controller.shown

    def update(self, answers: tuple[Answer, ...], *, gate_there: bool) -> None:
        """Take what the gate has said, and go on."""
        self._gate_there = gate_there
        self._follow(lambda now, now_ns: now.gate(now_ns, there=gate_there))
        for answer in answers:
            self._answered(answer)
        self._follow(lambda now, now_ns: now.tick(now_ns))
        self._show()

    def _answered(self, answer: Answer) -> None:
        self._follow(lambda now, now_ns: now.answer(answer, now_ns))

    def _entered(self) -> None:
        if self._controller is None:
            # All the pages are read only now, so that visitors see theirs sooner after a start.
            from ui.manager.controller import Controller

            self._controller = Controller(gate_there=self._gate_there)
        self._do(lambda now, now_ns: now.enter(now_ns))

    def _touched(self) -> None:
        self._do(lambda now, now_ns: now.touch(now_ns))

    def _acted(self, act: Act) -> None:
        self._do(lambda now, now_ns: now.act(act, now_ns))

    def _backed(self) -> None:
        self._do(lambda now, now_ns: now.back(now_ns))

    def _left(self) -> None:
        self._do(lambda now, now_ns: now.leave(now_ns))

    def _do(self, step: "Callable[[Controller, int], Outcome]") -> None:
        self._follow(step)
        self._show()

    def _follow(self, step: "Callable[[Controller, int], Outcome]") -> None:
        if self._controller is not None:
            self._controller, asks = step(self._controller, self._clock())
            for ask in asks:
                self._send(ask)

    def _show(self) -> None:
        if self._controller is None:
            return
        words = manager_words(self._language())
        opened = self._controller.opened
        frame = self._controller.frame(words, self._clock())
        self._screen.show(frame, opened[-1].serial if opened else 0, words)
