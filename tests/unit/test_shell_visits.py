"""Codes and what becomes of them: cards and certificates, families, posters, symbols in parts."""

import asyncio
import base64
from datetime import timedelta

import pytest

from kiosk.api.messages import (
    Appended,
    Page,
    Role,
    Scan,
    Trace,
)
from kiosk.demo.script import CITIZEN_CARD
from kiosk.domain.credential import Kind
from kiosk.domain.events import EventDraft, EventType
from kiosk.domain.policy import AdmitRule, Policy, weigh
from kiosk.domain.trust import TrustList
from kiosk.testing.gatehouse import CERTIFICATE, DESK, MINISTRY, NOW, POLICY, POSTER, STRANGER, Gatehouse, a_pass
from kiosk.testing.health_cards import CardIssuer, bundle, dose, in_parts, patient
from kiosk.testing.health_certificates import certificate, vaccination
from kiosk.verify.jwk import anchors_in_jwks
from kiosk.verify.replay import decode
from kiosk.verify.trust_list import anchor_of


@pytest.fixture
def door():
    return Gatehouse()


@pytest.mark.parametrize(("symbology", "reason"), [("code128", "sample_label"), ("qr", "unknown_format")])
def test_a_code_is_answered_for_what_it_was_read_from(door, symbology, reason):
    async def play():
        await door.show("NCOV-2108-000123", symbology=symbology)
        door.wait(1)
        await door.settle()

    asyncio.run(play())
    assert door.screen.sent[-1].reasons == (reason,)
    assert door.relay.told == []


def test_a_flood_of_posters_is_answered_once_in_a_while(door):
    async def flood():
        for number in range(100):
            await door.show(f"{POSTER}{number}")
        door.wait(0.4)
        await door.settle()

    asyncio.run(flood())
    assert door.kinds() == [EventType.VISIT_DENIED]


@pytest.mark.parametrize(
    ("code", "page", "reason"),
    [
        (a_pass(STRANGER), Page.STAFF, "issuer_unknown"),
        (CITIZEN_CARD, Page.REFUSED, "not_enough_alone"),
        (POSTER, Page.REFUSED, "venue_poster"),
        (b"\xff\xfe\x00", Page.REFUSED, "unknown_format"),
        ("GK1:%%%", Page.REFUSED, "base45_invalid"),
    ],
)
def test_what_is_not_good_enough_is_answered_and_recorded_and_does_not_open(door, code, page, reason):
    async def visit():
        await door.show(code)
        door.wait(0.4)
        await door.settle()

    asyncio.run(visit())
    assert door.relay.told == []
    assert (door.pages()[-1], door.screen.sent[-1].reasons[0]) == (page, reason)
    assert door.kinds()[0] in (EventType.VISIT_DENIED, EventType.VISIT_NEEDS_MORE)


def test_a_card_and_a_certificate_of_one_person_are_one_visit_and_the_record_says_what_both_were(door):
    async def visit():
        await door.show(CITIZEN_CARD)
        door.wait(5)
        await door.show(CERTIFICATE)
        await door.settle()

    asyncio.run(visit())
    needs_more, admitted = door.journal.events
    assert (needs_more.type, admitted.type) == (EventType.VISIT_NEEDS_MORE, EventType.VISIT_ADMITTED)
    assert needs_more.visit == admitted.visit == "scan-1"
    assert "evidence" not in needs_more.data
    card = {"verdict": "unsigned", "format": "CCCD", "reasons": ["unsigned_card"]}
    shot = {"verdict": "valid", "kind": "vaccination", "issuer": "VN", "format": "HC1"}
    shot |= {"trust_version": admitted.data["trust_version"], "trust_age_s": 5}
    assert admitted.data["evidence"] == [card, {**shot, "reasons": []}]
    assert {key: admitted.data[key] for key in shot} == shot, "the piece that counts stands first"
    assert admitted.data["rule"] == "vaccinated, with card"
    assert "Nguy" not in str(admitted.data)
    assert door.relay.told == [3000]


def test_a_decision_is_kept_with_inputs_that_give_it_again_and_name_nobody(door):
    async def visit():
        await door.show(CITIZEN_CARD)
        await door.show(CERTIFICATE)
        await door.settle()

    asyncio.run(visit())
    needs_more, admitted = door.journal.kept[1], door.journal.kept[2]
    for data, said in ((needs_more, "not_enough_alone"), (admitted, "vaccinated, with card")):
        decision, _ = weigh(POLICY, decode(data).evidence, decode(data).situation)
        assert said in (getattr(decision, "rule", ""), *getattr(decision, "reasons", ()))
    for secret in (b"Nguy", b"NGUYEN", b"1990", b"01011990", b"001190000001", b"URN:UVCI", b"SAMPLE"):
        assert secret not in needs_more + admitted


