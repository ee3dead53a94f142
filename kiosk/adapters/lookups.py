"""What is said beside the gate process, on its way into its journal: look-ups, numbers that staff has counted, PINs.

The journal has one writer, the gate. So whoever looks something up (`kiosk explain`), has counted who is inside
(`kiosk occupancy set`) or has given somebody a PIN (`kiosk pin`) leaves a small file in `<state>/lookups/`, whole and
durable; a look-up shows nothing before. The gate turns each file into an event, `lookup.made`, `records.consulted`,
`occupancy.set` or `pins.changed`, and takes the file away when that is durable: at once while it runs, at its next
start otherwise. A crash between the two makes a second event with the same name in `lookup` or `word`, at the next
start.
"""

import json
import logging
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from kiosk.domain.events import EventDraft, EventType
from kiosk.domain.staff import Staff
from kiosk.domain.staff_pins import NAME

MAX_FILE = 1024
MAX_AT_ONCE = 100
_NAME = re.compile(r"[0-9a-f]{32}\.json")
EXPLAIN = "explain"
"""What a word is about that asks for the reasons of a decision."""
COUNT = "count"
"""What a word is about that says how many people are inside."""
MAX_PEOPLE = 1_000_000
_LOOKUP: Mapping[str, type] = {"what": str, "seq": int, "uid": int, "at": str}
_LOOKUP_MORE: Mapping[str, type] = {"why": str, "last": int}
"""What a look-up may say as well: why, and of an export, up to which event."""
_COUNT: Mapping[str, type] = {"what": str, "people": int, "by": str, "why": str, "uid": int, "at": str}
_PINS = PIN_SET, PIN_REMOVED = "pin_set", "pin_removed"
"""What a word is about that says whose PIN has changed (`kiosk pin`)."""
_PIN: Mapping[str, type] = {"what": str, "name": str, "of": str, "uid": int, "at": str}
_MAX_NUMBER = (1 << 63) - 1
_LIMITS: Mapping[str, int] = {"seq": _MAX_NUMBER, "last": _MAX_NUMBER, "uid": _MAX_NUMBER, "people": MAX_PEOPLE}
_CODES: Mapping[str, int] = {"what": 1, "by": 1, "why": 0, "of": 1}
"""Texts that are codes, and how many letters they have at least."""
_CODE = re.compile(r"[a-z_]{0,32}")
_log = logging.getLogger("kiosk")


def is_code(text: str) -> bool:
    """Tell whether a text may stand for a reason, or for who says something: 1 to 32 of a to z and _."""
    return bool(text) and _CODE.fullmatch(text) is not None


def user() -> int:
    """Return the number of the user of this machine who says something; behind sudo, of whoever called it."""
    sudo = os.environ.get("SUDO_UID", "") if os.geteuid() == 0 else ""
    return int(sudo[:10]) if sudo.isdecimal() else os.getuid()


def leave(
    folder: Path, *, what: str, seq: int, uid: int, at: datetime, why: str = "", last: int | None = None
) -> None:  # fmt: skip
    """Leave word of a look-up: of which event, by which user of this machine, when, why (a code). Raises OSError.

    `last`: of an export, up to which event.
    """
    more: dict[str, object] = {"why": why} if why else {}
    more |= {"last": last} if last is not None else {}
    _leave(folder, {"what": what, "seq": seq, "uid": uid, "at": at.isoformat(timespec="seconds"), **more})


def leave_count(folder: Path, people: int, *, by: str, why: str, uid: int, at: datetime) -> str:
    """Leave word of how many people are inside: counted by whom, when, why (a code). Raises OSError.

    Returns the name that the event has in `word`.
    """
    said = {"what": COUNT, "people": people, "by": by, "why": why, "uid": uid, "at": at.isoformat(timespec="seconds")}
    return _leave(folder, said)


def leave_pin(folder: Path, what: str, staff: Staff, *, uid: int, at: datetime) -> str:
    """Leave word of a PIN that is set or removed (PIN_SET, PIN_REMOVED): whose, by which user, when. Raises OSError.

    Returns the name that the event has in `word`.
    """
    whose = {"name": staff.name, "of": staff.role.value}
    return _leave(folder, {"what": what, **whose, "uid": uid, "at": at.isoformat(timespec="seconds")})


