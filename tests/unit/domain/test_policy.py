from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.credential import (
    HEALTH_KINDS,
    PASS_KINDS,
    Credential,
    Format,
    Holder,
    Kind,
    Rejected,
    TrustBasis,
    Verdict,
    Verified,
)
from kiosk.domain.decision import Admit, Deny, Need, outcome, reasons
from kiosk.domain.events import ClockConfidence
from kiosk.domain.policy import NEGATIVE, AdmitRule, Policy, weigh
from kiosk.domain.reasons import Reason
from kiosk.domain.situation import Situation

NOW = datetime(2026, 7, 5, 9, tzinfo=UTC)
SYNCED, DRIFTING, UNSET = ClockConfidence.SYNCED, ClockConfidence.DRIFTING, ClockConfidence.UNSET
SHOT = {"dose": 2, "series": 2, "event_date": "2026-06-05"}
SAMPLE = {"result": NEGATIVE, "event_date": "2026-07-04T09:00:00Z"}


def decide(policy, evidence, now, clock):
    return weigh(policy, evidence, Situation(now, clock))[0]


def verified(kind=Kind.VACCINATION, issuer="VN", **details):
    return Verified(Credential(Format.HC1, kind, issuer, details=details), "0102", TrustBasis("7", 60))


def policy(*rules, **more):
    return Policy(version="1", zone="lobby", admit=rules, **more)


def rule(*kinds, **conditions):
    return AdmitRule(f"rule {len(kinds)}", frozenset(kinds), **conditions)


def why(found, *rules, clock=SYNCED, **more):
    """Return 'admit' or the reasons."""
    decision = decide(policy(*rules, **more), [found], NOW, clock)
    return "admit" if isinstance(decision, Admit) else reasons(decision)


@pytest.mark.parametrize("clock", ClockConfidence)
@pytest.mark.parametrize(
    "found", [verified(**SHOT), Rejected(Verdict.UNSIGNED, (Reason.UNSIGNED_CARD,)),
              Rejected(Verdict.EXPIRED, (Reason.EXPIRED,))], ids=["good", "unsigned", "expired"],
)  # fmt: skip
def test_an_empty_policy_denies_everything(found, clock):
    assert decide(policy(), [found], NOW, clock) == Deny((Reason.POLICY_EMPTY,), call_staff=True)
    assert decide(policy(staff_when_unsure=False), [found], NOW, clock) == Deny((Reason.POLICY_EMPTY,))


def test_the_rule_that_admits_is_named():
    first, second = AdmitRule("guests", frozenset({Kind.VISIT})), AdmitRule("shots", frozenset({Kind.VACCINATION}))
    third = AdmitRule("shots again", frozenset({Kind.VACCINATION}))
    assert decide(policy(first, second, third), [verified(**SHOT)], NOW, SYNCED) == Admit("shots")


@pytest.mark.parametrize("kind", Kind)
def test_a_kind_that_no_rule_names_is_refused(kind):
    other = Kind.VISIT if kind is not Kind.VISIT else Kind.STAFF
    assert why(verified(kind, zone="lobby", **SHOT), rule(other)) == (Reason.KIND_NOT_ACCEPTED,)


def test_issuers():
    only = rule(Kind.VACCINATION, issuers=frozenset({"VN", "DE"}))
    assert why(verified(issuer="VN", **SHOT), only) == "admit"
    assert why(verified(issuer="FR", **SHOT), only) == (Reason.ISSUER_NOT_ACCEPTED,)
    assert why(verified(issuer="FR", **SHOT), rule(Kind.VACCINATION)) == "admit"


@pytest.mark.parametrize(
    ("details", "least", "admitted"),
    [
        ({"dose": 2, "series": 2}, 0, True),
        ({"dose": 3, "series": 2}, 0, True),
        ({"dose": 1, "series": 1}, 0, True),
        ({"dose": 1, "series": 2}, 0, False),
        ({"dose": 1, "series": 1}, 2, False),
        ({"dose": 2, "series": 1}, 2, True),
        ({"dose": 2, "series": 2}, 3, False),
        ({"dose": 2}, 0, False),
        ({"series": 2}, 0, False),
        ({"dose": "2", "series": "2"}, 0, False),
        ({}, 0, False),
    ],
)
def test_doses(details, least, admitted):
    expected = "admit" if admitted else (Reason.DOSES_MISSING,)
    assert why(verified(**details), rule(Kind.VACCINATION, min_doses=least)) == expected


