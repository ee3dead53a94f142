"""What the report finds, in both databases, and what people and machines get to read."""

import json

import pytest

from kiosk.testing.fake_gate import make_record
from kiosk.testing.journals import chain
from mqtt_bridge.central.database_commands import COMMANDS
from mqtt_bridge.central.report import GAP_S, Found, Gap, report, table
from mqtt_bridge.central.sqlite_store import SqliteStore
from mqtt_bridge.central.store import Arrival, DeadLetter

NOW = 1_700_000_000


def add(store, *records, place="local/main/gate-1", ago=0, dead=()):
    store.add([Arrival(record, place) for record in records], dead, NOW - ago)


def the_only(told):
    (journal,) = told.journals
    return journal


def test_a_whole_journal_has_nothing_wrong(store):
    add(store, *chain(5), ago=60)
    add(store, *chain(5)[3:], ago=30)
    told = report(store.rows, NOW)
    one = the_only(told)
    assert (one.kiosk, one.epoch, one.stored, one.upto, one.repeats) == ("gate-1", "e1", 5, 5, 2)
    assert (one.began, one.heard, one.gaps, one.findings, one.successor) == (NOW - 60, NOW - 30, (), {}, False)
    assert not told.is_wrong


def test_gaps_are_told_with_their_numbers_and_their_age(store):
    records = chain(12)
    add(store, *records[:3], *records[5:7], ago=900)
    add(store, records[9], records[11], ago=30)
    told = report(store.rows, NOW)
    one = the_only(told)
    assert one.gaps == (Gap(4, 5, 900), Gap(8, 9, 30), Gap(11, 11, 30))
    assert told.late(one) == (Gap(4, 5, 900),)
    assert (one.stored, one.upto, told.is_wrong) == (7, 3, True)


@pytest.mark.parametrize(("age", "wrong"), [(GAP_S - 1, False), (GAP_S, True)])
def test_a_gap_is_wrong_once_it_has_stayed_open(store, age, wrong):
    add(store, chain(2)[1], ago=age)
    assert report(store.rows, NOW).is_wrong is wrong


def test_the_age_of_a_gap_counts_from_the_first_event_behind_it(store):
    records = chain(5)
    add(store, records[4], ago=600)
    add(store, records[2], ago=10)
    assert the_only(report(store.rows, NOW)).gaps == (Gap(1, 2, 600), Gap(4, 4, 600))


def test_a_gap_that_has_been_filled_is_gone(store):
    records = chain(5)
    add(store, records[0], *records[3:], ago=900)
    add(store, *records[1:3])
    told = report(store.rows, NOW)
    assert (the_only(told).gaps, told.is_wrong) == ((), False)


def test_findings_are_counted_by_kind(store):
    records = chain(6, broken=frozenset({3, 5}))
    records[5] = records[5].model_copy(update={"visit": "other"})
    add(store, *records)
    add(store, make_record(1, data={"reasons": ["other"]}))
    told = report(store.rows, NOW)
    one = the_only(told)
    assert one.findings == {"conflict": Found(1, 1), "hash": Found(1, 6), "link": Found(2, 3)}
    assert (one.repeats, told.is_wrong) == (1, True)


def test_a_kiosk_that_begins_anew_is_listed(store):
    add(store, *chain(2, epoch="z-old"), ago=900)
    add(store, *chain(1, epoch="a-new"), ago=10)
    add(store, *chain(1, kiosk="gate-2"), place="local/main/gate-2")
    told = report(store.rows, NOW)
    assert [(one.kiosk, one.epoch, one.successor) for one in told.journals] == [
        ("gate-1", "z-old", False), ("gate-1", "a-new", True), ("gate-2", "e1", False)
    ]  # fmt: skip
    assert not told.is_wrong
    assert "gate-1 a-new: a new journal of this kiosk since 2023-11-14 22:13:10Z" in table(told)


def test_dead_letters_and_findings_from_before_a_day_can_be_left_out(store):
    add(store, make_record(1, "f" * 64), ago=1000, dead=[DeadLetter("t", b"", "json")])
    add(store, ago=10, dead=[DeadLetter("t", b"", "topic")] * 2)
    told = report(store.rows, NOW)
    assert (told.dead_letters, told.dead_letters_ever, told.is_wrong) == ({"json": 1, "topic": 2}, 3, True)
    lately = report(store.rows, NOW, since=NOW - 100)
    assert (lately.dead_letters, lately.dead_letters_ever) == ({"topic": 2}, 3)
    assert the_only(lately).findings == {}
    assert report(store.rows, NOW, since=NOW).is_wrong is False


def test_an_empty_database_has_nothing_wrong(store):
    told = report(store.rows, NOW)
    assert (told.journals, told.is_wrong) == ((), False)


def test_people_read_a_table_and_one_line_for_each_thing():
    store = SqliteStore(":memory:")
    add(store, *chain(3), chain(6)[5], ago=900)
    add(store, make_record(2, data={"reasons": ["other"]}), dead=[DeadLetter("t", b"", "json")])
    assert table(report(store.rows, NOW)) == (
        "kiosk   epoch  stored  up to  gaps  repeats  conflicts  broken  altered  moved  last heard\n"
        "gate-1  e1          4      3     1        1          1       0        0      0  2023-11-14 22:13:20Z\n"
        "gate-1 e1: 4–5 missing for 15 min: look at the kiosk\n"
        "gate-1 e1: 2 came again with another content; the first one stays\n"
        "dead letters: 1 with code json\n"
        "dead letters: 1 ever; the newest are kept in the table dead_letters\n"
        "something is wrong"
    )
    store.close()


def test_the_command_ends_with_1_where_something_is_wrong_and_tells_machines(tmp_path, capsys):
    file = tmp_path / "centre.db"
    assert COMMANDS["migrate"](["--database", str(file)]) == 0
    assert COMMANDS["report"](["--database", str(file)]) == 0
    store = SqliteStore(file)
    store.add([Arrival(chain(2)[1], "local/main/gate-1")], [], 1)
    store.close()
    capsys.readouterr()
    assert COMMANDS["report"](["--database", str(file), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["wrong"] is True
    assert [(gap["first"], gap["last"]) for gap in told["journals"][0]["gaps"]] == [(1, 1)]


def test_a_report_on_a_file_that_is_not_there_is_wrong_usage_and_makes_none(tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        COMMANDS["report"](["--database", str(tmp_path / "none.db")])
    assert (ended.value.code, list(tmp_path.iterdir())) == (2, [])
    assert "there is no file" in capsys.readouterr().err


def test_a_file_that_is_no_database_is_one_sentence(tmp_path, capsys):
    file = tmp_path / "centre.db"
    file.write_bytes(b"no database" * 100)
    assert COMMANDS["report"](["--database", str(file)]) == 3
    assert capsys.readouterr().err.count("\n") == 1
