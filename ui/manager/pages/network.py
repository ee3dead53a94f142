"""The network: how it stands, and which wireless networks are within reach."""

from dataclasses import dataclass, replace
from typing import ClassVar

from kiosk.api.manager import NetworkRead, NetworkShown, Reply, Request, WifiFound, WifiScan
from kiosk.api.manager.network import NetworkLine, WifiSeen
from kiosk.domain.staff import Refused, StaffRole
from ui.manager.blocks import Block, Button, Buttons, Notice, Progress, Row, Rows, Tone, View
from ui.manager.page import Act, ManagerPage, Turn, Words
from ui.manager.pages.device_service import missing, refusal, waiting
from ui.manager.pages.network_address import Address
from ui.manager.pages.network_join import JoinWifi

_REACH: dict[str, tuple[str, Tone]] = {
    "full": ("disc-tick", "good"), "limited": ("triangle", "care"), "portal": ("triangle", "care"),
    "none": ("octagon-cross", "bad"), "unknown": ("help", ""),
}  # fmt: skip
_MOST_FOUND = 12


@dataclass(frozen=True, slots=True)
class NetworkPage(ManagerPage):
    """How the kiosk reaches others."""

    NAME: ClassVar[str] = "network"
    ROLES: ClassVar[frozenset[StaffRole]] = frozenset({StaffRole.MANAGER, StaffRole.TECHNICIAN})
    ICON: ClassVar[str] = "network"
    EVERY_S: ClassVar[float] = 5.0

    shown: NetworkShown | None = None
    found: tuple[WifiSeen, ...] | None = None
    looking: bool = False
    unavailable: bool = False
    code: Refused | None = None
    """Why the last search was not made."""

    def opened(self) -> Turn:
        """Ask how it stands."""
        return Turn(self, asks=(NetworkRead(),))

    def ticked(self) -> Turn:
        """Ask again."""
        return Turn(self) if self.unavailable else Turn(self, asks=(NetworkRead(),))

    def acted(self, act: Act) -> Turn:
        """Look for wireless networks, or open what was touched."""
        kind, _, name = act.id.partition(":")
        if act.id == "look":
            return Turn(replace(self, looking=True, code=None), asks=(WifiScan(),))
        if kind == "line":
            line = next((one for one in self.shown.lines if one.medium == name), None) if self.shown else None
            return Turn(self, to=Address.of(line)) if line else Turn(self)
        seen = next((one for one in self.found or () if kind == "wifi" and one.ssid == name), None)
        return Turn(self, to=JoinWifi(seen)) if seen is not None and seen.joinable else Turn(self)

    def answered(self, request: Request, reply: Reply) -> Turn:  # noqa: ARG002
        """Take how it stands, or what is within reach."""
        match reply:
            case NetworkShown():
                return Turn(replace(self, shown=reply, unavailable=False))
            case WifiFound():
                return Turn(replace(self, found=reply.networks[:_MOST_FOUND], looking=False))
            case _:
                return Turn(self)

    def refused(self, request: Request, code: Refused, detail: str) -> Turn | None:  # noqa: ARG002
        """Say on the page that nothing here can be set; anything else the frame says."""
        if isinstance(request, NetworkRead) and code is Refused.UNAVAILABLE:
            return Turn(replace(self, unavailable=True))
        return Turn(replace(self, looking=False, code=code)) if isinstance(request, WifiScan) else None

    def view(self, words: Words) -> View:
        """Show the reach, the lines, and the wireless networks that were found."""
        title = words["manager.network.title"]
        if self.shown is None:
            return View(title, (missing(words) if self.unavailable else waiting(words),))
        icon, tone = _REACH[self.shown.reach]
        blocks: list[Block] = [
            Notice(words[f"manager.network.reach_{self.shown.reach}"], icon=icon, tone=tone),
            Rows(tuple(_line(line, words) for line in self.shown.lines), words["manager.network.lines"]),
        ]
        if any(line.medium == "wifi" for line in self.shown.lines):
            look = Button("look", words["manager.network.look"], "network", enabled=not self.looking)
            blocks.append(Buttons((look,)))
        if self.looking:
            blocks.append(Progress(words["manager.network.looking"]))
        elif self.code is not None:
            blocks.append(refusal(self.code, words))
        elif self.found is not None:
            rows = tuple(_wifi(seen, words) for seen in self.found)
            blocks.append(Rows(rows, words["manager.network.found"], words["manager.network.nothing_found"]))
        return View(title, tuple(blocks))


def _line(line: NetworkLine, words: Words) -> Row:
    icons: dict[str, tuple[str, Tone]] = {
        "connected": ("disc-tick", "good"), "connecting": ("hourglass", "care"),
        "disconnected": ("octagon-cross", "bad"), "unavailable": ("barred", ""),
    }  # fmt: skip
    icon, tone = icons[line.state]
    title = words[f"manager.network.{line.medium}"]
    said = (words[f"manager.network.state_{line.state}"], line.network, line.address)
    return Row(title, " · ".join(filter(None, said)), "", icon, tone, f"line:{line.medium}")


def _wifi(seen: WifiSeen, words: Words) -> Row:
    said = [words["manager.network.secured" if seen.secured else "manager.network.unsecured"]]
    if seen.joined:
        said.insert(0, words["manager.network.is_joined"])
    if not seen.joinable:
        said = [words["manager.network.not_joinable"]]
    tone: Tone = "good" if seen.joined else ""
    act = f"wifi:{seen.ssid}" if seen.joinable else ""
    said.append(f"{seen.signal} %")
    return Row(seen.ssid, " · ".join(said), "", "disc-tick" if seen.joined else "network", tone, act)
