"""`kiosk policy check`: sentences built from rules, in every language, and warnings that hold."""

import json
import string
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.cli import main
from kiosk.cli.policy_review import Flaw, covers, review, why_never
from kiosk.cli.policy_words import Speaker
from kiosk.cli.words import languages, words
from kiosk.domain.credential import Credential, Format, Holder, Kind, Rejected, TrustBasis, Verdict, Verified
from kiosk.domain.decision import Admit
from kiosk.domain.events import ClockConfidence
from kiosk.domain.policy import NEGATIVE, weigh
from kiosk.domain.policy_terms import (
    AdmitRule,
    Capacity,
    Counted,
    CountryRules,
    Days,
    Demand,
    Hours,
    MinorRule,
    Minors,
    OnHolidays,
    Policy,
)
from kiosk.domain.reasons import Reason
from kiosk.domain.situation import Direction, FaceCheck, Situation

TODAY = date(2026, 7, 3)
EVERYTHING = """
version = "1"
title = "North gate"
zone = "campus"
[[admit]]
name = "vaccinated"
kinds = ["vaccination"]
min_age_days = 14
needs = ["identity"]
direction = "entry"
weekdays = ["mon", "tue", "wed", "thu", "fri"]
hours = ["07:00-19:00"]
[[admit]]
name = "all of it"
kinds = ["visit", "staff", "vaccination"]
formats = ["GK1", "HC1"]
issuers = ["School"]
countries = ["VN"]
groups = ["pupils", "parents"]
zones = ["a", "b", "c"]
direction = "exit"
hours = ["06:00-08:00", "22:00-05:00"]
weekdays = ["mon", "wed", "sat", "sun"]
on_holidays = "only"
valid_from = 2026-09-01
valid_until = 2027-05-31
min_doses = 1
min_age_hours = 12
max_age_hours = 72
min_years = 6
max_years = 18
entries = 2
needs = ["identity", "declaration", "face"]
accept_unsigned_DANGEROUS = true
[holidays]
dates = ["2027-01-01", "2027-02-05/2027-02-11"]
[capacity]
people = 200
[passback]
kind = "timed"
minutes = 20
[minors]
under = 16
rule = "with_adult"
[[exempt]]
name = "small children"
under_years = 6
groups = ["pupils"]
kinds = ["visit"]
issuers = ["School"]
lifts = ["health", "identity"]
"""


def check(tmp_path, capsys, text, *arguments):
    """Return the exit status and the lines."""
    path = tmp_path / "policy.toml"
    path.write_text(text)
    status = main(["policy", "check", str(path), "--at", TODAY.isoformat(), *arguments])
    return status, capsys.readouterr().out.splitlines()


def test_a_policy_in_english(tmp_path, capsys):
    status, lines = check(tmp_path, capsys, EVERYTHING)
    assert status == 1
    assert lines == [
        "Policy 1, 'North gate', zone campus.",
        ("Rule 'vaccinated': a vaccination certificate, complete, at least 14 days old, with the citizen card"
        " of the same person, on entry, Mon–Fri, 07:00–19:00."),
        ("Rule 'all of it': a vaccination certificate, a visitor's pass or a staff pass, in the format GK1 or HC1,"
        " issued by School, about VN, of the group parents or pupils, for the zone a, b or c (for a visitor's"
        " pass or a staff pass), complete (for a vaccination certificate), with at least 1 doses (for a vaccination"
        " certificate), at least 12 hours old (for a vaccination certificate), at most 72 hours old (for a vaccination"
        " certificate), its holder at least 6 years old,"
        " its holder at most 18 years old, with the citizen card of the same person, with a health declaration of the"
        " same person, with a face check (where the door has none, staff is called), at most 2×, on exit,"
        " Mon, Wed, Sat, Sun, 06:00–08:00, 22:00–05:00, on holidays only, from 2026-09-01 on, until 2027-05-31,"
        " DANGEROUS: even unsigned, as anybody can print it."),
        ("At most 200 people, counted as let in at this door since 04:00, less those it let out;"
         " who comes then is refused."),
        "From 180 people on there is an alarm that it fills.",
        "Who came in within the last 20 minutes is not let in once more: staff looks.",
        "Minors (under 16) are admitted only together with an adult who was admitted.",
        ("'small children': people under 6 years old, with a visitor's pass, of the group pupils, of School"
        " need not bring what health certificates are asked for or an identity card."),
        "Holidays: 2027-01-01, 2027-02-05–2027-02-11.",
        "Where the kiosk cannot know, it calls staff.",
        "! Rule 'all of it' is DANGEROUS: it believes unsigned documents, which anybody can print.",
        ("! A door that lets nobody out counts a day's admissions, not the people inside: once [capacity] is reached it"
         ' stays full until counting begins anew. Say which is meant: counts = "admissions" or, where this door counts'
         ' people out, "inside".'),
    ]


