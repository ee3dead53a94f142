"""`kiosk export --into DIR`: the events of some days as files, whole and checkable, with what is sealed."""

import argparse
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from kiosk.adapters.journal_query import JournalQuery
from kiosk.app.books import ExportError, Span
from kiosk.app.manager_books import day_span
from kiosk.app.ports import JournalError
from kiosk.cli import trace
from kiosk.cli.output import APPLIANCE, DONE, NEGATIVE, CommandError, print_json
from kiosk.config import KioskConfig


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--into", type=Path, required=True, metavar="DIR", help="make a folder with the files in DIR")
    parser.add_argument("--first", type=_day, metavar="DAY", help="the first day of the venue, such as 2026-01-31")
    parser.add_argument("--last", type=_day, metavar="DAY", help="the last day, which belongs to it")
    parser.add_argument(
        "--config", type=Path, default=Path("/etc/kiosk/kiosk.toml"), metavar="FILE",
        help="settings (default /etc/kiosk/kiosk.toml)",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="one JSON object")


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if not 1970 <= day.year <= 9000:
        raise argparse.ArgumentTypeError(f"'{text[:40]}' is no day; write 2026-01-31")
    return day


def run(options: argparse.Namespace) -> int:
    """Write the files, and say where they are."""
    if options.first is not None and options.last is not None and options.last < options.first:
        raise CommandError("the last day comes before the first; exchange them")
    config = trace.settings(options.config)
    try:
        with trace.books(config) as books:
            numbers = books.numbers_in(_span(config, options))
            if numbers is None:
                raise CommandError("there are no events of those days", NEGATIVE)
            trace.leave_word(config, what="export", seq=numbers[0], last=numbers[1])
            written = _write(config, books, options.into, numbers)
    except JournalError as error:
        raise CommandError(str(error), APPLIANCE) from error
    if options.json:
        print_json({"first": numbers[0], "last": numbers[1], "files": [str(options.into / name) for name in written]})
    else:
        print(f"events {numbers[0]} to {numbers[1]}:")
        for name in written:
            print(f"  {options.into / name}")
    return DONE


def _span(config: KioskConfig, options: argparse.Namespace) -> Span:
    zone = ZoneInfo(config.kiosk.time_zone)
    return Span(
        day_span(options.first, None, zone).begin if options.first is not None else None,
        day_span(options.last, None, zone).end if options.last is not None else None,
    )


def _write(config: KioskConfig, books: JournalQuery, into: Path, numbers: tuple[int, int]) -> tuple[str, ...]:
    try:
        return trace.files(config).events(books, into, numbers)
    except ExportError as error:
        raise CommandError(f"{into}: {trace.EXPORT_FAILS[error.code]}", APPLIANCE) from error
