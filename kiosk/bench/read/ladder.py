"""What each try of the cascade is worth: how its order was found, and how to find it again.

Frames that one look does not read are given to every try, each alone. The next in order is always the one that reads
most of what all those before it leave unread; where two read as many, the cheaper one.
"""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kiosk.bench.read.frames import Frame
from kiosk.bench.read.measure import Progress, timed
from kiosk.vision.cascade import WORK, prepared
from kiosk.vision.codes import Code, Look, Luma
from kiosk.vision.engines.zxing import ZxingEngine
from kiosk.vision.tries import LOCATED, PATIENT, TEXTURED, Spot, Try, spots

_EVERY = 100


@dataclass(frozen=True, slots=True)
class Rung:
    """A try, and what it reads of the frames that one look leaves unread."""

    where: str
    """`located` or `textured`."""
    name: str
    of: int
    alone: int
    """Frames that it reads."""
    more: int
    """Of those, what is left by the tries before it in the best order."""
    ms: float
    """Median CPU milliseconds a spot."""


class _Tried:
    """A try as an engine, for the clock."""

    def __init__(self, one: Try, spot: Spot, engine: ZxingEngine) -> None:
        self._one, self._spot, self._engine = one, spot, engine

    def look(self, luma: Luma) -> Look:
        return Look(tuple(self._one.read(self._engine, luma, self._spot, work=WORK)))

    def close(self) -> None:
        pass


def measure_tries(frames: Iterable[Frame], progress: Progress) -> list[Rung]:
    """Give every try every spot of the frames that one look does not read."""
    ladders = {"located": (*LOCATED, *PATIENT), "textured": TEXTURED}
    reads: dict[str, list[set[int]]] = {where: [set() for _ in tries] for where, tries in ladders.items()}
    costs: dict[str, list[list[float]]] = {where: [[] for _ in tries] for where, tries in ladders.items()}
    of = dict.fromkeys(ladders, 0)
    engine = ZxingEngine()
    for number, frame in enumerate(frames):
        if number % _EVERY == 0:
            progress(f"frame {number}")
        luma = prepared(frame.luma)
        first = engine.look(luma)
        if frame.payload is None or _holds(first.codes, frame.payload.data):
            continue
        where = "located" if first.located else "textured"
        of[where] += 1
        for spot in spots(luma, first)[:2]:
            for index, one in enumerate(ladders[where]):
                look, ms = timed(_Tried(one, spot, engine), luma)
                costs[where][index].append(ms)
                if _holds(look.codes, frame.payload.data):
                    reads[where][index].add(number)
    return [rung for where, tries in ladders.items() for rung in _ordered(where, tries, reads, costs, of[where])]


def _holds(codes: Iterable[Code], data: bytes) -> bool:
    return any(code.data == data for code in codes)


def _ordered(
    where: str, tries: Sequence[Try], reads: dict[str, list[set[int]]], costs: dict[str, list[list[float]]], of: int
) -> list[Rung]:
    left, rungs, have = set(range(len(tries))), [], set[int]()
    ms = [statistics.median(cost) if cost else 0.0 for cost in costs[where]]
    while left:
        best = max(left, key=lambda index: (len(reads[where][index] - have), -ms[index]))
        found = reads[where][best]
        rungs.append(Rung(where, tries[best].name, of, len(found), len(found - have), round(ms[best], 2)))
        have |= found
        left.remove(best)
    return rungs


HEADER = ("where", "try", "reads", "of", "more than those above", "CPU ms")


def rows(rungs: Iterable[Rung]) -> list[tuple[str, ...]]:
    """Return the table's rows."""
    return [
        (rung.where, rung.name, str(rung.alone), str(rung.of), str(rung.more), f"{rung.ms:.1f}") for rung in rungs
    ]