@pytest.mark.parametrize("result", ["260373001", "", None, 260415000])
def test_only_a_negative_test_admits(result):
    assert why(verified(Kind.TEST, **SAMPLE), rule(Kind.TEST)) == "admit"
    assert why(verified(Kind.TEST, result=result), rule(Kind.TEST)) == (Reason.TEST_POSITIVE,)


@pytest.mark.parametrize(
    ("date", "least", "most", "expected"),
    [
        ("2026-07-04T09:00:00Z", 0, 24, "admit"),
        ("2026-07-04T08:59:59Z", 0, 24, (Reason.TOO_OLD,)),
        ("2026-07-04T16:00:00+07:00", 0, 24, "admit"),
        ("2026-07-04T09:00:00", 0, 24, "admit"),
        ("2026-07-04T09:00:00Z", 24, None, "admit"),
        ("2026-07-04T09:00:01Z", 24, None, (Reason.TOO_RECENT,)),
        ("2026-06-21", 14 * 24, None, "admit"),
        ("2026-06-22", 14 * 24, None, (Reason.TOO_RECENT,)),
        ("2020-01-01", 14 * 24, None, "admit"),
        ("2020-01-01", 14 * 24, 270 * 24, (Reason.TOO_OLD,)),
        ("2026-07-06", 0, 24, (Reason.TOO_RECENT,)),
        ("0001-01-01T00:00:00+14:00", 0, 24, (Reason.TOO_OLD,)),
        ("9999-12-31T23:59:59-14:00", 0, 24, (Reason.TOO_RECENT,)),
        ("2026-02-30", 0, 24, (Reason.TOO_OLD,)),
        (20260704, 0, 24, (Reason.TOO_OLD,)),
        (None, 0, 24, (Reason.TOO_OLD,)),
        (None, 1, None, (Reason.TOO_OLD,)),
        (None, 0, None, "admit"),
        ("2030-01-01", 0, None, "admit"),
    ],
)
def test_ages(date, least, most, expected):
    found = verified(Kind.RECOVERY, event_date=date)
    assert why(found, rule(Kind.RECOVERY, min_age_hours=least, max_age_hours=most)) == expected


@pytest.mark.parametrize("kind", sorted(PASS_KINDS))
@pytest.mark.parametrize(
    ("zone", "admitted"), [("lobby", True), ("*", True), ("roof", False), ("", False), (None, False)]
)
def test_zones(kind, zone, admitted):
    assert why(verified(kind, zone=zone), rule(kind)) == ("admit" if admitted else (Reason.ZONE_NOT_ALLOWED,))


@pytest.mark.parametrize("kind", sorted(HEALTH_KINDS))
def test_a_certificate_has_no_zone(kind):
    assert why(verified(kind, zone="roof", **SHOT, result=NEGATIVE), rule(kind)) == "admit"


def test_the_nearest_miss_is_told():
    visit, shot = rule(Kind.VISIT), rule(Kind.VACCINATION, issuers=frozenset({"DE"}))
    assert why(verified(**SHOT), visit, shot) == (Reason.ISSUER_NOT_ACCEPTED,)
    assert why(verified(**SHOT), shot, visit) == (Reason.ISSUER_NOT_ACCEPTED,)
    assert why(verified(Kind.TEST), visit, shot) == (Reason.KIND_NOT_ACCEPTED,)


def test_an_unsigned_card_is_not_enough_alone():
    found = Rejected(Verdict.UNSIGNED, (Reason.UNSIGNED_CARD,), Format.CCCD)
    for clock in ClockConfidence:
        assert decide(policy(rule(Kind.VISIT)), [found], NOW, clock) == Need(
            (Reason.NOT_ENOUGH_ALONE, Reason.UNSIGNED_CARD)
        )


