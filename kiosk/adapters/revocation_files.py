"""The lists of withdrawn codes that lie among the trust files: together, and taken over as they change.

What cannot be taken over is stood in for by what was in force before. Where there is nothing to stand in, nobody can be
called valid: a list that is there and cannot be read is never taken for an empty one.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from kiosk.adapters.revocation_store import SUFFIX, RevocationStore
from kiosk.adapters.trust_memory import VersionMemory
from kiosk.domain.trust import RevocationUnavailableError, TrustError, TrustSource
from kiosk.verify.revocation_lists import read_list

MEMORY = "revocation.json"
"""What a gate keeps of the lists that were in force, beside its memory of trust."""
WITHDRAWN = "withdrawn/"
"""What the names of these lists begin with where they stand beside those of trust."""
MAX_TEXT = 64 << 20
"""Bytes of a list by hand."""


@dataclass(eq=False, slots=True)
class RevocationLists:
    """Several lists taken together; a hit in one counts even where another cannot be looked up."""

    stores: tuple[RevocationStore, ...] = ()
    texts: Mapping[str, frozenset[bytes]] = field(default_factory=dict)
    """Lists by hand, in memory, by their file's name."""
    missing: tuple[str, ...] = ()
    """Files that are there and could never be read: what is in no other list may be in these."""
    dated: dict[bytes, datetime] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for store in self.stores:
            for identifier, before in store.dated.items():
                self.dated[identifier] = max(before, self.dated.get(identifier, before))

    def __len__(self) -> int:
        return len(frozenset().union(*self.texts.values())) + sum(map(len, self.stores))

    def __contains__(self, identifier: object) -> bool:
        """Tell whether any list has it. Raises RevocationUnavailableError where none has and one cannot say."""
        if any(identifier in text for text in self.texts.values()):
            return True
        unavailable = bool(self.missing)
        for store in self.stores:
            try:
                if identifier in store:
                    return True
            except RevocationUnavailableError:
                unavailable = True
        if unavailable:
            raise RevocationUnavailableError
        return False

    @property
    def versions(self) -> dict[str, int]:
        """The version of each source; of two files of one source the older, which is the weaker claim."""
        found: dict[str, int] = {}
        for store in self.stores:
            source, version = store.header.source, store.header.version
            found[source] = min(version, found.get(source, version))
        return found

    @property
    def names(self) -> frozenset[str]:
        """The source of each list, of one by hand its file's name."""
        return frozenset(self.versions) | self.texts.keys()

    def sources(self, max_age: timedelta, accept_stale: Collection[str]) -> tuple[TrustSource, ...]:
        """Return each source of built lists with its age, which starts when its oldest file was built.

        A list by hand has none: it is the venue's own, and nobody else knows more than it says.
        """
        built: dict[str, datetime] = {}
        for store in self.stores:
            source, when = store.header.source, store.header.built_at
            built[source] = min(when, built.get(source, when))
        versions = self.versions
        return tuple(
            TrustSource(WITHDRAWN + name, str(versions[name]), when, max_age, WITHDRAWN + name in accept_stale)
            for name, when in sorted(built.items())
        )

    def is_same(self, other: "RevocationLists") -> bool:
        """Tell whether the other ones are of the same files with the same content, and lack the same."""
        # The file too: the one that is open may have been written over, and a good copy put in its place since.
        mine, theirs = ([(store.header, store.place) for store in one.stores] for one in (self, other))
        return (self.texts, self.missing, mine) == (other.texts, other.missing, theirs)


def withdrawing(path: Path) -> tuple[list[Path], list[Path]]:
    """Return the text lists and the built lists of withdrawn codes that belong to a folder or to a list.

    In a folder `revoked.txt` and `*.revoked`; beside a list `<name>-revoked.txt` and `<name>.revoked`. Raises OSError.
    """
    if path.is_dir():
        texts, built = [path / "revoked.txt"], sorted(path.glob(f"*{SUFFIX}"))
    else:
        texts, built = [path.with_name(f"{path.stem}-revoked.txt")], [path.with_suffix(SUFFIX)]
    return [p for p in texts if p.is_file()], [p for p in built if p.is_file()]