def test_a_term_is_said_only_of_what_it_is_looked_at_on():
    rules = Policy("1", "lobby", country_rules=CountryRules("DE", "7", lambda *_: ()))
    idle = {"min_doses": 2, "min_age_hours": 12, "max_age_hours": 72}
    assert Speaker("en").rule(rule(**idle), rules) == "Rule 'a': a visitor's pass."
    zoned = rule("a", Kind.TICKET, Kind.TEST, zones=frozenset("x"), formats=frozenset({Format.PRETIX, Format.SHC}))
    assert Speaker("en").rule(zoned, rules) == "Rule 'a': a negative test or a ticket, in the format SHC or pretix."
    assert Speaker("vi").rule(rule("a", Kind.VISIT, Kind.TEST, **idle), rules) == (
        "Quy tắc 'a': kết quả xét nghiệm âm tính hoặc thẻ khách, cách nay ít nhất 12 giờ (đối với kết quả xét nghiệm âm"
        " tính), cách nay không quá 72 giờ (đối với kết quả xét nghiệm âm tính), (định dạng HC1:) đúng quy định của DE"
        " (đối với kết quả xét nghiệm âm tính)."
    )


def test_a_policy_in_vietnamese(tmp_path, capsys):
    _, lines = check(tmp_path, capsys, EVERYTHING, "--language", "vi")
    assert lines[1] == (
        "Quy tắc 'vaccinated': chứng nhận tiêm chủng, đủ liều, cách nay ít nhất 14 ngày, kèm căn cước công dân của cùng"
        " một người, khi vào, T2–T6, 07:00–19:00."
    )


def test_what_machines_get(tmp_path, capsys):
    status, (line,) = check(tmp_path, capsys, EVERYTHING, "--json")
    said = json.loads(line)
    assert status == 1
    assert [rule["name"] for rule in said["rules"]] == ["vaccinated", "all of it"]
    warned = [(flaw["code"], flaw["rule"]) for flaw in said["warnings"]]
    assert warned == [("unsigned", "all of it"), ("capacity_of_a_day", "")]
    assert (said["version"], said["title"], said["zone"]) == ("1", "North gate", "campus")


def test_exit_status(tmp_path, capsys):
    fine = 'version = "1"\n[[admit]]\nname = "a"\nkinds = ["visit"]\n'
    assert check(tmp_path, capsys, fine)[0] == 0
    assert check(tmp_path, capsys, 'version = "1"\n')[0] == 1
    assert check(tmp_path, capsys, 'versoin = "1"\n')[0] == 2
    assert main(["policy", "check", str(tmp_path / "gone.toml")]) == 2


def test_country_rules_that_are_not_there_make_a_policy_unusable(tmp_path, capsys):
    text = 'version = "1"\n[country_rules]\ncountry = "DE"\nrules = "gone"\n'
    assert check(tmp_path, capsys, text)[0] == 2
    assert main(["policy", "check", str(tmp_path / "policy.toml")]) == 2
    assert "gone" in capsys.readouterr().err


# warnings


def rule(name="a", *kinds, **conditions):
    return AdmitRule(name, frozenset(kinds or {Kind.VISIT}), **conditions)


def flaws(*rules, **more):
    return review(Policy("1", "lobby", rules, **more), TODAY)


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (rule("a", Kind.TEST, Kind.RECOVERY, groups=frozenset({"pupils"})), "no_group"),
        (rule("a", Kind.TEST, Kind.VISIT, groups=frozenset({"pupils"})), ""),
        (rule(hours=()), "no_hours"),
        (rule(weekdays=frozenset()), "no_weekdays"),
        (rule(valid_until=date(2026, 7, 2)), "over"),
        (rule(valid_until=TODAY), ""),
        (rule("a", Kind.TEST, min_age_hours=25, max_age_hours=24), "ages"),
        (rule("a", Kind.TEST, min_age_hours=24, max_age_hours=24), ""),
        (rule(min_years=18, max_years=17), "years"),
        (rule("a", Kind.IDENTITY), "unsigned"),
        (rule("a", Kind.IDENTITY, accept_unsigned=True), ""),
        (rule("a", Kind.DECLARATION, formats=frozenset({Format.PERSONAL_QR})), "unsigned"),
        (rule("a", Kind.DECLARATION), ""),
        (rule("a", Kind.SAMPLE), "sample"),
        (rule(), ""),
    ],
)
def test_rules_that_can_never_apply(one, why):
    assert why_never(one, TODAY) == why
    never = [flaw for flaw in flaws(one) if flaw.code == "never"]
    assert never == ([Flaw("never", "a", why=why)] if why else [])


