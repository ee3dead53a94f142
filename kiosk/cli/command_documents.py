"""`kiosk command documents`: what a kiosk keeps of the centre's documents, and which of them is in force."""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kiosk.adapters.document_store import DocumentStore
from kiosk.adapters.documents import DocumentKeeper, RefusedError
from kiosk.adapters.registers import Register
from kiosk.adapters.settings_trial import state_of
from kiosk.cli.output import DONE, NEGATIVE, CommandError, print_json, print_table
from kiosk.cli.run_documents import FOLDER, centre_of
from kiosk.config import ConfigError, KioskConfig, load_own
from kiosk.domain.document import DocumentKind

GOOD = ("in force", "on trial")
_UNUSED: Register[None] = Register(lambda _, __: None, None)
"""Nothing is taken into force here."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One kind as it is kept."""

    kind: DocumentKind
    state: str
    """in force, on trial, or why not: a code of kiosk.domain.document.Refusal."""
    version: int = 0
    by: str = ""
    issued_at: str = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--config", type=Path, default=Path("/etc/kiosk/kiosk.toml"), metavar="FILE",
        help="settings (default /etc/kiosk/kiosk.toml)",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="one JSON object a kind")


def kept(config: KioskConfig) -> Iterator[Kept]:
    """Look at what is stored, by the keys of today, as the next start of the gate would."""
    folder, centre = config.paths.state / FOLDER, centre_of(config)
    store = DocumentStore(folder)
    for kind in DocumentKind:
        data = store.current(kind)
        if not data:
            continue
        try:
            found = DocumentKeeper(kind, store, _UNUSED, centre).verified(data)
        except RefusedError as error:
            yield Kept(kind, error.code.value)
            continue
        state = state_of(folder, found.digest) if kind is DocumentKind.SETTINGS else "in force"
        yield Kept(kind, state, found.document.version, found.by, found.document.issued_at.isoformat())


def run(options: argparse.Namespace) -> int:
    """Show every kind that is there; the exit status is 1 where one of them does not count."""
    try:
        found = list(kept(load_own(options.config)))
    except ConfigError as error:
        raise CommandError(str(error)) from error
    if options.json:
        for one in found:
            print_json({
                "kind": one.kind, "state": one.state, "version": one.version or None, "by": one.by or None,
                "issued_at": one.issued_at or None,
            })  # fmt: skip
    elif found:
        header = ("kind", "version", "by", "issued at", "state")
        print_table(header, ((one.kind, str(one.version or "–"), one.by, one.issued_at, one.state) for one in found))
    else:
        print("nothing from the centre is kept here (or this user may not look: try as root)")
    return DONE if all(one.state in GOOD for one in found) else NEGATIVE
