"""Counting at a door: the real journal, the real shell, passes with a number of entries, a room that fills."""

import asyncio
import base64
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta, timezone

import pytest

from kiosk.adapters.count_keys import KEY_SIZE, PersonKeys, load_key
from kiosk.adapters.journal import Sealer, SqliteJournal
from kiosk.adapters.keys import make_signer
from kiosk.adapters.late_journal import LateJournal
from kiosk.api.messages import Role, Scan
from kiosk.app.ports import JournalError
from kiosk.app.shell import Shell
from kiosk.app.tally import Door, Tally
from kiosk.cli.run_parts import make_door as the_door
from kiosk.config import load_config
from kiosk.domain.credential import Credential, Format, Kind
from kiosk.domain.door_io import DoorSetup
from kiosk.domain.events import EventType
from kiosk.domain.gate import Fault, Gate, View
from kiosk.domain.lines import Out
from kiosk.domain.policy import AdmitRule, Policy
from kiosk.domain.policy_terms import Capacity, MinorRule, Minors, Passback, PassbackKind
from kiosk.domain.reasons import Reason
from kiosk.domain.situation import Direction
from kiosk.domain.trust import Algorithm
from kiosk.testing.clock import FakeClock
from kiosk.testing.health_certificates import certificate, vaccination
from kiosk.testing.shell import MemoryJournal, RecordingPeers, RecordingRelay
from kiosk.verify import native_pass
from kiosk.verify.native_pass import PassContent
from kiosk.verify.trust_list import list_of_certificates

HANOI = timezone(timedelta(hours=7))
NOW = datetime(2026, 6, 1, 1, tzinfo=UTC)
"""Eight in the morning in Hà Nội."""
DESK = make_signer("Front desk", Algorithm.ED25519, NOW - timedelta(days=1))
MINISTRY = make_signer("Ministry", Algorithm.ES256, NOW - timedelta(days=1), country="VN", for_passes=False)
VISITS = Policy("1", "lobby", (AdmitRule("visitors", frozenset({Kind.VISIT})),))


def a_pass(number, entries=0):
    content = PassContent(
        "Front desk", "s", bytes([number]), Kind.VISIT, "lobby", NOW, NOW - timedelta(hours=1),
        NOW + timedelta(days=30), entries,
    )  # fmt: skip
    return native_pass.encode(content, DESK.key, DESK.key_id)


def shot(born, name):
    payload = vaccination(NOW - timedelta(days=30), given_name=name)
    return certificate(MINISTRY, {**payload, "dob": born}, NOW - timedelta(hours=1))


class Place:
    """A shell with a journal on disk."""

    def __init__(self, folder, policy=VISITS, direction=Direction.ENTRY, now=NOW):
        self.clock = FakeClock(now)
        self.journal = LateJournal(
            lambda: SqliteJournal(folder / "journal.db", kiosk="k", boot="b", clock=self.clock, sealer=Sealer(None))
        )
        self.relay, peers = RecordingRelay(), RecordingPeers()
        trust = list_of_certificates([DESK.certificate, MINISTRY.certificate], NOW)
        keys = PersonKeys(folder / "passback.key", self.clock)
        door = Door(direction, HANOI, Tally(self.journal, load_key(folder / "entries.key"), keys))
        self.shell = Shell(
            "kiosk", Gate.of(DoorSetup()), policy, lambda: trust, self.journal, {Out.RELAY: self.relay}, self.clock,
            peers, door=door,
        )  # fmt: skip
        self.vision = peers.add(Role.VISION)
        self.scans = 0

    def close(self):
        self.journal.close()

    def shows(self, *texts, later_s=0.0, settled=True):
        """Show codes in one frame, and return how often the gate has opened since the beginning."""
        self.clock.advance(later_s)
        self.shell.watch()

        async def show():
            names = [f"scan-{self.scans + number}-{self.clock.mono_ns()}" for number, _ in enumerate(texts)]
            for name, text in zip(names, texts, strict=True):
                data = base64.b64encode(text.encode())
                now, beside = self.clock.mono_ns(), tuple(other for other in names if other != name)
                scan = Scan(scan=name, data=data, frame_ns=now, read_ns=now, beside=beside)
                await self.shell.received(self.vision, scan, None)
            told = len(self.relay.told)
            if settled:
                await self.shell.recorder.commit_queued()
            for released in (True, False) if len(self.relay.told) > told else ():
                self.shell.relay_moved(Out.RELAY, released, self.clock.mono_ns())

        asyncio.run(show())
        self.scans += len(texts)
        return len(self.relay.told)

    def last(self):
        """Return the reasons of the newest decision."""
        told = [event for event in self.journal.read(0, 1000) if event.type.startswith("visit.")]
        return tuple(told[-1].data["reasons"])


