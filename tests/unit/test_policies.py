"""The example policies, each with the typical visitors of its venue."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kiosk.adapters.policies import load_policy
from kiosk.cli.policy_review import Flaw, review
from kiosk.domain.birth import HiddenBirthDate, birth_hash
from kiosk.domain.credential import Credential, Format, Holder, Kind, Rejected, TrustBasis, Verdict, Verified
from kiosk.domain.decision import Admit, outcome, reasons
from kiosk.domain.events import ClockConfidence
from kiosk.domain.policy import NEGATIVE, weigh
from kiosk.domain.reasons import Reason
from kiosk.domain.situation import Direction, FaceCheck, Situation, Stay

FOLDER = Path(__file__).resolve().parents[2] / "firmware_config" / "policies"
NAMES = sorted(path.stem for path in FOLDER.glob("*.toml"))
POLICIES = {name: load_policy(FOLDER / f"{name}.toml") for name in NAMES}
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")

ANH = Holder("Nguyễn Thị", "Ánh", "1990-08-15")
BINH = Holder("Trần Văn", "Bình", "1985-01-02")
CHILD = Holder("Nguyễn Văn", "Con", "2023-03-04")
HIDDEN = Holder("Nguyễn Thị Ánh", hidden_birth_date=HiddenBirthDate(b"n", birth_hash(b"n", "1990-08-15")))
HIDDEN_CHILD = Holder("Nguyễn Văn Con", hidden_birth_date=HiddenBirthDate(b"n", birth_hash(b"n", "2023-03-04")))
SAME = {"used": {"n": 0}, "inside": 0}


def a_pass(kind, group=None, holder=ANH, zone="*"):
    details = {"zone": zone} | ({"group": group} if group else {})
    return Verified(Credential(Format.PASS, kind, "Desk", "n", holder, details=details), "", TrustBasis("1", 0))


def ticket():
    return Verified(Credential(Format.PRETIX, Kind.TICKET, "Concert", "n"), "", TrustBasis("1", 0))


def health(kind, now, holder=ANH, age=timedelta(days=30), **more):
    details = {"event_date": (now - age).isoformat(), "result": NEGATIVE, "dose": 2, "series": 2, **more}
    return Verified(Credential(Format.HC1, kind, "VN", "n", holder, details=details), "", TrustBasis("1", 0))


def card(holder=ANH):
    credential = Credential(Format.CCCD, Kind.IDENTITY, "VN", "001", holder)
    return Rejected(Verdict.UNSIGNED, (Reason.UNSIGNED_CARD,), Format.CCCD, credential)


def ask(name, when, *evidence, direction=Direction.ENTRY, **more):
    """Return the rule that admits, or the word for the decision and its first reason."""
    now = datetime.fromisoformat(when).replace(tzinfo=HANOI)
    situation = Situation(now, ClockConfidence.SYNCED, direction, **{**SAME, **more})
    pieces = [piece(now) if callable(piece) else piece for piece in evidence]
    decision = weigh(POLICIES[name], pieces, situation)[0]
    return decision.rule if isinstance(decision, Admit) else f"{outcome(decision)} {reasons(decision)[0]}"


def at_noon(**more):
    now = datetime.fromisoformat(f"{MONDAY}T12:00").replace(tzinfo=HANOI)
    return Situation(now, ClockConfidence.SYNCED, **{**SAME, **more})


def test_there_is_one_for_each_kind_of_venue():
    assert NAMES == ["event", "factory", "hospital", "office", "quarantine-hotel", "school"]


@pytest.mark.parametrize("name", NAMES)
def test_nothing_has_to_be_warned_of_but_what_is_meant(name):
    # What these two mean stands in their files.
    meant = {"quarantine-hotel": [Flaw("ageless", "residents come in")]}
    assert review(POLICIES[name], date(2027, 1, 1)) == meant.get(name, [])


@pytest.mark.parametrize("name", NAMES)
def test_a_card_that_anybody_can_print_opens_nothing(name):
    assert ask(name, "2027-03-08T10:30", card()).startswith("need ")


MONDAY, SATURDAY, SUNDAY, TET = "2027-03-08", "2027-03-13", "2027-03-14", "2027-02-08"


@pytest.mark.parametrize(
    ("when", "who", "answer"),
    [
        (f"{MONDAY}T06:20", a_pass(Kind.VISIT, "pupils"), "pupils"),
        (f"{MONDAY}T06:10", a_pass(Kind.VISIT, "pupils"), "deny outside_hours"),
        (f"{SUNDAY}T08:00", a_pass(Kind.VISIT, "pupils"), "deny outside_hours"),
        (f"{TET}T08:00", a_pass(Kind.VISIT, "pupils"), "deny holiday"),
        ("2027-07-01T08:00", a_pass(Kind.VISIT, "pupils"), "deny holiday"),
        (f"{TET}T08:00", a_pass(Kind.STAFF), "staff"),
        (f"{MONDAY}T16:30", a_pass(Kind.VISIT, "parents"), "parents, to bring and fetch"),
        (f"{MONDAY}T14:00", a_pass(Kind.VISIT, "parents"), "deny outside_hours"),
        (f"{MONDAY}T14:00", a_pass(Kind.VISIT, "guests"), "guests"),
        (f"{MONDAY}T14:00", a_pass(Kind.VISIT), "deny group_not_allowed"),
        (f"{MONDAY}T14:00", a_pass(Kind.VISIT, "pupils", zone="other school"), "deny zone_not_allowed"),
    ],
)
def test_school(when, who, answer):
    assert ask("school", when, who) == answer


def test_a_guest_of_the_school_comes_once():
    guest = a_pass(Kind.VISIT, "guests")
    assert ask("school", f"{MONDAY}T14:00", guest, used={"n": 1}) == "deny entries_used"
    assert ask("school", f"{MONDAY}T14:00", guest, used={}) == "deny entries_not_counted"


def shot(holder=ANH, **more):
    return lambda now: health(Kind.VACCINATION, now, holder, **more)


def fresh_test(holder=ANH, hours=20, **more):
    return lambda now: health(Kind.TEST, now, holder, timedelta(hours=hours), **more)


@pytest.mark.parametrize(
    ("time", "who", "answer"),
    [
        ("03:00", [a_pass(Kind.STAFF)], "staff"),
        ("03:00", [a_pass(Kind.VISIT, "patients", HIDDEN), card()], "patients"),
        ("03:00", [a_pass(Kind.VISIT, "patients", HIDDEN)], "need identity_needed"),
        ("03:00", [a_pass(Kind.VISIT, "patients", HIDDEN_CHILD), card(CHILD)], "deny minor_alone"),
        ("10:30", [shot(), card()], "vaccinated visitors"),
        ("10:30", [shot()], "need identity_needed"),
        ("10:30", [shot(), card(BINH)], "deny identity_mismatch"),
        ("13:00", [shot(), card()], "deny outside_hours"),
        ("10:30", [shot(dose=1), card()], "deny doses_missing"),
        ("10:30", [shot(dose=1), card(), a_pass(Kind.VISIT, "medical-exemption")], "vaccinated visitors"),
        ("10:30", [shot(dose=1), card(), a_pass(Kind.VISIT, "medical-exemption", BINH)], "deny group_not_allowed"),
        ("15:00", [fresh_test(), card()], "visitors with a fresh test"),
        ("15:00", [fresh_test(hours=49), card()], "deny too_old"),
        ("15:00", [fresh_test(result="260373001"), card()], "deny test_positive"),
        ("15:00", [lambda now: health(Kind.RECOVERY, now), card()], "recovered visitors"),
        ("08:00", [a_pass(Kind.DECLARATION), card()], "outpatients"),
        ("08:00", [a_pass(Kind.DECLARATION)], "need identity_needed"),
        ("10:30", [shot(CHILD, dose=1)], "deny minor_alone"),
    ],
)
def test_hospital(time, who, answer):
    assert ask("hospital", f"{MONDAY}T{time}", *who) == answer


def test_a_child_visits_the_hospital_with_its_mother_without_a_card():
    assert ask("hospital", f"{MONDAY}T10:30", shot(CHILD, dose=1), with_adult=True) == "vaccinated visitors"
    school_child = replace(CHILD, birth_date="2017-01-01")
    assert ask("hospital", f"{MONDAY}T10:30", shot(school_child), with_adult=True) == "vaccinated visitors"
    assert ask("hospital", f"{MONDAY}T10:30", shot(school_child, dose=1), with_adult=True) == "deny doses_missing"


@pytest.mark.parametrize("name", ["factory", "hospital", "office", "quarantine-hotel", "school"])
def test_where_people_come_and_go_nobody_is_refused_for_a_days_total(name):
    """A door that is for entries counts nobody out: by noon a limit would refuse people from an empty house."""
    who = a_pass(Kind.STAFF, "maintenance")
    assert isinstance(weigh(POLICIES[name], [who], at_noon(inside=100_000))[0], Admit)


def test_the_count_of_the_day_does_refuse_at_a_concert():
    door = replace(at_noon(inside=1200), now=datetime(2027, 3, 19, 18, tzinfo=HANOI))
    assert weigh(POLICIES["event"], [ticket()], door)[0].reasons == (Reason.CAPACITY_REACHED,)


@pytest.mark.parametrize(
    ("when", "who", "answer"),
    [
        (f"{MONDAY}T05:30", [a_pass(Kind.STAFF, "early")], "early shift"),
        (f"{MONDAY}T14:30", [a_pass(Kind.STAFF, "early")], "deny outside_hours"),
        (f"{MONDAY}T14:30", [a_pass(Kind.STAFF, "late")], "late shift"),
        (f"{MONDAY}T22:30", [a_pass(Kind.STAFF, "night")], "night shift"),
        (f"{SUNDAY}T05:00", [a_pass(Kind.STAFF, "night")], "night shift"),
        (f"{SUNDAY}T22:30", [a_pass(Kind.STAFF, "night")], "deny outside_hours"),
        (f"{TET}T08:00", [a_pass(Kind.STAFF, "early")], "deny holiday"),
        (f"{TET}T08:00", [a_pass(Kind.STAFF, "maintenance")], "foremen and maintenance"),
        (f"{MONDAY}T09:00", [a_pass(Kind.VISIT), card()], "other firms"),
        (f"{MONDAY}T09:00", [a_pass(Kind.VISIT)], "need identity_needed"),
        (f"{MONDAY}T09:00", [a_pass(Kind.VISIT), card(BINH)], "deny identity_mismatch"),
        (f"{MONDAY}T09:00", [a_pass(Kind.VISIT, holder=Holder())], "deny holder_not_named"),
    ],
)
def test_factory(when, who, answer):
    assert ask("factory", when, *who) == answer


def test_everybody_may_leave_the_factory():
    for who in (a_pass(Kind.STAFF, "early"), a_pass(Kind.VISIT)):
        assert ask("factory", f"{TET}T23:00", who, direction=Direction.EXIT, inside=900) == "out"


@pytest.mark.parametrize(
    ("when", "who", "answer"),
    [
        (f"{SUNDAY}T03:00", [a_pass(Kind.STAFF)], "staff"),
        (f"{MONDAY}T09:00", [a_pass(Kind.VISIT)], "visitors by day"),
        (f"{SATURDAY}T18:00", [a_pass(Kind.VISIT, "cleaners")], "cleaners"),
        (f"{SATURDAY}T09:00", [a_pass(Kind.VISIT)], "need identity_needed"),
        (f"{SATURDAY}T09:00", [a_pass(Kind.VISIT), card()], "visitors at other times"),
        (f"{TET}T09:00", [a_pass(Kind.VISIT)], "need identity_needed"),
        (f"{MONDAY}T09:00", [shot(), card()], "deny kind_not_accepted"),
    ],
)
def test_office(when, who, answer):
    assert ask("office", when, *who) == answer


@pytest.mark.parametrize(
    ("when", "who", "answer"),
    [
        ("2027-03-19T18:00", ticket(), "first evening"),
        ("2027-03-20T00:30", ticket(), "first evening"),
        ("2027-03-20T18:00", ticket(), "second evening"),
        ("2027-03-21T00:30", ticket(), "second evening"),
        ("2027-03-21T18:00", ticket(), "deny outside_hours"),
        ("2027-03-19T16:59", ticket(), "deny outside_hours"),
        ("2027-03-18T18:00", ticket(), "deny outside_hours"),
        ("2027-03-15T09:00", a_pass(Kind.VISIT, "musicians"), "crew"),
        ("2027-03-23T09:00", a_pass(Kind.VISIT, "musicians"), "deny outside_hours"),
        ("2027-03-19T18:00", a_pass(Kind.VISIT), "deny group_not_allowed"),
    ],
)
def test_event(when, who, answer):
    assert ask("event", when, who) == answer


def test_a_pass_that_was_handed_over_the_fence_lets_nobody_in_for_ten_minutes():
    crew = a_pass(Kind.STAFF, "crew")
    just, before = Stay(Direction.ENTRY, 599), Stay(Direction.ENTRY, 600)
    assert ask("event", "2027-03-19T18:00", crew, stay=just) == "deny entered_just_now"
    assert ask("event", "2027-03-19T18:00", crew, stay=before) == "crew"
    assert ask("event", "2027-03-19T18:00", crew, stay=Stay(Direction.EXIT, 5)) == "crew"
    assert ask("event", "2027-03-19T18:00", crew, stay=just, direction=Direction.EXIT) == "crew"


def test_a_ticket_lets_in_once_and_out_as_often_as_one_likes():
    assert ask("event", "2027-03-19T18:00", ticket(), used={"n": 1}) == "deny entries_used"
    assert ask("event", "2027-03-19T18:00", ticket(), used={"n": 1}, direction=Direction.EXIT) == "out"
    assert ask("event", "2027-03-19T18:00", ticket(), inside=1200) == "deny capacity_reached"


@pytest.mark.parametrize(
    ("face", "answer"),
    [
        (FaceCheck.PASSED, "residents come in"),
        (FaceCheck.OPEN, "need face_needed"),
        (FaceCheck.UNAVAILABLE, "deny face_unavailable"),
        (FaceCheck.FAILED, "deny face_failed"),
    ],
)
def test_a_resident_is_recognised(face, answer):
    assert ask("quarantine-hotel", f"{MONDAY}T09:00", a_pass(Kind.RESIDENT), face=face) == answer


@pytest.mark.parametrize(
    ("who", "direction", "answer"),
    [
        ([a_pass(Kind.RESIDENT)], Direction.EXIT, "deny group_not_allowed"),
        ([a_pass(Kind.RESIDENT, "released")], Direction.EXIT, "released residents go home"),
        ([a_pass(Kind.STAFF)], Direction.EXIT, "staff"),
        ([a_pass(Kind.SAMPLING)], Direction.ENTRY, "sampling team"),
        ([a_pass(Kind.VISIT)], Direction.ENTRY, "deny kind_not_accepted"),
        ([fresh_test(), card()], Direction.ENTRY, "arrivals"),
        ([fresh_test()], Direction.ENTRY, "need identity_needed"),
        ([fresh_test(CHILD)], Direction.ENTRY, "deny minor_alone"),
    ],
)
def test_quarantine_hotel(who, direction, answer):
    assert ask("quarantine-hotel", f"{MONDAY}T09:00", *who, direction=direction) == answer


def test_a_child_arrives_at_the_hotel_with_its_parents():
    assert ask("quarantine-hotel", f"{MONDAY}T09:00", fresh_test(CHILD), with_adult=True) == "arrivals"
