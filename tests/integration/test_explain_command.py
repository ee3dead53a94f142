"""`kiosk explain` as people use it, beside a journal that a gate's parts have written."""

import json
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.adapters import journal_retention
from kiosk.adapters.clock import SystemClock
from kiosk.adapters.day_keys import DayKeys
from kiosk.adapters.journal import Sealer, SqliteJournal
from kiosk.adapters.journal_reader import JournalReader
from kiosk.adapters.policy_archive import PolicyArchive, read_policy
from kiosk.adapters.trust_files import load
from kiosk.app.judge import judge_codes
from kiosk.cli import main
from kiosk.demo.script import CITIZEN_CARD, make_issuers, visitor_pass
from kiosk.demo.world import Choices, make_world
from kiosk.domain.decision import outcome, reasons
from kiosk.domain.events import ClockConfidence, EventDraft, EventType
from kiosk.domain.situation import Situation
from kiosk.testing import health_certificates as health
from kiosk.testing.health_certificates import recovery
from kiosk.verify.replay import keep

TYPES = {"admit": EventType.VISIT_ADMITTED, "deny": EventType.VISIT_DENIED, "need": EventType.VISIT_NEEDS_MORE}
POSTER = b"https://qr.tokhaiyte.vn/x"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A kiosk's folder with five events, one of them a decision on two codes and one a refusal."""
    clock = SystemClock(trust_system=True)
    now = clock.now()
    issuers = make_issuers(now)
    world = make_world(tmp_path_factory.mktemp("kiosk"), issuers, Choices(), 18830)
    policy, document = read_policy(world.folder / "policy.toml")
    state = world.folder / "state"
    PolicyArchive(state / "policies").keep(document)
    trust = load(world.folder / "trust")
    recovered = health.certificate(issuers.ministry, recovery(now - timedelta(days=60)), now - timedelta(days=1))
    shown = {
        "anh": [CITIZEN_CARD.encode(), recovered.encode()],
        "guest": [visitor_pass(issuers.front_desk, "b", now).encode()],
        "poster": [POSTER],
    }
    drafts = [EventDraft(EventType.KIOSK_STARTED)]
    for visit, codes in shown.items():
        judged = judge_codes(codes, trust, policy, Situation(now, ClockConfidence.SYNCED))
        kept = keep(policy, judged.evidence, judged.situation, judged.decision)
        data = {**judged.data, "reasons": list(reasons(judged.decision))}
        drafts.append(EventDraft(TYPES[outcome(judged.decision)], visit, data, kept=kept))
    keys = DayKeys(state / "day-keys", clock=clock)
    journal = SqliteJournal(
        state / "journal.db", kiosk="demo-door", boot="b", clock=clock, sealer=Sealer(None), day_keys=keys
    )
    journal.append([*drafts, EventDraft(EventType.GATE_LOCKED, "anh")])
    journal.close()
    return world.folder


@pytest.fixture
def kiosk(written, tmp_path):
    """A copy that a test may change."""
    folder = tmp_path / "kiosk"
    shutil.copytree(written, folder)
    return folder


def explain(capsys, kiosk, *words, config=True):
    status = main(["explain", *words, *(("--config", str(kiosk / "kiosk.toml")) if config else ())])
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    return status, said.out, said.err


def test_an_admission_is_explained(capsys, kiosk):
    status, said, _ = explain(capsys, kiosk, "2")
    assert status == 0
    assert "Decision: let in, by the rule “recovered, with identity card”" in said
    assert "1. citizen card (CCCD): without a signature" in said
    assert "2. health certificate (HC1), recovery of VN: genuine and valid" in said
    assert "Replay: the kept inputs and the policy of then give the same decision" in said
    assert "Today: the decision would be the same" in said
    assert "Nguy" not in said
    assert "001190000001" not in said


@pytest.mark.parametrize(("event", "number"), [("last", 4), ("guest", 3), ("anh", 2), ("5", 5)])
def test_an_event_is_named_in_several_ways(capsys, kiosk, event, number):
    status, said, _ = explain(capsys, kiosk, event, "--json")
    assert (status, json.loads(said)["event"]["seq"]) == (0, number)


def test_a_refusal_is_explained_in_vietnamese(capsys, kiosk):
    status, said, _ = explain(capsys, kiosk, "last", "--language", "vi")
    assert status == 0
    assert "Quyết định: từ chối" in said
    assert "→ Đưa mã trên điện thoại hoặc giấy của bạn" in said


