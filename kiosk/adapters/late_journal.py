"""A journal that may not be there, yet or any more: the gate runs, denies and calls staff until it can be opened."""

from collections.abc import Callable, Sequence
from datetime import datetime

from kiosk.adapters.journal import GoneJournalError, SqliteJournal
from kiosk.app.ports import JournalError, JournalHead, LastSeen
from kiosk.domain.events import Count, Event, EventDraft, EventType

_UNSURE = Count(unsure=True)
"""The counts went with the file."""


class LateJournal:
    """Opens its journal now or, where that fails (a full disk, say), at a later write."""

    def __init__(self, opener: Callable[[], SqliteJournal]) -> None:
        self._opener = opener
        self._journal: SqliteJournal | None = None
        self._was_taken = False
        """Its file was taken away, and the next one has not said so yet."""
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

    def append(self, drafts: Sequence[EventDraft]) -> Sequence[Event]:
        """Commit events; where there is no journal, try again to open it first. Raises JournalError."""
        if self._journal is None:
            self._journal = self._opener()
        if self._was_taken:
            self._journal.append([EventDraft(EventType.FAULT_RAISED, data={"fault": "journal_gone"}, count=_UNSURE)])
            self._was_taken = False
        try:
            return self._journal.append(drafts)
        except GoneJournalError:
            self._journal.close()
            self._journal, self._was_taken = None, True
            raise

    def read(self, after: int, limit: int) -> Sequence[Event]:
        """Return events after a number. Raises JournalError."""
        return self._opened().read(after, limit)

    def newest_mode(self) -> Event | None:
        """Return the newest event that says how the door is run. Raises JournalError."""
        return self._opened().newest_mode()

    def confirm(self, upto: int) -> int:
        """Remember what the centre has stored. Raises JournalError."""
        return self._opened().confirm(upto)

    def forget_kept(self) -> None:
        """Destroy what was kept for replays and is over. Raises JournalError."""
        self._opened().forget_kept()

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