def test_a_rule_behind_a_wider_one_never_decides():
    wide, narrow = rule("wide"), rule("narrow", hours=(Hours(0, 60),), groups=frozenset({"x"}))
    assert flaws(wide, narrow) == [Flaw("shadowed", "narrow", "wide")]
    assert flaws(narrow, wide) == []
    assert flaws(rule("dead", hours=()), narrow) == [Flaw("never", "dead", why="no_hours")]
    assert flaws(rule("counted", entries=1), wide) == []


def test_other_warnings():
    assert flaws() == [Flaw("nobody")]
    assert flaws(rule("a"), rule("a", Kind.STAFF)) == [Flaw("same_name", "a")]
    assert flaws(rule(accept_unsigned=True)) == [Flaw("unsigned", "a")]
    closed = rule(holidays=OnHolidays.NEVER)
    assert flaws(closed) == [Flaw("holidays_missing", "a")]
    assert flaws(rule(), capacity=Capacity(200)) == [Flaw("capacity_of_a_day")]
    assert [flaws(rule(), capacity=Capacity(200, counts=said)) for said in Counted] == [[], []]
    past, coming = Days(date(2026, 1, 1), date(2026, 7, 2)), Days(date(2026, 9, 2), date(2026, 9, 2))
    assert flaws(closed, holidays=(past,)) == [Flaw("holidays_over")]
    assert flaws(closed, holidays=(past, coming)) == []


@pytest.mark.parametrize(
    ("one", "warned"),
    [
        (rule(), True),
        (rule("a", Kind.TEST, Kind.RESIDENT), True),
        (rule(formats=frozenset({Format.PASS, Format.PRETIX})), True),
        (rule(identity_card=True), False),
        (rule(min_years=18), False),
        (rule(max_years=99), False),
        (rule(directions=frozenset({Direction.EXIT})), False),
        (rule("a", Kind.TICKET, formats=frozenset({Format.PRETIX})), False),
        (rule("a", Kind.STAFF, Kind.SAMPLING), False),
        (rule("a", Kind.TEST), False),
    ],
)
def test_a_pass_that_says_no_age_is_warned_of_where_minors_need_an_adult(one, warned):
    assert flaws(one, minors=Minors(16, MinorRule.WITH_ADULT)) == ([Flaw("ageless", "a")] if warned else [])
    assert flaws(one, minors=Minors(16, MinorRule.AS_OTHERS)) == flaws(one) == []


SOME = st.sampled_from
RULES = st.builds(
    AdmitRule, st.just("r"), st.frozensets(SOME([Kind.VISIT, Kind.TEST]), min_size=1),
    issuers=SOME([frozenset(), frozenset("A"), frozenset("AB")]), min_doses=SOME([0, 1]), min_age_hours=SOME([0, 1]),
    max_age_hours=SOME([None, 1, 2]), identity_card=st.booleans(), declaration=st.booleans(), face=st.booleans(),
    zones=SOME([frozenset(), frozenset({"lobby"}), frozenset("x")]), complete=st.booleans(),
    directions=SOME([frozenset(Direction), frozenset({Direction.EXIT})]), entries=SOME([0, 1, 2]),
    hours=SOME([(Hours(0, 1440),), (Hours(0, 60),), (Hours(0, 60), Hours(70, 80))]), holidays=SOME(OnHolidays),
    valid_from=SOME([None, date(2026, 1, 1), TODAY]), min_years=SOME([0, 18]), max_years=SOME([None, 20, 30]),
    country_rules=st.booleans(), accept_unsigned=st.booleans(),
)  # fmt: skip


@given(RULES, RULES, RULES)
@settings(max_examples=300)
def test_covering_is_an_order(one, other, third):
    assert covers(one, one, "lobby")
    if covers(one, other, "lobby") and covers(other, third, "lobby"):
        assert covers(one, third, "lobby")


@pytest.mark.parametrize(
    "stricter",
    [
        {"formats": frozenset({Format.PASS})}, {"issuers": frozenset("A")}, {"countries": frozenset({"VN"})},
        {"groups": frozenset("g")}, {"zones": frozenset("x")}, {"directions": frozenset({Direction.EXIT})},
        {"hours": (Hours(0, 60),)}, {"weekdays": frozenset({1})}, {"holidays": OnHolidays.NEVER},
        {"valid_from": TODAY}, {"valid_until": TODAY}, {"min_doses": 1}, {"min_age_hours": 1}, {"max_age_hours": 1},
        {"min_years": 1}, {"max_years": 99}, {"entries": 1}, {"identity_card": True}, {"declaration": True},
        {"face": True},
    ],
    ids=lambda stricter: next(iter(stricter)),
)  # fmt: skip
def test_no_rule_covers_one_that_asks_for_less(stricter):
    """Every condition counts: a rule that asks for something more never stands in for one that does not."""
    assert not covers(rule(**stricter), rule(), "lobby")
    assert covers(rule(), rule(**stricter), "lobby") == ("zones" not in stricter)


