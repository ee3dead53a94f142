"""The numbered steps that every signed credential goes through, whatever its format (DESIGN section 7).

The order is the order of the verdicts (rule 6): a later verdict says that all earlier steps passed, so
'expired' also says that the signature was good.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from kiosk.domain.credential import Credential, Format, Rejected, TrustBasis, Verdict, Verification, Verified
from kiosk.domain.reasons import Reason
from kiosk.domain.trust import (
    CLOCK_SKEW,
    AmbiguousKeyError,
    RevocationUnavailableError,
    Role,
    TrustAnchor,
    TrustList,
    TrustSource,
    UnknownKeyError,
)
from kiosk.verify.signature import SignedMessage, fits, is_signed_by

_BOUND_BY_THEMSELVES = frozenset({Format.HC1})
"""Formats whose credentials end no later than their signer's certificate, so that its end says nothing more: "the
Expiration Time MUST not exceed the validity period of the DSC" (eHealth Network, Technical Specifications for
Digital Green Certificates, volume 1, section 3.3.5). Their list is the authority on who is in it."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A parsed credential and the message that is said to sign it."""

    credential: Credential
    message: SignedMessage
    identifiers: frozenset[bytes]
    """What a revocation list may name it by: nothing that its holder can change (rule 5)."""
    ends: bool = True
    """Whether it has to have an end (rule 4). Formats whose specifications know none say False."""


Find = Callable[[Claimed, TrustList], TrustAnchor | Reason]
"""How a format finds the one key that must have signed, or the reason why there is none."""


def find_by_key_id(claimed: Claimed, trust: TrustList) -> TrustAnchor | Reason:
    """Find the key by issuer and key id (rule 2)."""
    if not claimed.message.key_id:
        return Reason.KEY_ID_MISSING
    try:
        return trust.find(claimed.credential.issuer, claimed.message.key_id)
    except UnknownKeyError:
        return Reason.ISSUER_UNKNOWN
    except AmbiguousKeyError:
        return Reason.KEY_AMBIGUOUS


def find_by_issuer(claimed: Claimed, trust: TrustList) -> TrustAnchor | Reason:
    """Find the key by issuer and key id, never by the key id alone, among the keys for this format.

    For formats whose issuers choose their key ids themselves (`key-1`): there, an equal key id means nothing.
    """
    credential, key_id = claimed.credential, claimed.message.key_id
    if not key_id:
        return Reason.KEY_ID_MISSING
    found = [
        anchor for anchor in trust.anchors.get(key_id, ())
        if anchor.issuer == credential.issuer and credential.format in anchor.formats
    ]  # fmt: skip
    # The same key in several sources is one key.
    if len({anchor.public_key for anchor in found}) == 1:
        return found[0]
    return Reason.KEY_AMBIGUOUS if found else Reason.ISSUER_UNKNOWN


def _is_entitled(anchor: TrustAnchor, credential: Credential) -> bool:
    """Tell whether the key may sign this kind in this format; for our own passes, also in this issuer's name."""
    in_own_name = credential.format is not Format.PASS or credential.issuer == anchor.issuer
    return credential.kind in anchor.kinds and credential.format in anchor.formats and in_own_name


def _in_use(anchor: TrustAnchor, credential: Credential, now: datetime) -> bool:
    """Tell whether the key's own end leaves it in use for this format."""
    return anchor.valid_until is None or now <= anchor.valid_until or credential.format in _BOUND_BY_THEMSELVES


def _withdrawn(claimed: Claimed, trust: TrustList) -> bool | None:
    """Tell whether the credential is withdrawn; None where that cannot be looked up."""
    issued_at = claimed.credential.issued_at or claimed.credential.valid_from
    try:
        return trust.withdraws(claimed.identifiers, issued_at)
    except RevocationUnavailableError:
        return None


def _granted(claimed: Claimed, trust: TrustList, now: datetime, find: Find) -> list[TrustAnchor] | Reason:
    """Return what each source says of the key that must have signed, at least one; or the reason why there is none."""
    if claimed.message.key_id in trust.revoked_keys:
        return Reason.KEY_REVOKED
    anchor = find(claimed, trust)
    if isinstance(anchor, Reason):
        return anchor
    if trust.is_withdrawn(anchor):
        return Reason.KEY_REVOKED
    return [one for one in trust.grants(anchor) if _in_use(one, claimed.credential, now)] or Reason.ISSUER_UNKNOWN


def _basis(sources: list[TrustSource], trust: TrustList, now: datetime) -> TrustBasis | Reason:
    """Return what a valid verdict rests on: the freshest source that counts; or the reason why none does.

    A list of withdrawn codes that is too old says nothing of what has been withdrawn since, so that it counts no more
    than an old list of keys; whichever source has the credential's own key.
    """
    counting = [source for source in sources if source.counts(now)]
    if not counting:
        return Reason.TRUST_STALE
    if not all(source.counts(now) for source in trust.withdrawing):
        return Reason.REVOCATION_STALE
    best = min(counting, key=lambda source: (source.is_stale(now), source.age(now)))
    basis = best.basis(now)
    return replace(basis, stale=basis.stale or any(source.is_stale(now) for source in trust.withdrawing))


