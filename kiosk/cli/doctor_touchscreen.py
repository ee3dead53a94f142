"""What `kiosk doctor` finds of the touchscreen: what was set there, and whether the machine can be."""

import tomllib
from collections.abc import Iterator

from kiosk.adapters.admin_client import AdminClient
from kiosk.cli.doctor_state import Finding
from kiosk.config import ConfigError, KioskConfig
from kiosk.settings_overlay import TOUCHSCREEN, read_overlay


def touchscreen(config: KioskConfig | None) -> Iterator[Finding]:
    """Say which settings were made at the touchscreen, and whether network, clock and sticks can be set there."""
    if config is None:
        return
    try:
        content = read_overlay((config.paths.state, config.paths.run), name=TOUCHSCREEN) or b""
        tables = tomllib.loads(content.decode())
    except (ConfigError, ValueError):
        tables = {}  # the settings' own line has said it
    keys = sorted(f"{table}.{key}" for table, values in tables.items() for key in values)
    if keys:
        yield Finding("touchscreen", "ok", f"set there: {', '.join(keys)}")
    if config.gate.pins == "mock":
        return  # a demonstration
    if AdminClient(config.paths.admin).is_there:
        yield Finding("rights", "ok", "network, clock and sticks can be set at the touchscreen")
    else:
        said = "kiosk-admin is not listening: network, clock and sticks cannot be set at the touchscreen"
        yield Finding("rights", "warning", said, "sudo systemctl enable --now kiosk-admin.socket, or leave it so")
