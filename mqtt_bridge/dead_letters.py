"""Events that the broker will never take as they are. Pure.

An event that is too large for the broker, or that it refuses for good, would hold up the centre's word for ever: no
number after it could be confirmed. So a *stand-in* goes in its place, with the same number, hash and link and without
its content (`codec.stand_in`). The centre then knows that there was such an event, and which; the kiosk lists it and
keeps it for as long as it keeps any event. Where not even the stand-in is taken, the number is *stuck*: it is passed
over, nothing behind it waits for it, and nothing from it on counts as confirmed.
"""

MOST = 4096
"""Numbers that are remembered, several times what is sent ahead of the centre's word; older ones are found out anew."""


class DeadLetters:
    """Which numbers of the journal cannot go as they are, as far as they are not confirmed."""

    def __init__(self) -> None:
        self._codes: dict[int, str] = {}
        self._stuck: set[int] = set()
        self._highest = 0
        self.count = 0
        """How many there have been of this journal, each counted once."""

    def code(self, seq: int) -> str:
        """Return why this event cannot go as it is; empty where nothing is known against it."""
        return self._codes.get(seq, "")

    def is_stuck(self, seq: int) -> bool:
        """Tell whether not even its stand-in can go."""
        return seq in self._stuck

    def add(self, seq: int, code: str) -> bool:
        """Note that what was to go under this number was refused for good; return whether that is news."""
        if seq in self._codes:
            self._stuck.add(seq)
            return False
        while len(self._codes) >= MOST:
            self._forget(next(iter(self._codes)))
        self._codes[seq] = code
        if seq > self._highest:
            self._highest, self.count = seq, self.count + 1
        return True

    def confirmed(self, upto: int) -> None:
        """Forget what the centre has the stand-ins of."""
        for seq in [seq for seq in self._codes if seq <= upto]:
            self._forget(seq)

    def connected(self) -> None:
        """Judge anew: another connection may be to another broker, or to one with other limits."""
        self._codes.clear()
        self._stuck.clear()

    def begin(self) -> None:
        """Begin with another journal, or with another gate process that has to be told."""
        self.connected()
        self._highest = self.count = 0

    def _forget(self, seq: int) -> None:
        del self._codes[seq]
        self._stuck.discard(seq)
