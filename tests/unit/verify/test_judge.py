import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import base45
import pytest

from kiosk.app.judge import judge, judge_codes, piece
from kiosk.domain.credential import Kind, Verdict
from kiosk.domain.decision import Admit, Deny, Need
from kiosk.domain.deny_list import DenyEntry, DenyList
from kiosk.domain.events import ClockConfidence, EventDraft, EventType
from kiosk.domain.policy import AdmitRule, Policy
from kiosk.domain.policy_terms import Passback, PassbackKind
from kiosk.domain.reasons import Reason
from kiosk.domain.situation import Direction, FaceCheck, Situation, Stay
from kiosk.testing.health_certificates import certificate, forge, vaccination
from kiosk.verify import native_pass
from kiosk.verify.native_pass import PassContent

NOW = datetime(2026, 7, 5, 9, tzinfo=UTC)
HANOI = timezone(timedelta(hours=7))
POLICY = Policy(
    version="house-3",
    digest="d1",
    zone="lobby",
    admit=(AdmitRule("guests", frozenset({Kind.VISIT})), AdmitRule("vaccinated", frozenset({Kind.VACCINATION}))),
)
GUEST = PassContent(
    issuer="Hotel A", subject="guest-17", pass_id=b"\xaa\xbb\xcc", purpose=Kind.VISIT, zone="lobby", issued_at=NOW,
    valid_from=NOW, valid_until=NOW + timedelta(hours=1), name="Nguyễn Thị Ánh",
)  # fmt: skip
CARD = "001099012345||Nguyễn Thị Ánh|15081990|Nữ|12 Phố Huế, Hà Nội|20052021"
SECRETS = (
    "Nguyễn", "NGUYEN", "Ánh", "Mẫu", "MAU", "1990", "15081990", "001099012345", "guest-17", "aabbcc",
    "URN:UVCI", "SAMPLE000", "840539006", "Phố Huế",
)  # fmt: skip


@pytest.fixture(scope="module")
def codes(signer, stranger, hotel, other_hotel):
    """Return codes by what becomes of them."""

    def guest(signed_by=hotel, **changes):
        return native_pass.encode(replace(GUEST, **changes), signed_by.key, signed_by.key_id)

    shot = vaccination(NOW - timedelta(days=30))
    return {
        "admitted guest": guest(),
        "admitted certificate": certificate(signer, shot, NOW - timedelta(days=1)),
        "other zone": guest(zone="roof"),
        "other kind": guest(purpose=Kind.STAFF),
        "expired": guest(valid_until=NOW - timedelta(hours=1)),
        "not yet valid": guest(valid_from=NOW + timedelta(hours=1)),
        "forged": forge(certificate(signer, shot, NOW)),
        "stranger": certificate(stranger, shot, NOW),
        "in anothers name": guest(other_hotel),
        "doses missing": certificate(signer, vaccination(NOW, dose=1), NOW),
        "a card": CARD,
        "a poster": "https://qr.tokhaiyte.vn/Nguyễn",
        "an address": "https://example.org/001099012345",
        "nonsense": "Nguyễn Thị Ánh, 15081990",
        "damaged": "HC1:" + base45.b45encode("Nguyễn".encode()).decode(),
        "too long": "Nguyễn" * 1000,
    }


@pytest.fixture(scope="module")
def judged(codes, signer, hotel, other_hotel, trusting):
    trust = trusting(signer, hotel, other_hotel, imported_at=NOW - timedelta(hours=2))

    def by(name, policy=POLICY, clock=ClockConfidence.SYNCED):
        return judge(codes[name].encode(), trust, policy, Situation(NOW.astimezone(HANOI), clock))

    return by


MOMENT = {
    "policy": "house-3", "policy_digest": "d1", "at": "2026-07-05T16:00:00+07:00", "clock": "synced",
    "direction": "entry", "trust_version": "7", "trust_age_s": 7200,
}  # fmt: skip


NAMES = (
    "admitted guest", "admitted certificate", "other zone", "other kind", "expired", "not yet valid", "forged",
    "stranger", "in anothers name", "doses missing", "a card", "a poster", "an address", "nonsense", "damaged",
    "too long",
)  # fmt: skip


def test_the_list_of_names_is_whole(codes):
    assert tuple(codes) == NAMES


