"""How the machine itself does: a few small files of /sys and /proc, and the fill of the disk that holds the journal.

Nothing here is an error: a file that is not there, as on another board, or that holds something else, is a figure
that is not known.
"""

import os
from pathlib import Path

from kiosk.app.telemetry import MachineHealth

_THROTTLED = {
    0: "under_voltage",
    1: "frequency_capped",
    2: "throttled",
    3: "temperature_limit",
}
"""Bits of what a Pi's firmware says of this moment; the same from 16 on are what has been since the start."""
_BLOCK_KIB = 1024
_MIB = 1 << 20


def look(state: Path, root: Path = Path("/")) -> MachineHealth:
    """Look at the machine whose /sys and /proc are below `root`. Blocks for as long as the disk takes to answer."""
    return MachineHealth(
        temperature_c=_temperature(root),
        throttled=_throttled(root),
        disk_used_percent=_disk_used(state),
        memory_available_mb=_mebibytes(root / "proc/meminfo", "MemAvailable:"),
        memory_process_mb=_mebibytes(root / "proc/self/status", "VmRSS:"),
        uptime_s=_uptime(root),
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _temperature(root: Path) -> float | None:
    """Return degrees Celsius; the kernel tells thousandths of one."""
    zones = (_number(_text(zone)) for zone in root.glob("sys/class/thermal/thermal_zone*/temp"))
    known = [zone / 1000 for zone in zones if zone is not None and -50_000 < zone < 200_000]
    return round(max(known), 1) if known else None


def _throttled(root: Path) -> tuple[str, ...]:
    """Return what the firmware's driver says: raspberrypi-firmware has it as a hexadecimal number."""
    for file in sorted(root.glob("sys/devices/platform/soc*/*firmware*/get_throttled")):
        try:
            bits = int(_text(file), 16)
        except ValueError:
            continue
        return tuple(name for bit, name in _THROTTLED.items() if bits >> bit & 1)
    return ()


def _disk_used(state: Path) -> float | None:
    try:
        disk = os.statvfs(state)
    except OSError:
        return None
    used = disk.f_blocks - disk.f_bfree
    usable = used + disk.f_bavail
    return round(100 * used / usable, 1) if usable else None


def _mebibytes(path: Path, key: str) -> float | None:
    """Return the figure of a line `KEY  NUMBER kB`, in MiB."""
    for line in _text(path).splitlines():
        if line.startswith(key):
            number = _number(line.removeprefix(key).strip().removesuffix("kB"))
            return round(number * _BLOCK_KIB / _MIB, 1) if number is not None else None
    return None


def _uptime(root: Path) -> int | None:
    words = _text(root / "proc/uptime").split()
    seconds = _number(words[0]) if words else None
    return int(seconds) if seconds is not None else None
