"""The command behind scripts/mutate: changes the domain in small ways and counts what its tests miss."""

import argparse
import json
import random
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kiosk.testing.mutant_runs import Copy
    from kiosk.testing.mutants import Mutant

TREE = Path(__file__).resolve().parents[2]
_BASELINE_S = 600
_FATES = ("killed", "survived", "timed out", "does not load")
_EXAMPLES = """\
examples:
  scripts/mutate gate names
  scripts/mutate all --sample 600 --seed 7
  scripts/mutate all --json > mutants.json

A change is noticed by a test that fails, or that no longer ends: the score is the share of these, in percent, among
the changes that can be imported.
exit status: 0 nothing survived, 1 something did, 2 wrong usage, or the tests fail without any change"""


@dataclass(slots=True)
class Count:
    """What became of the changes of one module, or of all."""

    fates: Counter[str] = field(default_factory=Counter)

    @property
    def tried(self) -> int:
        """How many changes could be imported."""
        return self.fates.total() - self.fates["does not load"]

    @property
    def score(self) -> float | None:
        """Percent of those tried that the tests noticed; None where none was tried."""
        return 100 * (1 - self.fates["survived"] / self.tried) if self.tried else None


@dataclass(slots=True)
class Report:
    """What has been found so far."""

    counts: dict[str, Count] = field(default_factory=dict)
    survivors: list[dict[str, object]] = field(default_factory=list)

    def add(self, module: str, mutant: "Mutant", fate: str) -> None:
        """Count a change, and keep it where it survived."""
        self.counts.setdefault(module, Count()).fates[fate] += 1
        if fate == "survived":
            self.survivors.append({"module": module, "line": mutant.first, "diff": mutant.diff()})

    def total(self) -> Count:
        """Return the sum over all modules."""
        return Count(sum((count.fates for count in self.counts.values()), Counter()))

    def lines(self) -> Iterator[str]:
        """Yield the survivors and a table for people."""
        for one in self.survivors:
            yield f"kiosk/domain/{one['module']}.py:{one['line']}\n{one['diff']}\n"
        width = max((len(module) for module in self.counts), default=0)
        yield f"{'module':{max(width, 6)}}  changes  " + "  ".join(_FATES) + "  score, %"
        for module, count in [*sorted(self.counts.items()), ("all", self.total())]:
            score = "–" if count.score is None else f"{count.score:.1f}"
            cells = "  ".join(f"{count.fates[fate]:>{len(fate)}}" for fate in _FATES)
            yield f"{module:{max(width, 6)}}  {count.fates.total():>7}  {cells}  {score:>8}"

    def document(self) -> dict[str, object]:
        """Return all of it for machines."""
        rows = {
            module: {**{fate: count.fates[fate] for fate in _FATES}, "score": count.score}
            for module, count in [*sorted(self.counts.items()), ("all", self.total())]
        }
        return {"modules": rows, "survivors": self.survivors}


def chosen(modules: dict[str, list["Mutant"]], sample: int | None, seed: int) -> list[tuple[str, "Mutant"]]:
    """Return every change of these modules, or a random sample over all of them; in the modules' order."""
    every = [(module, mutant) for module, mutants in modules.items() for mutant in mutants]
    if sample is None or sample >= len(every):
        return every
    drawn = random.Random(seed).sample(range(len(every)), sample)  # noqa: S311 - repeatable, not secret
    return [every[place] for place in sorted(drawn)]


def _try(copy: "Copy", work: list[tuple[str, "Mutant"]], limit_s: int) -> Report:
    """Try one change after the other; what has been found by then is the answer to Ctrl-C, too."""
    report = Report()
    try:
        baseline = copy.baseline(_BASELINE_S)
        for number, (module, mutant) in enumerate(work, 1):
            report.add(module, mutant, copy.fate(module, mutant, baseline, limit_s).value)
            if sys.stderr.isatty() or number % 100 == 0:
                so_far = f"{number} of {len(work)}, {len(report.survivors)} survived"
                print(so_far, end="\r" if sys.stderr.isatty() else "\n", file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        print(f"mutate: stopped after {report.total().fates.total()} of {len(work)} changes", file=sys.stderr)
    finally:
        copy.close()
    if sys.stderr.isatty():
        print(file=sys.stderr)
    return report


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:7]) <= 1_000_000 and len(text) <= 7):
        raise argparse.ArgumentTypeError(f"'{text[:40]}' is no whole number from 1 to 1000000")
    return int(text)


def _options(arguments: list[str] | None, known: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/mutate", description="Count the changes that the tests miss.")
    parser.epilog, parser.formatter_class = _EXAMPLES, argparse.RawDescriptionHelpFormatter
    parser.add_argument("modules", nargs="+", metavar="MODULE", help="a module of kiosk/domain without .py, or all")
    parser.add_argument("--sample", type=_number, metavar="N", help="only N changes, drawn from all these modules")
    parser.add_argument("--seed", type=_number, default=1, help="the same seed draws the same sample (1)")
    limit = "seconds of CPU that a change may take beyond what its tests take (5)"
    parser.add_argument("--limit", type=_number, default=5, metavar="S", help=limit)
    parser.add_argument("--json", action="store_true", help="one document for machines")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.modules if name not in (*known, "all")]:
        parser.error(f"kiosk/domain has no module '{unknown[0][:40]}'; name one of its files without .py, or all")
    if "all" in options.modules:
        options.modules = known
    return options


def main(arguments: list[str] | None = None) -> int:
    """Try changes; 0 where the tests noticed each, 1 where one survived, 2 where nothing could be tried."""
    known = sorted(file.stem for file in (TREE / "kiosk" / "domain").glob("*.py") if file.stem != "__init__")
    options = _options(arguments, known)
    if not find_spec("mutmut"):
        print("mutate: mutmut is missing; run .venv/bin/pip install -e '.[dev,mutation]'", file=sys.stderr)
        return 2
    from kiosk.testing.mutant_runs import Copy, UnchangedFailsError
    from kiosk.testing.mutants import mutants_of

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with TemporaryDirectory(prefix="kiosk-mutate-") as folder:
        copy = Copy(TREE, Path(folder))
        modules = {module: mutants_of(copy.source(module)) for module in dict.fromkeys(options.modules)}
        try:
            report = _try(copy, chosen(modules, options.sample, options.seed), options.limit)
        except UnchangedFailsError:
            print("mutate: the tests fail without any change; run scripts/test unit first", file=sys.stderr)
            return 2
    if options.json:
        print(json.dumps({"sample": options.sample, "seed": options.seed, **report.document()}, indent=2))
    else:
        print("\n".join(report.lines()))
    return 1 if report.survivors else 0


if __name__ == "__main__":
    sys.exit(main())
