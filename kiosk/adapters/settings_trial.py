"""Settings from the centre: they come into force at a start, on trial, and are set aside where the start does not last.

`settings.json` beside the documents says which were confirmed, which are on trial, how often a start has been tried
with them, and which were rejected, each by the SHA-256 of the document's payload. It is written before a start goes on,
so a process that dies has counted.
"""

import json
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from kiosk.adapters.document_store import DocumentStore, Write
from kiosk.adapters.documents import Centre, DocumentKeeper, Found, RefusedError
from kiosk.adapters.trust_memory import write_whole
from kiosk.api.messages import DocumentAnswer
from kiosk.config import ConfigError, KioskConfig, PathsSection, with_settings
from kiosk.domain.document import DocumentKind, Files, Refusal
from kiosk.settings_overlay import NAME

TRIES = 2
"""Starts that may end before settings are confirmed: one power cut is no fault of theirs."""
CONFIRM_S = 10.0
"""Seconds after which a start has lasted."""
_STATE = "settings.json"
_log = logging.getLogger("kiosk")


@dataclass(frozen=True, slots=True)
class Trial:
    """How the settings stand; digests in hex, empty for none."""

    confirmed: str = ""
    trying: str = ""
    starts: int = 0
    rejected: str = ""


def _trial(data: bytes) -> Trial:
    """Read what was written; what is damaged says nothing, so that what is stored is tried anew."""
    with suppress(ValueError, TypeError, RecursionError):
        trial = Trial(**json.loads(data))
        if all(isinstance(one, str) for one in (trial.confirmed, trial.trying, trial.rejected)):
            return replace(trial, starts=trial.starts if type(trial.starts) is int else TRIES)
    return Trial()


def state_of(folder: Path, digest: bytes) -> str:
    """Return how settings with this payload stand, in words: in force, on trial, or not_in_force."""
    try:
        trial = _trial((folder / _STATE).read_bytes())
    except OSError:
        trial = Trial()
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

    def check(self, files: Files) -> Callable[[], None]:
        """Check them. Raises NotPermittedError, ConfigError."""
        self.fits(with_settings(self.path, content_of(files), NAME))
        return lambda: None


def content_of(files: Files) -> bytes:
    """Return the one file of a document."""
    return next(iter(files.values()))


class SettingsTrial(DocumentKeeper):
    """Keeps settings. `begin` is called once, at the start, by the one gate process that runs."""

    def __init__(self, folder: Path, use: SettingsUse, centre: Centre, write: Write = write_whole) -> None:
        self._settings_use, self._write, self._path = use, write, folder / _STATE
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
        trial, digest = self._read_trial(), found.digest.hex()
        tried_enough = trial.trying == digest and trial.starts >= TRIES
        if digest == trial.rejected or tried_enough or not self._fits(found):
            self.was_rejected = digest != trial.rejected
            self.problem = "settings: the kiosk did not start well with what the centre sent, and went back"
            self._save(replace(trial, trying="", starts=0, rejected=digest))
            self.roll_back()
            return False
        if digest == trial.confirmed:
            self.in_force = found
            return True
        starts = trial.starts if trial.trying == digest else 0
        if not self._save(replace(trial, trying=digest, starts=starts + 1)):
            self.problem = "settings: what the centre sent cannot be tried, as the disk does not take a note of it"
            return False
        self.trying = found
        return True

    def _fits(self, found: Found) -> bool:
        try:
            self._use.check(found.document.files)
        except ConfigError:
            return False
        return True

    def confirm(self) -> Found | None:
        """Take note that the start has lasted; return what is in force from now on, None where nothing is new."""
        with self._lock:
            found = self.trying
            if found is None or not self._save(Trial(confirmed=found.digest.hex())):
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
        if found.digest.hex() == self._read_trial().rejected:
            raise RefusedError(Refusal.NOT_IN_FORCE)
        with suppress(RefusedError):
            if self.restart_due and self.verified(self._store.current(self.kind)).digest == found.digest:
                return self.answer("pending", found)
        return None

    def _into_force(self, found: Found, force: Callable[[], None]) -> DocumentAnswer:
        force()
        self.restart_due = True
        return self.answer("pending", found)

    def _read_trial(self) -> Trial:
        try:
            return _trial(self._path.read_bytes())
        except OSError:
            return Trial()

    def _save(self, trial: Trial) -> bool:
        try:
            self._write(self._path, json.dumps(asdict(trial), sort_keys=True).encode())
        except OSError as error:
            _log.warning("how the settings from the centre stand cannot be written down (%s)", error.strerror)
            return False
        return True


def lay_out(content: bytes | None, paths: PathsSection, write: Write = write_whole) -> None:
    """Put the settings in force where the other processes and the command line look (kiosk.config.read_overlay).

    Raises OSError.
    """
    for folder in (paths.state, paths.run):
        place = folder / NAME
        if content is None:
            place.unlink(missing_ok=True)
        else:
            write(place, content)
