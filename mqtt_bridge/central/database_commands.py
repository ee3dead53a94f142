"""`python -m mqtt_bridge.central migrate | report`: what is done with the database beside the consumers.

Exit status 0: done, nothing wrong; 1: the report has found something; 2: wrong usage; 3: the database cannot be used.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path

from mqtt_bridge.central.audit import CURSORS, EVENTS, KNOWN, Flaw, audit
from mqtt_bridge.central.databases import DATABASE_HELP, is_url, open_store
from mqtt_bridge.central.migrations import HEAD
from mqtt_bridge.central.report import GAP_S, MAX_FLAWS, report, table
from mqtt_bridge.central.store import Store, StoreError

_DAY_S = 86_400


def _parser(name: str, description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m mqtt_bridge.central {name}", description=description)
    parser.add_argument("--database", required=True, metavar="FILE|URL", help=DATABASE_HELP)
    return parser


def migrate(argv: Sequence[str]) -> int:
    """Bring the schema up to date, as every consumer does when it starts."""
    parser = _parser("migrate", "Brings the database's schema up to date; a file of SQLite is made where none is.")
    where = parser.parse_args(argv).database
    try:
        open_store(where).close()
    except StoreError as error:
        print(error, file=sys.stderr)
        return 3
    print(f"the schema is up to date (revision {HEAD})")
    return 0


def tell(argv: Sequence[str]) -> int:
    """Print what the database holds and what is wrong with it."""
    parser = _parser("report", "Tells what is stored of every kiosk, and what is missing, repeated or broken.")
    parser.add_argument("--json", action="store_true", help="for machines")
    parser.add_argument("--gap-minutes", type=float, default=GAP_S / 60, help="a gap may be open for so long")
    parser.add_argument("--days", type=float, help="only findings and dead letters of the last days; default: all")
    parser.add_argument(
        "--audit", action="store_true", help="read every event again: was anything altered or removed since it came?"
    )
    arguments = parser.parse_args(argv)
    if not is_url(arguments.database) and not Path(arguments.database).is_file():
        parser.error(f"--database: there is no file {arguments.database}")
    now = int(time.time())
    since = 0 if arguments.days is None else int(now - arguments.days * _DAY_S)
    try:
        with closing(open_store(arguments.database)) as store, store.moment():
            told = report(store.rows, now, gap_s=int(arguments.gap_minutes * 60), since=since)
            if arguments.audit:
                told = replace(told, flaws=_flaws(store))
    except StoreError as error:
        print(error, file=sys.stderr)
        return 3
    print(json.dumps({**asdict(told), "wrong": told.is_wrong}) if arguments.json else table(told))
    return int(told.is_wrong)


def _flaws(store: Store) -> tuple[Flaw, ...]:
    found = audit(store.stream(EVENTS), store.rows(CURSORS), store.rows(KNOWN))
    return tuple(islice(found, MAX_FLAWS))


COMMANDS = {"migrate": migrate, "report": tell}
