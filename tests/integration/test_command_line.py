"""The command line as people and machines use it: exit status, one sentence, never a traceback."""

import base64
import json
import os
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import pytest
import segno

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.keys import make_signer, write_signer
from kiosk.api.link import Link
from kiosk.api.messages import Page, Role, Snapshot
from kiosk.cli import main
from kiosk.demo.script import CITIZEN_CARD, make_issuers
from kiosk.demo.world import Choices, make_world
from kiosk.domain.trust import Algorithm
from kiosk.testing import health_cards as cards
from kiosk.testing import health_certificates as health
from kiosk.testing.codes import drawn, in_frame, label
from kiosk.verify import native_pass

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def kiosk(*words, text=b"", env=None, before=()):
    """Run the command as a process of its own."""
    words = (word if isinstance(word, bytes) else str(word) for word in words)
    command = [*before, sys.executable, "-m", "kiosk", *words]
    return subprocess.run(command, input=text, capture_output=True, timeout=60, env=env, check=False)


def one_sentence(process):
    """Assert that standard error is one line of ours, and return it."""
    said = process.stderr.decode()
    assert said.startswith("kiosk: "), said
    assert said.count("\n") == 1, said
    assert "Traceback" not in said
    return said


def objects(process):
    return [json.loads(line) for line in process.stdout.decode().splitlines()]


@pytest.fixture(scope="module")
def ministry():
    return make_signer("Ministry", Algorithm.ES256, NOW - timedelta(days=400), country="VN", for_passes=False)


@pytest.fixture(scope="module")
def trust(tmp_path_factory, ministry):
    folder = tmp_path_factory.mktemp("trust")
    (folder / "ministry.der").write_bytes(ministry.certificate)
    return folder


@pytest.fixture(scope="module")
def passport(ministry):
    return health.certificate(ministry, health.vaccination(NOW - timedelta(days=90)), NOW - timedelta(days=30))


def picture(folder, text, name="code.png"):
    path = folder / name
    segno.make_qr(text, error="m").save(str(path), scale=4)
    return path


# verify


def test_a_valid_picture(tmp_path, trust, passport):
    process = kiosk("verify", picture(tmp_path, passport), "--trust", trust, "--at", "2026-06-01", "--json")
    (answer,) = objects(process)
    assert process.returncode == 0
    assert (answer["format"], answer["verdict"], answer["reasons"]) == ("HC1", "valid", [])
    assert answer["verified"]["kind"] == "vaccination"


def test_over_many_files_the_worst_status_counts_and_each_has_its_object(tmp_path, trust, passport):
    good, card = picture(tmp_path, passport, "a.png"), picture(tmp_path, CITIZEN_CARD, "b.png")
    blank = tmp_path / "blank.png"
    segno.make_qr("x").save(str(blank), scale=1, dark="white")
    words = ("--trust", trust, "--at", "2026-06-01", "--json")
    process = kiosk("verify", good, card, blank, *words)
    assert [a["verdict"] for a in objects(process)] == ["valid", "unsigned", "malformed"]
    assert objects(process)[2]["reasons"] == ["no_code"]
    assert process.returncode == 1
    process = kiosk("verify", good, tmp_path / "missing.png", *words)
    assert [a["verdict"] for a in objects(process)] == ["valid", "malformed"]
    assert process.returncode == 2
    one_sentence(process)


def test_text_by_argument_and_by_standard_input(trust, passport):
    words = ("--trust", trust, "--at", "2026-06-01", "--json")
    assert objects(kiosk("verify", "--text", passport, *words))[0]["verdict"] == "valid"
    assert objects(kiosk("verify", "-", *words, text=passport.encode() + b"\n"))[0]["verdict"] == "valid"


