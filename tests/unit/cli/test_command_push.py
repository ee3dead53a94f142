"""`kiosk command push` before it reaches a broker: what it refuses, and which answers it believes."""

import json

import pytest

from kiosk.cli import main
from kiosk.cli.command_push import Push, document_answers, files_of
from kiosk.domain.document import DocumentKind
from kiosk.signing_key import write_signing_key
from kiosk.testing.centre_documents import OFFICE

POLICY = 'version = "7"\nzone = "lobby"\n[[admit]]\nname = "visitor"\nkinds = ["visit"]\n'
GATE, DIGEST = "local/main/gate-1", "ab" * 32
TOPIC = f"gk/1/{GATE}/up/cfg/deny"


@pytest.fixture
def push(tmp_path, capsys):
    """Return a function that pushes a file with this content to a broker that is not there."""
    write_signing_key(tmp_path / "office.key.pem", OFFICE)

    def call(kind, content, *more):
        file = tmp_path / f"{kind}.toml"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        words = ["command", "push", kind, str(file), "--audience", GATE, "--key", str(tmp_path / "office.key.pem")]
        status = main([*words, *more])
        return status, capsys.readouterr().err.splitlines()[-1]

    return call


@pytest.mark.parametrize(("kind", "content", "says"), [
    ("policy", "version = 3", "version"),
    ("policy", POLICY + "accept_unsigned_DANGEROUS = true\n", "accept_unsigned_DANGEROUS"),
    ("settings", '[gate]\npins = "mock"\n', "gate.pins"),
    ("settings", "[gate]\npuls_ms = 3000\n", "did you mean 'pulse_ms'"),
    ("deny", '[[deny]]\nid = "x"\n', "four characters"),
    ("roster", '[[member]]\nperson = "001099012345"\n', "eight digits"),
    ("results", '[[result]]\nsample = "TUBE-0001"\n', "missing"),
    ("trust", "junk", "kiosk trust make"),
    ("deny", bytes(5 << 20), "4 MiB"),
])  # fmt: skip
def test_what_a_kiosk_would_refuse_is_never_signed(push, kind, content, says):
    status, said = push(kind, content)
    assert status == 2
    assert says in said


@pytest.mark.parametrize(("more", "says"), [
    (["--version", "0"], "version"), (["--audience", "everybody"], "names no kiosks"), (["--wait", "x"], "--wait"),
])  # fmt: skip
def test_what_cannot_be_is_said(push, more, says):
    status, said = push("deny", "", *more)
    assert status == 2
    assert says in said


def test_without_a_key_or_a_broker_it_says_so(push, tmp_path, capsys):
    status, said = push("deny", "", "--port", "1", "--no-tls")
    assert status == 3
    assert "is not there" in said
    (tmp_path / "deny.toml").touch()
    assert main(["command", "push", "deny", str(tmp_path / "deny.toml"), "--audience", GATE]) == 2
    assert "--key FILE is needed" in capsys.readouterr().err


def test_a_policy_goes_with_the_files_that_it_names_and_the_others_alone(tmp_path):
    (tmp_path / "venue.toml").write_text(POLICY)
    assert files_of(DocumentKind.POLICY, tmp_path / "venue.toml") == {"policy.toml": POLICY.encode()}
    (tmp_path / "list").write_text("")
    assert files_of(DocumentKind.DENY, tmp_path / "list") == {"deny.toml": b""}


def said(outcome="taken", code="", **more):
    answer = {"outcome": outcome, "code": code, "origin": "", "version": "", "sha256": DIGEST}
    return json.dumps({**answer, **more}).encode()


def test_answers_are_taken_by_kiosk_and_by_the_document_that_they_name():
    push = Push("deny", "7", {GATE: DIGEST, "local/main/gate-2": "cd" * 32})
    assert push.take(TOPIC, said("pending")).outcome == "pending"
    assert push.take(TOPIC, said("pending")) is None, "said already"
    assert push.open == [GATE, "local/main/gate-2"]
    assert push.take(TOPIC, said(later="a key of a later version")).outcome == "taken"
    assert push.take("gk/1/local/main/gate-2/up/cfg/deny", said("refused", "older", sha256="cd" * 32)).code == "older"
    assert (push.open, push.refused) == ([], ["local/main/gate-2"])


@pytest.mark.parametrize(("topic", "payload"), [
    (TOPIC, b""), (TOPIC, b"[]"), (TOPIC, b"\xff"), (TOPIC, b"x" * 2000), (TOPIC, said("invented")),
    (TOPIC, said(sha256="cd" * 32)), (TOPIC, b"[" * 900), (TOPIC, said(code=7)),
    (TOPIC.replace("deny", "policy"), said()), (TOPIC.replace("gate-1", "gate-9"), said()),
    (TOPIC.replace("up", "down"), said()), ("gk/1/a", said()), ("", said()), (f"gk/1/{GATE}/up/presence", said()),
])  # fmt: skip
def test_what_is_no_answer_to_this_document_is_passed_over(topic, payload):
    push = Push("deny", "7", {GATE: DIGEST})
    assert push.take(topic, payload) is None
    assert push.open == [GATE]


def test_only_what_is_needed_is_subscribed_to():
    assert document_answers([GATE], "deny") == TOPIC
    assert document_answers([GATE, "local/main/gate-2"], "deny") == "gk/1/local/main/+/up/cfg/deny"
    assert document_answers([GATE, "local/annex/gate-2"], "deny") == "gk/1/local/+/+/up/cfg/deny"
