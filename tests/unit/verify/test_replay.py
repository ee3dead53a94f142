"""The inputs of a decision: small, nameless, and enough to make it again."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.birth import HiddenBirthDate, birth_hash
from kiosk.domain.credential import (
    Credential,
    Format,
    Holder,
    Kind,
    Rejected,
    TrustBasis,
    Verdict,
    Verified,
)
from kiosk.domain.decision import Admit, Deny, Need
from kiosk.domain.events import ClockConfidence
from kiosk.domain.names import same_person
from kiosk.domain.policy import AdmitRule, Policy, weigh
from kiosk.domain.policy_terms import Passback, PassbackKind
from kiosk.domain.reasons import Reason
from kiosk.domain.situation import Direction, FaceCheck, Situation, Stay
from kiosk.testing.health_certificates import vaccination
from kiosk.verify.replay import MAX_KEPT, Inputs, ReplayError, decode, encode, keep, nameless

NOW = datetime(2026, 7, 5, 16, tzinfo=timezone(timedelta(hours=7)))
SITUATION = Situation(
    NOW, ClockConfidence.SYNCED, Direction.EXIT, 7, {"URN:UVCI:1": 2, "somebody else's": 9}, FaceCheck.PASSED
)
ANH = Holder("Nguyễn Thị", "Ánh", "1990-08-15", "NGUYEN<THI", "ANH")
ANH_ON_CARD = Holder("Nguyễn Thị Ánh", birth_date="1990-08-15")
BINH = Holder("Trần Văn Bình", birth_date="1981-02-03")
PAYLOAD = vaccination(NOW - timedelta(days=30)) | {"extra": "Nguyễn"}
SHOT = Verified(
    Credential(
        Format.HC1, Kind.VACCINATION, "VN", "URN:UVCI:1", ANH, NOW - timedelta(days=9), None, NOW + timedelta(days=9),
        {"dose": 2, "series": 2, "event_date": "2026-06-05", "payload": PAYLOAD, "subject": "guest-17", "face": b"f"},
    ),
    "0a0b", TrustBasis("7", 3600), frozenset({b"\x01" * 16, b"\x02" * 16}),
)  # fmt: skip


def card(holder=ANH_ON_CARD, number="001099012345"):
    shown = Credential(Format.CCCD, Kind.IDENTITY, "VN", number, holder)
    return Rejected(Verdict.UNSIGNED, (Reason.UNSIGNED_CARD,), Format.CCCD, shown)


def policy(**rule):
    return Policy("p", "lobby", (AdmitRule("shots", frozenset({Kind.VACCINATION}), **rule),))


SECRETS = ("Nguy", "NGUYEN", "ANH", "Ánh", "Mẫu", "1990", "0010990", "URN", "SAMPLE", "guest", "Trần", "1981")


def leaked(kept):
    """Return which secrets stand in kept bytes, in whatever way JSON spells them."""
    said = json.dumps(json.loads(kept), ensure_ascii=False)
    return [secret for secret in SECRETS if secret in said]


@pytest.mark.parametrize("evidence", [
    [SHOT], [card()], [card(), SHOT], [card(BINH, "2"), SHOT], [card(BINH, "2"), card(), SHOT],
    [Rejected(Verdict.MALFORMED, (Reason.TOO_LONG,))],
    [Rejected(Verdict.EXPIRED, (Reason.EXPIRED,), Format.HC1, SHOT.credential, "0a0b", SHOT.identifiers)],
    [Rejected(Verdict.UNKNOWN_ISSUER, (Reason.ISSUER_UNKNOWN,), Format.HC1, SHOT.credential, "0c")],
    [Rejected(Verdict.BAD_SIGNATURE, (Reason.SIGNATURE_INVALID,), Format.HC1, SHOT.credential, "0a0b")],
])  # fmt: skip
@pytest.mark.parametrize("identity_card", [True, False])
def test_what_is_kept_gives_the_same_decision_and_names_nobody(evidence, identity_card):
    rules = policy(identity_card=identity_card)
    decision, _ = weigh(rules, evidence, SITUATION)
    kept = keep(rules, evidence, SITUATION, decision)
    inputs = decode(kept)
    assert weigh(rules, inputs.evidence, inputs.situation)[0] == decision
    assert [type(piece) for piece in inputs.evidence] == [type(piece) for piece in evidence]
    assert not inputs.birth_dates
    assert leaked(kept) == []


def test_those_examples_do_decide_differently():
    rules = policy(identity_card=True)
    found = {type(weigh(rules, shown, SITUATION)[0]) for shown in ([card(), SHOT], [card(BINH), SHOT], [SHOT])}
    assert found == {Admit, Deny, Need}


def test_who_matched_whom_is_all_that_is_left_of_names():
    pieces = nameless([card(BINH, "2"), card(), SHOT], SITUATION).evidence
    binh, anh, shot = (piece.credential.holder for piece in pieces)
    assert not same_person(binh, shot)
    assert same_person(anh, shot)
    assert same_person(shot, anh)
    assert (shot.family_name, shot.birth_date) == ("", "")


@pytest.mark.parametrize("stay", [None, Stay(Direction.ENTRY, 600), Stay(Direction.EXIT, -5)])
@pytest.mark.parametrize("known", [True, False])
def test_anti_passback_is_replayed(stay, known):
    rules = replace(policy(), passback=Passback(PassbackKind.HARD))
    situation = replace(SITUATION, direction=Direction.ENTRY, stay=stay, stays_known=known)
    decision, _ = weigh(rules, [SHOT], situation)
    inputs = decode(keep(rules, [SHOT], situation, decision))
    assert (inputs.situation.stay, inputs.situation.stays_known) == (stay, known)
    assert weigh(rules, inputs.evidence, inputs.situation)[0] == decision


def test_inputs_from_before_anti_passback_are_read():
    said = json.loads(encode(nameless([SHOT], SITUATION)))
    del said["situation"]["stay"], said["situation"]["stays_known"]
    assert decode(json.dumps(said).encode()).situation.stay is None


def test_a_credential_is_a_number_that_its_count_goes_by():
    inputs = nameless([card(), SHOT, SHOT], SITUATION)
    assert [piece.credential.credential_id for piece in inputs.evidence] == ["#1", "#2", "#2"]
    assert inputs.situation.used == {"#2": 2}


def test_only_what_rules_may_look_at_is_kept_of_the_content():
    details = nameless([SHOT], SITUATION).evidence[0].credential.details
    assert {**details, "payload": 0} == {"dose": 2, "series": 2, "event_date": "2026-06-05", "payload": 0}
    assert set(details["payload"]) == {"ver", "v"}
    assert set(details["payload"]["v"][0]) == set(PAYLOAD["v"][0]) - {"ci"}


def test_of_an_unknown_issuer_the_key_it_names_is_kept_and_of_a_forged_code_nothing():
    unknown = Rejected(Verdict.UNKNOWN_ISSUER, (Reason.ISSUER_UNKNOWN,), Format.HC1, SHOT.credential, "0c")
    forged = replace(unknown, verdict=Verdict.BAD_SIGNATURE, reasons=(Reason.SIGNATURE_INVALID,))
    kept_unknown, kept_forged = nameless([unknown, forged], SITUATION).evidence
    assert kept_unknown == replace(unknown, credential=Credential(Format.HC1, Kind.VACCINATION, "VN"))
    assert kept_forged == replace(forged, credential=None, key_id="")


def ask_for_adults(_policy, evidence, _situation):
    """Ask a policy that looks at birth dates."""
    adult = all(piece.credential.holder.birth_date[:4] in ("1990", "1981") for piece in evidence)
    return (Admit("adults") if adult else Deny((Reason.AGE_UNKNOWN,))), evidence[0]


def test_the_birth_date_is_kept_where_the_decision_hangs_on_it():
    kept = keep(policy(), [card(), SHOT], SITUATION, Admit("adults"), ask_for_adults)
    inputs = decode(kept)
    assert (inputs.birth_dates, inputs.exact) == (True, True)
    assert [piece.credential.holder.birth_date for piece in inputs.evidence] == ["1990-08-15", "1990-08-15"]
    assert inputs.evidence[1].credential.details["payload"]["dob"] == "1990-08-15"
    assert ask_for_adults(policy(), inputs.evidence, inputs.situation)[0] == Admit("adults")
    assert leaked(kept) == ["1990"]


def a_pass(born):
    hidden = HiddenBirthDate(b"7", birth_hash(b"7", born)) if born else None
    holder = Holder("Nguyễn Thị Ánh", hidden_birth_date=hidden)
    credential = Credential(Format.PASS, Kind.VISIT, "Desk", "7", holder, details={"zone": "*"})
    return Verified(credential, "0a", TrustBasis("7", 60))


ADULTS = Policy("p", "lobby", (AdmitRule("adults", frozenset({Kind.VISIT}), min_years=18),))


@pytest.mark.parametrize(
    ("born", "on_card", "answer", "birth_dates"),
    [
        ("1990-08-15", "1990-08-15", Admit("adults"), True),
        ("2015-08-15", "2015-08-15", Deny((Reason.TOO_YOUNG,)), True),
        ("2015-08-15", "1990-08-15", Deny((Reason.AGE_UNKNOWN,), call_staff=True), False),
    ],
)
def test_a_card_that_fits_the_hash_of_a_pass_does_so_in_a_replay(born, on_card, answer, birth_dates):
    evidence = [a_pass(born), card(Holder("Nguyễn Thị Ánh", birth_date=on_card))]
    decision, _ = weigh(ADULTS, evidence, SITUATION)
    assert decision == answer
    inputs = decode(keep(ADULTS, evidence, SITUATION, decision))
    assert (inputs.birth_dates, inputs.exact) == (birth_dates, True)
    assert weigh(ADULTS, inputs.evidence, inputs.situation)[0] == answer


def test_a_name_that_alone_made_somebody_a_minor_is_not_there_in_a_replay():
    """A pass without a hash is nobody's: that a child's card has its name is seen in names, which are not kept."""
    evidence = [a_pass(""), card(Holder("Nguyễn Thị Ánh", birth_date="2015-08-15"))]
    decision, _ = weigh(ADULTS, evidence, SITUATION)
    assert decision == Deny((Reason.TOO_YOUNG,))
    assert not decode(keep(ADULTS, evidence, SITUATION, decision)).exact


def test_a_birth_date_that_changes_nothing_is_not_kept():
    born_late = card(Holder("Nguyễn Thị Ánh", birth_date="2020-01-01"))
    inputs = decode(keep(policy(), [born_late], SITUATION, Deny((Reason.AGE_UNKNOWN,)), ask_for_adults))
    assert (inputs.birth_dates, inputs.exact) == (False, True)


def test_where_the_policy_looked_at_what_is_never_kept_the_inputs_say_so():
    def ask_for_names(_policy, evidence, _situation):
        named = evidence[0].credential.holder.family_name == ANH_ON_CARD.family_name
        return (Admit("friends") if named else Deny((Reason.GROUP_NOT_ALLOWED,))), evidence[0]

    inputs = decode(keep(policy(), [card()], SITUATION, Admit("friends"), ask_for_names))
    assert (inputs.birth_dates, inputs.exact) == (False, False)
    assert inputs.evidence == nameless([card()], SITUATION).evidence


def test_of_a_card_nothing_is_kept_by_which_a_list_could_name_it():
    named = replace(card(), identifiers=frozenset({b"\x07" * 16}))
    (kept,) = nameless([named], SITUATION).evidence
    assert (kept.identifiers, kept.credential.issuer) == (frozenset(), "")


def test_what_a_deny_list_decided_is_kept_for_what_the_policy_would_have_said():
    kept = keep(policy(), [SHOT], SITUATION, Deny((Reason.DENY_LISTED,), call_staff=True))
    inputs = decode(kept)
    assert not inputs.birth_dates
    assert weigh(policy(), inputs.evidence, inputs.situation)[0] == Admit("shots")


def test_more_than_fits_is_not_kept():
    big = replace(SHOT, credential=replace(SHOT.credential, details={"product": "x" * MAX_KEPT}))
    assert keep(policy(), [big], SITUATION, Admit("shots")) == b""


def test_a_payload_that_is_none_is_left_out():
    for payload in ({"v": "no list", "ver": {}}, {"v": ["no mapping"]}, "no mapping"):
        odd = replace(SHOT, credential=replace(SHOT.credential, details={"payload": payload}))
        kept = nameless([odd], SITUATION).evidence[0].credential.details
        assert not kept.get("payload", {}).get("v")


def test_the_bytes_are_canonical():
    data = encode(nameless([card(), SHOT], SITUATION))
    assert data == json.dumps(json.loads(data), sort_keys=True, separators=(",", ":")).encode()
    assert encode(decode(data)) == data


@pytest.mark.parametrize("text", ["\ud800", "\x00", "Nguyễn", "😀"])
def test_text_that_utf8_cannot_write_is_kept_all_the_same(text):
    odd = Credential(Format.SHC, Kind.TEST, text, details={"product": text})
    unknown = Rejected(Verdict.UNKNOWN_ISSUER, (Reason.ISSUER_UNKNOWN,), Format.SHC, odd, "0c")
    genuine = replace(SHOT, credential=odd)
    inputs = nameless([unknown, genuine], SITUATION)
    assert decode(encode(inputs)) == inputs


def test_numbers_beyond_all_bounds_are_left_out():
    entry = {**PAYLOAD["v"][0], "is": 10**5000, "sd": 10**30, "dn": 2}
    odd = replace(SHOT, credential=replace(SHOT.credential, details={"dose": 10**5000, "payload": {"v": [entry]}}))
    details = decode(encode(nameless([odd], SITUATION))).evidence[0].credential.details
    assert "dose" not in details
    assert details["payload"]["v"][0].keys() >= {"dn", "tg"}
    assert details["payload"]["v"][0].keys().isdisjoint({"is", "sd"})


def test_bare_values_come_back_as_they_were():
    times = {"issued_at": NOW, "valid_from": NOW, "expires_at": None}
    bare = Verified(Credential(Format.WEB, None, **times), "", TrustBasis("", 0, stale=True))
    inputs = Inputs((bare, Rejected(Verdict.MALFORMED, ())), Situation(NOW, ClockConfidence.UNSET), True, False)
    assert decode(encode(inputs)) == inputs


def changed(**parts):
    said = json.loads(encode(nameless([SHOT], SITUATION)))
    return json.dumps({**said, **parts}).encode()


@pytest.mark.parametrize("data", [
    b"", b"{}", b"[]", b"1", b"null", b"[" * 5000, b"\xff", b'{"v":2}', b"x" * (MAX_KEPT + 1), changed(v=2),
    changed(evidence=[{}]), changed(evidence=None), changed(situation={}), changed(evidence=[{"key": "zz", "ids": []}]),
    changed(situation={"now": "2026-07-05T16:00:00", "clock": "synced"}),
    changed(evidence=[{"key": "", "ids": [], "basis": {"version": "", "age_s": 0}}]),
])  # fmt: skip
def test_other_bytes_are_refused(data):
    with pytest.raises(ReplayError):
        decode(data)


@given(st.binary(max_size=200) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(
        st.sampled_from(("v", "evidence", "situation", "now", "key", "ids", "credential", "verdict", "basis", "x")),
        part, max_size=5,
    ), max_leaves=20,
).map(lambda said: json.dumps(said if not isinstance(said, dict) else {**said, "v": 1}).encode()))  # fmt: skip
def test_whatever_comes_is_inputs_or_refused(data):
    try:
        inputs = decode(data)
    except ReplayError:
        return
    assert inputs.situation.now.utcoffset() is not None


NAMES = st.sampled_from(("Nguyễn Thị Ánh", "NGUYEN THI ANH", "Trần Bình", ""))
HOLDERS = st.builds(Holder, family_name=NAMES, birth_date=st.sampled_from(("1990-08-15", "1990", "")))
PIECES = st.builds(card, HOLDERS) | st.builds(
    lambda holder: replace(SHOT, credential=replace(SHOT.credential, holder=holder)), HOLDERS
)


@given(st.lists(PIECES, min_size=1, max_size=4), st.booleans())
def test_any_evidence_is_decided_the_same_without_names(evidence, identity_card):
    rules = policy(identity_card=identity_card)
    decision, _ = weigh(rules, evidence, SITUATION)
    inputs = decode(keep(rules, evidence, SITUATION, decision))
    assert weigh(rules, inputs.evidence, inputs.situation)[0] == decision
    assert not inputs.birth_dates


def test_moments_keep_their_offset():
    assert decode(encode(nameless([SHOT], SITUATION))).situation.now.utcoffset() == timedelta(hours=7)
    utc = replace(SITUATION, now=NOW.astimezone(UTC))
    assert decode(encode(nameless([SHOT], utc))).situation.now.isoformat() == "2026-07-05T09:00:00+00:00"


@pytest.mark.parametrize(("place", "value"), [("number", "1e999"), ("used", '{"a": 1e999}')])
def test_numbers_beyond_all_bounds_are_refused(place, value):
    said = json.loads(encode(nameless([SHOT], SITUATION)))
    (said["situation"] if place == "used" else said["evidence"][0]["credential"]["holder"])[place] = "HERE"
    with pytest.raises(ReplayError):
        decode(json.dumps(said).replace('"HERE"', value).encode())
