"""What a target of the fuzzer is, and where its files lie."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory


@dataclass(frozen=True, slots=True)
class Target:
    """One parser: called with any bytes, it returns, or raises one of its refusals."""

    name: str
    run: Callable[[bytes], object]
    refusals: tuple[type[Exception], ...] = ()
    seeds: Callable[[], Sequence[bytes]] = tuple
    limit: int = 4096
    """Bytes of an input."""
    tree: bool = False
    """Inputs are JSON, to be changed as trees."""


@cache
def _folder() -> "TemporaryDirectory[str]":
    return TemporaryDirectory(prefix="kiosk-fuzz-")


def scratch(name: str) -> Path:
    """Return a path for a parser of files; its folder is this process's own, and goes when the process ends."""
    return Path(_folder().name) / name