REFUSALS = [
    (Verdict.MALFORMED, Reason.CBOR_INVALID, False),
    (Verdict.UNKNOWN_ISSUER, Reason.ISSUER_UNKNOWN, True),
    (Verdict.BAD_SIGNATURE, Reason.SIGNATURE_INVALID, False),
    (Verdict.REVOKED, Reason.REVOKED, False),
    (Verdict.NOT_YET_VALID, Reason.NOT_YET_VALID, False),
    (Verdict.EXPIRED, Reason.EXPIRED, False),
    (Verdict.STALE_TRUST, Reason.TRUST_STALE, True),
]


@pytest.mark.parametrize("clock", [SYNCED, DRIFTING])
@pytest.mark.parametrize(("verdict", "reason", "unsure"), REFUSALS)
def test_what_was_rejected_is_denied_and_staff_called_where_it_may_be_genuine(verdict, reason, unsure, clock):
    found = Rejected(verdict, (reason,))
    assert decide(policy(rule(Kind.VISIT)), [found], NOW, clock) == Deny((reason,), call_staff=unsure)
    assert decide(policy(rule(Kind.VISIT), staff_when_unsure=False), [found], NOW, clock) == Deny((reason,))


@pytest.mark.parametrize("staff", [True, False])
@pytest.mark.parametrize(
    "found", [verified(**SHOT), *(Rejected(v, (r,)) for v, r, _ in REFUSALS[-3:])],
    ids=["valid", "early", "late", "stale"],
)  # fmt: skip
def test_without_the_time_no_date_is_believed(found, staff):
    decision = decide(policy(rule(Kind.VACCINATION), staff_when_unsure=staff), [found], NOW, UNSET)
    assert decision == Deny((Reason.CLOCK_UNSET,), call_staff=staff)


@pytest.mark.parametrize(("verdict", "reason", "unsure"), REFUSALS[:4])
def test_without_the_time_a_forgery_is_still_one(verdict, reason, unsure):
    decision = decide(policy(rule(Kind.VISIT)), [Rejected(verdict, (reason,))], NOW, UNSET)
    assert decision == Deny((reason,), call_staff=unsure)


def test_a_drifting_clock_still_admits():
    assert why(verified(**SHOT), rule(Kind.VACCINATION), clock=DRIFTING) == "admit"


DETAILS = st.dictionaries(
    st.sampled_from(["dose", "series", "event_date", "result", "zone"]),
    st.none() | st.booleans() | st.integers(0, 3) | st.text(max_size=12)
    | st.sampled_from(["lobby", "*", NEGATIVE, "2026-07-01"]),
)
RULES = st.lists(
    st.builds(
        AdmitRule, st.just("r"), st.frozensets(st.sampled_from(Kind)), st.frozensets(st.sampled_from(["VN", "DE"])),
        st.integers(0, 3), st.integers(0, 48), st.none() | st.integers(1, 48),
    ), max_size=3,
)  # fmt: skip


@given(st.sampled_from(Kind), DETAILS, RULES, st.sampled_from(ClockConfidence))
def test_any_content_is_decided_and_a_kind_without_a_rule_never_admitted(kind, details, rules, clock):
    decision = decide(policy(*rules), [verified(kind, **details)], NOW, clock)
    if isinstance(decision, Admit):
        assert clock is not UNSET
        assert any(kind in one.kinds for one in rules)
    else:
        assert decision.reasons
    assert isinstance(decision, Admit | Deny)


@given(st.sampled_from(Verdict), RULES, st.sampled_from(ClockConfidence))
def test_what_was_rejected_is_never_admitted(verdict, rules, clock):
    decision = decide(policy(*rules), [Rejected(verdict, (Reason.UNREADABLE,))], NOW, clock)
    assert isinstance(decision, Deny | Need)


