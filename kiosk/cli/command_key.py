"""`kiosk command key`, and how a key's passphrase is asked for: on a terminal, or from a file."""

import argparse
import getpass
import re
import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.cli.output import DONE, CommandError, print_json, say_error
from kiosk.domain.centre import Permission
from kiosk.domain.command import CommandName
from kiosk.signing_key import SigningKeyError, is_encrypted, key_table, read_signing_key, write_signing_key
from kiosk.verify.statement import key_id_of, public_of

MIN_PASSPHRASE = 8
_MAX_PASSPHRASE = 1024
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--name", type=_name, required=True, help="who it is, on record: a post, as in control-room-1")
    parser.add_argument("--out", type=Path, required=True, metavar="NAME", help="writes NAME.key.pem and NAME.toml")
    parser.add_argument(
        "--may", type=_permissions, default=_permissions(",".join(CommandName)), metavar="LIST",
        help="what the key may say, as in open,lockdown (default: every command)",
    )  # fmt: skip
    add_passphrase(parser, "passphrase", "the key")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def add_passphrase(parser: argparse.ArgumentParser, name: str, whose: str) -> None:
    """Declare the argument for a file with a passphrase."""
    parser.add_argument(
        f"--{name}-file", type=Path, metavar="FILE", help=f"holds the passphrase of {whose} (default: asked for)"
    )


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise argparse.ArgumentTypeError(f"'{text[:40]}' is no name; write a-z, 0-9 and -, as in control-room-1")
    return text


def _permissions(text: str) -> frozenset[Permission]:
    asked = [one.strip() for one in text.split(",")]
    if not set(asked) <= set(Permission):
        known = ", ".join(sorted(Permission))
        raise argparse.ArgumentTypeError(f"'{text[:40]}' is no list of what a key may say; there are {known}")
    return frozenset(map(Permission, asked))


def run(options: argparse.Namespace) -> int:
    """Make a key pair: the private half encrypted, the public half as the table that kiosks need."""
    stem: Path = options.out
    key_path, table_path = stem.with_name(f"{stem.name}.key.pem"), stem.with_name(f"{stem.name}.toml")
    passphrase = _new_passphrase(options.passphrase_file, options.name)
    key = Ed25519PrivateKey.generate()
    table = key_table(options.name, key, options.may)
    try:
        stem.parent.mkdir(parents=True, exist_ok=True)
        write_signing_key(key_path, key, passphrase)
        with table_path.open("x") as file:
            file.write(table)
    except FileExistsError as error:
        raise CommandError(f"{error.filename}: exists already; choose another name") from error
    except OSError as error:
        raise CommandError(f"{error.filename or stem}: cannot be written") from error
    if options.json:
        key_id = key_id_of(public_of(key)).hex()
        print_json({"name": options.name, "key_id": key_id, "key": str(key_path), "table": str(table_path)})
    else:
        print(f"{key_path}: keep it to yourself")
        print(f"{table_path}: add it to centre-keys.toml of every kiosk that this key may command\n\n{table}", end="")
    return DONE


def read_key(path: Path, passphrase_file: Path | None) -> Ed25519PrivateKey:
    """Read a private key, its passphrase from a file or asked for. Raises CommandError."""
    try:
        if not is_encrypted(path):
            key = read_signing_key(path)
            say_error(f"{path}: is not encrypted; whoever copies it can command your kiosks")
            return key
        passphrase = _from_file(passphrase_file) if passphrase_file else _ask(f"Passphrase of {path.name}: ")
        return read_signing_key(path, passphrase)
    except SigningKeyError as error:
        raise CommandError(str(error)) from error


def _new_passphrase(file: Path | None, name: str) -> bytes:
    if file is not None:
        passphrase = _from_file(file)
    else:
        passphrase = _ask(f"Passphrase for {name}: ")
        if _ask("The same again: ") != passphrase:
            raise CommandError("the two passphrases differ; nothing was written, try again")
    if len(passphrase) < MIN_PASSPHRASE:
        raise CommandError(f"a passphrase has at least {MIN_PASSPHRASE} characters; four words make a good one")
    return passphrase


def _from_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_MAX_PASSPHRASE).rstrip(b"\r\n")
    except OSError as error:
        why = (error.strerror or "error").lower()
        raise CommandError(f"{path}: the passphrase cannot be read from it ({why})") from error


def _ask(prompt: str) -> bytes:
    if not sys.stdin.isatty():
        raise CommandError("there is no terminal to ask for the passphrase on; give it with --passphrase-file")
    return getpass.getpass(prompt).encode()
