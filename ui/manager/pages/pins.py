"""PINs: who has one, giving one, taking one away."""

from dataclasses import dataclass, field, replace
from typing import ClassVar

from pydantic import ValidationError

from kiosk.api.manager import ListPins, Pins, RemovePin, Reply, Request, SetPin
from kiosk.api.manager.pins import PinOf
from kiosk.domain.staff import Refused, StaffRole
from ui.manager.blocks import Block, Button, Buttons, Field, Fields, Option, Row, Rows, View
from ui.manager.page import Act, ManagerPage, Turn, Words
from ui.manager.pages.device_service import refusal, waiting
from ui.manager.pages.pins_own import LONGEST, OwnPin


@dataclass(frozen=True, slots=True)
class PinsPage(ManagerPage):
    """Who has a PIN."""

    NAME: ClassVar[str] = "pins"
    ROLES: ClassVar[frozenset[StaffRole]] = frozenset({StaffRole.MANAGER, StaffRole.TECHNICIAN})
    ICON: ClassVar[str] = "pins"
    EVERY_S: ClassVar[float] = 2.0

    pins: tuple[PinOf, ...] | None = None

    def opened(self) -> Turn:
        """Ask who has one."""
        return Turn(self, asks=(ListPins(),))

    def ticked(self) -> Turn:
        """Ask again: one may have been given on its own page."""
        return self.opened()

    def acted(self, act: Act) -> Turn:
        """Open somebody's page, or an empty one."""
        if act.id == "add":
            return Turn(self, to=EditPin())
        if act.id == "own":
            return Turn(self, to=OwnPin())
        one = next((pin for pin in self.pins or () if pin.name == act.id), None)
        return Turn(self, to=EditPin(one.name, one.role, known=True)) if one else Turn(self)

    def answered(self, request: Request, reply: Reply) -> Turn:  # noqa: ARG002
        """Take the list."""
        return Turn(replace(self, pins=reply.pins)) if isinstance(reply, Pins) else Turn(self)

    def view(self, words: Words) -> View:
        """Show the list."""
        title = words["manager.pins.title"]
        if self.pins is None:
            return View(title, (waiting(words),))
        rows = tuple(Row(pin.name, words[f"manager.role.{pin.role}"], icon="person", id=pin.name) for pin in self.pins)
        add = Button("add", words["manager.pins.add"], "plus")
        own = Button("own", words["manager.pins.own"], "pins")
        return View(title, (Rows(rows, empty=words["manager.pins.none"]), Buttons((add, own))))


@dataclass(frozen=True, slots=True)
class EditPin(ManagerPage):
    """One PIN. It is typed twice, as nobody sees it."""

    NAME: ClassVar[str] = "pins_edit"

    name: str = ""
    role: StaffRole = StaffRole.GUARD
    known: bool = False
    """Somebody has it already: its name stays."""
    pin: str = field(default="", repr=False)
    again: str = field(default="", repr=False)
    wrong: str = ""
    """The field that cannot be taken."""
    code: Refused | None = None
    detail: str = ""
    """What the code is about."""

    def acted(self, act: Act) -> Turn:
        """Take a value, store the PIN, or take it away."""
        here = replace(self, wrong="", code=None)
        match act.id:
            case "name" if not self.known:
                return Turn(replace(here, name=act.value.strip().lower()))
            case "role" if act.value in tuple(StaffRole):
                return Turn(replace(here, role=StaffRole(act.value)))
            case "pin":
                return Turn(replace(here, pin=act.value))
            case "again":
                return Turn(replace(here, again=act.value))
            case "store":
                return self._store()
            case "remove" if self.known:
                return Turn(here, asks=(RemovePin(name=self.name),))
            case _:
                return Turn(self)

    def _store(self) -> Turn:
        if self.pin != self.again:
            return Turn(replace(self, again="", wrong="again", code=None))
        try:
            request = SetPin(name=self.name, role=self.role, pin=self.pin)
        except ValidationError as error:
            return Turn(replace(self, wrong=str(error.errors()[0]["loc"][0])))
        return Turn(replace(self, wrong="", code=None), asks=(request,))

    def answered(self, request: Request, reply: Reply) -> Turn:
        """Go back to the list, and keep no digit."""
        if not isinstance(reply, Pins):
            return Turn(self)
        key = "pins.removed" if isinstance(request, RemovePin) else "pins.stored"
        return Turn(replace(self, pin="", again=""), go="back", say=key)

    def refused(self, request: Request, code: Refused, detail: str) -> Turn:  # noqa: ARG002
        """Say which field is wrong, and keep no digit."""
        wrong = detail if code is Refused.INVALID and detail in ("name", "role", "pin", "pin_trivial") else ""
        return Turn(replace(self, pin="", again="", wrong=wrong, code=None if wrong else code, detail=detail))

    def view(self, words: Words) -> View:
        """Show the fields and the controls."""
        roles = tuple(Option(role, words[f"manager.role.{role}"]) for role in StaffRole)
        name = Field("name", words["manager.pins.name"], "plain", self.name, words["manager.pins.name_note"],
                     self._error("name", words), max_length=32)  # fmt: skip
        role = Field("role", words["manager.pins.role"], "choice", self.role, words[f"manager.pins.may_{self.role}"],
                     self._error("role", words), roles)  # fmt: skip
        pin = Field("pin", words["manager.pins.pin"], "pin", self.pin, words["manager.pins.pin_note"],
                    self._error("pin", words), max_length=LONGEST)  # fmt: skip
        again = Field("again", words["manager.pins.again"], "pin", self.again, "", self._error("again", words),
                      max_length=LONGEST)  # fmt: skip
        fields = (role, pin, again) if self.known else (name, role, pin, again)
        buttons = [Button("store", words["manager.pins.store"], "tick", "good", enabled=bool(self.name and self.pin))]
        if self.known:
            buttons.append(Button("remove", words["manager.pins.remove"], hold_s=1.0))
        blocks: list[Block] = [refusal(self.code, words, PinsPage.NAME, self.detail)] if self.code is not None else []
        title = self.name if self.known else words["manager.pins.add"]
        return View(title, (*blocks, Fields(fields), Buttons(tuple(buttons))))

    def _error(self, name: str, words: Words) -> str:
        if name == "pin" and self.wrong == "pin_trivial":
            return words["manager.pins.pin_trivial"]
        return words[f"manager.pins.{name}_wrong"] if self.wrong == name else ""
