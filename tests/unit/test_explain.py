"""What became of a decision: made again, and made today."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kiosk.adapters.keys import make_signer
from kiosk.app.explain import Answer, Cause, Findings, Today, compare, recorded, replayed
from kiosk.app.judge import judge_codes
from kiosk.cli.explain_words import as_json, lines
from kiosk.demo.script import CITIZEN_CARD
from kiosk.domain.credential import Kind, Verdict
from kiosk.domain.decision import Deny, outcome, reasons
from kiosk.domain.events import ClockConfidence, Event, EventType
from kiosk.domain.policy import AdmitRule, Policy
from kiosk.domain.policy_terms import Hours
from kiosk.domain.reasons import Reason
from kiosk.domain.situation import Situation
from kiosk.domain.trust import Algorithm
from kiosk.testing.health_certificates import certificate, vaccination
from kiosk.verify.replay import decode, keep
from kiosk.verify.trust_list import list_of_certificates

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
DAY = timedelta(days=1)
MINISTRY = make_signer("Ministry", Algorithm.ES256, NOW - DAY, country="VN", for_passes=False)
STRANGER = make_signer("Stranger", Algorithm.ES256, NOW - DAY, country="VN", for_passes=False)
RULE = AdmitRule("vaccinated", frozenset({Kind.VACCINATION}), max_age_hours=100 * 24)
POLICY = Policy("p1", "lobby", (RULE,), digest="d1")
SYNCED = ClockConfidence.SYNCED
TYPES = {"admit": EventType.VISIT_ADMITTED, "deny": EventType.VISIT_DENIED, "need": EventType.VISIT_NEEDS_MORE}


def shot(signer=MINISTRY, life=60 * DAY):
    return certificate(signer, vaccination(NOW - 30 * DAY), NOW - DAY, life).encode()


def trust(*signers):
    return list_of_certificates([signer.certificate for signer in signers], NOW)


def decided(*codes, policy=POLICY, by=None):
    """Return the event of a decision and its kept inputs."""
    judged = judge_codes(codes, by or trust(MINISTRY), policy, Situation(NOW, SYNCED))
    data = {**judged.data, "reasons": list(reasons(judged.decision))}
    kind = TYPES[outcome(judged.decision)]
    event = Event("e", 7, "k", "b", kind, "v1", NOW.isoformat(), SYNCED, 1, data, "", "0" * 64)
    return event, decode(keep(policy, judged.evidence, judged.situation, judged.decision))


def today(policy=POLICY, by=None, after=timedelta(0), clock=SYNCED):
    return Today(policy, by or trust(MINISTRY), NOW + after, clock)


UNKNOWN = Answer("deny", ("issuer_unknown",), call_staff=True)
ADMITTED = Answer("admit", (), "vaccinated")


def test_a_replay_gives_what_is_on_record():
    for codes in ((shot(),), (CITIZEN_CARD.encode(),), (shot(STRANGER),), (b"nonsense",)):
        event, inputs = decided(*codes)
        assert replayed(POLICY, inputs) == recorded(event)


def test_on_the_same_day_by_the_same_things_it_is_the_same():
    found = compare(POLICY, decided(shot())[1], today())
    assert (found.answer, found.causes, found.changes, found.rules) == (ADMITTED, (), (), ())


def test_a_policy_that_has_changed():
    rules = replace(RULE, min_doses=3), AdmitRule("guests", frozenset({Kind.VISIT}))
    stricter = replace(POLICY, digest="d2", admit=rules)
    found = compare(POLICY, decided(shot())[1], today(stricter))
    assert found.answer == Answer("deny", ("doses_missing",))
    assert found.causes == (Cause.POLICY,)
    assert found.rules == ("+guests", "~vaccinated")
    assert compare(stricter, decided(shot(), policy=stricter)[1], today()).rules == ("-guests", "~vaccinated")


def test_another_part_of_the_policy_is_named():
    assert compare(POLICY, decided(shot())[1], today(replace(POLICY, digest="d2", zone="roof"))).rules == ("zone",)


def test_a_key_that_is_gone():
    found = compare(POLICY, decided(shot())[1], today(by=trust(STRANGER)))
    assert found.answer == UNKNOWN
    assert found.causes == (Cause.TRUST,)
    (change,) = found.changes
    assert (change.number, change.then, change.now) == (1, Verdict.VALID, Verdict.UNKNOWN_ISSUER)


def test_a_credential_that_was_withdrawn_since():
    inputs = decided(shot())[1]
    listed = replace(trust(MINISTRY), revoked=inputs.evidence[0].identifiers)
    found = compare(POLICY, inputs, today(by=listed))
    assert (found.answer, found.causes) == (Answer("deny", ("revoked",)), (Cause.TRUST,))


@pytest.mark.parametrize(("after", "answer", "changes"), [
    (40 * DAY, Answer("deny", ("trust_stale",), call_staff=True), 1), (61 * DAY, Answer("deny", ("expired",)), 1),
])  # fmt: skip
def test_time_has_passed(after, answer, changes):
    found = compare(POLICY, decided(shot())[1], today(after=after))
    assert (found.answer, found.causes, len(found.changes)) == (answer, (Cause.DATE,), changes)


def test_a_rule_about_age_by_todays_date():
    fresh = trust(MINISTRY).with_sources(lambda source: replace(source, max_age=1000 * DAY))
    inputs = decided(shot(life=400 * DAY))[1]
    found = compare(POLICY, inputs, today(by=fresh, after=80 * DAY))
    assert (found.answer, found.causes, found.changes) == (Answer("deny", ("too_old",)), (Cause.DATE,), ())


def test_a_clock_that_is_believed_differently():
    found = compare(POLICY, decided(shot())[1], today(clock=ClockConfidence.UNSET))
    assert (found.answer, found.causes) == (Answer("deny", ("clock_unset",), call_staff=True), (Cause.CLOCK,))


def test_a_difference_that_comes_from_several_things_at_once():
    any_age = replace(POLICY, admit=(replace(RULE, max_age_hours=None),))
    fresh = trust(MINISTRY).with_sources(lambda source: replace(source, max_age=1000 * DAY))
    inputs = decided(shot(life=400 * DAY), policy=any_age)[1]
    found = compare(any_age, inputs, today(POLICY, by=fresh, after=80 * DAY))
    assert (found.answer, found.causes) == (Answer("deny", ("too_old",)), (Cause.TOGETHER,))


def test_an_issuer_who_is_known_today_is_no_verdict_on_the_code():
    found = compare(POLICY, decided(shot(STRANGER))[1], today(by=trust(STRANGER, MINISTRY)))
    assert (found.answer, found.causes, found.known_now) == (UNKNOWN, (), (1,))


def test_an_admission_at_a_gate_that_could_not_open_was_an_admission_by_the_policy():
    event, inputs = decided(shot())
    shut = replace(event, type=EventType.VISIT_DENIED, data={**event.data, "reasons": ["relay_fault"]})
    assert recorded(shut) == replayed(POLICY, inputs) == ADMITTED


def test_what_the_venues_list_decided_is_no_answer_of_the_policy():
    event, _ = decided(shot())
    data = {key: value for key, value in event.data.items() if key != "rule"}
    blocked = replace(event, type=EventType.VISIT_DENIED, data={**data, "reasons": ["deny_listed"], "call_staff": True})
    judged = judge_codes([shot()], trust(MINISTRY), POLICY, Situation(NOW, SYNCED))
    kept = keep(POLICY, judged.evidence, judged.situation, Deny((Reason.DENY_LISTED,), call_staff=True))
    found = Findings(blocked, chained=True, inputs=decode(kept), again=replayed(POLICY, decode(kept)))
    assert not decode(kept).birth_dates
    assert found.again == ADMITTED
    assert found.holds
    said = "\n".join(lines(found, "en"))
    assert "a list of the venue decided before the policy was asked, which says: let in" in said
    assert "→ Someone will come to you" in said
    found.today = compare(POLICY, decode(kept), today())
    said = "\n".join(lines(found, "en"))
    assert "Today: whether the venue's deny list still names it cannot be said" in said
    assert "Today: the decision would be" not in said
    assert not as_json(found)["today"]["deny_list_asked"]


def test_today_is_by_the_venues_clock_and_not_by_the_offset_of_then():
    berlin = ZoneInfo("Europe/Berlin")
    evenings = replace(POLICY, admit=(replace(RULE, hours=(Hours(17 * 60, 18 * 60),)),))
    then = NOW.replace(hour=15).astimezone(berlin)
    judged = judge_codes([shot()], trust(MINISTRY), evenings, Situation(then, SYNCED))
    inputs = decode(keep(evenings, judged.evidence, judged.situation, judged.decision))
    fresh = trust(MINISTRY).with_sources(lambda source: replace(source, max_age=1000 * DAY))
    wintry = replace(RULE, max_age_hours=None, hours=(Hours(17 * 60, 18 * 60),))
    at = datetime(2026, 11, 3, 16, 30, tzinfo=UTC).astimezone(berlin)
    policy = replace(POLICY, admit=(wintry,))
    found = compare(policy, inputs, Today(policy, fresh, at, SYNCED))
    assert "outside_hours" not in found.answer.reasons
    at_then = at.astimezone(inputs.situation.now.tzinfo)
    by_then = replace(inputs, situation=replace(inputs.situation, now=at_then))
    assert "outside_hours" in replayed(policy, by_then).reasons


def test_that_the_deny_list_of_today_is_not_asked_is_said():
    event, inputs = decided(shot())
    found = Findings(event, chained=True, inputs=inputs, again=ADMITTED, today=compare(POLICY, inputs, today()))
    assert "The venue's deny list of today was not asked" in "\n".join(lines(found, "en"))


def findings(*codes, **more):
    event, inputs = decided(*codes)
    return Findings(event, chained=True, inputs=inputs, again=replayed(POLICY, inputs), **more)


@pytest.mark.parametrize("language", ["en", "vi"])
def test_every_line_is_whole_in_every_language(language):
    found = findings(CITIZEN_CARD.encode(), shot(), today=compare(POLICY, decided(shot())[1], today(after=61 * DAY)))
    said = "\n".join(lines(found, language))
    assert "{" not in said
    assert "explain." not in said
    assert "vaccinated" in said


def test_a_replay_that_gives_another_decision_is_said_loudly():
    found = findings(shot())
    found.again = Answer("deny", ("too_old",))
    assert found.differs
    assert not found.holds
    assert "THE REPLAY GIVES ANOTHER DECISION: refused: The certificate is too old (too_old)" in "\n".join(
        lines(found, "en")
    )


def test_inputs_that_never_gave_the_decision_are_no_replay_and_no_fault():
    found = findings(shot(), today=compare(POLICY, decided(shot())[1], today()))
    found.inputs = replace(found.inputs, exact=False)
    found.again = Answer("deny", ("country_rule_failed",))
    assert found.holds
    said = "\n".join(lines(found, "en"))
    assert "not possible: the policy of then looked at something that is never kept" in said
    assert "Today" not in said
    assert (as_json(found)["replay"], as_json(found)["why_no_replay"]) == (None, "kept_inexact")


def test_whether_staff_is_called_is_part_of_a_decision():
    found = findings(shot(STRANGER))
    assert "→ Someone will come to you" in "\n".join(lines(found, "en"))
    found.again = replace(found.again, call_staff=False)
    assert found.differs
    other = compare(POLICY, decided(shot())[1], today(by=trust(STRANGER)))
    assert "(issuer_unknown); Someone will come to you" in "\n".join(lines(findings(shot(), today=other), "en"))


def test_a_record_that_is_not_whole_is_said_loudly():
    found = replace(findings(shot()), chained=False)
    assert not found.holds
    assert "THE RECORD IS NOT WHOLE" in "\n".join(lines(found, "en"))


def test_without_inputs_the_open_record_explains():
    event, _ = decided(CITIZEN_CARD.encode(), shot(STRANGER))
    said = list(lines(Findings(event, chained=True, why_not="key_gone"), "en"))
    assert any("citizen card" in line for line in said)
    assert any("The issuer of this code is not known here (issuer_unknown)" in line for line in said)
    assert any("the key of that day has been destroyed" in line for line in said)
    alone = list(lines(Findings(decided(shot())[0], chained=True, why_not="kept_never"), "en"))
    assert any("health certificate (HC1), vaccination of VN: genuine and valid" in line for line in alone)


def test_an_event_that_is_no_decision_gets_a_plain_sentence():
    event = Event("e", 9, "k", "b", EventType.FAULT_RAISED, "", "t", SYNCED, 1, {"fault": "camera_dark"}, "", "0" * 64)
    said = list(lines(Findings(event, chained=True), "en"))
    assert said[1] == "A part of the kiosk failed."
    assert said[-1] == "  fault: The camera sees only black (camera_dark)"
    assert "decision" not in as_json(Findings(event, chained=True))


def test_machines_get_the_same():
    found = findings(shot(), today=compare(POLICY, decided(shot())[1], today(by=trust(STRANGER))))
    said = as_json(found)
    assert said["replay"] == {"decision": said["decision"], "same": True}
    assert said["today"]["causes"] == ["trust"]
    assert said["today"]["codes"] == [
        {"code": 1, "then": "valid", "now": "unknown_issuer", "reasons": ["issuer_unknown"]}
    ]
    assert said["shown"] == [
        {"verdict": "valid", "reasons": [], "format": "HC1", "kind": "vaccination", "issuer": "VN"}
    ]
