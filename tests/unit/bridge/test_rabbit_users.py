"""RabbitMQ's permissions as expressions; tests/integration/test_broker_acl_rabbit.py tries them on the real broker."""

import re

import pytest

from mqtt_bridge.central.provisioning.rabbit_users import definitions
from mqtt_bridge.topics import KioskAddress

GATE = KioskAddress("local", "main", "gate-1")
FOUND = definitions([GATE])


def of(kind, user="gate-1"):
    (found,) = [one for one in FOUND[kind] if one["user"] == user]
    return found


def allowed(expression, text):
    # As RabbitMQ does: somewhere in the text, so the expression has to hold both ends itself.
    return re.search(expression, text) is not None


def test_each_kiosk_and_the_centre_are_users_without_a_password():
    assert [(one["name"], one["password_hash"], one["tags"]) for one in FOUND["users"]] == [
        ("kiosk_centre", "", ""), ("kiosk_desk", "", ""), ("gate-1", "", ""),
    ]  # fmt: skip
    assert definitions([GATE, GATE]) == FOUND


@pytest.mark.parametrize(
    ("key", "may_write", "may_read"),
    [
        ("gk.1.local.main.gate-1.up.evt.visit.admitted", True, False),
        ("gk.1.local.main.gate-1.down.ack", False, True),
        ("gk.1.local.main.gate-1.down.#", False, True),
        ("gk.1.local.main.gate-1.#", False, False),
        ("gk.1.local.main.*.down.#", False, False),
        ("gk.1.local.main.gate-2.up.evt.x", False, False),
        ("gk.1.local.main.gate-11.up.evt.x", False, False),
        ("gk.1.hue.main.gate-1.up.evt.x", False, False),
        ("x.gk.1.local.main.gate-1.up.evt.x", False, False),
        ("gk.1.local.main.gate-1.upper", False, False),
        ("#", False, False),
    ],
)
def test_a_kiosks_topics(key, may_write, may_read):
    topics = of("topic_permissions")
    assert (allowed(topics["write"], key), allowed(topics["read"], key)) == (may_write, may_read)


@pytest.mark.parametrize(
    ("queue", "may"),
    [
        ("mqtt-subscription-gk1.local.main.gate-1.0123456789abcdefqos1", True),
        ("mqtt-subscription-gk1.local.main.gate-1.down.0123456789abcdefqos0", True),
        ("mqtt-subscription-gk1.local.main.gate-2.0123456789abcdefqos1", False),
        ("mqtt-subscription-gk1.local.main.gate-1qos1", False),
        ("mqtt-subscription-gk1xlocal.main.gate-1.0123456789abcdefqos1", False),
        ("gk.1.centre", False),
        ("amq.topic", False),
    ],
)
def test_a_kiosks_queues_have_its_client_ids(queue, may):
    permission = of("permissions")
    assert [allowed(permission[verb], queue) for verb in ("configure", "write", "read")] == (
        [may] * 3 if queue != "amq.topic" else [False, True, True]
    )


def test_the_centre_hears_all_and_answers_all():
    topics, permission = of("topic_permissions", "kiosk_centre"), of("permissions", "kiosk_centre")
    assert allowed(topics["read"], "gk.1.*.*.*.up.evt.#")
    assert allowed(topics["write"], "gk.1.local.main.gate-1.down.ack")
    assert not allowed(topics["write"], "gk.1.local.main.gate-1.up.evt.x")
    assert not allowed(topics["read"], "#")
    assert [allowed(permission["configure"], name) for name in ("gk.1.centre", "gk.1.centre.dead", "amq.topic")] == [
        True, True, False,
    ]  # fmt: skip


def test_the_desk_commands_and_hears_what_became_of_it():
    topics, permission = of("topic_permissions", "kiosk_desk"), of("permissions", "kiosk_desk")
    may_write = {"down.cmd.open": True, "down.cfg.policy": True, "down.ack": False, "up.res.1": False}
    may_read = {"up.res.1": True, "up.cfg.policy": True, "up.evt.visit.admitted": False, "#": False}
    for key, may in may_write.items():
        assert allowed(topics["write"], f"gk.1.local.main.gate-1.{key}") is may
    for key, may in may_read.items():
        assert allowed(topics["read"], f"gk.1.*.*.*.{key}") is may
    assert allowed(permission["configure"], "mqtt-subscription-kiosk-command-0123abcdqos1")
    assert not allowed(permission["configure"], "gk.1.centre")
