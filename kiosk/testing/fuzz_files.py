"""Targets of the fuzzer: what trust, withdrawn codes, kept decisions and names come in (kiosk.testing.fuzz_targets)."""

import hashlib
import json
import os
from collections.abc import Callable
from functools import cache
from typing import Any

from kiosk.adapters import lookups, trust_import, trust_memory
from kiosk.adapters.day_keys import DayKeyError, DayKeys
from kiosk.adapters.pins import PinFile, PinsError
from kiosk.adapters.revocation_files import RevocationLists
from kiosk.adapters.revocation_store import RevocationStore
from kiosk.api import parcel
from kiosk.cli import trace_open
from kiosk.config import ConfigError
from kiosk.deny_file import load_deny_list
from kiosk.domain import names
from kiosk.domain.birth import HiddenBirthDate, birth_hash
from kiosk.domain.credential import Holder
from kiosk.domain.staff_sessions import WORST
from kiosk.domain.trust import RevocationUnavailableError, TrustError
from kiosk.testing import fuzz_codes as codes
from kiosk.testing import fuzz_documents as seeds
from kiosk.testing.clock import FakeClock
from kiosk.testing.fuzz_target import Target, scratch
from kiosk.verify import cms, cose, csca, jwk, pretix, replay, revocation_lists, trust_document, trust_sources

NOW = codes.NOW
_FILE = 16_384


class SilentLossError(Exception):
    """A damaged list said 'not withdrawn' of what is in it: the one thing that it must never say."""


def _document(data: bytes) -> object:
    return trust_document.read(data, trust_document.signing_keys(seeds.OWNER_KEY), NOW)


def _signed_document(data: bytes) -> object:
    return _document(cose.sign(data, seeds.OWNER, b""))


def _source(data: bytes) -> object:
    """Read whatever kind of trust the bytes say that they are; then as each kind, as a command may say."""
    found = trust_sources.recognise(data)
    given = trust_sources.Given(data, codes.CARDS.iss, seeds.OWNER_KEY)
    for reader in trust_sources.READERS if found is None else (found,):
        try:
            trust_sources.read(reader, given, NOW)
        except TrustError:
            continue
    return found


def _receipt(data: bytes) -> object:
    """Load a stored source; once more with the digest put right, so that changes of its content are looked at."""
    path = scratch(f"{seeds.SOURCE}{trust_import.ENDING}")
    line, _, content = data.partition(b"\n")
    try:
        said = json.loads(line)
        said["sha256"] = hashlib.sha256(content).hexdigest()
        whole = json.dumps(said).encode() + b"\n" + content
    except (ValueError, TypeError, RecursionError):
        whole = data
    for one in (data, whole):
        path.write_bytes(one)
        try:
            trust_import.load_stored(path)
        except TrustError:
            continue
    return None


def _memory(data: bytes) -> object:
    path = scratch(trust_import.MEMORY)
    path.write_bytes(data)
    return trust_memory.VersionMemory(path).all()


def _batch(data: bytes) -> object:
    return revocation_lists.version_of(data), list(revocation_lists.read_document(data, codes.CARDS.iss))


def _signed_file(data: bytes) -> object:
    return cms.signed_content(data, codes.LISTER.certificate)


def _signer(data: bytes) -> object:
    return cms.signed_content(seeds.signed_files()[0], data)


def _list_file(data: bytes) -> object:
    """Open any bytes as a binary list; once more with its digests put right, as somebody would who made it up."""
    path = scratch("any.revoked")
    blocks = int.from_bytes(data[16:20], "big")
    digest = hashlib.sha256(data[1024 * (1 + blocks) :]).digest()
    head = data[:72] + digest + data[104:238]
    for one in (data, (head + hashlib.sha256(head).digest()).ljust(1024, b"\0") + data[1024:]):
        path.write_bytes(one)
        try:
            store = RevocationStore(path)
            [_is_in(store, entry) for entry in (*seeds.WITHDRAWN[:20], bytes(16), b"\xff" * 16)]
            store.check()
            RevocationLists((store,))
        except TrustError:
            continue
    return None


def _is_in(store: RevocationStore, entry: bytes) -> bool:
    """Tell whether a list has an entry; it may also say that it cannot say."""
    try:
        return entry in store
    except RevocationUnavailableError:
        return True


def _damaged_list(data: bytes) -> object:
    """Turn bits of a good list: place (two bytes), then which bits. What is withdrawn is found, or cannot be told.

    Once while it is open already, as a dying disk does it, and once before it is opened.
    """
    good = seeds.revocation_files()[0]
    bad = bytearray(good)
    for at in range(0, len(data) - 2, 3):
        bad[int.from_bytes(data[at : at + 2], "big") % len(bad)] ^= data[at + 2]
    path = scratch("damaged.revoked")
    path.write_bytes(good)
    for store in (RevocationStore(path), None):
        path.write_bytes(bad)  # into the same file, which the first one has open
        opened = store or RevocationStore(path)
        if not all(_is_in(opened, entry) for entry in seeds.WITHDRAWN[::7]):
            raise SilentLossError
    return None


def _deny(data: bytes) -> object:
    path = scratch("deny.toml")
    path.write_bytes(data)
    return load_deny_list(path)


def _pins(data: bytes) -> object:
    """Read a file of PINs, or of how many were wrong: whatever it says, somebody may try a bounded number."""
    folder = scratch("state")
    folder.mkdir(exist_ok=True)
    (folder / "pins.json").write_bytes(data)
    (folder / "pin-misses").write_bytes(data[:32])
    if not 0 <= PinFile(folder).misses() <= WORST:
        raise AssertionError("wrong PINs out of bounds")
    return PinFile(folder).everybody()


