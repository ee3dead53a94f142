"""From the bytes of a code to a decision, with what the journal may know of it."""

from dataclasses import dataclass
from datetime import datetime

from kiosk.domain.credential import Format, Rejected, Verdict, Verification, Verified
from kiosk.domain.decision import Admit, Decision, Deny
from kiosk.domain.events import ClockConfidence
from kiosk.domain.policy import Policy, decide
from kiosk.domain.trust import TrustList
from kiosk.verify import registry


@dataclass(frozen=True, slots=True)
class Judgement:
    """A decision and the two parts of its record: what anybody may read, and what gets sealed."""

    found: Verification
    decision: Decision
    data: dict[str, object]
    personal: dict[str, str]

    @property
    def verdict(self) -> Verdict:
        """The verdict with the venue's policy applied: a valid credential that it refuses is `rule_failed`."""
        if isinstance(self.found, Rejected):
            return self.found.verdict
        return Verdict.RULE_FAILED if isinstance(self.decision, Deny) else Verdict.VALID


def _data(
    found: Verification, decision: Decision, trust: TrustList, policy: Policy, now: datetime
) -> dict[str, object]:
    """Return the open part of the record: everything a replay needs, nothing that an unverified code claims."""
    data: dict[str, object] = {
        "policy": policy.version,
        "trust_version": trust.version,
        "trust_age_s": int(trust.age(now).total_seconds()),
    }
    form: Format | None
    if isinstance(found, Verified):
        credential = found.credential
        form = credential.format
        data |= {"verdict": Verdict.VALID, "kind": credential.kind, "issuer": credential.issuer}
    else:
        form = found.format
        data["verdict"] = found.verdict
    if form is not None:
        data["format"] = form
    if isinstance(decision, Admit):
        data["rule"] = decision.rule
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


def judge(data: bytes, trust: TrustList, policy: Policy, now: datetime, clock: ClockConfidence) -> Judgement:
    """Verify the bytes of a code and ask the policy. Pure: `now` and the confidence in it are arguments."""
    found = registry.verify(data, trust, now)
    decision = decide(policy, found, now, clock)
    return Judgement(found, decision, _data(found, decision, trust, policy, now), _personal(found, decision))


