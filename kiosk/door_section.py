"""The table `[door]` of `kiosk.toml`: what locks the door, how people get out of it, and when it stands unlocked."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from kiosk.domain.door_io import DoorKind
from kiosk.domain.policy_terms import MINUTES_A_DAY
from kiosk.domain.schedule import HoldOpenWindow
from kiosk.times_text import WEEKDAYS, HoursText, Weekday, read_hours, weekday_numbers
from kiosk.toml_file import Section

MAX_WINDOWS = 50
_BARRIERS = (DoorKind.TURNSTILE, DoorKind.LANE)
"""Kinds without a leaf: nobody can open them by a handle."""


class HoldOpenTable(Section):
    """Hours in which the door stands unlocked, holidays of the policy excluded."""

    hours: Annotated[tuple[HoursText, ...], Field(min_length=1, max_length=MAX_WINDOWS)]
    """As in the policy: `08:00-17:00`, or `22:00-02:00` over midnight, which belongs to the day it begins on."""
    weekdays: Annotated[tuple[Weekday, ...], Field(min_length=1)] = WEEKDAYS
    first_person: bool = True
    """It stays locked in them until somebody has been let in."""

    def window(self) -> HoldOpenWindow:
        """Return it as the schedule knows it."""
        return HoldOpenWindow(
            tuple(map(read_hours, self.hours)), weekday_numbers(self.weekdays), self.first_person
        )


class DoorSection(Section):
    """What the door is like. Times are milliseconds; how long a release lasts is `[gate] pulse_ms`."""

    kind: DoorKind = DoorKind.STRIKE
    fail: Literal["safe", "secure"] = "safe"
    """What the lock does without power: `safe` opens, `secure` stays locked."""
    escape_route: bool = True
    """People may have to get out this way."""
    free_handle: bool = False
    """A handle or a push bar inside opens the door, whatever the lock does."""
    free_exit: bool = False
    """Of a turnstile or a lane: it always turns outwards, so that nobody has to ask for the way out."""
    fire_release_wired: bool = False
    """The fire panel opens it by its wiring, without the kiosk: arms drop, both doors of a mantrap come free."""
    fire_wiring: Literal["release", "alarm"] = "release"
    """What the kiosk does when the two contacts of its fire input contradict each other."""
    longer_ms: Annotated[int, Field(ge=100, le=30_000)] = 10_000
    """How long a release lasts for people who need longer."""
    longer_for: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=64)], ...], Field(max_length=50)] = ()
    """Groups of a pass whose holders need longer."""
    exit_ms: Annotated[int, Field(ge=1_000, le=30_000)] = 5_000
    passage_ms: Annotated[int, Field(ge=1_000, le=60_000)] = 8_000
    held_ms: Annotated[int, Field(ge=1_000, le=600_000)] = 20_000
    escalate_ms: Annotated[int, Field(ge=5_000, le=3_600_000)] = 60_000
    hold_open: Annotated[tuple[HoldOpenTable, ...], Field(max_length=MAX_WINDOWS)] = ()

    @property
    def windows(self) -> tuple[HoldOpenWindow, ...]:
        """When the door stands unlocked, as the schedule knows it."""
        return tuple(table.window() for table in self.hold_open)

    @field_validator("hold_open")
    @classmethod
    def _each_minute_once(cls, tables: tuple[HoldOpenTable, ...]) -> tuple[HoldOpenTable, ...]:
        spans = sorted(_spans(table.window() for table in tables))
        if any(later < end for (_, end), (later, _) in pairwise(spans)):
            raise ValueError("two [[door.hold_open]] hours overlap; write each part of the week once")
        return tables

    @model_validator(mode="after")
    def _is_a_door(self) -> Self:
        if self.kind is DoorKind.MAGNETIC_LOCK and self.fail == "secure":
            raise ValueError('a magnetic lock opens without power; write fail = "safe"')
        if self.kind in _BARRIERS and self.free_handle:
            raise ValueError(f"a {self.kind} has no handle; leave free_handle out")
        if self.free_exit and self.kind not in _BARRIERS:
            raise ValueError("free_exit is for a turnstile or a lane; of a door inside write free_handle")
        if self.kind is DoorKind.INTERLOCK and self.hold_open:
            raise ValueError("a mantrap cannot stand open, as one of its doors is always shut; leave hold_open out")
        return self

    @model_validator(mode="after")
    def _people_can_leave(self) -> Self:
        """Refuse a way out that needs software or power (DESIGN section 4)."""
        if not self.escape_route:
            return self
        way_out = "or write escape_route = false where people get out by another door"
        if self.kind in (*_BARRIERS, DoorKind.INTERLOCK) and not self.fire_release_wired:
            raise ValueError(
                f"on an escape route the fire panel has to open the {self.kind} by its wiring:"
                f" see to that and write fire_release_wired = true, {way_out}"
            )
        if self.fail == "secure" and not self.free_handle:
            raise ValueError(
                'fail = "secure" on an escape route keeps people in without power:'
                f" fit a handle that always opens from inside and write free_handle = true, {way_out}"
            )
        return self


def _spans(windows: Iterable[HoldOpenWindow]) -> Iterator[tuple[int, int]]:
    """Yield when windows stand, in minutes after the week's beginning; what runs over its end in two pieces."""
    week = 7 * MINUTES_A_DAY
    for window in windows:
        for day in window.weekdays:
            for hours in window.hours:
                start = day * MINUTES_A_DAY + hours.start
                end = day * MINUTES_A_DAY + hours.end + (MINUTES_A_DAY if hours.end <= hours.start else 0)
                yield start, min(end, week)
                if end > week:
                    yield 0, end - week
