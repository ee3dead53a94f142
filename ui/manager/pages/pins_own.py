"""Changing one's own PIN: the one that one has, and twice the new one, as nobody sees it."""

from dataclasses import dataclass, field, replace
from typing import ClassVar

from pydantic import ValidationError

from kiosk.api.manager import ChangeOwnPin, Ok, Reply, Request
from kiosk.domain.staff import Refused
from ui.manager.blocks import Block, Button, Buttons, Field, Fields, View
from ui.manager.page import Act, ManagerPage, Turn, Words
from ui.manager.pages.device_service import refusal

LONGEST = 12
"""Digits of a PIN."""


@dataclass(frozen=True, slots=True)
class OwnPin(ManagerPage):
    """Three fields of digits."""

    NAME: ClassVar[str] = "pins_own"

    pin: str = field(default="", repr=False)
    new: str = field(default="", repr=False)
    again: str = field(default="", repr=False)
    wrong: str = ""
    """The field that cannot be taken."""
    code: Refused | None = None
    detail: str = ""
    """What the code is about."""

    def acted(self, act: Act) -> Turn:
        """Take digits, or store the PIN."""
        here = replace(self, wrong="", code=None)
        match act.id:
            case "pin":
                return Turn(replace(here, pin=act.value))
            case "new":
                return Turn(replace(here, new=act.value))
            case "again":
                return Turn(replace(here, again=act.value))
            case "store":
                return self._store()
            case _:
                return Turn(self)

    def _store(self) -> Turn:
        if self.new != self.again:
            return Turn(replace(self, again="", wrong="again", code=None))
        try:
            request = ChangeOwnPin(pin=self.pin, new=self.new)
        except ValidationError as error:
            return Turn(replace(self, wrong=str(error.errors()[0]["loc"][0]), code=None))
        return Turn(replace(self, wrong="", code=None), asks=(request,))

    def answered(self, request: Request, reply: Reply) -> Turn:  # noqa: ARG002
        """Go back, and keep no digit."""
        return Turn(OwnPin(), go="back", say="pins.stored") if isinstance(reply, Ok) else Turn(self)

    def refused(self, request: Request, code: Refused, detail: str) -> Turn:  # noqa: ARG002
        """Say which PIN is wrong, and keep no digit."""
        if code is Refused.WRONG_PIN:
            return Turn(OwnPin(wrong="pin"))
        if code is Refused.INVALID:
            return Turn(OwnPin(wrong="trivial" if detail == "pin_trivial" else "new"))
        return Turn(OwnPin(code=code, detail=detail))

    def view(self, words: Words) -> View:
        """Show the fields and the control."""
        fields = (
            self._field("pin", self.pin, "pin_now", "pin_now_wrong", words),
            self._field("new", self.new, "pin_new", "pin_wrong", words, words["manager.pins.pin_note"]),
            self._field("again", self.again, "again", "again_wrong", words),
        )
        store = Button("store", words["manager.pins.store"], "tick", "good", enabled=bool(self.pin and self.new))
        blocks: list[Block] = [refusal(self.code, words, "pins", self.detail)] if self.code is not None else []
        return View(words["manager.pins.own"], (*blocks, Fields(fields), Buttons((store,))))

    def _field(self, name: str, value: str, label: str, error: str, words: Words, note: str = "") -> Field:
        said = words[f"manager.pins.{error}"] if self.wrong == name else ""
        if name == "new" and self.wrong == "trivial":
            said = words["manager.pins.pin_trivial"]
        return Field(name, words[f"manager.pins.{label}"], "pin", value, note, said, max_length=LONGEST)
