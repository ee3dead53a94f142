"""A journal that may not be there, yet or any more: the gate runs, denies and calls staff until it can be opened."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from kiosk.adapters.journal import GoneJournalError, SqliteJournal
from kiosk.adapters.journal_rows import UnfitJournalError
from kiosk.app.ports import JournalError, JournalHead, LastSeen
from kiosk.domain.events import Event, EventDraft

_NOTHING: Mapping[str, str] = {}


class LateJournal:
    """Opens its journal now or, where that fails (a full disk, say), at a later write."""

    def __init__(self, opener: Callable[[], SqliteJournal]) -> None:
        self._opener = opener
        self._journal: SqliteJournal | None = None
        self.problem = ""
        """Why it could not be opened at first; empty where it could."""
        try:
            self._journal = opener()
        except JournalError as error:
            self.problem = str(error)

    def _opened(self) -> SqliteJournal:
        if self._journal is None:
            raise JournalError("there is no journal yet")
        return self._journal

    def append(self, drafts: Sequence[EventDraft], said: Mapping[str, str] = _NOTHING) -> Sequence[Event]:
        """Commit events; where there is no journal, try again to open it first. Raises JournalError."""
        if self._journal is None:
            self._journal = self._opener()
        try:
            return self._journal.append(drafts, said)
        except GoneJournalError:
            # Its mark stays: what is in its place now is measured by it, and the next journal says what is gone.
            self._give_up(self._journal)
            raise

    def _give_up(self, journal: SqliteJournal) -> None:
        self._journal = None
        journal.close()

    def read(self, after: int, limit: int) -> Sequence[Event]:
        """Return events after a number. Raises JournalError."""
        return self._opened().read(after, limit)

    def newest_mode(self) -> Event | None:
        """Return the newest event that says how the door is run. Raises JournalError."""
        return self._opened().newest_mode()

    def remembered(self, key: str) -> str:
        """Return what was said with a record; empty: nothing. Raises JournalError."""
        return self._opened().remembered(key)

    def bury(self, seq: int, code: str) -> None:
        """List an event that can never be sent whole. Raises JournalError."""
        self._opened().bury(seq, code)

    def confirm(self, upto: int) -> int:
        """Remember what the centre has stored; where it has more than this journal, begin another one.

        Raises JournalError.
        """
        journal = self._opened()
        try:
            return journal.confirm(upto)
        except UnfitJournalError:
            self._give_up(journal)
            self._journal = self._opener()
            return self._journal.head().confirmed

    def forget_kept(self) -> None:
        """Destroy what was kept for replays and is over. Raises JournalError."""
        self._opened().forget_kept()

    def tidy(self) -> bool:
        """Drop some of what may go; tell whether there was any. Raises JournalError."""
        return self._opened().tidy()

    def filled(self) -> float:
        """Return how much of its bound is used, of 1. Raises JournalError."""
        return self._opened().filled()

    def mark(self) -> None:
        """Leave word of how far it has come. Raises JournalError."""
        self._opened().mark()

    def head(self) -> JournalHead:
        """Return where the journal stands; without one, at nothing."""
        journal = self._journal  # another thread may be writing, and find it gone
        return journal.head() if journal is not None else JournalHead("", 0, 0)

    def used(self, who: bytes, but: frozenset[str]) -> int | None:
        """Return how often a credential was let in, the visits `but` left out; None without a journal."""
        journal = self._journal
        return journal.counts.used(who, but) if journal is not None else None

    def inside(self, since: datetime, but: frozenset[str]) -> int | None:
        """Return how many more people came in than went out, from then on, without the visits `but`; None as above."""
        journal = self._journal
        return journal.counts.inside(since, but) if journal is not None else None

    def arrivals(self, since: datetime, but: frozenset[str]) -> int | None:
        """Return how many people came in, from then on, without the visits `but`; None as above."""
        journal = self._journal
        return journal.counts.arrivals(since, but) if journal is not None else None

    def last_seen(self, person: Sequence[bytes], but: frozenset[str]) -> Sequence[LastSeen] | None:
        """Return where a person was last seen to go, without the visits `but`; None as above."""
        journal = self._journal
        return journal.counts.last_seen(person, but) if journal is not None else None

    def close(self) -> None:
        """Close the journal, if there is one."""
        if self._journal is not None:
            self._journal.close()
