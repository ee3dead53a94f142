"""From the bytes of a code to a decision, with what the journal may know of it."""

from collections.abc import Callable, Collection, Sequence

from kiosk.domain import passback
from kiosk.domain.credential import Rejected, Verdict, Verification, Verified
from kiosk.domain.decision import Admit, Decision, Deny, Judgement
from kiosk.domain.deny_list import DenyList, refusal
from kiosk.domain.policy import Policy, weigh
from kiosk.domain.situation import FaceCheck, Situation
from kiosk.domain.symbology import Symbology
from kiosk.domain.trust import TrustList
from kiosk.verify import registry

_NOBODY = DenyList()


def piece(found: Verification) -> dict[str, object]:
    """Return what the record says of one piece of evidence: nothing that an unverified code claims."""
    if not isinstance(found, Verified):
        return {"verdict": found.verdict} | ({"format": found.format} if found.format is not None else {})
    credential, basis = found.credential, found.basis
    said: dict[str, object] = {
        "verdict": Verdict.VALID, "format": credential.format, "kind": credential.kind, "issuer": credential.issuer,
        "trust_version": basis.version, "trust_age_s": basis.age_s,
    }  # fmt: skip
    more = {"trust_source": basis.source, "stale": basis.stale}
    return said | {key: value for key, value in more.items() if value}


def _evidence(found: Verification) -> dict[str, object]:
    """Return one of several pieces, with its own reasons beside its verdict."""
    return {**piece(found), "reasons": list(found.reasons) if isinstance(found, Rejected) else []}


def _moment(situation: Situation) -> dict[str, object]:
    """Return the moment and the place, as far as they are known here."""
    said: dict[str, object] = {
        "at": situation.now.isoformat(timespec="seconds"), "clock": situation.clock, "direction": situation.direction,
    }  # fmt: skip
    if situation.inside is not None:
        said["inside"] = situation.inside
    if situation.face is not FaceCheck.UNAVAILABLE:
        said["face"] = situation.face
    return said


def _data(
    judged: tuple[Decision, Verification], evidence: Sequence[Verification], trust: TrustList, policy: Policy,
    situation: Situation,
) -> dict[str, object]:  # fmt: skip
    """Return the open part of the record, the piece that counts first."""
    decision, found = judged
    data: dict[str, object] = {
        "policy": policy.version,
        "policy_digest": policy.digest,
        **_moment(situation),
        "trust_version": trust.version,
        "trust_age_s": int(trust.age(situation.now).total_seconds()),
        **piece(found),
    }
    if policy.country_rules is not None:
        data["country_rules"] = policy.country_rules.version
    if isinstance(decision, Admit):
        data["rule"] = decision.rule
        noted = passback.note(policy, situation)
        if noted:
            data["passback"] = noted
    if isinstance(decision, Deny) and decision.call_staff:
        data["call_staff"] = True
    if len(evidence) > 1:
        data["evidence"] = [_evidence(one) for one in evidence]
    return data


def _personal(found: Verification, decision: Decision) -> dict[str, str]:
    """Return who was admitted, for tracing. Nobody else's name is kept, not even sealed."""
    if not isinstance(found, Verified) or not isinstance(decision, Admit):
        return {}
    credential, holder = found.credential, found.credential.holder
    fields = {
        "family_name": holder.family_name,
        "given_name": holder.given_name,
        "birth_date": holder.birth_date,
        "credential_id": credential.credential_id,
        "subject": str(credential.details.get("subject", "")),
    }
    return {key: value for key, value in fields.items() if value}


def needs_longer(evidence: Sequence[Verification], groups: Collection[str]) -> bool:
    """Tell whether somebody of a visit is in a group that the gate stays open for longer for (`[door] longer_for`)."""
    return any(isinstance(found, Verified) and found.credential.details.get("group") in groups for found in evidence)


Counts = Callable[[Sequence[Verification], Situation], Situation]
"""The situation, with what this door has counted of the credentials, and of the person, of some evidence."""


def judge_codes(
    codes: Sequence[bytes], trust: TrustList, policy: Policy, situation: Situation,
    counts: Counts | None = None, *, symbology: Symbology = Symbology.QR, deny: DenyList = _NOBODY,
) -> Judgement:  # fmt: skip
    """Verify all the codes of one visit, oldest first, by one trust list at one time, and judge what they are worth."""
    evidence = tuple(registry.verify(data, trust, situation.now, symbology=symbology) for data in codes)
    return judge_evidence(evidence, trust, policy, situation, counts, deny=deny)


def judge_evidence(
    evidence: Sequence[Verification], trust: TrustList, policy: Policy, situation: Situation,
    counts: Counts | None = None, *, deny: DenyList = _NOBODY,
) -> Judgement:  # fmt: skip
    """Ask the policy about the evidence of one visit, oldest first.

    Whoever is on the deny list is refused before the policy is asked. Pure but for `counts`, which is asked about what
    was verified and makes its answer a part of the situation.
    """
    evidence = tuple(evidence)
    if counts is not None:
        situation = counts(evidence, situation)
    decision, found = refusal(deny, evidence, situation.now) or weigh(policy, evidence, situation)
    data = _data((decision, found), evidence, trust, policy, situation)
    return Judgement(evidence, found, decision, data, _personal(found, decision), situation)


def judge(
    data: bytes, trust: TrustList, policy: Policy, situation: Situation, *, symbology: Symbology = Symbology.QR
) -> Judgement:
    """Verify the bytes of one code and ask the policy. Pure: the moment and the place are arguments."""
    return judge_codes((data,), trust, policy, situation, symbology=symbology)