@pytest.fixture
def place(tmp_path):
    made = []

    def make(*arguments, **more):
        made.append(Place(tmp_path, *arguments, **more))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_a_pass_for_two_entries_opens_twice(place):
    door, twice = place(), a_pass(1, entries=2)
    assert [door.shows(twice, later_s=60) for _ in range(4)] == [1, 2, 2, 2]
    assert door.last() == (Reason.ENTRIES_USED,)
    assert door.shows(a_pass(2, entries=1), later_s=60) == 3


def test_what_was_counted_survives_a_restart(place):
    once = a_pass(1, entries=1)
    first = place()
    assert first.shows(once) == 1
    first.close()
    again = place(now=NOW + timedelta(hours=1))
    assert again.shows(once) == 0
    assert again.last() == (Reason.ENTRIES_USED,)


def test_an_entry_counts_before_its_record_is_durable(place):
    door, once = place(), a_pass(1, entries=1)
    door.shows(once, settled=False)
    credential = native_pass.parse(once).credential
    assert door.shell.door.tally.used(credential) == 1
    asyncio.run(door.shell.recorder.commit_queued())
    assert door.shell.door.tally.used(credential) == 1


def test_an_entry_that_could_not_be_recorded_does_not_count(tmp_path):
    class Counter(MemoryJournal):
        used = inside = lambda *_: 0

    place = Place(tmp_path)
    place.close()
    journal = Counter(broken=True)
    place.shell.journal, place.shell.door.tally.counter = journal, journal
    once = a_pass(1, entries=1)
    assert place.shows(once) == 0
    assert place.shell.gate.view is View.STAFF
    assert place.shell.door.tally.used(native_pass.parse(once).credential) == 0


def test_an_entry_whose_record_came_too_late_is_taken_back(place):
    door, once = place(), a_pass(1, entries=1)
    door.shows(once, settled=False)
    door.clock.advance(5)
    asyncio.run(door.shell.recorder.commit_queued())
    assert door.relay.told == []
    assert [event.type for event in door.journal.read(0, 10)][-2:] == [EventType.VISIT_ANNULLED, EventType.STAFF_CALLED]
    assert door.shell.door.tally.used(native_pass.parse(once).credential) == 0
    assert door.shows(once, later_s=60) == 1


def test_who_was_annulled_as_too_late_is_let_in_when_the_codes_are_shown_again(place):
    door, once = place(), a_pass(1, entries=1)
    door.shows(once, settled=False)
    door.clock.advance(5)
    asyncio.run(door.shell.recorder.commit_queued())
    assert door.relay.told == []
    assert door.shows(once, later_s=2) == 1
    assert door.shell.gate.view is View.ADMITTED
    assert Fault.JOURNAL not in door.shell.gate.faults
    assert door.shell.door.tally.used(native_pass.parse(once).credential) == 1
    assert door.shows(once, later_s=60) == 1, "its one entry is used now"
    assert door.last() == (Reason.ENTRIES_USED,)


def test_who_is_annulled_again_and_again_is_let_in_once(place):
    door, once = place(), a_pass(1, entries=1)
    for _ in range(3):
        door.shows(once, later_s=2, settled=False)
        door.clock.advance(5)
        asyncio.run(door.shell.recorder.commit_queued())
    assert door.shows(once, later_s=2) == 1
    kinds = [event.type for event in door.journal.read(0, 100) if event.type.startswith("visit.")]
    assert kinds == [EventType.VISIT_ADMITTED, EventType.VISIT_ANNULLED] * 3 + [EventType.VISIT_ADMITTED]