def test_a_card_in_several_files_is_answered_once(tmp_path, trust):
    issuer = cards.CardIssuer()
    card = issuer.card(issuer.claims(cards.bundle(cards.patient(), cards.dose("2026-01-01")), NOW))
    parts = cards.in_parts(card, 3)
    two, three = picture(tmp_path, parts[1], "2.png"), tmp_path / "3.txt"
    three.write_text(parts[2] + "\n")
    words = ("--trust", trust, "--at", "2026-06-01", "--json")
    (alone,) = objects(kiosk("verify", "--text", parts[0], *words))
    assert (alone["verdict"], alone["reasons"], alone["format"]) == ("malformed", ["part_of_more"], "SHC")
    whole, other = objects(kiosk("verify", three, two, tmp_path / "none.png", "--text", parts[0], *words))[::-1]
    assert (whole["verdict"], whole["format"]) == ("unknown_issuer", "SHC")
    assert whole["file"] == f"--text + {three} + {two}"
    assert other["reasons"] == ["unreadable"]
    (joined,) = objects(kiosk("verify", "-", *words, text="\n".join(parts).encode()))
    assert joined["verdict"] == "unknown_issuer"


def test_parts_beside_each_other_in_a_picture_are_one_card(tmp_path, trust):
    issuer = cards.CardIssuer()
    card = issuer.card(issuer.claims(cards.bundle(cards.patient(), cards.dose("2026-01-01")), NOW))
    one, two = (drawn(part, 3) for part in cards.in_parts(card, 2))
    page = tmp_path / "page.png"
    frame = in_frame(two, drawn("https://qr.tokhaiyte.vn/1", 3), one, size=(1600, 720), left=40)
    assert cv2.imwrite(str(page), frame)
    (answer,) = objects(kiosk("verify", page, "--trust", trust, "--at", "2026-06-01", "--json"))
    assert (answer["verdict"], answer["format"], answer["file"]) == ("unknown_issuer", "SHC", str(page))


def test_a_text_of_a_megabyte_is_answered(trust):
    process = kiosk("verify", "-", "--trust", trust, "--json", text=b"A" * 1_000_000)
    assert process.returncode == 1
    assert objects(process)[0]["reasons"] == ["too_long"]


def test_broken_cbor_is_answered(trust):
    process = kiosk("verify", "--text", "HC1:6BF", "--trust", trust, "--json")
    assert process.returncode == 1
    assert objects(process)[0]["verdict"] == "malformed"


def test_the_policy_turns_valid_into_rule_failed(tmp_path, trust, passport):
    policy = tmp_path / "policy.toml"
    policy.write_text('version = "1"\n[[admit]]\nname = "three doses"\nkinds = ["vaccination"]\nmin_doses = 3\n')
    words = ("--trust", trust, "--at", "2026-06-01", "--json", "--policy", policy)
    (answer,) = objects(kiosk("verify", "--text", passport, *words))
    assert (answer["verdict"], answer["reasons"]) == ("rule_failed", ["doses_missing"])


CITIZEN = "001190012345|123456789|Nguyễn Thị Ánh|15081990|Nữ|12 Phố Huế|20052021"


@pytest.mark.parametrize(
    ("denied", "shot", "card"),
    [
        ("01:VN:NOBODY", ("valid", [], "admit"), ("unsigned", ["unsigned_card"])),
        ("CERTIFICATE", ("rule_failed", ["deny_listed"], "deny"), ("unsigned", ["unsigned_card"])),
        ("123 456 789", ("valid", [], "admit"), ("unsigned", ["deny_listed", "unsigned_card"])),
    ],
)
def test_a_venues_deny_list_goes_before_its_policy(tmp_path, trust, passport, denied, shot, card):
    words = ("--trust", trust, "--at", "2026-06-01", "--json")
    (plain,) = objects(kiosk("verify", "--text", passport, *words))
    policy, deny = tmp_path / "policy.toml", tmp_path / "deny.toml"
    policy.write_text('version = "1"\n[[admit]]\nname = "a dose"\nkinds = ["vaccination"]\n')
    identifier = denied.replace("CERTIFICATE", plain["verified"]["credential_id"].lower())
    deny.write_text(f'[[deny]]\nid = "{identifier}"\n')
    words = (*words, "--policy", policy, "--deny-list", deny)
    (answer,) = objects(kiosk("verify", "--text", passport, *words))
    assert (answer["verdict"], answer["reasons"], answer["decision"]) == shot
    (answer,) = objects(kiosk("verify", "--text", CITIZEN, *words))
    assert (answer["verdict"], answer["reasons"]) == card


