"""`kiosk explain EVENT`: why a decision was what it was, and whether it would be the same today."""

import argparse
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from kiosk.adapters import lookups, trust_files
from kiosk.adapters.clock import SystemClock
from kiosk.adapters.day_keys import DayKeyError, DayKeys
from kiosk.adapters.journal_reader import JournalReader
from kiosk.adapters.policy_archive import PolicyArchive, read_policy
from kiosk.api.sentences import full_languages
from kiosk.app import explain
from kiosk.app.ports import JournalError
from kiosk.cli import explain_words
from kiosk.cli.output import APPLIANCE, DONE, NEGATIVE, CommandError, print_json, printable
from kiosk.config import ConfigError, KioskConfig, load_config
from kiosk.domain.events import Event
from kiosk.domain.policy import Policy
from kiosk.domain.trust import TrustError
from kiosk.verify import replay

_CONFIG = Path("/etc/kiosk/kiosk.toml")
_NO_RECORD = "event {} does not say what a gate writes; was the journal changed? keep a copy of it, and report it"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("event", metavar="EVENT", help="an event's number, a visit, or `last`: the newest decision")
    parser.add_argument("--config", type=Path, metavar="FILE", help=f"settings (default {_CONFIG})")
    parser.add_argument("--state", type=Path, metavar="DIR", help="the kiosk's state folder, without settings")
    parser.add_argument("--language", choices=full_languages(), default="en", help="language of the answer (en)")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def _find(reader: JournalReader, name: str) -> Event:
    if name == "last":
        event = reader.last_decision()
    elif name.isascii() and name.isdecimal():
        event = reader.event(int(name[:18]))
    else:
        event = reader.decision_on(name)
    if event is None and name.isdecimal() and int(name[:18]) <= reader.dropped:
        raise CommandError(f"event {name[:18]} is older than this kiosk keeps them; ask the centre for it", NEGATIVE)
    if event is None:
        what = "no decision" if name == "last" else f"no event and no decided visit '{name[:40]}'"
        raise CommandError(f"{what} is on record; an event is a number, a visit's name, or `last`", NEGATIVE)
    return event


def _inputs(reader: JournalReader, state: Path, event: Event) -> tuple[replay.Inputs | None, str]:
    """Return the kept inputs, or the key of the sentence that says why there are none."""
    kept = reader.kept(event.seq)
    if kept is None:
        return None, "kept_never"
    keys = DayKeys(state / "day-keys")
    try:
        if kept[0] not in keys.names():
            return None, "key_gone"
        return replay.decode(keys.open(*kept, event.epoch, event.seq)), ""
    except (DayKeyError, replay.ReplayError):
        return None, "kept_foreign"
    except OSError as error:
        raise CommandError(f"{error.filename or state}: cannot be read; try as root", APPLIANCE) from error


def _then(state: Path, event: Event) -> Policy | None:
    try:
        return PolicyArchive(state / "policies").load(str(event.data.get("policy_digest", "")))
    except (ConfigError, OSError):
        return None


def _today(config: KioskConfig) -> explain.Today:
    """Return what decisions are made by now. Raises ConfigError or TrustError."""
    clock = SystemClock(trust_system=config.clock.trust_system)
    policy, _ = read_policy(config.paths.policy)
    max_age = timedelta(days=config.trust.max_age_days)
    trust = trust_files.load(
        config.paths.trust, config.paths.trust_key, max_age=max_age,
        centre=trust_files.centre(config.paths.state, config.trust.centre_key),
        accept_stale=config.trust.accept_stale_DANGEROUS,
        revocation_max_age=timedelta(days=config.trust.revocation_max_age_days),
    )  # fmt: skip
    now = clock.now().astimezone(ZoneInfo(config.kiosk.time_zone))
    return explain.Today(policy, trust, now, clock.confidence())


def _investigate(reader: JournalReader, state: Path, event: Event, config: KioskConfig | None) -> explain.Findings:
    others = tuple(other for other in reader.of_visit(event.visit) if other.seq != event.seq)
    found = explain.Findings(event, reader.is_chained(event), others)
    if not explain.is_decision(event):
        return found
    found.inputs, found.why_not = _inputs(reader, state, event)
    if found.inputs is None:
        return found
    then = _then(state, event)
    if then is None:
        found.why_not = "policy_gone"
        return found
    rules = then.country_rules.version if then.country_rules is not None else None
    if rules != event.data.get("country_rules"):
        found.why_not = "rules_gone"  # an archive from before it held all of them
        return found
    found.again = explain.replayed(then, found.inputs)
    if config is None:
        found.why_not_today = "no_config"
        return found
    try:
        found.today = explain.compare(then, found.inputs, _today(config))
    except (ConfigError, TrustError) as error:
        found.why_not_today = str(error)
    return found


def _leave_word(state: Path, event: Event) -> None:
    """Put the look-up on its way into the journal. Nothing is shown before."""
    try:
        lookups.leave(state / "lookups", what="explain", seq=event.seq, uid=lookups.user(), at=SystemClock().now())
    except OSError as error:
        why = (error.strerror or "error").lower()
        raise CommandError(
            f"{state / 'lookups'}: the look-up cannot be put on record ({why}); try as root", APPLIANCE
        ) from error


def _places(options: argparse.Namespace) -> tuple[Path, KioskConfig | None]:
    """Return the state folder, and the settings where there are any."""
    if options.state is not None and options.config is None:
        return options.state, None
    try:
        config = load_config(options.config or _CONFIG)
    except ConfigError as error:
        raise CommandError(str(error)) from error
    return options.state or config.paths.state, config


def run(options: argparse.Namespace) -> int:
    """Explain one event."""
    state, config = _places(options)
    try:
        with closing(JournalReader(state / "journal.db")) as reader:
            event = _find(reader, options.event)
            _leave_word(state, event)
            found = _investigate(reader, state, event, config)
    except JournalError as error:
        raise CommandError(str(error), APPLIANCE) from error
    try:
        holds = found.holds
        said, lines = explain_words.as_json(found), list(explain_words.lines(found, options.language))
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        raise CommandError(_NO_RECORD.format(event.seq), APPLIANCE) from error
    if options.json:
        print_json(said)
    else:
        for line in lines:
            print(printable(line, 1000))
    return DONE if holds else APPLIANCE
