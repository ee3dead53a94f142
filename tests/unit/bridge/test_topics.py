import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import mqtt_bridge
from kiosk.domain.centre import ack_topic
from mqtt_bridge.topics import (
    AckTopic,
    CommandTopic,
    DocumentAnswerTopic,
    DocumentTopic,
    EventTopic,
    KioskAddress,
    PresenceTopic,
    ResultTopic,
    TelemetryTopic,
    TopicError,
    parse,
)

ASYNCAPI = Path(mqtt_bridge.__file__).parent / "asyncapi.yaml"
NAMES = st.from_regex(r"[a-z0-9][a-z0-9-]{0,62}", fullmatch=True)
TYPES = st.from_regex(r"[a-z0-9][a-z0-9_.-]{0,63}", fullmatch=True)


@given(NAMES, NAMES, NAMES, TYPES)
def test_what_is_built_is_read_again(tenant, site, kiosk, event_type):
    address = KioskAddress(tenant, site, kiosk)
    assert parse(address.event(event_type)) == EventTopic(address, event_type)
    assert parse(address.presence) == PresenceTopic(address)
    assert parse(address.ack) == AckTopic(address)
    assert parse(address.document("trust")) == DocumentTopic(address, "trust")
    assert parse(address.document_answer("deny")) == DocumentAnswerTopic(address, "deny")
    assert parse(address.command("open")) == CommandTopic(address, "open")
    assert parse(address.result("00ff")) == ResultTopic(address, "00ff")
    assert parse(address.telemetry("health")) == TelemetryTopic(address, "health")
    for said in (address.ack, address.document("trust"), address.command("open")):
        assert said.startswith(address.down.removesuffix("#"))
    assert address.ack == ack_topic(f"{tenant}/{site}/{kiosk}"), "as the gate knows it"


@pytest.mark.parametrize("word", ["", "A", "a/b", "a+", "#", "1-", "a" * 65, "a\n"])
def test_a_word_that_cannot_be_a_level_is_refused(word):
    address = KioskAddress("local", "main", "gate-1")
    for make in (address.command, address.document, address.document_answer, address.telemetry, address.result):
        with pytest.raises(TopicError):
            make(word)


@given(st.text())
@example("gk/1/+/+/+/up/evt/#")
@example("gk/1/a/b/c/up/evt/x/y")
@example("gk/1/a/b/c/up/evt/")
@example("gk/1/a/b/C/up/evt/x")
@example("gk/1/a//c/up/evt/x")
@example("gk/2/a/b/c/up/presence")
@example("gk/1/a/b/c/down/ack\n")
@example("gk/1/a/b/c\n/down/ack")
@example("gk/1/a/b/c/up/evt/x\0")
@example("gk/1/a/b/" + "c" * 64 + "/down/ack")
@example("gk/1/a/b/c/up/evt/" + "x" * 100_000)
def test_a_hostile_topic_is_an_error_or_what_it_says(topic):
    try:
        read = parse(topic)
    except TopicError:
        return
    assert topic.startswith(read.address.base)


@pytest.mark.parametrize("name", ["", "-a", "A", "a/b", "a+", "#", "ä", "a" * 64, "a\n"])
def test_a_name_that_cannot_be_a_level_is_refused(name):
    with pytest.raises(TopicError):
        KioskAddress("local", "main", name)
    with pytest.raises(TopicError):
        KioskAddress("local", "main", "gate-1").event(name + "a" if len(name) == 64 else name)


def test_the_published_description_names_the_same_topics():
    said = re.findall(r"^    address: (\S+)$", ASYNCAPI.read_text(), re.MULTILINE)
    address = KioskAddress("t", "s", "k")
    names = {"{tenant}": "t", "{site}": "s", "{kiosk}": "k", "{type}": "visit.admitted"}
    names |= {"{kind}": "policy", "{command}": "open", "{id}": "00ff", "{name}": "health"}
    for name, value in names.items():
        said = [topic.replace(name, value) for topic in said]
    all_topics = [
        address.event("visit.admitted"), address.presence, address.ack, address.document("policy"),
        address.document_answer("policy"), address.command("open"), address.result("00ff"), address.telemetry("health"),
        address.telemetry("link"),
    ]  # fmt: skip
    assert sorted(said) == sorted(all_topics)