def test_what_happened_beside_the_machine_goes_on_record_and_the_bridge_hears_of_it(door):
    bridge = door.join(Role.BRIDGE)

    async def look_up():
        await door.shell.recorder.record_now([EventDraft(EventType.LOOKUP_MADE, data={"seq": 1})])

    asyncio.run(look_up())
    assert door.kinds() == [EventType.LOOKUP_MADE]
    assert bridge.sent[-1] == Appended(last=1, confirmed=0)


def test_a_certificate_counts_by_the_trust_list_of_the_decision_which_is_the_one_on_record(door):
    async def visit():
        await door.show(CERTIFICATE)
        door.wait(5)
        door.trust = TrustList.of([anchor_of(DESK.certificate)], version="no ministry", imported_at=NOW)
        await door.show(CITIZEN_CARD)
        await door.settle()

    asyncio.run(visit())
    denied = next(event for event in door.journal.events if event.type is EventType.VISIT_DENIED)
    assert (denied.data["trust_version"], denied.data["verdict"]) == ("no ministry", "unknown_issuer")
    assert door.relay.told == []


def test_a_certificate_that_expires_before_the_card_comes_admits_nobody(door):
    async def visit():
        payload = vaccination(NOW - timedelta(days=30))
        await door.show(certificate(MINISTRY, payload, NOW - timedelta(hours=1), timedelta(hours=1, seconds=3)))
        assert door.screen.sent[-1].reasons == ("identity_needed",)
        door.wait(5)
        await door.show(CITIZEN_CARD)
        await door.settle()

    asyncio.run(visit())
    assert door.screen.sent[-1].reasons == ("expired",)
    assert door.relay.told == []


def test_another_ones_card_is_refused_in_the_same_visit(door):
    async def visit():
        await door.show(CERTIFICATE)
        door.wait(1)
        await door.show(CITIZEN_CARD.replace("Mẫu", "Khác"))
        await door.settle()

    asyncio.run(visit())
    assert [(event.type, event.visit) for event in door.journal.events] == [
        (EventType.VISIT_NEEDS_MORE, "scan-1"), (EventType.VISIT_DENIED, "scan-1"),
    ]  # fmt: skip
    assert door.screen.sent[-1].reasons == ("identity_mismatch",)
    assert door.screen.sent[-1].next_step == "show_one_persons"


def test_a_gate_process_that_has_restarted_asks_for_both_again(door):
    async def visit():
        await door.show(CITIZEN_CARD)
        await door.settle()
        again = Gatehouse()
        await again.show(CERTIFICATE)
        await again.settle()
        return again

    again = asyncio.run(visit())
    assert again.kinds() == [EventType.VISIT_NEEDS_MORE]
    assert again.relay.told == []


@pytest.mark.parametrize("poster_first", [True, False])
def test_a_poster_beside_a_visitors_own_code_is_not_answered_and_not_recorded(door, poster_first):
    async def visit():
        codes = [(a_pass(), "own", ["poster"]), (POSTER, "poster", ["own"])]
        for text, scan, beside in reversed(codes) if poster_first else codes:
            await door.show(text, scan, beside=beside)
        await door.settle()
        door.wait(1)
        await door.settle()

    asyncio.run(visit())
    assert [(event.type, event.visit) for event in door.journal.events] == [(EventType.VISIT_ADMITTED, "own")]
    assert door.pages()[-1] is Page.ADMITTED


def test_a_familys_two_codes_admit_two_people_and_are_two_records(door):
    async def visit():
        await door.show(a_pass(subject="a"), "a", beside=["b"])
        await door.show(a_pass(subject="b"), "b", beside=["a"])
        await door.settle()

    asyncio.run(visit())
    assert door.kinds() == [EventType.VISIT_ADMITTED] * 2
    assert door.relay.told == [3000, 3000]
    assert (door.pages()[-1], door.screen.sent[-1].people) == (Page.ADMITTED, 2)