@pytest.mark.parametrize(
    ("name", "verdict", "decision"),
    [
        ("admitted guest", Verdict.VALID, Admit("guests")),
        ("admitted certificate", Verdict.VALID, Admit("vaccinated")),
        ("other zone", Verdict.RULE_FAILED, Deny((Reason.ZONE_NOT_ALLOWED,))),
        ("other kind", Verdict.RULE_FAILED, Deny((Reason.KIND_NOT_ACCEPTED,))),
        ("doses missing", Verdict.RULE_FAILED, Deny((Reason.DOSES_MISSING,))),
        ("expired", Verdict.EXPIRED, Deny((Reason.EXPIRED,))),
        ("not yet valid", Verdict.NOT_YET_VALID, Deny((Reason.NOT_YET_VALID,))),
        ("forged", Verdict.BAD_SIGNATURE, Deny((Reason.SIGNATURE_INVALID,))),
        ("stranger", Verdict.UNKNOWN_ISSUER, Deny((Reason.ISSUER_UNKNOWN,), call_staff=True)),
        ("in anothers name", Verdict.UNKNOWN_ISSUER, Deny((Reason.ISSUER_NOT_ENTITLED,), call_staff=True)),
        ("a card", Verdict.UNSIGNED, Need((Reason.NOT_ENOUGH_ALONE, Reason.UNSIGNED_CARD))),
        ("a poster", Verdict.MALFORMED, Deny((Reason.VENUE_POSTER,))),
        ("an address", Verdict.MALFORMED, Deny((Reason.WEB_ADDRESS,))),
        ("nonsense", Verdict.MALFORMED, Deny((Reason.UNKNOWN_FORMAT,))),
        ("damaged", Verdict.MALFORMED, Deny((Reason.CBOR_INVALID,))),
        ("too long", Verdict.MALFORMED, Deny((Reason.TOO_LONG,))),
    ],
)
def test_verdict_and_decision(judged, name, verdict, decision):
    found = judged(name)
    assert (found.verdict, found.decision) == (verdict, decision)


def test_the_record_of_an_admission_can_be_replayed(judged):
    said = {"verdict": "valid", "kind": "visit", "issuer": "Hotel A", "format": "GK1", "rule": "guests"}
    assert judged("admitted guest").data == {**MOMENT, **said}


def test_the_record_says_what_is_known_of_the_place(codes, signer, trusting):
    trust = trusting(signer, imported_at=NOW)
    situation = Situation(NOW, ClockConfidence.DRIFTING, Direction.EXIT, inside=12, face=FaceCheck.PASSED)
    data = judge(codes["a card"].encode(), trust, POLICY, situation).data
    said = {"clock": "drifting", "direction": "exit", "inside": 12, "face": "passed"}
    assert {key: data[key] for key in said} == said


def test_the_record_of_several_codes_says_of_each_what_it_was_worth_and_why(codes, signer, trusting):
    trust = trusting(signer, imported_at=NOW)
    shown = [codes[name].encode() for name in ("a card", "admitted certificate")]
    judged = judge_codes(shown, trust, POLICY, Situation(NOW, ClockConfidence.SYNCED))
    card, shot = judged.data["evidence"]
    assert card == {"verdict": "unsigned", "format": "CCCD", "reasons": ["unsigned_card"]}
    assert (shot["verdict"], shot["trust_version"], shot["trust_age_s"], shot["reasons"]) == ("valid", "7", 0, [])


@pytest.mark.parametrize(("stay", "noted"), [
    (None, {}), (Stay(Direction.EXIT, 60), {}), (Stay(Direction.ENTRY, 60), {"passback": "soft"}),
])  # fmt: skip
def test_what_the_door_counts_is_a_part_of_the_decision_and_its_record(codes, signer, trusting, stay, noted):
    soft = replace(POLICY, passback=Passback(PassbackKind.SOFT))
    asked = []

    def counts(evidence, situation):
        asked.append([one.credential.kind for one in evidence])
        return replace(situation, stay=stay)

    shown = [codes["admitted certificate"].encode()]
    judged = judge_codes(shown, trusting(signer), soft, Situation(NOW, ClockConfidence.SYNCED), counts)
    assert judged.decision == Admit("vaccinated")
    assert {key: value for key, value in judged.data.items() if key == "passback"} == noted
    assert (asked, judged.situation.stay) == ([[Kind.VACCINATION]], stay)