def verify_claimed(
    claimed: Claimed, trust: TrustList, now: datetime, *, find: Find = find_by_key_id, again: bool = False
) -> Verification:
    """Take a parsed credential through steps 1 to 8; the first that fails names the verdict.

    `again` leaves out step 3: for `recheck` alone, where it was taken before.
    """
    credential, key_id = claimed.credential, claimed.message.key_id.hex()
    proven: frozenset[bytes] = frozenset()

    def rejected(verdict: Verdict, reason: Reason) -> Rejected:
        return Rejected(verdict, (reason,), credential.format, credential, key_id, proven)

    # 1. An end is required (rule 4): without one a leaked credential would open doors for ever.
    if claimed.ends and credential.expires_at is None:
        return rejected(Verdict.MALFORMED, Reason.EXPIRY_MISSING)
    # 2. Exactly one key, by issuer and key id (rule 2), that nobody has withdrawn and that has not come to its end.
    grants = _granted(claimed, trust, now, find)
    if isinstance(grants, Reason):
        return rejected(Verdict.UNKNOWN_ISSUER, grants)
    anchor = grants[0]
    # 3. The signature, by that key and an algorithm of its own (rule 2).
    if not again and not fits(anchor, claimed.message.algorithm):
        return rejected(Verdict.BAD_SIGNATURE, Reason.ALGORITHM_MISMATCH)
    if not again and not is_signed_by(claimed.message, anchor):
        return rejected(Verdict.BAD_SIGNATURE, Reason.SIGNATURE_INVALID)
    # 4. The key covers this kind of statement (rule 3): for others its owner is no issuer we know.
    sources = [trust.source_of(grant, now) for grant in grants if _is_entitled(grant, credential)]
    if not sources:
        return rejected(Verdict.UNKNOWN_ISSUER, Reason.ISSUER_NOT_ENTITLED)
    # 5. Nobody has withdrawn it (rule 5).
    proven = claimed.identifiers
    withdrawn = _withdrawn(claimed, trust)
    if withdrawn:
        return rejected(Verdict.REVOKED, Reason.REVOKED)
    # 6. It has begun (rule 4).
    begins = [t for t in (credential.issued_at, credential.valid_from) if t is not None]
    if begins and max(begins) > now + CLOCK_SKEW:
        return rejected(Verdict.NOT_YET_VALID, Reason.NOT_YET_VALID)
    # 7. It has not ended. Issuers and their published vectors take the last second itself as valid.
    if credential.expires_at is not None and now > credential.expires_at:
        return rejected(Verdict.EXPIRED, Reason.EXPIRED)
    # 8. Only what would be valid can suffer from lists that cannot be looked up, or are stale (rule 6), and of lists of
    # keys only from those that have its own.
    if withdrawn is None:
        return rejected(Verdict.STALE_TRUST, Reason.REVOCATION_UNAVAILABLE)
    basis = _basis(sources, trust, now)
    if isinstance(basis, Reason):
        return rejected(Verdict.STALE_TRUST, basis)
    # Rules about issuers mean who signed: a signer may write what it likes into its own certificates.
    return Verified(replace(credential, issuer=anchor.issuer), key_id, basis, proven)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A message whose signature was found to be good, and of which only the key's id is known still."""

    key_id: bytes
    algorithm: None = None
    signature: bytes = b""
    signed_bytes: bytes = b""


_KEY_NOT_NAMED = frozenset({Format.PRETIX, Format.VDS_NC})
"""Formats whose codes name no key of the list: they bring their signer's certificate, or nothing at all."""


def find_again(claimed: Claimed, trust: TrustList) -> TrustAnchor | Reason:
    """Find a key by a kept key id.

    Where the format's codes name none of the list, another stands for it; the issuer's, where it has a name: any key
    for the format if no key id was kept, else only an authority's, which vouches for certificates that codes bring.
    """
    found = find_by_key_id(claimed, trust)
    form, issuer = claimed.credential.format, claimed.credential.issuer
    if isinstance(found, TrustAnchor) or form not in _KEY_NOT_NAMED:
        return found
    roles = {Role.AUTHORITY} if claimed.message.key_id else set(Role)
    listed = (anchor for same in trust.anchors.values() for anchor in same if anchor.role in roles)
    return next((anchor for anchor in listed if form in anchor.formats and issuer in ("", anchor.issuer)), found)


def recheck(piece: Verification, trust: TrustList, now: datetime, *, find: Find = find_again) -> Verification:
    """Judge a piece of evidence again by another list, at another time, without its code: steps 2 and 4 to 8.

    Only for a piece whose signature was good when it was shown, which its `identifiers` tell. Any other piece is
    returned as it is: what its code is worth now, only the code itself can say.
    """
    if piece.credential is None or not piece.identifiers:
        return piece
    # It had passed step 1, by whatever its format asks for.
    seen = Claimed(piece.credential, _Seen(bytes.fromhex(piece.key_id)), piece.identifiers, ends=False)
    return verify_claimed(seen, trust, now, find=find, again=True)
