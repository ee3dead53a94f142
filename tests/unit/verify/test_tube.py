from datetime import UTC, datetime

import pytest

from kiosk.app.judge import judge
from kiosk.domain.credential import Format, Holder, Kind, Verdict
from kiosk.domain.decision import Deny
from kiosk.domain.events import ClockConfidence
from kiosk.domain.names import is_named
from kiosk.domain.policy import AdmitRule, Policy
from kiosk.domain.reasons import Reason
from kiosk.domain.situation import Situation
from kiosk.domain.symbology import Symbology
from kiosk.domain.trust import TrustList
from kiosk.verify import tube
from kiosk.verify.errors import MalformedError

NOW = datetime(2026, 7, 5, tzinfo=UTC)
CONTEXT = (TrustList(), NOW)


@pytest.mark.parametrize("label", ["168901", "NCOV-2108-000123", "Code 128", "A/1.2:3+", "x" * 48])
def test_a_label_names_a_sample_and_nobody(label):
    assert tube.matches(label)
    found = tube.verify(label, *CONTEXT)
    assert (found.verdict, found.reasons, found.format) == (
        Verdict.UNSIGNED, (Reason.SAMPLE_LABEL,), Format.TUBE,
    )  # fmt: skip
    assert (found.credential.kind, found.credential.credential_id) == (Kind.SAMPLE, label)
    assert found.credential.holder == Holder()
    assert not is_named(found.credential.holder)


@pytest.mark.parametrize(
    "label", ["", "12345", "-12345", " 12345", "x" * 49, "12345\x1d6", "123456é", "١٢٣٤٥٦", "123456\n"]
)
def test_what_no_laboratory_prints_is_no_label(label):
    assert not tube.matches(label)
    with pytest.raises(MalformedError) as caught:
        tube.verify(label, *CONTEXT)
    assert caught.value.reason is Reason.UNKNOWN_FORMAT


@pytest.mark.parametrize("kind", Kind)
def test_no_rule_admits_a_label_and_the_answer_says_what_it_is(kind):
    policy = Policy("1", "lobby", (AdmitRule("anything", frozenset({kind})),))
    judged = judge(
        b"NCOV-2108-000123", TrustList(), policy, Situation(NOW, ClockConfidence.SYNCED), symbology=Symbology.CODE128
    )
    assert judged.decision == Deny((Reason.SAMPLE_LABEL,))
    assert judged.personal == {}
    assert "NCOV" not in repr(judged.data)
