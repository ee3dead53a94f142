"""What a fault test has seen, as a row that people read and as a line of JSON that machines do.

`KIOSK_FAULTS_JSON` names the file that the lines are added to (`scripts/test faults --json FILE`).
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FaultRun:
    """One run. Nothing may be lost, and nothing may have its effect twice."""

    test: str
    faults: int
    """How often something was killed, cut or held up."""
    sent: int
    """Events that the kiosk, or all kiosks, had on record."""
    stored: int
    """Of these, how many the centre has."""
    lost: int
    repeated: int
    """How many the centre has more than once."""
    longest_gap_s: float
    """The longest time for which something waited and nothing was confirmed."""


_COLUMNS = ("test", "faults", "sent", "stored", "lost", "repeated", "longest gap")


def row(run: FaultRun) -> str:
    """Return the run as a line of the table."""
    numbers = (run.faults, run.sent, run.stored, run.lost, run.repeated)
    return f"{run.test:<34}" + "".join(f"{number:>11,}" for number in numbers) + f"{run.longest_gap_s:>11.2f} s"


def heading() -> str:
    """Return the table's first line."""
    first, *others, last = _COLUMNS
    return f"{first:<34}" + "".join(f"{name:>11}" for name in others) + f"{last:>13}"


def report(run: FaultRun) -> None:
    """Print the run, and add it to the file that was asked for."""
    print(f"\n{heading()}\n{row(run)}")
    if name := os.environ.get("KIOSK_FAULTS_JSON"):
        with Path(name).open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(run)) + "\n")
