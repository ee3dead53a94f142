"""A line that loses packets, or swallows them all for a while: run in a network namespace of its own.

`unshare --net python -m kiosk.testing.lossy_line FOLDER --loss 20 --events 2000` prints a line of JSON. The namespace
has the loopback interface only, so nothing outside is touched; what is lost goes to or comes from the broker's port.
The kernel's packet filter throws the dice, so each run loses other packets.
"""

import argparse
import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from kiosk.testing.fault_stage import FaultStage, seconds_until

BURST = 200
PATIENCE_S = 240.0


def lose(port: int, percent: int) -> None:
    """Drop this share of all packets to and from a port, 0 to 100."""
    dice = f"numgen random mod 100 < {percent}" if percent < 100 else ""
    drops = [f"tcp {end} {port} {dice} drop" for end in ("dport", "sport") if percent]
    chain = ["type filter hook input priority 0", *drops]
    # Made anew each time: the first two lines make sure that there is one to take away.
    rules = ["table inet line", "delete table inet line", "table inet line {", "chain input {", *chain, "}", "}"]
    subprocess.run(["nft", "-f", "-"], input="\n".join(rules) + "\n", text=True, check=True)


def play(stage: FaultStage, events: int, percent: int, holes: int) -> dict[str, object]:
    """Send events over a lossy line, or through black holes of two seconds; return what came of it."""
    stage.begin()
    returns: list[float] = []
    try:
        lose(stage.broker_.port, percent)
        for number in range(events // BURST):
            stage.gate_.append(BURST)
            if number < holes:
                lose(stage.broker_.port, 100)
                stage.pause(2.0)
                lose(stage.broker_.port, percent)
                before = stage.gate_.confirmed
                returns.append(seconds_until(lambda before=before: stage.gate_.confirmed > before, PATIENCE_S))  # type: ignore[misc]
        stage.gate_.await_confirmed(len(stage.gate_.journal), timeout_s=PATIENCE_S)
    finally:
        lose(stage.broker_.port, 0)
    name = f"{percent} % lost" if percent else "black holes of 2 s"
    run = stage.result(name, holes)
    return {**asdict(run), "first_confirmation_s": round(max(returns, default=0.0), 2)}


def main() -> int:
    """Run once and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--events", type=int, default=2000)
    parser.add_argument("--loss", type=int, default=0)
    parser.add_argument("--holes", type=int, default=0)
    options = parser.parse_args()
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    stage = FaultStage(options.folder)
    try:
        print(json.dumps(play(stage, options.events, options.loss, options.holes)))
    finally:
        stage.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
