"""The whole kiosk: the demonstration's morning, and the survival of every child's death."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.journal_reader import JournalReader
from kiosk.app.explain import is_decision
from kiosk.bench.path import is_ready
from kiosk.demo.books import compare
from kiosk.demo.script import Visitor, make_issuers, visitor_pass
from kiosk.demo.supervisor import Supervisor
from kiosk.demo.timeline import Timeline
from kiosk.demo.world import Choices, make_world, write_scene
from kiosk.testing.broker import Mosquitto

pytestmark = pytest.mark.system

WITHOUT_DISPLAY = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}


@pytest.fixture(scope="module")
def morning(tmp_path_factory):
    """One morning, played by the command that a newcomer types."""
    out = tmp_path_factory.mktemp("out")
    began = time.monotonic()
    process = subprocess.run(
        [sys.executable, "-m", "kiosk", "demo", "--once", "--json", "--out", str(out), "--keep", str(out / "kept")],
        capture_output=True, timeout=120, env=WITHOUT_DISPLAY, check=False,
    )  # fmt: skip
    took = time.monotonic() - began
    return process, took, out, json.loads(process.stdout or b"{}")


def test_every_visit_ends_as_it_should(morning):
    process, _, _, summary = morning
    assert process.returncode == 0, process.stderr.decode()
    assert (summary["right"], summary["wrong"], summary["missed"]) == (11, 0, 0)
    assert [(v["outcome"], v["reasons"][:1]) for v in summary["visits"]] == [
        ("admit", []), ("deny", ["expired"]), ("staff", ["issuer_unknown"]), ("deny", ["signature_invalid"]),
        ("admit", []), ("admit", []), ("admit", []), ("admit", []), ("admit", []), ("deny", ["venue_poster"]),
        ("deny", ["entries_used"]),
    ]  # fmt: skip


def test_the_relay_moved_for_the_admitted_and_for_nobody_else(morning):
    *_, summary = morning
    for visit in summary["visits"]:
        assert (visit["released_ms"] > 0) is (visit["outcome"] == "admit")


def test_the_centre_holds_what_the_kiosk_wrote(morning):
    *_, summary = morning
    books = summary["books"]
    assert books["chained"]
    assert books["agree"]
    assert books["confirmed"] >= 9


def test_the_timeline_tells_a_person_what_happened(morning):
    said = morning[0].stderr.decode()
    for step in ("part", "seen", "decision", "relay on", "relay off", "stored", "sent", "confirmed"):
        assert step in said
    assert "MORE NEEDED" in said
    assert "another code of this visit has been read" in said
    assert "part 1 of 2 has been read; the screen asks for the next" in said
    assert said.count("SMART Health Card in two parts") == 1
    assert "rule 'vaccinated (SMART Health Card), with identity card'" in said
    assert "rule 'staff, with identity card'" in said
    assert "rule 'ticket of today's event'" in said
    assert "a code that changes nothing" in said
    assert "Mẫu" not in said, "a timeline names nobody"
    assert "kiosk explain last --config" in said.splitlines()[-1]


def test_every_decision_of_the_morning_can_be_explained(morning):
    """What was kept gives each decision again, refusals and admissions."""
    state = morning[2] / "kept" / "state"
    with closing(JournalReader(state / "journal.db")) as reader:
        decisions = [e for e in map(reader.event, range(1, reader.last_decision().seq + 1)) if is_decision(e)]
    outcomes = set()
    for event in decisions:
        words = ["explain", str(event.seq), "--json", "--config", state.parent / "kiosk.toml"]
        process = subprocess.run([sys.executable, "-m", "kiosk", *words], capture_output=True, timeout=60, check=False)
        found = json.loads(process.stdout)
        assert (process.returncode, found["replay"]["same"], found["today"]["differs"]) == (0, True, False)
        outcomes.add(found["decision"]["outcome"])
    assert outcomes == {"admit", "deny", "need"}
    assert len(list((state / "lookups").iterdir())) == len(decisions)


def test_it_trusts_what_was_imported(morning):
    folder = morning[2] / "kept" / "trust"
    assert {path.stem for path in folder.glob("*.trust")} == {"clinic", "festival", "front-desk", "ministry"}


def test_it_ends_within_55_seconds_and_leaves_pictures(morning):
    _, took, out, _ = morning
    assert took <= 55
    shown = {path.stem.split("-", 1)[1] for path in out.glob("screens/*.png")}
    assert {"idle-next_part-vi", "refused-more-identity_needed-vi", "refused-entries_used-vi"} <= shown


@pytest.mark.parametrize("ending", [signal.SIGHUP, signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_it_ends_in_good_order_and_leaves_nothing_behind(tmp_path, ending):
    env = {**WITHOUT_DISPLAY, "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-m", "kiosk", "demo", "--out", str(tmp_path / "out")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env) as process:
        try:
            assert b"Starting" in process.stdout.readline()
            process.send_signal(ending)
            process.send_signal(ending)
            said, errors = process.communicate(timeout=30)
        finally:
            process.kill()  # where it has not ended, the test fails instead of waiting for ever
    assert b"Stopping" in said, errors
    assert errors == b""
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.fixture
def kiosk(tmp_path):
    """All four processes, running and ready, with nothing in front of the camera."""
    issuers = make_issuers(SystemClock().now())
    with Mosquitto(tmp_path / "broker") as broker:
        world = make_world(tmp_path, issuers, Choices(pictures=tmp_path / "s", pulse_ms=150), broker.port)
        write_scene(world.scene, ())
        notes = []
        timeline = Timeline(lambda _: None)
        supervisor = Supervisor(world, timeline.take, notes.append)
        supervisor.start_centre(broker.port)
        supervisor.start_kiosk()
        try:
            assert supervisor.run_until(lambda: is_ready(timeline), 30)
            yield supervisor, timeline, notes, issuers
        finally:
            supervisor.stop()


def test_every_child_may_be_killed_and_the_next_visitor_is_served(kiosk):
    supervisor, timeline, notes, issuers = kiosk
    for name in ("ui", "bridge", "centre", "gate", "vision"):
        timeline.health.clear()
        timeline.page = ""
        os.kill(supervisor.children[name].process.pid, signal.SIGKILL)
        assert supervisor.run_until(lambda name=name: any(name in note for note in notes), 10)
    text = visitor_pass(issuers.front_desk, "after the kills", SystemClock().now())
    visitors = (Visitor("survivor", text, "phone", "admit", at_s=0.5, hold_s=2),)
    timeline.visitors, timeline.start_ns = visitors, time.monotonic_ns() + 3_000_000_000
    write_scene(supervisor.world.scene, visitors, timeline.start_ns)
    supervisor.children["vision"].process.terminate()

    def served():
        return any(visit.done for visit in timeline.visits.values())

    assert supervisor.run_until(served, 30), supervisor.world.logs.joinpath("gate.log").read_text()
    (visit,) = timeline.visits.values()
    assert visit.failure(pulse_ms=150) == ""
    assert all("SIGKILL" in note for note in notes[:5])
    supervisor.stop()
    books = compare(supervisor.world.journal, supervisor.world.centre_database)
    assert books.chained
    assert books.agree


def test_without_a_broker_visitors_are_served_and_records_wait(tmp_path):
    issuers = make_issuers(SystemClock().now())
    world = make_world(tmp_path, issuers, Choices(pictures=tmp_path / "s", pulse_ms=150), mqtt_port=1)
    text = visitor_pass(issuers.front_desk, "offline", SystemClock().now())
    visitors = (Visitor("offline", text, "phone", "admit", at_s=0.5, hold_s=3),)
    timeline = Timeline(lambda _: None, visitors, time.monotonic_ns() + 4_000_000_000)
    write_scene(world.scene, visitors, timeline.start_ns)
    supervisor = Supervisor(world, timeline.take, lambda _: None)
    supervisor.start_kiosk()
    try:
        released = supervisor.run_until(lambda: any(v.off_ns for v in timeline.visits.values()), 30)
    finally:
        stubborn = supervisor.stop()
    (visit,) = timeline.visits.values()
    assert released
    assert (visit.outcome, visit.confirmed_ns) == ("admit", 0)
    assert stubborn == []


def test_the_gate_process_loads_nothing_that_parses_pixels_draws_or_networks(kiosk):
    supervisor, *_ = kiosk
    maps = Path("/proc", str(supervisor.children["gate"].process.pid), "maps").read_text()
    for library in ("cv2", "zxing", "zbar", "Qt6", "dlib", "numpy"):
        assert library not in maps, f"{library} is in the gate process"
