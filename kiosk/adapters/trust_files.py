"""Trust lists from files: a signed list, or a plain folder of certificates."""

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kiosk.adapters.revocation_store import SUFFIX, RevocationLists, open_lists, refuse_older
from kiosk.domain.trust import TrustError, TrustList
from kiosk.verify import revocation_lists, trust_list

MAX_FILE = 64 << 20
MAX_FILES = 10_000
_CERTIFICATES = frozenset({".pem", ".crt", ".cer", ".der", ".b64"})
"""Endings of files that have to be certificates."""
_PERHAPS = frozenset({"", ".txt"})
"""Endings of files that are taken where they are certificates, and passed over where they are not."""
_log = logging.getLogger("kiosk")


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_FILE:
            raise TrustError(f"{path}: too large for a trust list")
        return path.read_bytes()
    except OSError as error:
        raise TrustError(f"{path}: cannot be read") from error


def _signing_key_beside(path: Path) -> Path:
    """Return where a list's public key is by convention: `<name>-signing-key.pem`."""
    return path.with_name(f"{path.stem}-signing-key.pem")


def _files(folder: Path) -> Iterator[Path]:
    """Yield the certificate files of a folder and its subfolders, in a stable order."""
    endings = _CERTIFICATES | _PERHAPS
    # is_file is false for folders, sockets and pipes: reading one of those might never end.
    found = sorted(p for p in folder.rglob("*") if p.suffix.lower() in endings and p.is_file())
    if len(found) > MAX_FILES:
        raise TrustError(f"{folder}: more than {MAX_FILES} files")
    yield from (p for p in found if not p.name.endswith("-signing-key.pem"))


def _modified(paths: list[Path]) -> datetime:
    """Return when the newest of the files was put there: the time of import, as far as files tell."""
    return datetime.fromtimestamp(max(p.stat().st_mtime for p in paths), UTC)


def _changed(path: Path) -> str:
    """Return when anything in a folder, or a file, was last changed: the version of what has none of its own.

    Taking a certificate out of a folder changes the folder, so a key that is withdrawn makes a newer version.
    """
    paths = [path, *path.rglob("*")] if path.is_dir() else [path]
    newest = max(p.stat().st_mtime_ns for p in paths if p.exists())
    return f"{datetime.fromtimestamp(newest // 10**9, UTC):%Y-%m-%dT%H:%M:%S}.{newest % 10**9:09}Z"


def _load_signed(path: Path, key: Path | None) -> TrustList:
    key = key or _signing_key_beside(path)
    if not key.is_file():
        raise TrustError(f"{path}: its public key is missing; put {key.name} beside it, or name one (--trust-key)")
    try:
        return trust_list.signed_list(_read(path), _read(key), _modified([path]))
    except TrustError as error:
        raise TrustError(f"{path}: {error}") from error


def _usable(path: Path) -> Iterator[bytes]:
    """Yield the DER of a file's certificates, passing over keys of no use here. Raises TrustError."""
    try:
        for der in trust_list.certificates_in(_read(path)):
            try:
                trust_list.anchor_of(der)
                yield der
            except trust_list.UnusableKeyError:
                _log.warning("%s: passed over; its key is of a kind that nothing here is signed with", path)
    except TrustError as error:
        if path.suffix.lower() in _CERTIFICATES:
            raise TrustError(f"{path}: {error}") from error


def _load_certificates(where: Path, paths: list[Path]) -> TrustList:
    ders = [der for path in paths for der in _usable(path)]
    if not ders:
        raise TrustError(f"{where}: there is no usable certificate; put in .pem, .crt, .cer, .der or .b64 files")
    try:
        return replace(trust_list.list_of_certificates(ders, _modified(paths)), version=_changed(where))
    except TrustError as error:
        raise TrustError(f"{where}: {error}") from error


def load(path: Path, key: Path | None = None, *, max_age: timedelta = timedelta(days=30)) -> TrustList:
    """Load a signed list (a `.json` file), a certificate file, or a folder that holds either.

    In a folder, signed lists are used with the keys beside them and certificates are added. The age starts
    when the files were put there. Raises TrustError with one sentence.
    """
    try:
        revoked = _revoked(path)
        return replace(_load(path, key), max_age=max_age, revoked=revoked, revoked_before=revoked.dated)
    except OSError as error:  # a file or folder that may not be looked at, or that vanished meanwhile
        why = (error.strerror or "error").lower()
        raise TrustError(f"{error.filename or path}: cannot be looked at ({why})") from error


