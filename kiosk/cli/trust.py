"""`kiosk trust`: whom this kiosk trusts. Import, list, check, ages, and documents of one's own."""

import argparse
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kiosk.adapters import trust_files
from kiosk.adapters.clock import SystemClock
from kiosk.adapters.keys import KeyFileError, read_signer
from kiosk.adapters.trust_files import Part
from kiosk.adapters.trust_import import ENDING, MEMORY, OlderError, VersionMemory, take_in
from kiosk.cli.output import DONE, NEGATIVE, CommandError, moment, print_json, print_table, say_error
from kiosk.domain.credential import HEALTH_KINDS, Format
from kiosk.domain.trust import MAX_AGE, TrustAnchor, TrustError, TrustList, TrustSource
from kiosk.verify import trust_document, trust_sources
from kiosk.verify.trust_document import MAX_DOCUMENT, TrustDocument, is_name
from kiosk.verify.trust_sources import Given

_SOON = timedelta(days=30)
_GONE = "was imported here once and is gone; its versions stay remembered"


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
        looking.add_argument("--at", type=_moment, metavar="TIME", help="as of this time (now)")
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
    parser.add_argument("--json", action="store_true", help="one JSON object")


def _make_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--origin", type=_name, required=True, metavar="NAME", help="its name at every kiosk")
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


def _moment(text: str) -> datetime:
    when = moment(text)
    return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)


def _days(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text[:6]) <= 3650):
        raise argparse.ArgumentTypeError(f"'{text[:40]}' is no number of days from 1 to 3650")
    return int(text)


def _name(text: str) -> str:
    if not is_name(text):
        raise argparse.ArgumentTypeError(f"'{text[:40]}' is no name; use small letters, digits and hyphens")
    return text


def _key_id(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text[:40]}' is no key id in hex") from None


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_DOCUMENT + 1)
    except OSError as error:
        raise CommandError(f"{path}: cannot be read ({(error.strerror or 'error').lower()})") from error
    if len(data) > MAX_DOCUMENT:
        raise CommandError(f"{path}: too large for a trust list")
    return data


def _import(options: argparse.Namespace) -> int:
    data = _read(options.file)
    known = trust_sources.recognise(data)
    kind = options.kind or (known.name if known else "")
    if not kind:
        raise CommandError(f"{options.file}: its content does not tell what it is; say it with --from")
    given = Given(data, options.issuer, _read(options.key) if options.key else b"")
    try:
        receipt = take_in(
            given, options.into, kind=kind, now=SystemClock().now(), name=options.name, max_age_days=options.max_age
        )
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
    if options.json:
        print_json({"imported": True, **said})
    else:
        for name, value in said.items():
            print(f"{name}: {value}")
    return DONE


@dataclass(frozen=True, slots=True)
class _Look:
    """What was found of one source: its list, or the sentence on why there is none."""

    name: str
    trust: TrustList | None
    problem: str = ""


def _look(part: Part, max_age: timedelta) -> _Look:
    try:
        trust = part.load(max_age)
    except TrustError as error:
        return _Look(part.key, None, str(error))
    return _Look(trust.sources[0].name, trust)


def _looks(options: argparse.Namespace) -> tuple[list[_Look], datetime]:
    try:
        known = trust_files.parts(options.folder, options.trust_key)
    except TrustError as error:
        raise CommandError(str(error)) from error
    return [_look(part, timedelta(days=options.max_age)) for part in known], options.at or SystemClock().now()


def _anchors(trust: TrustList) -> Iterable[TrustAnchor]:
    return (anchor for same in trust.anchors.values() for anchor in same)


def _age(source: TrustSource, now: datetime) -> str:
    if source.imported_at is not None and source.imported_at > now:
        return "to come: check the clock" if source.is_stale(now) else "0 days"
    return f"{source.age(now).days} days" + (f", more than {source.max_age.days}" if source.is_stale(now) else "")


def _summary(look: _Look, now: datetime) -> dict[str, object]:
    """Return one source as an object for machines."""
    if look.trust is None:
        return {"name": look.name, "problem": look.problem}
    source, anchors = look.trust.sources[0], list(_anchors(look.trust))
    return {
        "name": look.name, "version": source.version, "age_s": int(source.age(now).total_seconds()),
        "max_age_days": source.max_age.days, "stale": source.is_stale(now), "keys": len(look.trust),
        "issuers": dict(sorted(Counter(anchor.issuer for anchor in anchors).items())),
        "formats": sorted({form for anchor in anchors for form in anchor.formats}),
        "revoked_keys": sorted(key_id.hex() for key_id in look.trust.revoked_keys),
    }  # fmt: skip


def _issuers(anchors: Iterable[TrustAnchor]) -> str:
    """Return how many keys each issuer has, the first six issuers by name."""
    counted = sorted(Counter(anchor.issuer for anchor in anchors).items())
    shown = ", ".join(f"{name} {count}" for name, count in counted[:6])
    return shown + (f" and {len(counted) - 6} more issuers" if len(counted) > 6 else "")


