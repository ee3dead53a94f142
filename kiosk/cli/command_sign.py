"""`kiosk command sign` and `countersign`: commands in files, for two people who are not in one place."""

import argparse
import os
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.adapters.clock import SystemClock
from kiosk.cli.command_key import add_passphrase, read_key
from kiosk.cli.output import DONE, CommandError, print_json, printable
from kiosk.domain.command import (
    BY_TWO,
    ID_SIZE,
    NONCE_SIZE,
    OPENING_MAX_S,
    OTHERS_MAX_S,
    Command,
    CommandName,
    topic_of,
)
from kiosk.domain.situation import Direction
from kiosk.verify import command as commands
from kiosk.verify import statement
from kiosk.verify.errors import MalformedError

_USUAL_S = 900
"""How long a command is good for that is no opening: time enough for a second signature."""
_ADDRESS = re.compile(r"[a-z0-9][a-z0-9-]{0,62}(/[a-z0-9][a-z0-9-]{0,62}){2}")
_CODE = re.compile(r"[a-z][a-z_]{0,31}")


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody wants done, each time it is signed."""

    name: CommandName
    address: str
    direction: Direction
    reason: str
    good_for_s: int

    def command(self, nonce: bytes = b"") -> Command:
        """Return it as a command of this moment. The clock's milliseconds are the counter."""
        now = SystemClock().now().timestamp()
        return Command(
            secrets.token_hex(ID_SIZE), self.name, self.address, int(now), int(now) + self.good_for_s,
            int(now * 1000), self.direction, self.reason, nonce,
        )  # fmt: skip


def add_order(parser: argparse.ArgumentParser, *, needed: bool = True) -> None:
    """Declare the arguments that say what is to be done, and by whose key."""
    parser.add_argument(
        "name", metavar="COMMAND", choices=list(CommandName), nargs=None if needed else "?",
        help=f"what to do: {', '.join(CommandName)}",
    )  # fmt: skip
    parser.add_argument("--kiosk", type=address, metavar="TENANT/SITE/KIOSK", help="which kiosk")
    parser.add_argument("--key", type=Path, required=needed, metavar="FILE", help="your private key, NAME.key.pem")
    add_passphrase(parser, "passphrase", "your key")
    parser.add_argument("--direction", choices=list(Direction), default=Direction.ENTRY, help="of an opening (entry)")
    parser.add_argument("--reason", type=_code, metavar="CODE", help="of an opening, as in delivery")
    parser.add_argument(
        "--for", dest="seconds", type=_seconds, metavar="SECONDS",
        help=f"how long it is good for (an opening: {OPENING_MAX_S}, others: {_USUAL_S}, at most {OTHERS_MAX_S})",
    )  # fmt: skip


def add_sign(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `sign`."""
    add_order(parser)
    parser.add_argument("--nonce", type=_nonce, default=b"", metavar="HEX", help="given by a kiosk without a clock")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="where the signed command goes")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def add_countersign(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `countersign`."""
    parser.add_argument("file", type=Path, metavar="FILE", help="a command that somebody else has signed")
    parser.add_argument("--key", type=Path, required=True, metavar="FILE", help="your private key, NAME.key.pem")
    add_passphrase(parser, "passphrase", "your key")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="where the command with both goes")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def address(text: str) -> str:
    """Read an argument that says where a kiosk stands."""
    if not _ADDRESS.fullmatch(text):
        raise argparse.ArgumentTypeError(f"'{text[:40]}' is no kiosk; write TENANT/SITE/KIOSK, as in local/main/gate-1")
    return text


def _code(text: str) -> str:
    if not _CODE.fullmatch(text):
        raise argparse.ArgumentTypeError(f"'{text[:40]}' is no code; write a to z and _, such as delivery")
    return text


def _seconds(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 5 and 1 <= int(text) <= OTHERS_MAX_S):
        raise argparse.ArgumentTypeError(f"'{text[:40]}' is no time; write 1 to {OTHERS_MAX_S} seconds")
    return int(text)