def _leave(folder: Path, said: Mapping[str, object]) -> str:
    """Write a file that belongs to whom the folder belongs to, so that the gate can read what root has left."""
    if not folder.is_dir():
        owner = folder.parent.stat()
        folder.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(folder, owner.st_uid, owner.st_gid)
    owner, name = folder.stat(), secrets.token_hex(16)
    partial = folder / f"{name}.part"
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        if os.geteuid() == 0:
            os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
        json.dump(dict(said), file)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(folder / f"{name}.json")
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return name


class Inbox:
    """The gate's side."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._passed: set[str] = set()
        """Files that are dealt with and still there: on record already, or of no use."""

    def waiting(self) -> tuple[tuple[Path, EventDraft], ...]:
        """Return at most `MAX_AT_ONCE` words as events to be written, in the order of their time. Raises OSError.

        A file that is none is taken away: what it holds is not looked at any further, and never logged.
        """
        return tuple(sorted(self._read_all(), key=lambda one: str(one[1].data["at"])))

    def done(self, path: Path) -> None:
        """Take away a file whose event is durable. Raises OSError; it is then not returned as waiting again."""
        self._passed.add(path.name)
        path.unlink(missing_ok=True)
        self._passed.discard(path.name)

    def _read_all(self) -> Iterator[tuple[Path, EventDraft]]:
        if not self._folder.is_dir():
            return
        named = (p for p in self._folder.iterdir() if _NAME.fullmatch(p.name) and (p.is_symlink() or not p.is_dir()))
        there = sorted(named)
        self._passed &= {path.name for path in there}
        for path in [path for path in there if path.name not in self._passed][:MAX_AT_ONCE]:
            try:
                said = _read(path)
                if said is None:
                    path.unlink(missing_ok=True)
                    _log.warning("a file in %s says nothing; it was taken away", self._folder)
            except OSError as error:
                # Once: it must not keep the others waiting, nor fill the log.
                self._passed.add(path.name)
                _log.warning("a file in %s cannot be read or taken away (%s)", self._folder, error.strerror)
                continue
            if said is not None:
                yield path, _event(path.stem, said)


def _event(name: str, said: Mapping[str, object]) -> EventDraft:
    if said["what"] in _PINS:
        what = str(said["what"]).removeprefix("pin_")
        return EventDraft(EventType.PINS_CHANGED, data={"word": name, **said, "what": what})
    if said["what"] != COUNT:
        kind = EventType.LOOKUP_MADE if said["what"] == EXPLAIN else EventType.RECORDS_CONSULTED
        return EventDraft(kind, data={"lookup": name, **said})
    return EventDraft(EventType.OCCUPANCY_SET, data={"word": name, **{k: v for k, v in said.items() if k != "what"}})


def _read(path: Path) -> dict[str, object] | None:
    if path.is_symlink() or not path.is_file():  # reading a pipe might never end
        return None
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        data = file.read(MAX_FILE + 1)
    try:
        said = json.loads(data) if len(data) <= MAX_FILE else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict):
        return None
    what, more = said.get("what"), dict[str, type]()
    keys = _COUNT if what == COUNT else _PIN if what in _PINS else _LOOKUP
    if keys is _LOOKUP:
        more |= _LOOKUP_MORE
    known = {**keys, **more}
    fits = set(keys) <= set(said) <= set(known) and all(type(value) is known[k] for k, value in said.items())
    return said if fits and _is_plain(said) else None


def _is_plain(said: dict[str, Any]) -> bool:
    """Tell whether the values are ones that are left: others might not even fit into an event."""
    try:
        if datetime.fromisoformat(said["at"]).tzinfo is None:
            return False
    except ValueError:
        return False
    if not NAME.fullmatch(said.get("name", "x")):
        return False
    codes = (_CODE.fullmatch(said[k]) and len(said[k]) >= least for k, least in _CODES.items() if k in said)
    return all(codes) and all(0 <= said[k] <= most for k, most in _LIMITS.items() if k in said)
