"""The cascade: one cheap look at every frame, and more effort where something is there that could not be read.

1. The whole frame, as it is; a grainy one, as in dim light, calmed first.
2. What was located and not read, and where nothing was seen at all: what is textured like a code. A few tries a frame;
   the next frame goes on where this one stopped.
3. Where nothing was seen at all, every third frame: the whole of it inverted or by another threshold, by turns.
4. What stalls for some frames goes to a slower engine, in a worker that nobody waits for.

Work is bounded in pixels and not in time, so that the same frames give the same reads on every machine.
"""

from collections.abc import Sequence

from kiosk.vision.changes import calm, grain, invert, keep
from kiosk.vision.codes import Code, Look, Luma, once
from kiosk.vision.engines.zxing import GLOBAL, LOCAL, ZxingEngine
from kiosk.vision.opinion import Opinion
from kiosk.vision.regions import NOWHERE
from kiosk.vision.tries import Spot, spots, tries_for

BUDGET = 2_300_000
"""Work a frame at the largest spot, in the pixels of `Try.cost`; at least one try is made. The others get one try."""
SPOTS = 2
"""Spots a frame that are tried again."""
WORK = 600_000
"""Pixels that a spot is enlarged to at most."""
WHOLE = ((keep, GLOBAL), (invert, LOCAL))
"""Ways to look at a whole frame in which nothing was seen. Telephones in their dark mode show light on dark."""
WHOLE_EVERY = 3
"""Frames: empty ones are by far the most, and must stay cheap."""
GRAINY = 4.0
"""Grain from which a frame is calmed first: below it the modules that are lost outweigh the grain."""
STALLED = 3
"""Frames in a row with something unread, before the second opinion is asked."""
HOPEFUL = 90
"""Frames for which it is asked each time; after those something hangs there that is no visitor's code."""
SELDOM = 30
"""Then it is asked once in so many frames."""


def prepared(luma: Luma) -> Luma:
    """Return a frame as the first look at it sees it."""
    return calm(luma) if grain(luma) > GRAINY else luma


class Cascade:
    """Reads frame after frame of one camera."""

    def __init__(self, opinion: Opinion | None = None) -> None:
        self._zxing, self._opinion = ZxingEngine(), opinion
        self._turn = self._unread = 0
        self._where = NOWHERE
        """The largest spot of the frame before, while nothing is read."""
        self._empty = 0

    def look(self, luma: Luma) -> Look:
        """Return the codes of one camera frame, and where more were located and could not be read."""
        luma, first = self._first(luma)
        codes = list(first.codes)
        unread = spots(luma, first)[:SPOTS]
        turn = self._turn
        for number, spot in enumerate(unread):
            codes += self._again(luma, spot, turn, BUDGET if number == 0 and not codes else 0)
        if codes or not unread:
            self._turn = 0
        if not codes and not first.located:
            codes += self._whole(luma)
        if self._opinion is not None:
            codes += self._opinion.take()
            self._ask(self._opinion, luma, [] if codes else unread)
        return Look(once(codes), first.located)

    def _first(self, luma: Luma) -> tuple[Luma, Look]:
        """Look at the whole frame; at a grainy one calmed and, where that reads nothing, as it is for small modules."""
        calmed = prepared(luma)
        look = self._zxing.scan(calmed)
        if calmed is luma or look.codes:
            return calmed, look
        plain = self._zxing.scan(luma)
        return (luma, plain) if plain.codes or (plain.located and not look.located) else (calmed, look)

    def _again(self, luma: Luma, spot: Spot, turn: int, budget: int) -> list[Code]:
        tries, spent = tries_for(spot), 0
        for number in range(turn, turn + len(tries)):
            one = tries[number % len(tries)]
            spent += one.cost(spot, WORK)
            if number > turn and spent > budget:
                break
            self._turn = max(self._turn, number + 1)
            if codes := one.read(self._zxing, luma, spot, work=WORK):
                return codes
        return []

    def _whole(self, luma: Luma) -> list[Code]:
        """Look at the whole frame in another way: every third frame, by turns."""
        self._empty += 1
        turn, rest = divmod(self._empty, WHOLE_EVERY)
        if rest:
            return []
        change, binarizer = WHOLE[turn % len(WHOLE)]
        return list(self._zxing.scan(change(luma), binarizer).codes)

    def _ask(self, opinion: Opinion, luma: Luma, unread: Sequence[Spot]) -> None:
        if not unread:
            self._unread, self._where = 0, NOWHERE
            return
        largest = unread[0].region
        same = largest.overlaps(self._where)
        self._unread, self._where = self._unread + 1 if same else 1, largest
        if self._unread >= STALLED and (self._unread <= HOPEFUL or self._unread % SELDOM == 0):
            region = unread[self._unread % len(unread)].region
            opinion.offer(region.of(luma), region.left, region.top)

    def close(self) -> None:
        """End the second opinion."""
        if self._opinion is not None:
            self._opinion.close()
