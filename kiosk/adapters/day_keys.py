"""Keys of the day: what the kiosk keeps for its own replays can be read for some days, and by nobody after them.

`<state>/day-keys/` holds 32 random bytes a local day, in a file of mode 0600 named for the day (`2026-11-25.key`).
Destroying the file ends everything that was encrypted under it, in copies and backups of the journal as well.

While the clock is not set, nobody can say which day it is: then a key `unset-<random>.key` is made, one a start of
the process. Its days are counted from the first look at it with a date that is known.
"""

import contextlib
import hashlib
import logging
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path

import nacl.exceptions
from nacl.secret import Aead

from kiosk.app.ports import Clock
from kiosk.domain.events import ClockConfidence, EventDraft

TERM_SIZE = 16
_LOOK_UP = b"look-up"
"""Keeps the hashes of terms apart from everything else that the key of a day is used for."""
_NAME = re.compile(r"(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|unset-[0-9a-f]{16})")
_log = logging.getLogger("kiosk")


class DayKeyError(ValueError):
    """What was kept cannot be read: its key is gone, or it is not what was written. The text is one sentence."""


def _hashed(term: bytes, key: bytes) -> bytes:
    return hashlib.blake2b(term, key=key, digest_size=TERM_SIZE, person=_LOOK_UP).digest()


def _associated(epoch: str, seq: int) -> bytes:
    """Return what binds a box to its event: in another one's place it does not open."""
    return f"{epoch}:{seq}".encode()