def test_a_list_that_was_too_old_and_counted_all_the_same_is_on_record(codes, signer, trusting):
    judged = judge_codes(
        [codes["admitted certificate"].encode()], trusting(signer), POLICY, Situation(NOW, ClockConfidence.SYNCED)
    )
    found = replace(judged.found, basis=replace(judged.found.basis, stale=True))
    assert "stale" not in judged.data
    assert piece(found)["stale"] is True


@pytest.mark.parametrize(
    ("name", "data"),
    [("forged", {"verdict": "bad_signature", "format": "HC1"}), ("a card", {"verdict": "unsigned", "format": "CCCD"}),
     ("a poster", {"verdict": "malformed", "format": "venue"}), ("nonsense", {"verdict": "malformed"}),
     ("in anothers name", {"verdict": "unknown_issuer", "format": "GK1", "call_staff": True})],
)  # fmt: skip
def test_the_record_of_a_refusal_holds_nothing_that_the_code_claims(judged, name, data):
    assert judged(name).data == {**MOMENT, **data}


def test_who_was_admitted_is_kept_for_tracing(judged):
    assert judged("admitted guest").personal == {
        "family_name": "Nguyễn Thị Ánh", "credential_id": "aabbcc", "subject": "guest-17",
    }  # fmt: skip
    assert judged("admitted certificate").personal == {
        "family_name": "Nguyễn Thị", "given_name": "Mẫu", "birth_date": "1990-01-01",
        "credential_id": "URN:UVCI:01:VN:SAMPLE000000000000#0",
    }  # fmt: skip


@pytest.mark.parametrize("name", NAMES[2:])
def test_of_nobody_else_is_anything_personal_kept(judged, name):
    assert judged(name).personal == {}


@pytest.mark.parametrize("clock", ClockConfidence)
@pytest.mark.parametrize("policy", [POLICY, replace(POLICY, admit=())], ids=["rules", "no rules"])
@pytest.mark.parametrize("name", NAMES)
def test_nothing_personal_is_in_the_open_part(codes, judged, name, policy, clock):
    found = judged(name, policy, clock)
    said = json.dumps(found.data, ensure_ascii=False)
    pieces = [codes[name][at : at + 12] for at in range(0, min(len(codes[name]), 800) - 11, 12)]
    leaked = [secret for secret in (*SECRETS, *pieces) if secret in said]
    assert leaked == []


@pytest.mark.parametrize("name", NAMES)
def test_a_closed_policy_and_an_unset_clock_keep_nothing_of_anybody(judged, name):
    assert judged(name, replace(POLICY, admit=())).personal == {}
    assert judged(name, POLICY, ClockConfidence.UNSET).personal == {}


def test_a_record_is_plain_json(judged):
    found = judged("admitted certificate")
    draft = EventDraft(EventType.VISIT_ADMITTED, "v", found.data, found.personal)
    assert json.loads(json.dumps(dict(draft.data))) == found.data


@pytest.mark.parametrize(
    ("name", "verdict"),
    [("admitted guest", Verdict.VALID), ("other zone", Verdict.RULE_FAILED), ("expired", Verdict.EXPIRED)],
)
def test_the_verdict_of_a_judgement_is_the_codes_or_that_the_venue_refuses_it(judged, name, verdict):
    assert judged(name).verdict is verdict


@pytest.mark.parametrize("identifier", ["001099012345", "guest-17", "aabbcc"])
def test_who_is_on_the_deny_list_is_not_let_in_by_any_of_the_codes(codes, hotel, trusting, identifier):
    shown = [codes["a card"].encode(), codes["admitted guest"].encode()]
    trust, situation = trusting(hotel), Situation(NOW, ClockConfidence.SYNCED)
    assert judge_codes(shown, trust, POLICY, situation).decision == Admit("guests")
    found = judge_codes(shown, trust, POLICY, situation, deny=DenyList.of([DenyEntry(identifier)]))
    assert found.decision == Deny((Reason.DENY_LISTED,), call_staff=True)
    assert found.personal == {}
    assert not any(secret in json.dumps(found.data, ensure_ascii=False) for secret in SECRETS)
