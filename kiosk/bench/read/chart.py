"""The figures of a run as one picture: read rate by axis and level, time to decode, CPU. Needs matplotlib."""

from collections.abc import Callable
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpecFromSubplotSpec, SubplotSpec

from kiosk.bench.read.frames import AXES, LEVELS
from kiosk.bench.read.measure import Score, Scores
from kiosk.bench.read.replay import PI_4, PI_5, ClipScores
from kiosk.bench.read.report import ReadFigures, seed_line

_COLOURS = {"cascade": "#0072B2", "zxing": "#D55E00", "pyzbar": "#009E73", "opencv": "#8A6FA8", "zbar": "#555555"}
"""After Okabe and Ito: told apart by colour-blind people, and by their lightness in print."""
_MARKS = {"cascade": "o", "zxing": "s", "pyzbar": "^", "opencv": "D", "zbar": "v"}
_INK, _FAINT = "#222222", "#8c8c8c"
_MACHINES = {PI_5: "Pi 5", PI_4: "Pi 4"}
_AFTER_S = 3.0
_HEAD, _GAP = 1.75, 0.95
"""Inches above the first panel, and below each for its scale and the next one's title."""

Panel = tuple[float, Callable[[Figure, SubplotSpec], None]]
"""Its height in inches, and what draws it."""


def draw(figures: ReadFigures, path: Path) -> None:
    """Write the chart to `path`, as its ending says. Raises OSError."""
    panels = _panels(figures)
    high = _HEAD + sum(height + _GAP for height, _ in panels)
    figure = Figure(figsize=(11, high), dpi=140, facecolor="white")
    top = high - _HEAD
    for height, paint in panels:
        spot = figure.add_gridspec(1, 1, left=0.095, right=0.975, top=top / high, bottom=(top - height) / high)
        paint(figure, spot[0, 0])
        top -= height + _GAP
    figure.text(0.03, 1 - 0.38 / high, "Reading codes at a door", size=17, weight="bold", color=_INK)
    figure.text(0.03, 1 - 0.66 / high, seed_line(figures.seed), size=9.5, color=_FAINT)
    x = 0.03
    for name in figures.engines:
        figure.text(x, 1 - 0.98 / high, "●", size=11, color=_colour(name))
        figure.text(x + 0.016, 1 - 0.98 / high, name, size=11, weight="bold", color=_colour(name))
        x += 0.04 + 0.011 * len(name)
    figure.savefig(path)


def _panels(figures: ReadFigures) -> list[Panel]:
    found: list[Panel] = []
    frames, photos, clips = figures.frames, figures.photos, figures.clips
    if frames:
        found.append((4.2, lambda figure, spot: _axes_panel(figure, spot, frames)))
    bars = [part for part in (("Photographs read, %", photos.scores) if photos else None,
                              ("Synthetic frames read, %", frames) if frames else None) if part]  # fmt: skip
    costs = frames or (photos.scores if photos else None)
    if bars and costs:
        found.append((0.36 * len(costs), lambda figure, spot: _totals_panel(figure, spot, bars, costs)))
    if clips:
        rows = sum(len(scores) for scores in clips.values())
        found.append((0.3 * rows, lambda figure, spot: _clips_panel(figure, spot, clips)))
    return found


def _colour(name: str) -> str:
    return _COLOURS.get(name, _INK)


def _bare(axes: Axes, title: str, pad: float = 7) -> None:
    """Take away what says nothing."""
    axes.set_title(title, loc="left", size=10.5, weight="bold", color=_INK, pad=pad)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color("#bbbbbb")
    axes.tick_params(length=0, labelsize=9, labelcolor=_INK, pad=6)


