"""`kiosk command` as operators use it: keys, signatures, and a real broker."""

import contextlib
import json
import os
import pty
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from kiosk.adapters.clock import SystemClock
from kiosk.centre_keys import load_centre_keys
from kiosk.cli import main
from kiosk.domain.command import CommandName, Refusal, Signed
from kiosk.signing_key import SigningKeyError, read_signing_key, write_signing_key
from kiosk.testing.broker import Mosquitto, free_port
from kiosk.testing.centre_keys import made_key
from kiosk.testing.clockless_kiosk import ClocklessKiosk
from kiosk.testing.fleet import Fleet
from kiosk.testing.mqtt_party import Party
from kiosk.verify import command as commands
from mqtt_bridge.central.provisioning.authority import DESK_NAME

BROKERS = Path(__file__).resolve().parents[2] / "firmware_config" / "brokers"
KIOSK = "local/main/gate-1"
WORDS = "four quiet words here"


@pytest.fixture
def desk(tmp_path, capsys):
    """Run `kiosk command` with words; return its status and what it said on both streams."""
    (tmp_path / "words").write_text(WORDS + "\n")

    def command(*words):
        status = main(["command", *map(str, words)])
        said = capsys.readouterr()
        return status, said.out, said.err

    return command


@pytest.fixture
def standing_there(tmp_path):
    """Stand in the test's folder."""
    with contextlib.chdir(tmp_path):
        yield


@pytest.fixture
def keys(desk, tmp_path):
    """The files of two people's keys, which `centre-keys.toml` knows."""
    made = {}
    for name in ("anna", "binh"):
        assert desk("key", "--name", name, "--out", tmp_path / name, "--passphrase-file", tmp_path / "words")[0] == 0
        made[name] = ("--key", tmp_path / f"{name}.key.pem", "--passphrase-file", tmp_path / "words")
        with (tmp_path / "centre-keys.toml").open("a") as file:
            file.write((tmp_path / f"{name}.toml").read_text())
    return made


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    with Mosquitto(tmp_path_factory.mktemp("broker")) as broker:
        yield broker


@pytest.fixture
def at(broker):
    return "--host", broker.host, "--port", broker.port, "--no-tls"


def verified(path, known, name):
    topic = f"gk/1/{KIOSK}/down/cmd/{name}"
    return commands.verify(path.read_bytes(), topic, load_centre_keys(known), retained=False)


# keys


def test_a_key_is_encrypted_and_its_table_is_what_kiosks_read(keys, tmp_path):
    path = tmp_path / "anna.key.pem"
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(SigningKeyError, match="encrypted"):
        read_signing_key(path)
    read_signing_key(path, WORDS.encode())
    known = load_centre_keys(tmp_path / "centre-keys.toml").values()
    assert {(key.name, len(key.may)) for key in known} == {("anna", 6), ("binh", 6)}


def test_a_key_may_say_what_it_was_made_for(desk, tmp_path):
    desk("key", "--name", "door", "--out", tmp_path / "door", "--may", "open", "--passphrase-file", tmp_path / "words")
    (door,) = load_centre_keys(tmp_path / "door.toml").values()
    assert door.may == {"open"}


def test_no_key_is_overwritten(desk, keys, tmp_path):
    before = (tmp_path / "anna.key.pem").read_bytes()
    again = desk("key", "--name", "anna", "--out", tmp_path / "anna", "--passphrase-file", tmp_path / "words")
    assert (again[0], "exists already" in again[2]) == (2, True)
    assert (tmp_path / "anna.key.pem").read_bytes() == before


