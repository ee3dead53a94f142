"""`kiosk trace EVENT…`: who shared place and time with some visits, and the file for the health authority."""

import argparse
from contextlib import AbstractContextManager
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from kiosk.adapters import lookups
from kiosk.adapters.clock import SystemClock
from kiosk.adapters.day_keys import DayKeys
from kiosk.adapters.export_files import ExportFiles
from kiosk.adapters.journal_query import JournalQuery
from kiosk.app.books import ExportError, Tracing
from kiosk.app.ports import JournalError
from kiosk.app.tracing import for_authority, trace
from kiosk.cli import trace_open
from kiosk.cli.output import APPLIANCE, DONE, NEGATIVE, CommandError, print_json, print_table
from kiosk.config import ConfigError, KioskConfig, load_config
from kiosk.domain.look_up import LookUpReason
from kiosk.domain.tracing import Stay

MINUTE_S = 60
MOST_MIN = 24 * 60
MOST_EVENTS = 50
EXPORT_FAILS = {
    "no_space": "there is no room left there; free some, or choose another folder",
    "target_gone": "there is no such folder; make it, or put the stick in again",
    "not_writable": "it cannot be written to; try as root, or choose another folder",
}
"""What to do next, by the code of an ExportError."""
_NO_RECORD = "what is on record is not what a gate writes; was the journal changed? keep a copy of it, and report it"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("events", nargs="*", type=_number, metavar="EVENT", help="numbers of admissions")
    parser.add_argument("--why", choices=[one.value for one in LookUpReason], help="the reason, which goes on record")
    parser.add_argument(
        "--margin", type=_minutes, default=0, metavar="MIN", help="minutes before and after a stay that count too (0)"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="write the file for the health authority below DIR")
    parser.add_argument(
        "--config", type=Path, default=Path("/etc/kiosk/kiosk.toml"), metavar="FILE",
        help="settings (default /etc/kiosk/kiosk.toml)",
    )  # fmt: skip
    parser.add_argument("--open", type=Path, metavar="FILE", help="read such a file, where the authority's key is")
    parser.add_argument("--key", type=Path, metavar="FILE", help="with --open: the authority's secret key")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < len(text) <= 18 and int(text)):
        raise argparse.ArgumentTypeError(f"'{text[:40]}' is no number of an event; `kiosk explain` shows them")
    return int(text)


def _minutes(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 4 and int(text) <= MOST_MIN):
        raise argparse.ArgumentTypeError(f"'{text[:40]}' are no minutes; write 0 to {MOST_MIN}")
    return int(text)


def run(options: argparse.Namespace) -> int:
    """Trace, or open what a trace has written."""
    if options.open is not None:
        if options.events or options.key is None:
            raise CommandError("--open is for a file and --key, without events")
        return trace_open.run(options.open, options.key, as_json=options.json)
    if not options.events or options.why is None:
        raise CommandError("name the admissions' numbers, and with --why the reason; `kiosk trace --help` shows how")
    if len(options.events) > MOST_EVENTS:
        raise CommandError(f"at most {MOST_EVENTS} visits are traced at once; leave some out")
    return _trace(options)


def settings(path: Path) -> KioskConfig:
    """Read the settings. Raises CommandError."""
    try:
        return load_config(path)
    except ConfigError as error:
        raise CommandError(str(error)) from error


def books(config: KioskConfig) -> AbstractContextManager[JournalQuery]:
    """Open the journal for a look. Raises JournalError."""
    return JournalQuery(config.paths.state / "journal.db", DayKeys(config.paths.state / "day-keys"))


def files(config: KioskConfig) -> ExportFiles:
    """Return who writes files of this kiosk."""
    clock = SystemClock(trust_system=config.clock.trust_system)
    return ExportFiles(config.kiosk.id, clock, ZoneInfo(config.kiosk.time_zone))


def leave_word(config: KioskConfig, *, what: str, seq: int, why: str = "", last: int | None = None) -> None:
    """Put a look-up on its way into the journal. Nothing is shown before. Raises CommandError."""
    folder = config.paths.state / "lookups"
    try:
        lookups.leave(
            folder, what=what, seq=seq, uid=lookups.user(), at=SystemClock().now(), why=why, last=last
        )  # fmt: skip
    except OSError as error:
        fault = (error.strerror or "error").lower()
        raise CommandError(
            f"{folder}: the look-up cannot be put on record ({fault}); try as root", APPLIANCE
        ) from error


def _trace(options: argparse.Namespace) -> int:
    config = settings(options.config)
    try:
        with books(config) as journal:
            for number in options.events:
                leave_word(config, what="trace", seq=number, why=options.why)
            found = trace(
                journal, options.events, margin_s=options.margin * MINUTE_S,
                usual_s=config.privacy.stay_minutes * MINUTE_S,
            )  # fmt: skip
            if not found.asked:
                raise CommandError(
                    "none of them is an admission that can be traced; are they older than `keep_days`?", NEGATIVE
                )
            written = _write(config, journal, found, options) if options.out is not None else ()
        _say(found, written, options, ZoneInfo(config.kiosk.time_zone))
    except JournalError as error:
        raise CommandError(str(error), APPLIANCE) from error
    except (ValueError, OverflowError) as error:
        raise CommandError(_NO_RECORD, APPLIANCE) from error
    return DONE


def _write(
    config: KioskConfig, journal: JournalQuery, found: Tracing, options: argparse.Namespace
) -> tuple[str, ...]:  # fmt: skip
    try:
        return files(config).trace(journal, options.out, found, why=options.why, margin_min=options.margin)
    except ExportError as error:
        raise CommandError(f"{options.out}: {EXPORT_FAILS[error.code]}", APPLIANCE) from error


def _say(found: Tracing, written: tuple[str, ...], options: argparse.Namespace, zone: tzinfo) -> None:
    if options.json:
        said = for_authority(found, why=options.why, margin_min=options.margin)
        print_json({**said, "count": len(found.contacts), "unnamed": found.unnamed, "files": list(written)})
        return
    print_table(("visit", "from", "to", "seen to leave"), [_row(stay, zone) for stay in found.asked])
    print(f"\nothers who were here at the same time: {len(found.contacts)}; nobody can name of them: {found.unnamed}")
    if written:
        print(f"for the health authority: {options.out / written[0]}")
    elif found.contacts:
        print()
        print_table(
            ("event", "from", "to", "seen to leave", "minutes shared"),
            [(*_row(one.stay, zone), f"{one.shared_s // MINUTE_S}") for one in found.contacts],
        )


def _row(stay: Stay, zone: tzinfo) -> tuple[str, str, str, str]:
    begins, ends = (datetime.fromtimestamp(at, UTC).astimezone(zone) for at in (stay.begins, stay.ends))
    return str(stay.seq), f"{begins:%Y-%m-%d %H:%M}", f"{ends:%Y-%m-%d %H:%M}", "yes" if stay.left else "no"
