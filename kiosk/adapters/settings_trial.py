"""Settings from the centre: they come into force at a start, on trial, and are set aside where the start does not last.

`settings.json` beside the documents is their book of trials (kiosk.adapters.trial), each by the SHA-256 of the
document's payload.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kiosk.adapters.document_store import DocumentStore, Write
from kiosk.adapters.documents import Centre, DocumentKeeper, Found, RefusedError
from kiosk.adapters.trial import TrialBook, Verdict
from kiosk.adapters.trust_memory import write_whole
from kiosk.api.messages import DocumentAnswer
from kiosk.config import ConfigError, KioskConfig, PathsSection, with_settings
from kiosk.domain.document import DocumentKind, Files, Refusal
from kiosk.settings_overlay import NAME

_STATE = "settings.json"


def state_of(folder: Path, digest: bytes) -> str:
    """Return how settings with this payload stand, in words: in force, on trial, or not_in_force."""
    trial = TrialBook(folder / _STATE).read()
    match digest.hex():
        case trial.confirmed:
            return "in force"
        case trial.rejected:
            return Refusal.NOT_IN_FORCE.value
        case _:
            return "on trial"


@dataclass(frozen=True, slots=True)
class SettingsUse:
    """Checks settings together with the kiosk's own; they come into force by a restart."""

    path: Path
    """The kiosk's own settings, `kiosk.toml`."""
    fits: Callable[[KioskConfig], object]
    """Raises ConfigError where a start with these settings would fail, as far as that can be told before."""
    touchscreen: Callable[[], bytes | None] = lambda: None
    """Returns the settings made at the touchscreen, over which the centre's lie."""

    def check(self, files: Files) -> Callable[[], None]:
        """Check them. Raises NotPermittedError, ConfigError."""
        self.fits(with_settings(self.path, content_of(files), NAME, self.touchscreen()))
        return lambda: None


def content_of(files: Files) -> bytes:
    """Return the one file of a document."""
    return next(iter(files.values()))


class SettingsTrial(DocumentKeeper):
    """Keeps settings. `begin` is called once, at the start, by the one gate process that runs."""

    def __init__(self, folder: Path, use: SettingsUse, centre: Centre, write: Write = write_whole) -> None:
        self._settings_use, self._book = use, TrialBook(folder / _STATE, write)
        super().__init__(DocumentKind.SETTINGS, DocumentStore(folder, write), use, centre)
        self.trying: Found | None = None
        """What this process runs with and has not confirmed yet."""
        self.restart_due = False
        """Settings wait for the next start."""
        self.was_rejected = False
        """This start has set settings aside."""
        self._is_news = False
        self._lock = threading.Lock()

    def take(self, data: bytes) -> DocumentAnswer:
        """Judge a document and act on it. May be called while another thread confirms."""
        with self._lock:
            return super().take(data)

    def begin(self) -> bytes | None:
        """Return the settings that this start is to go by; None: the kiosk's own alone."""
        for data in (self._store.current(self.kind), self._store.before(self.kind)):
            try:
                found = self.verified(data) if data else None
            except RefusedError as error:
                self.problem = f"settings: what the centre sent is not in force ({error.code})"
                continue
            if found is not None and self._may_start(found):
                return content_of(found.document.files)
        return None

    def _may_start(self, found: Found) -> bool:
        match self._book.begin(found.digest.hex(), lambda: self._fits(found)):
            case Verdict.CONFIRMED:
                self.in_force = found
                return True
            case Verdict.TRYING:
                self.trying = found
                return True
            case Verdict.NOT_NOTED:
                self.problem = "settings: what the centre sent cannot be tried, as the disk does not take a note of it"
            case (Verdict.GIVEN_UP | Verdict.REJECTED) as verdict:
                self.was_rejected = verdict is Verdict.GIVEN_UP
                self.problem = "settings: the kiosk did not start well with what the centre sent, and went back"
                self.roll_back()
        return False

    def _fits(self, found: Found) -> bool:
        try:
            self._use.check(found.document.files)
        except ConfigError:
            return False
        return True

    def newest(self) -> bytes | None:
        """Return the settings that are in force, or wait for the next start; None: there are none."""
        with self._lock:
            found = self.trying or self.in_force
            with suppress(RefusedError):
                if self.restart_due:
                    found = self.verified(self._store.current(self.kind))
            return content_of(found.document.files) if found is not None else None

    def confirm(self) -> Found | None:
        """Take note that the start has lasted; return what is in force from now on, None where nothing is new."""
        with self._lock:
            found = self.trying
            if found is None or not self._book.confirm(found.digest.hex()):
                return None
            self.trying, self._is_news = None, True
            self.hold(found)
            return found

    def _standing(self, found: Found) -> DocumentAnswer | None:
        if self.in_force is not None and found.digest == self.in_force.digest:
            outcome, self._is_news = ("taken" if self._is_news else "known"), False
            return self.answer(outcome, found)
        if self.trying is not None and found.digest == self.trying.digest:
            return self.answer("pending", found)
        if found.digest.hex() == self._book.read().rejected:
            raise RefusedError(Refusal.NOT_IN_FORCE)
        with suppress(RefusedError):
            if self.restart_due and self.verified(self._store.current(self.kind)).digest == found.digest:
                return self.answer("pending", found)
        return None

    def _into_force(self, found: Found, force: Callable[[], None]) -> DocumentAnswer:
        force()
        self.restart_due = True
        return self.answer("pending", found)


def lay_out(content: bytes | None, paths: PathsSection, write: Write = write_whole, name: str = NAME) -> None:
    """Put the settings in force where the other processes and the command line look (kiosk.config.read_overlay).

    Raises OSError.
    """
    for folder in (paths.state, paths.run):
        place = folder / name
        if content is None:
            place.unlink(missing_ok=True)
        else:
            write(place, content)