def test_a_passphrase_is_asked_for_twice_on_a_terminal(tmp_path):
    def make(name, *typed):
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "kiosk", "command", "key", "--name", name, "--out", str(tmp_path / name)],
            stdin=theirs, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        with process:
            for prompt, words in zip((f"Passphrase for {name}: ", "The same again: "), typed, strict=True):
                said = b""
                while not said.decode().endswith(prompt):
                    said += process.stderr.read(1)
                os.write(ours, f"{words}\n".encode())
            said = process.stderr.read().decode()
            status = process.wait(30)
        os.close(ours)
        os.close(theirs)
        return status, said

    assert make("anna", WORDS, WORDS)[0] == 0
    read_signing_key(tmp_path / "anna.key.pem", WORDS.encode())
    status, said = make("binh", WORDS, "other words here")
    assert (status, "differ" in said) == (2, True)
    assert not (tmp_path / "binh.key.pem").exists()


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["key", "--name", "An Na", "--out", "x"], "write a-z, 0-9 and -"),
        (["key", "--name", "anna", "--out", "x", "--may", "fly"], "there are"),
        (["key", "--name", "anna", "--out", "x", "--passphrase-file", "short"], "at least 8"),
        (["key", "--name", "anna", "--out", "x", "--passphrase-file", "gone"], "cannot be read"),
        (["sign", "open", "--key", "x", "--out", "y"], "--kiosk"),
        (["sign", "open", "--kiosk", "gate-1", "--key", "x", "--out", "y"], "TENANT/SITE/KIOSK"),
        (["sign", "burn", "--kiosk", KIOSK, "--key", "x", "--out", "y"], "invalid choice"),
        (["sign", "open", "--kiosk", KIOSK, "--key", "x", "--out", "y", "--for", "16"], "15 seconds at most"),
        (["sign", "open", "--kiosk", KIOSK, "--key", "x", "--out", "y", "--for", "0"], "1 to 86400"),
        (["sign", "open", "--kiosk", KIOSK, "--key", "x", "--out", "y", "--reason", "Mr Nguyen"], "a to z and _"),
        (["sign", "normal", "--kiosk", KIOSK, "--key", "x", "--out", "y", "--reason", "fire"], "leave both out"),
        (["sign", "open", "--kiosk", KIOSK, "--key", "gone", "--out", "y"], "cannot be read"),
        (["sign", "open", "--kiosk", KIOSK, "--key", "short", "--out", "y"], "not a private key"),
        (["countersign", "short", "--key", "x", "--out", "y"], "holds no signed command"),
        (["send"], "a COMMAND, or --file FILE"),
        (["send", "open", "--file", "short"], "a COMMAND, or --file FILE"),
        (["send", "open", "--kiosk", KIOSK], "--key FILE"),
        (["send", "--file", "gone"], "cannot be read"),
        (["watch", "--host", "broker.example", "--no-tls"], "tls = false is for a broker on this machine"),
        (["watch", "--port", "0"], "port"),
        (["watch", "--config", "gone"], "gone"),
        (["watch", "--ca-file", "gone"], "cannot be used"),
    ],
    ids=lambda value: " ".join(value[:3]) if isinstance(value, list) else "",
)  # fmt: skip
def test_wrong_words_get_a_sentence_that_helps(desk, tmp_path, standing_there, words, hint):
    (tmp_path / "short").write_text("1234567\n")
    status, _, err = desk(*words)
    assert (status, err.count("\n")) == (2, 1)
    assert hint in err


# signing


def test_two_people_sign_one_file_after_the_other(desk, keys, tmp_path):
    one, both, known = tmp_path / "one", tmp_path / "both", tmp_path / "centre-keys.toml"
    status, out, _ = desk("sign", "lockdown", "--kiosk", KIOSK, *keys["anna"], "--out", one)
    assert (status, "a second person" in out) == (0, True)
    assert verified(one, known, "lockdown") is Refusal.ONE_KEY_IS_NOT_ENOUGH
    status, out, _ = desk("countersign", one, *keys["binh"], "--out", both)
    assert status == 0
    assert out.startswith(f"you are about to sign: lockdown at {KIOSK}, good until ")
    signed = verified(both, known, "lockdown")
    assert isinstance(signed, Signed)
    assert signed.by == ("anna", "binh")
    assert signed.command.expires_at - signed.command.issued_at == 900


def test_a_later_command_has_a_higher_counter_and_another_id(desk, keys, tmp_path):
    made = []
    for number in range(2):
        path = tmp_path / str(number)
        opening = ("open", "--kiosk", KIOSK, "--direction", "exit", "--reason", "fire_drill")
        desk("sign", *opening, *keys["anna"], "--out", path)
        made.append(commands.claimed(path.read_bytes()))
    assert made[1].counter > made[0].counter
    assert made[0].id != made[1].id
    assert (made[0].direction, made[0].reason, made[0].name) == ("exit", "fire_drill", CommandName.OPEN)


def test_a_key_that_is_not_encrypted_is_warned_of(desk, tmp_path):
    write_signing_key(tmp_path / "bare.key.pem", made_key(5))
    key = ("--key", tmp_path / "bare.key.pem")
    status, _, err = desk("sign", "normal", "--kiosk", KIOSK, *key, "--out", tmp_path / "n")
    assert (status, "is not encrypted" in err) == (0, True)


def test_a_wrong_passphrase_is_said(desk, keys, tmp_path):
    (tmp_path / "words").write_text("other words here\n")
    status, _, err = desk("sign", "open", "--kiosk", KIOSK, *keys["anna"], "--out", tmp_path / "o")
    assert (status, "is the passphrase right?" in err) == (2, True)


# sending


