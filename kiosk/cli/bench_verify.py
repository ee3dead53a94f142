"""`kiosk bench verify`: microseconds of verification, by format and stage, beside libraries."""

import argparse
import os
import platform
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from kiosk.adapters.clock import SystemClock
from kiosk.bench import beside
from kiosk.bench.spread import Spread
from kiosk.bench.venue import POLICY, VECTORS
from kiosk.bench.verify import BURST, Asked, VerifyFigures, measure
from kiosk.cli.output import APPLIANCE, DONE, CommandError, print_json, print_table
from kiosk.config import ConfigError
from kiosk.domain.trust import TrustError

EXAMPLES = (
    "kiosk bench verify",
    "kiosk bench verify --revoked 5000000",
    "kiosk bench verify --rounds 20 --json",
)
_ROUNDS, _REVOKED, _MOST_REVOKED = 100, 100_000, 50_000_000
_COLUMNS = ("parse", "bare signature", "our signature check", "verify", "decide", "keep its inputs", "whole decision")
_HC1_US, _DECISION_MS, _RULES = 150, 2.0, 2.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--rounds", type=int, default=_ROUNDS, metavar="N", help=f"turns of {BURST} calls of everything ({_ROUNDS})"
    )
    parser.add_argument(
        "--revoked", type=int, default=_REVOKED, metavar="N", help=f"withdrawn codes in the list on disk ({_REVOKED})"
    )
    parser.add_argument("--policy", type=Path, default=POLICY, metavar="FILE", help=f"what decides ({POLICY.name})")
    parser.add_argument(
        "--vectors", type=Path, default=Path(os.environ.get("KIOSK_VECTORS") or VECTORS), metavar="DIR",
        help="where published rules and keys are (KIOSK_VECTORS, or ../shared/vectors)",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true", help="a JSON object a format, then one of totals")


@dataclass(frozen=True, slots=True)
class Totals:
    """What was to reach, by medians; None where it was not measured."""

    hc1_over_bare_us: float
    """The dearest one."""
    decision_ms: float
    """The dearest format's whole decision."""
    rules_faster: float | None

    @classmethod
    def of(cls, figures: VerifyFigures) -> "Totals":
        """Sum a run up."""
        over = (
            stages["verify"].median - stages["bare signature"].median
            for name, stages in figures.stages.items()
            if name.startswith("HC1") and "bare signature" in stages
        )
        whole = max(stages["whole decision"].median for stages in figures.stages.values())
        library = figures.rules.get(beside.LIBRARY)
        faster = round(library.median / figures.rules[beside.OWN].median, 2) if library else None
        return cls(round(max(over), 1), round(whole / 1e3, 3), faster)

    def reached(self) -> dict[str, bool | None]:
        """Tell of each goal whether it was reached."""
        return {
            "hc1_over_bare_us": self.hc1_over_bare_us <= _HC1_US,
            "decision_ms": self.decision_ms <= _DECISION_MS,
            "rules_faster": None if self.rules_faster is None else self.rules_faster >= _RULES,
        }


def _cell(spread: Spread | None) -> str:
    return f"{spread.median:.0f}, {spread.p95:.0f}" if spread else "–"


def _print_stages(figures: VerifyFigures) -> None:
    rows = [(name, *(_cell(stages.get(column)) for column in _COLUMNS)) for name, stages in figures.stages.items()]
    print_table(("µs: median, p95", *_COLUMNS), rows)
    print()
    inner = [
        (name, stage, _cell(spread))
        for name, stages in figures.stages.items()
        for stage, spread in stages.items()
        if stage not in _COLUMNS
    ]
    print_table(("within it, µs", "stage", "median, p95"), inner)
    print()
    beside_it = [(f"cwt, {name}", _cell(spread)) for name, spread in figures.cwt.items()]
    beside_it += [
        (f"CertLogic, {figures.rule_count} rules in a row: {name}", _cell(one)) for name, one in figures.rules.items()
    ]
    print_table(("beside, µs", "median, p95"), beside_it)
    print()


def _against(figures: VerifyFigures) -> Iterator[tuple[str, str, str]]:
    """Yield what was found beside what was to reach, by medians."""
    for name, stages in figures.stages.items():
        if "bare signature" in stages:
            bare, whole = stages["bare signature"].median, stages["verify"].median
            goal = f"≤ bare + {_HC1_US} µs" if name.startswith("HC1") else ""
            yield f"{name}: verify over the bare signature", f"+{whole - bare:.0f} µs, {whole / bare:.2f} ×", goal
        if name in figures.cwt:
            library = figures.cwt[name].median
            yield f"{name}: cwt over our verify", f"{library / stages['verify'].median:.2f} ×", ""
    for name, stages in figures.stages.items():
        yield f"{name}: whole decision", f"{stages['whole decision'].median / 1e3:.2f} ms", f"≤ {_DECISION_MS:g} ms"
    for name in (beside.OWN, beside.OWN_ANEW) if beside.LIBRARY in figures.rules else ():
        ratio = figures.rules[beside.LIBRARY].median / figures.rules[name].median
        goal = f"≥ {_RULES:g} ×" if name == beside.OWN else ""
        yield f"CertLogic: {beside.LIBRARY} over {name}", f"{ratio:.1f} ×", goal


def _said(figures: VerifyFigures) -> Iterator[str]:
    """Yield what to know of a run."""
    rules = "with country rules" if figures.country_rules else "without country rules"
    yield (
        f"whole decision: {figures.keys} keys, {figures.revoked:,} withdrawn codes on disk, policy {rules}, inputs "
        "kept for `kiosk explain`; the commit of the record is in `kiosk bench`"
    )
    if figures.made_here:
        yield f"made by the bench, as nothing published was found: {', '.join(figures.made_here)} (see --vectors)"
    if missing := beside.missing():
        yield f"not installed, so not compared with: {', '.join(missing)}; install them by {beside.INSTALL}"


def _print_json(figures: VerifyFigures) -> None:
    for name, stages in figures.stages.items():
        print_json({"format": name, "stages": {stage: asdict(spread) for stage, spread in stages.items()}})
    for kind, spreads in (("cwt", figures.cwt), ("certlogic", figures.rules)):
        print_json({"beside": kind, "us": {name: asdict(spread) for name, spread in spreads.items()}})
    totals = Totals.of(figures)
    print_json({
        "formats": len(figures.stages), **asdict(totals), "reached": totals.reached(), "rules": figures.rule_count,
        "keys": figures.keys, "revoked": figures.revoked, "made_here": figures.made_here, "missing": beside.missing(),
        "machine": platform.machine(), "python": platform.python_version(),
    })  # fmt: skip


def run(options: argparse.Namespace) -> int:
    """Measure and print."""
    if not 1 <= options.rounds <= 10_000:
        raise CommandError("--rounds is from 1 to 10000")
    if not 1 <= options.revoked <= _MOST_REVOKED:
        raise CommandError(f"--revoked is from 1 to {_MOST_REVOKED}")
    asked = Asked(options.policy, options.vectors, options.revoked, options.rounds)
    try:
        figures = measure(SystemClock().now(), asked)
    except ConfigError as error:
        raise CommandError(str(error)) from error
    except (OSError, TrustError, ValueError) as error:
        raise CommandError(f"verification could not be measured: {error}", APPLIANCE) from error
    if options.json:
        _print_json(figures)
        return DONE
    _print_stages(figures)
    print_table(("by medians", "found", "to reach"), _against(figures))
    print()
    print("\n".join(_said(figures)))
    return DONE
