"""What holds of every policy, whatever is shown and whenever."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.credential import Format, Holder, Kind, Rejected, Verdict, Verified
from kiosk.domain.decision import Admit, Deny
from kiosk.domain.events import ClockConfidence
from kiosk.domain.policy import NEGATIVE, AdmitRule, Policy, weigh
from kiosk.domain.policy_terms import Capacity, Days, Demand, Exemption, Hours, MinorRule, Minors, OnHolidays
from kiosk.domain.reasons import Reason
from kiosk.domain.situation import Direction, FaceCheck, Situation
from kiosk.testing.policy_desk import ANH, BINH, CHILD, NOW, signed, unsigned

HOLDERS = st.sampled_from([ANH, BINH, CHILD, Holder(), Holder("Ánh", birth_date="1990")])
SIGNED = st.builds(
    signed, st.sampled_from(Kind), HOLDERS, st.sampled_from(Format), st.sampled_from(["VN", "Hotel A"]),
    st.sampled_from(["1", "2"]), zone=st.sampled_from(["lobby", "roof", "*", None]), entries=st.integers(0, 2),
    group=st.sampled_from(["pupils", None]), dose=st.integers(0, 3), series=st.just(2),
    result=st.sampled_from([NEGATIVE, "260373001"]), event_date=st.sampled_from(["2026-07-01", "2020-01-01", "x"]),
)  # fmt: skip
UNSIGNED = st.builds(unsigned, st.sampled_from([Kind.IDENTITY, Kind.DECLARATION]), HOLDERS)
BAD = st.sampled_from([Rejected(v, (Reason.UNREADABLE,)) for v in Verdict if v is not Verdict.VALID])
EVIDENCE = st.lists(SIGNED | UNSIGNED | BAD, min_size=1, max_size=4)
RULES = st.lists(
    st.builds(
        AdmitRule, st.sampled_from(["r", "s"]), st.frozensets(st.sampled_from(Kind), min_size=1),
        min_age_hours=st.integers(0, 48), identity_card=st.booleans(), declaration=st.booleans(), face=st.booleans(),
        groups=st.sampled_from([frozenset(), frozenset({"pupils"})]), entries=st.integers(0, 2),
        hours=st.sampled_from([(Hours(0, 1440),), (Hours(1320, 360),), ()]), min_years=st.sampled_from([0, 18]),
        holidays=st.sampled_from(OnHolidays), accept_unsigned=st.booleans(),
    ), min_size=1, max_size=3,
)  # fmt: skip
POLICIES = st.builds(
    Policy, st.just("1"), st.just("lobby"), RULES.map(tuple), st.booleans(),
    minors=st.none() | st.builds(Minors, st.just(16), st.sampled_from(MinorRule)),
    capacity=st.none() | st.just(Capacity(2)),
    exemptions=st.sampled_from([(), (Exemption("e", frozenset(Demand), under_years=12),)]),
    holidays=st.sampled_from([(), (Days(date(2026, 7, 3), date(2026, 7, 3)),)]),
)  # fmt: skip
SITUATIONS = st.builds(
    Situation, st.integers(0, 8 * 24 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes)),
    st.sampled_from(ClockConfidence), st.sampled_from(Direction), st.none() | st.integers(0, 3),
    st.sampled_from([{}, {"1": 0, "2": 1}]), st.sampled_from(FaceCheck), st.booleans(),
)  # fmt: skip


@given(EVIDENCE, SITUATIONS)
def test_an_empty_policy_denies_whatever_comes(evidence, situation):
    assert weigh(Policy("1", "lobby"), evidence, situation)[0] == Deny((Reason.POLICY_EMPTY,), call_staff=True)


@given(POLICIES, EVIDENCE, SITUATIONS)
def test_an_admission_names_a_rule_that_names_what_it_rests_on(policy, evidence, situation):
    decision, found = weigh(policy, evidence, situation)
    if not isinstance(decision, Admit):
        assert decision.reasons
        return
    assert situation.clock is not ClockConfidence.UNSET
    by = [one for one in policy.admit if one.name == decision.rule and found.credential.kind in one.kinds]
    assert by
    assert isinstance(found, Verified) or any(one.accept_unsigned for one in by)
    assert policy.capacity is None or situation.direction is Direction.EXIT or situation.inside < 2


@given(POLICIES, EVIDENCE, SIGNED | UNSIGNED | BAD, SITUATIONS)
def test_more_evidence_never_takes_an_admission_away(policy, evidence, more, situation):
    before, after = weigh(policy, evidence, situation)[0], weigh(policy, [*evidence, more], situation)[0]
    assert isinstance(after, Admit) or not isinstance(before, Admit)


@given(POLICIES, EVIDENCE, SITUATIONS)
def test_without_the_time_nobody_is_admitted(policy, evidence, situation):
    decision = weigh(policy, evidence, replace(situation, clock=ClockConfidence.UNSET))[0]
    assert not isinstance(decision, Admit)
