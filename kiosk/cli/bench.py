"""`kiosk bench`: what the kiosk does on this machine, in figures."""

import argparse
import platform
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from kiosk.bench.path import PathFigures, Spread, measure
from kiosk.cli.output import APPLIANCE, DONE, CommandError, print_json, print_table
from kiosk.demo.supervisor import ChildError
from kiosk.testing.broker import BrokerError, Mosquitto


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "what", nargs="?", choices=("path",), default="path", metavar="path", help="the whole path (default)"
    )
    parser.add_argument("--visits", type=int, default=60, metavar="N", help="how many codes come into view (60)")
    parser.add_argument("--idle", type=float, default=8.0, metavar="S", help="seconds at rest (8)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of when codes come into view (1)")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def _row(name: str, spread: Spread, target: str) -> tuple[str, str, str, str, str]:
    return name, f"{spread.median:.2f}", f"{spread.p95:.2f}", f"{spread.highest:.2f}", target


def _print(figures: PathFigures) -> None:
    print_table(("milliseconds", "median", "p95", "max", "to reach"), [
        _row(f"code in view → relay ({figures.view_to_relay_ms.n} visits)", figures.view_to_relay_ms, "p95 ≤ 80"),
        _row("frame captured → relay", figures.frame_to_relay_ms, ""),
        _row("decision", figures.decision_ms, "median ≤ 5"),
        _row("decision and durable commit", figures.decision_with_commit_ms, ""),
    ])  # fmt: skip
    print()
    cpu, rss = figures.idle_cpu_percent, figures.rss_mb
    rows = [(name, f"{cpu[name]:.1f}", f"{rss[name]:.0f}", "") for name in cpu]
    rows.append(("all four", f"{sum(cpu.values()):.1f}", f"{sum(rss.values()):.0f}", "≤ 40 % of a core, ≤ 450 MB"))
    print_table(("process", "idle % of a core", "RSS MB", "to reach"), rows)
    print()
    print(f"start to ready: {figures.start_to_ready_s:.2f} s (to reach: ≤ 4 s); codes missed: {figures.missed}")


def run(options: argparse.Namespace) -> int:
    """Measure and print."""
    if not 2 <= options.visits <= 1000 or not 1 <= options.idle <= 600:
        raise CommandError("--visits is from 2 to 1000, --idle from 1 to 600 seconds")
    try:
        with tempfile.TemporaryDirectory(prefix="kiosk-") as folder, Mosquitto(Path(folder) / "broker") as broker:
            figures = measure(
                Path(folder), broker.port, visits=options.visits, idle_s=options.idle, seed=options.seed,
                progress=lambda text: print(f"… {text}", file=sys.stderr, flush=True),
            )  # fmt: skip
    except (BrokerError, ChildError, ValueError) as error:
        raise CommandError(str(error), APPLIANCE) from error
    if options.json:
        print_json({**asdict(figures), "machine": platform.machine(), "python": platform.python_version()})
    else:
        _print(figures)
    return DONE
