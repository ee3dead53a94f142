"""The command line as people and machines use it: exit status, one sentence, never a traceback."""

import base64
import json
import os
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import cv2
import pytest

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.keys import make_signer, write_signer
from kiosk.api.link import Link
from kiosk.api.messages import Page, Role, Snapshot
from kiosk.cli import main
from kiosk.demo.script import CITIZEN_CARD, make_issuers
from kiosk.demo.world import Choices, make_world
from kiosk.domain.trust import Algorithm
from kiosk.testing.codes import drawn, in_frame, label
from kiosk.testing.command import kiosk, objects, one_sentence, picture
from kiosk.verify import native_pass

NOW = datetime(2026, 6, 1, tzinfo=UTC)

# read


def test_read_for_machines_and_people(tmp_path):
    path = picture(tmp_path, CITIZEN_CARD)
    process = kiosk("read", path, "--json")
    (answer,) = objects(process)
    assert answer["codes"] == [{"text": CITIZEN_CARD, "format": "QRCode"}]
    assert answer["ms"] > 0
    assert process.returncode == 0
    assert "QRCode" in kiosk("read", path).stdout.decode()


@pytest.fixture(scope="module")
def tube(tmp_path_factory):
    path = tmp_path_factory.mktemp("tube") / "tube.png"
    cv2.imwrite(str(path), in_frame(drawn("BESIDE"), label("NCOV-2108-000123")))
    return path


def test_labels_of_tubes_are_read_only_where_they_are_asked_for(tube):
    (answer,) = objects(kiosk("read", tube, "--json", "--symbologies", "qr,code128"))
    assert {(code["text"], code["format"]) for code in answer["codes"]} == {
        ("BESIDE", "QRCode"), ("NCOV-2108-000123", "Code128"),
    }  # fmt: skip
    (answer,) = objects(kiosk("read", tube, "--json"))
    assert [code["text"] for code in answer["codes"]] == ["BESIDE"]


@pytest.mark.parametrize("value", ["", "ean13", "qr,,", "qr;code128"])
def test_other_kinds_of_code_cannot_be_asked_for(tube, value):
    process = kiosk("read", tube, "--symbologies", value)
    assert process.returncode == 2
    assert "write qr,code128" in one_sentence(process)


def test_control_characters_in_a_code_do_not_reach_the_terminal(tmp_path):
    out = kiosk("read", picture(tmp_path, "a\x1b[2Jb")).stdout
    assert b"\x1b" not in out
    assert b"\\x1b" in out


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n broken", b"just text"], ids=["empty", "broken", "text"])
def test_read_says_what_is_no_picture(tmp_path, content):
    path = tmp_path / "x.png"
    path.write_bytes(content)
    process = kiosk("read", path)
    assert process.returncode == 2
    one_sentence(process)


@pytest.mark.parametrize(
    ("name", "encoding"),
    [(b"n\xff.png", "utf-8:strict"), (b"n\xff.png", "ascii:strict"), (b"two\n\x1b[31mlines.png", "utf-8:strict")],
)
def test_any_files_name_and_any_terminals_encoding_will_do(tmp_path, name, encoding):
    path = Path(os.fsdecode(bytes(tmp_path) + b"/" + name))
    picture(tmp_path, CITIZEN_CARD).rename(path)
    env = {**os.environ, "PYTHONIOENCODING": encoding}
    process = kiosk("read", path, f"{path}.gone", env=env)
    assert process.returncode == 2
    assert len(process.stdout.splitlines()) == 3
    assert b"\x1b" not in process.stdout + process.stderr
    one_sentence(process)


# issue


@pytest.mark.parametrize("algorithm", ["ES256", "ES384", "ES512", "EdDSA", "PS256"])
def test_a_key_and_a_pass_that_it_signs(tmp_path, algorithm):
    assert kiosk("issue", "key", "--name", "Desk", "--algorithm", algorithm, "--out", tmp_path / "desk").returncode == 0
    assert (tmp_path / "desk.key.pem").stat().st_mode & 0o077 == 0
    (tmp_path / "trust").mkdir()
    (tmp_path / "desk.pem").rename(tmp_path / "trust" / "desk.pem")
    (tmp_path / "desk.pem").symlink_to(tmp_path / "trust" / "desk.pem")
    out = ("--out", tmp_path / "p.png", "--out", tmp_path / "p.svg")
    more = ("--purpose", "ticket", "--group", "choir", "--birth-date", "1990-08-15")
    issued = kiosk("issue", "pass", "--key", tmp_path / "desk.key.pem", "--subject", "b-1", *more, *out, "--json")
    assert issued.returncode == 0, issued.stderr
    process = kiosk("verify", tmp_path / "p.png", "--trust", tmp_path / "trust", "--json")
    (answer,) = objects(process)
    assert (answer["format"], answer["verdict"], answer["verified"]["kind"]) == ("GK1", "valid", "ticket")
    credential = native_pass.parse(json.loads(issued.stdout)["text"]).credential
    assert (credential.details["group"], credential.holder.hidden_birth_date.fits("1990-08-15")) == ("choir", True)
    assert (tmp_path / "p.svg").read_text().startswith("<?xml")


