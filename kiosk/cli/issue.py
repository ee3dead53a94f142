"""`kiosk issue`: keys, and passes as text, PNG and SVG."""

import argparse
import base64
import secrets
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import segno
from nacl.public import PrivateKey

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.keys import KeyFileError, make_signer, read_signer, write_signer
from kiosk.cli.output import CommandError, moment, print_json
from kiosk.domain.credential import PASS_KINDS, Kind
from kiosk.domain.trust import Algorithm
from kiosk.verify import native_pass
from kiosk.verify.native_pass import PassContent, encode

_MODULE_PX = 8
_MAX_WORDS = 64
"""Bytes of a name; a certificate's common name takes no more (RFC 5280, ub-common-name)."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    what = parser.add_subparsers(dest="what", required=True, metavar="key|pass|authority", title="what to make")
    key = what.add_parser("key", help="make a key that signs passes, and its certificate")
    key.add_argument("--name", type=_words, required=True, help="who issues, e.g. 'Front desk'")
    key.add_argument(
        "--algorithm", choices=[a.value for a in Algorithm], default=Algorithm.ES256.value, metavar="NAME",
        help=f"{', '.join(a.value for a in Algorithm)} (default ES256)",
    )  # fmt: skip
    key.add_argument("--out", type=_file_name, required=True, metavar="NAME", help="writes NAME.key.pem and NAME.pem")
    key.add_argument("--json", action="store_true", help="one JSON object")
    ticket = what.add_parser("pass", help="make a signed pass")
    ticket.add_argument("--key", type=Path, required=True, metavar="FILE", help="NAME.key.pem of `kiosk issue key`")
    ticket.add_argument("--subject", type=_words, required=True, metavar="TEXT", help="your reference, e.g. a booking")
    ticket.add_argument(
        "--purpose", choices=sorted(k.value for k in PASS_KINDS), default="visit", metavar="KIND",
        help=f"{', '.join(sorted(k.value for k in PASS_KINDS))} (default visit)",
    )  # fmt: skip
    ticket.add_argument("--zone", type=_words, default="*", help="`zone` of the door's policy; * for all (default)")
    ticket.add_argument("--from", dest="start", type=_moment, metavar="TIME", help="2026-01-31T08:00, local time (now)")
    ticket.add_argument("--until", type=_moment, metavar="TIME", help="its last second (default: 8 hours after --from)")
    ticket.add_argument("--entries", type=_number, default=0, metavar="N", help="entries at each kiosk (any number)")
    ticket.add_argument("--name", type=_words, help="the holder's name, if the pass is to carry it")
    ticket.add_argument(
        "--birth-date", type=_birth_date, metavar="DATE",
        help="1990-08-31; carried as a hash, to be compared with an identity card",
    )  # fmt: skip
    ticket.add_argument("--group", type=_words, metavar="TEXT", help="a group that the door's policy may ask for")
    ticket.add_argument(
        "--out", type=Path, action="append", default=[], metavar="FILE",
        help="a .png or .svg file; may be repeated",
    )  # fmt: skip
    ticket.add_argument("--json", action="store_true", help="one JSON object")
    authority = what.add_parser("authority", help="make the key pair that personal fields are sealed to")
    authority.add_argument("--out", type=Path, required=True, metavar="NAME", help="writes NAME.secret and NAME.pub")
    authority.add_argument("--json", action="store_true", help="one JSON object")


def _moment(text: str) -> datetime:
    return moment(text).astimezone(UTC)


def _number(text: str) -> int:
    if not (text.isdecimal() and len(text) <= 5 and 1 <= int(text) <= native_pass.MAX_ENTRIES):
        raise argparse.ArgumentTypeError(f"'{text[:40]}' is no number from 1 to {native_pass.MAX_ENTRIES}")
    return int(text)


def _birth_date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text[:40]}' is no whole date such as 1990-08-31") from None


def _words(text: str) -> str:
    """Take what a certificate can name and a code can hold: 1 to 64 bytes that can be shown."""
    if not text.isprintable() or not 1 <= len(text.encode()) <= _MAX_WORDS:
        raise argparse.ArgumentTypeError(f"'{text[:40]}' is no text of 1 to {_MAX_WORDS} bytes that can be shown")
    return text


def _file_name(text: str) -> Path:
    if not Path(text).name:
        raise argparse.ArgumentTypeError(f"'{text}' is no file's name")
    return Path(text)


def write_code(text: str, path: Path) -> None:
    """Write a QR code of `text` as a picture. Raises CommandError."""
    if path.suffix.lower() not in (".png", ".svg"):
        raise CommandError(f"{path}: a pass is written as .png or .svg")
    try:
        segno.make_qr(text, error="m").save(str(path), scale=_MODULE_PX, border=4)
    except OSError as error:
        raise CommandError(f"{path}: cannot be written") from error


def _issue_key(options: argparse.Namespace) -> dict[str, object]:
    signer = make_signer(options.name, Algorithm(options.algorithm), SystemClock().now())
    key, certificate = write_signer(signer, options.out)
    return {
        "key": str(key), "certificate": str(certificate), "issuer": signer.issuer, "key_id": signer.key_id.hex(),
    }  # fmt: skip


def _issue_authority(options: argparse.Namespace) -> dict[str, object]:
    pair = PrivateKey.generate()
    secret, public = Path(f"{options.out}.secret"), Path(f"{options.out}.pub")
    secret.touch(mode=0o600, exist_ok=False)
    secret.write_bytes(base64.b64encode(bytes(pair)) + b"\n")
    public.write_bytes(base64.b64encode(bytes(pair.public_key)) + b"\n")
    return {"secret": str(secret), "public": str(public)}


def _issue_pass(options: argparse.Namespace) -> dict[str, object]:
    signer = read_signer(options.key)
    now = SystemClock().now()
    start = options.start or now
    until = options.until or start + timedelta(hours=8)
    if until <= start:
        raise CommandError("a pass has to end after it begins; change --until")
    content = PassContent(
        signer.issuer, options.subject, secrets.token_bytes(8), Kind(options.purpose), options.zone,
        now, start, until, entries=options.entries, name=options.name or "",
        group=options.group or "", birth_date=options.birth_date or "",
    )  # fmt: skip
    text = encode(content, signer.key, signer.key_id)
    for path in options.out:
        write_code(text, path)
    return {
        "text": text, "pass_id": content.pass_id.hex(), "valid_from": start.isoformat(timespec="seconds"),
        "valid_until": until.isoformat(timespec="seconds"), "files": [str(p) for p in options.out],
    }  # fmt: skip


def run(options: argparse.Namespace) -> int:
    """Make what was asked for and say where it is."""
    make = {"key": _issue_key, "pass": _issue_pass, "authority": _issue_authority}[options.what]
    try:
        made = make(options)
    except KeyFileError as error:
        raise CommandError(str(error)) from error
    except FileExistsError as error:
        raise CommandError(f"{error.filename}: exists already; choose another name") from error
    except OSError as error:
        raise CommandError(f"{error.filename or options.out}: cannot be written") from error
    if options.json:
        print_json(made)
    else:
        for name, value in made.items():
            print(f"{name}: {', '.join(value) if isinstance(value, list) else value}")
    return 0
