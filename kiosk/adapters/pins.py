"""The PINs of those who work at the door, `<state>/pins.json`, and how many wrong ones there were.

A PIN alone says who it is, so the file has one salt for all: a PIN is hashed once (argon2id) and compared with every
entry, and takes as long where there is none at all. A PIN of six digits that somebody has the file of can be found all
the same, in days: what protects it is that only the gate's user may read the file (docs/adr/0020-staff-pins.md).
"""

import fcntl
import hmac
import json
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nacl.pwhash import argon2id

from kiosk.domain.staff import Refused, RefusedError, Staff, StaffRole
from kiosk.domain.staff_pins import MAX_PINS, NAME, removed, with_pin
from kiosk.domain.staff_sessions import WORST
from kiosk.whole_file import write_whole

MAX_FILE = 16 << 10
PASSES, MEMORY = 4, 32 << 20
"""What one hash costs: 0.1 s here, and an estimated second on the slowest Raspberry Pi. Twice the passes and half the
memory of libsodium's interactive limits: signing in must never bring the gate near its bound (MemoryMax)."""
_VERSION = 1
_KEY_SIZE = 32
_SALT, _KEY = re.compile(rf"[0-9a-f]{{{2 * argon2id.SALTBYTES}}}"), re.compile(rf"[0-9a-f]{{{2 * _KEY_SIZE}}}")


class PinsError(OSError):
    """The file of PINs cannot be read. The text is one sentence."""


@dataclass(frozen=True, slots=True)
class _Book:
    """What the file holds; `keys` by name."""

    salt: bytes
    staff: tuple[Staff, ...]
    keys: dict[str, bytes]

    def find(self, pin: str) -> Staff | None:
        """Return whose PIN this is; compares with every entry, in as long as ever."""
        key = _hashed(pin, self.salt)
        matches = [staff for staff in self.staff if hmac.compare_digest(self.keys[staff.name], key)]
        return matches[0] if matches else None


class PinFile:
    """The file, for the gate process and for `kiosk pin`; read anew each time, as the other may have written it."""

    def __init__(self, state: Path) -> None:
        """`state`: the folder where the kiosk keeps what it knows."""
        self._path, self._misses = state / "pins.json", state / "pin-misses"

    def everybody(self) -> tuple[Staff, ...]:
        """Return who has a PIN, by name. Raises PinsError."""
        return self._read().staff

    def find(self, pin: str) -> Staff | None:
        """Return whose PIN this is, None: nobody's. Blocks for about a second.

        Raises RefusedError where nobody has a PIN, or where the file cannot be read; that takes as long.
        """
        try:
            book = self._read()
        except PinsError as error:
            _hashed(pin, bytes(argon2id.SALTBYTES))
            raise RefusedError(Refused.UNAVAILABLE, "pins") from error
        found = book.find(pin)
        if not book.staff:
            raise RefusedError(Refused.NO_PINS)
        return found

    def put(self, staff: Staff, pin: str) -> None:
        """Give somebody a PIN, in place of the one they had. Blocks. Raises RefusedError, PinsError and OSError."""
        with self._held():
            book = self._read()
            everybody = with_pin(book.staff, staff, pin)
            owner = book.find(pin)
            if owner is not None and owner.name != staff.name:
                raise RefusedError(Refused.INVALID, "pin_taken")
            keys = {**book.keys, staff.name: _hashed(pin, book.salt)}
            self._write(_Book(book.salt, everybody, keys))

    def remove(self, name: str) -> Staff:
        """Take somebody's PIN away; return who it was. Blocks. Raises RefusedError, PinsError and OSError."""
        with self._held():
            book = self._read()
            everybody = removed(book.staff, name)
            self._write(_Book(book.salt, everybody, book.keys))
        return next(staff for staff in book.staff if staff.name == name)

    def misses(self) -> int:
        """Return how many wrong PINs were counted before this process began; where nobody can tell, as many as can be.

        A file that is damaged must not be a way to try for ever.
        """
        try:
            text = _content(self._misses, 16).strip()
        except FileNotFoundError:
            return 0
        except (OSError, ValueError):
            return WORST
        return min(int(text), WORST) if text.isdigit() else WORST

    def keep_misses(self, misses: int) -> None:
        """Remember how many there were, whenever the power goes. Blocks. Raises OSError."""
        write_whole(self._misses, b"%d\n" % misses, owner=_owner(self._path.parent))

    def _read(self) -> _Book:
        try:
            return _book(json.loads(_content(self._path, MAX_FILE)))
        except FileNotFoundError:
            return _Book(secrets.token_bytes(argon2id.SALTBYTES), (), {})
        except OSError as error:
            why = (error.strerror or "error").lower()
            raise PinsError(f"{self._path}: cannot be read ({why}); nobody can sign in at the touchscreen") from error
        except (ValueError, RecursionError) as error:
            raise PinsError(
                f"{self._path}: is damaged; move it away and set the PINs anew with 'kiosk pin set'"
            ) from error

    def _write(self, book: _Book) -> None:
        pins = [{"name": s.name, "role": s.role.value, "key": book.keys[s.name].hex()} for s in book.staff]
        said = {"version": _VERSION, "salt": book.salt.hex(), "pins": pins}
        write_whole(self._path, json.dumps(said, indent=1).encode() + b"\n", owner=_owner(self._path.parent))

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Keep the other process from writing between our reading and our writing. Raises OSError."""
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)


def _owner(folder: Path) -> tuple[int, int] | None:
    """Return whose the files are: root writes them for the gate's user."""
    found = folder.stat()
    return (found.st_uid, found.st_gid) if os.geteuid() == 0 else None


def _hashed(pin: str, salt: bytes) -> bytes:
    return argon2id.kdf(_KEY_SIZE, pin.encode(), salt, opslimit=PASSES, memlimit=MEMORY)


def _content(path: Path, most: int) -> bytes:
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise ValueError("too large")
    return data


def _book(said: Any) -> _Book:
    """Return what a file says. Raises ValueError where it is laid out otherwise."""
    match said:
        case {"version": 1, "salt": str() as salt, "pins": list() as pins} if (
            _SALT.fullmatch(salt) and len(pins) <= MAX_PINS
        ):
            entries = [_entry(pin) for pin in pins]
        case _:
            raise ValueError("laid out otherwise")
    keys = {staff.name: key for staff, key in entries}
    if len(keys) < len(entries):
        raise ValueError("a name twice")
    return _Book(bytes.fromhex(salt), tuple(staff for staff, _ in entries), keys)


def _entry(said: Any) -> tuple[Staff, bytes]:
    match said:
        case {"name": str() as name, "role": str() as role, "key": str() as key} if (
            NAME.fullmatch(name) and _KEY.fullmatch(key)
        ):
            return Staff(StaffRole(role), name), bytes.fromhex(key)
        case _:
            raise ValueError("laid out otherwise")
