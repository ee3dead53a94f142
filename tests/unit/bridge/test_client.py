"""What goes past paho, byte by byte: it fails where another paho does without what is overridden."""

import socket

import pytest
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from kiosk.testing.mqtt_packets import CONNACK, CONNECT, PUBACK, PUBLISH, packet, read_publish
from mqtt_bridge.buffered import GATHERED
from mqtt_bridge.client import BridgeClient, first_bytes


@pytest.fixture
def line():
    """Return a client that has connected to a listener, and the listener's end."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = BridgeClient(CallbackAPIVersion.VERSION2, client_id="c", protocol=MQTTProtocolVersion.MQTTv5)
        client.answers = []
        client.on_puback = lambda mid, code: client.answers.append((mid, code))
        client.connect("127.0.0.1", listener.getsockname()[1])
        peer, _ = listener.accept()
        with peer:
            client.buffer.flush()
            assert peer.recv(4096)[0] >> 4 == CONNECT
            peer.sendall(packet(CONNACK, 0, b"\x00\x00\x00"))
            while not client.is_connected():
                client.loop_read()
            yield client, peer
            client.buffer.close()


def test_messages_are_gathered_and_go_in_one_piece_in_order(line):
    client, peer = line
    mids = [client.publish_now("a/b", payload, b"\x00") for payload in (b"one", b"x" * 200, b"")]
    client.buffer.flush()
    data = peer.recv(4096)
    whole = [packet(PUBLISH, 2, b"\x00\x03a/b" + mid.to_bytes(2, "big") + b"\x00" + payload)
             for mid, payload in zip(mids, (b"one", b"x" * 200, b""), strict=True)]  # fmt: skip
    assert data == b"".join(whole)
    assert len(set(mids)) == 3
    assert read_publish(2, whole[0][2:], 5).payload == b"one"


def test_answers_are_heard_with_their_reason_even_several_in_one_piece(line):
    client, peer = line
    mids = [client.publish_now("t", b"", b"\x00") for _ in range(3)]
    client.buffer.flush()
    peer.recv(4096)
    first, second, third = (mid.to_bytes(2, "big") for mid in mids)
    answers = (first, second + b"\x10\x00", third + b"\x97\x00")
    peer.sendall(b"".join(packet(PUBACK, 0, body) for body in answers))
    while len(client.answers) < 3:
        client.loop_read()
    assert client.answers == [(mids[0], 0), (mids[1], 0x10), (mids[2], 0x97)]
    assert client.buffer.pending() == 0


def test_a_peer_that_does_not_read_is_noticed_before_memory_fills(line):
    client, _ = line

    def flood():
        for _ in range(1000):
            client.publish_now("t", b"x" * 60_000, b"\x00")

    with pytest.raises(BlockingIOError):
        flood()
    assert client.buffer.unsent <= GATHERED + 70_000


@pytest.mark.parametrize("length", [0, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_455])
def test_a_length_is_written_as_the_standard_says(length):
    header = first_bytes(length)
    assert sum((byte & 0x7F) << 7 * place for place, byte in enumerate(header[1:])) == length
    assert [byte >> 7 for byte in header[1:]] == [1] * (len(header) - 2) + [0]
