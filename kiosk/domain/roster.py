"""Who belongs here: staff, pupils, residents, by opaque ids. Nothing in it names a person in clear."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date


@dataclass(frozen=True, slots=True)
class Member:
    """One person. Dates are days of the venue, both included."""

    person: str
    """An id that means something to the centre only."""
    group: str = ""
    """As the policy's `groups`."""
    zones: frozenset[str] = frozenset()
    """Where the person may go; empty: nowhere."""
    begins: date | None = None
    ends: date | None = None
    key: str = ""
    """Keyed hash of a number that the person's documents carry, in hex; empty: none is known."""
    sealed_name: str = ""
    """The name, sealed to the health authority, in base64; empty: it is not said."""

    def belongs(self, zone: str, day: date) -> bool:
        """Tell whether the person may go to a zone on a day."""
        begun = self.begins is None or self.begins <= day
        return zone in self.zones and begun and (self.ends is None or day <= self.ends)


@dataclass(frozen=True, slots=True)
class Roster:
    """Members by id, and by the keyed hash of their numbers."""

    members: Mapping[str, Member] = field(default_factory=dict)
    by_key: Mapping[str, Member] = field(default_factory=dict)

    @classmethod
    def of(cls, members: Iterable[Member]) -> "Roster":
        """Build a roster."""
        listed = tuple(members)
        return cls({one.person: one for one in listed}, {one.key: one for one in listed if one.key})

    def including(self, member: Member) -> "Roster":
        """Return it with one member more, or in the place of the one with that id."""
        return Roster.of([*(one for one in self.members.values() if one.person != member.person), member])

    def ending(self, person: str, last_day: date) -> "Roster":
        """Return it with a member's last day, or without one who would end before beginning. Raises KeyError."""
        member = self.members[person]
        others = [one for one in self.members.values() if one.person != person]
        kept = member.begins is None or member.begins <= last_day
        return Roster.of([*others, replace(member, ends=last_day)] if kept else others)

    def __len__(self) -> int:
        return len(self.members)