def _nonce(text: str) -> bytes:
    if not re.fullmatch(f"[0-9a-f]{{{2 * NONCE_SIZE}}}", text):
        raise argparse.ArgumentTypeError(f"'{text[:40]}' is no nonce; it is {2 * NONCE_SIZE} hex digits of the answer")
    return bytes.fromhex(text)


def order_of(options: argparse.Namespace) -> Order:
    """Return what the arguments ask for. Raises CommandError."""
    name = CommandName(options.name)
    if options.kiosk is None:
        raise CommandError("--kiosk TENANT/SITE/KIOSK is needed: it says which kiosk")
    if name is not CommandName.OPEN and (options.reason or options.direction != Direction.ENTRY):
        raise CommandError("only an opening has a direction and a reason; leave both out")
    longest = OPENING_MAX_S if name is CommandName.OPEN else OTHERS_MAX_S
    seconds = options.seconds or min(_USUAL_S, longest)
    if seconds > longest:
        raise CommandError(f"{name} may be good for {longest} seconds at most; write --for {longest}, or leave it out")
    return Order(name, options.kiosk, Direction(options.direction), options.reason or "", seconds)


def signed(command: Command, *keys: Ed25519PrivateKey) -> bytes:
    """Return a command with the signatures of these keys, in their order."""
    topic = topic_of(command.audience, command.name)
    data = statement.sign(commands.encode(command), keys[0], topic)
    for key in keys[1:]:
        data = statement.countersign(data, key, topic)
    return data


def read_file(path: Path) -> tuple[bytes, Command]:
    """Read a signed command from a file. Raises CommandError."""
    try:
        with path.open("rb") as file:
            data = file.read(commands.MAX_COMMAND + 1)
        return data, commands.claimed(data)
    except OSError as error:
        raise CommandError(f"{path}: cannot be read ({(error.strerror or 'error').lower()})") from error
    except MalformedError:
        raise CommandError(f"{path}: holds no signed command; `kiosk command sign` makes one") from None


def sign(options: argparse.Namespace) -> int:
    """Sign a command into a file."""
    command = order_of(options).command(options.nonce)
    data = signed(command, read_key(options.key, options.passphrase_file))
    _write(options.out, data)
    _say(command, options.out, as_json=options.json)
    if command.name in BY_TWO and not options.json:
        print("a second person has to sign it: kiosk command countersign")
    return DONE


def countersign(options: argparse.Namespace) -> int:
    """Sign what somebody else has signed, after saying what it is."""
    data, command = read_file(options.file)
    if not options.json:
        print(f"you are about to sign: {summary(command)}")
    topic = topic_of(command.audience, command.name)
    _write(options.out, statement.countersign(data, read_key(options.key, options.passphrase_file), topic))
    _say(command, options.out, as_json=options.json)
    return DONE


def summary(command: Command) -> str:
    """Return what a command says, in a line."""
    until = datetime.fromtimestamp(command.expires_at, UTC).astimezone().isoformat(" ", "seconds")
    why = f", {command.direction}" if command.name is CommandName.OPEN else ""
    why += f", {command.reason}" if command.reason else ""
    return printable(f"{command.name} at {command.audience}{why}, good until {until}", 300)


def _write(path: Path, data: bytes) -> None:
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
    except FileExistsError as error:
        raise CommandError(f"{path}: exists already; choose another name") from error
    except OSError as error:
        raise CommandError(f"{path}: cannot be written ({(error.strerror or 'error').lower()})") from error


def _say(command: Command, path: Path, *, as_json: bool) -> None:
    if as_json:
        print_json({
            "id": command.id, "command": command.name, "kiosk": command.audience, "expires": command.expires_at,
            "topic": topic_of(command.audience, command.name), "file": str(path),
        })  # fmt: skip
    else:
        print(f"{path}: {summary(command)}")
