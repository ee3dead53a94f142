"""Each condition of a rule by itself, and the order in which refusals are told."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.credential import Credential, Format, Holder, Kind, Rejected, TrustBasis, Verdict, Verified
from kiosk.domain.decision import Admit, Deny, Need
from kiosk.domain.events import ClockConfidence
from kiosk.domain.policy import NEGATIVE, AdmitRule, Policy, weigh
from kiosk.domain.policy_age import is_adult, is_under, may_be_under, years
from kiosk.domain.policy_rules import NEARNESS, limit_of_entries
from kiosk.domain.policy_terms import (
    Capacity,
    CountryRules,
    Days,
    Demand,
    Exemption,
    Hours,
    MinorRule,
    Minors,
    OnHolidays,
)
from kiosk.domain.reasons import Reason
from kiosk.domain.situation import Direction, FaceCheck, Situation

HANOI = timezone(timedelta(hours=7))
NOW = datetime(2026, 7, 3, 9, tzinfo=HANOI)
"""A Friday."""
HERE = Situation(NOW, ClockConfidence.SYNCED)
ANH = Holder("Nguyễn Thị", "Ánh", "1990-08-15")
BINH = Holder("Trần Văn", "Bình", "1985-01-02")
CHILD = Holder("Nguyễn Văn", "Con", "2018-03-04")
SHOT = {"dose": 2, "series": 2, "event_date": "2026-06-05", "country": "VN"}


def signed(kind=Kind.VISIT, holder=ANH, form=Format.PASS, issuer="Hotel A", number="7", **details):
    credential = Credential(form, kind, issuer, number, holder, details={"zone": "lobby", **details})
    return Verified(credential, "0102", TrustBasis("7", 60))


def shot(holder=ANH, form=Format.HC1, **details):
    credential = Credential(form, Kind.VACCINATION, "VN", "v", holder, details={**SHOT, **details})
    return Verified(credential, "0102", TrustBasis("7", 60))


def unsigned(kind=Kind.IDENTITY, holder=ANH, form=Format.CCCD):
    credential = Credential(form, kind, "VN", "001", holder)
    return Rejected(Verdict.UNSIGNED, (Reason.UNSIGNED_CARD,), form, credential)


def rule(*kinds, **conditions):
    return AdmitRule("rule", frozenset(kinds or {Kind.VISIT}), **conditions)


def decide(evidence, *rules, situation=HERE, **policy):
    pieces = evidence if isinstance(evidence, list) else [evidence]
    return weigh(Policy("1", "lobby", rules or (rule(),), **policy), pieces, situation)[0]


def why(evidence, *rules, situation=HERE, **policy):
    """Return 'admit' or the reasons."""
    decision = decide(evidence, *rules, situation=situation, **policy)
    return "admit" if isinstance(decision, Admit) else decision.reasons


def at(text, **more):
    return replace(HERE, now=datetime.fromisoformat(text).replace(tzinfo=HANOI), **more)


# what a credential is


def test_only_named_formats():
    only = rule(Kind.VACCINATION, formats=frozenset({Format.HC1, Format.SHC}))
    assert why(shot(), only) == "admit"
    assert why(shot(form=Format.VDS_NC), only) == (Reason.KIND_NOT_ACCEPTED,)


def test_countries_are_those_of_the_content_and_else_of_the_issuer():
    only = rule(Kind.VACCINATION, countries=frozenset({"VN"}))
    assert why(shot(), only) == "admit"
    assert why(shot(country="FR"), only) == (Reason.ISSUER_NOT_ACCEPTED,)
    assert why(shot(country=["VN"]), only) == "admit"  # no text, so the issuer's: VN
    assert why(signed(issuer="FR"), rule(countries=frozenset({"VN"}))) == (Reason.ISSUER_NOT_ACCEPTED,)


@pytest.mark.parametrize(
    ("group", "answer"),
    [("pupils", "admit"), ("guests", (Reason.GROUP_NOT_ALLOWED,)), (None, (Reason.GROUP_NOT_ALLOWED,)),
     ([], (Reason.GROUP_NOT_ALLOWED,))],
)  # fmt: skip
def test_groups(group, answer):
    assert why(signed(group=group), rule(groups=frozenset({"pupils", "staff"}))) == answer


def test_a_rule_may_name_other_zones_than_the_doors():
    assert why(signed(zone="ward 3"), rule(zones=frozenset({"ward 3", "ward 4"}))) == "admit"
    assert why(signed(zone="lobby"), rule(zones=frozenset({"ward 3"}))) == (Reason.ZONE_NOT_ALLOWED,)
    assert why(signed(zone="*"), rule(zones=frozenset({"ward 3"}))) == "admit"


def test_a_ticket_has_no_zone():
    assert why(signed(Kind.TICKET, form=Format.PRETIX, zone=None), rule(Kind.TICKET)) == "admit"
    assert why(signed(Kind.TICKET, zone=None), rule(Kind.TICKET)) == (Reason.ZONE_NOT_ALLOWED,)


def test_directions():
    out = replace(HERE, direction=Direction.EXIT)
    assert why(signed(), rule(directions=frozenset({Direction.ENTRY}))) == "admit"
    assert why(signed(), rule(directions=frozenset({Direction.ENTRY})), situation=out) == (
        Reason.DIRECTION_NOT_ALLOWED,
    )
    assert why(signed(), situation=out) == "admit"


def test_a_pass_that_says_complete_counts_as_complete_and_has_no_numbers():
    bare = shot(form=Format.NZCP, dose=None, series=None, complete=True)
    assert why(bare, rule(Kind.VACCINATION)) == "admit"
    assert why(bare, rule(Kind.VACCINATION, min_doses=2)) == (Reason.DOSES_MISSING,)
    assert why(shot(dose=None, complete="yes"), rule(Kind.VACCINATION)) == (Reason.DOSES_MISSING,)


def test_a_rule_may_take_an_unfinished_vaccination():
    first = rule(Kind.VACCINATION, complete=False, min_doses=1)
    assert why(shot(dose=1), first) == "admit"
    assert why(shot(dose=None), first) == (Reason.DOSES_MISSING,)
    assert why(shot(dose=None), rule(Kind.VACCINATION, complete=False)) == "admit"


def test_a_day_without_a_time_begins_at_midnight_of_the_venue():
    fresh = rule(Kind.VACCINATION, min_age_hours=24)
    assert why(shot(event_date="2026-07-02"), fresh, situation=at("2026-07-03T00:00")) == "admit"
    assert why(shot(event_date="2026-07-02"), fresh, situation=at("2026-07-02T23:59")) == (Reason.TOO_RECENT,)


# when


@pytest.mark.parametrize(
    ("hours", "moment", "open_"),
    [
        ("06:00-22:00", "2026-07-03T06:00", True),
        ("06:00-22:00", "2026-07-03T21:59:59", True),
        ("06:00-22:00", "2026-07-03T22:00", False),
        ("06:00-22:00", "2026-07-03T05:59", False),
        ("22:00-06:00", "2026-07-03T23:00", True),
        ("22:00-06:00", "2026-07-04T05:59", True),
        ("22:00-06:00", "2026-07-03T05:59", False),  # the night of Thursday
        ("22:00-06:00", "2026-07-04T06:00", False),
        ("00:00-24:00", "2026-07-03T00:00", True),
        ("00:00-24:00", "2026-07-04T00:00", False),
    ],
)
def test_hours_on_fridays(hours, moment, open_):
    start, end = (int(part[:2]) * 60 + int(part[3:]) for part in hours.split("-"))
    only = rule(hours=(Hours(start, end),), weekdays=frozenset({4}))
    assert why(signed(), only, situation=at(moment)) == ("admit" if open_ else (Reason.OUTSIDE_HOURS,))


def test_several_hours_and_none_at_all():
    two = rule(hours=(Hours(360, 480), Hours(720, 840)))
    assert why(signed(), two, situation=at("2026-07-03T12:30")) == "admit"
    assert why(signed(), two, situation=at("2026-07-03T10:00")) == (Reason.OUTSIDE_HOURS,)
    assert why(signed(), rule(hours=())) == (Reason.OUTSIDE_HOURS,)


def test_the_first_night_of_all_time_has_no_day_before_it():
    night = rule(hours=(Hours(1320, 360),))
    assert why(signed(), night, situation=at("0001-01-01T03:00")) == (Reason.OUTSIDE_HOURS,)


def test_holidays():
    tet = (Days(date(2026, 7, 3), date(2026, 7, 5)),)
    assert why(signed(), rule(), holidays=tet) == "admit"
    closed, only = rule(holidays=OnHolidays.NEVER), rule(holidays=OnHolidays.ONLY)
    assert why(signed(), closed, holidays=tet) == (Reason.HOLIDAY,)
    assert why(signed(), only, holidays=tet) == "admit"
    assert why(signed(), only) == (Reason.OUTSIDE_HOURS,)
    assert why(signed(), closed) == "admit"
    for day, holiday in (("02", False), ("03", True), ("05", True), ("06", False)):
        answer = why(signed(), closed, holidays=tet, situation=at(f"2026-07-{day}T09:00"))
        assert answer == ((Reason.HOLIDAY,) if holiday else "admit")


def test_a_rule_counts_on_its_days():
    spring = rule(valid_from=date(2026, 7, 3), valid_until=date(2026, 7, 4))
    answers = [why(signed(), spring, situation=at(f"2026-07-{day}T09:00")) for day in ("02", "03", "04", "05")]
    assert answers == [(Reason.OUTSIDE_HOURS,), "admit", "admit", (Reason.OUTSIDE_HOURS,)]
    night = rule(valid_until=date(2026, 7, 3), hours=(Hours(1320, 360),))
    moments = [f"2026-07-{day}T{hour}:00" for day, hour in (("03", "23"), ("04", "05"), ("04", "23"))]
    assert [why(signed(), night, situation=at(moment)) for moment in moments] == [
        "admit", "admit", (Reason.OUTSIDE_HOURS,),
    ]  # fmt: skip


# who


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


# what is needed beside it


def test_certificate_and_citizen_card():
    both = rule(Kind.VACCINATION, identity_card=True)
    assert decide([shot()], both) == Need((Reason.IDENTITY_NEEDED,))
    assert decide([shot(), unsigned()], both) == Admit("rule")
    assert decide([shot(), unsigned(holder=BINH)], both) == Deny((Reason.IDENTITY_MISMATCH,))


def test_declaration_and_identity():
    both = rule(Kind.DECLARATION, identity_card=True)
    declared = signed(Kind.DECLARATION)
    assert decide([declared], both) == Need((Reason.IDENTITY_NEEDED,))
    assert decide([declared, unsigned()], both) == Admit("rule")


def test_pass_and_declaration():
    both = rule(declaration=True)
    assert decide([signed()], both) == Need((Reason.PASS_NEEDED,))
    assert decide([signed(), signed(Kind.DECLARATION)], both) == Admit("rule")
    assert decide([signed(), signed(Kind.DECLARATION, BINH)], both) == Deny((Reason.IDENTITY_MISMATCH,))
    personal = unsigned(Kind.DECLARATION, form=Format.PERSONAL_QR)
    assert decide([signed(), personal], both) == Need((Reason.PASS_NEEDED,))
    assert decide([signed(holder=Holder())], both) == Deny((Reason.HOLDER_NOT_NAMED,))


@pytest.mark.parametrize(
    ("face", "answer"),
    [
        (FaceCheck.UNAVAILABLE, Deny((Reason.FACE_UNAVAILABLE,), call_staff=True)),
        (FaceCheck.OPEN, Need((Reason.FACE_NEEDED,))),
        (FaceCheck.PASSED, Admit("rule")),
        (FaceCheck.FAILED, Deny((Reason.FACE_FAILED,), call_staff=True)),
    ],
)
def test_pass_and_face(face, answer):
    assert decide(signed(), rule(face=True), situation=replace(HERE, face=face)) == answer


def test_everything_that_is_missing_is_told_the_card_first():
    demanding = rule(identity_card=True, declaration=True, face=True)
    open_ = replace(HERE, face=FaceCheck.OPEN)
    assert decide(signed(), demanding, situation=open_) == Need(
        (Reason.IDENTITY_NEEDED, Reason.PASS_NEEDED, Reason.FACE_NEEDED)
    )


def test_nobody_is_sent_for_a_card_that_would_not_help():
    assert why(signed(zone="roof"), rule(identity_card=True)) == (Reason.ZONE_NOT_ALLOWED,)


def test_several_reasons_are_told_what_cannot_be_changed_first():
    picky = rule(Kind.VACCINATION, issuers=frozenset({"DE"}), max_age_hours=1, hours=(Hours(0, 60),))
    assert why(shot(), picky) == (Reason.ISSUER_NOT_ACCEPTED, Reason.TOO_OLD, Reason.OUTSIDE_HOURS)


def test_of_two_rules_the_one_that_misses_less_is_told():
    late, card = rule(hours=(Hours(0, 60),)), rule(identity_card=True)
    late_and_card = rule(hours=(Hours(0, 60),), groups=frozenset({"staff"}))
    for rules in ((late, card, late_and_card), (late_and_card, card, late)):
        assert why(signed(), *rules) == (Reason.IDENTITY_NEEDED,)
    assert why(signed(), late_and_card, late) == (Reason.OUTSIDE_HOURS,)


# unsigned documents


def test_an_unsigned_document_admits_only_where_the_venue_says_so_loudly():
    quiet, loud = rule(Kind.IDENTITY), rule(Kind.IDENTITY, accept_unsigned=True)
    assert decide(unsigned(), quiet) == Need((Reason.NOT_ENOUGH_ALONE, Reason.UNSIGNED_CARD))
    assert decide(unsigned(), loud) == Admit("rule")
    assert decide(unsigned(), loud, situation=replace(HERE, clock=ClockConfidence.UNSET)) == Need(
        (Reason.NOT_ENOUGH_ALONE, Reason.UNSIGNED_CARD)
    )
    assert decide(unsigned(), rule(Kind.IDENTITY, accept_unsigned=True, hours=())) == Deny((Reason.OUTSIDE_HOURS,))


def test_the_label_of_a_sample_is_nobodys():
    label = unsigned(Kind.SAMPLE, form=Format.TUBE)
    assert decide(label, rule(*Kind, accept_unsigned=True)) == Deny((Reason.UNSIGNED_CARD,))


def test_an_unsigned_declaration_with_a_card():
    loud = rule(Kind.DECLARATION, identity_card=True, accept_unsigned=True)
    declared = unsigned(Kind.DECLARATION, form=Format.PERSONAL_QR)
    assert decide([declared], loud) == Need((Reason.IDENTITY_NEEDED,))
    assert decide([declared, unsigned()], loud) == Admit("rule")
    assert decide([declared, unsigned(holder=BINH)], loud) == Deny((Reason.IDENTITY_MISMATCH,))
    beside = rule(declaration=True, accept_unsigned=True)
    assert decide([signed(), declared], beside) == Admit("rule")


# how often, how many


@pytest.mark.parametrize(
    ("own", "by_rule", "limit"), [(0, 0, 0), (3, 0, 3), (0, 2, 2), (3, 2, 2), (1, 5, 1), ("3", 0, 0), (None, 4, 4)]
)
def test_the_lower_limit_counts(own, by_rule, limit):
    assert limit_of_entries(rule(entries=by_rule), signed(entries=own).credential) == limit


def test_entries():
    twice = signed(entries=2)
    used = [why(twice, situation=replace(HERE, used={"7": times})) for times in (0, 1, 2, 3)]
    assert used == ["admit", "admit", (Reason.ENTRIES_USED,), (Reason.ENTRIES_USED,)]
    assert decide(twice) == Deny((Reason.ENTRIES_NOT_COUNTED,), call_staff=True)
    assert decide(twice, staff_when_unsure=False) == Deny((Reason.ENTRIES_NOT_COUNTED,))
    assert why(twice, situation=replace(HERE, direction=Direction.EXIT, used={"7": 2})) == "admit"
    assert why(signed(), rule(entries=1), situation=replace(HERE, used={"7": 1})) == (Reason.ENTRIES_USED,)


def test_capacity():
    room = Capacity(200)
    inside = [why(signed(), capacity=room, situation=replace(HERE, inside=n)) for n in (0, 199, 200, 201)]
    assert inside == ["admit", "admit", (Reason.CAPACITY_REACHED,), (Reason.CAPACITY_REACHED,)]
    full = replace(HERE, inside=200)
    assert decide(signed(), capacity=room, situation=full) == Deny((Reason.CAPACITY_REACHED,))
    assert decide(signed(), capacity=Capacity(200, staff_when_full=True, reset_at=time(4)), situation=full) == Deny(
        (Reason.CAPACITY_REACHED,), call_staff=True
    )
    assert decide(signed(), capacity=room) == Deny((Reason.CAPACITY_UNKNOWN,), call_staff=True)
    assert decide(signed(), capacity=room, staff_when_unsure=False) == Deny((Reason.CAPACITY_UNKNOWN,))
    assert why(signed(), capacity=room, situation=replace(full, direction=Direction.EXIT)) == "admit"


# what must be another piece, another zone's pass, and figures that mislead


def test_what_has_to_be_shown_as_well_is_another_piece():
    alone = rule(Kind.DECLARATION, declaration=True)
    declared = signed(Kind.DECLARATION)
    assert why(declared, alone) == (Reason.PASS_NEEDED,)
    assert why([declared, declared], alone) == (Reason.PASS_NEEDED,)
    assert why([declared, signed(Kind.DECLARATION, number="8")], alone) == "admit"
    assert why(unsigned(), rule(Kind.IDENTITY, identity_card=True, accept_unsigned=True)) == (Reason.IDENTITY_NEEDED,)


def test_a_pass_of_another_zone_lifts_nothing():
    exempt = Exemption("staff", frozenset({Demand.HEALTH}), kinds=frozenset({Kind.STAFF}))
    shots = rule(Kind.VACCINATION, min_doses=3)
    assert why([shot(), signed(Kind.STAFF, zone="cellar")], shots, exemptions=(exempt,)) == (Reason.DOSES_MISSING,)
    for zone in ("lobby", "*"):
        assert why([shot(), signed(Kind.STAFF, zone=zone)], shots, exemptions=(exempt,)) == "admit"


def test_a_series_of_no_doses_is_not_complete():
    assert why(shot(dose=0, series=0), rule(Kind.VACCINATION, complete=True)) == (Reason.DOSES_MISSING,)
    assert why(shot(dose=1, series=1), rule(Kind.VACCINATION, complete=True)) == "admit"


def test_hours_are_counted_across_a_change_of_time():
    berlin = ZoneInfo("Europe/Berlin")
    # Clocks went back on 25 October 2026: from midnight to 23:30 of that day are 24.5 hours.
    late = replace(HERE, now=datetime(2026, 10, 25, 23, 30, tzinfo=berlin))
    fresh = rule(Kind.VACCINATION, max_age_hours=24)
    assert why(shot(event_date="2026-10-25"), fresh, situation=late) == (Reason.TOO_OLD,)
    in_time = replace(HERE, now=datetime(2026, 10, 25, 22, 30, tzinfo=berlin))
    assert why(shot(event_date="2026-10-25"), fresh, situation=in_time) == "admit"


@pytest.mark.parametrize(
    ("text", "age"),
    [("1990-XX-XX", (35, 36)), ("1990-08-**", (35, 35)), ("1990-00-15", (35, 36)), ("1990-08-15 00:00", (35, 35)),
     ("2026-07-04", None), ("2027", None), ("2026", (0, 0)), ("19900815", None), ("1990-02-30", None)],
)  # fmt: skip
def test_ages_are_read_as_all_birth_dates_are(text, age):
    assert years(text, NOW.date()) == age


# a country's rules


def ruled(refusals):
    return CountryRules("DE", "7", refusals)


def test_a_countrys_rules_judge_its_own_format_only():
    asked = []

    def refuse(credential, now, key_id):
        asked.append((credential.credential_id, now, key_id))
        return (Reason.COUNTRY_RULE_FAILED,)

    shots = rule(Kind.VACCINATION)
    assert why(shot(), shots, country_rules=ruled(refuse)) == (Reason.COUNTRY_RULE_FAILED,)
    assert asked == [("v", NOW, "0102")]
    assert why(shot(form=Format.SHC), shots, country_rules=ruled(refuse)) == "admit"
    assert why(signed(), country_rules=ruled(refuse)) == "admit"
    assert why(shot(), rule(Kind.VACCINATION, country_rules=False), country_rules=ruled(refuse)) == "admit"
    assert why(shot(), shots, country_rules=ruled(lambda *_: ())) == "admit"
    exempt = Exemption("all", frozenset({Demand.HEALTH}), under_years=120)
    assert why(shot(), shots, country_rules=ruled(refuse), exemptions=(exempt,)) == "admit"
    assert len(asked) == 1


def test_what_a_countrys_rules_leave_open_goes_to_staff():
    def leave_open(*_):
        return (Reason.RULE_UNDECIDED,)

    assert decide(shot(), rule(Kind.VACCINATION), country_rules=ruled(leave_open)) == Deny(
        (Reason.RULE_UNDECIDED,), call_staff=True
    )


def test_a_reason_that_has_no_place_in_the_order_is_a_fault_and_admits_nobody():
    with pytest.raises(ValueError, match="not in tuple"):
        decide(shot(), rule(Kind.VACCINATION), country_rules=ruled(lambda *_: (Reason.EXPIRED,)))


# properties

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
    exemptions=st.sampled_from([(), (Exemption("e", ALL, under_years=12),)]),
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


def test_every_reason_stands_once_in_the_order():
    assert len(set(NEARNESS)) == len(NEARNESS)


def test_the_zone_of_the_clock_is_that_of_the_hours():
    night = rule(hours=(Hours(1320, 360),))
    utc = replace(HERE, now=NOW.replace(hour=23).astimezone(UTC))
    assert why(signed(), night, situation=replace(HERE, now=NOW.replace(hour=23))) == "admit"
    assert why(signed(), night, situation=utc) == (Reason.OUTSIDE_HOURS,)
