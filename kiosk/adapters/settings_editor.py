"""Changing settings at the touchscreen: what stands, from whom, and whether a change fits with all the rest."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kiosk.adapters.policy_capacity import people_of
from kiosk.adapters.settings_fields import GROUPS, HOURS, PEOPLE, POLICY, FaultError, SettingField, fields
from kiosk.adapters.toml_text import toml_text
from kiosk.adapters.touchscreen_settings import TouchscreenSettings
from kiosk.api.manager.settings import (
    OpenHours,
    Origin,
    SettingGroup,
    SettingsFaulty,
    SettingsShown,
    SettingsStanding,
    SettingsWrite,
)
from kiosk.app.manager_settings import SettingsChange
from kiosk.config import ConfigError, KioskConfig, load_own, with_settings
from kiosk.door_section import HoldOpenTable
from kiosk.settings_overlay import NAME
from kiosk.toml_file import read_tables

POLICIES = "policies"
"""The folder beside the policy's file that has the others that can be chosen."""
_POLICY_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")
_MAX_NAME = 64
_MAX_POLICIES = 30
_Tables = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class SettingsEditor:
    """The kiosk's settings as the touchscreen sees them (kiosk.app.manager_settings.SettingsBook)."""

    path: Path
    """The kiosk's own settings, `kiosk.toml`."""
    store: TouchscreenSettings
    centre: Callable[[], bytes | None]
    """Returns the settings of the centre that are in force, or wait to be."""
    fits: Callable[[KioskConfig], object]
    """Raises ConfigError where a start with these settings would fail, as far as that can be told before."""
    policy_from_centre: Callable[[], bool] = lambda: False

    def shown(self) -> SettingsShown:
        """Return how the settings stand. Raises OSError where the kiosk's own cannot be read."""
        try:
            policies, config = self._policies(), self._together(self.store.newest())
        except ConfigError as error:
            raise OSError(str(error)) from error
        known = fields(policies, config.screen.languages)
        if self._value(PEOPLE, config, policies) is None:
            del known[PEOPLE]  # this policy counts nobody
        groups = tuple(
            SettingGroup.model_validate({"name": name, "settings": [
                known[key].shown(self._value(key, config, policies), origin=self._origin(key))
                for key, _ in keys if key in known
            ]})
            for name, keys in GROUPS.items()
        )  # fmt: skip
        hours = tuple(OpenHours.model_validate(table.model_dump()) for table in config.door.hold_open)
        return SettingsShown(
            groups=groups, hours=hours, hours_origin=self._origin(HOURS), standing=self._standing(),
            can_undo=self.store.can_undo, restart_due=self.store.restart_due,
        )  # fmt: skip

    def checked(self, asked: SettingsWrite) -> SettingsChange | SettingsFaulty:
        """Check a change: each value alone, then all settings as a whole. Raises OSError as `shown`."""
        try:
            return self._checked(asked)
        except FaultError as error:
            return SettingsFaulty(key=error.key, fault=error.fault, bound=error.bound)
        except ConfigError as error:  # somebody has changed `kiosk.toml` since the start, and not well
            raise OSError(str(error)) from error

    def _checked(self, asked: SettingsWrite) -> SettingsChange:
        policies = self._policies()
        known = fields(policies, load_own(self.path).screen.languages)
        before = _tables(self.store.newest())
        values: dict[str, Any] = {key: self._read(key, text, known) for key, text in asked.values.items()}
        if POLICY in values:
            values[POLICY] = str(policies[values[POLICY]])
        if asked.hours is not None:
            values[HOURS] = _hours(asked.hours)
        for key in values:
            if self._origin(key) == "centre":
                raise FaultError(key, "from_centre")
        after = _overlaid(before, values)
        self._leave_out_what_is_so_anyway(after, values)
        keys = tuple(key for key in values if _at(before, key) != _at(after, key))
        content = toml_text(after).encode()
        if keys:
            self._fit(content, keys)
        return SettingsChange(keys, content)

    def undoing(self) -> SettingsChange | None:
        """Return what undoing the last change would change; None: there is nothing to undo."""
        before = self.store.before()
        if before is None:
            return None
        old, new = _tables(before), _tables(self.store.newest())
        keys = {f"{table}.{key}" for tables in (old, new) for table, values in tables.items() for key in values}
        return SettingsChange(tuple(sorted(key for key in keys if _at(old, key) != _at(new, key))), before)

    def make(self, change: SettingsChange) -> None:
        """Keep a change for the next start. Raises OSError."""
        self.store.put(change.content)

    def undo(self) -> None:
        """Go back to the version before. Raises OSError."""
        self.store.undo()

    @staticmethod
    def _read(key: str, text: str, known: Mapping[str, SettingField]) -> Any:
        if key not in known:
            raise FaultError(key, "unknown")
        return known[key].read(text)

    def _leave_out_what_is_so_anyway(self, after: _Tables, values: Mapping[str, Any]) -> None:
        """Take out what the kiosk's own settings say as well, so that nothing is 'set here' that is not."""
        own = load_own(self.path)
        for key in values:
            table, name = key.split(".")
            said = getattr(getattr(own, table), name)
            if key == HOURS:
                said = _hours(tuple(OpenHours.model_validate(one.model_dump()) for one in said))
            if after.get(table, {}).get(name) == (str(said) if isinstance(said, Path) else said):
                del after[table][name]

    def _fit(self, content: bytes, keys: tuple[str, ...]) -> None:
        try:
            self.fits(self._together(content))
        except ConfigError as error:
            text = str(error)
            if guilty := next((key for key in keys if f"'{key}'" in text), None):  # pydantic has named it
                raise FaultError(guilty, "overlap" if guilty == HOURS else "invalid") from error
            # Of settings that do not go together, the one of this change that the sentence names.
            named = next((key for key in keys if key.split(".")[1] in text), keys[0])
            raise FaultError(named, "invalid" if named == POLICY else "conflict") from error

    def _together(self, content: bytes) -> KioskConfig:
        return with_settings(self.path, self.centre(), NAME, content)

    def _policies(self) -> dict[str, Path]:
        """Return the policies that can be chosen, by name: that of `kiosk.toml` first, then those beside it."""
        own = load_own(self.path).paths.policy
        found = {own.stem[:_MAX_NAME]: own}
        for path in sorted((own.parent / POLICIES).glob("*.toml"))[:_MAX_POLICIES]:
            if _POLICY_NAME.fullmatch(path.stem):
                found.setdefault(path.stem, path)
        return found

    @staticmethod
    def _value(key: str, config: KioskConfig, policies: Mapping[str, Path]) -> Any:
        table, name = key.split(".")
        value = getattr(getattr(config, table), name)
        if key == POLICY:
            return next((name for name, path in policies.items() if path == value), value.stem[:_MAX_NAME])
        if key == PEOPLE:
            own = people_of(config.paths.policy)
            return own if own is None or value is None else value
        return value

    def _origin(self, key: str) -> Origin:
        if key == POLICY and self.policy_from_centre():
            return "centre"
        layers: tuple[tuple[Origin, Mapping[str, Any]], ...] = (
            ("centre", _tables(self.centre() or b"")), ("touchscreen", _tables(self.store.newest())),
            ("own", read_tables(self.path)),
        )  # fmt: skip
        return next((name for name, tables in layers if _at(tables, key) is not None), "default")

    def _standing(self) -> SettingsStanding:
        if self.store.was_rejected:
            return "went_back"
        return "trying" if self.store.is_trying or self.store.restart_due else "in_force"


def _tables(content: bytes) -> _Tables:
    try:
        return tomllib.loads(content.decode())
    except ValueError:  # damaged: the next start goes by what was before
        return {}


def _at(tables: Mapping[str, Any], key: str) -> Any:
    table, name = key.split(".")
    return tables.get(table, {}).get(name)


def _overlaid(tables: _Tables, values: Mapping[str, Any]) -> _Tables:
    after = {name: dict(table) for name, table in tables.items()}
    for key, value in values.items():
        table, name = key.split(".")
        after.setdefault(table, {})[name] = value
    return after


def _hours(windows: tuple[OpenHours, ...]) -> list[dict[str, Any]]:
    try:
        return [HoldOpenTable.model_validate(one.model_dump()).model_dump(mode="json") for one in windows]
    except ValidationError:
        raise FaultError(HOURS, "invalid") from None
