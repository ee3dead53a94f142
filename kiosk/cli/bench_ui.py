"""`kiosk bench ui`: how soon a visitor sees an answer, and what the screen costs."""

import argparse
import platform
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from kiosk.bench.ui import UiFigures, measure
from kiosk.cli.output import APPLIANCE, DONE, CommandError, print_json, print_table
from kiosk.demo.supervisor import ChildError

EXAMPLES = ("kiosk bench ui", "kiosk bench ui --codes 10 --soak 500 --json")
_CODES, _VISITS = 40, 2_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--codes", type=int, default=_CODES, metavar="N", help=f"codes that are shown ({_CODES})")
    parser.add_argument(
        "--soak", type=int, default=_VISITS, metavar="N", help=f"visits over which memory is watched ({_VISITS})"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(options: argparse.Namespace) -> int:
    """Measure and print."""
    if not 2 <= options.codes <= 1000 or not 100 <= options.soak <= 100_000:
        raise CommandError("--codes is from 2 to 1000, --soak from 100 to 100000")
    try:
        with tempfile.TemporaryDirectory(prefix="kiosk-") as folder:
            figures = measure(
                Path(folder), codes=options.codes, visits=options.soak,
                progress=lambda text: print(f"… {text}", file=sys.stderr, flush=True),
            )  # fmt: skip
    except (ChildError, ValueError) as error:
        raise CommandError(str(error), APPLIANCE) from error
    if options.json:
        print_json({**asdict(figures), "machine": platform.machine(), "python": platform.python_version()})
    else:
        _print(figures)
    return DONE


def _print(figures: UiFigures) -> None:
    feedback, go_in = figures.feedback_ms, figures.go_in_ms
    print_table(("milliseconds", "median", "p95", "max", "to reach"), [
        ("frame with a code → screen says so", f"{feedback.median:.0f}", f"{feedback.p95:.0f}",
         f"{feedback.highest:.0f}", "p95 ≤ 150"),
        ("frame with a code → 'Please go in'", f"{go_in.median:.0f}", f"{go_in.p95:.0f}",
         f"{go_in.highest:.0f}", "p95 ≤ 250"),
    ])  # fmt: skip
    print()
    print_table(("the screen, 1280 × 800, in software", "found", "to reach"), [
        ("codes not answered in time", f"{figures.missed}", "0"),
        ("start to first frame, ms", f"{figures.first_frame_ms:.0f}", "≤ 1500"),
        ("change of page, median, ms", f"{figures.page_median_ms:.1f}", ""),
        ("change of page, 99 of 100, ms", f"{figures.page_p99_ms:.1f}", "≤ 33"),
        ("camera picture, frames a second", f"{figures.preview_frames_s:.1f}", "≥ 15"),
        ("camera picture, % of a core", f"{figures.preview_cpu_percent:.1f}", "≤ 20"),
        ("resident memory, MB", f"{figures.rss_mb:.0f}", "≤ 180"),
        (f"growth over {figures.visits} visits, MB", f"{figures.growth_mb:.2f}", "≤ 2 over 10,000"),
    ])  # fmt: skip
