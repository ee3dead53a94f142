"""`kiosk pin`: who may sign in at the touchscreen (docs/staff.md)."""

import argparse
import getpass
import sys
from collections.abc import Callable
from pathlib import Path

from kiosk.adapters import lookups
from kiosk.adapters.clock import SystemClock
from kiosk.adapters.pins import PinFile, PinsError
from kiosk.cli.output import (
    APPLIANCE,
    DONE,
    NEGATIVE,
    USAGE,
    CommandError,
    exists,
    print_json,
    print_table,
    read_bounded,
)
from kiosk.config import ConfigError, KioskConfig, load_config
from kiosk.domain.staff import Refused, RefusedError, Staff, StaffRole
from kiosk.domain.staff_pins import LONGEST, MAX_PINS, NAME, SHORTEST

_MAX_FILE = 256
_REFUSED = {
    "pin": f"a PIN has {SHORTEST} to {LONGEST} digits; choose another one",
    "pin_trivial": "that PIN is among the first that somebody would try; choose one that is no date and no row",
    "pin_taken": "that PIN cannot be used; choose another one",
    "role": "this name has a PIN of another role; remove it first, or choose another --name",
    "too_many": f"there are {MAX_PINS} PINs; remove one that nobody uses",
    "last_manager": "this is the only manager's PIN; give another manager one first",
    "name": "there is no PIN of that name; `kiosk pin list` shows them",
}
"""What to do, by the detail of a refusal."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    what = parser.add_subparsers(dest="what", required=True, metavar="set|list|remove", title="what to do")
    given = what.add_parser("set", help="give somebody a PIN, in place of the one they had")
    roles = [role.value for role in StaffRole]
    given.add_argument("--role", required=True, choices=roles, help="what it gives the right to do (docs/staff.md)")
    given.add_argument("--name", type=_name, help="what the PIN is called, a code and no person's name (the role)")
    given.add_argument("--pin-file", type=Path, metavar="FILE", help="read the PIN from a file, not from the terminal")
    removed = what.add_parser("remove", help="take a PIN away")
    removed.add_argument("--name", type=_name, required=True, help="what the PIN is called")
    for one in (given, removed, what.add_parser("list", help="say who has a PIN")):
        one.add_argument(
            "--config", type=Path, default=Path("/etc/kiosk/kiosk.toml"), metavar="FILE",
            help="settings (default /etc/kiosk/kiosk.toml)",
        )  # fmt: skip
        one.add_argument("--json", action="store_true", help="one JSON object")


def _name(text: str) -> str:
    if not NAME.fullmatch(text):
        raise argparse.ArgumentTypeError(f"'{text[:40]}' is no code; write a to z, 0 to 9, - and _, such as night-2")
    return text


def run(options: argparse.Namespace) -> int:
    """List PINs, or change one."""
    try:
        config = load_config(options.config)
    except ConfigError as error:
        raise CommandError(str(error)) from error
    if not exists(config.paths.state):
        raise CommandError(f"{config.paths.state}: is not there; start the kiosk once, or try as root", APPLIANCE)
    pins = PinFile(config.paths.state)
    try:
        match options.what:
            case "list":
                return _list(pins, options)
            case "set":
                return _set(pins, config, options)
            case _:
                return _remove(pins, config, options)
    except RefusedError as error:
        status = NEGATIVE if error.code is Refused.NOT_FOUND else USAGE
        raise CommandError(_REFUSED.get(error.detail, error.code.value), status) from error
    except PinsError as error:
        raise CommandError(str(error), APPLIANCE) from error
    except OSError as error:
        why = (error.strerror or "error").lower()
        sentence = f"{config.paths.state}: the PINs cannot be written ({why}); try as root"
        raise CommandError(sentence, APPLIANCE) from error


def _list(pins: PinFile, options: argparse.Namespace) -> int:
    everybody = pins.everybody()
    if options.json:
        print_json({"pins": [{"name": one.name, "role": one.role.value} for one in everybody]})
    elif everybody:
        print_table(("name", "role"), [(one.name, one.role.value) for one in everybody])
    else:
        print("Nobody has a PIN. `kiosk pin set --role manager` gives one.")
    return DONE if everybody else NEGATIVE


def _set(pins: PinFile, config: KioskConfig, options: argparse.Namespace) -> int:
    staff = Staff(StaffRole(options.role), options.name or options.role)
    pins.put(staff, _pin(options.pin_file))
    return _changed("set", lookups.PIN_SET, staff, config, options)


def _remove(pins: PinFile, config: KioskConfig, options: argparse.Namespace) -> int:
    return _changed("removed", lookups.PIN_REMOVED, pins.remove(options.name), config, options)


def _changed(done: str, what: str, staff: Staff, config: KioskConfig, options: argparse.Namespace) -> int:
    """Leave word of a change for the journal, and say that it is made."""
    folder = config.paths.state / "lookups"
    now = SystemClock(trust_system=config.clock.trust_system).now()
    try:
        lookups.leave_pin(folder, what, staff, uid=lookups.user(), at=now)
    except OSError as error:
        why = (error.strerror or "error").lower()
        raise CommandError(f"the PIN is {done}, but {folder} cannot keep word of it ({why})", APPLIANCE) from error
    if options.json:
        print_json({"name": staff.name, "role": staff.role.value, "done": done})
    else:
        print(f"The PIN '{staff.name}' ({staff.role.value}) is {done}.")
    return DONE


def _pin(path: Path | None, ask: Callable[[str], str] = getpass.getpass) -> str:
    """Return the PIN of a file, or the one that somebody types twice. Raises CommandError."""
    if path is not None:
        return read_bounded(path, _MAX_FILE, "is no PIN").decode(errors="replace").strip()
    if not sys.stdin.isatty():
        raise CommandError("there is no terminal to ask for the PIN; name a file with --pin-file")
    pin = ask("New PIN: ")
    if ask("Again: ") != pin:
        raise CommandError("the two are not the same; try again")
    return pin
