"""Which settings the touchscreen shows, and what each can be: by the models of `kiosk.config`, never said twice."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, cast, get_args, get_origin
from zoneinfo import available_timezones

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from kiosk.api.manager.settings import Setting, SettingFault, SettingKind
from kiosk.config import KioskConfig

Unit = Literal["", "ms", "days", "people"]
GROUPS: Mapping[str, tuple[tuple[str, Unit], ...]] = {
    "venue": (("screen.venue", ""), ("kiosk.time_zone", ""), ("paths.policy", "")),
    "door": (("gate.pulse_ms", "ms"), ("door.longer_ms", "ms"), ("door.passage_ms", "ms"), ("door.held_ms", "ms")),
    "limits": (("limits.people", "people"),),
    "privacy": (("privacy.keep_days", "days"),),
    "screen": (("screen.language", ""), ("screen.theme", ""), ("screen.night", "")),
    "sound": (("sound.voice", ""), ("sound.tones", "")),
}
"""By group, the settings and their units."""
POLICY, ZONE, LANGUAGE = "paths.policy", "kiosk.time_zone", "screen.language"
HOURS, PEOPLE = "door.hold_open", "limits.people"
_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,9}")


class FaultError(ValueError):
    """A value that cannot be taken."""

    def __init__(self, key: str, fault: SettingFault, bound: int | None = None) -> None:
        super().__init__(fault)
        self.key, self.fault, self.bound = key, fault, bound


@dataclass(frozen=True, slots=True)
class SettingField:
    """What one setting can be."""

    key: str
    kind: SettingKind
    annotation: Any
    """What pydantic checks it by."""
    unit: Unit = ""
    least: int | None = None
    most: int | None = None
    options: tuple[str, ...] = ()

    def shown(self, value: Any, **standing: Any) -> Setting:
        """Return it with its value, as the screen has it."""
        said = ("on" if value else "") if self.kind == "toggle" else str(value)
        return Setting(
            key=self.key, kind=self.kind, value=said, unit=self.unit, least=self.least, most=self.most,
            options=self.options, **standing,
        )  # fmt: skip

    def read(self, text: str) -> Any:
        """Return the value that somebody has chosen. Raises FaultError."""
        match self.kind:
            case "number":
                if not _WHOLE_NUMBER.fullmatch(text):
                    raise FaultError(self.key, "not_a_number")
                self._within(int(text), "too_large")
                return int(text)
            case "toggle":
                if text not in ("", "on"):
                    raise FaultError(self.key, "not_offered")
                return bool(text)
            case "choice":
                if text not in self.options:
                    raise FaultError(self.key, "no_such_zone" if self.key == ZONE else "not_offered")
                return text
            case "text":
                self._within(len(text), "too_long")
                if not text.isprintable():
                    raise FaultError(self.key, "invalid")
                try:
                    return TypeAdapter(self.annotation).validate_python(text)
                except ValidationError:
                    raise FaultError(self.key, "invalid") from None

    def _within(self, size: int, beyond: SettingFault) -> None:
        if self.least is not None and size < self.least:
            raise FaultError(self.key, "too_small", self.least)
        if self.most is not None and size > self.most:
            raise FaultError(self.key, beyond, self.most)


def fields(policies: Iterable[str], languages: Iterable[str]) -> dict[str, SettingField]:
    """Return the fields by key; `policies`: names of those that can be chosen, `languages`: what the venue offers."""
    choices = {POLICY: tuple(policies), LANGUAGE: tuple(languages), ZONE: zones()}
    found = {}
    for key, unit in (each for group in GROUPS.values() for each in group):
        table, name = key.split(".")
        model = KioskConfig.model_fields[table].annotation
        found[key] = _field(key, unit, cast("Any", model).model_fields[name], choices.get(key))
    return found


def _field(key: str, unit: Unit, info: FieldInfo, options: tuple[str, ...] | None) -> SettingField:
    whole: Any = info.annotation
    for rule in info.metadata:
        whole = Annotated[whole, rule]
    if options is not None:
        return SettingField(key, "choice", str, options=options)
    if get_origin(info.annotation) is Literal:
        return SettingField(key, "choice", whole, options=tuple(map(str, get_args(info.annotation))))
    if info.annotation is bool:
        return SettingField(key, "toggle", whole)
    if info.annotation is int or int in get_args(info.annotation):
        return SettingField(key, "number", whole, unit, _bound(info, "ge"), _bound(info, "le"))
    return SettingField(key, "text", whole, most=_bound(info, "max_length"))


def _bound(info: FieldInfo, name: str) -> int | None:
    return next((bound for rule in info.metadata if (bound := getattr(rule, name, None)) is not None), None)


@cache
def zones() -> tuple[str, ...]:
    """Return the names of time zones by place, `Asia/Ho_Chi_Minh`; not those kept for the sake of old settings."""
    areas = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
    return tuple(sorted(name for name in available_timezones() if name.split("/")[0] in areas and "/" in name))
