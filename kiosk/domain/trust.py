"""Trust lists: who may sign what, by which source. Each source has its version and age, and is never rolled back."""

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from kiosk.domain.credential import Format, Kind, TrustBasis

MAX_AGE = timedelta(days=30)
CLOCK_SKEW = timedelta(minutes=5)
"""How far two honest clocks may differ (DESIGN section 7, rule 4)."""


class Algorithm(StrEnum):
    """Signature algorithms; each key has its own (DESIGN section 7, rule 2; `kiosk.verify.signature`)."""

    ES256 = "ES256"
    ES384 = "ES384"
    ES512 = "ES512"
    PS256 = "PS256"
    ED25519 = "EdDSA"


class Role(StrEnum):
    """What a key may do. Never both: an authority signs no credential, and a signer no certificate."""

    SIGNER = "signer"
    """It signs credentials."""
    AUTHORITY = "authority"
    """It signs the certificates of signers, which come inside their credentials (VDS-NC)."""


@dataclass(frozen=True, slots=True)
class TrustSource:
    """Where keys come from: what a version counts for, and what grows old together."""

    name: str = ""
    version: str = ""
    imported_at: datetime | None = None
    """When it was taken over, or issued where it is signed and says so: its age starts here."""
    max_age: timedelta = MAX_AGE
    accept_stale: bool = False
    """The venue has said loudly that this source counts whatever its age."""
    signer: str = ""
    """Which key signed it, an id in hex, where versions count for each key by itself: a stolen one cannot use them
    all up, and what it has signed ends when the key is withdrawn."""

    floor: datetime | None = field(default=None, compare=False)
    """It is later than this, whatever the clock says: a clock that was set back makes no old list fresh."""

    def age(self, now: datetime) -> timedelta:
        """Return the time since its import; zero where it has none, or where the clock says that it is to come."""
        if self.imported_at is None:
            return timedelta(0)
        return max(max(now, self.floor or now) - self.imported_at, timedelta(0))

    def is_stale(self, now: datetime) -> bool:
        """Tell whether it is older than it may be, or nobody knows how old it is.

        An import that is yet to come says that the clock was wrong then or is wrong now: its age is unknown,
        and a clock that was set back makes no old list fresh.
        """
        if self.imported_at is None:
            return False
        return self.age(now) > self.max_age or self.imported_at - now > CLOCK_SKEW

    def counts(self, now: datetime) -> bool:
        """Tell whether its keys can make anything valid."""
        return self.accept_stale or not self.is_stale(now)

    def basis(self, now: datetime) -> TrustBasis:
        """Return what a verdict that rests on it records."""
        return TrustBasis(self.version, int(self.age(now).total_seconds()), self.is_stale(now), self.name)


def is_older(version: str, than: str) -> bool:
    """Tell whether a version comes before another one of the same source: numbers by value, times by their text."""
    if version.isdecimal() and than.isdecimal():
        return (len(version.lstrip("0")), version.lstrip("0")) < (len(than.lstrip("0")), than.lstrip("0"))
    return version < than


@dataclass(frozen=True, slots=True)
class TrustAnchor:
    """One key that a source trusts."""

    issuer: str
    """Country of the certificate, or the issuer's name for passes."""
    key_id: bytes
    """A signer's: of its certificate's or key's SHA-256 as much as its format says. An authority's: subject key id."""
    algorithm: Algorithm
    """The key's own; of an authority: by the size of its key alone, as certificates name theirs themselves."""
    public_key: bytes
    """DER SubjectPublicKeyInfo."""
    kinds: frozenset[Kind]
    """The kinds of credential that this key may sign."""
    formats: frozenset[Format] = frozenset({Format.HC1, Format.PASS})
    """The formats that it may sign: a key of one family means nothing in another."""
    role: Role = Role.SIGNER
    valid_until: datetime | None = None
    """The end of its certificate, or what its source says; which formats it ends is in `kiosk.verify.steps`."""
    source: TrustSource | None = field(default=None, compare=False, repr=False)
    """Set by the list that holds it."""


class TrustError(ValueError):
    """A trust list that cannot be used; the one before it stays in force."""


class RevocationUnavailableError(Exception):
    """A list of withdrawn credentials cannot be looked up (damaged or gone): nobody can be called valid by it."""


class UnknownKeyError(LookupError):
    """No anchor has this key id."""


class AmbiguousKeyError(LookupError):
    """Several keys have this key id and none has this issuer as well: none of them is taken."""


