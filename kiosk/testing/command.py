"""The command line as a process of its own, and what it said."""

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import segno

Finished = subprocess.CompletedProcess[bytes]


class RudeError(AssertionError):
    """A command said something else than one sentence of ours."""


def kiosk(
    *words: object, text: bytes = b"", env: Mapping[str, str] | None = None, before: Iterable[str] = ()
) -> Finished:
    """Run `kiosk` with these words and this standard input; `before` is a command that runs it."""
    said = (word if isinstance(word, bytes) else str(word) for word in words)
    command = [*before, sys.executable, "-m", "kiosk", *said]
    return subprocess.run(command, input=text, capture_output=True, timeout=60, env=env, check=False)


def one_sentence(process: Finished) -> str:
    """Return what stands on standard error. Raises RudeError where it is not one line of ours."""
    said = process.stderr.decode()
    if not said.startswith("kiosk: ") or said.count("\n") != 1 or "Traceback" in said:
        raise RudeError(said)
    return said


def objects(process: Finished) -> list[Any]:
    """Return what `--json` printed, line by line."""
    return [json.loads(line) for line in process.stdout.decode().splitlines()]


def picture(folder: Path, text: str, name: str = "code.png") -> Path:
    """Draw a text as a QR code and return the file."""
    path = folder / name
    segno.make_qr(text, error="m").save(str(path), scale=4)
    return path
