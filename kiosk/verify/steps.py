"""The numbered steps that every signed credential goes through, whatever its format (DESIGN section 7).

The order is the order of the verdicts (rule 6): a later verdict says that all earlier steps passed, so
'expired' also says that the signature was good.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from kiosk.domain.credential import Credential, Format, Rejected, TrustBasis, Verdict, Verification, Verified
from kiosk.domain.reasons import Reason
from kiosk.domain.trust import AmbiguousKeyError, TrustAnchor, TrustList, UnknownKeyError
from kiosk.verify.signature import SignedMessage, is_signed_by

CLOCK_SKEW = timedelta(minutes=5)


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
    if len(found) == 1:
        return found[0]
    return Reason.KEY_AMBIGUOUS if found else Reason.ISSUER_UNKNOWN


def _is_entitled(anchor: TrustAnchor, credential: Credential) -> bool:
    """Tell whether the key may sign this kind in this format; for our own passes, also in this issuer's name."""
    in_own_name = credential.format is not Format.PASS or credential.issuer == anchor.issuer
    return credential.kind in anchor.kinds and credential.format in anchor.formats and in_own_name


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
    # 2. Exactly one key, by issuer and key id (rule 2).
    anchor = find(claimed, trust)
    if isinstance(anchor, Reason):
        return rejected(Verdict.UNKNOWN_ISSUER, anchor)
    # 3. The signature, by that key and its own algorithm (rule 2).
    if not again and claimed.message.algorithm is not anchor.algorithm:
        return rejected(Verdict.BAD_SIGNATURE, Reason.ALGORITHM_MISMATCH)
    if not again and not is_signed_by(claimed.message, anchor):
        return rejected(Verdict.BAD_SIGNATURE, Reason.SIGNATURE_INVALID)
    # 4. The key covers this kind of statement (rule 3): for others its owner is no issuer we know.
    if not _is_entitled(anchor, credential):
        return rejected(Verdict.UNKNOWN_ISSUER, Reason.ISSUER_NOT_ENTITLED)
    # 5. Nobody has withdrawn it (rule 5).
    proven = claimed.identifiers
    if any(identifier in trust.revoked for identifier in proven):
        return rejected(Verdict.REVOKED, Reason.REVOKED)
    # 6. It has begun (rule 4).
    begins = [t for t in (credential.issued_at, credential.valid_from) if t is not None]
    if begins and max(begins) > now + CLOCK_SKEW:
        return rejected(Verdict.NOT_YET_VALID, Reason.NOT_YET_VALID)
    # 7. It has not ended. Issuers and their published vectors take the last second itself as valid.
    if credential.expires_at is not None and now > credential.expires_at:
        return rejected(Verdict.EXPIRED, Reason.EXPIRED)
    # 8. Only what would be valid can suffer from a stale list (rule 6).
    if trust.is_stale(now):
        return rejected(Verdict.STALE_TRUST, Reason.TRUST_STALE)
    basis = TrustBasis(trust.version, int(trust.age(now).total_seconds()))
    return Verified(credential, key_id, basis, proven)


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

    Where the format's codes name none, any key for the format stands for it; the issuer's, where it has a name.
    """
    found = find_by_key_id(claimed, trust)
    form, issuer = claimed.credential.format, claimed.credential.issuer
    if isinstance(found, TrustAnchor) or form not in _KEY_NOT_NAMED:
        return found
    listed = (anchor for same in trust.anchors.values() for anchor in same)
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