def test_an_entry_is_free_again_although_its_annulment_is_on_its_way_into_the_journal(place):
    door, once = place(), a_pass(1, entries=1)
    tally, credential = door.shell.door.tally, native_pass.parse(once).credential

    async def slow():
        door.clock.advance(5)
        late = [door.shell.recorder._queue.popleft()]
        await door.shell.recorder._commit(late)

    door.shows(once, settled=False)
    asyncio.run(slow())
    assert tally.used(credential) == 0
    assert door.shows(once, later_s=2) == 1, "the annulment and the second admission become durable together"
    assert tally.used(credential) == 1


def test_who_was_not_let_in_for_want_of_a_journal_is_let_in_when_there_is_one(place, tmp_path):
    door, once = place(), a_pass(1, entries=1)
    (tmp_path / "journal.db").rename(tmp_path / "away.db")
    assert door.shows(once) == 0
    assert door.shell.gate.reasons == (Reason.JOURNAL_UNAVAILABLE,)
    assert door.shows(once, later_s=2.5) == 1
    assert door.shell.door.tally.used(native_pass.parse(once).credential) == 1


def test_a_rules_own_number_of_entries(place):
    once = AdmitRule("once", frozenset({Kind.VISIT}), entries=1)
    door, free = place(Policy("1", "lobby", (once,))), a_pass(1)
    assert [door.shows(free, later_s=60) for _ in range(2)] == [1, 1]
    assert door.last() == (Reason.ENTRIES_USED,)


def test_without_a_counter_such_a_pass_goes_to_staff(place):
    door = place()
    door.shell.reception.door = Door(zone=HANOI)
    assert door.shows(a_pass(1, entries=1)) == 0
    assert door.last() == (Reason.ENTRIES_NOT_COUNTED,)


HARD = Policy("1", "lobby", (*VISITS.admit, AdmitRule("shots", frozenset({Kind.VACCINATION}))),
              passback=Passback(PassbackKind.HARD))  # fmt: skip


def test_somebody_who_has_gone_in_comes_in_by_no_code_until_they_have_gone_out(place):
    door, mother = place(HARD), shot("1990-01-01", "Mẹ")
    assert door.shows(mother) == 1
    assert door.shows(mother, later_s=60) == 1
    assert door.last() == (Reason.ALREADY_INSIDE,)
    assert door.shell.gate.view is View.STAFF
    assert door.shows(shot("1990-01-02", "Mẹ"), later_s=60) == 2, "another person"
    door.shell.reception.door = replace(door.shell.door, direction=Direction.EXIT)
    assert door.shows(mother, later_s=60) == 3
    door.shell.reception.door = door.shell.door
    assert door.shows(mother, later_s=60) == 4


def test_soft_anti_passback_opens_and_raises_an_alarm(place):
    door, mother = place(replace(HARD, passback=Passback(PassbackKind.SOFT))), shot("1990-01-01", "Mẹ")
    assert [door.shows(mother, later_s=60) for _ in range(2)] == [1, 2]
    events = door.journal.read(0, 1000)
    assert [e.data.get("passback") for e in events if e.type is EventType.VISIT_ADMITTED] == [None, "soft"]
    assert [e.data["alarm"] for e in events if e.type is EventType.ALARM_RAISED] == ["passback"]


def test_without_a_journal_nothing_is_known(tmp_path):
    def none():
        raise JournalError("no disk")

    journal = LateJournal(none)
    tally = Tally(journal, bytes(KEY_SIZE))
    assert tally.used(Credential(Format.PASS, credential_id="1")) is None
    assert tally.inside(NOW) is None


def test_a_room_for_two_fills_and_a_party_counts_each_of_its_people(place):
    door = place(Policy("1", "lobby", VISITS.admit, capacity=Capacity(2)))
    assert door.shows(a_pass(1), a_pass(2)) == 2
    assert door.shows(a_pass(3), later_s=60) == 2
    assert door.last() == (Reason.CAPACITY_REACHED,)


def test_who_leaves_makes_room(place):
    policy = Policy("1", "lobby", VISITS.admit, capacity=Capacity(1))
    door = place(policy)
    assert [door.shows(a_pass(number), later_s=60) for number in (1, 2)] == [1, 1]
    door.shell.reception.door = Door(Direction.EXIT, HANOI, door.shell.door.tally)
    assert door.shows(a_pass(1), later_s=60) == 2
    door.shell.reception.door = door.shell.door
    assert door.shows(a_pass(2), later_s=60) == 3


