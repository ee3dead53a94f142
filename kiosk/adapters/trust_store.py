"""The trust in force in a running kiosk, taken over from files as they change."""

import threading
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from kiosk.adapters.revocation_files import MEMORY, Withdrawn, withdrawing
from kiosk.adapters.trust_files import (
    CENTRE,
    Centre,
    Part,
    changed,
    keep_newest,
    named,
    parts,
    parts_of_centre,
)
from kiosk.adapters.trust_memory import VersionMemory, key_of, parts_of_key
from kiosk.domain.trust import MAX_AGE, TrustError, TrustList, is_older

_TIME_EVERY = timedelta(hours=1)


class TrustStore:
    """The trust in force, taken over from files when they change; a bad or older source is refused, each by itself.

    `memory` keeps the versions in force over a restart, so that an older list is refused then as well, and the keys
    that each source withdraws: they stay withdrawn while it is damaged or gone, until a newer one of its name says
    otherwise. `centre` is where documents from the centre are kept. May be used from several threads.
    """

    def __init__(
        self, path: Path, key: Path | None, max_age: timedelta, memory: Path | None = None, *,
        centre: Centre | None = None, accept_stale: Collection[str] = (), revocation_max_age: timedelta = MAX_AGE,
    ) -> None:  # fmt: skip
        self._path, self._key, self._max_age, self._centre = path, key, max_age, centre
        self._accept_stale = frozenset(accept_stale)
        self._memory = VersionMemory(memory)
        self._revocation_max_age = revocation_max_age
        self._lists = Withdrawn(path, memory and memory.with_name(MEMORY))
        self._withdrawn = self._memory.withdrawn()
        self._floor = self._memory.newest_time()
        self._signers: frozenset[str] | None = None
        """Who may sign for the centre today; None where that cannot be known."""
        self._stamp: tuple[str, ...] = ()
        self._in_force: dict[str, TrustList] = {}
        self._names: dict[str, str] = {}
        """By file, the name that it had when it was read last."""
        self._lock = threading.Lock()
        self.current = TrustList()
        self.problem = ""
        """One sentence on why the newest files are not in force; empty where they are."""
        self.gone: tuple[str, ...] = ()
        """Sources that were in force once and are no longer among the files."""

    def _look(self) -> tuple[str, ...]:
        texts, built = withdrawing(self._path)
        of_centre = (self._centre.folder, self._centre.key) if self._centre else ()
        stamps = []
        for path in filter(None, (self._path, *of_centre, *texts, *built)):
            try:
                stamps.append(changed(path))
            except (OSError, ValueError):
                stamps.append("")
        return tuple(stamps)

    def reload(self) -> bool:
        """Look at the files again; return whether anything changed, for better or worse."""
        with self._lock:
            stamp = self._look()
            if stamp == self._stamp:
                return False
            self._stamp = stamp
            self._take_over()
            return True

    def saw_time(self, now: datetime) -> None:
        """Keep what a good clock shows, once an hour: no age is counted from an earlier time again."""
        with self._lock:
            if self._floor is None or now - self._floor >= _TIME_EVERY:
                self._floor = now
                self._memory.keep_time(now)
                self.current = self._floored(self.current)

    def _floored(self, trust: TrustList) -> TrustList:
        return trust.with_sources(lambda source: replace(source, floor=self._floor))

    def _take_over(self) -> None:
        problems: list[str] = []
        self._signers = self._centre.signers() if self._centre else frozenset()
        found = self._parts(lambda: parts(self._path, self._key), "", problems)
        found |= self._parts(lambda: parts_of_centre(self._centre), CENTRE, problems)
        # By itself: a damaged list of withdrawn codes keeps no key from being taken over, or from being withdrawn.
        revoked = self._lists.reload()
        keys = self._withdrawn_keys(found)
        for name, one in found.items():
            if bytes.fromhex(one.sources[0].signer) in keys:
                problems.append(f"{name}: the key that signed it is withdrawn; it vouches for nobody")
        self.problem = "; ".join(problems + self._lists.problems)
        if found != self._in_force or keys != self.current.revoked_keys or revoked is not self.current.revoked:
            self._in_force = found
            merged = replace(
                TrustList.merged(found.values(), keys), revoked=revoked, revoked_before=revoked.dated,
                withdrawing=revoked.sources(self._revocation_max_age, self._accept_stale),
            )  # fmt: skip
            self.current = self._floored(merged)
        versions = {key_of(name, one.sources[0].signer): one.version for name, one in found.items()}
        self._memory.remember(versions, self._withdrawn)
        self.gone = tuple(sorted(self._memory.names() - found.keys())) if not problems else ()
        self.gone += self._lists.gone

    def _withdrawn_keys(self, found: dict[str, TrustList]) -> frozenset[bytes]:
        """Take over which keys are withdrawn: what was not found says what it said last, if its key still counts."""
        kept = {key: ids for key, ids in self._withdrawn.items() if parts_of_key(key)[0] not in found}
        read = {key_of(name, one.sources[0].signer): one.revoked_keys for name, one in found.items()}
        self._withdrawn = kept | read
        return frozenset(i for key, ids in self._withdrawn.items() if self._may_say(*parts_of_key(key)) for i in ids)

    def _may_say(self, name: str, signer: str) -> bool:
        """Tell whether the one who signed a source counts today: what is the centre's ends with the centre's key."""
        return not name.startswith(CENTRE) or self._signers is None or signer in self._signers

    def _parts(self, look: Callable[[], list[Part]], prefix: str, problems: list[str]) -> dict[str, TrustList]:
        """Return what is in force from now on: what can be read, and of the rest what was there before."""
        try:
            known = look()
        except TrustError as error:
            problems.append(str(error))
            same = {name: one for name, one in self._in_force.items() if name.startswith(CENTRE) is bool(prefix)}
            return {name: one for name, one in same.items() if self._may_say(name, one.sources[0].signer)}
        found: dict[str, TrustList] = {}
        for part in known:
            name = self._names.get(prefix + part.key, prefix + part.key)
            one = self._in_force.get(name)
            try:
                new = part.load(self._max_age)
                self._names[prefix + part.key] = name = prefix + part.name(new)
                keep_newest(found, name, named(new, prefix, self._accept_stale))
            except TrustError as error:
                problems.append(str(error))
                if one is not None and self._may_say(name, one.sources[0].signer):
                    keep_newest(found, name, one)
        return {name: one for name, new in found.items() if (one := self._newer(name, new, problems)) is not None}

    def _newer(self, name: str, new: TrustList, problems: list[str]) -> TrustList | None:
        """Return what is in force of a source: what was found, or what was there before where that is older."""
        before = self._in_force.get(name)
        if before is not None and new == before:
            return before
        if not is_older(new.version, self._memory.all().get(key_of(name, new.sources[0].signer), "")):
            try:
                return (before or TrustList()).replaced_by(new)
            except TrustError:
                pass
        problems.append(f"{name}: the new trust list is older than the one in force")
        return before if before and self._may_say(name, before.sources[0].signer) else None
