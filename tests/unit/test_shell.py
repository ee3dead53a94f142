"""The shell: messages in, effects out, with the order that matters: record, then release, then show."""

import asyncio
import base64
import os
from datetime import UTC, datetime, timedelta

import pytest

from kiosk.adapters.keys import make_signer
from kiosk.api.messages import (
    MAX_LINE,
    Appended,
    Events,
    Fetch,
    Hint,
    Intent,
    LinkHealth,
    Page,
    PreviewOffer,
    PreviewWanted,
    Role,
    Scan,
    Sent,
    Snapshot,
    Stored,
    Trace,
    VisionHealth,
    Welcome,
    WireError,
    encode,
)
from kiosk.app.recorder import BATCH
from kiosk.app.shell import Shell
from kiosk.demo.script import CITIZEN_CARD, visitor_pass
from kiosk.domain.credential import Kind
from kiosk.domain.deny_list import DenyEntry, DenyList
from kiosk.domain.door_io import Alarm, DoorSetup, Sensed
from kiosk.domain.events import EventDraft, EventType
from kiosk.domain.gate import Fault, FaultSeen, Gate, View
from kiosk.domain.lines import Out, Sense
from kiosk.domain.policy import AdmitRule, Policy, weigh
from kiosk.domain.trust import Algorithm, TrustList
from kiosk.testing.clock import FakeClock
from kiosk.testing.health_cards import CardIssuer, bundle, dose, in_parts, patient
from kiosk.testing.health_certificates import certificate, vaccination
from kiosk.testing.shell import MemoryJournal, RecordingPeers, RecordingRelay
from kiosk.verify.jwk import anchors_in_jwks
from kiosk.verify.replay import decode
from kiosk.verify.trust_list import anchor_of, list_of_certificates

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
DESK = make_signer("Front desk", Algorithm.ED25519, NOW - timedelta(days=1))
STRANGER = make_signer("Stranger", Algorithm.ED25519, NOW - timedelta(days=1))
MINISTRY = make_signer("Ministry", Algorithm.ES256, NOW - timedelta(days=1), country="VN", for_passes=False)
POLICY = Policy(
    "test-1", "lobby",
    (AdmitRule("visitor", frozenset({Kind.VISIT})),
     AdmitRule("vaccinated, with card", frozenset({Kind.VACCINATION}), identity_card=True)),
)  # fmt: skip
CERTIFICATE = certificate(MINISTRY, vaccination(NOW - timedelta(days=30)), NOW - timedelta(hours=1))
POSTER = "https://qr.tokhaiyte.vn/x"


class Door:
    """A shell among its stand-ins."""

    def __init__(self):
        self.clock = FakeClock(NOW)
        self.journal, self.relay, self.peers = MemoryJournal(), RecordingRelay(), RecordingPeers()
        self.trust = list_of_certificates([DESK.certificate, MINISTRY.certificate], NOW)
        self.shell = Shell(
            "kiosk", Gate.of(DoorSetup()), POLICY, lambda: self.trust, self.journal, {Out.RELAY: self.relay},
            self.clock, self.peers,
        )  # fmt: skip
        self.vision, self.screen = self.join(Role.VISION), self.join(Role.UI)
        self.scans = 0

    def join(self, role):
        peer = self.peers.add(role)
        self.shell.opened(peer)
        return peer

    async def show(self, text, scan=None, age_s=0.0, beside=(), symbology="qr"):
        self.scans += 1
        data = base64.b64encode(text.encode() if isinstance(text, str) else text)
        at_ns = self.clock.mono_ns() - round(age_s * 1e9)
        scan = scan or f"scan-{self.scans}"
        message = Scan(scan=scan, data=data, frame_ns=at_ns, read_ns=at_ns, beside=beside, symbology=symbology)
        await self.shell.received(self.vision, message, None)

    async def report(self, camera):
        await self.shell.received(self.vision, VisionHealth(camera=camera, source="webcam"), None)

    async def hint(self, hint, **parts):
        await self.shell.received(self.vision, Hint(hint=hint, **parts), None)

    def wait(self, seconds):
        """Let time pass, with vision still there."""
        self.clock.advance(seconds)
        if self.shell.line.camera_heard_ns:
            self.shell.line.camera_heard_ns = self.clock.mono_ns()
        self.shell.watch()

    async def settle(self):
        """Let the journal take what is queued."""
        await self.shell.recorder.commit_queued()

    def kinds(self):
        return [event.type for event in self.journal.events]

    def pages(self):
        return [message.page for message in self.screen.sent if isinstance(message, Snapshot)]