def test_counting_begins_anew_each_morning_by_the_venues_clock(place):
    door = place(Policy("1", "lobby", VISITS.admit, capacity=Capacity(1, reset_at=time(4))))
    hours = (0, 19.9, 0.2)  # 08:00, 03:54, 04:06 in Hà Nội
    assert [door.shows(a_pass(number), later_s=h * 3600) for number, h in enumerate(hours)] == [1, 1, 2]


def test_more_out_than_in_is_nobody_inside(place):
    door = place(Policy("1", "lobby", VISITS.admit, capacity=Capacity(5)), Direction.EXIT)
    assert door.shows(a_pass(1)) == 1
    assert door.shell.door.tally.inside(NOW - timedelta(hours=1)) == 0


def test_a_child_comes_in_beside_an_adult_and_not_alone(place):
    policy = Policy(
        "1", "lobby", (AdmitRule("vaccinated", frozenset({Kind.VACCINATION})),),
        minors=Minors(16, MinorRule.WITH_ADULT),
    )  # fmt: skip
    door, mother, child = place(policy), shot("1990-01-01", "Mẹ"), shot("2019-01-01", "Con")
    assert door.shows(child) == 0
    assert door.last() == (Reason.MINOR_ALONE,)
    assert door.shows(mother, child, later_s=60) == 2
    assert door.shows(child, mother, later_s=60) == 4  # judged again after her
    assert door.last() == ()
    assert door.shows(child, later_s=5) == 5  # known by its content, of the mother's party
    assert door.shows(shot("2018-01-01", "Bạn"), later_s=5) == 5  # another's child


def test_a_child_who_was_read_first_is_counted_after_the_adult(place):
    policy = Policy(
        "1", "lobby", (AdmitRule("vaccinated", frozenset({Kind.VACCINATION})),),
        minors=Minors(16, MinorRule.WITH_ADULT), capacity=Capacity(2),
    )  # fmt: skip
    door, children = place(policy), [shot(f"201{year}-01-01", f"Con {year}") for year in (5, 6)]
    assert door.shows(*children, shot("1990-01-01", "Mẹ")) == 2
    admitted = [e.data["at"] for e in door.journal.read(0, 100) if e.type is EventType.VISIT_ADMITTED]
    assert len(admitted) == 2, "there is room for one child"
    assert door.shell.door.tally.inside(NOW - timedelta(hours=1)) == 2


def test_credentials_are_told_apart_by_issuer_and_number_and_hashed_with_the_key(tmp_path):
    tally = Tally(LateJournal(lambda: None), b"k" * 32)
    names = [("A", "1"), ("A", "2"), ("B", "1"), ("A1", ""), ("", "A1"), ("A", "11"), ("A1", "1")]
    hashes = [tally.who(Credential(Format.PASS, issuer=issuer, credential_id=number)) for issuer, number in names]
    assert hashes[3] == b""
    assert len(set(hashes)) == len(names)
    other = Tally(tally.counter, b"l" * 32)
    assert other.who(Credential(Format.PASS, issuer="A", credential_id="1")) != hashes[0]


SETTINGS = """
[kiosk]
id = "k"
time_zone = "Europe/Berlin"
[paths]
policy = "policy.toml"
trust = "t"
[gate]
board = "board.toml"
pins = "mock"
direction = "exit"
"""


def test_the_door_of_a_kiosk_is_that_of_its_settings(tmp_path, caplog):
    (tmp_path / "kiosk.toml").write_text(SETTINGS.replace('trust = "t"', 'trust = "t"\nstate = "state"'))
    door = the_door(load_config(tmp_path / "kiosk.toml"), LateJournal(lambda: None), None, DoorSetup())
    assert (door.direction, str(door.zone)) == (Direction.EXIT, "Europe/Berlin")
    assert door.tally.key == (tmp_path / "state" / "entries.key").read_bytes()
    # The folder of the state is a file: no key can be kept there.
    (tmp_path / "kiosk.toml").write_text(SETTINGS.replace('trust = "t"', 'trust = "t"\nstate = "kiosk.toml"'))
    door = the_door(load_config(tmp_path / "kiosk.toml"), LateJournal(lambda: None), None, DoorSetup())
    assert door.tally is None
    assert "go to staff" in caplog.text
