"""`kiosk simulate`: a day at the door in seconds, played through the real gate process, against what is expected."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kiosk.cli.output import APPLIANCE, DONE, NEGATIVE, USAGE, CommandError, print_json, print_table, printable
from kiosk.config import ConfigError
from kiosk.testing.simulator.expect import Checked, check
from kiosk.testing.simulator.play import Line, Result, play
from kiosk.testing.simulator.scenario import Scenario, load, shipped

FIRST_LINES, LAST_LINES = 12, 6
_HEAD = ("scenario", "people", "in", "refused", "annulled", "extra", "alarms", "error %", "a minute", "s")
_SUMMARY = ("admitted", "entered", "left", "refused", "annulled", "extra", "free")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("scenario", nargs="*", metavar="SCENARIO", help="file, or the name of one that is shipped")
    parser.add_argument("--all", action="store_true", help="play every shipped scenario")
    parser.add_argument("--list", action="store_true", help="say which scenarios are shipped")
    parser.add_argument("--json", action="store_true", help="one line of JSON a scenario")
    parser.add_argument("--chart", type=Path, metavar="FILE", help="draw a chart: FILE.png or FILE.svg")
    parser.add_argument("--full", action="store_true", help="print the whole timeline")


def run(options: argparse.Namespace) -> int:
    """Play scenarios; return 0 only if each went as expected."""
    if options.list:
        print_table(("name", "title"), [(path.stem, _load(path).title) for path in shipped()])
        return DONE
    paths = shipped() if options.all else [_path(name) for name in options.scenario]
    if not paths:
        raise CommandError("name a scenario, or --all; `kiosk simulate --list` says which there are")
    draw = _chart(options.chart, len(paths))
    scenarios = [(path.stem, _load(path)) for path in paths]
    status, rows = DONE, []
    for name, scenario in scenarios:
        try:
            result = play(scenario)
        except ConfigError as error:
            raise CommandError(f"{name}: {error}") from error
        checked = check(result)
        held = all(one.held for one in checked)
        status = status if held else NEGATIVE
        if options.json:
            print_json(_as_json(name, result, checked))
        elif len(scenarios) > 1 and not options.full:
            rows.append(_row(name, result, checked))
            print(f"{'as expected' if held else 'NOT AS EXPECTED':16}{name}  ({result.took_s:.1f} s)", flush=True)
        else:
            _print(result, checked, full=options.full)
        if draw is not None:
            draw(result)
    if rows:
        print()
        print_table(_HEAD, rows)
    return status


def _path(name: str) -> Path:
    named = {path.stem: path for path in shipped()}
    return named.get(name) or Path(name)


def _load(path: Path) -> Scenario:
    try:
        return load(path)
    except ConfigError as error:
        raise CommandError(str(error), USAGE) from error


def _chart(path: Path | None, scenarios: int) -> Any:
    """Return what draws the chart. Raises CommandError now rather than after the day is over."""
    if path is None:
        return None
    if scenarios != 1 or path.suffix not in (".png", ".svg") or not path.parent.is_dir():
        raise CommandError("--chart: give one scenario, and a .png or .svg file in a folder that is there")
    try:
        from kiosk.testing.simulator.chart import draw
    except ImportError as error:
        raise CommandError("the chart needs matplotlib; install it (`pip install matplotlib`)", APPLIANCE) from error

    def write(result: Result) -> None:
        try:
            draw(result, path)
        except OSError as error:
            raise CommandError(f"--chart '{path}' cannot be written to; name another file") from error

    return write


def _print(result: Result, checked: Sequence[Checked], *, full: bool) -> None:
    scenario = result.scenario
    print(f"{scenario.title}\n")
    if scenario.story.strip():
        print(f"{scenario.story.strip()}\n")
    lines = result.lines
    shown = lines if full or len(lines) <= FIRST_LINES + LAST_LINES else [*lines[:FIRST_LINES], *lines[-LAST_LINES:]]
    for number, line in enumerate(shown):
        if len(shown) < len(lines) and number == FIRST_LINES:
            print(f"  … {len(lines) - len(shown)} more; --full prints them")
        print(_line(line))
    print()
    people = ", ".join(f"{result.counts[name]} {name}" for name in _SUMMARY if result.counts[name])
    print(f"people: {people or 'nobody came'}")
    print(
        f"inside: {result.counted_inside if result.counted_inside is not None else 'not counted'} by the kiosk, "
        f"{result.really_inside} really; largest error {result.inside_error:.2f} % of {result.most_inside}"
    )
    print(
        f"lane: {result.busiest:.1f} people a minute in the busiest five, longest wait {result.longest_wait_s:.0f} s; "
        f"relay: {result.edges} edges"
    )
    print(f"played in {result.took_s:.1f} s\n")
    rows = [("ok" if one.held else "NOT", one.name, one.expected, one.seen) for one in checked]
    print_table(("", "", "expected", "seen"), rows)


def _line(line: Line) -> str:
    data = "  ".join(f"{key} {_plain(value)}" for key, value in line.data.items() if value not in ("", [], None))
    return printable(f"{line.at:%d %H:%M:%S}  {line.what:18}{data}".rstrip(), 120)


def _plain(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _row(name: str, result: Result, checked: Sequence[Checked]) -> tuple[str, ...]:
    counts, wrong = result.counts, [one for one in checked if not one.held]
    missed = "; ".join(f"{one.name}: expected {one.expected}, seen {one.seen}" for one in wrong)
    return (
        name, str(counts["admitted"] + counts["refused"]), str(counts["entered"]), str(counts["refused"]),
        str(counts["annulled"]), str(counts["extra"]), str(sum(result.alarms.values())), f"{result.inside_error:.2f}",
        f"{result.busiest:.1f}", f"{result.took_s:.1f}" + (f"  {missed}" if missed else ""),
    )  # fmt: skip


def _as_json(name: str, result: Result, checked: Sequence[Checked]) -> dict[str, object]:
    return {
        "scenario": name,
        "as_expected": all(one.held for one in checked),
        "counts": dict(result.counts), "alarms": dict(result.alarms), "reasons": dict(result.reasons),
        "faults": dict(result.faults), "edges": result.edges, "undecided_releases": result.undecided,
        "inside": result.counted_inside, "really_inside": result.really_inside,
        "inside_error_percent": round(result.inside_error, 3), "people_a_minute": round(result.busiest, 2),
        "longest_wait_s": round(result.longest_wait_s, 1), "unconfirmed": result.unconfirmed,
        "took_s": round(result.took_s, 2),
        "expectations": [
            {"name": one.name, "expected": one.expected, "seen": one.seen, "held": one.held} for one in checked
        ],
        "timeline": [{"at": line.at.isoformat(), "what": line.what, **line.data} for line in result.lines],
    }  # fmt: skip