@pytest.fixture
def door():
    return Door()


def a_pass(signer=DESK, subject="v"):
    return visitor_pass(signer, subject, NOW)


def test_a_pass_is_recorded_then_the_gate_released_then_the_visitor_told(door):
    async def visit():
        await door.show(a_pass())
        assert door.relay.told == []
        assert door.pages()[-1] is Page.QR_READ
        await door.settle()

    asyncio.run(visit())
    assert door.kinds() == [EventType.VISIT_ADMITTED]
    assert door.relay.told == [3000]
    assert door.pages()[-1] is Page.ADMITTED


def test_who_is_put_on_the_deny_list_meanwhile_is_not_let_in(door):
    listed = [DenyList()]
    shell = Shell(
        "kiosk", Gate.of(DoorSetup()), POLICY, lambda: door.trust, door.journal, {Out.RELAY: door.relay},
        door.clock, door.peers, deny=lambda: listed[0],
    )  # fmt: skip
    door.shell = shell

    async def visit():
        listed[0] = DenyList.of([DenyEntry("banned")])
        await door.show(a_pass(subject="banned"))
        await door.settle()
        assert (door.relay.told, door.kinds()) == ([], [EventType.VISIT_DENIED, EventType.STAFF_CALLED])
        door.wait(10)
        await door.show(a_pass(subject="other"))
        await door.settle()

    asyncio.run(visit())
    assert door.relay.told == [3000]


def test_what_cannot_be_recorded_does_not_open(door):
    door.journal.broken = True

    async def visit():
        await door.show(a_pass())
        await door.settle()

    asyncio.run(visit())
    assert door.relay.told == []
    assert door.shell.gate.view is View.STAFF
    assert Fault.JOURNAL in door.shell.gate.faults
    assert door.screen.sent[-1].reasons == ("journal_unavailable",)


def test_who_was_not_let_in_for_want_of_a_record_may_show_the_same_pass_again(door):
    async def visit():
        code = a_pass()
        door.journal.broken = True
        await door.show(code)
        await door.settle()
        door.journal.broken = False
        door.wait(1.6)
        await door.show(code)
        await door.settle()

    asyncio.run(visit())
    assert door.relay.told == [3000]
    assert door.pages()[-1] is Page.ADMITTED


def test_a_record_that_took_too_long_opens_for_nobody(door):
    async def visit():
        await door.show(a_pass())
        door.clock.advance(4)
        door.shell.watch()
        await door.settle()

    asyncio.run(visit())
    assert door.relay.told == []
    assert door.pages()[-1] is Page.STAFF
    assert [kind for kind in door.kinds() if kind.startswith(("visit", "staff"))] == [
        EventType.VISIT_ADMITTED, EventType.STAFF_CALLED, EventType.VISIT_ANNULLED,
    ]  # fmt: skip


def test_refusals_of_a_broken_time_are_recorded_when_the_journal_works_again(door):
    async def visit():
        door.journal.broken = True
        await door.show(a_pass(STRANGER))
        await door.show(a_pass())
        await door.settle()
        door.journal.broken = False
        await door.show(a_pass(subject="w"))
        await door.settle()

    asyncio.run(visit())
    kinds = door.kinds()
    assert kinds.count(EventType.VISIT_DENIED) == 1
    assert kinds.count(EventType.VISIT_ADMITTED) == 1, "the visit that was not let in must not be recorded as admitted"
    assert door.relay.told == [3000]
    assert not door.shell.gate.faults


def test_a_scan_that_comes_twice_is_one_visit(door):
    async def visit():
        code = a_pass()
        await door.show(code, "same")
        await door.show(code, "same")
        await door.settle()

    asyncio.run(visit())
    assert door.kinds() == [EventType.VISIT_ADMITTED]


@pytest.mark.parametrize("age_s", [3.1, 3600.0, -0.1], ids=["late", "very late", "before its time"])
def test_a_scan_that_is_not_of_this_moment_opens_nothing_and_vision_has_to_look_again(door, age_s):
    async def visit():
        with pytest.raises(WireError):
            await door.show(a_pass(), "held up", age_s)
        await door.settle()
        assert door.kinds() == []
        await door.show(a_pass(), "held up")
        await door.settle()

    asyncio.run(visit())
    assert door.kinds() == [EventType.VISIT_ADMITTED]