def _replay(data: bytes) -> object:
    """Read kept inputs; what can be read can be written again."""
    return replay.encode(replay.decode(data))


@cache
def _day_keys() -> DayKeys:
    folder = scratch("day-keys")
    folder.mkdir(exist_ok=True)
    (folder / "2022-02-01.key").write_bytes(seeds.DAY_KEY)
    return DayKeys(folder, clock=FakeClock(NOW))


def _box(data: bytes) -> object:
    """Open a box: the name of its day up to a line's end, then the box."""
    day, _, box = data.partition(b"\n")
    return _day_keys().open(day.decode(errors="replace"), box, "epoch", 1)


def _parcel(data: bytes) -> object:
    """Unpack a descriptor: its kind, the size that is said, then its bytes."""
    size = int.from_bytes(data[1:4], "big", signed=True)
    if data[:1] == b"p":
        fds = os.pipe()
    else:
        fds = (os.memfd_create("fuzz") if data[:1] == b"m" else parcel.pack(data[4:]),) * 2
    try:
        return parcel.unpack(fds[0], size)
    finally:
        for fd in set(fds):
            os.close(fd)


def _lookup(data: bytes) -> object:
    path = scratch("1.lookup")
    path.write_bytes(data)
    return lookups._read(path)  # noqa: SLF001 - the parser itself


def _trace(data: bytes) -> object:
    """Open a trace as the authority does, and lay out its table."""
    contacts = trace_open.read_contacts(data) or []
    return [trace_open.row(one, trace_open.open_person(seeds.AUTHORITY, one["sealed"]) or {}) for one in contacts]


def _holder(line: str) -> Holder:
    family, given, born, family_icao, given_icao = (line + "||||").split("|")[:5]
    return Holder(family, given, born, family_icao, given_icao)


def _pair(data: bytes) -> object:
    """Compare two holders in every way; the answer must be the same from both sides."""
    lines = data.decode(errors="replace").split("\n")
    one, other = (_holder(line) for line in (*lines, "", "")[:2])
    if len(lines) > 2:
        try:
            hidden = HiddenBirthDate(b"1", birth_hash(b"1", lines[2]))
        except ValueError:
            hidden = HiddenBirthDate(b"1", lines[2].encode())
        other = Holder(one.family_name, one.given_name, hidden_birth_date=hidden)
    if names.compare(one, other) is not names.compare(other, one):
        raise AssertionError("the comparison depends on the order")
    for whole in (True, False):
        if names.compare_names(one, other, whole=whole) is not names.compare_names(other, one, whole=whole):
            raise AssertionError("the comparison depends on the order")
    return names.same_person(one, other)


def _named(read: Callable[[bytes, str], object], issuer: str) -> Callable[[bytes], object]:
    return lambda data: read(data, issuer)


_REFUSED: Any = (TrustError,)
TABLE = (
    Target("jwks", _named(jwk.anchors_in_jwks, codes.CARDS.iss), _REFUSED, seeds.key_sets, _FILE, tree=True),
    Target("did", _named(jwk.anchors_in_did, codes.PASSES.did), _REFUSED, seeds.did_documents, _FILE, tree=True),
    Target("vci-directory", jwk.anchors_in_vci_directory, _REFUSED, seeds.directories, _FILE, tree=True),
    Target("authorities", csca.anchors_in, _REFUSED, seeds.authorities, 8192),
    Target("pretix-keys", _named(pretix.anchors_in_pretix_keys, "x"), _REFUSED, seeds.ticket_keys, _FILE),
    Target("trust-document", _document, _REFUSED, seeds.trust_documents),
    Target("trust-content", _signed_document, _REFUSED, seeds.trust_contents, _FILE, tree=True),
    Target("trust-source", _source, _REFUSED, seeds.trust_files, _FILE),
    Target("trust-key", trust_document.signing_keys, _REFUSED, lambda: [seeds.OWNER_KEY, *seeds.authorities()[:4]]),
    Target("receipt", _receipt, _REFUSED, seeds.receipts, _FILE),
    Target("versions", _memory, (), lambda: seeds.dump({"centre": "7"}), tree=True),
    Target("revocation-batch", _batch, _REFUSED, seeds.batches, _FILE),
    Target("revocation-json", _batch, _REFUSED, lambda: seeds.batches()[:2], _FILE, tree=True),
    Target("cms", _signed_file, _REFUSED, seeds.signed_files, 8192),
    Target("cms-signer", _signer, _REFUSED, lambda: [codes.LISTER.certificate, *seeds.authorities()[:4]]),
    Target("revocation-file", _list_file, (), seeds.revocation_files, 8192),
    Target("revocation-damage", _damaged_list, _REFUSED, seeds.turned_bits, 60),
    Target("deny.toml", _deny, (ConfigError,), seeds.deny_lists),
    Target("pins", _pins, (PinsError,), seeds.pins, tree=True),
    Target("replay", _replay, (replay.ReplayError,), seeds.kept_inputs, replay.MAX_KEPT + 1, tree=True),
    Target("day-key", _box, (DayKeyError,), seeds.boxes),
    Target("parcel", _parcel, (parcel.ParcelError,), lambda: [b"g\0\0\5hello", b"m\0\0\0", b"p\0\0\0"]),
    Target("lookup", _lookup, (), seeds.words, tree=True),
    Target("trace", _trace, (), seeds.traces, tree=True),
    Target("names", _pair, (), seeds.pairs, 2000),
)
