"""Look-ups: left as small files beside the gate, and taken into its journal."""

import asyncio
import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kiosk.adapters.count_keys import PersonKeys
from kiosk.adapters.day_keys import DayKeys
from kiosk.adapters.journal import Sealer, SqliteJournal
from kiosk.adapters.late_journal import LateJournal
from kiosk.adapters.lookups import MAX_AT_ONCE, PIN_REMOVED, PIN_SET, Inbox, leave, leave_count, leave_pin
from kiosk.adapters.policy_archive import PolicyArchive
from kiosk.adapters.upkeep import AFTER_FAILURE_S, LOOKUPS_EVERY_S, Upkeep
from kiosk.app.ports import JournalError
from kiosk.domain.events import Count, EventDraft, EventType
from kiosk.domain.passback import LOOKED_BACK
from kiosk.domain.staff import Staff, StaffRole
from kiosk.testing.clock import FakeClock
from kiosk.testing.published import data_breaks

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
SAID = {"what": "explain", "seq": 17, "uid": 1000, "at": "2026-06-01T12:00:00+00:00"}

COUNTED = {"what": "count", "people": 41, "by": "staff", "why": "", "uid": 1000, "at": SAID["at"]}


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "lookups"


def leave_one(folder, seq=17):
    leave(folder, what="explain", seq=seq, uid=1000, at=NOW)


def test_a_look_up_becomes_an_event(folder):
    leave_one(folder)
    ((path, draft),) = Inbox(folder).waiting()
    assert draft == EventDraft(EventType.LOOKUP_MADE, data={"lookup": path.stem, **SAID})
    assert (folder.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)
    Inbox(folder).done(path)
    assert Inbox(folder).waiting() == ()


def test_a_look_up_may_say_why_and_up_to_which_event(folder):
    leave(folder, what="export", seq=1, uid=1000, at=NOW, why="authority", last=9)
    ((_, draft),) = Inbox(folder).waiting()
    assert {key: draft.data[key] for key in ("what", "seq", "last", "why")} == {
        "what": "export", "seq": 1, "last": 9, "why": "authority",
    }  # fmt: skip


@pytest.mark.parametrize(("what", "said"), [(PIN_SET, "set"), (PIN_REMOVED, "removed")])
def test_a_pin_that_is_given_or_taken_away_becomes_an_event(folder, what, said):
    word = leave_pin(folder, what, Staff(StaffRole.GUARD, "night-2"), uid=1000, at=NOW)
    ((_, draft),) = Inbox(folder).waiting()
    assert draft.type is EventType.PINS_CHANGED
    data = {"word": word, "what": said, "name": "night-2", "of": "guard", "uid": 1000, "at": SAID["at"]}
    assert draft.data == data
    assert data_breaks("pins.changed", data) == []


@pytest.mark.parametrize("name", ["Nguyễn Văn A", "", "x" * 33, "../x"])
def test_a_word_about_a_pin_names_it_by_a_code_or_is_taken_away(folder, name):
    leave_pin(folder, PIN_SET, Staff(StaffRole.GUARD, name), uid=1000, at=NOW)
    assert Inbox(folder).waiting() == ()


def test_a_number_that_staff_has_counted_becomes_an_event(folder):
    word = leave_count(folder, 41, by="staff", why="shift_change", uid=1000, at=NOW)
    leave(folder, what="explain", seq=17, uid=1000, at=NOW - timedelta(seconds=1))
    (_, looked_up), (path, counted) = Inbox(folder).waiting()
    assert looked_up.type is EventType.LOOKUP_MADE, "in the order of their time"
    assert path.stem == word
    said = {"people": 41, "by": "staff", "why": "shift_change", "uid": 1000, "at": SAID["at"]}
    assert counted == EventDraft(EventType.OCCUPANCY_SET, data={"word": word, **said})


def test_there_need_be_no_folder(folder):
    assert Inbox(folder).waiting() == ()