def test_a_deny_list_needs_a_policy_and_has_to_be_one(tmp_path, trust):
    deny = tmp_path / "deny.toml"
    deny.write_text('[[deny]]\nid = "1"\n')
    policy = tmp_path / "policy.toml"
    policy.write_text('version = "1"\n')
    for more, said in (((), "--policy"), (("--policy", policy), "less than four characters")):
        process = kiosk("verify", "--text", "x", "--trust", trust, "--deny-list", deny, *more)
        assert process.returncode == 2
        assert said in one_sentence(process)


def test_an_old_trust_list_makes_nobody_valid(trust, passport):
    at = (SystemClock().now() + timedelta(days=31)).isoformat()
    (answer,) = objects(kiosk("verify", "--text", passport, "--trust", trust, "--at", at, "--json"))
    assert answer["verdict"] == "stale_trust"


@pytest.mark.parametrize("make", [lambda p: p.mkdir(), lambda _: None], ids=["empty folder", "no folder"])
def test_a_trust_folder_without_certificates(tmp_path, make):
    make(tmp_path / "t")
    process = kiosk("verify", "--text", "x", "--trust", tmp_path / "t")
    assert process.returncode == 2
    one_sentence(process)


def test_a_wrong_key_in_the_policy_is_answered_with_the_right_one(tmp_path, trust):
    policy = tmp_path / "policy.toml"
    policy.write_text('version = "1"\nzones = "lobby"\n')
    process = kiosk("verify", "--text", "x", "--trust", trust, "--policy", policy)
    assert process.returncode == 2
    assert "did you mean 'zone'?" in one_sentence(process)


def test_the_table_for_people_has_a_sentence(trust, passport):
    out = kiosk("verify", "--text", passport, "--trust", trust, "--at", "2030-01-01").stdout.decode()
    assert "expired" in out
    assert "This code has expired" in out


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


def test_a_label_verifies_as_what_it_is(tube, trust):
    words = ("verify", tube, "--trust", trust, "--json", "--symbologies", "qr,code128")
    (answer,) = objects(process := kiosk(*words))
    assert (answer["format"], answer["verdict"], answer["reasons"]) == ("tube", "unsigned", ["sample_label"])
    assert process.returncode == 1


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


@pytest.mark.parametrize("words", [
    ("--at", "9999-12-31T23:59:59"), ("--at", "0001-01-01T00:00+10:00"), ("--max-age", "9" * 30), ("--max-age", "-1"),
])  # fmt: skip
def test_a_time_beyond_reckoning_is_said(trust, words):
    process = kiosk("verify", "--text", "x", "--trust", trust, *words)
    assert process.returncode == 2
    one_sentence(process)


def test_a_standard_input_that_is_closed_is_said(trust):
    process = kiosk("verify", "-", "--trust", trust, "--json", before=("sh", "-c", 'exec "$@" <&-', "sh"))
    assert process.returncode == 2
    one_sentence(process)
    assert objects(process)[0]["reasons"] == ["unreadable"]


@pytest.mark.parametrize(
    ("name", "encoding"),
    [(b"n\xff.png", "utf-8:strict"), (b"n\xff.png", "ascii:strict"), (b"two\n\x1b[31mlines.png", "utf-8:strict")],
)
def test_any_files_name_and_any_terminals_encoding_will_do(tmp_path, passport, name, encoding):
    path = Path(os.fsdecode(bytes(tmp_path) + b"/" + name))
    picture(tmp_path, passport).rename(path)
    env = {**os.environ, "PYTHONIOENCODING": encoding}
    process = kiosk("read", path, f"{path}.gone", env=env)
    assert process.returncode == 2
    assert len(process.stdout.splitlines()) == 3
    assert b"\x1b" not in process.stdout + process.stderr
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


def test_a_direction_that_there_is_not(trust):
    process = kiosk("verify", "--text", "x", "--trust", trust, "--direction", "up")
    assert process.returncode == 2
    assert "choose from 'entry', 'exit'" in one_sentence(process)


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
