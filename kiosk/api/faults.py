"""Speaking of a fault of our own without repeating what it was about."""

import traceback
from pathlib import Path


def describe(error: BaseException) -> str:
    """Say what kind of fault it was and where, without its text, which might repeat a code's content."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"
