"""Settings at the touchscreen: what can be changed there, how it stands, where it came from, and undoing a change.

A value is text on the wire, whatever its kind, so that one field of the screen serves all: a whole number in decimal
digits, `on` or nothing for a switch, one of `options` for a choice. The hours in which the door stands unlocked are a
list and have a form of their own.
"""

from typing import Annotated, Literal

from pydantic import Field

from kiosk.api.wire_message import WireMessage

SettingKey = Annotated[str, Field(pattern=r"^[a-z_]{1,32}\.[a-z_]{1,32}$")]
"""Table and key as in `kiosk.toml`: `gate.pulse_ms`."""
SettingText = Annotated[str, Field(max_length=200)]
Origin = Literal["default", "own", "touchscreen", "centre"]
"""Whose value is in force, weakest first: nobody's, `kiosk.toml`, what was set here, what the centre has sent."""
SettingKind = Literal["number", "text", "toggle", "choice"]
SettingFault = Literal[
    "unknown", "too_small", "too_large", "not_a_number", "not_offered", "too_long", "invalid", "no_such_zone",
    "overlap", "conflict", "from_centre",
]  # fmt: skip
"""Why a value cannot be taken. conflict: alone it could be, but not together with the others; overlap: two hours in
which the door stands unlocked; from_centre: the centre has set it, so that nothing set here would count."""
SettingsStanding = Literal["in_force", "trying", "went_back"]
"""How the newest settings made here stand: proved, in force but not for long enough to be proved, or given up, as the
kiosk did not start well with them."""


class Setting(WireMessage):
    """One setting as it stands."""

    key: SettingKey
    kind: SettingKind
    value: SettingText
    origin: Origin
    least: int | None = None
    """Of a number, the least that can be taken."""
    most: int | None = None
    """Of a number the most, of a text its length."""
    options: tuple[SettingText, ...] = Field(default=(), max_length=700)
    """Of a choice."""
    unit: Literal["", "ms", "days", "people"] = ""


class SettingGroup(WireMessage):
    """Settings that belong together; the screen has a title for each name."""

    name: Literal["venue", "door", "limits", "privacy", "screen", "sound"]
    settings: tuple[Setting, ...]


class OpenHours(WireMessage):
    """Hours in which the door stands unlocked: a `[[door.hold_open]]` table."""

    hours: tuple[Annotated[str, Field(max_length=11)], ...] = Field(min_length=1, max_length=50)
    """`08:00-17:00`, or `22:00-02:00` over midnight."""
    weekdays: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = Field(min_length=1, max_length=7)
    first_person: bool = True
    """It stays locked until somebody has been let in."""


class SettingsRead(WireMessage):
    """Ask how the settings stand."""

    ask: Literal["settings_read"] = "settings_read"


class SettingsShown(WireMessage):
    """How they stand."""

    reply: Literal["settings_shown"] = "settings_shown"
    groups: tuple[SettingGroup, ...]
    hours: tuple[OpenHours, ...] = ()
    hours_origin: Origin = "default"
    standing: SettingsStanding = "in_force"
    can_undo: bool = False
    restart_due: bool = False
    """Settings have been stored and come into force as soon as nobody is served."""


class SettingsWrite(WireMessage):
    """Set these, all or none. What is not named stays as it is."""

    ask: Literal["settings_write"] = "settings_write"
    values: dict[SettingKey, SettingText] = Field(default_factory=dict, max_length=32)
    hours: tuple[OpenHours, ...] | None = Field(default=None, max_length=50)
    """In place of all hours so far; None: they stay."""


class SettingsUndo(WireMessage):
    """Go back to how the settings were before the last change made here."""

    ask: Literal["settings_undo"] = "settings_undo"


class SettingsTaken(WireMessage):
    """They are stored; they come into force by a new start of the kiosk, as soon as nobody is served."""

    reply: Literal["settings_taken"] = "settings_taken"
    keys: tuple[SettingKey, ...]
    """What has changed; empty: everything was so already, and nothing happens."""


class SettingsFaulty(WireMessage):
    """Nothing was changed, as one value cannot be taken."""

    reply: Literal["settings_faulty"] = "settings_faulty"
    key: SettingKey
    fault: SettingFault
    bound: int | None = None
    """Of too_small the least, of too_large and too_long the most."""
