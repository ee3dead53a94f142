"""`kiosk occupancy`: how many people are inside by this kiosk's count, and what staff has counted."""

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from kiosk.adapters import lookups
from kiosk.adapters.clock import SystemClock
from kiosk.adapters.entry_counts import Numbers
from kiosk.adapters.journal_reader import JournalReader
from kiosk.adapters.policy_archive import read_policy
from kiosk.app.ports import JournalError
from kiosk.cli.output import APPLIANCE, DONE, NEGATIVE, CommandError, print_json, printable
from kiosk.cli.words import languages, words
from kiosk.config import ConfigError, KioskConfig, load_config
from kiosk.domain import occupancy
from kiosk.domain.events import Event
from kiosk.domain.policy import Policy
from kiosk.domain.policy_terms import Counted

WAIT_S = 5.0
"""How long `set` waits for the gate, which looks every second."""
_STEP_S = 0.1
_NO_RECORD = "what staff counted is not on record as a gate writes it; was the journal changed? keep a copy of it"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    what = parser.add_subparsers(dest="what", metavar="show|set", title="what to do")
    _common(parser)
    _common(what.add_parser("show", help="say how many people are inside, and how certain that is (so without a word)"))
    counted = what.add_parser("set", help="put on record how many people staff has counted inside")
    counted.add_argument("people", type=_people, metavar="NUMBER", help="how many people are inside now")
    counted.add_argument("--by", type=_code, default="staff", metavar="WHO", help="who counted (staff)")
    counted.add_argument("--why", type=_code, metavar="CODE", help="a code such as shift_change, no name")
    _common(counted)


def _common(parser: argparse.ArgumentParser) -> None:
    # What stands before `show` or `set` is kept where it is not said again behind it.
    keep = argparse.SUPPRESS if parser.prog.count(" ") > 1 else None
    parser.add_argument(
        "--config", type=Path, default=keep or Path("/etc/kiosk/kiosk.toml"), metavar="FILE",
        help="settings (default /etc/kiosk/kiosk.toml)",
    )  # fmt: skip
    parser.add_argument("--language", choices=languages(), default=keep or "en", help="language of the answer (en)")
    parser.add_argument("--json", action="store_true", default=keep or False, help="one JSON object")


def _people(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 7 and int(text) <= lookups.MAX_PEOPLE):
        raise argparse.ArgumentTypeError(f"'{text[:40]}' is no number of people; write 0 to {lookups.MAX_PEOPLE}")
    return int(text)


def _code(text: str) -> str:
    if not lookups.is_code(text):
        raise argparse.ArgumentTypeError(f"'{text[:40]}' is no code; write a to z and _, such as shift_change")
    return text


def run(options: argparse.Namespace) -> int:
    """Show the number, or put one on record."""
    try:
        config = load_config(options.config)
        policy, _ = read_policy(config.paths.policy)
    except ConfigError as error:
        raise CommandError(str(error)) from error
    try:
        with closing(JournalReader(config.paths.state / "journal.db")) as reader:
            return _set(reader, config, options) if options.what == "set" else _show(reader, config, policy, options)
    except JournalError as error:
        raise CommandError(str(error), APPLIANCE) from error
    except (TypeError, ValueError) as error:
        raise CommandError(_NO_RECORD, APPLIANCE) from error


def _show(reader: JournalReader, config: KioskConfig, policy: Policy, options: argparse.Namespace) -> int:
    now = SystemClock(trust_system=config.clock.trust_system).now().astimezone(ZoneInfo(config.kiosk.time_zone))
    since = occupancy.counting_since(now, occupancy.reset_of(policy))
    numbers = reader.numbers(since)
    counted = reader.event(numbers.counted) if numbers.counted else None
    if options.json:
        print_json(_as_json(numbers, since, counted, policy))
    else:
        for line in _lines(numbers, since, counted, policy, options.language):
            print(printable(line, 1000))
    return DONE


def _level(numbers: Numbers, policy: Policy) -> int | None:
    if policy.capacity is None:
        return None
    admissions = policy.capacity.counts is Counted.ADMISSIONS
    return occupancy.level(numbers.arrivals if admissions else numbers.inside, policy.capacity)


def _as_json(numbers: Numbers, since: datetime, counted: Event | None, policy: Policy) -> dict[str, object]:
    by_staff = None if counted is None else {
        "people": counted.data.get("people"), "by": counted.data.get("by"), "at": counted.data.get("at"),
        "event": counted.seq,
    }  # fmt: skip
    return {
        "inside": numbers.inside, "since": since.isoformat(), "certain": numbers.certain,
        "arrivals": numbers.arrivals, "confirmed": numbers.confirmed, "counted": by_staff,
        "capacity": policy.capacity.people if policy.capacity is not None else None, "level": _level(numbers, policy),
    }  # fmt: skip


def _lines(
    numbers: Numbers, since: datetime, counted: Event | None, policy: Policy, language: str
) -> Iterator[str]:
    say = words(language)
    yield say["occupancy.inside"].format(people=numbers.inside, since=f"{since:%Y-%m-%d %H:%M}")
    if counted is not None:
        at = datetime.fromisoformat(str(counted.data.get("at"))).astimezone(since.tzinfo)
        said = {"people": counted.data.get("people"), "by": counted.data.get("by"), "time": f"{at:%H:%M}"}
        yield say["occupancy.counted"].format(**said)
    yield say["occupancy.passed"].format(arrivals=numbers.arrivals, confirmed=numbers.confirmed)
    level = _level(numbers, policy)
    if policy.capacity is not None:
        yield say[f"occupancy.room_{level}"].format(capacity=policy.capacity.people)
    yield say["occupancy.certain" if numbers.certain else "occupancy.unsure"]


def _set(reader: JournalReader, config: KioskConfig, options: argparse.Namespace) -> int:
    after, folder = reader.last(), config.paths.state / "lookups"
    now = SystemClock(trust_system=config.clock.trust_system).now()
    try:
        word = lookups.leave_count(
            folder, options.people, by=options.by, why=options.why or "", uid=lookups.user(), at=now
        )
    except OSError as error:
        why = (error.strerror or "error").lower()
        raise CommandError(f"{folder}: the number cannot be put on record ({why}); try as root", APPLIANCE) from error
    event = wait_for(lambda: reader.count_by_staff(word, after))
    applied = event is not None and event.data.get("applied") is True
    said: dict[str, object] = {
        "people": options.people, "was": event.data.get("was") if event is not None else None,
        "event": event.seq if event is not None else None, "applied": applied,
    }  # fmt: skip
    if options.json:
        print_json(said)
    else:
        key = "set" if applied else "set_late" if event is not None else "set_open"
        print(printable(words(options.language)[f"occupancy.{key}"].format(**said), 1000))
    return DONE if applied else NEGATIVE


def wait_for(look: Callable[[], Event | None], pause: Callable[[float], None] = time.sleep) -> Event | None:
    """Look again and again, for `WAIT_S` at most; None where nothing came."""
    for _ in range(round(WAIT_S / _STEP_S)):
        event = look()
        if event is not None:
            return event
        pause(_STEP_S)
    return look()
