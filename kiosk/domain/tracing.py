"""Who shared this place and time: stays, made of the passages of a door, and those that overlap.

A stay begins with an entry and ends with the exit of the same person. Where nobody was seen to leave, as at every door
that only lets people in, it ends after the time that the venue takes a stay for. Times are Unix seconds, both ends of a
stay belonging to it: who leaves in the second in which another comes in has met them at the door.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

LONGEST_S = 24 * 3600
"""An exit that comes later ends another stay, whose beginning nobody saw."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Somebody was let in, or out."""

    seq: int
    """The number of its event."""
    at: int
    entry: bool
    terms: frozenset[bytes] = frozenset()
    """What stands for the person; two passages are one person's where they share any."""


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


def stays(passages: Iterable[Passage], usual_s: int) -> list[Stay]:
    """Return the stays that passages make, in the order of their beginnings. `usual_s`: what a stay is taken for."""
    found: list[Stay] = []
    inside: dict[bytes, int] = {}
    """The place in `found` of whoever is inside, by each of their terms."""
    for passage in sorted(passages, key=lambda one: (one.at, one.seq)):
        if passage.entry:
            inside.update((term, len(found)) for term in passage.terms)
            found.append(Stay(passage.seq, passage.at, passage.at + usual_s))
            continue
        came = {inside.pop(term) for term in passage.terms if term in inside}
        begun = max((place for place in came if passage.at - found[place].begins <= LONGEST_S), default=None)
        if begun is None:
            found.append(Stay(passage.seq, passage.at - usual_s, passage.at, left=True))
        else:
            found[begun] = replace(found[begun], ends=passage.at, left=True)
    return sorted(found, key=lambda stay: (stay.begins, stay.seq))


@dataclass(frozen=True, slots=True)
class Contact:
    """A stay that overlaps one that was asked about."""

    stay: Stay
    shared_s: int
    """The longest time shared with any of those."""


def contacts(asked: Sequence[Stay], others: Iterable[Stay], margin_s: int, but: Collection[int] = ()) -> list[Contact]:
    """Return who met any of the stays `asked` about, in the order of their beginnings.

    `but`: numbers that are the same person's, or asked about themselves.
    """
    found = []
    for other in others:
        met = [stay for stay in asked if stay.meets(other, margin_s)]
        if met and other.seq not in but:
            found.append(Contact(other, max(stay.shared_s(other) for stay in met)))
    return found
