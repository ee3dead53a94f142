"""The address of one line into the network: given out there, or a fixed one."""

from dataclasses import dataclass, replace
from typing import ClassVar

from pydantic import ValidationError

from kiosk.api.manager import AddressSet, Ok, Reply, Request
from kiosk.api.manager.network import NetworkLine
from kiosk.domain.staff import Refused
from ui.manager.blocks import Block, Button, Buttons, Field, Fields, Option, Progress, View
from ui.manager.page import Act, ManagerPage, Turn, Words
from ui.manager.pages.device_service import refusal


@dataclass(frozen=True, slots=True)
class Address(ManagerPage):
    """One line, wired or wireless."""

    NAME: ClassVar[str] = "network_address"

    line: NetworkLine
    method: str
    address: str
    gateway: str
    dns: str
    wrong: str = ""
    """The field that cannot be taken."""
    setting: bool = False
    code: Refused | None = None
    """Why the gate did not do it."""

    @classmethod
    def of(cls, line: NetworkLine) -> "Address":
        """Return the page with what is in force now."""
        return cls(line, line.method, line.address, line.gateway, ", ".join(line.dns))

    def acted(self, act: Act) -> Turn:
        """Take a value, or set them."""
        match act.id:
            case "method" if act.value in ("automatic", "fixed"):
                return Turn(replace(self, method=act.value, wrong=""))
            case "address":
                return Turn(replace(self, address=act.value.strip(), wrong=""))
            case "gateway":
                return Turn(replace(self, gateway=act.value.strip(), wrong=""))
            case "dns":
                return Turn(replace(self, dns=act.value.strip(), wrong=""))
            case "set" if not self.setting:
                return self._set()
            case _:
                return Turn(self)

    def _set(self) -> Turn:
        fields: dict[str, object] = {"medium": self.line.medium}
        if self.method == "fixed":
            if not self.address:
                return Turn(replace(self, wrong="address"))
            servers = tuple(filter(None, self.dns.replace(",", " ").split()))
            fields |= {"address": self.address, "gateway": self.gateway or None, "dns": servers}
        try:
            request = AddressSet.model_validate(fields)
        except ValidationError as error:
            return Turn(replace(self, wrong=str(error.errors()[0]["loc"][0])))
        return Turn(replace(self, setting=True, code=None), asks=(request,))

    def answered(self, request: Request, reply: Reply) -> Turn:  # noqa: ARG002
        """Go back: the page before shows how it stands."""
        return Turn(self, go="back", say="network.set") if isinstance(reply, Ok) else Turn(self)

    def refused(self, request: Request, code: Refused, detail: str) -> Turn:  # noqa: ARG002
        """Let it be tried again."""
        wrong = detail if code is Refused.INVALID and detail in ("address", "gateway", "dns") else ""
        return Turn(replace(self, setting=False, wrong=wrong, code=None if wrong else code))

    def view(self, words: Words) -> View:
        """Show the choice, and the fields of a fixed address."""
        choices = tuple(Option(one, words[f"manager.network.method_{one}"]) for one in ("automatic", "fixed"))
        method = Field("method", words["manager.network.method"], "choice", self.method, options=choices)
        fields = [method]
        if self.method == "fixed":
            fields += [self._field(name, value, words) for name, value in
                       (("address", self.address), ("gateway", self.gateway), ("dns", self.dns))]  # fmt: skip
        blocks: list[Block] = [Fields(tuple(fields))]
        if self.code is not None:
            blocks.append(refusal(self.code, words))
        if self.setting:
            blocks.append(Progress(words["manager.network.setting"]))
        blocks.append(Buttons((Button("set", words["manager.network.set_it"], "tick", enabled=not self.setting),)))
        return View(words[f"manager.network.{self.line.medium}"], tuple(blocks))

    def _field(self, name: str, value: str, words: Words) -> Field:
        error = words[f"manager.network.{name}_wrong"] if self.wrong == name else ""
        note = words[f"manager.network.{name}_note"]
        return Field(name, words[f"manager.network.{name}"], "plain", value, note, error, max_length=60)