def test_a_key_is_never_overwritten(tmp_path):
    words = ("issue", "key", "--name", "Desk", "--out", tmp_path / "desk")
    kiosk(*words)
    before = (tmp_path / "desk.key.pem").read_bytes()
    process = kiosk(*words)
    assert process.returncode == 2
    one_sentence(process)
    assert (tmp_path / "desk.key.pem").read_bytes() == before


@pytest.mark.parametrize("words", [
    ("--key", "nowhere.key.pem"), ("--key", "nowhere.pem"), ("--key", "{key}", "--until", "2020-01-01"),
    ("--key", "{key}", "--out", "pass.exe"), ("--key", "{key}", "--birth-date", "1990-08"),
    ("--key", "{key}", "--group", ""),
])  # fmt: skip
def test_a_pass_that_cannot_be_made_is_said(tmp_path, words):
    signer = make_signer("Desk", Algorithm.ED25519, NOW)
    key, _ = write_signer(signer, tmp_path / "desk")
    process = kiosk("issue", "pass", "--subject", "x", *(str(key) if w == "{key}" else w for w in words))
    assert process.returncode == 2
    one_sentence(process)


LONG = "x" * 65


@pytest.mark.parametrize("words", [
    ("--name", LONG), ("--name", ""), ("--name", b"\xff"), ("--name", "a\nb"), ("--name", "x", "--out", "."),
])  # fmt: skip
def test_a_key_that_cannot_be_made_is_said(tmp_path, words):
    process = kiosk("issue", "key", "--out", tmp_path / "desk", *words)
    assert process.returncode == 2
    one_sentence(process)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [
    ("--subject", "x" * 3000), ("--zone", LONG), ("--name", b"\xff"), ("--from", "9999-12-31T23:00"),
    ("--until", "9999-12-31T23:00-12:00"), ("--from", "0001-01-01T00:00+14:00"),
])  # fmt: skip
def test_a_pass_that_no_code_or_calendar_can_hold_is_said(tmp_path, words):
    key, _ = write_signer(make_signer("Desk", Algorithm.ED25519, NOW), tmp_path / "desk")
    process = kiosk("issue", "pass", "--key", key, "--subject", "x", *words)
    assert process.returncode == 2
    one_sentence(process)


def test_the_authoritys_pair(tmp_path):
    assert kiosk("issue", "authority", "--out", tmp_path / "authority").returncode == 0
    assert len(base64.b64decode((tmp_path / "authority.pub").read_bytes())) == 32
    assert (tmp_path / "authority.secret").stat().st_mode & 0o077 == 0


# run, doctor, and no command


@pytest.fixture
def world(tmp_path):
    return make_world(tmp_path, make_issuers(SystemClock().now()), Choices(), mqtt_port=1)


def test_run_with_a_wrong_key_in_its_settings(world):
    world.config.write_text(world.config.read_text().replace("pulse_ms", "puls_ms"))
    process = kiosk("run", "--config", world.config)
    assert process.returncode == 2
    assert "did you mean 'pulse_ms'?" in one_sentence(process)


def test_run_without_the_deny_list_that_its_settings_name(world):
    world.config.write_text(world.config.read_text().replace("[paths]", '[paths]\ndeny_list = "deny.toml"'))
    process = kiosk("run", "--config", world.config)
    assert process.returncode == 2
    assert b"deny.toml: cannot be read" in process.stderr
    assert b"Traceback" not in process.stderr


def test_a_gate_says_how_long_its_deny_list_is(world):
    deny = world.config.with_name("deny.toml")
    deny.write_text('[[deny]]\nid = "guest-17"\n')
    deny.chmod(0o600)
    world.config.write_text(world.config.read_text().replace("[paths]", '[paths]\ndeny_list = "deny.toml"'))
    process = gate_process(world)
    try:
        Link.connect(world.run, Role.UI).close()
    finally:
        process.terminate()
        _, said = process.communicate(timeout=10)
    assert b"deny list in force: entries 1" in said


