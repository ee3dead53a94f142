"""A picture that is all there is: no next frame comes, so everything is tried before the answer is 'no code'."""

from collections.abc import Iterator

from kiosk.vision.changes import darken, despeckle, each, keep, sharpen, soften, stretch, threshold
from kiosk.vision.codes import Code, Engine, Look, Luma, once
from kiosk.vision.engines.zxing import FIXED, GLOBAL, ZxingEngine
from kiosk.vision.regions import Region
from kiosk.vision.tries import LOCATED, PATIENT, TEXTURED, Changed, Spot, spots

_SPOTS = 6
_WORK = 3_000_000
"""Pixels that a spot is enlarged to at most."""
WHOLE = (
    Changed("global threshold", 1, keep, GLOBAL),
    Changed("threshold 21", 1, threshold(21), FIXED),
    Changed("soften", 1, soften),
    Changed("darken", 1, darken),
    Changed("stretch, sharpen", 1, each(stretch, sharpen), GLOBAL),
    Changed("threshold 51", 1, threshold(51), FIXED),
    Changed("despeckle", 1, despeckle),
    Changed("half", 0.5, keep),
    Changed("double", 2, keep),
    Changed("stretch, sharpen, double", 2, each(stretch, sharpen)),
    Changed("a third", 1 / 3, keep, GLOBAL),
)
"""What is tried with the whole picture in the end."""


class StillReader:
    """Reads pictures that have nothing to do with each other. `last_word` is a slower engine, asked at the end."""

    def __init__(self, last_word: Engine | None = None) -> None:
        self._zxing, self._last_word = ZxingEngine(), last_word

    def look(self, luma: Luma) -> Look:
        """Return the codes of one picture, each once: turned and inverted ones too."""
        first = self._zxing.scan(luma, effort=True)
        codes = [*first.codes, *self._again(luma, first)]
        if not codes:
            whole = Spot(Region(0, 0, luma.shape[1], luma.shape[0]))
            codes = next((read for one in WHOLE if (read := self._read(one, luma, whole))), [])
        if not codes and self._last_word is not None:
            codes = list(self._last_word.look(luma).codes)
        return Look(once(codes), first.located)

    def _again(self, luma: Luma, first: Look) -> Iterator[Code]:
        for spot in spots(luma, first)[:_SPOTS]:
            tries = (*LOCATED, *PATIENT) if spot.located is not None else (*TEXTURED, *LOCATED)
            for one in tries:
                if read := one.read(self._zxing, luma, spot, work=_WORK, effort=True):
                    yield from read
                    break

    def _read(self, one: Changed, luma: Luma, whole: Spot) -> list[Code]:
        if min(luma.shape) * one.times < 21 or max(luma.shape) * one.times > 32_000:
            return []
        return one.read(self._zxing, luma, whole, work=_WORK, effort=True)

    def close(self) -> None:
        """Hold nothing."""
