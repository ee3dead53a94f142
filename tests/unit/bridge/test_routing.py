import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqtt_bridge.routing import binding_key, routing_key, topic
from mqtt_bridge.topics import EVENT_FILTER, TopicError, parse

ADMITTED = "gk/1/local/main/gate-1/up/evt/visit.admitted"


@pytest.mark.parametrize("name", ["gk/1/local/main/gate-1/down/ack", "gk/1/local/main/gate-1/up/presence", "gk", ""])
def test_a_topic_without_a_dot_is_a_routing_key_and_back(name):
    key = routing_key(name)
    assert "/" not in key
    assert topic(key) == name


def test_the_key_that_rabbitmq_3_10_makes_of_a_type_is_read():
    assert topic("gk.1.local.main.gate-1.up.evt.visit.admitted") == ADMITTED


def test_the_key_that_newer_ones_make_is_read():
    assert topic("gk.1.local.main.gate-1.up.evt.visit/admitted") == ADMITTED


def test_a_topic_that_would_reach_another_subscription_is_not_sent():
    with pytest.raises(ValueError, match="no dot"):
        routing_key(ADMITTED)


def test_a_filter_binds_with_the_wildcards_of_amqp():
    assert binding_key(EVENT_FILTER) == "gk.1.*.*.*.up.evt.#"


@given(st.text(alphabet="gk1./a+#*-", max_size=40))
def test_a_key_of_whatever_signs_never_names_a_kiosk_with_other_signs(key):
    try:
        address = parse(topic(f"gk.1.{key}")).address
    except TopicError:
        return
    assert not set("./+#*") & set(address.tenant + address.site + address.kiosk)
