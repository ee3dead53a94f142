"""What a kiosk remembers of its sources of trust: highest versions, withdrawn keys, and the newest time seen."""

import json
import logging
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kiosk.domain.trust import is_older

_WITHDRAWN = "withdrawn keys"
"""Where a memory keeps what each source withdraws: no source has a space in its name."""
_TIME = "newest time"
"""Where a memory keeps the newest time seen, as seconds since 1970: a number, so it is no version."""
_BY = "\0"
"""Between a source's name and the key that signed it: in no name and in no path."""
_log = logging.getLogger("kiosk")


def key_of(name: str, signer: str) -> str:
    """Return what the memory keeps a source under: each key that signs it counts for itself."""
    return f"{name}{_BY}{signer}" if signer else name


def parts_of_key(key: str) -> tuple[str, str]:
    """Return a source's name and the key that signed it, of what the memory keeps it under."""
    name, _, signer = key.partition(_BY)
    return name, signer


class VersionMemory:
    """The highest version seen of each source and the keys that it withdraws, in a file, if there is one."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def _kept(self) -> dict[str, Any]:
        """Return what is remembered. A damaged memory remembers nothing."""
        try:
            kept = json.loads(self._path.read_bytes()) if self._path else {}
        except (OSError, ValueError, RecursionError):
            return {}
        return kept if isinstance(kept, dict) else {}

    def all(self) -> dict[str, str]:
        """Return the versions."""
        return {key: version for key, version in self._kept().items() if isinstance(version, str)}

    def names(self) -> frozenset[str]:
        """Return the sources of which something is remembered."""
        return frozenset(parts_of_key(key)[0] for key in self.all())

    def highest(self, name: str, signers: Iterable[str] = ()) -> str:
        """Return the highest version seen of a source, of a signed document by any of the keys that count today."""
        seen, highest = self.all(), ""
        for key in [key_of(name, signer) for signer in signers] or [name]:
            version = seen.get(key, "")
            highest = version if is_older(highest, version) else highest
        return highest

    def withdrawn(self) -> dict[str, frozenset[bytes]]:
        """Return the ids of the keys that each source withdrew when it was last read."""
        kept = self._kept().get(_WITHDRAWN)
        try:
            return {name: frozenset(map(bytes.fromhex, ids)) for name, ids in kept.items()} if kept else {}
        except (AttributeError, TypeError, ValueError):
            return {}

    def newest_time(self) -> datetime | None:
        """Return the newest time that a good clock has shown here."""
        kept = self._kept().get(_TIME)
        try:
            return datetime.fromtimestamp(kept, UTC) if type(kept) is int else None
        except (ValueError, OverflowError, OSError):
            return None

    def keep_time(self, now: datetime) -> None:
        """Keep the time, in whole seconds."""
        self._write(self._kept() | {_TIME: int(now.timestamp())})

    def remember(self, versions: Mapping[str, str], withdrawn: Mapping[str, frozenset[bytes]] | None = None) -> None:
        """Keep these versions where they are the highest, and withdrawals, if given, in place of those kept."""
        before = self._kept()
        seen = self.all()
        kept = before | {k: v for k, v in versions.items() if k not in seen or is_older(seen[k], v)}
        if withdrawn is not None:
            kept[_WITHDRAWN] = {name: sorted(key.hex() for key in keys) for name, keys in withdrawn.items() if keys}
        if kept != before:
            self._write(kept)

    def _write(self, kept: Mapping[str, Any]) -> None:
        if self._path is None:
            return
        try:
            write_whole(self._path, json.dumps(kept, sort_keys=True).encode())
        except OSError as error:
            _log.warning("the versions of the trust lists cannot be kept (%s)", error.strerror)


def write_whole(path: Path, data: bytes) -> None:
    """Put `data` in the place of `path`, durably: a power cut leaves the file before or this one. Raises OSError."""
    partial = path.with_name(f".{path.name}.part")
    with partial.open("wb") as file:
        os.fchmod(file.fileno(), 0o644)  # public keys: the gate's account has to read what an administrator imports
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
