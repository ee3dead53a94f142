"""The PIN's page: digits, a dot for each, and how long to wait after too many wrong ones."""

from dataclasses import dataclass, field, replace
from typing import ClassVar

from kiosk.api.manager import Request, SignIn
from kiosk.domain.staff import Refused
from ui.manager.blocks import PinPad, View
from ui.manager.page import Act, ManagerPage, Turn, Words

LEAST, MOST = 6, 12
"""Digits that a PIN has (kiosk.api.manager.session.SignIn)."""


@dataclass(frozen=True, slots=True)
class SignInPage(ManagerPage):
    """Somebody types a PIN."""

    NAME: ClassVar[str] = "sign_in"
    EVERY_S: ClassVar[float] = 1.0

    typed: str = field(default="", repr=False)
    checking: bool = False
    locked_s: int = 0
    """For how many seconds no PIN is taken."""
    code: Refused | None = None
    tries_left: str = ""

    def ticked(self) -> Turn:
        """Count down."""
        if not self.locked_s:
            return Turn(self)
        left = self.locked_s - 1
        return Turn(replace(self, locked_s=left, code=self.code if left else None))

    def acted(self, act: Act) -> Turn:
        """Take a digit, take one back, or ask whether it is a PIN of this kiosk."""
        if self.checking or self.locked_s:
            return Turn(self)
        match act.id:
            case "digit" if len(self.typed) < MOST and act.value in "0123456789" and len(act.value) == 1:
                return Turn(replace(self, typed=self.typed + act.value, code=None))
            case "erase":
                return Turn(replace(self, typed=self.typed[:-1], code=None))
            case "enter" if len(self.typed) >= LEAST:
                return Turn(replace(self, typed="", checking=True, code=None), asks=(SignIn(pin=self.typed),))
            case _:
                return Turn(self)

    def refused(self, request: Request, code: Refused, detail: str) -> Turn:  # noqa: ARG002
        """Say it above the digits: that is where somebody looks who types."""
        number = int(detail) if detail.isdecimal() else 0
        locked = number if code is Refused.LOCKED_OUT else 0
        tries = detail if code is Refused.WRONG_PIN and detail.isdecimal() else ""
        return Turn(SignInPage(locked_s=locked, code=code, tries_left=tries))

    def view(self, words: Words) -> View:
        """Show the digits, and why they do not work."""
        text = words["manager.sign_in.checking" if self.checking else "manager.sign_in.text"]
        pad = PinPad(len(self.typed), LEAST, text, self._error(words), enabled=not (self.checking or self.locked_s))
        return View(words["manager.sign_in.title"], (pad,))

    def _error(self, words: Words) -> str:
        match self.code:
            case None:
                return ""
            case Refused.WRONG_PIN if self.tries_left == "0":
                return words["manager.sign_in.wrong_none"]
            case Refused.WRONG_PIN if self.tries_left == "1":
                return words["manager.sign_in.wrong_last"]
            case Refused.WRONG_PIN if self.tries_left:
                return words["manager.sign_in.wrong"].format(tries=self.tries_left)
            case Refused.LOCKED_OUT:
                return words["manager.sign_in.locked"].format(seconds=self.locked_s)
            case _:
                return words[f"manager.refused.{self.code}"]
