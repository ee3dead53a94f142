"""What a manager's page is made of. Pure data; `ui/qml/Kiosk/Manager` has a drawing for each kind of block.

Every text is ready to be read: a page takes it from the words of its language (`ui.manager.words`). Colour never says
anything alone: a tone comes with an icon, and with words that mean the same.
"""

from dataclasses import dataclass
from typing import Literal

Tone = Literal["", "good", "care", "bad"]
"""How something stands: nothing to say, well, look at it, not working."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number that is read from afar."""

    label: str
    value: str
    note: str = ""
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """Numbers beside each other."""

    items: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a list. With an `id` it can be touched, and acts by it."""

    title: str
    detail: str = ""
    value: str = ""
    """At its end, short."""
    icon: str = ""
    tone: Tone = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """A list, as much of it as one page shows. `newer` and `older` are the ids of the acts that turn it."""

    items: tuple[Row, ...]
    title: str = ""
    empty: str = ""
    """What is said where there is no line."""
    newer: str = ""
    older: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart."""

    label: str
    value: float
    text: str = ""
    """Its value in words."""


@dataclass(frozen=True, slots=True)
class Bars:
    """A chart of bars from zero. `upright`: bars stand, as for hours; else they lie, with their labels before them."""

    items: tuple[Bar, ...]
    title: str = ""
    empty: str = ""
    upright: bool = False


@dataclass(frozen=True, slots=True)
class Button:
    """A control. `hold_s` more than 0: it acts only after it has been held for that long."""

    id: str
    label: str
    icon: str = ""
    tone: Tone = ""
    hold_s: float = 0.0
    enabled: bool = True
    on: bool = False
    """One of several that is chosen."""


@dataclass(frozen=True, slots=True)
class Buttons:
    """Controls beside each other, wrapped where they do not fit."""

    items: tuple[Button, ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a choice."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Field:
    """A value that can be changed: it acts by `id` with the new value, once that is whole.

    kind: text, name, plain (as typed, without Telex: a password, an address), number, decimal, phone and pin open the
    keyboard of that layout; toggle (`on` or empty), choice (`options`), slider (a whole number from `least` to `most`
    by `step`), date (YYYY-MM-DD) and time (HH:MM) are set by touch.
    """

    id: str
    label: str
    kind: Literal[
        "text", "name", "plain", "number", "decimal", "phone", "pin", "toggle", "choice", "slider", "date", "time",
    ]  # fmt: skip
    value: str = ""
    note: str = ""
    """What the value means, in a sentence, or its unit."""
    error: str = ""
    """Why the last value could not be taken."""
    options: tuple[Option, ...] = ()
    least: int = 0
    most: int = 100
    step: int = 1
    max_length: int = 200


@dataclass(frozen=True, slots=True)
class Fields:
    """Values below each other."""

    items: tuple[Field, ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence or two that stand out."""

    text: str
    title: str = ""
    icon: str = ""
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far something has got: 0 to 1; None: that cannot be told, but it goes on."""

    text: str
    part: float | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """What the camera sees now, with an outline to aim at."""

    text: str = ""
    """What the picture shows, for those who do not see it."""


@dataclass(frozen=True, slots=True)
class Tiles:
    """Large controls with a drawing and a word each: where one can go."""

    items: tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class PinPad:
    """Digits to touch, and a dot for each that has been typed. Acts: `digit` with its value, `erase`, `enter`."""

    typed: int
    least: int
    """How many digits a PIN has at least."""
    text: str = ""
    error: str = ""
    enabled: bool = True


Block = Figures | Rows | Bars | Buttons | Fields | Notice | Progress | Picture | Tiles | PinPad


@dataclass(frozen=True, slots=True)
class View:
    """A whole page."""

    title: str
    blocks: tuple[Block, ...]
