"""The command behind scripts/fuzz: gives every target its share of the time, in a process of its own."""

import argparse
import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from kiosk.testing.fuzz import by_atheris, by_mutation, examine, save

_HEADROOM = 1 << 30
"""What a fuzzing process may allocate beside what it has at its start: far beyond 64 MB, so that no machine suffers."""
_EXAMPLES = """\
examples:
  scripts/fuzz --minutes 10
  scripts/fuzz --minutes 2 --target cbor --target cose --seed 7
  scripts/fuzz --target cbor --reproduce out/fuzz/cbor-0123456789ab.finding

exit status: 0 nothing found, 1 something found, 2 wrong usage"""
OUT = Path(__file__).resolve().parents[2] / "out" / "fuzz"


def _child(options: argparse.Namespace) -> int:
    """Fuzz one target in this process."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    if options.engine == "atheris":
        import atheris

        with atheris.instrument_imports(include=["kiosk", "mqtt_bridge"]):
            from kiosk.testing import fuzz_targets
        by_atheris(fuzz_targets.target(options.target[0]), options.seed, options.minutes * 60, options.out)
    from kiosk.testing import fuzz_targets

    target = fuzz_targets.target(options.target[0])
    resource.setrlimit(resource.RLIMIT_AS, (used + _HEADROOM, resource.RLIM_INFINITY))
    save(options.out, by_mutation(target, options.seed, seconds=options.minutes * 60))
    return 0


def _reproduce(name: str, file: Path) -> int:
    from kiosk.testing import fuzz_targets

    what = examine(fuzz_targets.target(name), file.read_bytes())
    print(what or "nothing found")
    return 1 if what else 0


def _report(name: str, folder: Path, status: int) -> bool:
    """Print a line on a target; return whether all is well."""
    try:
        stats = json.loads((folder / f"{name}.json").read_text())
    except (OSError, ValueError):
        print(f"{name:18} ended with status {status} and without a result: see {folder / name}.log")
        return False
    findings = "; ".join(stats["findings"]) or "nothing found"
    print(
        f"{name:18} {stats['engine']}: {stats['runs']:>8} inputs, {stats['corpus']:>5} kept, "
        f"slowest {stats['slowest_ms']:.1f} ms, {findings}", flush=True,
    )  # fmt: skip
    return not stats["findings"]


def _all(names: Iterable[str], options: argparse.Namespace) -> int:
    """Give every target its share of the time, in a process of its own."""
    names = list(names)
    options.out.mkdir(parents=True, exist_ok=True)
    share, well = options.minutes / len(names), True
    for name in names:
        (options.out / f"{name}.json").unlink(missing_ok=True)
        words = ["--child", "--target", name, "--minutes", share, "--seed", options.seed, "--engine", options.engine]
        command = [sys.executable, "-m", "kiosk.testing.fuzz_command", *map(str, words), "--out", str(options.out)]
        # libFuzzer ends a process without tidying up, so that the folder of its files is not left to it.
        with (options.out / f"{name}.log").open("wb") as log, TemporaryDirectory(prefix="kiosk-fuzz-") as folder:
            own = {**os.environ, "TMPDIR": folder}
            status = subprocess.run(command, stdout=log, stderr=log, env=own, check=False).returncode
        well = _report(name, options.out, status) and well
    if not well:
        print(f"findings: {options.out}/*.txt say how each is repeated")
    return 0 if well else 1


def _minutes(text: str) -> float:
    try:
        minutes = float(text)
    except ValueError:
        minutes = -1
    if not 0 <= minutes <= 10_000:
        raise argparse.ArgumentTypeError(f"'{text[:40]}' is no number of minutes from 0 to 10000")
    return minutes


def main(arguments: list[str] | None = None) -> int:
    """Fuzz; 0 where nothing was found, 1 where something was, 2 for wrong usage."""
    parser = argparse.ArgumentParser(prog="scripts/fuzz", description="Feed every parser with changed inputs.")
    parser.epilog, parser.formatter_class = _EXAMPLES, argparse.RawDescriptionHelpFormatter
    parser.add_argument("--minutes", type=_minutes, default=1.0, help="for all targets together (1)")
    parser.add_argument("--target", action="append", default=[], help="only this one; may be repeated")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same changes (1)")
    parser.add_argument("--engine", choices=("atheris", "mutation"), help="default: atheris where it is installed")
    parser.add_argument("--reproduce", type=Path, metavar="FILE", help="run one input on one target and judge it")
    parser.add_argument("--list", action="store_true", help="name the targets")
    parser.add_argument("--out", type=Path, default=OUT, help="where findings, corpora and logs go (out/fuzz)")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    options.engine = options.engine or ("atheris" if find_spec("atheris") else "mutation")
    if options.child:
        return _child(options)
    from kiosk.testing import fuzz_targets

    known = [one.name for one in fuzz_targets.targets()]
    if options.list:
        print("\n".join(known))
        return 0
    if unknown := set(options.target) - set(known):
        parser.error(f"there is no target {', '.join(sorted(unknown))}; --list names them")
    if options.reproduce and not options.target:
        parser.error("name its --target")
    try:
        if options.reproduce:
            return _reproduce(options.target[0], options.reproduce)
        return _all(options.target or known, options)
    except OSError as error:
        parser.error(f"{error.filename}: {(error.strerror or 'cannot be used').lower()}")


if __name__ == "__main__":
    raise SystemExit(main())