def test_run_without_settings(tmp_path):
    process = kiosk("run", "--config", tmp_path / "none.toml")
    assert process.returncode == 2
    one_sentence(process)


def test_run_where_its_pins_do_not_exist(world):
    world.config.write_text(world.config.read_text().replace('"mock"', '"lgpio"'))
    process = kiosk("run", "--config", world.config)
    assert process.returncode == 3
    assert b"Traceback" not in process.stderr


def gate_process(world):
    command = [sys.executable, "-m", "kiosk", "run", "--config", str(world.config)]
    return subprocess.Popen(command, stderr=subprocess.PIPE)


def test_a_second_gate_process_is_turned_away_and_the_first_stays_reachable(world):
    first = gate_process(world)
    try:
        Link.connect(world.run, Role.UI).close()
        process = kiosk("run", "--config", world.config)
        assert process.returncode == 3
        assert "another gate process" in one_sentence(process)
        Link.connect(world.run, Role.UI, timeout_s=0.5).close()
    finally:
        first.terminate()
        first.communicate(timeout=10)


def test_a_gate_without_a_place_for_its_journal_runs_and_says_that_nobody_is_admitted(world):
    (world.folder / "state").write_text("a file where the folder should be")
    process = gate_process(world)
    try:
        link = Link.connect(world.run, Role.UI)
        pages = (m for _ in range(100) for m in link.receive(0.1) if isinstance(m, Snapshot))
        assert "journal_unavailable" in next(s for s in pages if s.page is Page.OUT_OF_ORDER).reasons
        link.close()
    finally:
        process.terminate()
        _, said = process.communicate(timeout=10)
    assert b"nobody is admitted until it can be" in said
    assert b"Traceback" not in said


def test_doctor_says_each_part_with_its_next_step(world):
    process = kiosk("doctor", "--config", world.config, "--json")
    findings = {f["part"]: f for f in objects(process)}
    assert set(findings) >= {"camera", "pins", "display", "sound", "broker", "clock", "trust list", "disk"}
    assert findings["trust list"]["state"] == "ok"
    assert findings["broker"]["state"] == "missing"
    assert all(f["next_step"] for f in findings.values() if f["state"] != "ok")
    assert process.returncode == 1


def test_doctor_finds_a_broker(world):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        world.config.write_text(world.config.read_text().replace("port = 1\n", f"port = {port}\n"))
        process = kiosk("doctor", "--config", world.config, "--json")
    assert {f["part"]: f["state"] for f in objects(process)}["broker"] == "ok"


def test_no_command_and_a_wrong_one():
    assert kiosk().returncode == 2
    process = kiosk("opne")
    assert process.returncode == 2
    one_sentence(process)
    assert b"verify" in kiosk("--help").stdout


@pytest.mark.parametrize(
    "command",
    ["trust import", "trust list", "trust check", "trust age", "trust make", "policy check", "policy test",
     "revocation build", "revocation info", "revocation check", "issue key", "issue pass", "issue authority",
     "bench path", "bench verify", "explain", "verify"],
)  # fmt: skip
def test_every_help_has_an_example_of_its_own(command, capsys):
    assert main([*command.split(), "--help"]) == 0
    _, _, examples = capsys.readouterr().out.partition("\nexamples:\n")
    assert f"kiosk {command} " in examples


def test_a_demo_of_a_camera_that_is_not_there(tmp_path):
    process = kiosk("demo", "--camera", tmp_path / "no-such-video.mp4")
    assert process.returncode == 2
    one_sentence(process)


def test_a_demonstration_is_kept_in_a_new_folder_only(tmp_path):
    for folder, part in ((tmp_path, "is there already"), (tmp_path / ("x" * 90), "no room for the names of sockets")):
        process = kiosk("demo", "--once", "--keep", folder, "--out", tmp_path / "out")
        assert process.returncode == 2
        assert part in one_sentence(process)
    assert list(tmp_path.iterdir()) == []


def test_a_demo_without_a_broker_says_what_to_install(tmp_path):
    process = kiosk("demo", "--once", "--out", tmp_path / "out", env={"KIOSK_MOSQUITTO": "/nowhere/mosquitto"})
    assert process.returncode == 3
    assert "mosquitto" in one_sentence(process)


def test_a_demo_without_the_camera_that_it_was_told_to_use_says_so_and_fails(tmp_path):
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no video")
    process = kiosk("demo", "--once", "--camera", broken, "--out", tmp_path / "out")
    assert process.returncode == 3, process.stdout
    assert b"WRONG: the camera is lost" in process.stdout
    assert b"Traceback" not in process.stderr