def test_one_of_a_family_is_refused_after_the_other_was_told_to_go_in(door):
    async def visit():
        await door.show(a_pass(subject="a"), "a", beside=["b"])
        await door.show(a_pass(STRANGER, subject="b"), "b", beside=["a"])
        await door.settle()
        door.wait(1.4)
        assert door.pages()[-1] is Page.ADMITTED
        door.wait(0.1)
        await door.settle()

    asyncio.run(visit())
    assert door.pages()[-1] is Page.STAFF
    assert door.kinds() == [EventType.VISIT_ADMITTED, EventType.VISIT_DENIED, EventType.STAFF_CALLED]


CARDS = CardIssuer()
VACCINATED = Policy("test-2", "lobby", (AdmitRule("vaccinated", frozenset({Kind.VACCINATION})),))
PARTS = in_parts(CARDS.card(CARDS.claims(bundle(patient(), dose("2026-05-01"), dose("2026-05-29")), NOW)), 3)


@pytest.fixture
def card_door():
    door = Gatehouse()
    door.trust = TrustList.of(anchors_in_jwks(CARDS.jwks(), CARDS.iss), version="1", imported_at=NOW)
    door.shell.reception.policy = VACCINATED
    return door


def last(door):
    shown = door.screen.sent[-1]
    return shown.page, shown.hint, shown.part, shown.parts


def test_a_card_in_three_parts_is_one_card(card_door):
    door = card_door

    async def visit():
        monitor = door.join(Role.MONITOR)
        await door.show(PARTS[2])
        assert last(door) == (Page.IDLE, "next_part", 1, 3)
        door.wait(5)
        await door.show(PARTS[0])
        assert last(door) == (Page.IDLE, "next_part", 2, 3)
        await door.show(PARTS[1])
        await door.settle()
        traces = [message for message in monitor.sent if isinstance(message, Trace)]
        counts = [(one.data["part"], one.data["parts"]) for one in traces if one.step == "part"]
        assert counts == [(1, 3), (2, 3)]

    asyncio.run(visit())
    assert door.kinds() == [EventType.VISIT_ADMITTED]
    assert last(door) == (Page.ADMITTED, "", 0, 0)
    assert door.shell.reception._visits.open[0].codes == ("\n".join(PARTS).encode(),)


def test_parts_beside_an_identity_card_are_one_visit(card_door):
    door = card_door
    door.shell.reception.policy = POLICY
    born = patient("Nguyễn Thị Ánh", [], "1990-08-15")
    parts = in_parts(CARDS.card(CARDS.claims(bundle(born, dose("2026-05-01"), dose("2026-05-29")), NOW)), 2)
    identity = "001099012345||Nguyễn Thị Ánh|15081990|Nữ|12 Phố Huế, Hà Nội|20052021"

    async def visit():
        await door.show(parts[0], "one")
        await door.show(identity, "card", beside=["one"])
        await door.show(parts[1], "two", beside=["one", "card"])
        await door.settle()

    asyncio.run(visit())
    assert door.kinds()[-1] is EventType.VISIT_ADMITTED
    assert len(door.shell.reception._visits.open) == 1


def test_a_scanner_may_read_what_the_camera_did_not(card_door):
    door = card_door

    async def visit():
        await door.show(PARTS[0])
        await door.show(PARTS[1])
        at_ns = door.clock.mono_ns()
        data = base64.b64encode(PARTS[2].encode() + b"\r")
        assert await door.shell.scans.scanned(Scan(scan="s", data=data, reader="desk", frame_ns=at_ns, read_ns=at_ns))
        await door.settle()

    asyncio.run(visit())
    assert door.kinds() == [EventType.VISIT_ADMITTED]


def test_one_part_never_stands_for_the_whole(card_door):
    door = card_door

    async def visit():
        for part in PARTS:
            await door.show(part)
        await door.settle()
        door.wait(10)
        await door.show(PARTS[0])
        await door.show(PARTS[1])
        await door.settle()

    asyncio.run(visit())
    assert door.kinds().count(EventType.VISIT_ADMITTED) == 1
    assert door.shell.line.asked.part == 2


def test_the_next_part_is_not_asked_for_for_ever(card_door):
    door = card_door

    async def visit():
        await door.report("ok")
        await door.show(PARTS[0])
        await door.hint("closer")
        assert last(door)[1] == "next_part"
        door.wait(8.1)
        assert last(door)[1] != "next_part"
        door.wait(30)
        await door.show(PARTS[1])
        await door.show(PARTS[2])
        await door.settle()

    asyncio.run(visit())
    assert last(door)[1:] == ("next_part", 2, 3), "the first part has been forgotten"
    assert door.kinds() == []
