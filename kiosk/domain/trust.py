"""Trust lists: who may sign what. Versioned, with an age, never rolled back."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from kiosk.domain.credential import Format, Kind


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
class TrustAnchor:
    """One key that the list trusts."""

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


class TrustError(ValueError):
    """A trust list that cannot be used; the one before it stays in force."""


class UnknownKeyError(LookupError):
    """No anchor has this key id."""


class AmbiguousKeyError(LookupError):
    """Several anchors have this key id and none has this issuer as well: none of them is taken."""


@dataclass(frozen=True, slots=True)
class TrustList:
    """Keys by issuer and key id. `version` orders lists of one origin; `imported_at` starts its age."""

    anchors: Mapping[bytes, tuple[TrustAnchor, ...]] = field(default_factory=dict)
    version: str = ""
    imported_at: datetime | None = None
    max_age: timedelta = timedelta(days=30)
    revoked: Container[bytes] = frozenset()
    """Identifiers of withdrawn credentials (kiosk.verify.revocation); may stand for millions on disk."""

    @classmethod
    def of(
        cls,
        anchors: Iterable[TrustAnchor],
        *,
        version: str,
        imported_at: datetime,
        max_age: timedelta = timedelta(days=30),
    ) -> "TrustList":
        """Build a list. The same key twice is one anchor; kinds add up."""
        by_id: dict[bytes, dict[tuple[Role, str, bytes], TrustAnchor]] = {}
        for anchor in anchors:
            same = by_id.setdefault(anchor.key_id, {})
            which = anchor.role, anchor.issuer, anchor.public_key
            known = same.get(which)
            if known is not None:
                anchor = replace(  # noqa: PLW2901
                    anchor, kinds=known.kinds | anchor.kinds, formats=known.formats | anchor.formats
                )
            same[which] = anchor
        frozen = {key_id: tuple(same.values()) for key_id, same in by_id.items()}
        return cls(frozen, version, imported_at, max_age)

    def __len__(self) -> int:
        return sum(map(len, self.anchors.values()))

    def find(self, issuer: str, key_id: bytes) -> TrustAnchor:
        """Return the one signer for `issuer` and `key_id`.

        A certificate's `iss` may differ from its signer's country ("CNAM", "CH BAG"), so a key id that
        belongs to exactly one key is enough; one that several issuers share needs the issuer as well.

        Raises UnknownKeyError or AmbiguousKeyError. Never tries one key after another.
        """
        found = [anchor for anchor in self.anchors.get(key_id, ()) if anchor.role is Role.SIGNER]
        if not found:
            raise UnknownKeyError
        if len(found) == 1:
            return found[0]
        named = [anchor for anchor in found if anchor.issuer == issuer]
        if len(named) == 1:
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
        if len(found) > 1:
            raise AmbiguousKeyError
        return found[0]

    def signers_of(self, form: Format) -> tuple[TrustAnchor, ...]:
        """Return every signer of a format whose codes name no key, in the order of the list."""
        return tuple(
            anchor
            for same in self.anchors.values()
            for anchor in same
            if anchor.role is Role.SIGNER and form in anchor.formats
        )

    def age(self, now: datetime) -> timedelta:
        """Return the time since this list was taken over; zero for an empty list or a clock set back."""
        if self.imported_at is None:
            return timedelta(0)
        return max(now - self.imported_at, timedelta(0))

    def is_stale(self, now: datetime) -> bool:
        """Tell whether the list is older than it may be."""
        return self.age(now) > self.max_age

    def replaced_by(self, new: "TrustList") -> "TrustList":
        """Return `new`, or raise TrustError where it is older than this list."""
        if new.version < self.version:
            raise TrustError("the new trust list is older than the one in force")
        return new
