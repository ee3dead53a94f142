"""`kiosk bench bridge`: how fast a backlog goes to the centre, in how little memory, and how soon after an outage."""

import argparse
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from kiosk.bench import store
from kiosk.bench.bridge import BridgeFigures, measure
from kiosk.bench.store import StoreFigures
from kiosk.cli.output import APPLIANCE, DONE, CommandError, print_json, print_table
from kiosk.demo.supervisor import ChildError
from kiosk.testing.broker import BrokerError, Mosquitto
from mqtt_bridge.central.store import StoreError

EXAMPLES = ("kiosk bench bridge", "kiosk bench bridge --events 5000 --runs 1 --waiting 20000 --outages 1 --json")
_EVENTS, _RUNS, _WAITING, _OUTAGES = 30_000, 5, 1_000_000, 3
_FAILURES = (
    BrokerError, ChildError, StoreError, RuntimeError, OSError, ValueError, subprocess.SubprocessError,
)  # fmt: skip
_STORES = ((1, 1), (1, 20), (1, 200), (2, 20), (3, 20))
"""Writers and kiosks: how the centre's database, here SQLite, grows with either."""


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
    parser.add_argument(
        "--store-batches", type=int, default=60, metavar="N",
        help="batches of 500 events that the centre's database is given; 0: none (60)",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="one JSON object")


def _print(figures: BridgeFigures, stores: Sequence[StoreFigures]) -> None:
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
    if stores:
        print()
        print_table(("centre's SQLite", "kiosks", "events/s"), [
            (f"{one.writers} consumer{'s' if one.writers > 1 else ''}", str(one.kiosks), f"{one.events_per_s:.0f}")
            for one in stores
        ])  # fmt: skip


def _stores(folder: Path, batches: int) -> list[StoreFigures]:
    """Measure the centre's database, anew for each arrangement."""
    if not batches:
        return []
    return [
        store.measure(str(folder / f"centre-{number}.db"), writers=writers, kiosks=kiosks, batches=batches)
        for number, (writers, kiosks) in enumerate(_STORES)
    ]


def run(options: argparse.Namespace) -> int:
    """Measure and print."""
    if not 100 <= options.events <= 200_000 or not 1 <= options.runs <= 50:
        raise CommandError("--events is from 100 to 200000, --runs from 1 to 50")
    if not 0 <= options.store_batches <= 1000:
        raise CommandError("--store-batches is from 0 to 1000")
    if not 0 <= options.waiting <= 5_000_000 or not 0 <= options.outages <= 50:
        raise CommandError("--waiting is from 0 to 5000000, --outages from 0 to 50")
    try:
        with tempfile.TemporaryDirectory(prefix="kiosk-") as folder, Mosquitto(Path(folder) / "broker") as broker:
            figures = measure(
                Path(folder), broker, events=options.events, runs=options.runs, waiting=options.waiting,
                outages=options.outages, seed=options.seed,
                progress=lambda text: print(f"… {text}", file=sys.stderr, flush=True),
            )  # fmt: skip
            stores = _stores(Path(folder), options.store_batches)
    except _FAILURES as error:
        raise CommandError(f"the bridge could not be measured: {error}", APPLIANCE) from error
    if options.json:
        grown = [{"writers": one.writers, "kiosks": one.kiosks, "events_per_s": one.events_per_s} for one in stores]
        machine = {"machine": platform.machine(), "python": platform.python_version()}
        print_json({**asdict(figures), "store": grown, **machine})
    else:
        _print(figures, stores)
    return DONE
