"""What a run measured, against what is to be reached: as values, as one object for machines, as rows for people."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from kiosk.bench.read.engines import YARDSTICK
from kiosk.bench.read.frames import AXES, LEVELS, is_tuning
from kiosk.bench.read.measure import Score, Scores
from kiosk.bench.read.photos import PhotoFigures
from kiosk.bench.read.replay import PI_5, ClipScore, ClipScores

JUDGED, BASE = "cascade", "zxing"
Row = tuple[str, ...]
NONE = "–"


@dataclass(frozen=True, slots=True)
class ReadFigures:
    """Everything that one run measures; a part that was not asked for is None."""

    seed: int
    engines: tuple[str, ...]
    missing: dict[str, str] = field(default_factory=dict)
    """What to install, of each engine that could not be used."""
    photos: PhotoFigures | None = None
    frames: Scores | None = None
    clips: ClipScores | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A figure that is to be reached."""

    what: str
    value: str
    to_reach: str
    reached: bool


def seed_line(seed: int) -> str:
    """Say what the seed is for."""
    if is_tuning(seed):
        return f"Seed {seed} is even: for tuning. These figures are not to be reported; odd seeds are."
    return f"Seed {seed} is odd: for reporting. Engines are tuned on even seeds only, and never to single photographs."


def targets(figures: ReadFigures) -> list[Target]:
    """Return what is to be reached, as far as this run can tell."""
    found: list[Target] = []
    if figures.photos:
        found += _more_reads("photographs read", figures.photos.scores, over_yardstick=1.06, over_base=1.0)
    if figures.frames:
        found += _more_reads("frames read", figures.frames, over_yardstick=1.4, over_base=1.10)
        found += _costs(figures.frames)
    found += _exact(figures)
    if figures.clips and JUDGED in figures.clips:
        found += _clips(next((score for score in figures.clips[JUDGED] if score.slow == PI_5), None))
    return found


def _more_reads(what: str, scores: Scores, *, over_yardstick: float, over_base: float) -> list[Target]:
    found = []
    for other, factor in ((YARDSTICK, over_yardstick), (BASE, over_base)):
        if JUDGED in scores and other in scores and scores[other].read:
            ratio = scores[JUDGED].read / scores[other].read
            found.append(Target(f"{what}, × {other}", f"{ratio:.3f}", f"≥ {factor:.2f}", ratio >= factor))
    return found


def _costs(scores: Scores) -> list[Target]:
    found = []
    judged = scores.get(JUDGED)
    if judged and judged.cost:
        found.append(Target("frame, CPU ms p95", f"{judged.cost.p95:.2f}", "≤ 12", judged.cost.p95 <= 12))
    ratio = empty_ratio(scores, JUDGED)
    if ratio is not None:
        found.append(Target(f"empty frame, CPU × {YARDSTICK}", f"{ratio:.3f}", "≤ 0.125", ratio <= 0.125))
    return found


def empty_ratio(scores: Scores, name: str) -> float | None:
    """Return what an empty frame costs an engine, in multiples of what it costs pyzbar."""
    mine, other = (scores[key].empty_cost if key in scores else None for key in (name, YARDSTICK))
    return mine.median / other.median if mine and other and other.median else None


def _exact(figures: ReadFigures) -> list[Target]:
    """Return false reads of all negatives, and reads that were not exact. Labels of photographs may be wrong."""
    false, negatives, wrong, read = 0, 0, 0, 0
    sets = [part for part in (figures.photos.scores if figures.photos else None, figures.frames) if part]
    for scores in sets:
        if JUDGED in scores:
            false, negatives = false + scores[JUDGED].false, negatives + scores[JUDGED].negatives
    if figures.frames and JUDGED in figures.frames:
        wrong, read = figures.frames[JUDGED].wrong, figures.frames[JUDGED].read
    for score in (figures.clips or {}).get(JUDGED, []):
        wrong, read = wrong + score.wrong, read + score.read
    found = []
    if negatives:
        found.append(Target(f"false reads in {negatives} negatives", str(false), "0", false == 0))
    if read:
        found.append(Target(f"inexact reads beside {read} exact ones", str(wrong), "0", wrong == 0))
    return found


