"""Settings made at the touchscreen: versions on the disk, tried at a start like those of the centre, and undone.

`<state>/touchscreen/` has a file a version, `000007.toml`, the newest last, and `trial.json`, their book of trials. The
first version ever kept is an empty one, so that the first change can be undone as well. What is in force is laid out
as `<state>/touchscreen.toml` for the other processes.
"""

import hashlib
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from kiosk.adapters.document_store import Write
from kiosk.adapters.trial import TrialBook, Verdict
from kiosk.adapters.trust_memory import write_whole

KEPT = 10
"""Changes that can be undone."""
_BOOK = "trial.json"
_log = logging.getLogger("kiosk")


class TouchscreenSettings:
    """Keeps the versions. All of it blocks; `begin` is called once, at the start, by the one gate process that runs."""

    def __init__(self, folder: Path, fits: Callable[[bytes], bool], write: Write = write_whole) -> None:
        """`fits` tells whether a start with these settings over the kiosk's own would be possible."""
        self._folder, self._fits, self._write = folder, fits, write
        self._book = TrialBook(folder / _BOOK, write)
        self._lock = threading.Lock()
        self.current: bytes | None = None
        """What this start goes by."""
        self.is_trying = False
        """This start shows whether what it goes by is any good."""
        self.restart_due = False
        """Others wait for the next start."""
        self.was_rejected = False
        """This start has given settings up."""

    def begin(self) -> bytes | None:
        """Return the settings that this start is to go by; None: there are none."""
        for path in reversed(self._versions()):
            content = self._content(path)
            match self._book.begin(_digest(content), lambda content=content: self._fits(content)):  # type: ignore[misc]
                case Verdict.CONFIRMED:
                    self.current = content
                    return content
                case Verdict.TRYING:
                    self.current, self.is_trying = content, True
                    return content
                case Verdict.GIVEN_UP | Verdict.REJECTED:
                    _log.warning("settings: the kiosk did not start well with what was set at its screen: given up")
                    self.was_rejected = True
                    self._drop(path)
                case Verdict.NOT_NOTED:
                    pass
        return None

    def confirm(self) -> bool:
        """Take note that the start has lasted; return whether that is news."""
        with self._lock:
            if not self.is_trying or not self._book.confirm(_digest(self.current or b"")):
                return False
            self.is_trying = False
            return True

    def newest(self) -> bytes:
        """Return what is to be in force from the next start on at the latest."""
        versions = self._versions()
        return self._content(versions[-1]) if versions else b""

    def newest_or_none(self) -> bytes | None:
        """Return the same, None where nothing was ever set here."""
        return self.newest() or None

    def before(self) -> bytes | None:
        """Return the version before the newest; None: there is none."""
        versions = self._versions()
        return self._content(versions[-2]) if len(versions) > 1 else None

    @property
    def can_undo(self) -> bool:
        """Tell whether there is a version before the newest."""
        return len(self._versions()) > 1

    def put(self, content: bytes) -> None:
        """Keep a new version, durably; the next start tries it. Raises OSError."""
        with self._lock:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            versions = self._versions()
            if not versions:
                self._write(self._path(0), b"")
                versions = [self._path(0)]
            self._write(self._path(int(versions[-1].stem) + 1), content)
            for old in versions[: -KEPT or None]:
                self._drop(old)
            self._wait_for_start()

    def undo(self) -> None:
        """Have the version before in the place of the newest, if there is one. Raises OSError."""
        with self._lock:
            versions = self._versions()
            if len(versions) > 1:
                versions[-1].unlink()
                self._wait_for_start()

    def _wait_for_start(self) -> None:
        self.restart_due = self.newest() != (self.current or b"")

    def _versions(self) -> list[Path]:
        return sorted(self._folder.glob("[0-9][0-9][0-9][0-9][0-9][0-9].toml"))

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:06}.toml"

    @staticmethod
    def _content(path: Path) -> bytes:
        try:
            return path.read_bytes()
        except OSError:
            return b"damaged"  # fits nowhere, so that a start gives it up

    @staticmethod
    def _drop(path: Path) -> None:
        with suppress(OSError):
            path.unlink()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