def _text(path: Path) -> frozenset[bytes]:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_TEXT + 1)
    except OSError as error:
        raise TrustError(f"{path}: cannot be read") from error
    if len(data) > MAX_TEXT:
        raise TrustError(f"{path}: too large for a list by hand; kiosk revocation build makes one of any length")
    try:
        return frozenset(read_list(data))
    except TrustError as error:
        raise TrustError(f"{path}: {error}") from error


def _checked(path: Path) -> RevocationStore:
    store = RevocationStore(path)
    store.check()
    return store


def _refuse_older(store: RevocationStore, known: Mapping[str, int]) -> None:
    source = store.header.source
    if store.header.version < known.get(source, 0):
        raise TrustError(f"{store.path}: the list of withdrawn codes of '{source}' is older than the one in force")


def revoked_beside(path: Path) -> RevocationLists:
    """Open the lists of withdrawn codes that belong to a folder or to a list, and read each once as a whole.

    Raises TrustError that names the file, or OSError.
    """
    texts, built = withdrawing(path)
    return RevocationLists(tuple(_checked(file) for file in built), {file.name: _text(file) for file in texts})


class Withdrawn:
    """The lists of withdrawn codes in force, each taken over by itself. For one thread at a time.

    `memory` keeps what was in force over a restart, so that an older list is refused then as well, and one that has
    been taken away is known to be gone.
    """

    def __init__(self, path: Path, memory: Path | None = None) -> None:
        self._path = path
        self._memory = VersionMemory(memory)
        self.current = RevocationLists()
        self.problems: list[str] = []
        """Sentences on what is not in force as it lies there."""
        self.gone: tuple[str, ...] = ()
        """Lists that were in force once and are no longer among the files: what they withdrew is valid again."""
        self._taken = False

    def reload(self) -> RevocationLists:
        """Read every list again and return what is in force from now on: the same object where nothing changed."""
        self.problems = []
        try:
            texts, built = withdrawing(self._path)
        except OSError as error:
            self.problems.append(f"{error.filename or self._path}: cannot be looked at")
            # Nobody knows what there is to know, unless it has been known before.
            return self.current if self._taken else self._in_force(RevocationLists(missing=(self._path.name,)))
        self._taken = True
        by_hand, lost = self._texts(texts)
        stores, also_lost = self._stores(built)
        new = RevocationLists(tuple(stores), by_hand, (*lost, *also_lost))
        self._memory.remember(dict.fromkeys(by_hand, "") | {name: str(one) for name, one in new.versions.items()})
        # Of a file that cannot be read nobody knows which list it is.
        gone = () if new.missing else self._memory.all().keys() - new.names
        self.gone = tuple(sorted(WITHDRAWN + name for name in gone))
        self.problems += [f"{name}: nothing stands in for it, so nobody is valid until then" for name in new.missing]
        return self._in_force(new)

    def _known(self) -> dict[str, int]:
        """Return below which version a source is not taken over."""
        kept = {name: int(version) for name, version in self._memory.all().items() if version.isdecimal()}
        return kept | {name: max(one, kept.get(name, 0)) for name, one in self.current.versions.items()}

    def _in_force(self, new: RevocationLists) -> RevocationLists:
        if not new.is_same(self.current):
            self.current = new
        return self.current

    def _texts(self, files: list[Path]) -> tuple[dict[str, frozenset[bytes]], list[str]]:
        found: dict[str, frozenset[bytes]] = {}
        lost: list[str] = []
        for file in files:
            try:
                found[file.name] = _text(file)
            except TrustError as error:
                self.problems.append(str(error))
                if file.name in self.current.texts:
                    found[file.name] = self.current.texts[file.name]
                else:
                    lost.append(file.name)
        return found, lost

    def _stores(self, files: list[Path]) -> tuple[list[RevocationStore], list[str]]:
        found: list[RevocationStore] = []
        refused: list[tuple[Path, str]] = []
        known = self._known()
        for file in files:
            source = ""
            try:
                store = RevocationStore(file)
                source = store.header.source
                store.check()
                _refuse_older(store, known)
            except TrustError as error:
                self.problems.append(str(error))
                refused.append((file, source))
            else:
                found.append(store)
        sound, lost = {store.header.source for store in found}, []
        for file, source in refused:
            kept = [one for one in self.current.stores if file == one.path or source == one.header.source]
            found += [one for one in kept if one not in found and one.header.source not in sound]
            if not kept and source not in sound:
                lost.append(file.name)
        return found, lost
