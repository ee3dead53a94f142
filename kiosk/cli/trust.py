"""`kiosk trust`: whom this kiosk trusts. Import, list, check, ages, and documents of one's own."""

import argparse
from datetime import timedelta
from pathlib import Path

from kiosk.adapters import trust_files
from kiosk.adapters.clock import SystemClock
from kiosk.adapters.keys import KeyFileError, read_signer
from kiosk.adapters.trust_import import OlderError, take_in
from kiosk.cli.output import DONE, NEGATIVE, CommandError, moment_utc, print_json, read_bounded, say_error
from kiosk.cli.trust_look import ages, anchors_of, check, show
from kiosk.domain.trust import MAX_AGE, TrustError
from kiosk.verify import trust_document, trust_sources
from kiosk.verify.trust_document import MAX_DOCUMENT, TrustDocument, is_address, is_name
from kiosk.verify.trust_sources import Given


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    what = parser.add_subparsers(dest="what", required=True, metavar="import|list|check|age|make", title="what to do")
    _import_arguments(what.add_parser("import", help="verify a list of keys and store it with its receipt"))
    for name, text in (
        ("list", "show the sources of a trust folder"),
        ("check", "say what is wrong with a trust folder, or will soon be"),
        ("age", "say how old each source is"),
    ):
        looking = what.add_parser(name, help=text)
        looking.add_argument("folder", type=Path, metavar="PATH", help="the trust folder, or one file")
        looking.add_argument("--trust-key", type=Path, metavar="FILE", help="key of a signed list")
        looking.add_argument("--max-age", type=_days, default=MAX_AGE.days, metavar="DAYS", help="as the settings (30)")
        looking.add_argument("--at", type=moment_utc, metavar="TIME", help="as of this time (now)")
        looking.add_argument("--json", action="store_true", help="one JSON object a source")
        if name == "list":
            looking.add_argument("--keys", action="store_true", help="one line for each key")
    _make_arguments(what.add_parser("make", help="make a signed trust document"))


def _import_arguments(parser: argparse.ArgumentParser) -> None:
    kinds = ", ".join(one.name for one in trust_sources.READERS)
    parser.add_argument("file", type=Path, metavar="FILE", help="what to import")
    parser.add_argument("--from", dest="kind", metavar="KIND", help=f"{kinds}; left out, its content tells")
    parser.add_argument("--into", type=Path, required=True, metavar="FOLDER", help="the trust folder")
    parser.add_argument("--name", default="", metavar="NAME", help="of the source; a trust document has its own")
    parser.add_argument("--key", type=Path, metavar="FILE", help="who signed it: public key or certificate, PEM")
    parser.add_argument("--issuer", default="", metavar="ISS", help="whose keys these are, where it does not say it")
    parser.add_argument("--max-age", type=_days, metavar="DAYS", help="how old it may grow (as the settings allow)")
    parser.add_argument(
        "--allow-older-DANGEROUS", action="store_true", dest="allow_older",
        help="take a list that looks older: its publisher has said that it took its newest entry out",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="one JSON object")


def _make_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--origin", type=_name, required=True, metavar="NAME", help="its name at every kiosk")
    parser.add_argument(
        "--audience", type=_address, action="append", required=True, metavar="WHO",
        help="kiosks it is for: TENANT/SITE, TENANT/SITE/KIOSK or '*' (all by this key); may be repeated",
    )  # fmt: skip
    parser.add_argument("--version", type=int, metavar="N", help="a number that grows (default: seconds since 1970)")
    parser.add_argument("--key", type=Path, required=True, metavar="FILE", help="NAME.key.pem of `kiosk issue key`")
    parser.add_argument(
        "--anchors", type=Path, action="append", default=[], metavar="PATH",
        help="whom it trusts: what --trust of `kiosk verify` takes; may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--revoke-key", type=_key_id, action="append", default=[], metavar="HEX", help="a key id; may be repeated"
    )
    parser.add_argument("--max-age", type=_days, default=MAX_AGE.days, metavar="DAYS", help="how old it may grow (30)")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="where to write it, NAME.cose")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def _days(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text[:6]) <= 3650):
        raise argparse.ArgumentTypeError(f"'{text[:40]}' is no number of days from 1 to 3650")
    return int(text)


def _name(text: str) -> str:
    if not is_name(text):
        raise argparse.ArgumentTypeError(f"'{text[:40]}' is no name; use small letters, digits and hyphens")
    return text


def _address(text: str) -> str:
    if not is_address(text):
        raise argparse.ArgumentTypeError(f"'{text[:40]}' names no kiosks; use TENANT/SITE, TENANT/SITE/KIOSK or '*'")
    return text


def _key_id(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text[:40]}' is no key id in hex") from None


def _import(options: argparse.Namespace) -> int:
    data = read_bounded(options.file, MAX_DOCUMENT, "too large for a trust list")
    known = trust_sources.recognise(data)
    kind = options.kind or (known.name if known else "")
    if not kind:
        raise CommandError(f"{options.file}: its content does not tell what it is; say it with --from")
    key = read_bounded(options.key, MAX_DOCUMENT, "too large for a key") if options.key else b""
    given = Given(data, options.issuer, key)
    try:
        receipt = take_in(
            given, options.into, kind=kind, now=SystemClock().now(), name=options.name, max_age_days=options.max_age,
            allow_older=options.allow_older,
        )  # fmt: skip
    except OlderError as error:
        say_error(f"{options.file}: {error}")
        return NEGATIVE
    except TrustError as error:
        raise CommandError(f"{options.file}: {error}") from error
    except OSError as error:
        raise CommandError(f"{error.filename or options.into}: cannot be written") from error
    if receipt is None:
        if options.json:
            print_json({"imported": False})
        else:
            print("it is there already, and grows no younger")
        return DONE
    said = {
        "name": receipt.name, "from": receipt.kind, "version": receipt.version,
        "since": receipt.imported_at.isoformat(timespec="seconds"), "sha256": receipt.sha256,
    }  # fmt: skip
    if receipt.older_than:
        said["older_than"] = receipt.older_than
    if options.json:
        print_json({"imported": True, **said})
    else:
        for name, value in said.items():
            print(f"{name}: {value}")
    return DONE


def _make(options: argparse.Namespace) -> int:
    now = SystemClock().now().replace(microsecond=0)
    try:
        signer = read_signer(options.key)
        lists = [trust_files.load(path) for path in options.anchors]
        document = TrustDocument(
            options.origin, int(now.timestamp()) if options.version is None else options.version, now,
            timedelta(days=options.max_age), tuple(anchor for one in lists for anchor in anchors_of(one)),
            frozenset(options.revoke_key), frozenset(options.audience),
        )  # fmt: skip
        data = trust_document.sign(document, signer.key, signer.key_id)
        options.out.write_bytes(data)
    except (KeyFileError, ValueError) as error:
        raise CommandError(str(error)) from error
    except OSError as error:
        raise CommandError(f"{options.out}: cannot be written") from error
    said = {"file": str(options.out), "origin": document.origin, "version": document.version}
    said |= {"keys": len(document.anchors), "revoked_keys": len(document.revoked_keys)}
    if options.json:
        print_json(said)
    else:
        for name, value in said.items():
            print(f"{name}: {value}")
    return DONE


def run(options: argparse.Namespace) -> int:
    """Do what was asked for."""
    return {"import": _import, "list": show, "check": check, "age": ages, "make": _make}[options.what](options)
