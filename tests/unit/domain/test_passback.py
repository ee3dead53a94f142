"""Anti-passback: who a person is, and who comes in twice."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.birth import HiddenBirthDate, birth_hash
from kiosk.domain.credential import Credential, Format, Holder, Kind, Rejected, TrustBasis, Verdict, Verified
from kiosk.domain.decision import Admit, Deny
from kiosk.domain.events import ClockConfidence
from kiosk.domain.passback import LOOKED_BACK, note, person, refusal
from kiosk.domain.policy import weigh
from kiosk.domain.policy_terms import MINUTES_A_DAY, AdmitRule, Capacity, Passback, PassbackKind, Policy
from kiosk.domain.reasons import Reason
from kiosk.domain.situation import Direction, Situation, Stay

NOW = datetime(2026, 7, 3, 9, tzinfo=UTC)
ANH = Holder("Nguyễn Thị", "Ánh", "1990-08-15")


def signed(holder=ANH, number="7", issuer="Desk", kind=Kind.VISIT):
    credential = Credential(Format.PASS, kind, issuer, number, holder, details={"zone": "lobby"})
    return Verified(credential, "0102", TrustBasis("7", 60))


def card(holder=ANH):
    shown = Credential(Format.CCCD, Kind.IDENTITY, "VN", "001", holder)
    return Rejected(Verdict.UNSIGNED, (Reason.UNSIGNED_CARD,), Format.CCCD, shown)


# who a person is


@pytest.mark.parametrize("same", [
    [signed(number="8", issuer="Other")],
    [signed(Holder("Ánh", "Nguyễn Thị", "1990-08-15"))],
    [signed(Holder("Nguyễn Thị Ánh", birth_date="1990-08-15"))],
    [signed(Holder(birth_date="1990-08-15T00:00:00", family_name_icao="NGUYEN<THI", given_name_icao="ANH"))],
    [signed(Holder(), "9"), signed()],
    [signed(), signed(Holder(), "9")],
    [card(Holder("Trần", "Bình", "1985-01-02")), signed()],
])  # fmt: skip
def test_one_person_with_several_codes_is_one_person(same):
    assert person(same) == person([signed()]) == b"name\0ANH NGUYEN THI\x001990-08-15"


@pytest.mark.parametrize("other", [
    [signed(Holder("Nguyễn Thị", "Ánh", "1990-08-16"))],
    [signed(Holder("Nguyễn Thị", "Anh Ánh", "1990-08-15"))],
    [signed(Holder("Nguyễn Thị", "Ánh", "1990-08"))],
    [signed(Holder("Nguyễn Thị", "Ánh"))],
    [signed(Holder("", "", "1990-08-15"))],
    [card()],
])  # fmt: skip
def test_who_is_not_surely_the_same_is_another(other):
    assert person(other) != person([signed()])


def test_a_letter_that_may_be_written_in_two_ways_is_written_as_passports_do():
    def of(family):
        return person([signed(Holder(family, "Jo", "1990-08-15"))])

    assert of("Müller") == of("MUELLER")


def test_whom_no_code_names_is_known_by_issuer_and_number():
    numbers = [("Desk", "7"), ("Desk", "8"), ("Desk7", ""), ("Des", "k7"), ("Other", "7")]
    found = [person([signed(Holder(), number, issuer)]) for issuer, number in numbers]
    assert found[2] == b""
    assert len(set(found)) == len(numbers)


def test_nothing_signed_is_nobody():
    assert person([card()]) == b""


def test_a_hidden_birth_date_counts_where_a_card_tells_which_day_it_is():
    hidden = HiddenBirthDate(b"7", birth_hash(b"7", "1990-08-15"))
    hides = signed(Holder("Nguyễn Thị", "Ánh", hidden_birth_date=hidden))
    assert person([card(), hides]) == person([signed()])
    assert person([hides]) == person([card(replace(ANH, birth_date="1990-08-16")), hides])
    assert person([hides]) == person([signed(Holder())])


# who comes in twice


def policy(kind="hard", minutes=0, **more):
    rule = AdmitRule("visitors", frozenset({Kind.VISIT}))
    return Policy("1", "lobby", (rule,), passback=Passback(PassbackKind(kind), minutes), **more)


def seen(direction, minutes, **more):
    stay = Stay(Direction(direction), minutes * 60) if direction else None
    return Situation(NOW, ClockConfidence.SYNCED, stay=stay, **more)


def asked(rules, situation):
    """Return what the policy says: the reason of a refusal, or what is noted of an admission, or `admit`."""
    decision, _ = weigh(rules, [signed()], situation)
    if isinstance(decision, Admit):
        return note(rules, situation) or "admit"
    assert decision.call_staff
    return decision.reasons[0].value


UNKNOWN = {"stays_known": False}


@pytest.mark.parametrize(("direction", "minutes", "more", "hard", "soft", "timed"), [
    (None, 0, {}, "admit", "admit", "admit"),
    ("entry", 5, {}, "already_inside", "soft", "entered_just_now"),
    ("entry", 10, {}, "already_inside", "soft", "admit"),
    ("exit", 5, {}, "admit", "admit", "admit"),
    ("entry", 0, {}, "already_inside", "soft", "entered_just_now"),
    ("entry", -0.05, {}, "already_inside", "soft", "entered_just_now"),
    ("entry", -1, {}, "passback_unknown", "unknown", "passback_unknown"),
    ("exit", -1, {}, "passback_unknown", "unknown", "passback_unknown"),
    ("entry", 5, UNKNOWN, "passback_unknown", "unknown", "passback_unknown"),
    (None, 0, UNKNOWN, "passback_unknown", "unknown", "passback_unknown"),
])  # fmt: skip
def test_who_is_let_in_once_more(direction, minutes, more, hard, soft, timed):
    situation = seen(direction, minutes, **more)
    rules = policy("hard"), policy("soft"), policy("timed", 10)
    assert [asked(one, situation) for one in rules] == [hard, soft, timed]


def test_no_clock_is_no_reason_to_believe_in_a_stay():
    unset = replace(seen("entry", 5), clock=ClockConfidence.UNSET)
    assert refusal(policy(), unset) == Deny((Reason.PASSBACK_UNKNOWN,), call_staff=True)
    assert (refusal(policy("soft"), unset), note(policy("soft"), unset)) == (None, "unknown")


def test_who_is_inside_hears_that_before_hearing_that_it_is_full():
    full = seen("entry", 5, inside=3)
    assert asked(policy(capacity=Capacity(3)), full) == "already_inside"


def test_a_policy_without_anti_passback_asks_nothing():
    plain = Policy("1", "lobby", policy().admit)
    assert asked(plain, seen("entry", 5, **UNKNOWN)) == "admit"


STAYS = st.none() | st.builds(Stay, st.sampled_from(Direction), st.integers(-(10**9), 10**9))


@given(st.sampled_from(PassbackKind), st.integers(1, 1440), STAYS, st.booleans(), st.sampled_from(ClockConfidence))
def test_nobody_is_ever_kept_in(kind, minutes, stay, known, clock):
    leaving = Situation(NOW, clock, Direction.EXIT, stay=stay, stays_known=known)
    rules = policy(kind, minutes)
    assert (refusal(rules, leaving), note(rules, leaving)) == (None, "")


def test_what_is_looked_back_for_is_remembered_for_longer():
    longest_day, longest_minutes = timedelta(hours=25), timedelta(minutes=MINUTES_A_DAY)
    assert max(longest_day, longest_minutes) < LOOKED_BACK <= timedelta(days=2)


def test_that_property_can_fail():
    assert refusal(policy(), replace(seen("entry", 5), direction=Direction.EXIT)) is None
    assert refusal(policy(), seen("entry", 5)) is not None
    assert timedelta(seconds=seen("entry", 5).stay.ago_s) == timedelta(minutes=5)
