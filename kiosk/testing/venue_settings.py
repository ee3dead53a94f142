"""The files of a venue, and settings that are changed there as at the touchscreen."""

from pathlib import Path

from kiosk.adapters.settings_editor import SettingsEditor
from kiosk.adapters.touchscreen_settings import TouchscreenSettings
from kiosk.api.manager.settings import OpenHours, Setting, SettingsFaulty, SettingsWrite
from kiosk.board_file import load_board
from kiosk.config import KioskConfig, load_config
from kiosk.door_setup import door_setup
from kiosk.settings_overlay import TOUCHSCREEN

OWN = """
[kiosk]
id = "door-1"
[paths]
state = "state"
run = "run"
policy = "policy.toml"
trust = "trust"
[gate]
board = "board.toml"
pins = "mock"
pulse_ms = 2000
"""


class Venue:
    """A kiosk's files, and who changes its settings."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "kiosk.toml"
        self.centre: bytes | None = None
        self.policy_sent = False
        self.path.write_text(OWN)
        (folder / "board.toml").write_text('name = "test"\n[relay]\npin = 17\n')
        (folder / "policies").mkdir()
        for name in ("policy.toml", "policies/hospital.toml", "policies/Not A Name.toml"):
            (folder / name).write_text("")
        for name in ("state", "run"):
            (folder / name).mkdir()
        self.folder = folder
        self.store = TouchscreenSettings(folder / "state" / "touchscreen", lambda _: True)
        self.editor = SettingsEditor(
            self.path, self.store, lambda: self.centre,
            lambda config: door_setup(config, load_board(config.gate.board).lines), lambda: self.policy_sent,
        )  # fmt: skip

    def set(
        self, hours: tuple[OpenHours, ...] | None = None, **values: str
    ) -> tuple[str, ...] | tuple[str, str, int | None]:
        """Set (`gate__pulse_ms="4000"`) and return which keys have changed, or key, fault and bound."""
        values = {key.replace("__", "."): text for key, text in values.items()}
        found = self.editor.checked(SettingsWrite(values=values, hours=hours))
        if isinstance(found, SettingsFaulty):
            return found.key, found.fault, found.bound
        self.editor.make(found)
        return found.keys

    def shown(self) -> dict[str, Setting]:
        """Return all settings by key."""
        return {one.key: one for group in self.editor.shown().groups for one in group.settings}

    def config(self) -> KioskConfig:
        """Read the settings as the next start will."""
        (self.folder / "state" / TOUCHSCREEN).write_bytes(self.store.newest())
        return load_config(self.path)
