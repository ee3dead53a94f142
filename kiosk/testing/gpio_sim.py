"""GPIO lines that the kernel simulates (gpio-sim, through configfs), for tests in a guest: scripts/test vm.

The kernel's own driver stands behind them, so what drives and reads them is the real pin driver. Needs root.
"""

from collections.abc import Mapping
from pathlib import Path

_CONFIGFS = Path("/sys/kernel/config/gpio-sim")
_DEVICES = Path("/sys/devices/platform")
_LABEL = "pinctrl-bcm2711"
"""What the chip behind the pins of a Raspberry Pi 4 is called."""
_LINES = 54
_CPUINFO = """\
Hardware\t: BCM2835
Revision\t: c03115
Model\t\t: Raspberry Pi 4 Model B Rev 1.5
"""
"""What a Raspberry Pi 4 says of itself in /proc/cpuinfo: gpiozero asks which board it is on."""


class SimulatedChip:
    """A chip with lines by BCM number. `lines` are those that have a name."""

    def __init__(self, lines: Mapping[int, str]) -> None:
        """Let the chip be there. Raises OSError where the kernel has no gpio-sim or this is not root."""
        self._config = _CONFIGFS / "kiosk"
        bank = self._config / "bank0"
        for folder in (self._config, bank, *(bank / f"line{pin}" for pin in lines)):
            folder.mkdir()
        (bank / "num_lines").write_text(str(_LINES))
        (bank / "label").write_text(_LABEL)
        for pin, name in lines.items():
            (bank / f"line{pin}" / "name").write_text(name)
        (self._config / "live").write_text("1")
        device = (self._config / "dev_name").read_text().strip()
        self.name = (bank / "chip_name").read_text().strip()
        """The chip's, as in `/dev/gpiochip0`."""
        self._folder = _DEVICES / device / self.name

    def value_file(self, pin: int) -> Path:
        """Return the file that holds a line's level, 0 or 1."""
        return self._folder / f"sim_gpio{pin}" / "value"

    def level(self, pin: int) -> int:
        """Return a line's level as something on the wire sees it."""
        return int(self.value_file(pin).read_text())

    def pull(self, pin: int, level: int) -> None:
        """Pull a line up (1) or down (0), as a button or a contact on the wire does."""
        (self._folder / f"sim_gpio{pin}" / "pull").write_text("pull-up" if level else "pull-down")

    def remove(self) -> None:
        """Let the chip be gone."""
        (self._config / "live").write_text("0")
        for line in (self._config / "bank0").glob("line*"):
            line.rmdir()
        (self._config / "bank0").rmdir()
        self._config.rmdir()


def board_text() -> str:
    """Return /proc/cpuinfo as it would be on a Raspberry Pi 4."""
    return Path("/proc/cpuinfo").read_text() + _CPUINFO
