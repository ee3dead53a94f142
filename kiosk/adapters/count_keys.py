"""The keys of the counts, in the state folder: one for credentials, and one for persons that rotates.

`entries.key` is never replaced: a pass for one entry would be let in again. `passback.key` lives across midnight, as a
night does, and is replaced every two days, by when nobody looks at an older stay. The key before it is kept until the
next replacement, so nobody who is inside is forgotten; then nobody can tell any more whose a hash was, in copies of the
journal's file either (DESIGN section 6).
"""

import os
import secrets
from datetime import UTC, datetime
from pathlib import Path

from kiosk.app.ports import Clock
from kiosk.domain.events import ClockConfidence
from kiosk.domain.passback import LOOKED_BACK

KEY_SIZE = 32
_TIME_SIZE = 8


class SecretError(OSError):
    """A key of the counts cannot be read or made. The text is one sentence."""


def load_key(path: Path) -> bytes:
    """Return the 32 bytes of the key that credentials are hashed with; made on first use. Raises SecretError."""
    key = _kept(path, secrets.token_bytes(KEY_SIZE))
    if len(key) != KEY_SIZE:
        raise SecretError(f"{path}: is no key of {KEY_SIZE} bytes; move it away, restart, and all entries count anew")
    return key


class PersonKeys:
    """What persons are hashed with: the key in force, and the one before it."""

    def __init__(self, path: Path, clock: Clock) -> None:
        """Read the file, which is made on first use. Raises SecretError."""
        self._path, self._clock = path, clock
        data = _kept(path, self._drawn())
        if len(data) not in (_TIME_SIZE + KEY_SIZE, _TIME_SIZE + 2 * KEY_SIZE):
            raise SecretError(f"{path}: is no key of persons; move it away, restart, and who is inside is not known")
        self._data = data

    def __call__(self) -> tuple[bytes, ...]:
        """Return the keys, the one in force first. Any thread may ask."""
        data = self._data
        starts = range(_TIME_SIZE, len(data), KEY_SIZE)
        return tuple(data[start : start + KEY_SIZE] for start in starts)

    def rotate(self) -> None:
        """Replace the key if its time is over, by a clock that is sure. Raises SecretError; then the keys stay."""
        made = int.from_bytes(self._data[:_TIME_SIZE])
        if self._clock.confidence() is not ClockConfidence.SYNCED:
            return
        # A clock that was wrong when the key was made ends its time too early at the most, and it stays the one before.
        if abs(self._now() - made) >= LOOKED_BACK.total_seconds():
            data = self._drawn() + self()[0]
            _write(self._path, data)
            self._data = data

    def _drawn(self) -> bytes:
        return self._now().to_bytes(_TIME_SIZE) + secrets.token_bytes(KEY_SIZE)

    def _now(self) -> int:
        return max(0, int((self._clock.now() - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()))


def _kept(path: Path, otherwise: bytes) -> bytes:
    """Return what a file holds; `otherwise`, which is written into it, where there is none. Raises SecretError."""
    try:
        if path.exists():
            return path.read_bytes()
    except OSError as error:
        raise _cannot(path, error) from error
    _write(path, otherwise)
    return otherwise


def _write(path: Path, data: bytes) -> None:
    """Write a key whole or not at all: one that is lost with the power would let every pass in again."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
        descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise _cannot(path, error) from error


def _cannot(path: Path, error: OSError) -> SecretError:
    return SecretError(f"{path}: the key of the counts cannot be kept ({(error.strerror or 'error').lower()})")
