"""Policy, settings and lists from the centre: over a real broker and the real bridge into a real gate process."""

import contextlib
import random
import time

import pytest

from kiosk.api.link import Link
from kiosk.api.messages import Role
from kiosk.domain.document import DocumentKind
from kiosk.signing_key import write_signing_key
from kiosk.testing.broker import BrokerMissingError, find_mosquitto
from kiosk.testing.centre_documents import KITCHEN, OFFICE
from kiosk.testing.command import kiosk, objects
from kiosk.testing.document_site import KIOSK, DocumentSite
from kiosk.testing.needed import needed

needed(find_mosquitto, BrokerMissingError)

pytestmark = pytest.mark.system
POLICY, SETTINGS, DENY = DocumentKind.POLICY, DocumentKind.SETTINGS, DocumentKind.DENY
NOBODY = b'version = "nobody"\nzone = "lobby"\n[[admit]]\nname = "staff"\nkinds = ["staff"]\n'


@pytest.fixture
def site(tmp_path):
    with contextlib.ExitStack() as stack:
        yield DocumentSite(tmp_path, stack)


def test_a_policy_is_swapped_in_the_running_gate_and_holds_after_a_kill(site):
    assert site.policy_in_force() == "demo-1"
    assert site.send(POLICY, 5, NOBODY) == ("taken", "")
    assert site.policy_in_force() == "nobody"
    assert site.send(POLICY, 4, NOBODY.replace(b"nobody", b"old")) == ("refused", "older")
    assert site.send(POLICY, 6, b"version = 3") == ("refused", "invalid")
    assert site.send(POLICY, 6, NOBODY, key=KITCHEN) == ("refused", "not_permitted")
    assert site.send(DENY, 1, b'[[deny]]\nid = "guest-17"\n') == ("taken", "")
    site.kill_gate()
    site.start_gate()
    assert site.policy_in_force() == "nobody"
    assert "deny from the centre in force" in site.log()
    assert "Traceback" not in site.log()


def test_a_gate_killed_at_any_moment_while_policies_come_goes_by_one_of_them_whole(site):
    moments, newest = random.Random(6), 0
    site.policy_in_force()
    for version in range(1, 5):
        site.put(POLICY, version, NOBODY.replace(b"nobody", b"v%d" % version))
        time.sleep(moments.uniform(0, 0.25))  # any moment between the broker and the answer, drawn from the seed
        site.kill_gate()
        site.start_gate()
        found = site.policy_in_force()
        number = int(found.removeprefix("v")) if found != "demo-1" else 0
        assert newest <= number <= version, "whole, and never older than before"
        newest = number
    last = site.put(POLICY, 7, NOBODY.replace(b"nobody", b"v7"))
    assert site.answer(last, "taken", "known") in (("taken", ""), ("known", ""))
    assert site.policy_in_force() == "v7"
    assert "Traceback" not in site.log()


def test_settings_are_tried_by_a_new_start_and_set_aside_where_no_start_lasts(site):
    site.policy_in_force()
    good = site.put(SETTINGS, 1, b"[gate]\npulse_ms = 200\n")
    assert site.answer(good, "pending") == ("pending", "")
    assert site.gate.wait(30) == 0, "it ends by itself once the last visitor has gone"
    site.start_gate()
    assert site.answer(good, "taken", timeout_s=40) == ("taken", ""), "the start has lasted"
    assert site.send(SETTINGS, 2, b'[gate]\npins = "lgpio"\n') == ("refused", "not_permitted")

    bad = site.put(SETTINGS, 3, b"[gate]\npulse_ms = 300\n")
    assert site.gate.wait(30) == 0
    for _ in range(2):
        site.start_gate()
        Link.connect(site.world.run, Role.MONITOR, 20).close()
        site.kill_gate()
    site.start_gate()
    assert site.answer(bad, "refused") == ("refused", "not_in_force")
    state = site.folder / "state"
    assert (state / "settings.toml").read_bytes() == b"[gate]\npulse_ms = 200\n", "what was confirmed"
    assert [(one["kind"], one.get("version") or one["code"]) for one in site.recorded()] == [
        ("settings", "1"), ("settings", "not_permitted"), ("settings", "not_in_force"),
    ]  # fmt: skip
    assert "Traceback" not in site.log()


def test_pushed_from_the_command_line_a_document_comes_back_with_every_kiosks_answer(site, tmp_path):
    site.policy_in_force()
    write_signing_key(tmp_path / "office.key.pem", OFFICE)
    write_signing_key(tmp_path / "kitchen.key.pem", KITCHEN)
    (tmp_path / "deny.toml").write_text('[[deny]]\nid = "guest-17"\n')
    broker = ("--port", str(site.broker.port), "--no-tls", "--json")

    def push(*arguments, key="office"):
        key_file = tmp_path / f"{key}.key.pem"
        process = kiosk("command", "push", *map(str, arguments), "--key", str(key_file), *broker)
        return process.returncode, [(one["kiosk"], one["outcome"], one["code"]) for one in objects(process)]

    deny = ("deny", tmp_path / "deny.toml")
    assert push(*deny, "--audience", "demo/lobby") == (0, [(KIOSK, "taken", "")]), "found by its presence"
    assert push(*deny, "--audience", KIOSK, "--version", 7) == (1, [(KIOSK, "refused", "older")])
    assert push(*deny, "--audience", KIOSK, key="kitchen") == (1, [(KIOSK, "refused", "not_permitted")])
    both = ("--audience", KIOSK, "--audience", "demo/lobby/gone", "--wait", 8)
    assert push(*deny, *both) == (1, [(KIOSK, "taken", ""), ("demo/lobby/gone", None, None)])

    (tmp_path / "policy.toml").write_bytes(NOBODY)
    assert push("policy", tmp_path / "policy.toml", "--audience", "*") == (0, [(KIOSK, "taken", "")])
    assert site.policy_in_force() == "nobody"

    shown = kiosk("command", "documents", "--config", str(site.world.config), "--json")
    assert [(one["kind"], one["state"], one["by"]) for one in objects(shown)] == [
        ("policy", "in force", "office"), ("deny", "in force", "office"),
    ]  # fmt: skip