class DayKeys:
    """The keys of one folder. `create` and `destroy` are for the one process that writes the journal."""

    def __init__(
        self, folder: Path, *, clock: Clock | None = None, zone: tzinfo = UTC, keep_days: int = 21
    ) -> None:
        """Without a clock, keys can only be read. `zone`: the venue's, which says when a day ends."""
        self._folder, self._clock, self._zone, self._keep_days = folder, clock, zone, keep_days
        self._unset = f"unset-{secrets.token_hex(8)}"
        self._stuck: frozenset[str] = frozenset()
        """Keys that could not be destroyed, as the log has said."""

    def names(self) -> frozenset[str]:
        """Return the names of the keys that there are. Raises OSError."""
        if not self._folder.is_dir():
            return frozenset()
        return frozenset(p.stem for p in self._folder.glob("*.key") if _NAME.fullmatch(p.stem))

    def seal(self, draft: EventDraft, epoch: str, seq: int) -> tuple[str, bytes] | None:
        """Return the name of the key and the inputs encrypted (XChaCha20-Poly1305); None where nothing is to be kept.

        A key that cannot be written is no reason to turn people away: then nothing is kept, and the log says so.
        """
        today = self._key_of_today() if draft.kept else None
        if today is None:
            return None
        day, key = today
        return day, bytes(Aead(key).encrypt(draft.kept, _associated(epoch, seq)))

    def hash_terms(self, terms: Iterable[bytes]) -> tuple[str, tuple[bytes, ...]] | None:
        """Return the name of the key and the terms hashed with it; None where there is no key to be had."""
        today = self._key_of_today()
        return (today[0], tuple(_hashed(term, today[1]) for term in terms)) if today is not None else None

    def recent_hashes(self, terms: Iterable[bytes]) -> tuple[bytes, ...]:
        """Return terms hashed with the keys of today and of yesterday, as far as there are these."""
        if self._clock is None or self._clock.confidence() is ClockConfidence.UNSET:
            return ()
        listed, today = tuple(terms), self._clock.now().astimezone(self._zone).date()
        try:
            keys = [self._read(day.isoformat()) for day in (today, today - timedelta(days=1))]
        except OSError:
            return ()
        return tuple(_hashed(term, key) for key in keys if key is not None for term in listed)

    def hashes_of(self, terms: Iterable[bytes]) -> Iterator[bytes]:
        """Yield terms hashed with each key that there is, for whoever looks them up. Raises OSError."""
        listed = tuple(terms)
        for key in filter(None, map(self._read, sorted(self.names()))):
            yield from (_hashed(term, key) for term in listed)

    def _key_of_today(self) -> tuple[str, bytes] | None:
        """Return name and key of today, which is made on first use; None where it cannot be had."""
        if self._clock is None:
            return None
        day = self._today(self._clock)
        try:
            return day, self._read(day) or self._create(day)
        except OSError as error:
            _log.warning("the key of the day cannot be made (%s): no inputs of decisions are kept, and who comes "
                         "cannot be looked up", error.strerror)  # fmt: skip
            return None

    def open(self, day: str, box: bytes, epoch: str, seq: int) -> bytes:
        """Return what `seal` encrypted for this very event. Raises DayKeyError or, without leave to read, OSError."""
        key = self._read(day) if _NAME.fullmatch(day) else None
        if key is None:
            raise DayKeyError("the key of that day has been destroyed")
        try:
            return bytes(Aead(key).decrypt(box, _associated(epoch, seq)))
        except (nacl.exceptions.CryptoError, ValueError) as error:
            raise DayKeyError("the kept inputs are not those of this event") from error

    def destroy_old(self) -> frozenset[str]:
        """Destroy the keys whose time is over; return the names of those whose time is not. Raises OSError.

        A key is over `keep_days` after its day. By a synchronised clock it is so as many days before it, too: a clock
        that ran ahead had made it. A drifting clock may itself be behind and decides nothing of that; while the clock
        is not set no key is touched. One that cannot be destroyed stops no other; the log says so once.
        """
        names = self.names()
        if self._clock is None or self._clock.confidence() is ClockConfidence.UNSET:
            return names
        today = self._clock.now().astimezone(self._zone).date()
        sure = self._clock.confidence() is ClockConfidence.SYNCED
        ages = {name: today - self._day_of(name, today) for name in names}
        room = timedelta(self._keep_days)
        over = frozenset(name for name, age in ages.items() if age > room or (sure and -age > room))
        stuck = frozenset(name for name in over if not self._is_destroyed(name))
        if stuck - self._stuck:
            _log.warning("%s: keys of days that are over cannot be destroyed; delete them as root: %s",
                         self._folder, ", ".join(sorted(stuck)))  # fmt: skip
        self._stuck = stuck
        if over - stuck:
            self._synchronise()
        return names - over

    def _is_destroyed(self, name: str) -> bool:
        try:
            self._destroy(name)
        except OSError:
            return False
        return True

    def _today(self, clock: Clock) -> str:
        if clock.confidence() is ClockConfidence.UNSET:
            return self._unset
        return clock.now().astimezone(self._zone).date().isoformat()

    def _day_of(self, name: str, today: date) -> date:
        """Return the day of a key; of one without a day, the first on which somebody knew the date."""
        if not name.startswith("unset-"):
            with contextlib.suppress(ValueError):
                return date.fromisoformat(name)
        path = self._path(name)
        seen = path.stat().st_mtime
        if not seen:
            os.utime(path)
            return today
        return datetime.fromtimestamp(seen, self._zone).date()

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.key"

    def _read(self, name: str) -> bytes | None:
        try:
            key = self._path(name).read_bytes()
        except FileNotFoundError:
            return None
        return key if len(key) == Aead.KEY_SIZE else None

    def _create(self, name: str) -> bytes:
        """Make a key that is on the disk before anything is encrypted under it."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key, partial = secrets.token_bytes(Aead.KEY_SIZE), self._folder / f"{name}.part"
        partial.unlink(missing_ok=True)
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
        if name.startswith("unset-"):
            os.utime(partial, (0, 0))  # not dated yet
        partial.replace(self._path(name))
        self._synchronise()
        return key

    def _destroy(self, name: str) -> None:
        """Overwrite a key and take it away. On flash the overwriting may land elsewhere; there the unlinking counts."""
        with self._path(name).open("r+b") as file:
            file.write(bytes(Aead.KEY_SIZE))
            file.flush()
            os.fsync(file.fileno())
        self._path(name).unlink()

    def _synchronise(self) -> None:
        descriptor = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
