"""Who shared this place and time: stays, and those that overlap.

A stay begins with an entry and ends with the exit of the same person. Where nobody was seen to leave, as at every door
that only lets people in, it ends after the time that the venue takes a stay for. Times are Unix seconds, both ends of a
stay belonging to it: who leaves in the second in which another comes in has met them at the door.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

LONGEST_S = 24 * 3600
"""An exit that comes later ends another stay, whose beginning nobody saw."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Somebody was let in, or out."""

    seq: int
    """The number of its event."""
    at: int
    entry: bool
    pair: int = 0
    """The number of the same person's exit, or of the entry that an exit belongs to; 0: none was seen."""
    paired_at: int = 0
    """When that was."""


@dataclass(frozen=True, slots=True)
class Stay:
    """The time that somebody was here, named by the number of the passage that it is known by."""

    seq: int
    begins: int
    ends: int
    left: bool = False
    """Whether the person was seen to leave."""

    def meets(self, other: "Stay", margin_s: int = 0) -> bool:
        """Tell whether both were here at the same time, `margin_s` before and after a stay included."""
        return self.begins - margin_s <= other.ends and other.begins - margin_s <= self.ends

    def shared_s(self, other: "Stay") -> int:
        """Return how many seconds both were here."""
        return max(0, min(self.ends, other.ends) - max(self.begins, other.begins))


def stay_of(passage: Passage, usual_s: int) -> Stay:
    """Return the stay that a passage begins or ends; it has the number of its entry, where that was seen.

    `usual_s`: what a stay is taken for of which only one end was seen.
    """
    if passage.entry:
        return Stay(passage.seq, passage.at, passage.paired_at or passage.at + usual_s, left=bool(passage.pair))
    if passage.pair:
        return Stay(passage.pair, passage.paired_at, passage.at, left=True)
    return Stay(passage.seq, passage.at - usual_s, passage.at, left=True)


@dataclass(frozen=True, slots=True)
class Contact:
    """A stay that overlaps one that was asked about."""

    stay: Stay
    shared_s: int
    """The longest time shared with any of those."""


def contacts(asked: Sequence[Stay], others: Iterable[Stay], margin_s: int, but: Collection[int] = ()) -> list[Contact]:
    """Return who met any of the stays `asked` about, in their order.

    `but`: numbers that are the same person's, or asked about themselves.
    """
    found = []
    for other in others:
        met = [stay for stay in asked if stay.meets(other, margin_s)]
        if met and other.seq not in but:
            found.append(Contact(other, max(stay.shared_s(other) for stay in met)))
    return found
