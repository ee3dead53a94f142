"""The device: brightness by the kernel, volume by ALSA's `amixer`, new starts by systemd."""

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kiosk.admin.tools import ToolError, Tools
from kiosk.api.manager.device import DeviceRead, DeviceSet, DeviceShown, DeviceStart
from kiosk.api.manager.session import Ok
from kiosk.domain.staff import Refused, RefusedError

_CONTROL = re.compile(r"^Simple mixer control '([A-Za-z0-9 ._-]{1,32})',0$", re.MULTILINE)
_PERCENT = re.compile(r"\[([0-9]{1,3})%\]")
_PREFERRED = ("Master", "PCM", "Speaker", "HDMI", "Headphone")


@dataclass(frozen=True, slots=True)
class Device:
    """Does the verbs of the device."""

    tools: Tools
    backlights: Path = Path("/sys/class/backlight")

    def read(self, _: DeviceRead) -> DeviceShown:
        """Say how bright and how loud it is."""
        return DeviceShown(brightness=self._brightness(), volume=self._volume())

    def set(self, asked: DeviceSet) -> Ok:
        """Set what is named."""
        if asked.brightness is not None:
            light = self._backlight()
            if light is None:
                raise RefusedError(Refused.UNAVAILABLE, "brightness")
            most = _number(light / "max_brightness")
            (light / "brightness").write_text(str(max(1, round(most * asked.brightness / 100))))
        if asked.volume is not None:
            control = self._control()
            if control is None:
                raise RefusedError(Refused.UNAVAILABLE, "volume")
            self.tools.run("amixer", "-M", "sset", control, f"{asked.volume}%", "unmute" if asked.volume else "mute")
        return Ok()

    def start(self, asked: DeviceStart) -> Ok:
        """Start anew, without waiting for it: the answer has to reach the screen."""
        match asked.what:
            case "kiosk":
                self.tools.run("systemctl", "--no-block", "restart", "kiosk.target")
            case "machine":
                self.tools.run("systemctl", "--no-block", "reboot")
            case "off":
                self.tools.run("systemctl", "--no-block", "poweroff")
        return Ok()

    def _backlight(self) -> Path | None:
        return next(iter(sorted(self.backlights.glob("*"))), None)

    def _brightness(self) -> int | None:
        with suppress(OSError, ValueError, ZeroDivisionError):
            if light := self._backlight():
                return min(100, round(100 * _number(light / "brightness") / _number(light / "max_brightness")))
        return None

    def _control(self) -> str | None:
        with suppress(ToolError, RefusedError):
            found = _CONTROL.findall(self.tools.run("amixer", "-M", "scontrols"))
            return next((name for name in (*_PREFERRED, *found) if name in found), None)
        return None

    def _volume(self) -> int | None:
        control = self._control()
        if control is None:
            return None
        text = self.tools.run("amixer", "-M", "sget", control)
        match = _PERCENT.search(text)
        if match is None:
            return None
        return 0 if "[off]" in text else min(100, int(match[1]))


def _number(path: Path) -> int:
    return int(path.read_text())