def _withdrawing(path: Path) -> tuple[list[Path], list[Path]]:
    """Return the text lists and the built lists of withdrawn codes that belong to a folder or to a list.

    In a folder `revoked.txt` and `*.revoked`; beside a list `<name>-revoked.txt` and `<name>.revoked`.
    """
    if path.is_dir():
        texts, built = [path / "revoked.txt"], sorted(path.glob(f"*{SUFFIX}"))
    else:
        texts, built = [path.with_name(f"{path.stem}-revoked.txt")], [path.with_suffix(SUFFIX)]
    return [p for p in texts if p.is_file()], [p for p in built if p.is_file()]


def _revoked(path: Path) -> RevocationLists:
    texts, built = _withdrawing(path)
    single: set[bytes] = set()
    for text in texts:
        try:
            single |= revocation_lists.read_list(_read(text))
        except TrustError as error:
            raise TrustError(f"{text}: {error}") from error
    return open_lists(built, frozenset(single))


def _load(path: Path, key: Path | None) -> TrustList:
    if path.is_dir():
        lists = [p for p in sorted(path.glob("*.json")) if p.is_file() and (key or _signing_key_beside(p).is_file())]
        if not lists:
            return _load_certificates(path, list(_files(path)))
        loaded = [_load_signed(p, key) for p in lists]
        if any(True for _ in _files(path)):
            loaded.append(_load_certificates(path, list(_files(path))))
        return replace(merge(loaded), version=f"{max(one.version for one in loaded[:len(lists)])} {_changed(path)}")
    if not path.is_file():
        raise TrustError(f"{path}: there is no such file or folder")
    if path.suffix.lower() == ".json":
        return _load_signed(path, key)
    return _load_certificates(path, [path])


def merge(lists: list[TrustList]) -> TrustList:
    """Put several lists together; the oldest import counts. The caller gives the version."""
    anchors = [anchor for one in lists for same in one.anchors.values() for anchor in same]
    imports = [one.imported_at for one in lists if one.imported_at is not None]
    return TrustList.of(anchors, version="", imported_at=min(imports))


class TrustStore:
    """The trust list in force, taken over from files when they change; a bad or older one is refused.

    `memory` keeps the version in force over a restart, so that an older list is refused then as well.
    """

    def __init__(self, path: Path, key: Path | None, max_age: timedelta, memory: Path | None = None) -> None:
        self._path, self._key, self._max_age, self._memory = path, key, max_age, memory
        self._seen: str | None = None
        self.current = TrustList(version=self._remembered())
        self.problem = ""
        """One sentence on why the newest files are not in force; empty where they are."""

    def _remembered(self) -> str:
        """Return the version that was last in force for this very path; empty where none is known."""
        try:
            version = json.loads(self._memory.read_text())[str(self._path)] if self._memory else ""
        except (OSError, ValueError, KeyError, TypeError):
            return ""
        return version if isinstance(version, str) else ""

    def _remember(self) -> None:
        if self._memory is None:
            return
        try:
            partial = self._memory.with_suffix(".part")
            partial.write_text(json.dumps({str(self._path): self.current.version}))
            partial.replace(self._memory)
        except OSError as error:
            _log.warning("the version of the trust list cannot be kept (%s)", error.strerror)

    def reload(self) -> bool:
        """Look at the files again; return whether anything changed, for better or worse."""
        try:
            texts, built = _withdrawing(self._path)
            stamp = " ".join(map(_changed, (self._path, *texts, *built)))
        except (OSError, ValueError):
            stamp = ""
        if stamp == self._seen:
            return False
        self._seen = stamp
        try:
            new = self.current.replaced_by(load(self._path, self._key, max_age=self._max_age))
            refuse_older(self.current.revoked, new.revoked)
            self.current = new
            self.problem = ""
            self._remember()
        except TrustError as error:
            self.problem = str(error)
        return True
