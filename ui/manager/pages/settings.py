"""The venue's settings: shown by group, checked by the gate, stored one by one, and undone."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

from pydantic import ValidationError

from kiosk.api.manager import (
    Reply,
    Request,
    SettingsFaulty,
    SettingsRead,
    SettingsShown,
    SettingsTaken,
    SettingsUndo,
    SettingsWrite,
)
from kiosk.api.manager.settings import Setting
from kiosk.domain.staff import Refused, StaffRole
from ui.manager.blocks import Block, Button, Buttons, Field, Fields, Notice, Option, Row, Rows, View
from ui.manager.numbers import milliseconds, seconds
from ui.manager.page import Act, ManagerPage, Turn, Words
from ui.manager.pages.device_service import refusal, waiting
from ui.manager.pages.settings_choice import ChooseSetting
from ui.manager.pages.settings_hours import HOURS, Hours, hours_said
from ui.manager.pages.settings_words import bound_said, fault_said, label_of, option_of

MANY = 8
"""Options beyond which a choice gets a page of its own."""
NIGHT = "screen.night"
"""Hours that are set by two times."""


@dataclass(frozen=True, slots=True)
class SettingsPage(ManagerPage):
    """What a venue decides for itself."""

    NAME: ClassVar[str] = "settings"
    ROLES: ClassVar[frozenset[StaffRole]] = frozenset({StaffRole.MANAGER})
    ICON: ClassVar[str] = "settings"
    EVERY_S: ClassVar[float] = 2.0

    shown: SettingsShown | None = None
    typed: Mapping[str, str] = field(default_factory=dict)
    """Values that could not be taken, by key: they stay to be mended."""
    faulty: SettingsFaulty | None = None
    code: Refused | None = None

    def opened(self) -> Turn:
        """Ask how they stand."""
        return Turn(self, asks=(SettingsRead(),))

    def ticked(self) -> Turn:
        """Ask again: they come into force meanwhile, or are given up."""
        return Turn(self, asks=(SettingsRead(),))

    def acted(self, act: Act) -> Turn:
        """Set a value, open its page, or undo."""
        if act.id == "undo":
            return Turn(replace(self, code=None), asks=(SettingsUndo(), SettingsRead()))
        if self.shown is None:
            return Turn(self)
        if act.id == HOURS:
            return Turn(self, to=Hours(self.shown.hours))
        key, _, end = act.id.partition(":")
        setting = _setting(self.shown, key)
        if setting is None or setting.origin == "centre":
            return Turn(self)
        if end == "choose":
            return Turn(self, to=ChooseSetting(setting))
        if end:
            return self._write(key, _between(setting.value, end, act.value))
        return self._write(key, milliseconds(act.value) if setting.unit == "ms" else act.value)

    def _write(self, key: str, value: str) -> Turn:
        try:
            request = SettingsWrite(values={key: value}, hours=None)
        except ValidationError:
            return Turn(replace(self, typed={key: value}, faulty=SettingsFaulty(key=key, fault="invalid")))
        here = replace(self, typed={key: value}, faulty=None, code=None)
        return Turn(here, asks=(request, SettingsRead()))

    def answered(self, request: Request, reply: Reply) -> Turn:  # noqa: ARG002
        """Take how they stand, or why a value cannot be taken."""
        match reply:
            case SettingsShown():
                return Turn(replace(self, shown=reply))
            case SettingsTaken():
                return Turn(replace(self, typed={}, faulty=None), say="settings.saved" if reply.keys else "")
            case SettingsFaulty():
                return Turn(replace(self, faulty=reply))
            case _:
                return Turn(self)

    def refused(self, request: Request, code: Refused, detail: str) -> Turn | None:  # noqa: ARG002
        """Say so on the page; what was typed is gone, and the field shows what is in force."""
        return None if isinstance(request, SettingsRead) else Turn(replace(self, typed={}, code=code))

    def view(self, words: Words) -> View:
        """Show how they stand."""
        title = words["manager.settings.title"]
        if self.shown is None:
            return View(title, (waiting(words),))
        blocks: list[Block] = [refusal(self.code, words)] if self.code is not None else []
        blocks += _standing(self.shown, words)
        for group in self.shown.groups:
            blocks += self._group(group.name, group.settings, words)
        undo = Button("undo", words["manager.settings.undo"], "arrow-left", hold_s=1.0, enabled=self.shown.can_undo)
        return View(title, (*blocks, Buttons((undo,), words["manager.settings.undo_title"])))

    def _group(self, name: str, settings: tuple[Setting, ...], words: Words) -> list[Block]:
        fixed = tuple(_as_row(one, words) for one in settings if one.origin == "centre")
        long = tuple(
            _as_row(one, words, f"{one.key}:choose") for one in settings if one.origin != "centre" and _is_long(one)
        )
        free = [one for one in settings if one.origin != "centre" and not _is_long(one)]
        title = words[f"manager.settings.group_{name}"]
        fields = tuple(each for one in free for each in self._fields(one, words))
        blocks: list[Block] = [Fields(fields, title)] if fields else []
        rows = (*long, *fixed)
        if name == "door" and self.shown is not None:
            detail = hours_said(self.shown.hours, words)
            act = "" if self.shown.hours_origin == "centre" else HOURS
            rows = (*rows, Row(words["manager.settings.hours"], detail, icon="clock", id=act))
        if rows:
            blocks.append(Rows(rows, "" if fields else title))
        return blocks

    def _fields(self, setting: Setting, words: Words) -> tuple[Field, ...]:
        value = self.typed.get(setting.key, setting.value)
        faulty = self.faulty if self.faulty and self.faulty.key == setting.key else None
        error = fault_said(faulty, words, setting.unit) if faulty else ""
        label = label_of(setting.key, words)
        note = words.get(f"manager.settings.note_{setting.key.replace('.', '_')}", "")
        if setting.key == NIGHT:
            begins, _, ends = value.partition("-")
            return (
                Field(f"{NIGHT}:first", words["manager.settings.night_begins"], "time", begins, note),
                Field(f"{NIGHT}:last", words["manager.settings.night_ends"], "time", ends, error=error),
            )
        options = tuple(Option(one, option_of(setting.key, one, words)) for one in setting.options)
        if setting.kind == "number":
            bounds = words[f"manager.settings.bounds_{setting.unit or 'number'}"]
            least, end = (bound_said(bound, setting.unit, words) for bound in (setting.least or 0, setting.most))
            note = bounds.format(least=least, most=end)
        if setting.unit == "ms":
            return (Field(setting.key, label, "decimal", seconds(value, words), note, error, max_length=7),)
        most = setting.most if setting.kind == "text" and setting.most else 200
        return (Field(setting.key, label, setting.kind, value, note, error, options, max_length=most),)


def _setting(shown: SettingsShown, key: str) -> Setting | None:
    return next((one for group in shown.groups for one in group.settings if one.key == key), None)


def _is_long(setting: Setting) -> bool:
    return setting.kind == "choice" and len(setting.options) > MANY


def _as_row(setting: Setting, words: Words, act: str = "") -> Row:
    """Return a setting as a line: one with a page of its own, or one that the centre has set."""
    said = option_of(setting.key, setting.value, words)
    if setting.unit == "ms":
        said = f"{seconds(setting.value, words)} s"
    detail = "" if act else words["manager.settings.from_centre"]
    return Row(label_of(setting.key, words), detail, said, "" if act else "padlock", id=act)


def _between(hours: str, end: str, time: str) -> str:
    """Return hours with another beginning or end."""
    begins, _, ends = hours.partition("-")
    return f"{time}-{ends}" if end == "first" else f"{begins}-{time}"


def _standing(shown: SettingsShown, words: Words) -> list[Block]:
    if shown.standing == "went_back":
        return [Notice(words["manager.settings.went_back"], icon="octagon-cross", tone="bad")]
    if shown.restart_due:
        return [Notice(words["manager.settings.restart_due"], icon="hourglass", tone="care")]
    if shown.standing == "trying":
        return [Notice(words["manager.settings.trying"], icon="hourglass", tone="care")]
    return []
