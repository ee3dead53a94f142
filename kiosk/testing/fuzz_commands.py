"""Targets of the fuzzer: what remote commands and their ledger come in (kiosk.testing.fuzz_targets)."""

import json

from kiosk.adapters.command_ledger import LedgerFile
from kiosk.domain.command import CommandName, Moment, topic_of
from kiosk.testing import fuzz_codes as codes
from kiosk.testing.commanding import ADDRESS, ANNA, BINH, KEYS, order
from kiosk.testing.fuzz_target import Target, scratch
from kiosk.verify import command as commands
from kiosk.verify import statement
from kiosk.verify.errors import MalformedError

_MOMENT = Moment(codes.NOW.timestamp(), known=True, mono_ns=0)
_TOPIC = topic_of(ADDRESS, CommandName.OPEN)


def _command(data: bytes) -> object:
    """Verify a command, and what one holds once its signature is good."""
    commands.verify(data, _TOPIC, KEYS, retained=False)
    return commands.verify(statement.sign(data, ANNA, _TOPIC), _TOPIC, KEYS, retained=False)


def _ledger(data: bytes) -> object:
    """Read a ledger; one that can be read can be kept, and is the same then."""
    path = scratch("commands.json")
    path.write_bytes(data)
    ledger = LedgerFile(path, _MOMENT).current
    if ledger is not None:
        LedgerFile(path, _MOMENT).keep(ledger)
        if LedgerFile(path, _MOMENT).current != ledger:
            raise AssertionError("a ledger that was kept is another one")
    return ledger


def _commands() -> list[bytes]:
    """Return commands by one and by two, and what they say."""
    one = order(CommandName.OPEN, 7, codes.NOW, reason="delivery").command
    both = order(CommandName.LOCKDOWN, 8, codes.NOW, ANNA, BINH).command
    return [one, both, commands.encode(commands.claimed(one)), commands.encode(commands.claimed(both))]


def _ledgers() -> list[bytes]:
    said = {"version": 1, "created": 1, "counters": {"a1": 7}, "ids": ["0f" * 16], "unfinished": {"0f" * 16: "open"}}
    return [json.dumps(said).encode()]


TABLE = (
    Target("command", _command, (), _commands, commands.MAX_COMMAND),
    Target("command-claims", commands.read, (MalformedError,), lambda: _commands()[2:], 600),
    Target("command-ledger", _ledger, (), _ledgers, tree=True),
)
