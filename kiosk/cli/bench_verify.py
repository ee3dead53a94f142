"""`kiosk bench verify`: microseconds of verification, by format and stage, beside libraries."""

import argparse
import platform
from collections.abc import Iterator
from dataclasses import asdict

from kiosk.adapters.clock import SystemClock
from kiosk.bench.spread import Spread
from kiosk.bench.verify import BURST, VerifyFigures, measure
from kiosk.cli.output import DONE, CommandError, print_json, print_table

EXAMPLES = ("kiosk bench verify", "kiosk bench verify --rounds 20 --json")
_ROUNDS = 100
_OWN, _LIBRARY = "own evaluator", "panzi-json-logic"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--rounds", type=int, default=_ROUNDS, metavar="N", help=f"turns of {BURST} calls of everything ({_ROUNDS})"
    )
    parser.add_argument("--seed", type=int, default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true", help="one JSON object")


def _cells(spread: Spread) -> tuple[str, str]:
    return f"{spread.median:.1f}", f"{spread.p95:.1f}"


def _targets(figures: VerifyFigures) -> Iterator[tuple[str, str, str]]:
    """Yield what was to reach, by medians."""
    for name, stages in figures.stages.items():
        if "bare signature" in stages:
            bare, whole = stages["bare signature"].median, stages["verify"].median
            goal = "≤ bare signature + 150 µs" if name.startswith("HC1") else ""
            yield f"{name}: verify over the bare signature", f"+{whole - bare:.0f} µs, {whole / bare:.2f} ×", goal
        if name in figures.libraries:
            library = figures.libraries[name].median
            yield f"{name}: cwt", f"{library:.0f} µs, {library / stages['verify'].median:.2f} × ours", ""
        yield f"{name}: whole decision", f"{stages['decision'].median / 1e3:.2f} ms", "≤ 2 ms"
    rules = figures.rules
    if _LIBRARY in rules:
        yield from (
            (f"CertLogic, {name}: {_LIBRARY} over it", f"{rules[_LIBRARY].median / rules[name].median:.1f} ×", "≥ 2 ×")
            for name in rules
            if name != _LIBRARY
        )


def run(options: argparse.Namespace) -> int:
    """Measure and print."""
    if not 1 <= options.rounds <= 10_000:
        raise CommandError("--rounds is from 1 to 10000")
    figures = measure(SystemClock().now(), options.rounds)
    if options.json:
        print_json({**asdict(figures), "machine": platform.machine(), "python": platform.python_version()})
        return DONE
    for name, stages in figures.stages.items():
        print_table((f"{name}, µs", "median", "p95"), [(stage, *_cells(spread)) for stage, spread in stages.items()])
        print()
    others = [(f"cwt, {name}", *_cells(spread)) for name, spread in figures.libraries.items()]
    others += [(f"CertLogic, {name}", *_cells(spread)) for name, spread in figures.rules.items()]
    if others:
        print_table(("beside, µs", "median", "p95"), others)
        print()
    print_table(("by medians", "found", "to reach"), _targets(figures))
    return DONE
