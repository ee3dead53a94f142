"""Whether it went as expected."""

from collections.abc import Iterator
from dataclasses import dataclass

from kiosk.testing.simulator.play import Result
from kiosk.testing.simulator.scenario import Between


@dataclass(frozen=True, slots=True)
class Checked:
    """One expectation, and what came of it."""

    name: str
    expected: str
    seen: str
    held: bool


def check(result: Result) -> list[Checked]:
    """Return what was expected and seen: what the scenario names, and what holds for every one."""
    return [*_always(result), *_of_the_scenario(result)]


def _always(result: Result) -> Iterator[Checked]:
    yield _checked("releases that nothing decided", 0, result.undecided)
    yield _checked("events in disorder at the centre", 0, result.disordered)


def _of_the_scenario(result: Result) -> Iterator[Checked]:
    expect, counts = result.scenario.expect, result.counts
    seen: dict[str, float] = {
        "admitted": counts["admitted"], "entered": counts["entered"], "left": counts["left"],
        "refused": counts["refused"], "annulled": counts["annulled"], "extra": counts["extra"],
        "inside": -1 if result.counted_inside is None else result.counted_inside,
        "inside_error": round(result.inside_error, 2), "people_a_minute": round(result.busiest, 1),
        "longest_wait_s": round(result.longest_wait_s, 1), "unconfirmed": result.unconfirmed,
        "journal_mb": round(result.journal_mb, 1),
    }  # fmt: skip
    for name, value in seen.items():
        expected = getattr(expect, name)
        if expected is not None:
            yield _checked(name.replace("_", " "), expected, value)
    for group, found in (("alarm", result.alarms), ("reason", result.reasons), ("fault", result.faults)):
        for key, expected in getattr(expect, f"{group}s").items():
            yield _checked(f"{group} {key}", expected, found[str(key)])
    # What nobody expected is as wrong as what did not come.
    for alarm in sorted(set(result.alarms) - set(map(str, expect.alarms))):
        yield _checked(f"alarm {alarm}", 0, result.alarms[alarm])
    for fault in sorted(set(result.faults) - set(expect.faults)):
        yield _checked(f"fault {fault}", 0, result.faults[fault])


def _checked(name: str, expected: float | Between, seen: float) -> Checked:
    if isinstance(expected, tuple):
        least, most = expected
        return Checked(name, f"{least:g} to {most:g}", f"{seen:g}", least <= seen <= most)
    return Checked(name, f"{expected:g}", f"{seen:g}", seen == expected)
