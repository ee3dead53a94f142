"""Look-ups that are made beside the gate process, on their way into its journal.

The journal has one writer, the gate. So whoever looks something up (`kiosk explain`) first leaves a small file in
`<state>/lookups/`, whole and durable, and only then shows anything. The gate turns each file into a `lookup.made`
event, and takes the file away when that is durable: at once while it runs, at its next start otherwise. A crash
between the two makes a second event with the same `lookup`.
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

MAX_FILE = 1024
MAX_AT_ONCE = 100
_NAME = re.compile(r"[0-9a-f]{32}\.json")
_KEYS: Mapping[str, type] = {"what": str, "seq": int, "uid": int, "at": str}
_WHAT = re.compile(r"[a-z_]{1,32}")
_MAX_NUMBER = (1 << 63) - 1
_log = logging.getLogger("kiosk")


def leave(folder: Path, *, what: str, seq: int, uid: int, at: datetime) -> None:
    """Leave word of a look-up: of which event, by which user of this machine, when. Raises OSError.

    The file belongs to whom the folder belongs to, so that the gate can read what root has left.
    """
    said = {"what": what, "seq": seq, "uid": uid, "at": at.isoformat(timespec="seconds")}
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
        json.dump(said, file)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(folder / f"{name}.json")
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Inbox:
    """The gate's side."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._passed: set[str] = set()
        """Files that are dealt with and still there: on record already, or of no use."""

    def waiting(self) -> tuple[tuple[Path, EventDraft], ...]:
        """Return at most `MAX_AT_ONCE` look-ups as events to be written. Raises OSError.

        A file that is none is taken away: what it holds is not looked at any further, and never logged.
        """
        return tuple(self._read_all())

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
                    _log.warning("a file in %s is no look-up; it was taken away", self._folder)
            except OSError as error:
                # Once: it must not keep the others waiting, nor fill the log.
                self._passed.add(path.name)
                _log.warning("a file in %s cannot be read or taken away (%s)", self._folder, error.strerror)
                continue
            if said is not None:
                yield path, EventDraft(EventType.LOOKUP_MADE, data={"lookup": path.stem, **said})


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
    fits = set(said) == set(_KEYS) and all(type(said[k]) is t for k, t in _KEYS.items())
    return said if fits and _is_plain(said) else None


def _is_plain(said: dict[str, Any]) -> bool:
    """Tell whether the values are ones that `leave` writes: others might not even fit into an event."""
    try:
        datetime.fromisoformat(said["at"])
    except ValueError:
        return False
    return _WHAT.fullmatch(said["what"]) is not None and all(0 <= said[k] <= _MAX_NUMBER for k in ("seq", "uid"))
