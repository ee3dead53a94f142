"""From a frame to what is told of it: whole messages, and what would help where a code cannot be read."""

from dataclasses import dataclass

from kiosk.config import ReadingSection
from kiosk.domain.symbology import Symbology
from kiosk.vision.cascade import Cascade
from kiosk.vision.codes import Code, Engine, Luma
from kiosk.vision.engines import open_engine
from kiosk.vision.hints import Advice, Hints
from kiosk.vision.labels import LiveLabels
from kiosk.vision.opinion import ChildOpinion
from kiosk.vision.structured_append import Assembler

NS = 1_000_000_000
SHOWING_NS = 3 * NS
"""How long after a part was read its bearer is still taken to be showing a message in parts."""


def open_reader(reading: ReadingSection) -> "Reader":
    """Return what reads the symbologies of the settings. Raises EngineMissingError, as `open_door_engine` does."""
    return Reader(open_door_engine(reading), LiveLabels() if Symbology.CODE128 in reading.symbologies else None)


def open_door_engine(reading: ReadingSection) -> Engine:
    """Return the engine that the settings name. Raises EngineMissingError where its library is not installed."""
    if reading.engine != "cascade":
        return open_engine(reading.engine)
    if reading.second_opinion == "none":
        return Cascade()
    open_engine(reading.second_opinion)  # a library that is missing is to be noticed at the start, not at a stall
    return Cascade(ChildOpinion(reading.second_opinion))


@dataclass(frozen=True, slots=True)
class Reading:
    """What one frame gave."""

    codes: tuple[Code, ...]
    """Whole messages: a part of a structured append is none."""
    seen: bool
    """Whether any code was read, if only a part."""
    advice: Advice


class Reader:
    """Reads the frames of one camera, in their order: QR codes and, with `labels`, the labels of sample tubes."""

    def __init__(self, engine: Engine, labels: LiveLabels | None = None) -> None:
        self._engine, self._labels = engine, labels
        self._assembler, self._hints = Assembler(), Hints()
        self._part_ns = 0

    def read(self, luma: Luma, at_ns: int) -> Reading:
        """Read a frame captured at `at_ns`."""
        look = self._engine.look(luma)
        self._assembler.forget(at_ns)
        codes = [whole for code in look.codes if (whole := self._assembler.take(code, at_ns)) is not None]
        if any(code.part is not None for code in look.codes):
            self._part_ns = at_ns
        # Whoever showed a part and has put it away, or shows something whole, is not asked for more.
        showing = at_ns - self._part_ns <= SHOWING_NS and not codes
        advice = self._hints.see(luma, look, self._assembler.missing if showing else None, at_ns)
        if self._labels is not None:
            codes += self._labels.look(luma, at_ns)
        return Reading(tuple(codes), bool(look.codes or codes), advice)

    def close(self) -> None:
        """End what the engine has begun."""
        self._engine.close()
