"""Looks at pictures and frames with every engine, and keeps what each read and what each look cost.

A picture or frame is a visitor of its own: every engine is made anew for it, so that none remembers the one before.
Times are CPU milliseconds of the thread that looks, which is what the next frame has to wait for; making the engine
is not counted. Engines take turns in being the first.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from kiosk.bench.read.engines import OpenEngine
from kiosk.bench.read.frames import EMPTY, Frame
from kiosk.bench.spread import Spread
from kiosk.vision.codes import Engine, Look, Luma

Progress = Callable[[str], None]


def timed(engine: Engine, luma: Luma) -> tuple[Look, float]:
    """Look once; return what was seen, and the CPU milliseconds of this thread."""
    began = time.thread_time_ns()
    look = engine.look(luma)
    return look, (time.thread_time_ns() - began) / 1e6


@dataclass(slots=True)
class Score:
    """What one engine did with many pictures or frames."""

    of: int = 0
    """Pictures with a code."""
    read: int = 0
    """Of these, read with exactly their content."""
    wrong: int = 0
    """Of these, something else was read in them."""
    negatives: int = 0
    """Pictures in which nothing is to be read."""
    false: int = 0
    """Of these, something was read in them."""
    ms: list[float] = field(default_factory=list)
    empty_ms: list[float] = field(default_factory=list)
    """Of an empty hall alone."""
    by: dict[str, list[int]] = field(default_factory=dict)
    """Read and of, by axis and level or by folder."""
    slips: list[str] = field(default_factory=list)
    """The names of those that were read wrongly or falsely."""

    def take(self, name: str, group: str, ms: float, *, right: bool, other: bool, negative: bool) -> None:
        """Count one look."""
        self.ms.append(ms)
        if other:
            self.slips.append(name)
        if negative:
            self.negatives += 1
            self.false += other
            return
        self.of += 1
        self.read += right
        self.wrong += other
        counts = self.by.setdefault(group, [0, 0])
        counts[0] += right
        counts[1] += 1

    @property
    def cost(self) -> Spread | None:
        """CPU of all looks."""
        return Spread.of(self.ms) if self.ms else None

    @property
    def empty_cost(self) -> Spread | None:
        """CPU of looks at an empty hall."""
        return Spread.of(self.empty_ms) if self.empty_ms else None


Scores = dict[str, Score]


def in_turn(scores: Scores, number: int) -> list[tuple[str, Score]]:
    """Return the engines, each time another one first: whoever is first finds nothing in the CPU's caches."""
    items = list(scores.items())
    first = number % max(len(items), 1)
    return items[first:] + items[:first]


def group_of(frame: Frame) -> str:
    """Return the name under which a frame's reads are counted."""
    return f"{frame.axis} {frame.level}"


def measure_frames(
    frames: Iterable[Frame], total: int, names: Sequence[str], opened: OpenEngine, progress: Progress
) -> Scores:
    """Let every engine look at every frame once."""
    scores: Scores = {name: Score() for name in names}
    for number, frame in enumerate(frames):
        if number % 200 == 0:
            progress(f"frame {number} of {total}")
        for name, score in in_turn(scores, number):
            look, ms = timed(opened(name), frame.luma)
            seen = {code.data for code in look.codes}
            truth = {frame.payload.data} if frame.payload else set()
            score.take(
                f"frame {number} ({group_of(frame)}, {frame.what})", group_of(frame), ms,
                right=bool(seen & truth), other=bool(seen - truth), negative=frame.payload is None,
            )  # fmt: skip
            if frame.axis == EMPTY:
                score.empty_ms.append(ms)
    return scores
