"""The deny list in force: the venue's own file, taken over when it changes, and the centre's list beside it."""

import stat
import threading
from collections.abc import Callable
from pathlib import Path

from kiosk.config import ConfigError
from kiosk.deny_file import load_deny_list, read_deny_list
from kiosk.domain.deny_list import DenyList
from kiosk.domain.document import Files


class DenyStore:
    """Whoever is on either list is denied: none of the two can take back what the other says.

    Without a path the venue has no list of its own. May be used from several threads.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._seen: tuple[int, ...] | None = None
        self._own = self._centre = DenyList()
        self._lock = threading.Lock()
        self.current = DenyList()
        self.problem = ""
        """One sentence on what is wrong with the file; empty where nothing is."""

    def start(self) -> None:
        """Read the file for the first time. Raises ConfigError: without a list nobody knows whom to deny."""
        if self._path is not None:
            self._join(own=load_deny_list(self._path))
            self.reload()

    def check(self, files: Files) -> Callable[[], None]:
        """Read the centre's list; return what takes it into force. Raises ConfigError."""
        name, content = next(iter(files.items()))
        new = read_deny_list(content, name)
        return lambda: self._join(centre=new)

    def _join(self, own: DenyList | None = None, centre: DenyList | None = None) -> None:
        with self._lock:
            self._own = self._own if own is None else own
            self._centre = self._centre if centre is None else centre
            self.current = self._own.joined(self._centre)

    def reload(self) -> bool:
        """Look at the file again; return whether anything changed, for better or worse."""
        if self._path is None:
            return False
        seen: tuple[int, ...] = ()
        mode = 0
        try:
            found = self._path.stat()
            mode = stat.S_IMODE(found.st_mode)
            seen = (found.st_mtime_ns, found.st_size, found.st_ino, mode)
        except OSError:
            pass  # reading it says what is wrong
        if seen == self._seen:
            return False
        self._seen = seen
        try:
            self._join(own=load_deny_list(self._path))
        except ConfigError as error:
            self.problem = f"{error}; the deny list before it stays in force"
            return True
        # It names people: whoever else has an account here has no business with it.
        open_to_all = f"{self._path}: everybody here may read who is denied; chmod o-r it"
        self.problem = open_to_all if mode & stat.S_IROTH else ""
        return True
