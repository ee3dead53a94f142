"""The venue's deny list from its file: taken over when it changes, the one before it kept where it is bad."""

import stat
from pathlib import Path

from kiosk.config import ConfigError
from kiosk.deny_file import load_deny_list
from kiosk.domain.deny_list import DenyList


class DenyStore:
    """The deny list in force. Without a path it is empty for ever."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._seen: tuple[int, ...] | None = None
        self.current = DenyList()
        self.problem = ""
        """One sentence on what is wrong with the file; empty where nothing is."""

    def start(self) -> None:
        """Read the file for the first time. Raises ConfigError: without a list nobody knows whom to deny."""
        if self._path is not None:
            self.current = load_deny_list(self._path)
            self.reload()

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
            self.current = load_deny_list(self._path)
        except ConfigError as error:
            self.problem = f"{error}; the deny list before it stays in force"
            return True
        # It names people: whoever else has an account here has no business with it.
        open_to_all = f"{self._path}: everybody here may read who is denied; chmod o-r it"
        self.problem = open_to_all if mode & stat.S_IROTH else ""
        return True
