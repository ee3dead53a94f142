"""Whom a rule takes: ages, minors, and who is exempt from what."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.credential import Credential, Format, Holder, Kind, TrustBasis, Verified
from kiosk.domain.decision import Admit, Deny
from kiosk.domain.policy import NEGATIVE
from kiosk.domain.policy_age import is_adult, is_under, may_be_under, years
from kiosk.domain.policy_terms import Demand, Exemption, MinorRule, Minors
from kiosk.domain.reasons import Reason
from kiosk.domain.situation import Direction
from kiosk.testing.policy_desk import BINH, CHILD, HERE, NOW, decide, rule, shot, signed, why


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("1990-07-03", (36, 36)), ("1990-07-04", (35, 35)), ("1990-07-03T00:00:00", (36, 36)), ("1990", (35, 36)),
        ("1990-07", (35, 36)), ("1990-06", (36, 36)), ("1990-12", (35, 35)), ("1990-02", (36, 36)),
        ("2026-07-03", (0, 0)), ("2026", (0, 0)), ("2026-07-04", None), ("2027", None), ("1870", None),
        ("0000", None), ("1990-13", None), ("1990-02-30", None), ("", None), ("****-**-15", None), ("15081990x", None),
        ("١٩٩٠", None), ("9999", None),
    ],
)  # fmt: skip
def test_years(text, age):
    assert years(text, date(2026, 7, 3)) == age


def test_who_was_born_on_the_29th_of_february_turns_older_on_the_1st_of_march():
    assert years("2008-02-29", date(2026, 2, 28)) == (17, 17)
    assert years("2008-02-29", date(2026, 3, 1)) == (18, 18)


@given(st.dates(date(1900, 1, 1), date(2026, 7, 3)), st.sampled_from([4, 7, 10]), st.integers(1, 120))
def test_a_partial_date_never_says_more_than_the_whole_one(born, length, limit):
    today = date(2026, 7, 3)
    whole, partial = years(born.isoformat(), today), years(born.isoformat()[:length], today)
    assert partial[0] <= whole[0] <= partial[1] <= partial[0] + 1
    text = born.isoformat()[:length]
    assert is_under(text, limit, today) <= may_be_under(text, limit, today)
    assert is_adult(text, limit, today) == (not may_be_under(text, limit, today))


@given(st.text(max_size=40) | st.from_regex(r"[0-9]{4}(-[0-9]{2}){0,2}", fullmatch=True), st.dates())
def test_any_birth_date_is_an_age_or_says_nothing(text, today):
    age = years(text, today)
    assert age is None or 0 <= age[0] <= age[1] <= 150


@pytest.mark.parametrize(
    ("text", "today", "age"),
    [
        ("1876-07-03", date(2026, 7, 3), (150, 150)), ("1875-07-04", date(2026, 7, 3), (150, 150)),
        ("1875-07-03", date(2026, 7, 3), None), ("1990", date(2026, 1, 1), (35, 36)),
        ("1990-07", date(2026, 7, 1), (35, 36)), ("1990-06", date(2026, 6, 29), (35, 36)),
        ("1990-06", date(2026, 6, 30), (36, 36)), ("1990-12", date(2026, 12, 30), (35, 36)),
    ],
)  # fmt: skip
def test_a_partial_date_may_be_its_first_day_and_its_last(text, today, age):
    assert years(text, today) == age


@pytest.mark.parametrize(
    ("text", "surely_under", "perhaps_under"),
    [("2008-07-03", False, False), ("2008-07-04", True, True), ("2008", False, True), ("2007", False, False),
     ("2009", True, True)],
)  # fmt: skip
def test_whose_eighteenth_birthday_is_today_is_no_minor_any_more(text, surely_under, perhaps_under):
    today = NOW.date()
    assert is_under(text, 18, today) is surely_under
    assert may_be_under(text, 18, today) is perhaps_under
    assert is_adult(text, 18, today) is not perhaps_under


def test_nothing_is_said_of_whom_no_date_is_known():
    assert not is_under("", 18, NOW.date())
    assert not may_be_under("", 18, NOW.date())
    assert not is_adult("", 18, NOW.date())


@pytest.mark.parametrize(
    ("birth_date", "answer"),
    [("2008-07-03", "admit"), ("2008-07-04", (Reason.TOO_YOUNG,)), ("2008", (Reason.TOO_YOUNG,)), ("2007", "admit"),
     ("", (Reason.AGE_UNKNOWN,)), ("1961-07-03", (Reason.GROUP_NOT_ALLOWED,)), ("1961-07-04", "admit")],
)  # fmt: skip
def test_ages_of_people(birth_date, answer):
    holder = Holder("Ánh", birth_date=birth_date)
    assert why(signed(holder=holder), rule(min_years=18, max_years=64)) == answer
    assert decide(signed(holder=holder), rule(max_years=120)) in (
        Admit("rule"), Deny((Reason.AGE_UNKNOWN,), call_staff=True),
    )  # fmt: skip


def test_staff_may_find_out_an_age_unless_the_venue_says_deny():
    nameless = signed(holder=Holder())
    assert decide(nameless, rule(min_years=18)) == Deny((Reason.AGE_UNKNOWN,), call_staff=True)
    assert decide(nameless, rule(min_years=18), staff_when_unsure=False) == Deny((Reason.AGE_UNKNOWN,))


def test_a_minor_comes_with_an_adult_who_was_let_in():
    minors = Minors(16, MinorRule.WITH_ADULT)
    assert decide(signed(holder=CHILD), minors=minors) == Deny((Reason.MINOR_ALONE,), call_staff=True)
    assert why(signed(holder=CHILD), minors=minors, situation=replace(HERE, with_adult=True)) == "admit"
    assert why(signed(holder=CHILD), minors=minors, situation=replace(HERE, direction=Direction.EXIT)) == "admit"
    assert why(signed(), minors=minors) == "admit"
    assert why(signed(holder=Holder("Ánh", birth_date="2010")), minors=minors) == (Reason.MINOR_ALONE,)
    assert why(signed(holder=Holder()), minors=minors) == "admit"
    assert why(signed(holder=CHILD), minors=Minors(16)) == "admit"
    for born, answer in (("2010-07-03", "admit"), ("2010-07-04", (Reason.MINOR_ALONE,))):
        assert why(signed(holder=Holder("Ánh", birth_date=born)), minors=minors) == answer


def test_a_minor_may_be_exempt_from_what_certificates_are_asked_for():
    first, full = shot(CHILD, dose=1), rule(Kind.VACCINATION, max_age_hours=1)
    exempt = Minors(16, MinorRule.EXEMPT_HEALTH)
    assert why(first, full, minors=exempt) == "admit"
    assert why(shot(dose=1), full, minors=exempt) == (Reason.DOSES_MISSING, Reason.TOO_OLD)
    assert why(first, full, minors=Minors(16)) == (Reason.DOSES_MISSING, Reason.TOO_OLD)


def test_no_exemption_makes_a_positive_test_good():
    test = Verified(
        Credential(Format.HC1, Kind.TEST, "VN", "t", CHILD, details={"result": "260373001"}), "0102", TrustBasis("7", 0)
    )
    exempt = Minors(16, MinorRule.EXEMPT_HEALTH)
    assert why(test, rule(Kind.TEST), minors=exempt) == (Reason.TEST_POSITIVE,)
    good = replace(test, credential=replace(test.credential, details={"result": NEGATIVE}))
    assert why(good, rule(Kind.TEST, max_age_hours=24), minors=exempt) == "admit"


ALL = frozenset(Demand)


@pytest.mark.parametrize(
    ("exemption", "answer"),
    [
        (Exemption("children", ALL, under_years=9), "admit"),
        (Exemption("children", ALL, under_years=8), (Reason.DOSES_MISSING,)),
        (Exemption("doctors say so", ALL, groups=frozenset({"exempt"})), "admit"),
        (Exemption("doctors say so", ALL, groups=frozenset({"other"})), (Reason.DOSES_MISSING,)),
        (Exemption("doctors say so", ALL, kinds=frozenset({Kind.VISIT}), issuers=frozenset({"Hotel A"})), "admit"),
        (Exemption("doctors say so", ALL, kinds=frozenset({Kind.STAFF})), (Reason.DOSES_MISSING,)),
        (Exemption("doctors say so", ALL, issuers=frozenset({"Hotel B"})), (Reason.DOSES_MISSING,)),
        (Exemption("less", frozenset({Demand.IDENTITY}), under_years=9), (Reason.DOSES_MISSING,)),
    ],
)
def test_exemptions_rest_on_any_signed_code_of_the_same_person(exemption, answer):
    demanding = rule(Kind.VACCINATION, identity_card=True, declaration=True, face=True)
    evidence = [signed(holder=CHILD, group="exempt"), shot(CHILD, dose=1)]
    told = why(evidence, demanding, exemptions=(exemption,))
    assert (told if told == "admit" else told[:1]) == answer
    stranger = [signed(holder=BINH, group="exempt"), shot(CHILD, dose=1)]
    if not exemption.under_years:
        assert why(stranger, demanding, exemptions=(exemption,))[0] is Reason.DOSES_MISSING


def test_a_pass_of_another_zone_lifts_nothing():
    exempt = Exemption("staff", frozenset({Demand.HEALTH}), kinds=frozenset({Kind.STAFF}))
    shots = rule(Kind.VACCINATION, min_doses=3)
    assert why([shot(), signed(Kind.STAFF, zone="cellar")], shots, exemptions=(exempt,)) == (Reason.DOSES_MISSING,)
    for zone in ("lobby", "*"):
        assert why([shot(), signed(Kind.STAFF, zone=zone)], shots, exemptions=(exempt,)) == "admit"


@pytest.mark.parametrize(
    ("text", "age"),
    [("1990-XX-XX", (35, 36)), ("1990-08-**", (35, 35)), ("1990-00-15", (35, 36)), ("1990-08-15 00:00", (35, 35)),
     ("2026-07-04", None), ("2027", None), ("2026", (0, 0)), ("19900815", None), ("1990-02-30", None)],
)  # fmt: skip
def test_ages_are_read_as_all_birth_dates_are(text, age):
    assert years(text, NOW.date()) == age