def _clips(score: ClipScore | None) -> list[Target]:
    if score is None:
        return []
    needed = -(-17 * score.of // 18)
    slow = f"slowed {score.slow:g}"
    found = [Target(f"clips read, {slow}", f"{score.read} of {score.of}", f"≥ {needed}", score.read >= needed)]
    if score.median_ms is not None:
        ms = f"{score.median_ms:.0f}"
        found.append(Target(f"time to decode, ms, {slow}", ms, "≤ 560", score.median_ms <= 560))
    return found


# ---- for people ------------------------------------------------------------------------------------


def _share(part: int, of: int) -> str:
    return f"{100 * part / of:.1f}" if of else NONE


SCORE_HEADER = ("engine", "read", "of", "%", "wrong", "false", "CPU ms median", "p95", "max")


def score_rows(scores: Scores, missing: dict[str, str]) -> list[Row]:
    """Return what each engine read and what it cost; an engine that is missing says so."""
    rows: list[Row] = []
    for name, score in scores.items():
        cost = score.cost
        times = (f"{cost.median:.2f}", f"{cost.p95:.2f}", f"{cost.highest:.1f}") if cost else (NONE,) * 3
        false = f"{score.false} of {score.negatives}"
        rows.append(
            (name, str(score.read), str(score.of), _share(score.read, score.of), str(score.wrong), false, *times)
        )
    return rows + [(name, "missing", *[NONE] * 7) for name in missing]


AXIS_HEADER = ("% read", *AXES, "all", "empty frame, CPU ms", f"× {YARDSTICK}")


def axis_rows(scores: Scores) -> list[Row]:
    """Return the share read of each axis, and what an empty frame costs."""
    rows = []
    for name, score in scores.items():
        shares = [_share(*axis_counts(score, axis)) for axis in AXES]
        ratio, empty = empty_ratio(scores, name), score.empty_cost
        last = f"{empty.median:.2f}" if empty else NONE, f"{ratio:.3f}" if ratio is not None else NONE
        rows.append((name, *shares, _share(score.read, score.of), *last))
    return rows


def axis_counts(score: Score, axis: str) -> tuple[int, int]:
    """Return read and of, of all levels of an axis."""
    cells = [score.by.get(f"{axis} {level}", [0, 0]) for level in range(1, LEVELS + 1)]
    return sum(cell[0] for cell in cells), sum(cell[1] for cell in cells)


CLIP_HEADER = ("engine", "slowed", "read", "of", "median ms", "looks", "wrong")


def clip_rows(clips: ClipScores) -> list[Row]:
    """Return what each engine did with the clips at each speed."""
    return [
        (name, f"{score.slow:g}", str(score.read), str(score.of),
         NONE if score.median_ms is None else f"{score.median_ms:.0f}", str(score.looks), str(score.wrong))
        for name, scores in clips.items() for score in scores
    ]  # fmt: skip


TARGET_HEADER = (JUDGED, "measured", "to reach", "")


def target_rows(found: Sequence[Target]) -> list[Row]:
    """Return what is to be reached, and whether it was."""
    return [(one.what, one.value, one.to_reach, "reached" if one.reached else "NOT REACHED") for one in found]


# ---- for machines ----------------------------------------------------------------------------------


def _score_object(name: str, scores: Scores) -> dict[str, object]:
    score = scores[name]
    cost, empty = score.cost, score.empty_cost
    return {
        "of": score.of, "read": score.read, "wrong": score.wrong,
        "negatives": score.negatives, "false": score.false,
        "cpu_ms": asdict(cost) if cost else None,
        "empty_cpu_ms": asdict(empty) if empty else None,
        "empty_ratio": empty_ratio(scores, name),
        "by": {group: {"read": read, "of": of} for group, (read, of) in score.by.items()},
        "slips": score.slips,
    }  # fmt: skip


def as_object(figures: ReadFigures) -> dict[str, object]:
    """Return everything as one object for JSON."""
    photos, frames, clips = figures.photos, figures.frames, figures.clips
    return {
        "seed": figures.seed,
        "tuning": is_tuning(figures.seed),
        "engines": list(figures.engines),
        "missing": figures.missing,
        "photos": photos
        and {
            "engines": {name: _score_object(name, photos.scores) for name in photos.scores},
            "unlabelled": photos.unlabelled,
            "unreadable": list(photos.unreadable),
        },
        "frames": frames and {name: _score_object(name, frames) for name in frames},
        "clips": clips and {name: [asdict(score) for score in scores] for name, scores in clips.items()},
        "targets": [asdict(target) for target in targets(figures)],
    }
