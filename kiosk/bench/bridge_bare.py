"""What the bridge is measured against: paho in a loop of its own, payloads from memory, the same window.

`python -m kiosk.bench.bridge_bare PORT FILE`, FILE holding lines of topic, tab and payload. It prints the seconds from
the first message to the last PUBACK.
"""

import sys
import time
from pathlib import Path

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

WINDOW = 100
_MOST_S = 300.0


def publish(port: int, messages: list[tuple[str, bytes]]) -> float:
    """Publish everything at QoS 1 and return how long it took. Raises TimeoutError."""
    client = Client(CallbackAPIVersion.VERSION2, client_id="bench-bare", protocol=MQTTProtocolVersion.MQTTv5)
    client.max_inflight_messages = WINDOW + 1
    acknowledged = 0

    def count(*_: object) -> None:
        nonlocal acknowledged
        acknowledged += 1

    client.on_publish = count
    client.connect("127.0.0.1", port)
    while not client.is_connected():
        client.loop(1.0)
    began, sent, total = time.monotonic(), 0, len(messages)
    while acknowledged < total:
        while sent < total and sent - acknowledged < WINDOW:
            client.publish(*messages[sent], qos=1)
            sent += 1
        client.loop(1.0)
        if time.monotonic() - began > _MOST_S:
            raise TimeoutError("the broker does not acknowledge")
    took = time.monotonic() - began
    client.disconnect()
    return took


def read(path: Path) -> list[tuple[str, bytes]]:
    """Return the messages of a file."""
    pairs = (line.split(b"\t", 1) for line in path.read_bytes().splitlines())
    return [(topic.decode(), payload) for topic, payload in pairs]


if __name__ == "__main__":
    sys.stdout.write(f"{publish(int(sys.argv[1]), read(Path(sys.argv[2])))}\n")
