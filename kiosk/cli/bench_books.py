"""`kiosk bench books`: how fast the manager's questions are answered over a journal of some weeks."""

import argparse
import platform
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from kiosk.app.ports import JournalError
from kiosk.bench.books import BooksFigures, measure
from kiosk.cli.output import APPLIANCE, DONE, CommandError, print_json, print_table

EXAMPLES = ("kiosk bench books", "kiosk bench books --days 10 --people 2000 --exits --json")
_DAYS, _PEOPLE = 21, 10_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--days", type=int, default=_DAYS, metavar="N", help=f"how many days the journal has ({_DAYS})")
    parser.add_argument("--people", type=int, default=_PEOPLE, metavar="N", help=f"people a day ({_PEOPLE})")
    parser.add_argument("--exits", action="store_true", help="everybody is seen to leave as well")
    parser.add_argument("--seed", type=int, default=argparse.SUPPRESS, metavar="N", help="of chance (1)")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(options: argparse.Namespace) -> int:
    """Measure and print."""
    if not 1 <= options.days <= 365 or not 100 <= options.people <= 50_000:
        raise CommandError("--days is from 1 to 365, --people from 100 to 50000")
    print(f"… writing {options.days} days of {options.people:,} visits", file=sys.stderr, flush=True)
    try:
        with tempfile.TemporaryDirectory(prefix="kiosk-") as folder:
            figures = measure(Path(folder), options.days, options.people, exits=options.exits, seed=options.seed)
    except (JournalError, OSError) as error:
        raise CommandError(f"the journal could not be measured: {error}", APPLIANCE) from error
    if options.json:
        print_json({**asdict(figures), "machine": platform.machine(), "python": platform.python_version()})
    else:
        _print(figures)
    return DONE


def _print(figures: BooksFigures) -> None:
    rows = [(name, f"{one.median:.1f}", f"{one.highest:.1f}") for name, one in figures.asked_ms.items()]
    print_table(("milliseconds", "median", "max"), rows)
    print(f"\nevents: {figures.events:,}; file: {figures.file_mb} MB, of which who was here: {figures.index_mb} MB")
    print(f"contacts of one visit: {figures.contacts}, of all visits of a person: {figures.contacts_of_all}")
    print("to reach: dashboard ≤ 20 ms at 100,000 events; tracing in seconds at 21 days of 10,000 visits")