def test_a_kiosk_without_a_clock_is_answered_with_its_nonce(desk, keys, tmp_path, broker, at):
    with ClocklessKiosk(broker, KIOSK, load_centre_keys(tmp_path / "centre-keys.toml")) as kiosk:
        status, out, _ = desk("send", "open", "--kiosk", KIOSK, *keys["anna"], *at, "--json")
    states = [(one["state"], one["code"]) for one in map(json.loads, out.splitlines())]
    assert (status, states) == (0, [("refused", "clock_unset"), ("received", ""), ("done", "")])
    assert kiosk.answered == states
    assert kiosk.heard_as == {("application/cose", 0)}


def test_a_refusal_is_said_in_words_and_by_the_status(desk, keys, tmp_path, broker, at):
    made = tmp_path / "made"
    desk("sign", "reload_trust", "--kiosk", KIOSK, *keys["anna"], "--out", made)
    with ClocklessKiosk(broker, KIOSK, load_centre_keys(tmp_path / "centre-keys.toml")):
        status, out, _ = desk("send", "--file", made, *at)
    assert status == 1
    assert out.splitlines()[-1].endswith("sign anew within a minute, with its nonce (clock_unset)")


def test_a_kiosk_that_is_not_there_is_no_success(desk, keys, at):
    status, _, err = desk("send", "open", "--kiosk", KIOSK, *keys["anna"], *at)
    assert (status, "nobody listens there" in err) == (1, True)


def test_a_kiosk_that_does_not_answer_is_no_success(desk, keys, tmp_path, broker, at):
    with ClocklessKiosk(broker, KIOSK, {}):  # it knows nobody, and is silent
        status, _, err = desk("send", "open", "--kiosk", KIOSK, *keys["anna"], *at, "--wait", "0.5")
    assert (status, "no end was heard of within 0.5 s" in err) == (1, True)


def test_a_broker_that_is_not_there_is_said(desk, keys):
    at = ("--host", "127.0.0.1", "--port", free_port(), "--no-tls")
    status, _, err = desk("send", "open", "--kiosk", KIOSK, *keys["anna"], *at)
    assert (status, "is not there (refused)" in err) == (3, True)


@pytest.fixture
def fleet(tmp_path):
    fleet = Fleet(tmp_path, SystemClock().now())
    acl = tmp_path / "acl"
    acl.write_text((BROKERS / "mosquitto.acl").read_text())
    acl.chmod(0o600)
    return fleet


def by(papers, port):
    return (
        "--host", "localhost", "--port", port, "--ca-file", papers.ca, "--cert-file", papers.certificate,
        "--client-key-file", papers.key, "--wait", "0.5",
    )  # fmt: skip


def test_over_tls_the_control_room_may_send_and_a_kiosk_may_not(desk, keys, fleet):
    text = (BROKERS / "mosquitto.conf").read_text().replace("/etc/mosquitto/kiosk", str(fleet.folder))
    settings = [line for line in text.splitlines() if not line.startswith("listener ")]
    opening = ("open", "--kiosk", KIOSK, *keys["anna"])
    gate = fleet.kiosk("gate-1")
    with (
        Mosquitto(fleet.folder / "tls", settings=settings) as broker,
        Party(broker.port, gate, "gate", [f"gk/1/{KIOSK}/down/#"]) as kiosk,
    ):
        status, _, err = desk("send", *opening, *by(fleet.centre(DESK_NAME), broker.port))
        assert (status, "no end was heard of" in err) == (1, True)
        ((topic, command),) = kiosk.heard
        assert isinstance(commands.verify(command, topic, load_centre_keys(fleet.folder / "centre-keys.toml"),
                                          retained=False), Signed)  # fmt: skip
        status, _, err = desk("send", *opening, *by(gate, broker.port))
        assert (status, "access list does not let you" in err) == (1, True)
        assert len(kiosk.heard) == 1


def test_somebody_else_can_watch_until_the_end(desk, keys, tmp_path, broker, at):
    made, seen = tmp_path / "made", []
    desk("sign", "reload_trust", "--kiosk", KIOSK, *keys["anna"], "--nonce", "00" * 16, "--out", made)
    command = commands.claimed(made.read_bytes())
    with ClocklessKiosk(broker, KIOSK, load_centre_keys(tmp_path / "centre-keys.toml")):
        watching = subprocess.Popen(
            [sys.executable, "-m", "kiosk", "command", "watch", command.id, *map(str, at), "--wait", "30", "--json"],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        with watching:
            reader = threading.Thread(target=lambda: seen.extend(watching.stdout))
            reader.start()
            # Again and again: nobody can tell when it has begun to watch, and each repeat is answered anew.
            while watching.poll() is None:
                desk("send", "--file", made, *at)
            reader.join(10)
    assert watching.returncode == 1
    assert [json.loads(line)["code"] for line in seen] == ["clock_unset"]
