"""The clock, by systemd's `timedatectl`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from kiosk.admin.tools import Tools
from kiosk.api.admin_messages import ClockSet
from kiosk.api.manager.session import Ok
from kiosk.api.manager.time import TimeRead, TimeShown, TimeSync, ZoneSet


@dataclass(frozen=True, slots=True)
class Clock:
    """Does the verbs of the clock."""

    tools: Tools
    now: Callable[[], float]
    """Unix time."""

    def read(self, _: TimeRead) -> TimeShown:
        """Say how it stands."""
        text = self.tools.run("timedatectl", "show")
        said = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
        return TimeShown(
            now=int(self.now()), zone=said.get("Timezone", "")[:64], by_network=said.get("NTP") == "yes",
            synced=said.get("NTPSynchronized") == "yes", can_sync=said.get("CanNTP") == "yes",
        )  # fmt: skip

    def sync(self, asked: TimeSync) -> Ok:
        """Set it over the network, or do so no more."""
        self.tools.run("timedatectl", "set-ntp", "true" if asked.on else "false")
        return Ok()

    def set(self, asked: ClockSet) -> Ok:
        """Set it by hand; while it is set over the network, timedatectl would refuse to."""
        if self.read(TimeRead()).by_network:
            self.sync(TimeSync(on=False))
        at = datetime.fromtimestamp(asked.at, UTC)
        self.tools.run("timedatectl", "set-time", f"{at:%Y-%m-%d %H:%M:%S} UTC")
        return Ok()

    def set_zone(self, asked: ZoneSet) -> Ok:
        """Show another zone's time."""
        self.tools.run("timedatectl", "set-timezone", asked.zone)
        return Ok()
