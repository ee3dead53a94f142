"""Whether a kiosk is there: what it says, what the broker says in its name, and which of the two counts. Pure.

A will comes late: the broker holds it back for a while, and a cluster for longer. So each connection has a session
number made at random, and an end counts only for the session that was last seen to begin.
"""

import json
from dataclasses import dataclass
from enum import StrEnum

MAX_PRESENCE = 256
"""Bytes that a payload may have."""
_MAX_SESSION = 64


class State(StrEnum):
    """What is said."""

    ONLINE = "online"
    """The birth, on every connection."""
    STOPPED = "stopped"
    """An end in good order."""
    LOST = "lost"
    """The will: the broker says it."""


@dataclass(frozen=True, slots=True)
class Presence:
    """One word about one connection."""

    state: State
    session: str

    def encode(self) -> bytes:
        """Return the payload."""
        return json.dumps({"state": self.state, "session": self.session}, separators=(",", ":")).encode()


def decode_presence(payload: bytes) -> Presence | None:
    """Read a payload; None where it is none. Keys that are not known are passed over."""
    if len(payload) > MAX_PRESENCE:
        return None
    try:
        said = json.loads(payload)
        state, session = State(said["state"]), said["session"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return Presence(state, session) if isinstance(session, str) and 0 < len(session) <= _MAX_SESSION else None


def after(known: Presence | None, said: Presence) -> Presence:
    """Return what counts once `said` has come: a beginning always does, an end for the session that has begun."""
    if known is None or said.state is State.ONLINE or said.session == known.session:
        return said
    return known
