"""What commands print: one sentence for an error, a plain table for people, JSON lines for machines."""

import argparse
import contextlib
import io
import json
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from kiosk.domain.symbology import Symbology

DONE, NEGATIVE, USAGE, APPLIANCE = 0, 1, 2, 3


class CommandError(Exception):
    """Ends a command with one sentence that says what to do next."""

    def __init__(self, sentence: str, status: int = USAGE) -> None:
        super().__init__(sentence)
        self.status = status


def take_every_character() -> None:
    """Let the standard streams write what their encoding lacks as an escape: no file's name may end a command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def moment(text: str) -> datetime:
    """Read an argument that is a time, with or without a zone, in years that leave room for reckoning."""
    with contextlib.suppress(ValueError):
        when = datetime.fromisoformat(text)
        if 1970 <= when.year <= 9000:
            return when
    raise argparse.ArgumentTypeError(f"'{text[:40]}' is no time; write 2026-01-31T08:00")


def moment_utc(text: str) -> datetime:
    """Read an argument as `moment` does; a time without a zone is in UTC."""
    when = moment(text)
    return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)


def exists(path: Path) -> bool:
    """Tell whether a path is there, as far as this user may look."""
    try:
        return path.exists()
    except OSError:  # a folder that this user may not look into
        return False


def read_bounded(path: Path, most: int, otherwise: str) -> bytes:
    """Read a file of at most so many bytes. Raises CommandError; `otherwise` says what is wrong with a larger one."""
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise CommandError(f"{path}: cannot be read ({(error.strerror or 'error').lower()})") from error
    if len(data) > most:
        raise CommandError(f"{path}: {otherwise}")
    return data


def add_symbologies(parser: argparse.ArgumentParser) -> None:
    """Declare the argument for the kinds of code that are read in pictures."""
    parser.add_argument(
        "--symbologies", type=_symbologies, default="qr", metavar="LIST",
        help="kinds of code to look for in pictures: qr (default), or qr,code128 for the labels of sample tubes",
    )  # fmt: skip


def _symbologies(text: str) -> tuple[Symbology, ...]:
    asked = [one.strip() for one in text.split(",")]
    known = [Symbology.QR, Symbology.CODE128]
    if not set(asked) <= set(known):
        raise argparse.ArgumentTypeError(f"'{text[:40]}' is no list of qr and code128; write qr,code128")
    return tuple(one for one in known if one in asked)


def say_error(sentence: str) -> None:
    """Print one sentence on standard error."""
    print(f"kiosk: {printable(sentence, 1000)}", file=sys.stderr)


def print_json(value: object) -> None:
    """Print one JSON object on a line of its own."""
    print(json.dumps(value, ensure_ascii=False), flush=True)


def printable(text: str, limit: int = 80) -> str:
    """Return `text` fit for a terminal: bounded, with control characters made visible."""
    shown = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text[: limit + 1])
    return shown[:limit] + "…" if len(shown) > limit else shown


def print_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows in columns."""
    lines = [list(header), *([printable(cell, 1000) for cell in row] for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(header))]
    for number, line in enumerate(lines):
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
        if number == 0:
            print("  ".join("─" * width for width in widths))