@dataclass(frozen=True, slots=True)
class TrustList:
    """Keys by issuer and key id, each with the source that vouches for it."""

    anchors: Mapping[bytes, tuple[TrustAnchor, ...]] = field(default_factory=dict)
    sources: tuple[TrustSource, ...] = ()
    revoked: Container[bytes] = frozenset()
    """Identifiers of withdrawn credentials (kiosk.verify.revocation); may stand for millions on disk."""
    revoked_keys: frozenset[bytes] = frozenset()
    """Ids of keys that nobody is to believe any more, whichever source still has them."""
    revoked_before: Mapping[bytes, datetime] = field(default_factory=dict)
    """Identifiers of which only what was issued before a moment is withdrawn (SMART Health Cards, `rid.timestamp`)."""
    withdrawing: tuple[TrustSource, ...] = ()
    """The lists that `revoked` is made of, as far as they have an age."""
    _signers: dict[Format, tuple[TrustAnchor, ...]] = field(default_factory=dict, init=False, compare=False, repr=False)
    """What `signers_of` has found: hundreds of keys are not gone through for every ticket."""
    _fallen: list[frozenset[bytes]] = field(default_factory=list, init=False, compare=False, repr=False)
    """The public keys that `is_withdrawn` has found to be withdrawn, once they are known."""

    @classmethod
    def of(
        cls,
        anchors: Iterable[TrustAnchor],
        *,
        version: str,
        imported_at: datetime,
        max_age: timedelta = MAX_AGE,
        name: str = "",
        revoked_keys: frozenset[bytes] = frozenset(),
    ) -> "TrustList":
        """Build the list of one source. The same key twice is one anchor; kinds and formats add up."""
        source = TrustSource(name, version, imported_at, max_age)
        by_id: dict[bytes, dict[tuple[Role, str, bytes], TrustAnchor]] = {}
        for anchor in anchors:
            same = by_id.setdefault(anchor.key_id, {})
            which = anchor.role, anchor.issuer, anchor.public_key
            known = same.get(which, anchor)
            same[which] = replace(
                anchor, kinds=known.kinds | anchor.kinds, formats=known.formats | anchor.formats, source=source
            )
        frozen = {key_id: tuple(same.values()) for key_id, same in by_id.items()}
        return cls(frozen, (source,), revoked_keys=revoked_keys)

    @classmethod
    def merged(cls, lists: Iterable["TrustList"], withdrawn: frozenset[bytes] = frozenset()) -> "TrustList":
        """Put the lists of several sources together. A key that several vouch for stays theirs, each for itself.

        Withdrawn credentials are the caller's business; withdrawn keys add up, with those of `withdrawn`. What a
        withdrawn key has signed vouches for nobody, but what that withdraws stays withdrawn: the safer of two ways.
        """
        by_id: dict[bytes, tuple[TrustAnchor, ...]] = {}
        sources: tuple[TrustSource, ...] = ()
        lists = list(lists)
        revoked_keys = withdrawn.union(*(one.revoked_keys for one in lists))
        for one in lists:
            if any(bytes.fromhex(source.signer) in revoked_keys for source in one.sources):
                continue
            for key_id, anchors in one.anchors.items():
                by_id[key_id] = by_id.get(key_id, ()) + anchors
            sources += one.sources
        return cls(by_id, sources, revoked_keys=revoked_keys)

    def __len__(self) -> int:
        return sum(len({(a.issuer, a.public_key) for a in same}) for same in self.anchors.values())

    def find(self, issuer: str, key_id: bytes) -> TrustAnchor:
        """Return the one signer for `issuer` and `key_id`, as the first source that vouches for it has it.

        A certificate's `iss` may differ from its signer's country ("CNAM", "CH BAG"), so a key id that
        belongs to exactly one key is enough; one that several issuers share needs the issuer as well.

        Raises UnknownKeyError or AmbiguousKeyError. Never tries one key after another.
        """
        found = [anchor for anchor in self.anchors.get(key_id, ()) if anchor.role is Role.SIGNER]
        if not found:
            raise UnknownKeyError
        if len({(anchor.issuer, anchor.public_key) for anchor in found}) == 1:
            return found[0]
        named = [anchor for anchor in found if anchor.issuer == issuer]
        if len({anchor.public_key for anchor in named}) == 1:
            return named[0]
        raise AmbiguousKeyError

    def find_authority(self, country: str, key_id: bytes) -> TrustAnchor:
        """Return the one authority of `country` with this subject key identifier: no other country's will do.

        Raises UnknownKeyError or AmbiguousKeyError.
        """
        found = [
            anchor
            for anchor in self.anchors.get(key_id, ())
            if anchor.role is Role.AUTHORITY and anchor.issuer == country
        ]
        if not found:
            raise UnknownKeyError
        if len({anchor.public_key for anchor in found}) > 1:
            raise AmbiguousKeyError
        return found[0]

    def signers_of(self, form: Format) -> tuple[TrustAnchor, ...]:
        """Return every signer of a format whose codes name no key, each once, in the order of the list."""
        if form not in self._signers:
            found = {
                (anchor.issuer, anchor.public_key): anchor
                for same in self.anchors.values()
                for anchor in same
                if anchor.role is Role.SIGNER and form in anchor.formats
            }
            self._signers[form] = tuple(found.values())
        return self._signers[form]

    def grants(self, anchor: TrustAnchor) -> tuple[TrustAnchor, ...]:
        """Return what every source says of this key; of one that is in no list, what it says itself."""
        same = tuple(
            other
            for other in self.anchors.get(anchor.key_id, ())
            if (other.role, other.issuer, other.public_key) == (anchor.role, anchor.issuer, anchor.public_key)
        )
        return same or (anchor,)

    def source_of(self, anchor: TrustAnchor, now: datetime) -> TrustSource:
        """Return the source of an anchor; for one that a format has made itself, the oldest of all."""
        if anchor.source is not None:
            return anchor.source
        return max(self.sources, key=lambda source: (source.is_stale(now), source.age(now)), default=TrustSource())

    @property
    def version(self) -> str:
        """The version of its one source; of several, each with its name."""
        if len(self.sources) == 1:
            return self.sources[0].version
        return " ".join(f"{source.name}={source.version}" for source in self.sources)

    def is_withdrawn(self, anchor: TrustAnchor) -> bool:
        """Tell whether nobody is to believe a key any more: by its id, or by another id that a source has it under."""
        if not self._fallen:
            withdrawn = (other for key_id in self.revoked_keys for other in self.anchors.get(key_id, ()))
            self._fallen.append(frozenset(other.public_key for other in withdrawn))
        return anchor.key_id in self.revoked_keys or anchor.public_key in self._fallen[0]

    def withdraws(self, identifiers: Iterable[bytes], issued_at: datetime | None) -> bool:
        """Tell whether a credential that was issued at `issued_at` is withdrawn by any of its identifiers.

        Where its time of issue is not known, an entry with a moment counts as one without. A hit in any list
        counts, whatever ails another. Raises RevocationUnavailableError where nothing was found and a list could
        not be looked up.
        """
        unavailable = False
        for identifier in identifiers:
            before = self.revoked_before.get(identifier)
            if before is not None and (issued_at is None or issued_at < before):
                return True
            try:
                if identifier in self.revoked:
                    return True
            except RevocationUnavailableError:
                unavailable = True
        if unavailable:
            raise RevocationUnavailableError
        return False

    def age(self, now: datetime) -> timedelta:
        """Return the age of its oldest source; zero for an empty list."""
        return max((source.age(now) for source in self.sources), default=timedelta(0))

    def is_stale(self, now: datetime) -> bool:
        """Tell whether any of its sources is older than it may be."""
        return any(source.is_stale(now) for source in self.sources)

    def with_sources(self, change: Callable[[TrustSource], TrustSource]) -> "TrustList":
        """Return the same keys with every source changed."""
        new = {source: change(source) for source in self.sources}
        anchors = {
            key_id: tuple(replace(a, source=None if a.source is None else new[a.source]) for a in same)
            for key_id, same in self.anchors.items()
        }
        return replace(self, anchors=anchors, sources=tuple(new[source] for source in self.sources))

    def as_of(self, now: datetime) -> "TrustList":
        """Return the list for a question about the past: no source counts as imported later than `now`."""
        def change(source: TrustSource) -> TrustSource:
            return replace(source, imported_at=min(source.imported_at or now, now), floor=None)

        return replace(self.with_sources(change), withdrawing=tuple(map(change, self.withdrawing)))

    def replaced_by(self, new: "TrustList") -> "TrustList":
        """Return `new`, or raise TrustError where any of its sources is older than it is here, or has gone."""
        now = {source.name: source for source in new.sources}
        for source in self.sources:
            other = now.get(source.name)
            if other is not None and (
                other.signer != source.signer or not is_older(other.version, source.version)
            ):
                continue
            raise TrustError("the new trust list is older than the one in force")
        return new