def test_a_flood_of_scans_waits_for_the_journal_and_loses_nothing(door):
    async def flood():
        for number in range(2 * BATCH):
            await door.show(a_pass(STRANGER, f"v{number}"), f"flood-{number}")

    async def visits():
        flooding = asyncio.get_running_loop().create_task(flood())
        await asyncio.sleep(0)
        assert door.shell.recorder.waiting == BATCH
        while not flooding.done():
            await door.settle()
            await asyncio.sleep(0)
        await door.settle()

    asyncio.run(visits())
    assert door.kinds().count(EventType.VISIT_DENIED) == 2 * BATCH


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
        again = Door()
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
    door = Door()
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
        assert await door.shell.scanned(Scan(scan="s", data=data, reader="desk", frame_ns=at_ns, read_ns=at_ns))
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


def test_the_screen_cannot_open_the_gate_and_the_bridge_cannot_scan(door):
    async def try_it():
        bridge = door.join(Role.BRIDGE)
        message = Scan(scan="x", data=base64.b64encode(a_pass().encode()), frame_ns=1, read_ns=2)
        await door.shell.received(door.screen, message, None)
        await door.shell.received(bridge, message, None)
        await door.shell.received(door.vision, Stored(epoch="epoch", upto=1), None)
        await door.settle()

    asyncio.run(try_it())
    assert door.journal.events == []
    assert door.relay.told == []


def test_help_calls_staff_and_staff_clears_it(door):
    async def ask():
        await door.shell.received(door.screen, Intent(intent="help"), None)
        await door.settle()
        assert door.pages()[-1] is Page.STAFF
        await door.shell.received(door.screen, Intent(intent="staff_done"), None)

    asyncio.run(ask())
    assert door.kinds() == [EventType.STAFF_CALLED]


def test_a_touch_gives_more_time_to_read(door):
    async def visit():
        await door.show(CITIZEN_CARD)
        before = door.screen.sent[-1].until_ns
        await door.shell.received(door.screen, Intent(intent="touch"), None)
        assert door.screen.sent[-1].until_ns > before

    asyncio.run(visit())


def test_how_bright_it_is_at_the_door_is_known_from_the_camera(door):
    dim = VisionHealth(camera="ok", source="synthetic", light=31.5)
    asyncio.run(door.shell.received(door.vision, dim, None))
    assert door.shell.line.luma == 31.5


def test_whoever_needs_longer_at_the_gate_gets_it(door):
    async def visit():
        await door.show(a_pass())
        await door.settle()
        assert door.screen.sent[-1].more_time == "offered"
        await door.shell.received(door.screen, Intent(intent="longer"), None)

    asyncio.run(visit())
    assert door.screen.sent[-1].more_time == "given"
    assert door.relay.told == [DoorSetup().pulse_ms, DoorSetup().longer_ms]


def test_staff_confirms_an_alarm_at_the_screen(door):
    door.shell.dispatch(Sensed(Sense.TAMPER, True, door.clock.mono_ns()))
    assert (door.screen.sent[-1].alarm, door.screen.sent[-1].alarm_seen) == (Alarm.TAMPER, False)
    asyncio.run(door.shell.received(door.screen, Intent(intent="alarms_seen"), None))
    assert door.screen.sent[-1].alarm_seen


def test_a_lost_camera_is_out_of_order_and_its_return_is_idle(door):
    health = VisionHealth(camera="lost", source="webcam")

    async def lose():
        await door.shell.received(door.vision, health, None)
        assert door.pages()[-1] is Page.OUT_OF_ORDER
        await door.shell.received(door.vision, health.model_copy(update={"camera": "ok"}), None)
        await door.settle()

    asyncio.run(lose())
    assert door.pages()[-1] is Page.IDLE
    assert door.kinds() == [EventType.FAULT_RAISED, EventType.FAULT_CLEARED]


def test_vision_going_away_is_a_lost_camera(door):
    door.peers.peers.remove(door.vision)
    door.shell.closed(Role.VISION)
    assert door.pages()[-1] is Page.OUT_OF_ORDER


def test_vision_that_says_nothing_is_a_lost_camera(door):
    door.shell.begin()
    door.shell.watch()
    assert Fault.CAMERA not in door.shell.gate.faults
    door.clock.advance(10)
    door.shell.watch()
    assert door.pages()[-1] is Page.OUT_OF_ORDER


@pytest.mark.parametrize(("camera", "reason"), [("dark", "camera_dark"), ("frozen", "camera_frozen")])
def test_a_camera_that_shows_nothing_is_out_of_order_and_the_centre_hears_of_it(door, camera, reason):
    async def cover():
        await door.report("ok")
        await door.report(camera)
        assert (door.pages()[-1], door.screen.sent[-1].reasons) == (Page.OUT_OF_ORDER, (reason,))
        assert door.screen.sent[-1].camera == camera
        await door.report(camera)
        await door.report("starting")
        assert door.pages()[-1] is Page.OUT_OF_ORDER, "not known to be right"
        await door.report("ok")
        await door.settle()

    asyncio.run(cover())
    assert door.pages()[-1] is Page.IDLE
    assert [(event.type, event.data) for event in door.journal.events] == [
        (EventType.FAULT_RAISED, {"fault": reason}), (EventType.FAULT_CLEARED, {"fault": reason}),
    ]  # fmt: skip


