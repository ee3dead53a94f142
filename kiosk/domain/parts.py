"""Cards in several parts: `shc:/INDEX/TOTAL/DIGITS`, shown one after another or side by side.

Source: spec.smarthealth.cards, 'Chunking Larger SHCs': deprecated since 2022, and still on paper. Pure: times are
arguments, in nanoseconds of one monotonic clock.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

MAX_PARTS = 10
MAX_PART = 4096
"""Bytes of one part, which is one QR code."""
OPEN_NS = 30_000_000_000
"""How long an unfinished set is remembered after its newest part."""
_PART = re.compile(rb"shc:/([1-9][0-9]?)/([1-9][0-9]?)/[0-9]+")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a card. `index` counts from 1 to `total`."""

    index: int
    total: int
    data: bytes


def number(data: bytes) -> Part | None:
    """Return which part `data` is; None for what is none, a card in one part among it.

    White space around it is left out: keyboards and files add it.
    """
    text = data.strip()
    found = _PART.fullmatch(text) if len(text) <= MAX_PART else None
    if found is None:
        return None
    index, total = int(found[1]), int(found[2])
    return Part(index, total, text) if index <= total and 2 <= total <= MAX_PARTS else None


def is_joined(data: bytes) -> bool:
    """Tell whether `data` is several parts, one a line: the one thing that may be longer than a code."""
    lines = data.strip().split(b"\n", MAX_PARTS)
    return 2 <= len(lines) <= MAX_PARTS and all(number(line) is not None for line in lines)


@dataclass(frozen=True, slots=True)
class PartSet:
    """The parts of one card that have been seen."""

    total: int = 0
    """How many there are; 0: none has been seen."""
    held: Mapping[int, bytes] = field(default_factory=dict)
    newest_ns: int = 0

    @property
    def whole(self) -> bytes | None:
        """The card, its parts in order, one a line; None while any is missing."""
        if not self.total or len(self.held) < self.total:
            return None
        return b"\n".join(self.held[index] for index in sorted(self.held))

    def add(self, part: Part, now_ns: int) -> "PartSet":
        """Return the set with one more part; a part that does not go with the others begins a new one.

        The format has no mark by which parts of different cards can be told apart: a number that is taken by other
        digits, or another total, is all that can contradict. What is put together wrongly has no good signature.
        """
        known = self.forget(now_ns)
        if part.total != known.total or known.held.get(part.index, part.data) != part.data:
            known = PartSet(part.total)
        return replace(known, held={**known.held, part.index: part.data}, newest_ns=now_ns)

    def forget(self, now_ns: int) -> "PartSet":
        """Return the set, or an empty one where nothing has been added for OPEN_NS."""
        return self if now_ns - self.newest_ns <= OPEN_NS else PartSet()


Named = tuple[str, bytes]
"""A code, and where it was read."""


def join(codes: Iterable[Named]) -> Iterator[tuple[tuple[str, ...], bytes]]:
    """Put together what is seen at once: yield every code and card with the names of all places it was read in.

    Parts whose others are missing come as they are, as soon as that is known.
    """
    parts, held = PartSet(), list[Named]()
    for name, data in codes:
        part = number(data)
        if part is None:
            yield (name,), data
            continue
        parts = parts.add(part, 0)
        if len(parts.held) == 1:  # a new set has begun
            yield from (((where,), alone) for where, alone in held)
            held = []
        held.append((name, part.data))
        if parts.whole is not None:
            yield tuple(dict.fromkeys(where for where, _ in held)), parts.whole
            parts, held = PartSet(), []
    yield from (((where,), alone) for where, alone in held)