def _axes_panel(figure: Figure, spot: SubplotSpec, scores: Scores) -> None:
    """Draw the share read over the level, an axis a picture."""
    inner = GridSpecFromSubplotSpec(2, 3, subplot_spec=spot, hspace=0.42, wspace=0.12)
    for number, axis in enumerate(AXES):
        axes = figure.add_subplot(inner[number // 3, number % 3])
        _bare(axes, axis)
        axes.grid(axis="y", color="#e6e6e6", linewidth=0.8)
        for name, score in reversed(scores.items()):
            levels, shares = _shares(score, axis)
            front = name == "cascade"
            axes.plot(
                levels, shares, color=_colour(name), marker=_MARKS.get(name, "o"), markersize=5,
                linewidth=2.6 if front else 1.6, zorder=3 if front else 2, clip_on=False,
            )  # fmt: skip
        axes.set(xlim=(0.8, LEVELS + 0.2), ylim=(0, 102), xticks=range(1, LEVELS + 1), yticks=(0, 50, 100))
        axes.set_yticklabels(("0", "50", "100 %") if number % 3 == 0 else ())
        if number >= 3:
            axes.set_xlabel("level: easy → nearly impossible", size=9, color=_FAINT)


def _shares(score: Score, axis: str) -> tuple[list[int], list[float]]:
    levels, shares = [], []
    for level in range(1, LEVELS + 1):
        read, of = score.by.get(f"{axis} {level}", [0, 0])
        if of:
            levels.append(level)
            shares.append(100 * read / of)
    return levels, shares


def _rows(axes: Axes, names: list[str], labels: list[str]) -> None:
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    for label, name in zip(axes.get_yticklabels(), names, strict=True):
        label.set_color(_colour(name))


def _totals_panel(figure: Figure, spot: SubplotSpec, parts: list[tuple[str, Scores]], costs: Scores) -> None:
    """Draw bars of all that was read, and beside them what a look costs."""
    inner = GridSpecFromSubplotSpec(1, len(parts) + 1, subplot_spec=spot, wspace=0.36)
    for column, (title, scores) in enumerate(parts):
        axes = figure.add_subplot(inner[0, column])
        _bare(axes, title)
        _rows(axes, list(scores), list(scores))
        for row, (name, score) in enumerate(scores.items()):
            share = 100 * score.read / score.of if score.of else 0.0
            axes.barh(row, share, height=0.62, color=_colour(name))
            axes.text(share + 1.5, row, f"{share:.1f}", va="center", size=9, color=_INK)
        axes.set(xlim=(0, 112), xticks=())
        axes.spines["bottom"].set_visible(False)
    _cost_plot(figure.add_subplot(inner[0, len(parts)]), costs)


def _cost_plot(axes: Axes, scores: Scores) -> None:
    _bare(axes, "CPU of a look, ms: median · p95")
    _rows(axes, list(scores), list(scores))
    axes.set_xscale("log")
    for row, (name, score) in enumerate(scores.items()):
        cost = score.cost
        if cost is None:
            continue
        median, p95 = max(cost.median, 0.01), max(cost.p95, 0.01)
        axes.plot((median, p95), (row, row), color=_colour(name), linewidth=2.2, solid_capstyle="butt")
        axes.plot(median, row, "o", color=_colour(name), markersize=7)
        axes.plot(p95, row, "|", color=_colour(name), markersize=11, markeredgewidth=2.2)
        axes.text(p95 * 1.18, row, f"{cost.median:.1f} · {cost.p95:.1f}", va="center", size=9, color=_INK)
    low, high = axes.get_xlim()
    axes.set_xlim(min(low, 0.8), max(high * 4, 60))
    axes.axvline(12, color=_FAINT, linewidth=0.9, linestyle=(0, (4, 3)), zorder=0)
    axes.text(12, len(scores) - 0.36, "to reach: p95 ≤ 12", size=8.5, color=_FAINT, va="top", ha="center")
    axes.set_xticks(())
    axes.minorticks_off()
    axes.spines["bottom"].set_visible(False)


def _clips_panel(figure: Figure, spot: SubplotSpec, clips: ClipScores) -> None:
    """Draw every clip as a dot where it was read."""
    axes = figure.add_subplot(spot)
    _bare(axes, "Approach clips: seconds from the whole code in view to its content", pad=20)
    axes.grid(axis="x", color="#e6e6e6", linewidth=0.8)
    axes.set_axisbelow(True)
    names: list[str] = []
    labels: list[str] = []
    for name, scores in clips.items():
        for score in scores:
            row = len(names)
            names.append(name)
            labels.append(f"{name}, {_MACHINES.get(score.slow, f'× {score.slow:g}')}")
            times = [ms / 1e3 for ms in score.decode_ms if ms is not None]
            axes.plot(times, [row] * len(times), "o", color=_colour(name), alpha=0.55, markersize=6, markeredgewidth=0)
            said = f"{score.read} of {score.of} read"
            if score.median_ms is not None:
                middle = score.median_ms / 1e3
                axes.plot((middle, middle), (row - 0.34, row + 0.34), color=_colour(name), linewidth=2.4)
                said += f", median {score.median_ms:.0f} ms"
            axes.text(_AFTER_S, row, said, va="center", size=9, color=_INK)
    _rows(axes, names, labels)
    axes.set_xlim(-0.05, _AFTER_S + 1.0)
    axes.set_xticks((0, 0.5, 1, 1.5, 2, 2.5), ("0", "0.5", "1", "1.5", "2", "2.5 s"))
    axes.axvline(0.56, color=_FAINT, linewidth=0.9, linestyle=(0, (4, 3)), zorder=0)
    axes.text(0.56, -0.68, "to reach on a Pi 5: median ≤ 560 ms", size=8.5, color=_FAINT, va="bottom", ha="center")