def test_a_dark_camera_that_goes_away_is_a_lost_one(door):
    async def go():
        await door.report("dark")
        await door.report("lost")
        await door.settle()

    asyncio.run(go())
    assert door.shell.gate.faults == {Fault.CAMERA}
    assert [event.data["fault"] for event in door.journal.events] == [
        "camera_dark", "camera_unavailable", "camera_dark",
    ]  # fmt: skip


@pytest.mark.parametrize("camera", ["dark", "frozen", "lost"])
def test_with_a_scanner_that_works_the_door_works_without_its_camera(door, camera):
    async def cover():
        door.shell.line.scanners["hand"] = "ok"
        await door.report(camera)
        assert (door.pages()[-1], door.screen.sent[-1].camera) == (Page.IDLE, camera)
        door.shell.line.scanners["hand"] = "lost"
        await door.report(camera)
        assert door.pages()[-1] is Page.OUT_OF_ORDER
        door.shell.line.scanners["hand"] = "ok"
        door.shell.dispatch(FaultSeen(Fault.RELAY, present=True))
        assert door.screen.sent[-1].reasons == ("relay_fault",)

    asyncio.run(cover())


def test_a_hint_is_shown_while_nobody_is_answered(door):
    async def hold():
        await door.report("ok")
        await door.hint("next_part", part=1, parts=3)
        shown = door.screen.sent[-1]
        assert (shown.page, shown.hint, shown.part, shown.parts) == (Page.IDLE, "next_part", 1, 3)
        await door.show(a_pass())
        await door.settle()
        assert (door.pages()[-1], door.screen.sent[-1].hint) == (Page.ADMITTED, "")
        await door.hint("")
        door.wait(3)
        assert (door.pages()[-1], door.screen.sent[-1].hint) == (Page.IDLE, "")

    asyncio.run(hold())


def test_a_hint_that_is_not_said_again_is_over(door):
    async def hold():
        await door.report("ok")
        await door.hint("closer")
        door.wait(4)
        await door.hint("closer")
        door.wait(5)
        assert door.screen.sent[-1].hint == "closer"
        door.wait(0.1)

    asyncio.run(hold())
    assert door.screen.sent[-1].hint == ""


@pytest.mark.parametrize("camera", ["lost", "dark", "frozen", "starting", None])
def test_a_hint_ends_with_the_sight(door, camera):
    async def lose():
        await door.report("ok")
        await door.hint("still")
        if camera is None:
            door.peers.peers.remove(door.vision)
            door.shell.closed(Role.VISION)
        else:
            await door.report(camera)

    asyncio.run(lose())
    assert door.screen.sent[-1].hint == ""
    assert door.shell.line.hint is None


def test_only_vision_may_hint(door):
    async def hint():
        await door.shell.received(door.screen, Hint(hint="closer"), None)

    asyncio.run(hint())
    assert door.shell.line.hint is None


def test_the_bridge_reads_after_its_cursor_and_reports_what_is_stored(door):
    async def read():
        await door.show(a_pass())
        await door.settle()
        bridge = door.join(Role.BRIDGE)
        assert isinstance(bridge.sent[0], Welcome)
        assert bridge.sent[1] == Appended(last=1, confirmed=0)
        await door.shell.received(bridge, Fetch(after=0, limit=10), None)
        assert isinstance(bridge.sent[-1], Events)
        assert [event.seq for event in bridge.sent[-1].events] == [1]
        await door.shell.received(bridge, Stored(epoch="another", upto=1), None)
        assert door.journal.confirmed == 0
        await door.shell.received(bridge, Stored(epoch="epoch", upto=1), None)
        await door.shell.received(bridge, LinkHealth(link="up"), None)

    asyncio.run(read())
    assert door.journal.confirmed == 1
    assert (door.screen.sent[-1].waiting, door.screen.sent[-1].link) == (0, "up")


def test_an_answer_to_the_bridge_never_grows_longer_than_a_line_may(door):
    async def read():
        door.journal.append([EventDraft(EventType.VISIT_DENIED, data={"filler": "x" * 100_000})] * 40)
        bridge = door.join(Role.BRIDGE)
        await door.shell.received(bridge, Fetch(after=0, limit=40), None)
        return bridge.sent[-1]

    answer = asyncio.run(read())
    assert 1 <= len(answer.events) < 40
    assert len(encode(answer)) < MAX_LINE


