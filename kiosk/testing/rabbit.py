"""RabbitMQ for tests: three real nodes on loopback that are a cluster, and a kiosk's end of the line to them.

One node alone is `RabbitNode` itself.
"""

import secrets
from pathlib import Path
from types import TracebackType
from typing import Self

from mqtt_bridge.central.rabbit_node import START_S, Cluster, PortMapper, RabbitNode

SIZE = 3


class RabbitCluster:
    """Nodes that keep everything three times: one of them may be gone at any moment."""

    def __init__(self, directory: Path) -> None:
        self._mapper = PortMapper()
        names = tuple(f"node{number}" for number in range(1, SIZE + 1))
        shared = Cluster(names, secrets.token_hex(20), self._mapper)
        self.nodes = [RabbitNode(directory / name, name, cluster=shared) for name in names]

    @property
    def amqp(self) -> str:
        """All its nodes, as the centre's option `--amqp` takes them."""
        return ",".join(f"{node.host}:{node.ports.amqp}" for node in self.nodes)

    def start(self) -> None:
        """Start what does not run, all at once: a new cluster's nodes wait for one another. Raises RabbitError."""
        for node in self.nodes:
            node.launch()
        for node in self.nodes:
            node.await_start(SIZE * START_S)

    def close(self) -> None:
        """Stop all."""
        for node in self.nodes:
            # In good order, each would wait for the others to take over what it leads.
            node.kill()
        self._mapper.stop()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