def test_every_condition_of_a_rule_has_to_hold():
    strict = rule(Kind.VACCINATION, issuers=frozenset({"VN"}), min_doses=2, min_age_hours=24, max_age_hours=24 * 90)
    assert why(verified(**SHOT), strict) == "admit"
    spoilt = {
        Reason.KIND_NOT_ACCEPTED: verified(Kind.TEST, **SHOT),
        Reason.ISSUER_NOT_ACCEPTED: verified(issuer="FR", **SHOT),
        Reason.DOSES_MISSING: verified(**{**SHOT, "dose": 1}),
        Reason.TOO_RECENT: verified(**{**SHOT, "event_date": "2026-07-05"}),
        Reason.TOO_OLD: verified(**{**SHOT, "event_date": (NOW - timedelta(days=91)).isoformat()}),
    }
    for reason, found in spoilt.items():
        assert why(found, strict) == (reason,)


def test_words_for_decisions():
    decisions = [Admit("r"), Deny((Reason.EXPIRED,)), Need((Reason.UNSIGNED_CARD,))]
    assert [outcome(decision) for decision in decisions] == ["admit", "deny", "need"]
    assert [reasons(decision) for decision in decisions] == [(), (Reason.EXPIRED,), (Reason.UNSIGNED_CARD,)]


def test_what_is_no_verification_and_no_decision_is_a_fault_of_the_program():
    with pytest.raises(AssertionError):
        decide(policy(rule(Kind.VISIT)), [None], NOW, SYNCED)
    with pytest.raises(AssertionError):
        outcome(None)


@pytest.mark.parametrize(("entries", "answer"), [(0, "admit"), (None, "admit"), (1, (Reason.ENTRIES_NOT_COUNTED,))])
def test_a_limit_of_entries_that_nobody_counts_is_not_promised(entries, answer):
    assert why(verified(Kind.VISIT, zone="lobby", entries=entries), rule(Kind.VISIT)) == answer


# two pieces of evidence in one visit

ANH = Holder("Nguyễn Thị", "Ánh", "1990-08-15", "NGUYEN<THI", "ANH")
ANH_CARD = Holder("Nguyễn Thị Ánh", birth_date="1990-08-15")
BINH = Holder("Trần Văn", "Bình", "1985-01-02", "TRAN<VAN", "BINH")
WITH_CARD = AdmitRule("vaccinated, with identity card", frozenset({Kind.VACCINATION}), identity_card=True)
WITHOUT_CARD = AdmitRule("vaccinated", frozenset({Kind.VACCINATION}))


def shot_of(holder, form=Format.HC1, **details):
    credential = Credential(form, Kind.VACCINATION, "VN", holder=holder, details={**SHOT, **details})
    return Verified(credential, "0102", TrustBasis("7", 60))


def card_of(holder):
    card = Credential(Format.CCCD, Kind.IDENTITY, "VN", holder=holder)
    return Rejected(Verdict.UNSIGNED, (Reason.UNSIGNED_CARD,), Format.CCCD, card)


def told(*evidence, rules=(WITH_CARD,), clock=SYNCED):
    decision = decide(policy(*rules), evidence, NOW, clock)
    return outcome(decision), reasons(decision)[:1]


def test_a_certificate_and_the_card_of_its_holder_add_up_in_either_order():
    assert decide(policy(WITH_CARD), [shot_of(ANH), card_of(ANH_CARD)], NOW, SYNCED) == Admit(WITH_CARD.name)
    assert decide(policy(WITH_CARD), [card_of(ANH_CARD), shot_of(ANH)], NOW, SYNCED) == Admit(WITH_CARD.name)


