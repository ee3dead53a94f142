"""Settings over `kiosk.toml` in the gate process: which a start goes by, and when it has proved them."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kiosk.adapters.policy_archive import Document
from kiosk.adapters.policy_capacity import policy_with
from kiosk.adapters.settings_editor import SettingsEditor
from kiosk.adapters.settings_trial import SettingsTrial, SettingsUse, lay_out
from kiosk.adapters.touchscreen_settings import TouchscreenSettings
from kiosk.adapters.trial import CONFIRM_S
from kiosk.api import messages as wire
from kiosk.app import document_desk, manager_settings
from kiosk.app.shell import Shell
from kiosk.board_file import load_board
from kiosk.cli.run_documents import FOLDER, centre_of
from kiosk.config import ConfigError, KioskConfig, with_settings
from kiosk.domain.policy import Policy
from kiosk.door_setup import door_setup
from kiosk.settings_overlay import NAME, TOUCHSCREEN

TOUCHSCREEN_FOLDER = "touchscreen"
_LOOK_EVERY_S = 0.5
_log = logging.getLogger("kiosk")


@dataclass(frozen=True, slots=True)
class Settings:
    """Who keeps the settings that lie over the kiosk's own."""

    path: Path
    centre: SettingsTrial
    touchscreen: TouchscreenSettings

    @classmethod
    def begin(cls, path: Path, own: KioskConfig) -> tuple[KioskConfig, "Settings"]:
        """Return the settings that this start goes by, and who keeps them."""
        kept = TouchscreenSettings(
            own.paths.state / TOUCHSCREEN_FOLDER, lambda content: _is_usable(path, content)
        )
        touchscreen = kept.begin()
        use = SettingsUse(path, fits, kept.newest_or_none)
        centre = SettingsTrial(own.paths.state / FOLDER, use, centre_of(own))
        content = centre.begin()
        try:
            lay_out(content, own.paths)
            lay_out(touchscreen, own.paths, name=TOUCHSCREEN)
        except OSError as error:
            _log.warning("the other processes cannot be told the settings in force (%s)", error.strerror)
        if centre.problem:
            _log.warning("%s", centre.problem)
        return with_settings(path, content, NAME, touchscreen), cls(path, centre, kept)

    def editor(self, policy_from_centre: Callable[[], bool]) -> SettingsEditor:
        """Return what the touchscreen changes settings by."""
        return SettingsEditor(self.path, self.touchscreen, self.centre.newest, fits, policy_from_centre)

    async def watch(self, shell: Shell, start_anew: Callable[[], object]) -> None:
        """Put on record what becomes of settings, and ask for a new start once some wait and nobody is served."""
        if self.centre.was_rejected:
            shell.documents.refused(wire.DocumentAnswer(kind="settings", outcome="refused", code="not_in_force"))
        if self.touchscreen.was_rejected:
            shell.recorder.note(manager_settings.changed("given_up", ()))
        confirm_at = shell.clock.mono_ns() + round(CONFIRM_S * 1e9)
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            if shell.clock.mono_ns() >= confirm_at:
                await self._confirm(shell)
            if (self.centre.restart_due or self.touchscreen.restart_due) and shell.is_quiet:
                _log.info("starting anew, with other settings")
                start_anew()
                return

    async def _confirm(self, shell: Shell) -> None:
        if self.touchscreen.is_trying:
            await asyncio.to_thread(self.touchscreen.confirm)
        if self.centre.trying is not None:
            found = await asyncio.to_thread(self.centre.confirm)
            if found is not None:
                shell.recorder.note(document_desk.changed(self.centre.answer("taken", found)))


def policy_in(config: KioskConfig) -> tuple[Policy, Document]:
    """Return the venue's own policy as the settings have it. Raises ConfigError."""
    return policy_with(config.paths.policy, config.limits.people, config.paths.state / FOLDER)


def fits(config: KioskConfig) -> None:
    """Raise ConfigError where a start with these settings would fail, as far as that can be told before."""
    door_setup(config, load_board(config.gate.board).lines)
    policy_in(config)


def _is_usable(path: Path, touchscreen: bytes) -> bool:
    if _fit(path, touchscreen):
        return True
    # What is wrong with the kiosk's own files is no fault of what was set at its screen.
    return not _fit(path, None)


def _fit(path: Path, touchscreen: bytes | None) -> bool:
    try:
        fits(with_settings(path, None, NAME, touchscreen))
    except ConfigError:
        return False
    return True
