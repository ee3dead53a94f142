"""Scenario files: who comes when with which code, what the door is like, what fails, and what is expected."""

import re
from datetime import datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from kiosk.config import ConfigError
from kiosk.domain.door_io import Alarm, Mode
from kiosk.domain.lines import Sense
from kiosk.domain.reasons import Reason
from kiosk.domain.situation import Direction
from kiosk.door_section import DoorSection
from kiosk.toml_file import Section, read_toml

SHIPPED = Path(__file__).parent / "scenarios"
MAX_PEOPLE = 100_000
_MOMENT = re.compile(r"(?:(\d{1,3})d )?([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?")
Moment = Annotated[str, Field(pattern=f"^{_MOMENT.pattern}$")]
"""`08:30`, `08:30:05`, or `3d 08:30` three days after the beginning."""


class Does(StrEnum):
    """What somebody does at the door."""

    WALKS = "walks"
    TURNS_BACK = "turns_back"
    """Is let in, and does not go in."""
    HOLDS_DOOR = "holds_door"
    """Goes in, and keeps the door open behind."""
    BRINGS_ONE = "brings_one"
    """Lets somebody without a code in at their heels."""
    COMES_OUT = "comes_out"
    """Shows nothing, and goes out against the way of the door."""


class Code(StrEnum):
    """What somebody holds up."""

    PASS = "pass"  # noqa: S105 - a word of scenario files
    SECOND_CODE = "second_code"
    """A pass of their own, and when that has let them in another one of the same person, for a friend outside."""
    EXPIRED = "expired"
    FORGED = "forged"
    STRANGER = "stranger"
    ONE_ENTRY = "one_entry"
    NEEDS_LONGER = "needs_longer"
    """A pass of the group `reduced-mobility`."""


class People(Section):
    """Some people who come alike."""

    count: Annotated[int, Field(ge=1, le=MAX_PEOPLE)]
    at: Moment
    """When the first may come."""
    over_min: Annotated[float, Field(ge=0, le=1440)] = 0
    """Over how many minutes they come, at random."""
    every_day: bool = False
    code: Code = Code.PASS
    does: Does = Does.WALKS
    show_s: Annotated[float, Field(ge=0, le=60)] = 0.5
    """How long it takes until the code is read."""
    walk_s: Annotated[float, Field(ge=0.2, le=60)] = 1.0
    hold_s: Annotated[float, Field(ge=0, le=600)] = 30
    stay_min: tuple[Annotated[float, Field(ge=0)], Annotated[float, Field(ge=0)]] | None = None
    """How long they stay, at random between the two; absent: they do not leave."""
    leave_by: Literal["exit_button", "code"] = "exit_button"


class Happening(StrEnum):
    """What can happen at the door, beside people."""

    FIRE = "fire"
    CUT_FIRE_WIRE = "cut_fire_wire"
    MODE = "mode"
    OPEN = "open"
    """Staff opens once."""
    STAFF_COMES = "staff_comes"
    RELAY_STICKS = "relay_sticks"
    SENSOR_CHATTERS = "sensor_chatters"
    CAMERA_LOST = "camera_lost"
    PROCESS_DIES = "process_dies"
    POWER_CUT = "power_cut"
    DISK_FULL = "disk_full"
    NETWORK_DOWN = "network_down"
    CLOCK_UNSET = "clock_unset"
    FORCED = "forced"
    """Somebody opens the door by force."""
    TAMPER = "tamper"
    COUNTED = "counted"
    """Staff counts who is inside, rightly."""


class Event(Section):
    """Something that happens."""

    at: Moment
    what: Happening
    for_s: Annotated[float, Field(ge=0, le=90 * 86_400)] = 0
    """How long it lasts, where it has an end."""
    mode: Mode = Mode.NORMAL
    sense: Sense = Sense.CONTACT


Between = tuple[float, float]


class Expect(Section):
    """What has to come of it: a number, or the least and the most. What is not named is not looked at."""

    admitted: int | Between | None = None
    entered: int | Between | None = None
    """People whom a code let in and a sensor saw go in."""
    left: int | Between | None = None
    refused: int | Between | None = None
    annulled: int | Between | None = None
    extra: int | Between | None = None
    """People who went in without leave, as the sensors saw it."""
    inside: int | Between | None = None
    """By the kiosk's count, at the end."""
    inside_error: float | Between | None = None
    """The largest difference between that and who is really inside, in hundredths of the most people inside."""
    people_a_minute: float | Between | None = None
    longest_wait_s: float | Between | None = None
    unconfirmed: int | Between | None = None
    """Events that the centre has not got at the end."""
    journal_mb: float | Between | None = None
    alarms: dict[Alarm, int | Between] = Field(default_factory=dict)
    reasons: dict[Reason, int | Between] = Field(default_factory=dict)
    """Refusals, by the first reason."""
    faults: dict[str, int | Between] = Field(default_factory=dict)


class Scenario(Section):
    """One scenario file."""

    title: Annotated[str, Field(min_length=1, max_length=80)]
    story: Annotated[str, Field(max_length=2000)] = ""
    starts: datetime
    """By the venue's clock, without a zone."""
    lasts_min: Annotated[float, Field(gt=0, le=100 * 1440)]
    seed: int = 1
    policy: Annotated[str, Field(min_length=1, max_length=20_000)]
    """The policy's text."""
    sensors: tuple[Sense, ...] = (Sense.CONTACT, Sense.BEAM, Sense.EXIT_BUTTON, Sense.FIRE_NC, Sense.FIRE_NO)
    misses: Annotated[float, Field(ge=0, le=0.5)] = 0
    """The share of passages that each sensor of the passage misses."""
    pulse_ms: Annotated[int, Field(ge=100, le=30_000)] = 3_000
    direction: Direction = Direction.ENTRY
    door: DoorSection = DoorSection()
    people: tuple[People, ...] = ()
    happens: tuple[Event, ...] = ()
    expect: Expect

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        days = max(1, round(self.lasts_min / 1440))
        if sum(group.count * (days if group.every_day else 1) for group in self.people) > MAX_PEOPLE:
            raise ValueError(f"more than {MAX_PEOPLE} people are more than a scenario can play")
        if self.starts.tzinfo is not None:
            raise ValueError("starts is by the venue's clock; leave the time zone out")
        return self

    def seconds(self, moment: str) -> float:
        """Return a moment as seconds after the start."""
        found = _MOMENT.fullmatch(moment)
        if found is None:  # pydantic has looked at it
            raise ValueError(moment)
        days, hour, minute, second = (int(part or 0) for part in found.groups())
        day = self.starts.date() + timedelta(days=days)
        return (datetime.combine(day, time(hour, minute, second)) - self.starts).total_seconds()


def load(path: Path) -> Scenario:
    """Read a scenario file. Raises ConfigError with one sentence."""
    scenario = read_toml(path, Scenario)
    for moment in [*(group.at for group in scenario.people), *(event.at for event in scenario.happens)]:
        if not 0 <= scenario.seconds(moment) <= scenario.lasts_min * 60:
            raise ConfigError(f"{path}: '{moment}' is before the start or after the end of the scenario")
    return scenario


def shipped() -> list[Path]:
    """Return the scenarios that come with the kiosk."""
    return sorted(SHIPPED.glob("*.toml"))
