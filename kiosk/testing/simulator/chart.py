"""A day at the door as one picture: people a minute, who is inside, and the alarms. Needs matplotlib."""

from datetime import datetime
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure

from kiosk.testing.simulator.play import Line, Result

_BLUE, _ORANGE, _RED, _GREY, _INK = "#0072B2", "#E69F00", "#D55E00", "#8c8c8c", "#222222"
"""After Okabe and Ito: told apart by colour-blind people."""


def draw(result: Result, path: Path) -> None:
    """Write the chart to `path`, as its ending says. Raises OSError."""
    figure = Figure(figsize=(11, 6.6), dpi=140, facecolor="white")
    flow, inside, happens = figure.subplots(
        3, 1, sharex=True, gridspec_kw={"height_ratios": [2, 2, 1.1], "hspace": 0.22, "top": 0.87, "right": 0.965}
    )
    figure.text(0.125, 0.945, result.scenario.title, size=16, weight="bold", color=_INK)
    said = f"seed {result.scenario.seed} · {result.counts['entered']} went in · played in {result.took_s:.1f} s"
    figure.text(0.125, 0.91, said, size=9.5, color=_GREY)
    _flow(flow, result)
    _inside(inside, result)
    _happens(happens, result)
    locator = AutoDateLocator()  # type: ignore[no-untyped-call]
    happens.xaxis.set_major_locator(locator)
    happens.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    for axes in (flow, inside, happens):
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(colors=_INK, labelsize=9)
    figure.savefig(path)


def _flow(axes: Axes, result: Result) -> None:
    samples = result.samples
    minutes = [_number(sample.at) for sample in samples]
    passed = [sample.entered for sample in samples]
    each = [after - before for before, after in zip([0, *passed], passed, strict=False)]
    axes.fill_between(minutes, each, step="pre", color=_BLUE, alpha=0.8, linewidth=0)
    axes.set_ylabel("people a minute", color=_INK)
    axes.set_ylim(bottom=0)


def _inside(axes: Axes, result: Result) -> None:
    minutes = [_number(sample.at) for sample in result.samples]
    axes.plot(minutes, [sample.really_inside for sample in result.samples], color=_ORANGE, linewidth=3, label="really")
    known = [(minute, sample.counted_inside) for minute, sample in zip(minutes, result.samples, strict=True)]
    counted = [(minute, people) for minute, people in known if people is not None]
    if counted:
        axes.plot(*zip(*counted, strict=True), color=_BLUE, linewidth=1.2, label="by the kiosk's count")
    axes.set_ylabel("people inside", color=_INK)
    axes.set_ylim(bottom=min(0, *(sample.really_inside for sample in result.samples), 0))
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False, fontsize=9)


def _happens(axes: Axes, result: Result) -> None:
    rows = {"alarms": _RED, "happenings": _GREY}
    for height, (name, colour) in enumerate(rows.items()):
        told = [line for line in result.lines if _is_told(line)]
        marks = [line for line in told if (name == "alarms") is (line.what == "alarm.raised")]
        axes.plot([_number(line.at) for line in marks], [height] * len(marks), "|", color=colour, markersize=14,
                  markeredgewidth=1.6)  # fmt: skip
        for line in marks[:: max(1, len(marks) // 6)][:7]:
            what = str(line.data.get("alarm", line.what.removeprefix("» "))).replace("_", " ")
            axes.annotate(what, (_number(line.at), height), xytext=(3, 9), textcoords="offset points", size=7.5,
                          color=colour)  # fmt: skip
    axes.set_yticks(range(len(rows)), list(rows))
    axes.set_ylim(-0.5, len(rows) - 0.2)


def _is_told(line: Line) -> bool:
    return line.what == "alarm.raised" or line.what.startswith("»")


def _number(at: datetime) -> float:
    return float(date2num(at))  # type: ignore[no-untyped-call]
