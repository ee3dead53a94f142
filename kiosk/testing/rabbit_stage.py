"""The stage of RabbitMQ's fault tests: kiosks send without a pause while nodes and consumers die at seeded moments."""

import random
import signal
import threading
from collections.abc import Callable, Sequence

from kiosk.testing.fake_kiosk import FakeKiosk
from kiosk.testing.fault_table import FaultRun, report
from kiosk.testing.rabbit import Consumers
from mqtt_bridge.central.rabbit_node import RabbitNode

KIOSKS = 4
RATE = 50.0
"""Events a second and kiosk."""
SETTLE_S = 120.0
"""How long everything may take to arrive once nothing dies any more."""


class RabbitStage:
    """Two consumers, and kiosks that are spread over the nodes."""

    def __init__(self, nodes: Sequence[RabbitNode], consumers: Consumers) -> None:
        self.nodes, self.consumers = nodes, consumers
        self.running = [consumers.start(), consumers.start()]
        ports = [node.ports.mqtt for node in nodes]
        starts = [number % len(ports) for number in range(KIOSKS)]
        self.kiosks = [
            FakeKiosk(f"gate-{number}", ports[start:] + ports[:start], rate=RATE)
            for number, start in enumerate(starts, 1)
        ]

    def kill_node(self, chance: random.Random) -> None:
        """Kill a node with -9; start it again once every kiosk has got on without it, where there are others."""
        node = chance.choice(self.nodes)
        node.kill()
        if len(self.nodes) > 1:
            self.all_confirm_more()
        node.start()
        self.all_confirm_more()

    def kill_consumer(self, chance: random.Random) -> None:
        """Kill a consumer with -9; start another once every kiosk has got on without it."""
        doomed = self.running.pop(chance.randrange(len(self.running)))
        self.consumers.stop(doomed, signal.SIGKILL)
        self.all_confirm_more()
        self.running.append(self.consumers.start())

    def all_confirm_more(self) -> None:
        """Wait until every kiosk has a receipt for an event that comes after this moment. Raises TimeoutError."""
        for kiosk, number in [(kiosk, kiosk.there()) for kiosk in self.kiosks]:
            kiosk.await_confirmed(number + 1, SETTLE_S)

    def suffer(self, test: str, kills: int, kill: Callable[[random.Random], None], seed: int) -> FaultRun:
        """Let events come and kill so often; wait for everything to arrive, and report what the centre has."""
        chance = random.Random(seed)  # noqa: S311 - the same moments in every run
        for kiosk in self.kiosks:
            kiosk.start()
        self.all_confirm_more()
        for _ in range(kills):
            threading.Event().wait(chance.uniform(0.5, 2.0))
            kill(chance)
        for kiosk in self.kiosks:
            kiosk.await_confirmed(kiosk.finish(), SETTLE_S)
        run = self._result(test, kills)
        report(run)
        return run

    def close(self) -> None:
        """End the kiosks' lines."""
        for kiosk in self.kiosks:
            kiosk.stop()

    def _result(self, test: str, kills: int) -> FaultRun:
        """Hold what the centre has against what the kiosks had, content included."""
        sent = {
            (kiosk.address.kiosk, seq): digest for kiosk in self.kiosks for seq, digest in enumerate(kiosk.hashes(), 1)
        }
        stored = self.consumers.rows("SELECT kiosk, seq, hash FROM events")
        whole = {(kiosk, seq) for kiosk, seq, digest in stored if sent.get((kiosk, seq)) == digest}
        gap = max(kiosk.longest_gap_s for kiosk in self.kiosks)
        lost = len(sent.keys() - whole)
        return FaultRun(test, kills, len(sent), len(whole), lost, len(stored) - len(whole), round(gap, 2))
