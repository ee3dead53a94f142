"""From the edges of a line to its level: contacts bounce, and broken ones chatter. Pure; times are arguments."""

from dataclasses import dataclass, replace

MS = 1_000_000
CHATTER_EDGES = 60
"""Edges within a window beyond which a line says nothing: thirty openings and closings a second are no door's."""
WINDOW_NS = 1_000 * MS
QUIET_NS = 1_000 * MS
"""How long a line that has chattered must be quiet until it is believed again."""


@dataclass(frozen=True, slots=True)
class Line:
    """What is known of one line."""

    debounce_ns: int
    """How long a level has to hold to be one."""
    level: bool = False
    """The level that is believed."""
    raw: bool = False
    """The level of the last edge."""
    since_ns: int = 0
    """When that edge was."""
    window_ns: int = 0
    """When the window in which edges are counted began."""
    edges: int = 0
    chatters: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """The line has taken a level, at `at_ns`."""

    active: bool
    at_ns: int


@dataclass(frozen=True, slots=True)
class Chatters:
    """The line's level says nothing from now on, or says something again."""

    present: bool


Told = Settled | Chatters
Change = tuple[Line, tuple[Told, ...]]


def edge(line: Line, active: bool, at_ns: int, edges: int = 1) -> Change:
    """Take in an edge of a line, and how many there have been since the one before.

    With 1 the level of that one has held until now. With more, some were not told; with 0 the level was read, and
    nobody saw its edge: nothing is known then of how long any level held in between.
    """
    line, told = _settle(line, at_ns) if edges == 1 else (line, ())
    if at_ns - line.window_ns >= WINDOW_NS:
        line = replace(line, window_ns=at_ns, edges=0)
    line = replace(line, raw=active, since_ns=at_ns, edges=line.edges + edges)
    if line.edges > CHATTER_EDGES and not line.chatters:
        return replace(line, chatters=True), (*told, Chatters(present=True))
    return line, told


def watch(line: Line, now_ns: int) -> Change:
    """Let time pass: a level that has held becomes the line's, and chatter that has ended is over."""
    if line.chatters:
        if now_ns - line.since_ns < QUIET_NS:
            return line, ()
        line, told = _settle(replace(line, chatters=False, edges=0), now_ns)
        return line, (Chatters(present=False), *told)
    return _settle(line, now_ns)


def due_ns(line: Line) -> int:
    """Return when `watch` has something to say at the earliest; 0: nothing is awaited."""
    if line.chatters:
        return line.since_ns + QUIET_NS
    return line.since_ns + line.debounce_ns if line.raw is not line.level else 0


def _settle(line: Line, now_ns: int) -> Change:
    """Believe the last level where it has held: also one that is over by now, as a short passage is."""
    if line.chatters or line.raw is line.level or now_ns - line.since_ns < line.debounce_ns:
        return line, ()
    return replace(line, level=line.raw), (Settled(line.raw, line.since_ns),)
