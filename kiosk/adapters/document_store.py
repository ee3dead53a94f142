"""Documents from the centre as they are kept: of each kind the newest and the one before it, as they came.

`KIND.cose` is the signed document, `KIND.before.cose` the one that it replaced, and `newest.json` remembers the
highest version that each key has brought into force: an older one never comes back. Every file is written whole or not
at all, so that a power cut at any moment leaves the old document or the new one.
"""

import contextlib
import json
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from kiosk.adapters.trust_memory import write_whole
from kiosk.domain.document import DocumentKind, Newest
from kiosk.verify.document import MAX_DOCUMENT

MEMORY = "newest.json"
Write = Callable[[Path, bytes], None]
"""Puts bytes in the place of a file, durably, whole or not at all. Raises OSError."""


class DocumentStore:
    """A folder of documents. Nothing here is verified; `kiosk.adapters.documents` does that at every reading."""

    def __init__(self, folder: Path, write: Write = write_whole) -> None:
        self._folder, self._write = folder, write

    def current(self, kind: DocumentKind) -> bytes:
        """Return the newest document of a kind, empty where there is none."""
        return self._read(f"{kind}.cose")

    def before(self, kind: DocumentKind) -> bytes:
        """Return the document before it, empty where there was none."""
        return self._read(f"{kind}.before.cose")

    def store(self, kind: DocumentKind, document: bytes, *, keep: bool = True) -> None:
        """Put a document in the place of the newest, which becomes the one before unless `keep` is false.

        Raises OSError.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if keep and (replaced := self.current(kind)):
            self._write(self._folder / f"{kind}.before.cose", replaced)
        self._write(self._folder / f"{kind}.cose", document)

    def roll_back(self, kind: DocumentKind) -> None:
        """Put the document before back in the place of the newest; where there was none there is none. Raises OSError.

        `before` stays where it is: a power cut in between loses neither.
        """
        if before := self.before(kind):
            self._write(self._folder / f"{kind}.cose", before)
            return
        (self._folder / f"{kind}.cose").unlink(missing_ok=True)
        if self._folder.is_dir():
            _sync(self._folder)

    def newest(self, kind: DocumentKind, keys: Iterable[str]) -> Newest:
        """Return the highest version of a kind that has been in force by any of the keys that count today.

        `keys`: their ids in hex. What a key said that counts no more is forgotten: a stolen one cannot use up the
        numbers.
        """
        known = self._memory().get(kind)
        said = known if isinstance(known, dict) else {}
        return max((_newest(said.get(key)) for key in keys), key=lambda one: one.version, default=Newest())

    def remember(self, kind: DocumentKind, keys: Iterable[str], newest: Newest) -> None:
        """Keep what has come into force by these keys. Raises OSError."""
        memory = self._memory()
        known = memory.get(kind)
        said = dict(known) if isinstance(known, dict) else {}
        said |= {key: [newest.version, newest.digest.hex()] for key in keys}
        if said != known:
            self._write(self._folder / MEMORY, json.dumps({**memory, kind: said}, sort_keys=True).encode())

    def _memory(self) -> Mapping[str, Any]:
        with contextlib.suppress(ValueError, RecursionError):
            memory = json.loads(self._read(MEMORY) or b"{}")
            return memory if isinstance(memory, dict) else {}
        return {}

    def _read(self, name: str) -> bytes:
        try:
            with (self._folder / name).open("rb") as file:
                return file.read(MAX_DOCUMENT + 1)
        except OSError:
            return b""


def _newest(said: Any) -> Newest:
    with contextlib.suppress(ValueError, TypeError):
        version, digest = said
        if type(version) is int:
            return Newest(version, bytes.fromhex(digest))
    return Newest()


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
