"""Trust from files: what was imported, lists and keys as others publish them, and plain folders of certificates."""

import logging
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from kiosk.adapters.revocation_files import revoked_beside
from kiosk.adapters.trust_import import ENDING, NO_LIMIT, load_stored
from kiosk.domain.trust import MAX_AGE, TrustError, TrustList, TrustSource, is_older
from kiosk.verify import trust_document, trust_list, trust_sources
from kiosk.verify.trust_sources import Given

MAX_FILE = 64 << 20
MAX_FILES = 10_000
_CERTIFICATES = frozenset({".pem", ".crt", ".cer", ".der", ".b64"})
"""Endings of files that have to be certificates."""
_PERHAPS = frozenset({"", ".txt"})
"""Endings of files that are taken where they are certificates, and passed over where they are not."""
_DOCUMENT = ".cose"
"""Ending of one of our own trust documents as it came."""
CENTRE = "centre/"
"""What the names of the centre's sources begin with: it cannot give out one of its own for the venue's."""
_ANY_TIME = datetime(9999, 1, 1, tzinfo=UTC)
"""Files are read without a clock: what is dated in the future has no known age, and is stale (kiosk.domain.trust)."""
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
    """Yield the certificate files of a folder and its subfolders, in a stable order; hidden ones are left alone."""
    endings = _CERTIFICATES | _PERHAPS
    # is_file is false for folders, sockets and pipes: reading one of those might never end.
    seen = (p for p in folder.rglob("*") if not any(part.startswith(".") for part in p.relative_to(folder).parts))
    found = sorted(p for p in seen if p.suffix.lower() in endings and p.is_file())
    if len(found) > MAX_FILES:
        raise TrustError(f"{folder}: more than {MAX_FILES} files")
    yield from (p for p in found if not p.name.endswith("-signing-key.pem"))


def _modified(paths: list[Path]) -> datetime:
    """Return when the newest of the files was put there: the time of import, as far as files tell."""
    return datetime.fromtimestamp(max(p.stat().st_mtime for p in paths), UTC)


def changed(path: Path) -> str:
    """Return when anything in a folder, or a file, was last changed: the version of what has none of its own.

    Taking a certificate out of a folder changes the folder, so a key that is withdrawn makes a newer version.
    """
    paths = [path, *path.rglob("*")] if path.is_dir() else [path]
    newest = max(p.stat().st_mtime_ns for p in paths if p.exists())
    return f"{datetime.fromtimestamp(newest // 10**9, UTC):%Y-%m-%dT%H:%M:%S}.{newest % 10**9:09}Z"


def _key_of(path: Path, key: Path | None) -> bytes:
    """Return the key of who signed a file: the one named, or the one beside it. Raises TrustError."""
    key = key or _signing_key_beside(path)
    if not key.is_file():
        raise TrustError(f"{path}: its public key is missing; put {key.name} beside it, or name one (--trust-key)")
    return _read(key)


def _issuer_beside(path: Path) -> str:
    """Return what `<name>-issuer.txt` beside a file says: whose keys are in it."""
    where = path.with_name(f"{path.stem}-issuer.txt")
    return _read(where)[:1024].decode(errors="replace").strip() if where.is_file() else ""


def _load_known(path: Path, reader: trust_sources.Reader, key: Path | None, issuer: str) -> TrustList:
    """Load a file that has a reader of its own. It was imported when the file was put there."""
    put_there = _modified([path])
    given = Given(_read(path), issuer or _issuer_beside(path), _key_of(path, key) if reader.signed else b"")
    try:
        content = trust_sources.read(reader, given, _ANY_TIME)
    except TrustError as error:
        raise TrustError(f"{path}: {error}") from error
    return TrustList.of(
        content.anchors, version=content.version or changed(path), imported_at=content.issued_at or put_there,
        max_age=content.max_age or NO_LIMIT, name=content.origin or path.name, revoked_keys=content.revoked_keys,
    ).with_sources(lambda source: replace(source, signer=content.signer))  # fmt: skip


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
        anchors = [trust_list.anchor_of(der) for der in ders]
        return TrustList.of(
            anchors, version=changed(where), imported_at=_modified(paths), max_age=NO_LIMIT, name=where.name
        )
    except TrustError as error:
        raise TrustError(f"{where}: {error}") from error


@dataclass(frozen=True, slots=True)
class Centre:
    """Where what the centre sent lies, and who may sign it today."""

    folder: Path
    key: Path
    """The file of `[trust] centre_key`."""

    def signers(self) -> frozenset[str] | None:
        """Return the fingerprints of its keys of today; None where they cannot be read."""
        try:
            return frozenset(map(trust_document.fingerprint, trust_document.signing_keys(_read(self.key))))
        except TrustError:
            return None


def centre(state: Path, key: Path | None) -> Centre | None:
    """Return where the centre's documents lie under the kiosk's state; None where none are taken."""
    return Centre(state / "trust", key) if key else None


def keep_newest(found: dict[str, TrustList], name: str, one: TrustList) -> None:
    """Put a list among those found, unless a newer one of its name is there: two files may be of one source."""
    if name not in found or is_older(found[name].version, one.version):
        found[name] = one


