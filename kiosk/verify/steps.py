"""The numbered steps that every signed credential goes through, whatever its format (DESIGN section 7).

The order is the order of the verdicts (rule 6): a later verdict says that all earlier steps passed, so
'expired' also says that the signature was good.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from kiosk.domain.credential import Credential, Format, Rejected, TrustBasis, Verdict, Verification, Verified
from kiosk.domain.reasons import Reason
from kiosk.domain.trust import (
    AmbiguousKeyError,
    RevocationUnavailableError,
    TrustAnchor,
    TrustList,
    UnknownKeyError,
)
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


def _is_entitled(anchor: TrustAnchor, credential: Credential) -> bool:
    """Tell whether the key may sign this kind in this format; for our own passes, also in this issuer's name."""
    in_own_name = credential.format is not Format.PASS or credential.issuer == anchor.issuer
    return credential.kind in anchor.kinds and credential.format in anchor.formats and in_own_name


def _withdrawn(claimed: Claimed, trust: TrustList) -> bool | None:
    """Tell whether the credential is withdrawn; None where that cannot be looked up."""
    issued_at = claimed.credential.issued_at or claimed.credential.valid_from
    try:
        return trust.withdraws(claimed.identifiers, issued_at)
    except RevocationUnavailableError:
        return None


def verify_claimed(
    claimed: Claimed, trust: TrustList, now: datetime, *, find: Find = find_by_key_id
) -> Verification:
    """Take a parsed credential through steps 1 to 8; the first that fails names the verdict."""
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
    if claimed.message.algorithm is not anchor.algorithm:
        return rejected(Verdict.BAD_SIGNATURE, Reason.ALGORITHM_MISMATCH)
    if not is_signed_by(claimed.message, anchor):
        return rejected(Verdict.BAD_SIGNATURE, Reason.SIGNATURE_INVALID)
    # 4. The key covers this kind of statement (rule 3): for others its owner is no issuer we know.
    if not _is_entitled(anchor, credential):
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
    # 8. Only what would be valid can suffer from lists that are stale, or cannot be looked up (rule 6).
    if withdrawn is None:
        return rejected(Verdict.STALE_TRUST, Reason.REVOCATION_UNAVAILABLE)
    if trust.is_stale(now):
        return rejected(Verdict.STALE_TRUST, Reason.TRUST_STALE)
    basis = TrustBasis(trust.version, int(trust.age(now).total_seconds()))
    return Verified(credential, key_id, basis, proven)
