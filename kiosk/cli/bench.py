"""`kiosk bench`: what the kiosk does on this machine, in figures."""

import argparse
import platform
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from kiosk.bench.path import PathFigures, measure
from kiosk.bench.spread import Spread
from kiosk.cli import bench_books, bench_bridge, bench_read, bench_revocation, bench_ui, bench_verify
from kiosk.cli.output import APPLIANCE, DONE, CommandError, print_json, print_table
from kiosk.demo.supervisor import ChildError
from kiosk.testing.broker import BrokerError, Mosquitto

SEED = 1
_VISITS, _IDLE_S = 60, 8.0


_OTHERS = {
    "read": (bench_read, "how many codes each engine reads, and what a look costs"),
    "verify": (bench_verify, "what verification costs, by stage and format, beside libraries"),
    "bridge": (bench_bridge, "how fast a backlog goes to the centre, its memory, and the time after an outage"),
    "books": (bench_books, "how fast the manager's questions are answered over weeks of visits"),
    "ui": (bench_ui, "how soon a visitor sees an answer; what pages, preview and hours cost the screen"),
    "revocation": (bench_revocation, "lists of millions of withdrawn codes: memory, disk, look-up, build"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments: without a word it is the whole path that is measured."""
    names = "|".join(("path", *_OTHERS))
    what = parser.add_subparsers(dest="what", metavar=names, title="what to measure")
    path = what.add_parser("path", help="the whole path, from a code in view to the relay (default)")
    _path_arguments(parser)
    _path_arguments(path, inner=True)
    for name, (module, hint) in _OTHERS.items():
        one = what.add_parser(name, help=hint)
        module.add_arguments(one)
        one.epilog = "examples:\n" + "\n".join(f"  {line}" for line in module.EXAMPLES)


def _path_arguments(parser: argparse.ArgumentParser, *, inner: bool = False) -> None:
    """Declare what belongs to `path`; of the inner parser nothing undoes what the outer one has been given."""
    unset, no = (argparse.SUPPRESS, argparse.SUPPRESS) if inner else (None, False)
    parser.add_argument("--visits", type=int, default=unset, metavar="N", help=f"how many codes come ({_VISITS})")
    parser.add_argument("--idle", type=float, default=unset, metavar="S", help=f"seconds at rest ({_IDLE_S:g})")
    parser.add_argument("--seed", type=int, default=unset, metavar="N", help=f"of chance ({SEED})")
    parser.add_argument("--json", action="store_true", default=no, help="one JSON object")


def _row(name: str, spread: Spread, target: str) -> tuple[str, str, str, str, str]:
    return name, f"{spread.median:.2f}", f"{spread.p95:.2f}", f"{spread.highest:.2f}", target


def _print(figures: PathFigures) -> None:
    print_table(("milliseconds", "median", "p95", "max", "to reach"), [
        _row(f"code in view → relay ({figures.view_to_relay_ms.n} visits)", figures.view_to_relay_ms, "p95 ≤ 80"),
        _row("frame captured → relay", figures.frame_to_relay_ms, ""),
        _row("record durable → relay", figures.record_to_relay_ms, "p95 ≤ 3"),
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
    if options.seed is None:
        options.seed = SEED
    if options.what in _OTHERS:
        if options.visits is not None or options.idle is not None:
            raise CommandError("--visits and --idle belong to `kiosk bench path`; leave them out")
        status: int = _OTHERS[options.what][0].run(options)
        return status
    visits = _VISITS if options.visits is None else options.visits
    idle_s = _IDLE_S if options.idle is None else options.idle
    if not 2 <= visits <= 1000 or not 1 <= idle_s <= 600:
        raise CommandError("--visits is from 2 to 1000, --idle from 1 to 600 seconds")
    try:
        with tempfile.TemporaryDirectory(prefix="kiosk-") as folder, Mosquitto(Path(folder) / "broker") as broker:
            figures = measure(
                Path(folder), broker.port, visits=visits, idle_s=idle_s, seed=options.seed,
                progress=lambda text: print(f"… {text}", file=sys.stderr, flush=True),
            )  # fmt: skip
    except (BrokerError, ChildError, ValueError) as error:
        raise CommandError(str(error), APPLIANCE) from error
    if options.json:
        print_json({**asdict(figures), "machine": platform.machine(), "python": platform.python_version()})
    else:
        _print(figures)
    return DONE