def test_a_journal_that_cannot_be_read_does_not_end_the_process(door):
    async def read():
        bridge = door.join(Role.BRIDGE)
        door.journal.broken = True
        await door.shell.received(bridge, Fetch(after=0, limit=10), None)
        await door.shell.received(bridge, Stored(epoch="epoch", upto=1), None)

    asyncio.run(read())
    assert door.journal.confirmed == 0


def test_the_relays_edges_are_recorded_with_how_long_it_was_open(door):
    async def visit():
        await door.show(a_pass())
        await door.settle()
        door.shell.relay_moved(Out.RELAY, True, 1_000_000)
        door.shell.relay_moved(Out.RELAY, False, 501_000_000)
        await door.settle()

    asyncio.run(visit())
    assert door.kinds() == [EventType.VISIT_ADMITTED, EventType.GATE_RELEASED, EventType.GATE_LOCKED]
    assert door.journal.events[-1].data == {"released_ms": 500}


def test_a_monitor_sees_the_whole_path_and_nothing_of_the_code(door):
    code = a_pass(subject="secret-subject")

    async def visit():
        monitor = door.join(Role.MONITOR)
        await door.show(code)
        await door.settle()
        door.shell.relay_moved(Out.RELAY, True, 1)
        door.shell.relay_moved(Out.RELAY, False, 2)
        bridge = door.join(Role.BRIDGE)
        await door.shell.received(bridge, Sent(upto=1), None)
        await door.shell.received(bridge, Stored(epoch="epoch", upto=1), None)
        return [message for message in monitor.sent if isinstance(message, Trace)]

    traces = asyncio.run(visit())
    steps = [trace.step for trace in traces]
    assert steps == ["seen", "decided", "recorded", "relay_on", "relay_off", "sent", "confirmed"]
    assert "secret-subject" not in str(traces)
    assert code not in str(traces)


def test_the_preview_goes_from_vision_to_the_screen_and_only_while_a_screen_is_there(door):
    assert door.vision.sent[-1] == PreviewWanted(wanted=True)
    read_end, write_end = os.pipe()

    async def offer():
        await door.shell.received(door.vision, PreviewOffer(width=4, height=3), read_end)

    asyncio.run(offer())
    assert door.screen.sent[-1] == PreviewOffer(width=4, height=3)
    (handed_on,) = door.screen.fds
    assert os.fstat(handed_on).st_ino == os.fstat(read_end).st_ino
    os.close(handed_on)
    door.peers.peers.remove(door.screen)
    door.shell.closed(Role.UI)
    assert door.vision.sent[-1] == PreviewWanted(wanted=False)
    os.close(read_end)
    os.close(write_end)


def test_a_release_that_a_crash_cut_short_is_recorded_at_the_next_start(door):
    async def crash_and_start():
        await door.show(a_pass())
        await door.settle()
        door.shell.begin()
        await door.settle()

    asyncio.run(crash_and_start())
    assert door.kinds() == [EventType.VISIT_ADMITTED, EventType.GATE_INTERRUPTED, EventType.KIOSK_STARTED]


ADMITTED, ANNULLED = EventType.VISIT_ADMITTED, EventType.VISIT_ANNULLED
LOCKED, CUT = EventType.GATE_LOCKED, EventType.GATE_INTERRUPTED


@pytest.mark.parametrize(
    ("before", "cut"),
    [
        ([(ADMITTED, "v1"), (ANNULLED, "v1")], []),
        ([(ADMITTED, "v1"), (ANNULLED, "v1"), (ADMITTED, "v1")], ["v1"]),
        ([(ADMITTED, "v1"), (ANNULLED, "v1"), (ADMITTED, "v1"), (LOCKED, "v1")], []),
        ([(ADMITTED, "v1"), (ANNULLED, "v1"), (ADMITTED, "v1"), (CUT, "v1")], []),
        ([(ADMITTED, "v1"), (LOCKED, "v1"), (ADMITTED, "v2")], ["v2"]),
    ],
)
def test_an_annulled_admission_cuts_nothing_short_and_the_next_of_its_visit_may(door, before, cut):
    door.journal.append([EventDraft(kind, visit) for kind, visit in before])
    door.shell.begin()
    asyncio.run(door.settle())
    told = door.journal.events[len(before) :]
    assert [event.visit for event in told if event.type is CUT] == cut