@pytest.mark.parametrize("content", [
    b"", b"{}", b"[]", b"\xff", b"[" * 1000, b"x" * 2000, json.dumps({**SAID, "seq": "17"}).encode(),
    json.dumps({**SAID, "name": "somebody"}).encode(), json.dumps({**SAID, "seq": True}).encode(),
    json.dumps({**SAID, "what": "\ud800"}).encode(), json.dumps({**SAID, "at": "\ud800"}).encode(),
    json.dumps({**SAID, "at": "2026-06-01T12:00"}).encode(), json.dumps({**COUNTED, "people": -1}).encode(),
    json.dumps({**COUNTED, "people": 10**7}).encode(), json.dumps({**COUNTED, "by": ""}).encode(),
    json.dumps({**COUNTED, "why": "somebody's name"}).encode(), json.dumps({**COUNTED, "seq": 1}).encode(),
    json.dumps({**SAID, "why": "Ánh asked"}).encode(), json.dumps({**SAID, "last": "9"}).encode(),
    json.dumps({**SAID, "last": -1}).encode(), json.dumps({**COUNTED, "last": 1}).encode(),
    json.dumps({**SAID, "uid": 1 << 63}).encode(), json.dumps({**SAID, "seq": -1}).encode(),
])  # fmt: skip
def test_a_file_that_is_no_look_up_is_taken_away_and_not_quoted(folder, content, caplog):
    folder.mkdir()
    (folder / ("a" * 32 + ".json")).write_bytes(content)
    assert Inbox(folder).waiting() == ()
    assert list(folder.iterdir()) == []
    assert "somebody" not in caplog.text


def test_links_pipes_and_folders_are_not_read(tmp_path, folder):
    leave_one(folder)
    (real,) = folder.iterdir()
    (folder / ("b" * 32 + ".json")).symlink_to(tmp_path / "elsewhere")
    os.mkfifo(folder / ("c" * 32 + ".json"))
    (folder / ("d" * 32 + ".json")).mkdir()
    (folder / "half.part").write_text("x")
    assert [path for path, _ in Inbox(folder).waiting()] == [real]


def test_many_are_taken_some_at_a_time(folder):
    for seq in range(MAX_AT_ONCE + 5):
        leave_one(folder, seq)
    assert len(Inbox(folder).waiting()) == MAX_AT_ONCE


class Upkeeping:
    """Upkeep with a journal, and a note that can be made to fail."""

    def __init__(self, tmp_path, keys=None):
        self.clock, self.broken, self.noted = FakeClock(NOW), False, []
        self.keys = DayKeys(tmp_path / "day-keys", clock=self.clock, keep_days=21)
        self.journal = LateJournal(lambda: SqliteJournal(
            tmp_path / "j.db", kiosk="k", boot="b", clock=self.clock, sealer=Sealer(None), day_keys=self.keys,
        ))  # fmt: skip
        archive = PolicyArchive(tmp_path / "policies")
        self.persons = PersonKeys((keys or tmp_path) / "passback.key", self.clock)
        self.upkeep = Upkeep(
            self.journal, Inbox(tmp_path / "lookups"), archive, self.clock, policy=lambda: "none", keep_days=21,
            pause=self.pause, keys=self.persons, reconcile=lambda draft: replace(draft, count=Count(change=40)),
        )  # fmt: skip
        self.pauses = []

    async def pause(self, seconds):
        self.pauses.append(seconds)
        self.broken = False
        if len(self.pauses) == 2:
            raise asyncio.CancelledError

    async def note(self, drafts):
        if self.broken:
            raise JournalError("broken on purpose")
        self.noted += drafts

    def take(self):
        asyncio.run(self.upkeep.take_lookups(self.note))


@pytest.fixture
def upkeeping(tmp_path):
    upkeeping = Upkeeping(tmp_path)
    yield upkeeping
    upkeeping.journal.close()


