"""What `kiosk doctor` finds of the door and in the state folder, and what a finding is."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kiosk.adapters.count_keys import SecretError, load_key
from kiosk.adapters.pins import PinFile, PinsError
from kiosk.board_file import Output, load_board
from kiosk.cli.output import exists
from kiosk.config import ConfigError, KioskConfig
from kiosk.domain.passage import counting
from kiosk.domain.staff_pins import managers
from kiosk.door_setup import door_setup

State = Literal["ok", "missing", "warning"]
_LOW_DISK = 500 << 20


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    part: str
    state: State
    found: str
    next_step: str = ""


def disk(config: KioskConfig | None) -> Finding:
    """Look whether there is room for records."""
    folder = config.paths.state if config else Path("/var/lib")
    while not exists(folder):
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    text = f"{free >> 20} MB free at {folder}"
    if free < _LOW_DISK:
        return Finding("disk", "missing", text, "make room: without a record nobody is admitted")
    return Finding("disk", "ok", text)


def counts(config: KioskConfig | None) -> Iterator[Finding]:
    """Look at the key of the counts; one that is not there yet is made by the gate."""
    path = config.paths.state / "entries.key" if config else None
    if path is None or not exists(path):
        return
    try:
        load_key(path)
    except SecretError as error:
        step = f"as root: look at {path}; without a good key neither entries nor people inside are counted"
        yield Finding("counts", "missing", str(error), step)
    else:
        yield Finding("counts", "ok", f"{path} is in order")


def pins(config: KioskConfig | None) -> Iterator[Finding]:
    """Look whether anybody can sign in at the touchscreen."""
    if config is None or (exists(config.paths.state) and not os.access(config.paths.state, os.R_OK | os.X_OK)):
        return  # only root and the gate may know
    try:
        everybody = PinFile(config.paths.state).everybody()
    except PinsError as error:
        yield Finding("staff", "missing", str(error), "as root: kiosk pin list; docs/staff.md")
        return
    if not managers(everybody):
        found = "no manager has a PIN" if everybody else "nobody has a PIN: the touchscreen serves visitors only"
        yield Finding("staff", "warning", found, "as root: kiosk pin set --role manager (docs/staff.md)")
        return
    yield Finding("staff", "ok", f"PINs for {', '.join(f'{one.name} ({one.role})' for one in everybody)}")


def door(config: KioskConfig | None) -> Iterator[Finding]:
    """Say which lines the board gives the door, and what is missing for counting who goes through."""
    if config is None:
        return
    try:
        board = load_board(config.gate.board)
        setup = door_setup(config, board.lines)
    except ConfigError as error:
        yield Finding("door", "missing", str(error), "correct board file or [door]: docs/boards.md, docs/configure.md")
        return
    places = [f"{out} {_place(line)}" for out, line in board.outputs.items()]
    places += [f"{sense} {line.pin}" for sense, line in board.inputs.items()]
    found = f"{setup.kind.value.replace('_', ' ')}, {board.name}: {', '.join(places)}"
    if counting(setup, config.gate.direction) is None:
        step = "wire contact, beam or turned_in: until then an admission counts as an entry (docs/wiring/doors.md)"
        yield Finding("door", "warning", f"{found}; no sensor tells who goes through", step)
    else:
        yield Finding("door", "ok", found)


def _place(line: Output) -> str:
    return str(line.pin) if line.pin is not None else f"coil {line.coil}"
