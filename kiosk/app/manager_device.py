"""The device at the touchscreen: network, clock, sticks, brightness, updates, new starts; done by `kiosk-admin`.

The gate says who may and puts on record who did, before it is done; what was typed, a password or a network's name,
goes through and is neither kept nor logged.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Protocol

from kiosk.api.admin_messages import ClockSet, Result, Task
from kiosk.api.manager.device import DeviceRead, DeviceSet, DeviceStart
from kiosk.api.manager.network import AddressSet, NetworkRead, WifiForget, WifiJoin, WifiScan
from kiosk.api.manager.session import Ok
from kiosk.api.manager.time import TimeRead, TimeSet, TimeSync, ZoneSet
from kiosk.api.manager.update import UpdateBack, UpdateInstall, UpdateLook, UpdateRead
from kiosk.api.manager.usb import UsbEject, UsbRead
from kiosk.app.manager_desk import Handlers
from kiosk.app.recorder import Recorder
from kiosk.domain.events import EventDraft, EventType
from kiosk.domain.staff import Refused, RefusedError, Staff


class Admin(Protocol):
    """The process with rights."""

    def ask(self, request: Task) -> Result:
        """Have something done, or ask how it stands. Blocks. Raises RefusedError."""
        ...


_LOOKS: tuple[type[Task], ...] = (NetworkRead, WifiScan, TimeRead, UsbRead, DeviceRead, UpdateRead, UpdateLook)
_ADJUSTS: tuple[type[Task], ...] = (DeviceSet, UsbEject)
"""What changes nothing that anybody would have to answer for."""
_DETAILS: Mapping[type[Any], Callable[[Any], str]] = {
    WifiJoin: lambda _: "",
    WifiForget: lambda _: "",
    AddressSet: lambda asked: asked.medium,
    TimeSync: lambda asked: "on" if asked.on else "off",
    ZoneSet: lambda _: "",
    DeviceStart: lambda asked: asked.what,
    UpdateInstall: lambda asked: asked.version[:32],
    UpdateBack: lambda _: "",
}
"""What is put on record, and what a record says of it beside who did it: nothing that somebody typed."""


@dataclass(slots=True)
class DeviceDesk:
    """Answers for the device."""

    admin: Admin
    recorder: Recorder
    zone: tzinfo
    """The venue's."""

    def handlers(self) -> Handlers:
        """Return who answers what."""
        through = dict.fromkeys((*_LOOKS, *_ADJUSTS), self._look) | dict.fromkeys(_DETAILS, self._act)
        return {**through, TimeSet: self.set_time}  # type: ignore[dict-item] # what the gate alone asks is not shown

    async def _look(self, asked: Task, _: Staff) -> Any:
        return await asyncio.to_thread(self.admin.ask, asked)

    async def _act(self, asked: Task, staff: Staff) -> Any:
        await self._record(asked.ask, _DETAILS[type(asked)](asked), staff)
        return await asyncio.to_thread(self.admin.ask, asked)

    async def set_time(self, asked: TimeSet, staff: Staff) -> Ok:
        """Set the clock to what one on the venue's wall shows."""
        try:
            at = datetime.fromisoformat(f"{asked.date}T{asked.time}").replace(tzinfo=self.zone)
        except ValueError:
            raise RefusedError(Refused.INVALID, "date") from None
        await self._record(asked.ask, "", staff)
        await asyncio.to_thread(self.admin.ask, ClockSet(at=int(at.timestamp())))
        return Ok()

    async def _record(self, what: str, detail: str, staff: Staff) -> None:
        said = {"what": what, "detail": detail, "role": staff.role.value, "by": staff.name}
        await self.recorder.record_now([EventDraft(EventType.DEVICE_CHANGED, data=said)])