def test_a_policy_that_has_changed_since_is_the_cause_of_a_difference(capsys, kiosk):
    policy = kiosk / "policy.toml"
    policy.write_text(policy.read_text().replace('kinds = ["visit"]', 'kinds = ["staff"]'))
    status, said, _ = explain(capsys, kiosk, "guest", "--json")
    today = json.loads(said)["today"]
    assert status == 0, "that it would be different today is no fault of the record"
    assert (today["differs"], today["causes"], today["policy_changes"]) == (True, ["policy"], ["~expected visitor"])
    assert today["decision"]["reasons"] == ["kind_not_accepted"]


def test_an_event_that_was_dropped_is_said_to_be_and_the_next_one_is_in_its_place(capsys, kiosk):
    with closing(sqlite3.connect(kiosk / "state" / "journal.db")) as db, db:
        journal_retention.drop(db, 1)
    status, _, problem = explain(capsys, kiosk, "1")
    assert (status, problem.count("\n")) == (1, 1)
    assert "older than this kiosk keeps them" in problem
    status, said, _ = explain(capsys, kiosk, "2")
    assert status == 0
    assert "The record is whole and in its place" in said


def test_when_the_key_is_gone_the_open_record_explains(capsys, kiosk):
    for key in (kiosk / "state" / "day-keys").iterdir():
        key.unlink()
    status, said, _ = explain(capsys, kiosk, "2")
    assert status == 0
    assert "the key of that day has been destroyed" in said
    assert "2. health certificate (HC1), recovery of VN" in said


def test_when_the_policy_of_then_is_gone_it_is_said(capsys, kiosk):
    shutil.rmtree(kiosk / "state" / "policies")
    status, said, _ = explain(capsys, kiosk, "2", "--json")
    assert (status, json.loads(said)["why_no_replay"]) == (0, "policy_gone")


def test_country_rules_that_are_not_those_of_then_are_no_fault_of_the_kiosk(capsys, kiosk):
    sql(kiosk, """UPDATE events SET data = json_set(data, '$.country_rules', 'v9') WHERE seq = 2""")
    _, said, _ = explain(capsys, kiosk, "2")
    assert "the country rules of then are not those in the archive" in said
    assert "THE REPLAY GIVES ANOTHER DECISION" not in said


def test_inputs_of_another_event_do_not_pass_for_this_ones(capsys, kiosk):
    sql(kiosk, "UPDATE kept SET box = (SELECT box FROM kept WHERE seq = 2) WHERE seq = 3")
    status, said, _ = explain(capsys, kiosk, "3", "--json")
    assert (status, json.loads(said)["why_no_replay"]) == (0, "kept_foreign")


def sql(kiosk, statement):
    with closing(sqlite3.connect(kiosk / "state" / "journal.db")) as database:
        database.execute(statement)
        database.commit()


def test_a_changed_record_is_said_loudly(capsys, kiosk):
    sql(kiosk, "UPDATE events SET data = replace(data, 'expected visitor', 'vaccinated') WHERE seq = 3")
    status, said, _ = explain(capsys, kiosk, "3")
    assert status == 3
    assert "THE RECORD IS NOT WHOLE" in said
    assert "THE REPLAY GIVES ANOTHER DECISION: let in, by the rule “expected visitor”" in said


@pytest.mark.parametrize("data", [
    '{"evidence": [1]}', '{"reasons": [{}]}', '{"evidence": [{"format": ["x"]}]}', "[1]", '{"a": "\\ud800"}',
    '{"format": "HC9", "verdict": "valid"}', '{"verdict": "nope", "reasons": 5}',
])  # fmt: skip
def test_a_record_that_no_gate_wrote_never_ends_in_a_traceback(capsys, kiosk, data):
    sql(kiosk, f"UPDATE events SET data = '{data}' WHERE seq = 3")  # noqa: S608
    sql(kiosk, "DELETE FROM kept")
    status, said, error = explain(capsys, kiosk, "3")
    assert status == 3
    assert (error.count("\n") == 1) is (said == "")


def test_every_look_up_leaves_word_before_anything_is_shown(capsys, kiosk):
    explain(capsys, kiosk, "2")
    explain(capsys, kiosk, "last", "--json")
    left = [json.loads(path.read_text()) for path in (kiosk / "state" / "lookups").iterdir()]
    assert sorted(one["seq"] for one in left) == [2, 4]


