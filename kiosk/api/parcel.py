"""Handing over bytes that are too many for a line: a sealed memory file beside it (SCM_RIGHTS)."""

import fcntl
import os

_SEALS = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL


class ParcelError(ValueError):
    """The descriptor holds no parcel of this size."""


def pack(data: bytes) -> int:
    """Return the descriptor of a memory file that holds `data` and cannot change any more; the caller closes it."""
    fd = os.memfd_create("kiosk-parcel", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        with open(fd, "wb", closefd=False) as file:
            file.write(data)
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, _SEALS)
    except OSError:
        os.close(fd)
        raise
    return fd


def unpack(fd: int, size: int) -> bytes:
    """Return the `size` bytes of a parcel; the descriptor stays the caller's. Raises ParcelError.

    Anything but a sealed memory file is refused: reading a pipe might never end, and a file might change meanwhile.
    """
    try:
        sealed = fcntl.fcntl(fd, fcntl.F_GET_SEALS) & _SEALS == _SEALS
        if not sealed or os.fstat(fd).st_size != size:
            raise ParcelError("not a sealed memory file of the size that was said")
        return os.pread(fd, size, 0)
    except OSError as error:
        raise ParcelError("not a memory file") from error
