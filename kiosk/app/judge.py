"""From the bytes of a code to a decision, with what the journal may know of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from kiosk.domain.credential import Verdict, Verification, Verified
from kiosk.domain.decision import Admit, Decision, Judgement
from kiosk.domain.policy import Policy, weigh
from kiosk.domain.situation import Situation
from kiosk.domain.trust import TrustList
from kiosk.verify import registry


def _piece(found: Verification) -> dict[str, object]:
    """Return what the record says of one piece of evidence: nothing that an unverified code claims."""
    if isinstance(found, Verified):
        credential = found.credential
        said: dict[str, object] = {"verdict": Verdict.VALID, "kind": credential.kind, "issuer": credential.issuer}
        return {**said, "format": credential.format}
    return {"verdict": found.verdict} | ({"format": found.format} if found.format is not None else {})


def _data(
    judged: tuple[Decision, Verification], evidence: Sequence[Verification], trust: TrustList, policy: Policy,
    situation: Situation,
) -> dict[str, object]:  # fmt: skip
    """Return the open part of the record: everything a replay needs, the piece that counts first."""
    decision, found = judged
    data: dict[str, object] = {
        "policy": policy.version,
        "trust_version": trust.version,
        "trust_age_s": int(trust.age(situation.now).total_seconds()),
        **_piece(found),
    }
    if policy.country_rules is not None:
        data["country_rules"] = policy.country_rules.version
    if isinstance(decision, Admit):
        data["rule"] = decision.rule
    if len(evidence) > 1:
        data["evidence"] = [_piece(piece) for piece in evidence]
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


Used = Callable[[Sequence[Verification]], Mapping[str, int]]
"""How often the credentials of some evidence were let in, by their number."""


def judge_codes(
    codes: Sequence[bytes], trust: TrustList, policy: Policy, situation: Situation, used: Used | None = None
) -> Judgement:
    """Verify all the codes of one visit, oldest first, by one trust list at one time, and ask the policy.

    Pure but for `used`, which is asked about what was verified and becomes a part of the situation.
    """
    evidence = tuple(registry.verify(data, trust, situation.now) for data in codes)
    if used is not None:
        situation = replace(situation, used=used(evidence))
    decision, found = weigh(policy, evidence, situation)
    data = _data((decision, found), evidence, trust, policy, situation)
    return Judgement(evidence, found, decision, data, _personal(found, decision))


def judge(data: bytes, trust: TrustList, policy: Policy, situation: Situation) -> Judgement:
    """Verify the bytes of one code and ask the policy. Pure: the moment and the place are arguments."""
    return judge_codes((data,), trust, policy, situation)
