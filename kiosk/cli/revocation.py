"""`kiosk revocation`: lists of withdrawn codes, from what publishers offer to one file that is looked up on disk."""

import argparse
import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.revocation_build import build
from kiosk.adapters.revocation_store import SIZE, SUFFIX, Header, RevocationStore
from kiosk.cli.output import APPLIANCE, DONE, NEGATIVE, CommandError, print_json, print_table
from kiosk.domain.credential import Rejected, Verification, Verified
from kiosk.domain.trust import RevocationUnavailableError, TrustError
from kiosk.verify import cms, revocation_lists
from kiosk.verify.revocation_lists import MAX_DOCUMENT, Revoked

_SIGNED = frozenset({".cms", ".p7m"})
_DOCUMENTS = frozenset({".json", ".cbor"}) | _SIGNED


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the three things to do."""
    what = parser.add_subparsers(dest="what", metavar="build|info|check", required=True, title="what to do")
    making = what.add_parser("build", help="make one list of texts, EU batches and card lists")
    making.add_argument("out", type=Path, metavar="OUT", help=f"the list; ends in {SUFFIX}, lies in the trust folder")
    making.add_argument(
        "files", nargs="+", type=Path, metavar="FILE",
        help="hex lines; .json and .cbor: a batch of the EU gateway, a SMART Health Cards list; .cms and .p7m: signed",
    )  # fmt: skip
    making.add_argument("--source", metavar="NAME", help="whose list it is (the name of OUT)")
    making.add_argument("--version", type=int, metavar="N", help="never goes back (ctr of card lists, else the time)")
    making.add_argument("--issuer", default="", metavar="URL", help="the `iss` of SMART Health Cards lists")
    making.add_argument("--signer", type=Path, metavar="CERT", help="the certificate that signed the .cms files")
    info = what.add_parser("info", help="read a list as a whole, and say what it is")
    info.add_argument("file", type=Path, metavar="FILE")
    check = what.add_parser("check", help="look one identifier up")
    check.add_argument("file", type=Path, metavar="FILE")
    check.add_argument("id", nargs="?", metavar="ID", help=f"{SIZE} bytes in hex")
    check.add_argument("--code", metavar="TEXT", help="the text of a code instead; `kiosk verify` says more of it")
    check.add_argument("--trust", type=Path, metavar="PATH", help="with --code: list or folder that its issuer is in")
    for one in (making, info, check):
        one.add_argument("--json", action="store_true", help="one JSON object")


@contextlib.contextmanager
def _named(path: Path) -> Iterator[None]:
    """Let every error say which file it is about, as a TrustError."""
    try:
        yield
    except TrustError as error:
        raise TrustError(f"{path}: {error}") from error
    except OSError as error:
        why = (error.strerror or "error").lower()
        raise TrustError(f"{error.filename or path}: cannot be read ({why})") from error


def _entries(path: Path, options: argparse.Namespace) -> Iterator[bytes | Revoked]:
    """Yield what a file withdraws. Raises TrustError with the file's name."""
    with _named(path):
        if path.suffix.lower() in _DOCUMENTS:
            yield from revocation_lists.read_document(_document(path, options.signer), options.issuer)
        else:
            with path.open("rb") as lines:
                yield from revocation_lists.read_text(_bounded(lines))


def _bounded(lines: Iterable[bytes]) -> Iterator[bytes]:
    for line in lines:
        if len(line) > 4096:
            raise TrustError("has a line of more than 4096 bytes, so it is no list")
        yield line


def _document(path: Path, signer: Path | None) -> bytes:
    """Return a document; of a signed one the content, once its signature is found right. Raises TrustError, OSError."""
    with path.open("rb") as file:
        data = file.read(MAX_DOCUMENT + 1)
    if path.suffix.lower() not in _SIGNED:
        return data
    if signer is None:
        raise TrustError("is signed: name the certificate of who signed it (--signer)")
    with signer.open("rb") as file:
        return cms.signed_content(data, file.read(MAX_DOCUMENT))


def _version(options: argparse.Namespace, now_s: int) -> int:
    """Return the sum of the counters where every file has one, so that it rises with any of them; else the time."""
    if any(path.suffix.lower() not in _DOCUMENTS for path in options.files):
        return now_s
    counters: list[int] = []
    for path in options.files:
        with _named(path):
            counter = revocation_lists.version_of(_document(path, options.signer))
        if counter is None:
            return now_s
        counters.append(counter)
    return sum(counters)


def _build(options: argparse.Namespace) -> int:
    now = SystemClock().now()
    if options.out.suffix != SUFFIX:
        raise CommandError(f"{options.out}: name it {options.out.stem}{SUFFIX}, or the kiosk does not find it")
    version = _version(options, int(now.timestamp())) if options.version is None else options.version
    entries = (entry for path in options.files for entry in _entries(path, options))
    header = build(options.out, entries, source=options.source or options.out.stem, version=version, now=now)
    RevocationStore(options.out).check()
    _say(options, header)
    return DONE


def _say(options: argparse.Namespace, header: Header) -> None:
    fields = {
        "source": header.source,
        "version": header.version,
        "built_at": header.built_at.isoformat(),
        "entries": header.count,
        "dated": header.dated,
        "bytes": header.file_size,
    }
    if options.json:
        print_json(fields)
    else:
        print_table(("what", "value"), [(name, str(value)) for name, value in fields.items()])


def _info(options: argparse.Namespace) -> int:
    store = RevocationStore(options.file)
    store.check()
    _say(options, store.header)
    return DONE


def _identifiers(options: argparse.Namespace) -> frozenset[bytes]:
    if (options.id is None) == (options.code is None):
        raise CommandError("give an identifier in hex, or --code with the text of a code")
    if options.code is not None:
        return _identifiers_of_code(options)
    try:
        identifier = bytes.fromhex(options.id)
    except ValueError:
        identifier = b""
    if len(identifier) != SIZE:
        raise CommandError(f"'{options.id[:40]}' is no identifier of {SIZE} bytes in hex")
    return frozenset({identifier})


def _identifiers_of_code(options: argparse.Namespace) -> frozenset[bytes]:
    from kiosk.adapters import trust_files
    from kiosk.verify import registry

    if options.trust is None:
        raise CommandError("--code needs --trust: only what a known issuer signed has identifiers that count")
    trust = trust_files.load(options.trust)
    found: Verification = registry.verify(options.code.encode("utf-8", "replace"), trust, SystemClock().now())
    match found:
        case Verified(identifiers=identifiers) | Rejected(identifiers=identifiers) if identifiers:
            return identifiers
        case _:
            raise CommandError("that code is not signed by an issuer of the trust list; `kiosk verify` says why")


def _check(options: argparse.Namespace) -> int:
    store = RevocationStore(options.file)
    found = False
    before: str | None = None
    for identifier in sorted(_identifiers(options)):
        found = found or identifier in store
        if identifier in store.dated:
            before = store.dated[identifier].isoformat()
    if options.json:
        print_json({"withdrawn": found, "withdrawn_before": before})
    elif found:
        print("withdrawn")
    else:
        print(f"withdrawn where issued before {before}" if before else "not on the list")
    return NEGATIVE if found or before else DONE


def run(options: argparse.Namespace) -> int:
    """Do it; status 1: withdrawn."""
    try:
        return {"build": _build, "info": _info, "check": _check}[options.what](options)
    except TrustError as error:
        raise CommandError(str(error)) from error
    except RevocationUnavailableError as error:
        raise CommandError(f"{options.file}: is damaged; copy it again", APPLIANCE) from error
