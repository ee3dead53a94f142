"""Anti-passback: nobody comes in twice without having gone out, whatever code is shown the second time.

A person is known exactly, or not at all: by the words of the name in alphabetical order and the whole birth date, as
signed codes say them; where they say less, by issuer and number of the signed code. What documents do to a name is
not made up for here (docs/matching.md does): a wrong match would keep somebody out. Nobody is ever kept in.
"""

from collections.abc import Sequence
from datetime import timedelta

from kiosk.domain import birth_dates
from kiosk.domain.credential import Credential, Verification, Verified
from kiosk.domain.decision import Deny
from kiosk.domain.events import ClockConfidence
from kiosk.domain.policy_age import signed_birth_date
from kiosk.domain.policy_terms import PassbackKind, Policy
from kiosk.domain.reasons import Reason
from kiosk.domain.situation import Direction, Situation
from kiosk.domain.spelling import foldings

LOOKED_BACK = timedelta(days=2)
"""How long at most it is remembered who went where: longer than any day of counting, and than any `minutes`."""
_SKEW_S = 5
"""How far a clock that is set right may go back and be believed."""
_ICAO = 1
"""Of the ways to write a name, the one that ICAO Doc 9303 prefers: Ü as UE."""


def person(evidence: Sequence[Verification]) -> bytes:
    """Return who shows these codes, to be hashed with a key; empty where no signed code says it.

    The same for each code of a person that says name and birth date. A birth date that a pass hides in a hash counts
    where another code tells which day it is: that day is signed.
    """
    signed = [piece.credential for piece in reversed(evidence) if isinstance(piece, Verified)]
    names = (_by_name(one, evidence) for one in signed)
    return next(filter(None, names), None) or next(filter(None, map(_by_number, signed)), b"")


def _by_name(credential: Credential, evidence: Sequence[Verification]) -> bytes:
    holder = credential.holder
    born = birth_dates.read(signed_birth_date(credential, evidence))
    family, given = holder.family_name or holder.family_name_icao, holder.given_name or holder.given_name_icao
    words = sorted(f"{foldings(family)[_ICAO]} {foldings(given)[_ICAO]}".split())
    if born is None or not born.is_whole or not words:
        return b""
    return f"name\0{' '.join(words)}\0{born.year:04}-{born.month:02}-{born.day:02}".encode()


def _by_number(credential: Credential) -> bytes:
    if not credential.credential_id:
        return b""
    return f"number\0{len(credential.issuer)}\0{credential.issuer}{credential.credential_id}".encode()


def refusal(policy: Policy, situation: Situation) -> Deny | None:
    """Return why somebody whom a rule admits is not let in after all: staff looks into it; None where nothing is."""
    why = _objection(policy, situation)
    if why is None or policy.passback is None or policy.passback.kind is PassbackKind.SOFT:
        return None
    return Deny((why,), call_staff=True)


def note(policy: Policy, situation: Situation) -> str:
    """Return what the record of an admission says: `soft` of somebody who is inside already, `unknown`, or nothing."""
    match _objection(policy, situation):
        case None:
            return ""
        case Reason.PASSBACK_UNKNOWN:
            return "unknown"
        case _:
            return "soft"


def _objection(policy: Policy, situation: Situation) -> Reason | None:
    """Return what speaks against letting the person in. Nothing ever speaks against letting somebody out."""
    rule, stay = policy.passback, situation.stay
    if rule is None or situation.direction is Direction.EXIT:
        return None
    if not situation.stays_known or situation.clock is ClockConfidence.UNSET:
        return Reason.PASSBACK_UNKNOWN
    if stay is None:
        return None
    if stay.ago_s < -_SKEW_S:  # the clock was wrong then, or is now
        return Reason.PASSBACK_UNKNOWN
    if stay.direction is Direction.EXIT:
        return None
    if rule.kind is PassbackKind.TIMED:
        return Reason.ENTERED_JUST_NOW if stay.ago_s < rule.minutes * 60 else None
    return Reason.ALREADY_INSIDE
