"""Approach clips played against a clock that is reckoned, not waited for.

Frame n is ready after n / 30 s. The engine takes the newest frame, and its CPU time times `slow` goes by; frames that
come meanwhile are dropped. Time to decode runs from the moment of the first frame that holds the whole code to the end
of the look that read it. `slow` 1.4 stands for a Raspberry Pi 5, 2.5 for a Pi 4 (from public benchmarks).
"""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kiosk.bench.read.clips import FPS, FRAMES, Clip
from kiosk.bench.read.engines import OpenEngine
from kiosk.bench.read.measure import Progress, timed
from kiosk.vision.codes import Engine, Look, Luma

_EARLY = 1e-9
"""Seconds by which a frame counts as ready: what two sums of the same parts may differ by."""
PI_5, PI_4 = 1.4, 2.5

Watch = Callable[[Engine, Luma], tuple[Look, float]]
"""Looks, and returns the CPU milliseconds."""


@dataclass(frozen=True, slots=True)
class Played:
    """What an engine did with one clip."""

    decode_ms: float | None
    """None where it was never read."""
    looks: int
    wrong: bool
    """Whether anything else was read."""


@dataclass(frozen=True, slots=True)
class ClipScore:
    """What an engine did with all clips at one speed."""

    slow: float
    of: int
    read: int
    wrong: int
    median_ms: float | None
    """Of those that were read."""
    decode_ms: tuple[float | None, ...]
    """Clip by clip."""
    looks: int

    @classmethod
    def of_clips(cls, slow: float, played: Sequence[Played]) -> "ClipScore":
        """Sum clips up."""
        times = [clip.decode_ms for clip in played if clip.decode_ms is not None]
        return cls(
            slow, len(played), len(times), sum(clip.wrong for clip in played),
            round(statistics.median(times), 1) if times else None,
            tuple(clip.decode_ms for clip in played), sum(clip.looks for clip in played),
        )  # fmt: skip


def replay(
    frames: Sequence[Luma], engine: Engine, truth: bytes, in_view_s: float, slow: float, watch: Watch = timed
) -> Played:
    """Play a clip to its end, or until the code is read."""
    now, last, looks, wrong = 0.0, -1, 0, False
    while True:
        newest = int(now * FPS + _EARLY)
        if newest <= last:
            newest = last + 1
            now = newest / FPS
        if newest >= len(frames):
            return Played(None, looks, wrong)
        last = newest
        look, ms = watch(engine, frames[newest])
        looks += 1
        now += ms * slow / 1e3
        seen = {code.data for code in look.codes}
        wrong |= bool(seen - {truth})
        if truth in seen:
            return Played(round((now - in_view_s) * 1e3, 1), looks, wrong)


ClipScores = dict[str, list[ClipScore]]
"""Of each engine, one a speed."""


def measure_clips(
    clips: Sequence[Clip], slows: Sequence[float], names: Sequence[str], opened: OpenEngine, progress: Progress
) -> ClipScores:
    """Play every clip to every engine at every speed, each time to an engine that is made anew."""
    played: dict[tuple[str, float], list[Played]] = {(name, slow): [] for name in names for slow in slows}
    for number, clip in enumerate(clips):
        progress(f"clip {number + 1} of {len(clips)}: {clip.what}, {clip.axis}")
        frames = [clip.frame(index) for index in range(FRAMES)]
        for (name, slow), results in played.items():
            results.append(replay(frames, opened(name), clip.payload.data, clip.in_view_s, slow))
    return {name: [ClipScore.of_clips(slow, played[name, slow]) for slow in slows] for name in names}
