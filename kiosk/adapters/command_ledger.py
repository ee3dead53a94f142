"""The ledger of remote commands on disk, `<state>/commands.json`: on the disk before anything is done.

It is replaced whole, and synchronised with its folder, so that a power cut leaves the old one or the new one. Where it
is not there it is begun with the time: what was issued before may have been done under one that is gone. One that
cannot be read is left as it is, and no command is taken until somebody has looked.
"""

import json
import os
import re
from pathlib import Path
from typing import Any

from kiosk.domain.command import IDS, CommandName, Ledger, Moment

MAX_FILE = 64 << 10
_VERSION = 1
_ID, _KEY = re.compile(r"[0-9a-f]{32}"), re.compile(r"[0-9a-f]{2,64}")


class LedgerError(OSError):
    """The ledger could not be kept; the one before it still is."""


class LedgerFile:
    """The ledger of one kiosk; written by the gate process alone."""

    def __init__(self, path: Path, moment: Moment) -> None:
        """Read the ledger, or begin one. Says in `problem` why it could not."""
        self._path = path
        self.current: Ledger | None = None
        self.problem = ""
        """One sentence on why no command is taken; empty where they are."""
        try:
            if os.path.lexists(path):
                self.current = _read(path)
            else:
                self.keep(Ledger().dated(moment))
        except OSError as error:
            why = (error.strerror or "error").lower()
            self.problem = f"{path}: cannot be used ({why}); no remote command is taken"
        except (ValueError, RecursionError):
            self.problem = f"{path}: is damaged; move it away and restart the kiosk, until then no command is taken"

    def keep(self, ledger: Ledger) -> None:
        """Put a ledger on the disk in place of the one before. Blocks. Raises LedgerError."""
        said = {
            "version": _VERSION, "created": ledger.created, "counters": dict(ledger.counters),
            "ids": list(ledger.ids), "unfinished": dict(ledger.unfinished),
        }  # fmt: skip
        partial = self._path.with_name(self._path.name + ".part")
        try:
            with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                json.dump(said, file)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(self._path)
            folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise LedgerError(error.errno, error.strerror) from error
        self.current = ledger


def _read(path: Path) -> Ledger:
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        data = file.read(MAX_FILE + 1)
    if len(data) > MAX_FILE:
        raise ValueError("too large")
    match json.loads(data):
        case {
            "version": 1, "created": int() | None as created, "counters": dict() as counters, "ids": list() as ids,
            "unfinished": dict() as unfinished,
        }:  # fmt: skip
            pass
        case _:
            raise ValueError("laid out otherwise")
    ledger = Ledger(created, counters, tuple(ids), {key: CommandName(name) for key, name in unfinished.items()})
    if not _is_plain(ledger):
        raise ValueError("laid out otherwise")
    return ledger


def _is_plain(ledger: Ledger) -> bool:
    texts: list[Any] = [*ledger.ids, *ledger.unfinished]
    return (
        len(ledger.ids) <= IDS
        and all(isinstance(text, str) and _ID.fullmatch(text) for text in texts)
        and all(_KEY.fullmatch(key) and type(count) is int and count >= 0 for key, count in ledger.counters.items())
    )
