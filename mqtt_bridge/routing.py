"""MQTT topics as AMQP routing keys, and back: what RabbitMQ's MQTT plugin does, in one place. Pure.

The plugin puts a message of topic `gk/1/local/main/gate-1/up/evt/visit.admitted` on the exchange `amq.topic`. The
plugin of 3.10 only turns slashes into dots, `….up.evt.visit.admitted`, so that the dots of the topic itself can no
longer be told from them; newer ones keep those as slashes, `….up.evt.visit/admitted`. Both can be read here, since in
this protocol only the eighth and last level may hold a dot.
"""

_LAST = 7
"""The level that may hold dots: TYPE, NAME, ID or KIND in `gk/1/tenant/site/kiosk/up/evt/TYPE`."""


def routing_key(topic: str) -> str:
    """Return the routing key of a topic. Raises ValueError for a topic with a dot: 3.10 would deliver it to another."""
    if "." in topic:
        raise ValueError("a topic that goes over AMQP may hold no dot")
    return topic.replace("/", ".")


def topic(key: str) -> str:
    """Return the topic of a routing key, whoever made it: what is none of this protocol's stays none."""
    levels = key.split(".")
    last = ".".join(levels[_LAST:])
    return "/".join(level.replace("/", ".") for level in [*levels[:_LAST], *([last] if last else [])])


def binding_key(topic_filter: str) -> str:
    """Return what to bind a queue with, so that it gets what a subscription of this filter would."""
    return topic_filter.replace("/", ".").replace("+", "*")