def load(
    path: Path, key: Path | None = None, *, issuer: str = "", max_age: timedelta = MAX_AGE,
    centre: Centre | None = None, accept_stale: Collection[str] = (), revocation_max_age: timedelta = MAX_AGE,
) -> TrustList:  # fmt: skip
    """Load a file of keys or a certificate, or a folder of them, each file a source with an age of its own.

    Imported sources (`kiosk trust import`) count their age from their import or their date, other files from when
    they were put there. `issuer` names whose keys are in a file that does not say it; `centre` is where what
    the centre sent lies, `accept_stale` as the settings. Raises TrustError with one sentence.
    """
    lists: dict[str, TrustList] = {}
    for prefix, known in (("", parts(path, key, issuer)), (CENTRE, parts_of_centre(centre))):
        for part in known:
            one = part.load(max_age)
            keep_newest(lists, prefix + part.name(one), named(one, prefix, accept_stale))
    try:
        revoked = revoked_beside(path)
    except OSError as error:
        raise TrustError(f"{error.filename or path}: cannot be looked at") from error
    return replace(
        TrustList.merged(lists.values()), revoked=revoked, revoked_before=revoked.dated,
        withdrawing=revoked.sources(revocation_max_age, accept_stale),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """One source among the files."""

    key: str
    """What its version is remembered by, unless it has a name of its own."""
    read: Callable[[], TrustList]
    """Raises TrustError."""
    named: bool = False
    """Whether it says its name itself: then whichever file is the newest of that name counts, alone."""

    def name(self, found: TrustList) -> str:
        """Return what the version of its list is remembered by."""
        return found.sources[0].name if self.named else self.key

    def load(self, max_age: timedelta) -> TrustList:
        """Return its list, no older than `max_age` may be. Raises TrustError with one sentence."""
        try:
            found = self.read()
        except OSError as error:  # a file or folder that may not be looked at, or that vanished meanwhile
            why = (error.strerror or "error").lower()
            raise TrustError(f"{error.filename or self.key}: cannot be looked at ({why})") from error
        return found.with_sources(lambda source: replace(source, max_age=min(source.max_age, max_age)))


def _stored(path: Path, key: bytes | None = None) -> TrustList:
    try:
        return load_stored(path, key)
    except TrustError as error:
        raise TrustError(f"{path}: {error}") from error


def _known(path: Path, key: Path | None, issuer: str) -> Part | None:
    """Return the part that a single file is, None where it can only be certificates."""
    if path.suffix == ENDING:
        return Part(path.stem, lambda: _stored(path), named=True)
    reader = trust_sources.recognise(_read(path))
    if path.suffix.lower() == ".json" and reader is None:
        reader = trust_sources.reader("dcc")  # so that a damaged list is refused as one
    if reader is None or reader.name == "issuer":
        return None
    return Part(str(path), lambda: _load_known(path, reader, key, issuer), named=reader.name == "document")


def _is_list(path: Path, key: Path | None) -> bool:
    """Tell whether a JSON file of a folder is meant as trust: other files may lie there as well."""
    return bool(key) or _signing_key_beside(path).is_file() or trust_sources.recognise(_read(path)) is not None


def parts(path: Path, key: Path | None = None, issuer: str = "") -> list[Part]:
    """Return the sources that a file or a folder holds, at least one. Raises TrustError with one sentence."""
    try:
        if path.is_dir():
            return _parts_of_folder(path, key, issuer)
        if not path.is_file():
            raise TrustError(f"{path}: there is no such file or folder")
        return [_known(path, key, issuer) or Part(str(path), lambda: _load_certificates(path, [path]))]
    except OSError as error:
        why = (error.strerror or "error").lower()
        raise TrustError(f"{error.filename or path}: cannot be looked at ({why})") from error


def parts_of_centre(centre: Centre | None) -> list[Part]:
    """Return what the centre has sent, if there is anything: only documents, and by its key of today only.

    Raises TrustError.
    """
    if centre is None:
        return []
    try:
        paths = sorted(centre.folder.glob(f"*{ENDING}"))
    except OSError as error:
        raise TrustError(f"{centre.folder}: cannot be looked at ({(error.strerror or 'error').lower()})") from error
    key = _read(centre.key) if paths else b""
    return [Part(path.stem, partial(_stored, path, key)) for path in paths if not path.name.startswith(".")]


def named(trust: TrustList, prefix: str, accept_stale: Collection[str]) -> TrustList:
    """Return a list as it counts here: under a name that nobody else can give, and with the venue's word on its age."""

    def change(source: TrustSource) -> TrustSource:
        name = prefix + source.name
        return replace(source, name=name, accept_stale=name in accept_stale)

    return trust.with_sources(change)


def _parts_of_folder(path: Path, key: Path | None, issuer: str) -> list[Part]:
    here = [p for p in sorted(path.iterdir()) if not p.name.startswith(".") and p.is_file()]
    files = [p for p in here if p.suffix in (ENDING, _DOCUMENT)]
    files += [p for p in here if p.suffix.lower() == ".json" and _is_list(p, key)]
    found = [part for p in files if (part := _known(p, key, issuer)) is not None]
    certificates = list(_files(path))
    # Beside imports and lists there may be notes (revoked.txt, NAME-issuer.txt): alone they are no source that failed.
    meant = any(p.suffix.lower() in _CERTIFICATES for p in certificates)
    if meant or not found or any(True for p in certificates for _ in _usable(p)):
        found.append(Part(str(path), lambda: _load_certificates(path, certificates)))
    return found