def test_without_leave_to_leave_word_nothing_is_shown(capsys, kiosk):
    (kiosk / "state" / "lookups").write_text("in the way")
    status, said, error = explain(capsys, kiosk, "2")
    assert (status, said) == (3, "")
    assert "cannot be put on record" in error


def test_without_settings_nothing_is_said_of_today(capsys, kiosk):
    status, said, _ = explain(capsys, kiosk, "2", "--state", str(kiosk / "state"), config=False)
    assert status == 0
    assert "Today: cannot be said: name the settings with --config" in said


def test_settings_of_today_that_cannot_be_used_are_said(capsys, kiosk):
    (kiosk / "policy.toml").write_text("nonsense = = =")
    status, said, _ = explain(capsys, kiosk, "2")
    assert status == 0
    assert "Today: cannot be said: " in said
    assert "policy.toml: not valid TOML" in said


@pytest.mark.parametrize(("words", "status", "part"), [
    (["99"], 1, "no event and no decided visit '99'"),
    (["nobody"], 1, "no event and no decided visit 'nobody'"),
    (["9" * 40], 1, "no event"),
])  # fmt: skip
def test_what_is_not_there_is_said_in_one_sentence(capsys, kiosk, words, status, part):
    found, said, error = explain(capsys, kiosk, *words)
    assert (found, said) == (status, "")
    assert part in error
    assert error.count("\n") == 1
    assert not (kiosk / "state" / "lookups").exists(), "nothing was looked up"


@pytest.mark.parametrize("words", [["last", "--config", "/none.toml"], ["last", "--state", "/none"], []])
def test_wrong_usage_is_one_sentence(capsys, words):
    status = main(["explain", *words])
    error = capsys.readouterr().err
    assert status in (2, 3)
    assert error.startswith("kiosk: ")
    assert error.count("\n") == 1


@pytest.mark.system
def test_a_running_gate_turns_a_look_up_into_an_event(kiosk):
    """The gate's own process keeps the journal; `explain` reads beside it, and its look-up is on record soon after."""
    gate = subprocess.Popen(
        [sys.executable, "-m", "kiosk", "run", "--config", kiosk / "kiosk.toml"], stderr=subprocess.DEVNULL
    )
    try:
        wait_for(lambda: any((kiosk / "run").glob("ui.sock")))
        command = [sys.executable, "-m", "kiosk", "explain", "2", "--config", kiosk / "kiosk.toml", "--json"]
        done = subprocess.run(command, capture_output=True, timeout=60, check=True)
        assert json.loads(done.stdout)["replay"]["same"] is True
        wait_for(lambda: not list((kiosk / "state" / "lookups").iterdir()))
    finally:
        gate.terminate()
        gate.wait(30)
    assert looked_up(kiosk) == [2]


@pytest.mark.system
@pytest.mark.parametrize(("key", "faults"), [(b"short", ["counts_unavailable"]), (bytes(32), [])])
def test_a_start_without_a_key_of_the_counts_is_on_record(kiosk, key, faults):
    (kiosk / "state" / "entries.key").write_bytes(key)
    with closing(JournalReader(kiosk / "state" / "journal.db")) as reader:
        before = newest(reader)
    gate = subprocess.Popen(
        [sys.executable, "-m", "kiosk", "run", "--config", kiosk / "kiosk.toml"], stderr=subprocess.DEVNULL
    )
    try:
        with closing(JournalReader(kiosk / "state" / "journal.db")) as reader:
            wait_for(lambda: newest(reader) > before)
    finally:
        gate.terminate()
        gate.wait(30)
    with closing(JournalReader(kiosk / "state" / "journal.db")) as reader:
        events = [reader.event(seq) for seq in range(before + 1, newest(reader) + 1)]
    assert EventType.KIOSK_STARTED in [event.type for event in events]
    assert [event.data["fault"] for event in events if event.type is EventType.FAULT_RAISED] == faults


def newest(reader: JournalReader) -> int:
    return max(seq for seq in range(40) if seq == 0 or reader.event(seq) is not None)


def wait_for(condition, seconds=30.0):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


def looked_up(kiosk: Path) -> list[int]:
    with closing(JournalReader(kiosk / "state" / "journal.db")) as reader:
        events = filter(None, map(reader.event, range(1, 30)))
        return [event.data["seq"] for event in events if event.type is EventType.LOOKUP_MADE]
