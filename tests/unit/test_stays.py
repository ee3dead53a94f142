"""Who is inside: anti-passback and reconciliation at a door with the real journal, through restarts and repairs."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from kiosk.adapters.count_keys import PersonKeys, SecretError
from kiosk.adapters.journal import Sealer, SqliteJournal
from kiosk.app.tally import Door
from kiosk.domain.credential import Holder
from kiosk.domain.door_io import Occupied
from kiosk.domain.events import ClockConfidence, Count, EventDraft, EventType
from kiosk.domain.passback import LOOKED_BACK
from kiosk.domain.policy_terms import Capacity, Counted, Passback, PassbackKind, Policy
from kiosk.domain.situation import Direction, Stay
from kiosk.testing.clock import FakeClock
from kiosk.testing.counting import BINH, HANOI, HARD, NOW, RULES, CountingDoor, code


@pytest.fixture
def door(tmp_path):
    made = []

    def make(policy=HARD):
        made.append(CountingDoor(tmp_path, policy))
        return made[-1]

    yield make
    for one in made:
        one.journal.close()


# one person after the other


def test_who_is_inside_comes_in_again_only_after_going_out(door):
    door = door()
    assert door.shows(code()) == "v1"
    assert door.shows(code(number="8")) == "already_inside", "another code of the same person"
    assert door.shows(code(BINH, "9")) == "v3"
    assert door.shows(code(), way=Direction.EXIT) == "v4"
    assert door.shows(code()) == "v5"


def test_who_is_inside_is_known_after_a_restart(door):
    door = door()
    door.shows(code())
    door.restart()
    assert door.shows(code()) == "already_inside"


def test_who_is_on_the_way_in_does_not_come_in_twice(door):
    door = door()
    assert door.shows(code(), written=False) == "v1"
    assert door.judge(code()).situation.stay == Stay(Direction.ENTRY, 0)
    assert door.shows(code()) == "already_inside"


def test_an_annulled_admission_leaves_the_person_where_they_were(door):
    door = door()
    door.annul(door.shows(code()))
    second = door.shows(code())
    assert second == "v2"
    door.shows(code(), way=Direction.EXIT)
    door.clock.advance(60)
    out = door.judge(code()).situation.stay
    door.annul(door.shows(code()))
    assert door.judge(code()).situation.stay == out == Stay(Direction.EXIT, 60)
    door.restart()
    assert door.judge(code()).situation.stay == out


def test_a_new_day_has_nobody_inside(door):
    door = door()
    door.shows(code())
    door.clock.advance(20 * 3600 - 1)
    assert door.shows(code()) == "already_inside"
    door.clock.advance(1)  # 04:00 in Hà Nội
    assert door.shows(code()) == "v3"


def test_minutes_go_on_over_the_reset(door):
    door = door(replace(HARD, passback=Passback(PassbackKind.TIMED, 10)))
    door.clock.advance(20 * 3600 - 60)
    door.shows(code())
    door.clock.advance(300)
    assert door.shows(code()) == "entered_just_now"
    door.clock.advance(300)
    assert door.shows(code()) == "v3"


def test_without_keys_or_a_journal_it_cannot_be_told_who_is_inside(door):
    door = door()
    door.tally.person_keys = tuple
    assert door.shows(code()) == "passback_unknown"
    assert door.shows(code(), way=Direction.EXIT) == "v2"
    door.doors[Direction.ENTRY] = Door(Direction.ENTRY, HANOI)
    assert door.shows(code()) == "passback_unknown"


def test_whom_no_code_says_cannot_be_told_apart(door):
    assert door().shows(code(Holder(), "")) == "passback_unknown"


def test_a_clock_that_ran_ahead_sends_people_to_staff_until_it_is_over(door):
    door = door()
    door.clock.set_wall(NOW + timedelta(days=400))
    door.shows(code())
    door.clock.set_wall(NOW)
    assert door.shows(code()) == "passback_unknown"
    door.write(EventDraft(EventType.GATE_LOCKED))  # with any record, what is dated days ahead is cleared away
    assert door.shows(code()) == "v3"
    assert door.inside() == 1


def test_no_person_is_counted_where_nobody_asks(door, tmp_path):
    door = door(Policy("1", "lobby", RULES))
    assert (door.shows(code()), door.shows(code())) == ("v1", "v2")
    with closing(sqlite3.connect(tmp_path / "journal.db")) as db:
        assert db.execute("SELECT person, change FROM counts").fetchall() == [(b"", 1)] * 2


# the key of persons


def test_the_key_is_replaced_every_two_days_and_nobody_inside_is_forgotten(door, tmp_path):
    door = door()
    door.clock.advance(LOOKED_BACK.total_seconds() - 3600)
    door.shows(code())
    (before,) = door.keys()
    door.clock.advance(3600)
    door.keys.rotate()
    in_force, kept = door.keys()
    assert kept == before != in_force
    assert door.shows(code()) == "already_inside"
    assert PersonKeys(tmp_path / "passback.key", door.clock)() == door.keys(), "as after a restart"
    door.clock.advance(LOOKED_BACK.total_seconds())
    door.keys.rotate()
    assert set(door.keys()).isdisjoint({before})


def test_the_key_is_not_replaced_early_nor_by_a_clock_that_is_not_sure(tmp_path):
    clock = FakeClock(NOW)
    keys = PersonKeys(tmp_path / "passback.key", clock)
    first = keys()
    clock.advance(LOOKED_BACK.total_seconds() - 1)
    keys.rotate()
    clock.advance(1)
    clock.confidence_is = ClockConfidence.DRIFTING
    keys.rotate()
    assert keys() == first
    assert (tmp_path / "passback.key").stat().st_mode & 0o777 == 0o600


def test_a_key_of_persons_that_is_none(tmp_path):
    (tmp_path / "passback.key").write_bytes(b"x" * 32)
    with pytest.raises(SecretError, match="is no key of persons"):
        PersonKeys(tmp_path / "passback.key", FakeClock(NOW))


def test_a_key_that_cannot_be_kept_stays_as_it_is(tmp_path):
    clock = FakeClock(NOW)
    keys = PersonKeys(tmp_path / "state" / "passback.key", clock)
    before = keys()
    (tmp_path / "state").rename(tmp_path / "away")
    (tmp_path / "state").write_text("in the way")
    clock.advance(LOOKED_BACK.total_seconds())
    with pytest.raises(SecretError, match="cannot be kept"):
        keys.rotate()
    assert keys() == before


# how many


def test_who_passes_without_an_admission_counts(door):
    door = door()
    visit = door.shows(code())
    door.write(EventDraft(EventType.PASSAGE_ENTERED, visit))
    door.write(EventDraft(EventType.PASSAGE_ENTERED, "", {"extra": True}, count=Count(change=1)))
    door.write(EventDraft(EventType.PASSAGE_LEFT, "", {"exit_button": True}, count=Count(change=-1)))
    assert door.inside() == 1
    door.restart()
    assert door.inside() == 1


def test_a_confirmed_passage_is_told_from_one_that_is_open(door, tmp_path):
    door = door()
    door.write(EventDraft(EventType.PASSAGE_ENTERED, door.shows(code())))
    door.shows(code(BINH, "8"))
    with closing(sqlite3.connect(tmp_path / "journal.db")) as db:
        assert db.execute("SELECT visit, passed FROM counts").fetchall() == [("v1", 1), ("v2", 0)]


def test_staff_counts_and_the_number_stays(door):
    door = door()
    door.shows(code())
    assert door.staff_counts(41) | {"at": ""} == {"people": 41, "by": "staff", "at": "", "was": 1, "applied": True}
    assert door.inside() == 41
    door.shows(code(), way=Direction.EXIT)
    door.restart()
    assert door.inside() == 40


def test_staff_may_count_after_more_have_left_than_came(door):
    door = door()
    for number in range(3):
        door.shows(code(Holder(), str(number)), way=Direction.EXIT)
    assert door.inside() == 0
    assert door.staff_counts(5)["was"] == 0
    assert door.inside() == 5


def test_a_number_from_before_the_reset_changes_nothing(door):
    door = door()
    yesterday = NOW - timedelta(hours=5)
    assert door.staff_counts(41, yesterday)["applied"] is False
    assert door.inside() == 0
    door.doors[Direction.ENTRY] = Door(Direction.ENTRY, HANOI)
    assert door.staff_counts(41)["applied"] is False, "nothing can be counted"


def test_admissions_of_a_day_are_not_made_less_by_who_leaves(door):
    full = Capacity(2, counts=Counted.ADMISSIONS)
    door = door(Policy("1", "lobby", RULES, capacity=full))
    door.shows(code(number="1"))
    door.shows(code(number="1"), way=Direction.EXIT)
    door.shows(code(number="2"))
    assert door.inside() == 1
    assert door.shows(code(number="3")) == "capacity_reached"


def test_how_full_it_is_is_told_with_its_level(door):
    door = door(Policy("1", "lobby", RULES, capacity=Capacity(3, warn_at=2)))
    entrance = door.doors[Direction.ENTRY]
    told = [entrance.occupied(door.policy, door.clock)]
    for number in range(3):
        door.shows(code(number=str(number)))
        told.append(entrance.occupied(door.policy, door.clock, told[-1]))
    assert told == [Occupied(0, 0), Occupied(1, 0), Occupied(2, 1), Occupied(3, 2)]
    assert entrance.occupied(HARD, door.clock) is None
    assert Door().occupied(door.policy, door.clock) is None


# how sure


FIRE = EventDraft(EventType.ALARM_RAISED, data={"alarm": "fire"})


def test_an_open_door_makes_the_number_a_guess_until_staff_counts(door):
    door = door()
    assert door.certain()
    door.write(FIRE)
    assert not door.certain()
    door.restart()
    assert not door.certain()
    door.staff_counts(3)
    assert door.certain()
    door.restart()
    assert door.certain()


def test_a_light_barrier_counts_in_a_free_passage_and_leaves_doubt(door):
    door = door()
    said = {"free": True, "assumed": True}
    door.write(EventDraft(EventType.PASSAGE_ENTERED, "", said, count=Count(change=1)))
    assert (door.inside(), door.certain()) == (1, False)


def test_sensors_that_tell_directions_leave_no_doubt(door):
    door = door()
    door.tally.tells_directions = True
    door.write(FIRE)
    assert door.certain()


def test_a_journal_that_is_lost_takes_its_counts_with_it_and_says_so(door, tmp_path):
    door = door()
    door.shows(code())
    door.journal.close()
    for path in tmp_path.glob("journal.db*"):
        path.write_bytes(b"rubbish" * 1000)
    door.start()
    assert (door.inside(), door.certain()) == (0, False)


# what an older kiosk has left


def test_a_table_from_before_is_gone_on_with(tmp_path):
    at = int(NOW.timestamp())
    with closing(sqlite3.connect(tmp_path / "journal.db")) as db:
        db.executescript(
            "CREATE TABLE counts (visit TEXT PRIMARY KEY, who BLOB NOT NULL, change INTEGER NOT NULL,"
            " at INTEGER NOT NULL, until INTEGER NOT NULL) STRICT;"
        )
        db.execute("INSERT INTO counts VALUES ('old', x'0a', 1, ?, ?)", (at, at + 60))
        db.commit()
    for _ in range(2):
        clock = FakeClock(NOW)
        journal = SqliteJournal(tmp_path / "journal.db", kiosk="k", boot="b", clock=clock, sealer=Sealer(None))
        assert (journal.counts.used(b"\n"), journal.counts.inside(NOW)) == (1, 1)
        journal.close()


def test_persons_are_forgotten_after_two_days_though_the_use_of_their_code_is_not(door, tmp_path):
    door = door()
    until = int((NOW + timedelta(days=30)).timestamp())
    count = Count(b"who", 1, until, b"person")
    door.write(EventDraft(EventType.VISIT_ADMITTED, "v", count=count))
    door.clock.advance(LOOKED_BACK.total_seconds() + 1)
    door.write(EventDraft(EventType.GATE_LOCKED))
    counts = door.journal._opened().counts
    assert (counts.used(b"who"), counts.last_seen([b"person"])) == (1, ())
    door.restart()
    with closing(sqlite3.connect(tmp_path / "journal.db")) as db:
        assert db.execute("SELECT who, person, change FROM counts").fetchall() == [(b"who", b"", 0)]


