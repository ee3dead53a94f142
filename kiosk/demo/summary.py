"""How a demonstration went: what was right, what was wrong, as lines for people and as one object for machines."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from kiosk.demo.books import Books
from kiosk.demo.script import Visitor
from kiosk.demo.timeline import Timeline, Visit


@dataclass(frozen=True, slots=True)
class Summary:
    """The end of a demonstration."""

    visits: tuple[Visit, ...]
    failures: tuple[tuple[Visit, str], ...]
    missing: tuple[Visitor, ...]
    """Visitors of the script that were never read."""
    noise: tuple[str, ...]
    """Titles of what rightly was not read."""
    books: Books
    camera_problem: str
    """In one sentence; empty where the camera worked to the end."""

    @property
    def all_right(self) -> bool:
        """Tell whether every visit ended as it should, on record and at the centre."""
        return not (self.failures or self.missing or self.camera_problem) and self.books.chained and self.books.agree

    def lines(self) -> Iterator[str]:
        """Yield the summary for people."""
        for visit, failure in self.failures:
            yield f"WRONG: {visit.visitor.title if visit.visitor else visit.visit}: {failure}"
        for visitor in self.missing:
            yield f"WRONG: {visitor.title}: was not read"
        if self.camera_problem:
            yield f"WRONG: {self.camera_problem}"
        if not (self.books.chained and self.books.agree):
            yield "WRONG: the kiosk's records and the centre's differ"
        if self.noise:
            yield f"nothing was read where there was nothing to read: {', '.join(self.noise)}"
        expected = len(self.visits) + len(self.missing)
        yield f"{len(self.visits) - len(self.failures)} of {expected} visits ended as they should"
        yield f"{self.books.written} records written, {self.books.confirmed} of them confirmed by the centre"

    def as_json(self) -> dict[str, object]:
        """Return the summary for machines."""
        return {
            "visits": [
                {
                    "title": visit.visitor.title if visit.visitor else None,
                    "outcome": visit.outcome,
                    "reasons": visit.reasons,
                    "released_ms": visit.released_ms,
                    "record": visit.seq,
                    "confirmed": visit.confirmed_last,
                    "frame_to_relay_ms": round((visit.on_ns - visit.frame_ns) / 1e6, 1) if visit.on_ns else None,
                }
                for visit in self.visits
            ],
            "right": len(self.visits) - len(self.failures),
            "wrong": len(self.failures),
            "missed": len(self.missing),
            "books": asdict(self.books),
        }


def sum_up(timeline: Timeline, books: Books, pulse_ms: int, camera_problem: str, *, whole_script: bool) -> Summary:
    """Hold what happened against the script; a script that was cut short misses nobody."""
    # A visit that the end cut off is neither right nor wrong.
    visits = tuple(visit for visit in timeline.visits.values() if whole_script or visit.done)
    return Summary(
        visits=visits,
        failures=tuple((visit, failure) for visit in visits if (failure := visit.failure(pulse_ms))),
        missing=tuple(timeline.missing()) if whole_script else (),
        noise=tuple(v.title for v in timeline.visitors if v.outcome == "none") if whole_script else (),
        books=books,
        camera_problem=camera_problem,
    )
