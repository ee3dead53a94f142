"""Keys of the day: made when needed, read for some days, gone after them."""

import os
from datetime import UTC, datetime, timedelta, timezone

import pytest

from kiosk.adapters.day_keys import DayKeyError, DayKeys
from kiosk.domain.events import ClockConfidence, EventDraft, EventType
from kiosk.testing.clock import FakeClock

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
DRAFT = EventDraft(EventType.VISIT_DENIED, kept=b"inputs")


@pytest.fixture
def clock():
    return FakeClock(NOON)


@pytest.fixture
def keys(tmp_path, clock):
    return DayKeys(tmp_path / "day-keys", clock=clock, keep_days=21)


def test_what_was_sealed_is_read_back(tmp_path, keys):
    day, box = keys.seal(DRAFT, "epoch", 7)
    assert day == "2026-06-01"
    assert b"inputs" not in box
    assert DayKeys(tmp_path / "day-keys").open(day, box, "epoch", 7) == b"inputs"


@pytest.mark.parametrize(("epoch", "seq"), [("epoch", 8), ("other", 7)])
def test_a_box_opens_for_its_own_event_only(keys, epoch, seq):
    day, box = keys.seal(DRAFT, "epoch", 7)
    with pytest.raises(DayKeyError):
        keys.open(day, box, epoch, seq)


def test_a_changed_box_does_not_open(keys):
    day, box = keys.seal(DRAFT, "epoch", 7)
    for wrong in (box[:-1] + bytes([box[-1] ^ 1]), box[:10], b""):
        with pytest.raises(DayKeyError):
            keys.open(day, wrong, "epoch", 7)


@pytest.mark.parametrize("name", ["2026-06-02", "../../etc/passwd", ""])
def test_without_its_key_a_box_does_not_open(keys, name):
    _, box = keys.seal(DRAFT, "epoch", 7)
    with pytest.raises(DayKeyError):
        keys.open(name, box, "epoch", 7)


def test_one_key_a_day_which_its_owner_alone_reads(tmp_path, keys, clock):
    keys.seal(DRAFT, "epoch", 1)
    keys.seal(DRAFT, "epoch", 2)
    clock.advance(86_400)
    keys.seal(DRAFT, "epoch", 3)
    files = sorted((tmp_path / "day-keys").iterdir())
    assert [path.name for path in files] == ["2026-06-01.key", "2026-06-02.key"]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert {len(path.read_bytes()) for path in files} == {32}
    assert len({path.read_bytes() for path in files}) == 2
    assert (tmp_path / "day-keys").stat().st_mode & 0o777 == 0o700


def test_a_day_is_the_venues(tmp_path, clock):
    clock.set_wall(NOON.replace(hour=18))
    keys = DayKeys(tmp_path, clock=clock, zone=timezone(timedelta(hours=7)))
    assert keys.seal(DRAFT, "epoch", 1)[0] == "2026-06-02"


def test_a_draft_with_nothing_to_keep_makes_no_key(tmp_path, keys):
    assert keys.seal(EventDraft(EventType.GATE_LOCKED), "epoch", 1) is None
    assert keys.names() == frozenset()


def test_who_only_reads_makes_no_key(tmp_path):
    keys = DayKeys(tmp_path)
    assert keys.seal(DRAFT, "epoch", 1) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("days", "stays"), [(0, True), (21, True), (22, False), (-21, True), (-22, False)])
def test_a_key_is_destroyed_when_its_days_are_over_or_never_came(keys, clock, days, stays):
    day, box = keys.seal(DRAFT, "epoch", 1)
    clock.set_wall(NOON + timedelta(days=days))
    assert keys.destroy_old() == (frozenset({day}) if stays else frozenset())
    if stays:
        assert keys.open(day, box, "epoch", 1) == b"inputs"
    else:
        with pytest.raises(DayKeyError):
            keys.open(day, box, "epoch", 1)


@pytest.mark.parametrize(("confidence", "stays"), [(ClockConfidence.DRIFTING, True), (ClockConfidence.SYNCED, False)])
def test_a_clock_that_may_be_behind_destroys_no_key_that_is_ahead(keys, clock, confidence, stays):
    day, _ = keys.seal(DRAFT, "epoch", 1)
    clock.confidence_is = confidence
    clock.set_wall(NOON - timedelta(days=60))
    assert (day in keys.destroy_old(), day in keys.names()) == (stays, stays)
    clock.set_wall(NOON + timedelta(days=60))
    keys.destroy_old()
    assert day not in keys.names(), "a kiosk without a network forgets as well"


def test_one_key_that_cannot_be_destroyed_stops_no_other_and_is_said_once(tmp_path, keys, clock, caplog):
    day, _ = keys.seal(DRAFT, "epoch", 1)
    (tmp_path / "day-keys" / "2026-05-30.key").mkdir()
    clock.advance(30 * 86_400)
    assert keys.destroy_old() == keys.destroy_old() == frozenset()
    assert day not in keys.names()
    assert caplog.text.count("cannot be destroyed") == 1


def test_a_destroyed_key_is_overwritten_as_well(tmp_path, keys, clock):
    keys.seal(DRAFT, "epoch", 1)
    other_name = tmp_path / "link"
    os.link(tmp_path / "day-keys" / "2026-06-01.key", other_name)
    clock.advance(30 * 86_400)
    keys.destroy_old()
    assert other_name.read_bytes() == bytes(32)


def test_while_the_date_is_not_known_nothing_is_destroyed_and_the_key_is_named_for_it(keys, clock):
    known, _ = keys.seal(DRAFT, "epoch", 1)
    clock.confidence_is = ClockConfidence.UNSET
    clock.set_wall(datetime(1970, 1, 1, tzinfo=UTC))
    day, box = keys.seal(DRAFT, "epoch", 2)
    assert day.startswith("unset-")
    assert keys.destroy_old() == {known, day}
    assert keys.open(day, box, "epoch", 2) == b"inputs"


def test_the_days_of_a_key_without_a_day_begin_with_the_first_known_date(tmp_path, clock):
    clock.confidence_is = ClockConfidence.UNSET
    keys = DayKeys(tmp_path, clock=clock, keep_days=21)
    day, _ = keys.seal(DRAFT, "epoch", 1)
    clock.confidence_is = ClockConfidence.SYNCED
    assert keys.destroy_old() == {day}
    seen = datetime.fromtimestamp((tmp_path / f"{day}.key").stat().st_mtime, UTC)
    clock.set_wall(seen + timedelta(days=20))
    assert keys.destroy_old() == {day}
    clock.set_wall(seen + timedelta(days=22))
    assert keys.destroy_old() == frozenset()


def test_a_folder_that_cannot_be_written_keeps_nothing_and_stops_nobody(tmp_path, clock, caplog):
    (tmp_path / "file").write_text("in the way")
    assert DayKeys(tmp_path / "file", clock=clock).seal(DRAFT, "epoch", 1) is None
    assert "no inputs of decisions are kept" in caplog.text


def test_other_files_are_left_alone(tmp_path, clock):
    (tmp_path / "notes.key").write_text("not ours")
    (tmp_path / "2026-99-99.key").write_bytes(bytes(32))
    keys = DayKeys(tmp_path, clock=clock)
    keys.destroy_old()
    assert (tmp_path / "notes.key").exists()


def test_a_damaged_key_is_replaced(tmp_path, keys):
    keys.seal(DRAFT, "epoch", 1)
    (tmp_path / "day-keys" / "2026-06-01.key").write_bytes(b"short")
    day, box = keys.seal(DRAFT, "epoch", 2)
    assert keys.open(day, box, "epoch", 2) == b"inputs"
