"""The stage of the fault tests: events come without a pause, and something dies at seeded moments."""

import random
import threading
import time
from collections.abc import Callable

from kiosk.testing.bridge_stage import Process, Stage
from kiosk.testing.broker import Mosquitto
from kiosk.testing.fake_gate import FakeGate
from kiosk.testing.fault_table import FaultRun

BURST = 40
"""Events between two faults."""
SETTLE_S = 90.0
"""How long everything may take to arrive once nothing dies any more."""


class FaultStage(Stage):
    """A gate with a journal in memory, and a real bridge, broker and centre that can be killed."""

    gate_: FakeGate
    broker_: Mosquitto
    bridge_: Process
    centre_: Process

    def begin(self) -> None:
        """Start all four."""
        self.gate_, self.broker_ = self.gate(), self.broker()
        self.centre_ = self.centre(self.broker_.port)
        self.bridge_ = self.bridge(self.broker_.port)

    def kill_bridge(self, pause_s: float) -> None:
        """Kill the bridge with -9 and start another."""
        _kill(self.bridge_)
        _wait(pause_s)
        self.bridge_ = self.bridge(self.broker_.port)

    def kill_broker(self, pause_s: float) -> None:
        """Kill the broker with -9, and all that it held in memory with it; start it again."""
        self.broker_.kill()
        _wait(pause_s)
        self.broker_.start()

    def kill_centre(self, pause_s: float) -> None:
        """Kill the centre's process with -9 and start another."""
        _kill(self.centre_)
        _wait(pause_s)
        self.centre_ = self.centre(self.broker_.port)

    @staticmethod
    def pause(seconds: float) -> None:
        """Let real processes run, or stand still, for a while: that time is what is tested."""
        _wait(seconds)

    def suffer(self, test: str, faults: list[Callable[[float], None]], seed: int) -> FaultRun:
        """Let events come, and each fault at a moment that the seed chooses; then wait for everything to arrive."""
        chance = random.Random(seed)  # noqa: S311 - the same moments in every run
        for fault in faults:
            self.gate_.append(BURST)
            last = len(self.gate_.journal)
            # A moment in the middle of the traffic: some of the burst has arrived, in a run without mishaps.
            self.gate_.await_confirmed(max(0, last - chance.randrange(2 * BURST)), timeout_s=SETTLE_S)
            _wait(chance.random() * 0.01)
            fault(chance.random() * 0.2)
        self.gate_.await_confirmed(len(self.gate_.journal), timeout_s=SETTLE_S)
        return self.result(test, len(faults))

    def result(self, test: str, faults: int) -> FaultRun:
        """Hold what the centre has against the journal, content included."""
        sent = {record.seq: record.hash for record in self.gate_.journal}
        stored = self.rows("SELECT seq, hash FROM events")
        whole = {seq for seq, digest in stored if sent.get(seq) == digest}
        return FaultRun(
            test, faults, len(sent), len(whole), len(sent.keys() - whole), len(stored) - len(whole),
            round(self.gate_.longest_gap_s, 2),
        )  # fmt: skip


def _kill(process: Process) -> None:
    process.kill()
    process.communicate()


def _wait(seconds: float) -> None:
    """Let real processes run for a moment: the moment is what is tested."""
    threading.Event().wait(seconds)


def seconds_until(met: Callable[[], bool], timeout_s: float) -> float:
    """Return how long it took until something was so. Raises TimeoutError."""
    begin = time.monotonic()
    while not met():
        if time.monotonic() - begin > timeout_s:
            raise TimeoutError("it was not so in time")
        _wait(0.005)
    return time.monotonic() - begin