@pytest.mark.parametrize(
    ("evidence", "answer"),
    [
        ([shot_of(ANH)], ("need", (Reason.IDENTITY_NEEDED,))),
        ([card_of(ANH_CARD)], ("need", (Reason.NOT_ENOUGH_ALONE,))),
        ([shot_of(ANH), card_of(BINH)], ("deny", (Reason.IDENTITY_MISMATCH,))),
        ([shot_of(ANH), card_of(Holder())], ("deny", (Reason.IDENTITY_MISMATCH,))),
        ([shot_of(ANH), card_of(BINH), card_of(ANH_CARD)], ("admit", ())),
        ([shot_of(Holder("Ánh"))], ("deny", (Reason.HOLDER_NOT_NAMED,))),
        ([shot_of(Holder()), card_of(ANH_CARD)], ("deny", (Reason.HOLDER_NOT_NAMED,))),
        ([shot_of(ANH), shot_of(ANH)], ("need", (Reason.IDENTITY_NEEDED,))),
        ([shot_of(ANH, dose=1), card_of(ANH_CARD)], ("deny", (Reason.DOSES_MISSING,))),
    ],
)
def test_what_does_not_add_up_says_what_is_wrong(evidence, answer):
    assert told(*evidence) == answer


def test_two_certificates_of_different_people_never_add_up():
    assert told(shot_of(ANH, dose=1), shot_of(BINH), card_of(ANH_CARD)) == ("deny", (Reason.IDENTITY_MISMATCH,))


def test_a_rejected_identity_document_binds_nobody():
    forged = Rejected(Verdict.BAD_SIGNATURE, (Reason.SIGNATURE_INVALID,), Format.CCCD, card_of(ANH_CARD).credential)
    assert told(shot_of(ANH), forged) == ("need", (Reason.IDENTITY_NEEDED,))
    assert told(shot_of(ANH), Rejected(Verdict.UNSIGNED, (Reason.UNSIGNED_CARD,))) == (
        "need", (Reason.IDENTITY_NEEDED,)
    )  # fmt: skip


def test_a_rule_that_asks_for_no_card_admits_with_one_code_as_before():
    assert told(shot_of(ANH), rules=(WITH_CARD, WITHOUT_CARD)) == ("admit", ())
    assert told(shot_of(ANH), card_of(BINH), rules=(WITHOUT_CARD,)) == ("admit", ())


def test_the_best_answer_of_a_visit_counts_and_among_equals_the_newest():
    expired, forged = (
        Rejected(verdict, (reason,)) for verdict, reason in (
            (Verdict.EXPIRED, Reason.EXPIRED), (Verdict.BAD_SIGNATURE, Reason.SIGNATURE_INVALID),
        )
    )  # fmt: skip
    assert told(shot_of(ANH), expired) == ("need", (Reason.IDENTITY_NEEDED,))
    assert told(expired, shot_of(ANH), rules=(WITHOUT_CARD,)) == ("admit", ())
    assert told(expired, forged) == ("deny", (Reason.SIGNATURE_INVALID,))
    assert told(card_of(ANH_CARD), expired) == ("deny", (Reason.EXPIRED,))
    assert told(expired, card_of(ANH_CARD)) == ("deny", (Reason.EXPIRED,))


def test_the_piece_that_a_decision_rests_on_is_named():
    shot, card = shot_of(ANH), card_of(ANH_CARD)
    assert weigh(policy(WITH_CARD), [shot, card], Situation(NOW, SYNCED)) == (Admit(WITH_CARD.name), shot)
    nobody = Deny((Reason.POLICY_EMPTY,), call_staff=True)
    assert weigh(policy(), [shot, card], Situation(NOW, SYNCED)) == (nobody, card)


def test_what_comes_closest_is_told_where_several_rules_fail():
    old = AdmitRule("fresh", frozenset({Kind.VACCINATION}), max_age_hours=1)
    for rules in ((old, WITH_CARD), (WITH_CARD, old)):
        assert told(shot_of(ANH), rules=rules) == ("need", (Reason.IDENTITY_NEEDED,))
        assert told(shot_of(ANH), card_of(BINH), rules=rules) == ("deny", (Reason.IDENTITY_MISMATCH,))


def test_without_the_time_no_card_helps():
    assert told(shot_of(ANH), card_of(ANH_CARD), clock=UNSET) == ("deny", (Reason.CLOCK_UNSET,))


def test_a_decision_needs_evidence():
    with pytest.raises(ValueError, match="evidence"):
        decide(policy(WITH_CARD), [], NOW, SYNCED)
    with pytest.raises(ValueError, match="evidence"):
        decide(policy(), [], NOW, SYNCED)