def _list(options: argparse.Namespace) -> int:
    looks, now = _looks(options)
    if options.json:
        for look in looks:
            print_json(_summary(look, now) | ({"anchors": _key_rows(look)} if options.keys else {}))
        return DONE if all(look.trust for look in looks) else NEGATIVE
    rows = []
    for look in looks:
        if look.trust is None:
            say_error(look.problem)
            continue
        anchors = list(_anchors(look.trust))
        forms = ", ".join(sorted({form for anchor in anchors for form in anchor.formats}))
        source = look.trust.sources[0]
        rows.append((look.name, source.version, _age(source, now), str(len(look.trust)), _issuers(anchors), forms))
    print_table(("source", "version", "age", "keys", "issuers", "formats"), rows)
    if options.keys:
        print()
        columns = ("source", "issuer", "key_id", "algorithm", "kinds", "formats", "valid_until")
        print_table(columns, [[str(row[name]) for name in columns] for look in looks for row in _key_rows(look)])
    return DONE if len(rows) == len(looks) else NEGATIVE


def _key_rows(look: _Look) -> list[dict[str, str]]:
    return [
        {
            "source": look.name, "issuer": anchor.issuer, "key_id": anchor.key_id.hex(),
            "algorithm": anchor.algorithm.value, "kinds": ", ".join(sorted(anchor.kinds)),
            "formats": ", ".join(sorted(anchor.formats)),
            "valid_until": anchor.valid_until.date().isoformat() if anchor.valid_until else "",
        }
        for anchor in (_anchors(look.trust) if look.trust else ())
    ]  # fmt: skip


def _findings(look: _Look, now: datetime) -> list[tuple[str, str]]:
    """Return what is wrong with a source (`wrong`), and what will soon be or need not be wrong (`note`)."""
    if look.trust is None:
        return [("wrong", look.problem)]
    source, found = look.trust.sources[0], []
    if source.is_stale(now):
        found.append(("wrong", f"out of date ({_age(source, now)}); import a new one"))
    elif source.is_stale(now + _SOON / 4):
        found.append(("note", f"out of date in a week ({_age(source, now)} of {source.max_age.days})"))
    if not len(look.trust):
        found.append(("note", "there is no key in it"))
    for anchor in _anchors(look.trust):
        end = anchor.valid_until
        # Of a health certificate's signer the end says nothing (kiosk.verify.steps).
        matters = anchor.kinds - HEALTH_KINDS or anchor.formats - {Format.HC1, Format.PASS}
        if matters and end is not None and end <= now + _SOON:
            word = "ended" if end < now else "ends"
            key = f"the key {anchor.key_id.hex()} of {anchor.issuer}"
            found.append(("note", f"{key} {word} on {end.date()}: rotate it"))
    return found


def _gone(folder: Path) -> list[str]:
    """Return the sources that were imported into a folder and are no longer there."""
    return sorted(n for n in VersionMemory(folder / MEMORY).all() if not (folder / f"{n}{ENDING}").exists())


def _check(options: argparse.Namespace) -> int:
    looks, now = _looks(options)
    status = DONE
    for look in looks:
        found = _findings(look, now)
        wrong = any(word == "wrong" for word, _ in found)
        status = NEGATIVE if wrong else status
        if options.json:
            print_json({"name": look.name, "ok": not wrong, "findings": [{"is": w, "text": t} for w, t in found]})
            continue
        print(f"{'✗' if wrong else '✓'} {look.name}" + ("" if found else ": as it should be"))
        for word, text in found:
            print(f"  {'✗' if word == 'wrong' else '!'} {text}")
    for name in _gone(options.folder):
        if options.json:
            print_json({"name": name, "ok": True, "findings": [{"is": "note", "text": _GONE}]})
        else:
            print(f"! {name}: {_GONE}")
    return status


def _ages(options: argparse.Namespace) -> int:
    looks, now = _looks(options)
    stale = False
    for look in looks:
        source = look.trust.sources[0] if look.trust else None
        stale |= source is None or source.is_stale(now)
        if options.json:
            print_json(_summary(look, now))
        else:
            print(f"{look.name}: {_age(source, now) if source else look.problem}")
    return NEGATIVE if stale else DONE


def _make(options: argparse.Namespace) -> int:
    now = SystemClock().now().replace(microsecond=0)
    try:
        signer = read_signer(options.key)
        lists = [trust_files.load(path) for path in options.anchors]
        document = TrustDocument(
            options.origin, int(now.timestamp()) if options.version is None else options.version, now,
            timedelta(days=options.max_age), tuple(anchor for one in lists for anchor in _anchors(one)),
            frozenset(options.revoke_key),
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
    return {"import": _import, "list": _list, "check": _check, "age": _ages, "make": _make}[options.what](options)
