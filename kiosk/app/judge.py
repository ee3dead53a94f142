"""From the bytes of a code to a decision, with what the journal may know of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kiosk.domain.credential import Rejected, Verdict, Verification, Verified
from kiosk.domain.decision import Admit, Decision, Deny
from kiosk.domain.events import ClockConfidence
from kiosk.domain.policy import Policy, weigh
from kiosk.domain.trust import TrustList
from kiosk.verify import registry


@dataclass(frozen=True, slots=True)
class Judgement:
    """A decision and the two parts of its record: what anybody may read, and what gets sealed."""

    found: Verification
    """The piece of evidence that the decision rests on."""
    decision: Decision
    data: dict[str, object]
    personal: dict[str, str]

    @property
    def verdict(self) -> Verdict:
        """The verdict with the venue's policy applied: a valid credential that it refuses is `rule_failed`."""
        if isinstance(self.found, Rejected):
            return self.found.verdict
        return Verdict.RULE_FAILED if isinstance(self.decision, Deny) else Verdict.VALID


def _piece(found: Verification) -> dict[str, object]:
    """Return what the record says of one piece of evidence: nothing that an unverified code claims."""
    if isinstance(found, Verified):
        credential = found.credential
        said: dict[str, object] = {"verdict": Verdict.VALID, "kind": credential.kind, "issuer": credential.issuer}
        return {**said, "format": credential.format}
    return {"verdict": found.verdict} | ({"format": found.format} if found.format is not None else {})


def _data(
    judged: tuple[Decision, Verification], evidence: Sequence[Verification], trust: TrustList, policy: Policy,
    now: datetime,
) -> dict[str, object]:  # fmt: skip
    """Return the open part of the record: everything a replay needs, the piece that counts first."""
    decision, found = judged
    data: dict[str, object] = {
        "policy": policy.version,
        "trust_version": trust.version,
        "trust_age_s": int(trust.age(now).total_seconds()),
        **_piece(found),
    }
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


def judge_evidence(
    evidence: Sequence[Verification], trust: TrustList, policy: Policy, now: datetime, clock: ClockConfidence
) -> Judgement:
    """Ask the policy about all that was shown in one visit, oldest first. Pure."""
    decision, found = weigh(policy, evidence, now, clock)
    data = _data((decision, found), evidence, trust, policy, now)
    return Judgement(found, decision, data, _personal(found, decision))


def judge(data: bytes, trust: TrustList, policy: Policy, now: datetime, clock: ClockConfidence) -> Judgement:
    """Verify the bytes of one code and ask the policy. Pure: `now` and the confidence in it are arguments."""
    return judge_evidence((registry.verify(data, trust, now),), trust, policy, now, clock)
