"""The topics that statements of the centre are bound to, as the gate knows them and as the bridge does."""

from kiosk.domain.centre import ack_topic, document_topic
from mqtt_bridge.topics import KioskAddress


def test_gate_and_bridge_name_the_same_topics():
    address = KioskAddress("local", "main", "gate-1")
    assert ack_topic("local/main/gate-1") == address.ack
    assert document_topic("local/main/gate-1", "policy") == address.document("policy")
