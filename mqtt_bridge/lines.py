"""The kiosk's two connections to the broker, as one line.

*Up* carries what the kiosk says: events, presence, results, telemetry. It starts clean, as the journal is its memory.
*Down* hears what the centre says, in a session that the broker keeps for a day. They are two, because a full window
or a large document on one may not hold up the other, and because a session that is kept would bring back messages of
the kiosk's own that the journal sends anyway.

Without *down* no event can ever be confirmed. Events go all the same, after a moment's grace: to the centre an alarm is
worth having unconfirmed, and the window bounds what is sent ahead of its word. The other way round, commands and
documents are heard while *up* is gone.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from mqtt_bridge.session import Acked, Down, Received, Session, Up

GRACE_S = 3.0
"""How long events wait for the second connection once the first is there."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """Whether the centre can be heard has changed. `detail`: a short code of why not; empty where it can."""

    detail: str = ""
    kept: bool = False
    """The broker has kept what was said in the meantime, and delivers it."""


News = Up | Down | Acked | Received | Hearing


class Lines:
    """Keeps both connections for as long as `step` is called. Times are monotonic seconds."""

    def __init__(self, up: Session, down: Session) -> None:
        self.up, self.down = up, down
        self._limits: Up | None = None
        self._grace_until = 0.0
        self._is_told = False

    @property
    def is_up(self) -> bool:
        """Events may go."""
        return self._is_told

    def sessions(self) -> Iterable[Session]:
        """Return both, to wait for."""
        return self.up, self.down

    def step(self, now: float) -> None:
        """Do what is due on both."""
        self.up.step(now)
        self.down.step(now)

    def take(self, now: float) -> list[News]:
        """Return what has happened since the last call, in order on each connection."""
        news: list[News] = []
        for happening in self.up.take():
            match happening:
                case Up():
                    self._limits, self._grace_until = happening, now + GRACE_S
                    self.down.hurry()
                case Down():
                    self._limits, self._is_told = None, False
                    news.append(happening)
                case _:
                    news.append(happening)
        if self._limits is not None and not self._is_told and (self.down.is_up or now >= self._grace_until):
            self._is_told = True
            news.append(self._limits)
        for happening in self.down.take():
            match happening:
                case Up():
                    self.up.hurry()
                    news.append(Hearing(kept=happening.session_present))
                case Down(detail):
                    news.append(Hearing(detail))
                case _:
                    news.append(happening)
        return news

    def close(self) -> None:
        """Say good-bye on both."""
        self.up.close()
        self.down.close()
