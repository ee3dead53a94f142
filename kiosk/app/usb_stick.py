"""The stick that an export is written on: mounted by `kiosk-admin` for as long as it is written."""

import asyncio
import logging
from dataclasses import dataclass
from pathlib import Path

from kiosk.api.admin_messages import UsbMount, UsbMounted, UsbUnmount
from kiosk.api.manager.usb import UsbRead, UsbShown
from kiosk.app.manager_device import Admin
from kiosk.domain.staff import Refused, RefusedError

_log = logging.getLogger("kiosk")


@dataclass(slots=True)
class UsbStick:
    """A stick that can be written on."""

    admin: Admin
    _open: str = ""

    async def open(self, stick: str | None) -> Path:
        """Make a stick ready, None: the only one; return the folder to write into. Raises RefusedError.

        With no stick that this kiosk can write on the refusal is `unavailable`, `no_target`; with several and none
        named `invalid`, `stick`.
        """
        chosen = stick if stick is not None else await asyncio.to_thread(self._only_one)
        mounted = await asyncio.to_thread(self.admin.ask, UsbMount.model_validate({"stick": chosen}))
        if not isinstance(mounted, UsbMounted):
            raise RefusedError(Refused.FAILED, "stick")
        self._open = chosen
        return Path(mounted.folder)

    async def close(self) -> None:
        """Have everything on it, so that it can be taken away. Does not raise."""
        try:
            if self._open:
                await asyncio.to_thread(self.admin.ask, UsbUnmount.model_validate({"stick": self._open}))
        except RefusedError as error:
            _log.warning("the stick cannot be unmounted (%s %s)", error.code, error.detail)
        finally:
            self._open = ""

    def _only_one(self) -> str:
        shown = self.admin.ask(UsbRead())
        usable = [one.id for one in shown.sticks if one.usable] if isinstance(shown, UsbShown) else []
        if not usable:
            raise RefusedError(Refused.UNAVAILABLE, "no_target")
        if len(usable) > 1:
            raise RefusedError(Refused.INVALID, "stick")
        return usable[0]
