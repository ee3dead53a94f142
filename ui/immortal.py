"""A guard against one broken pair: Python before 3.12 with a PySide6 that was built for later ones.

PySide6 6.12.0 returns None, True and False without counting the reference, which is right where these
objects are immortal (Python 3.12 on) and kills the process after some thousand calls where they are not.
"""

import ctypes
import sys

_FOREVER = 1 << 60
_SINGLES = (None, True, False, NotImplemented, ...)


def make_singletons_immortal() -> None:
    """Give the interpreter's single objects so many references that they are never freed; once a process."""
    if sys.version_info >= (3, 12) or sys.getrefcount(None) >= _FOREVER:
        return
    for single in _SINGLES:
        ctypes.c_ssize_t.from_address(id(single)).value += _FOREVER
