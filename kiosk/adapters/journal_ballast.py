"""Half a megabyte that is held until the disk is full, and then given to the record that says so."""

import errno
import os
import shutil
from contextlib import suppress
from pathlib import Path

SIZE = 512 << 10
"""Enough for a record, and for most of what waits in the write-ahead log."""
_BLOCK = 512


class Ballast:
    """A file of real blocks beside the journal."""

    def __init__(self, journal: Path) -> None:
        self._path = journal.with_name(journal.name + ".ballast")

    @property
    def is_held(self) -> bool:
        """Tell whether it is there and whole: there was room for it at least."""
        try:
            stat = self._path.stat()
        except OSError:
            return False
        return stat.st_size >= SIZE and stat.st_blocks * _BLOCK >= SIZE

    def hold(self, beside: int = 0) -> None:
        """Take the room, where at least so many bytes stay free beside it. Raises OSError where there is none."""
        missing = 0 if self.is_held else SIZE
        if beside and shutil.disk_usage(self._path.parent).free < missing + beside:
            raise OSError(errno.ENOSPC, "the disk is full")
        if not missing:
            return
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.posix_fallocate(fd, 0, SIZE)
            os.fsync(fd)
        except OSError:
            self.free()
            raise
        finally:
            os.close(fd)

    def free(self) -> None:
        """Give the room away."""
        with suppress(OSError):
            self._path.unlink()
