"""A start on trial: settings that the kiosk does not start well with are tried twice, and then given up.

The book says which settings were confirmed, which are on trial, how often a start has been tried with them, and which
were rejected, each by a digest. It is written before a start goes on, so a process that dies has counted.
"""

import json
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from enum import Enum, auto
from pathlib import Path

from kiosk.adapters.document_store import Write
from kiosk.adapters.trust_memory import write_whole

TRIES = 2
"""Starts that may end before settings are confirmed: one power cut is no fault of theirs."""
CONFIRM_S = 10.0
"""Seconds after which a start has lasted."""
_log = logging.getLogger("kiosk")


class Verdict(Enum):
    """Whether a start may go by settings."""

    CONFIRMED = auto()
    """A start with them has lasted."""
    TRYING = auto()
    """This start shows it."""
    GIVEN_UP = auto()
    """They have been tried often enough, or cannot be used: rejected from now on."""
    REJECTED = auto()
    """They were rejected before."""
    NOT_NOTED = auto()
    """That they are tried cannot be written down, so they are not."""


@dataclass(frozen=True, slots=True)
class Trial:
    """How the settings stand; digests in hex, empty for none."""

    confirmed: str = ""
    trying: str = ""
    starts: int = 0
    rejected: str = ""


@dataclass(frozen=True, slots=True)
class TrialBook:
    """The file that says it."""

    path: Path
    write: Write = write_whole

    def read(self) -> Trial:
        """Return what was written; what is damaged says nothing, so that what is stored is tried anew."""
        with suppress(OSError, ValueError, TypeError, RecursionError):
            trial = Trial(**json.loads(self.path.read_bytes()))
            if all(isinstance(one, str) for one in (trial.confirmed, trial.trying, trial.rejected)):
                return replace(trial, starts=trial.starts if type(trial.starts) is int else TRIES)
        return Trial()

    def begin(self, digest: str, fits: Callable[[], bool]) -> Verdict:
        """Say whether this start may go by settings, and write down that it does."""
        trial = self.read()
        tried_enough = trial.trying == digest and trial.starts >= TRIES
        if digest == trial.rejected or tried_enough or not fits():
            self._save(replace(trial, trying="", starts=0, rejected=digest))
            return Verdict.REJECTED if digest == trial.rejected else Verdict.GIVEN_UP
        if digest == trial.confirmed:
            return Verdict.CONFIRMED
        starts = trial.starts if trial.trying == digest else 0
        return Verdict.TRYING if self._save(replace(trial, trying=digest, starts=starts + 1)) else Verdict.NOT_NOTED

    def confirm(self, digest: str) -> bool:
        """Take note that a start has lasted; return whether that could be written down."""
        return self._save(Trial(confirmed=digest))

    def _save(self, trial: Trial) -> bool:
        try:
            self.write(self.path, json.dumps(asdict(trial), sort_keys=True).encode())
        except OSError as error:
            _log.warning("%s: how settings stand cannot be written down (%s)", self.path, error.strerror)
            return False
        return True
