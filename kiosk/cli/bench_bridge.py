"""`kiosk bench bridge`: how fast a backlog goes to the centre, in how little memory, and how soon after an outage."""

import argparse
import platform
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from kiosk.bench.bridge import BridgeFigures, measure
from kiosk.cli.output import APPLIANCE, DONE, CommandError, print_json, print_table
from kiosk.demo.supervisor import ChildError
from kiosk.testing.broker import BrokerError, Mosquitto

EXAMPLES = ("kiosk bench bridge", "kiosk bench bridge --events 5000 --runs 1 --waiting 20000 --outages 1 --json")
_EVENTS, _RUNS, _WAITING, _OUTAGES = 30_000, 5, 1_000_000, 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--events", type=int, default=_EVENTS, metavar="N", help=f"in each drain ({_EVENTS})")
    parser.add_argument("--runs", type=int, default=_RUNS, metavar="N", help=f"of each kind, in turns ({_RUNS})")
    parser.add_argument(
        "--waiting", type=int, default=_WAITING, metavar="N",
        help=f"events of the backlog whose memory is measured; 0: none ({_WAITING})",
    )  # fmt: skip
    parser.add_argument("--outages", type=int, default=_OUTAGES, metavar="N", help=f"of the broker ({_OUTAGES})")
    parser.add_argument("--seed", type=int, default=argparse.SUPPRESS, metavar="N", help="of chance (1)")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def _print(figures: BridgeFigures) -> None:
    print_table(("drain", "events/s", "to reach"), [
        ("bare paho loop, from memory", f"{figures.bare_per_s:.0f}", ""),
        ("bridge, from the journal to the centre's word", f"{figures.drain_per_s:.0f}", ""),
        ("ratio", f"{figures.drain_ratio:.2f}", "≥ 0.80"),
    ])  # fmt: skip
    print()
    print_table(("", "seen", "to reach"), [
        (f"MB of the bridge with {figures.waiting:,} events waiting", f"{figures.rss_mb_at_1m:.1f}", "≤ 64"),
        ("s to the first confirmation after an outage, at most", f"{figures.first_confirmation_s:.2f}", "≤ 10"),
        ("lost", str(figures.lost), "0"),
        ("repeated", str(figures.repeated), ""),
    ])  # fmt: skip


def run(options: argparse.Namespace) -> int:
    """Measure and print."""
    if not 100 <= options.events <= 200_000 or not 1 <= options.runs <= 50:
        raise CommandError("--events is from 100 to 200000, --runs from 1 to 50")
    if not 0 <= options.waiting <= 5_000_000 or not 0 <= options.outages <= 50:
        raise CommandError("--waiting is from 0 to 5000000, --outages from 0 to 50")
    try:
        with tempfile.TemporaryDirectory(prefix="kiosk-") as folder, Mosquitto(Path(folder) / "broker") as broker:
            figures = measure(
                Path(folder), broker, events=options.events, runs=options.runs, waiting=options.waiting,
                outages=options.outages, seed=options.seed,
                progress=lambda text: print(f"… {text}", file=sys.stderr, flush=True),
            )  # fmt: skip
    except (BrokerError, ChildError, OSError, ValueError, subprocess.SubprocessError) as error:
        raise CommandError(f"the bridge could not be measured: {error}", APPLIANCE) from error
    if options.json:
        print_json({**asdict(figures), "machine": platform.machine(), "python": platform.python_version()})
    else:
        _print(figures)
    return DONE
