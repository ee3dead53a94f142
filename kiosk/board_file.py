"""The board file: which line does what. Pins are BCM numbers."""

import re
from collections import Counter
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from kiosk.domain.lines import RELAYS, Out, Sense
from kiosk.toml_file import ConfigError, Section, read_toml

Pin = Annotated[int, Field(ge=0, le=27)]
_OPEN_CONTACTS = frozenset({Sense.CONTACT, Sense.INNER_CONTACT, Sense.BEAM, Sense.FIRE_NC, Sense.TAMPER})
"""Contacts that are closed to ground at rest and pulled up when they open: a cut wire reads as active."""
_QUICK_MS, _USUAL_MS = 20, 30
_QUICK = frozenset({Sense.BEAM, Sense.TURNED_IN, Sense.TURNED_OUT})
"""Short pulses."""


class Output(Section):
    """A line that the kiosk drives: a pin of the Pi, or a coil of a relay board."""

    pin: Pin | None = None
    coil: Annotated[int, Field(ge=0, le=255)] | None = None
    active_high: bool = True

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.pin is None) is (self.coil is None):
            raise ValueError("write either pin = NUMBER or coil = NUMBER")
        if self.coil is not None and not self.active_high:
            raise ValueError("a coil has no level; leave active_high out")
        return self


class RelayPin(Output):
    """An output that releases a leaf."""

    max_pulse_ms: Annotated[int, Field(ge=100, le=30_000)] = 10_000
    """No release lasts longer, whatever the settings say; a hold is a release that is renewed."""


class Input(Section):
    """A line that the kiosk senses."""

    pin: Pin
    active_high: bool | None = None
    """Which level means that what the line is called is so; absent: as docs/boards.md says for each."""
    pull: Literal["up", "down", "none"] = "up"
    debounce_ms: Annotated[int, Field(ge=0, le=1000)] | None = None
    """How long a level has to hold to be one."""


class ModbusTable(Section):
    """A relay board on the secure side of the wall, on RS-485 or behind a converter."""

    device: Annotated[str, Field(pattern=r"^/[A-Za-z0-9._:+@#=,/-]{1,254}$")] | None = None
    """A serial port; else `host`."""
    host: Annotated[str, Field(min_length=1, max_length=253)] | None = None
    port: Annotated[int, Field(ge=1, le=65_535)] = 502
    baud: Literal[1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200] = 9600
    parity: Literal["N", "E", "O"] = "N"
    unit: Annotated[int, Field(ge=1, le=247)] = 1
    timeout_ms: Annotated[int, Field(ge=50, le=5000)] = 300

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.device is None) is (self.host is None):
            raise ValueError("write either device = PATH or host = NAME")
        return self


class Board(Section):
    """A board file."""

    name: Annotated[str, Field(max_length=200)]
    modbus: ModbusTable | None = None
    relay: RelayPin
    exit_relay: RelayPin | None = None
    inner_relay: RelayPin | None = None
    lamp_green: Output | None = None
    lamp_red: Output | None = None
    buzzer: Output | None = None
    camera_light: Output | None = None
    contact: Input | None = None
    inner_contact: Input | None = None
    beam: Input | None = None
    turned_in: Input | None = None
    turned_out: Input | None = None
    exit_button: Input | None = None
    fire_nc: Input | None = None
    fire_no: Input | None = None
    tamper: Input | None = None
    presence: Input | None = None

    @property
    def outputs(self) -> dict[Out, Output]:
        """The lines that are driven."""
        return {out: line for out in Out if (line := getattr(self, out.value)) is not None}

    @property
    def relays(self) -> dict[Out, RelayPin]:
        """The lines that release a leaf."""
        return {out: line for out in RELAYS if isinstance(line := getattr(self, out.value), RelayPin)}

    @property
    def inputs(self) -> dict[Sense, Input]:
        """The lines that are sensed."""
        return {sense: line for sense in Sense if (line := getattr(self, sense.value)) is not None}

    @property
    def lines(self) -> frozenset[str]:
        """The names of all of them."""
        return frozenset(map(str, (*self.outputs, *self.inputs)))

    @property
    def debounce_ms(self) -> dict[Sense, int]:
        """How long each sensor's level has to hold."""
        return {
            sense: line.debounce_ms
            if line.debounce_ms is not None
            else (_QUICK_MS if sense in _QUICK else _USUAL_MS)
            for sense, line in self.inputs.items()
        }

    def active_high(self, sense: Sense) -> bool:
        """Tell which level of a sensor's line is the active one."""
        said = self.inputs[sense].active_high
        return sense in _OPEN_CONTACTS if said is None else said

    @field_validator("lamp_green", "lamp_red", "buzzer", "camera_light")
    @classmethod
    def _is_a_pin(cls, line: Output | None) -> Output | None:
        if line is not None and line.coil is not None:
            raise ValueError("lamps, buzzer and light are on pins; coils are for relays")
        return line

    @model_validator(mode="after")
    def _each_pin_once(self) -> Self:
        named: list[tuple[str, Output | Input]] = [
            *((out.value, line) for out, line in self.outputs.items()),
            *((sense.value, line) for sense, line in self.inputs.items()),
        ]
        pins = Counter(line.pin for _, line in named if line.pin is not None)
        for pin, times in pins.items():
            if times > 1:
                both = " and ".join(name for name, line in named if line.pin == pin)
                raise ValueError(f"{both} are all on pin {pin}; give each line a pin of its own")
        coils = Counter(line.coil for line in self.outputs.values() if line.coil is not None)
        if any(times > 1 for times in coils.values()):
            raise ValueError("two lines are on one coil; give each a coil of its own")
        if coils and self.modbus is None:
            raise ValueError("a coil is on a relay board: add a [modbus] table that says where that is")
        return self


def load_board(path: Path) -> Board:
    """Read a board file. Raises ConfigError.

    `relay-off` and `scripts/install` read it by its lines, without Python. What they would miss is refused, as nobody
    would drop that relay when the gate has died.
    """
    board = read_toml(path, Board)
    plain = _plain_lines(path.read_text())
    lines: list[tuple[Out | Sense, Output | Input]] = [*board.outputs.items(), *board.inputs.items()]
    for name, line in lines:
        said = {"pin": line.pin, "pull": f'"{line.pull}"' if isinstance(line, Input) else None}
        for key, value in said.items():
            if key in line.model_fields_set and value is not None and plain.get((name.value, key)) != str(value):
                raise ConfigError(f"{path}: write [{name}] and under it {key} = {value}, each on a line of its own")
    return board


def _plain_lines(text: str) -> dict[tuple[str, str], str]:
    """Return what stands on lines of its own, by table and key, as the shell scripts read it."""
    table, found = "", dict[tuple[str, str], str]()
    for line in text.splitlines():
        if head := re.match(r"[ \t]*\[([^\]]*)\]", line):
            table = head[1].strip()
        elif "=" in line:
            key, _, value = line.partition("=")
            found.setdefault((table, key.strip()), value.partition("#")[0].strip())
    return found
