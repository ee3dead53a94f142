"""What is known of the visits at the door: codes, visits, and what has become of a code."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kiosk.domain.credential import Holder, Rejected, Verdict, Verification
from kiosk.domain.decision import Admit, Decision, Judgement, reasons
from kiosk.domain.names import Likeness, compare, is_named
from kiosk.domain.reasons import Reason

Judge = Callable[[Sequence[bytes]], Judgement]
"""What codes are worth at this moment, all by the same trust list, and what the venue's policy says to it.

Every piece is verified again whenever one is added: meanwhile it may have expired, or been revoked.
"""


@dataclass(frozen=True, slots=True)
class Code:
    """A code that has come into view, judged by itself."""

    scan: str
    data: bytes
    alone: Judgement
    beside: frozenset[str] = frozenset()
    """Scans of the other codes in view."""

    @property
    def found(self) -> Verification:
        """What it is worth."""
        return self.alone.evidence[0]


@dataclass(frozen=True, slots=True)
class Noticed:
    """A code was read that will be answered: the screen says so at once."""

    visit: str
    party: str


@dataclass(frozen=True, slots=True)
class Answered:
    """A decision on all the evidence of a visit, oldest first. `scan` brought the newest piece; empty: none was new."""

    visit: str
    party: str
    scan: str
    judged: Judgement


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A code that changes nothing: worse than what is known of the visit, or not anybody's own."""

    visit: str
    """The visit beside which it was read, where that is known."""
    scan: str


Outcome = Noticed | Answered | PassedOver


@dataclass(frozen=True, slots=True)
class Visit:
    """One person at the door, from the first code on."""

    id: str
    party: str
    """The first visit of those whose codes were in view together."""
    scans: tuple[str, ...]
    codes: tuple[bytes, ...]
    evidence: tuple[Verification, ...]
    """What each of the codes was worth when they were last judged."""
    decision: Decision
    last_ns: int

    @property
    def over(self) -> bool:
        """Tell whether the person was admitted: nothing is added any more."""
        return isinstance(self.decision, Admit)

    @property
    def signed(self) -> bool:
        """Tell whether there is more than cards that anybody can print."""
        return not all(map(is_card, self.evidence))

    @property
    def named(self) -> bool:
        """Tell whether it is known who the person is said to be."""
        return any(is_named(holder(piece)) for piece in self.evidence)

    @property
    def asks(self) -> bool:
        """Tell whether the person was asked for an identity card, and none has come yet: another's answers it once."""
        return self.signed and reasons(self.decision)[:1] == (Reason.IDENTITY_NEEDED,)

    def knows(self, found: Verification) -> bool:
        """Tell whether a code is one of this visit's, or names the same person as all of them that name one.

        One of them is not enough: a birth date that is masked fits several people, who do not fit each other.
        """
        if any(is_equal(piece, found) for piece in self.evidence):
            return True
        likeness = [compare(holder(piece), holder(found)) for piece in self.evidence]
        return Likeness.SAME in likeness and set(likeness) <= {Likeness.SAME, Likeness.NOT_NAMED}


@dataclass(frozen=True, slots=True)
class Visits:
    """Everything that is remembered."""

    open: tuple[Visit, ...] = ()
    """The one that was spoken to last stands last."""
    waiting: Code | None = None
    """A code that is nobody's own, until it is known whether somebody's own comes with it."""
    due_ns: int = 0
    """When that is known."""
    until_ns: int = 0
    """How long it waits beyond that for the end of an answer to somebody."""
    aside: str = ""
    """The last code of that kind that was answered, or waits."""


# what a code is


def is_card(found: Verification) -> bool:
    """Tell whether a code is a card that anybody can print."""
    return isinstance(found, Rejected) and found.verdict is Verdict.UNSIGNED


def holder(found: Verification) -> Holder:
    """Return who a code says that it belongs to."""
    return found.credential.holder if found.credential else Holder()


def is_equal(one: Verification, other: Verification) -> bool:
    """Tell whether both are the same code, also where the trust list has aged between the two."""
    return one.credential is not None and one.credential == other.credential
