"""`kiosk bench revocation`: lists of withdrawn codes of millions of entries."""

import argparse
import platform
import subprocess
import sys
from dataclasses import asdict

from kiosk.bench.revocation import RevocationFigures, measure
from kiosk.bench.spread import Spread
from kiosk.cli.output import APPLIANCE, DONE, CommandError, print_json, print_table
from kiosk.domain.trust import TrustError

EXAMPLES = ("kiosk bench revocation", "kiosk bench revocation --entries 200000 --json")
_ENTRIES = (1_000_000, 5_000_000, 10_000_000)
_MOST = 50_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--entries", action="append", type=int, metavar="N",
        help="how long the list is; may be repeated (1, 5 and 10 million)",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=argparse.SUPPRESS, metavar="N", help="of chance (1)")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def _pair(spread: Spread | None) -> str:
    return f"{spread.median:.1f}, {spread.p95:.1f}" if spread else "–"


def _row(one: RevocationFigures) -> tuple[str, ...]:
    return (
        f"{one.entries:,}", f"{one.ram_bytes:.2f}", f"{one.disk_bytes:.2f}",
        *(_pair(spread) for spread in (one.hit_us, one.miss_us, one.cold_hit_us, one.cold_miss_us)),
        f"{one.build_s:.1f}", f"{one.build_peak_mb:.0f}", f"{one.open_ms:.1f}", f"{one.check_s:.2f}",
    )  # fmt: skip


def run(options: argparse.Namespace) -> int:
    """Measure and print."""
    sizes = options.entries or list(_ENTRIES)
    if not all(1 <= size <= _MOST for size in sizes):
        raise CommandError(f"--entries is from 1 to {_MOST}")
    figures: list[RevocationFigures] = []
    try:
        for size in sizes:
            print(f"… {size:,} entries", file=sys.stderr, flush=True)
            figures.append(measure(size, options.seed))
    except (OSError, TrustError, ValueError, subprocess.SubprocessError) as error:
        raise CommandError(f"the list could not be measured: {error}", APPLIANCE) from error
    if options.json:
        machine = {"machine": platform.machine(), "python": platform.python_version()}
        print_json({"lists": [asdict(one) for one in figures], **machine})
        return DONE
    header = (
        "entries", "RAM B/entry", "disk B/entry", "hit µs: median, p95", "miss µs: median, p95",
        "from disk: hit", "miss",
        "build s", "peak MB", "open ms", "check s",
    )  # fmt: skip
    print_table(header, map(_row, figures))
    print("\nto reach, at 5 million: ≤ 2 B of RAM and ≤ 18 on disk an entry, ≤ 30 µs a look-up")
    print("hits and misses: file in the system's cache, which RAM does not count; from disk: not in that cache")
    return DONE