EVIDENCE = st.lists(
    st.builds(
        lambda kind, holder, form, details, signed: Verified(
            Credential(form, kind, "A", "n", holder, details=details), "", TrustBasis("1", 0)
        ) if signed else Rejected(
            Verdict.UNSIGNED, (Reason.UNSIGNED_CARD,), form, Credential(form, kind, "A", "n", holder)
        ),
        SOME([Kind.VISIT, Kind.TEST, Kind.DECLARATION, Kind.IDENTITY]),
        SOME([Holder("Ánh", birth_date="1990-08-15"), Holder("Con", birth_date="2007"), Holder()]),
        SOME([Format.PASS, Format.HC1]),
        SOME([{"zone": "x"}, {"zone": "*", "entries": 2}, {"result": NEGATIVE, "event_date": "2026-07-02T23:30"}]),
        st.booleans(),
    ), min_size=1, max_size=3,
)  # fmt: skip
SITUATIONS = st.builds(
    Situation, st.integers(0, 200).map(lambda minutes: datetime(2026, 7, 3, tzinfo=UTC) + timedelta(minutes=minutes)),
    st.just(ClockConfidence.SYNCED), SOME(Direction), st.just(0), SOME([{}, {"n": 0}, {"n": 1}]), SOME(FaceCheck),
)  # fmt: skip


REFUSING = CountryRules("DE", "7", lambda *_: (Reason.COUNTRY_RULE_FAILED,))


def admits(one, evidence, situation):
    policy = Policy("1", "lobby", (one,), country_rules=REFUSING)
    return isinstance(weigh(policy, evidence, situation)[0], Admit)


@given(RULES, RULES, EVIDENCE, SITUATIONS)
@settings(max_examples=300)
def test_what_a_rule_covers_it_admits(one, other, evidence, situation):
    if covers(one, other, "lobby") and admits(other, evidence, situation):
        assert admits(one, evidence, situation)


def test_the_property_above_can_fail():
    seen = {"evidence": [Verified(Credential(Format.PASS, Kind.VISIT, details={"zone": "*"}), "", TrustBasis("1", 0))]}
    seen["situation"] = Situation(datetime(2026, 7, 3, tzinfo=UTC), ClockConfidence.SYNCED)
    assert admits(rule(), **seen)
    assert not admits(rule(min_years=18), **seen)


def test_conditions_that_are_on_by_default():
    assert not covers(rule(), rule(complete=False), "lobby")
    assert not covers(rule(), rule(country_rules=False), "lobby")
    assert not covers(rule(), rule(accept_unsigned=True), "lobby")
    assert covers(rule(complete=False, country_rules=False, accept_unsigned=True), rule(), "lobby")


# words


def gaps(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", languages())
def test_all_languages_say_the_same(language):
    assert {key: gaps(text) for key, text in words(language).items()} == {
        key: gaps(text) for key, text in words("en").items()
    }
    assert all(text.strip() for text in words(language).values())


@pytest.mark.parametrize(
    ("spoken", "asked", "found"), [(False, True, True), (True, True, False), (False, False, False)]
)
def test_rules_of_a_country_that_says_nothing_are_warned_of(spoken, asked, found):
    rules = CountryRules("XX", "7", lambda *_: (), lambda _: spoken)
    policy = Policy("1", "lobby", (rule("a", Kind.VACCINATION, country_rules=asked),), country_rules=rules)
    assert (Flaw("silent", other="XX") in review(policy, TODAY)) is found


@pytest.mark.parametrize("language", languages())
def test_there_are_words_for_every_kind_demand_and_flaw(language):
    speaker = Speaker(language)
    for kind in Kind:
        assert speaker.say(f"kind.{kind}")
    for demand in Demand:
        assert speaker.say(f"lift.{demand}")
    for minors in MinorRule:
        assert "7" in speaker.say(f"policy.minors_{minors}", number=7)
    whys = [key.removeprefix("why.") for key in words(language) if key.startswith("why.")]
    for key in words(language):
        if key.startswith("warning."):
            assert speaker.flaw(Flaw(key.removeprefix("warning."), "r", "o", whys[0]))


def test_a_language_that_there_is_not():
    with pytest.raises(KeyError):
        words("xx")


@pytest.mark.parametrize(
    ("days", "said"),
    [({0, 1, 2, 3, 4}, "Mon–Fri"), ({5, 6}, "Sat, Sun"), ({0, 2, 3, 4}, "Mon, Wed–Fri"), (set(), "")],
)
def test_weekdays_are_told_as_people_tell_them(days, said):
    text = Speaker("en").rule(rule(weekdays=frozenset(days)), Policy("1", "lobby"))
    assert text == f"Rule 'a': a visitor's pass, {said}."