def test_a_look_up_waits_until_its_event_is_durable(folder, upkeeping):
    leave_one(folder)
    upkeeping.broken = True
    upkeeping.take()
    assert len(list(folder.iterdir())) == 1
    upkeeping.broken = False
    upkeeping.take()
    assert [draft.data["seq"] for draft in upkeeping.noted] == [17]
    assert list(folder.iterdir()) == []


def test_a_number_that_staff_has_counted_gets_its_meaning_on_the_way(folder, upkeeping):
    leave_one(folder)
    leave_count(folder, 41, by="staff", why="", uid=1000, at=NOW)
    upkeeping.take()
    assert {draft.type: draft.count for draft in upkeeping.noted} == {
        EventType.LOOKUP_MADE: None, EventType.OCCUPANCY_SET: Count(change=40),
    }  # fmt: skip
    assert list(folder.iterdir()) == []


def test_the_key_of_persons_is_replaced_when_its_time_is_over(tmp_path, upkeeping, caplog):
    before = upkeeping.persons()
    upkeeping.clock.advance(LOOKED_BACK.total_seconds())
    upkeeping.upkeep.forget()
    assert upkeeping.persons()[1:] == before
    (tmp_path / "passback.key").unlink()
    (tmp_path / "passback.key").mkdir()
    upkeeping.clock.advance(LOOKED_BACK.total_seconds())
    upkeeping.upkeep.forget()
    assert "the key of the counts cannot be kept" in caplog.text


def test_an_inbox_that_cannot_be_read_is_said(tmp_path, upkeeping, caplog):
    folder = tmp_path / "lookups"
    leave_one(folder)
    (path,) = folder.iterdir()

    async def note(drafts):
        path.unlink()
        path.mkdir()  # in the way of taking it away

    asyncio.run(upkeeping.upkeep.take_lookups(note))
    assert "look-ups and counts cannot be taken out of their folder" in caplog.text


def test_a_folder_that_cannot_be_written_puts_a_look_up_on_record_once(folder, upkeeping, monkeypatch, caplog):
    leave_one(folder)
    leave_one(folder, 18)

    def refuse(path, missing_ok=False):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as held:
        held.setattr("pathlib.Path.unlink", refuse)
        for _ in range(5):
            upkeeping.take()
    assert sorted(draft.data["seq"] for draft in upkeeping.noted) == [17, 18]
    assert caplog.text.count("cannot be taken out") == 2
    (folder / ("e" * 32 + ".json")).write_text("none")
    with monkeypatch.context() as held:
        held.setattr("pathlib.Path.unlink", refuse)
        for _ in range(5):
            upkeeping.take()
    assert caplog.text.count("cannot be read or taken away") == 1
    assert len(upkeeping.noted) == 2


def test_after_a_failure_the_next_look_is_later(upkeeping, folder):
    leave_one(folder)
    upkeeping.broken = True
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(upkeeping.upkeep._look_ups(upkeeping.note))
    assert upkeeping.pauses == [AFTER_FAILURE_S, LOOKUPS_EVERY_S]


def test_what_was_kept_is_forgotten_with_its_key(upkeeping):
    upkeeping.journal.append([EventDraft(EventType.VISIT_DENIED, "v", kept=b"inputs")])
    rows = upkeeping.journal._opened()._db.execute("SELECT seq, day FROM kept")
    assert [tuple(row) for row in rows] == [(1, "2026-06-01")]
    upkeeping.clock.advance(22 * 86_400)
    upkeeping.journal.append([EventDraft(EventType.VISIT_DENIED, "w", kept=b"inputs")])
    upkeeping.upkeep.forget()
    rows = upkeeping.journal._opened()._db.execute("SELECT seq FROM kept")
    assert [tuple(row) for row in rows] == [(2,)]
    assert len(upkeeping.keys.names()) == 1
    assert len(upkeeping.journal.read(0, 9)) == 2, "the events stay"


def test_forgetting_without_a_journal_is_tried_again(tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    upkeeping = Upkeeping(tmp_path / "file", keys=tmp_path)
    upkeeping.upkeep.forget()
    assert "tried again" in caplog.text
