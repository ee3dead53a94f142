"""The devices themselves: found by the settings' path or pattern, opened for this process alone, only ever read."""

import errno
import fcntl
import glob
import os
import stat
import struct
import termios
from contextlib import suppress
from typing import Protocol

from kiosk.config import ScannerSection

_CHUNK = 1 << 14
_IOC_WRITE_INT = 0x40044500
"""_IOW('E', number, int) of linux/input.h without its number; the same on every processor that Linux's evdev knows."""
EVIOCGRAB = _IOC_WRITE_INT | 0x90
EVIOCSCLOCKID = _IOC_WRITE_INT | 0xA0
_CLOCK_MONOTONIC = struct.pack("i", 1)
_OPEN = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


class ScannerLostError(OSError):
    """An imager cannot be read. `found` says what is wrong, `next_step` what to do about it."""

    def __init__(self, found: str, next_step: str, *, busy: bool = False) -> None:
        super().__init__(f"{found}; {next_step}")
        self.found, self.next_step, self.busy = found, next_step, busy


class Device(Protocol):
    """An imager that is open."""

    dated: bool
    """Whether what it gives carries its own times."""

    def fileno(self) -> int:
        """Return the descriptor to wait on."""
        ...

    def read(self) -> bytes:
        """Return what has come; empty: nothing has. Raises OSError when the device is gone."""
        ...

    def discard(self) -> None:
        """Throw away what the kernel holds ready."""
        ...

    def close(self) -> None:
        """Give it back."""
        ...


def missing(device: str) -> ScannerLostError:
    """Return what to say of a device that is not there."""
    step = "plug the imager in, or correct its device in the settings (docs/scanners.md)"
    return ScannerLostError(f"there is no {device}", step)


def locate(device: str) -> str:
    """Return the one path that fits a path or pattern of the settings. Raises ScannerLostError."""
    found = sorted(glob.glob(device))  # noqa: PTH207 -- Path.glob would take ** for a walk through all folders
    # Two names of one device are one device.
    real = {os.path.realpath(path) for path in found}
    if len(real) > 1:
        raise ScannerLostError(f"{len(real)} devices fit {device}", f"name one of them, for example {found[0]}")
    if not found:
        raise missing(device)
    return found[0]


def _open(path: str) -> int:
    try:
        fd = os.open(path, _OPEN)
    except OSError as error:
        raise _lost(path, error) from error
    if not stat.S_ISCHR(os.fstat(fd).st_mode):
        os.close(fd)
        raise ScannerLostError(f"{path} is no device", "correct its device in the settings (docs/scanners.md)")
    return fd


def _lost(path: str, error: OSError) -> ScannerLostError:
    match error.errno:
        case errno.ENOENT | errno.ENODEV | errno.ENXIO:
            return missing(path)
        case errno.EACCES | errno.EPERM:
            step = "run scripts/install again: it lets the kiosk read what the settings name"
            return ScannerLostError(f"{path} may not be read", step)
        case errno.EBUSY:
            step = "end the program that holds it, or the second [[scanner]] that names it"
            return ScannerLostError(f"{path} is held by another program", step, busy=True)
        case _:
            why = (error.strerror or "error").lower()
            return ScannerLostError(f"{path} cannot be read ({why})", "plug the imager out and in again")


def _unfit(path: str, error: OSError, kind: str, step: str) -> ScannerLostError:
    if error.errno in (errno.ENOTTY, errno.EINVAL):
        return ScannerLostError(f"{path} is no {kind}", step)
    return _lost(path, error)


class _Open:
    """A descriptor and how it ends."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def fileno(self) -> int:
        """Return the descriptor to wait on."""
        return self._fd

    def read(self) -> bytes:
        """Return what has come; empty: nothing has. Raises OSError when the device is gone."""
        try:
            data = os.read(self._fd, _CHUNK)
        except BlockingIOError:
            return b""
        if not data:
            raise OSError(errno.EIO, os.strerror(errno.EIO))  # the end of a device's file: it has been hung up
        return data

    def close(self) -> None:
        """Give it back."""
        os.close(self._fd)


class Keyboard(_Open):
    """An imager that types. It is grabbed: what it types reaches no console, no screen and no power key."""

    dated = True

    def __init__(self, path: str) -> None:
        """Open and grab it. Raises ScannerLostError."""
        super().__init__(_open(path))
        try:
            fcntl.ioctl(self._fd, EVIOCGRAB, 1)
            fcntl.ioctl(self._fd, EVIOCSCLOCKID, _CLOCK_MONOTONIC)
        except OSError as error:
            self.close()
            raise _unfit(path, error, "keyboard", 'name its …-event-kbd, or set kind = "serial"') from error

    def discard(self) -> None:
        """Throw nothing away: its events say themselves how old they are."""


class SerialLine(_Open):
    """An imager on a serial line, real or over USB: eight bits, no parity, no flow control, raw."""

    dated = False

    def __init__(self, path: str, baud: int) -> None:
        """Open and set it up. What was sent before is not of this moment, and dropped. Raises ScannerLostError."""
        super().__init__(_open(path))
        speed = getattr(termios, f"B{baud}")
        try:
            fcntl.ioctl(self._fd, termios.TIOCEXCL)
            control = termios.tcgetattr(self._fd)[6]
            control[termios.VMIN], control[termios.VTIME] = 1, 0
            # HUPCL: an imager is told when nobody listens any more, so that it does not keep codes for later.
            flags = termios.CS8 | termios.CREAD | termios.CLOCAL | termios.HUPCL
            raw = [termios.IGNBRK, 0, flags, 0, speed, speed, control]
            termios.tcsetattr(self._fd, termios.TCSANOW, raw)
            self.discard()
        except (OSError, termios.error) as error:
            self.close()
            step = 'correct its device, or set kind = "keyboard"'
            raise _unfit(path, OSError(*error.args), "serial line", step) from error

    def discard(self) -> None:
        """Throw away what the kernel holds ready."""
        with suppress(termios.error):  # it has gone: the next read says so
            termios.tcflush(self._fd, termios.TCIOFLUSH)


def open_device(scanner: ScannerSection) -> Device:
    """Find and open the device of a scanner of the settings. Raises ScannerLostError."""
    path = locate(scanner.device)
    return Keyboard(path) if scanner.kind == "keyboard" else SerialLine(path, scanner.baud)
