"""`kiosk command send` and `watch`: a command on its way to a kiosk, and what it answers."""

import argparse
import hashlib
from pathlib import Path

from kiosk.api.messages import CommandResult
from kiosk.cli.command_broker import BrokerLine, add_broker, settings_of
from kiosk.cli.command_key import add_passphrase, read_key
from kiosk.cli.command_sign import add_order, address, order_of, read_file, signed, summary
from kiosk.cli.command_words import meaning
from kiosk.cli.output import DONE, NEGATIVE, CommandError, print_json, printable, say_error
from kiosk.domain.command import Command, Refusal, topic_of

WAIT_S = 20.0
"""An opening is over after 15 seconds, one way or the other."""
_MOST_NONCES = 2
_GOING = ("received", "running")


def add_send(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `send`."""
    add_order(parser, needed=False)
    parser.add_argument("--file", type=Path, metavar="FILE", help="send what `sign` or `countersign` wrote")
    parser.add_argument("--second-key", type=Path, metavar="FILE", help="of the second person, where two have to sign")
    add_passphrase(parser, "second-passphrase", "the second key")
    add_broker(parser)
    parser.add_argument("--wait", type=float, default=WAIT_S, metavar="SECONDS", help=f"for the end ({WAIT_S:.0f})")
    parser.add_argument("--json", action="store_true", help="one JSON object a result")


def add_watch(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `watch`."""
    parser.add_argument("id", nargs="?", metavar="ID", help="of one command; without it, of all")
    parser.add_argument("--kiosk", type=address, metavar="TENANT/SITE/KIOSK", help="of one kiosk (default: of all)")
    add_broker(parser)
    parser.add_argument("--wait", type=float, metavar="SECONDS", help="how long (default: until Ctrl-C, or its end)")
    parser.add_argument("--json", action="store_true", help="one JSON object a result")


def send(options: argparse.Namespace) -> int:
    """Sign and publish a command, and say what becomes of it."""
    if (options.name is None) is (options.file is None):
        raise CommandError("say what to send: a COMMAND, or --file FILE")
    if options.file is not None:
        data, command = read_file(options.file)
        with BrokerLine(options, _results_of(command.audience), say_error) as line:
            return _status(_once(line, options, command, data), options)
    if options.key is None:
        raise CommandError("--key FILE is needed: it signs the command")
    _take_kiosk(options)
    order = order_of(options)
    keys = [read_key(options.key, options.passphrase_file)]
    if options.second_key is not None:
        keys.append(read_key(options.second_key, options.second_passphrase_file))
    with BrokerLine(options, _results_of(order.address), say_error) as line:
        nonce = b""
        for _ in range(1 + _MOST_NONCES):
            command = order.command(nonce)  # with an id, a counter and a time of its own
            end = _once(line, options, command, signed(command, *keys))
            if end is None or end.code != Refusal.CLOCK_UNSET or not end.nonce:
                break
            nonce = bytes.fromhex(end.nonce)
    return _status(end, options)


def _results_of(kiosks: str) -> str:
    return f"gk/1/{kiosks}/up/res/+"


def _take_kiosk(options: argparse.Namespace) -> None:
    """Let the settings of a kiosk say which one is meant, where the arguments do not."""
    if options.kiosk is None and options.config is not None:
        _, config = settings_of(options)
        options.kiosk = config.kiosk.address if config is not None else None


def _once(line: BrokerLine, options: argparse.Namespace, command: Command, data: bytes) -> CommandResult | None:
    """Publish a command; return its end, None where none came in time."""
    if not options.json:
        print(f"{command.id}: {summary(command)}", flush=True)
    # A kiosk that could not verify it answers by its digest.
    names = {command.id, hashlib.sha256(data).digest()[:16].hex()}
    line.publish(topic_of(command.audience, command.name), data)
    begun = False
    for result in line.results(options.wait):
        # Brokers may deliver twice: what is repeated once it was begun is not this command.
        if result.id not in names or (begun and result.code == Refusal.REPEATED):
            continue
        begun = True
        show(result, as_json=options.json)
        if result.state not in _GOING:
            return result
    return None


def _status(end: CommandResult | None, options: argparse.Namespace) -> int:
    if end is None:
        say_error(f"no end was heard of within {options.wait:g} s; `kiosk command watch` shows what comes later")
        return NEGATIVE
    return DONE if end.state == "done" else NEGATIVE


def watch(options: argparse.Namespace) -> int:
    """Show results as they come."""
    _take_kiosk(options)
    wanted = (options.id or "").lower()
    with BrokerLine(options, _results_of(options.kiosk or "+/+/+"), say_error) as line:
        for result in line.results(options.wait):
            if wanted not in ("", result.id):
                continue
            show(result, as_json=options.json)
            if wanted and result.state not in _GOING:
                return DONE if result.state == "done" else NEGATIVE
    return NEGATIVE if wanted else DONE


def show(result: CommandResult, *, as_json: bool) -> None:
    """Print a result as a line, flushed: somebody is waiting."""
    if as_json:
        print_json(result.model_dump(exclude={"type"}))
        return
    why = f": {meaning(result.code)} ({result.code})" if result.code else ""
    said = f"{result.id}: {result.command or 'command'} {result.state.replace('_', ' ')}{why}"
    print(printable(said, 300), flush=True)
