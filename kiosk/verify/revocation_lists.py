"""Lists of withdrawn credentials as their publishers write them; bytes in, identifiers out.

Nothing here is trusted by itself: whoever fetched it vouches for it.

- Text: one identifier of 16 bytes a line in hex; `#` begins a comment.
- A batch of the EU gateway (eHealth Network, EU DCC Revocation; DGCG `RevocationBatch`), as JSON or CBOR:
  `{"country", "expires", "kid", "hashType", "entries": [{"hash": base64 of 16 bytes}, …]}`.
- A SMART Health Cards revocation list (specification, section on revocation), found at
  `<iss>/.well-known/crl/<kid>.json`: `{"kid", "method": "rid", "ctr", "rids": ["rid" or "rid.timestamp", …]}`.
"""

import base64
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kiosk.domain.trust import TrustError
from kiosk.verify import cbor
from kiosk.verify.errors import MalformedError
from kiosk.verify.revocation import SIZE, shc_identifier

HASH_TYPES = frozenset({"SIGNATURE", "UCI", "COUNTRYCODEUCI"})
MAX_DOCUMENT = 16 << 20
"""Bytes of a batch or card list: the gateway cuts batches at 1,000 entries."""

_RID = re.compile(r"([A-Za-z0-9_-]{1,24})(?:\.([0-9]{1,11}))?", re.ASCII)
"""base64url of at most 24 characters, and Unix seconds."""
_KEY_ID = re.compile(r"[A-Za-z0-9_.:-]{1,128}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Revoked:
    """One entry of a list."""

    identifier: bytes
    before: datetime | None = None
    """Only what was issued before this moment is withdrawn; None: everything."""


def read_text(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the identifiers of a text list, line by line. Raises TrustError that names the line."""
    for number, line in enumerate(lines, 1):
        text = line.split(b"#")[0].strip() if b"#" in line else line.strip()
        if not text:
            continue
        try:
            identifier = bytes.fromhex(text.decode("ascii"))
        except ValueError:
            identifier = b""
        if len(identifier) != SIZE:
            raise TrustError(f"line {number} is no identifier of {SIZE} bytes in hex")
        yield identifier


def read_list(data: bytes) -> frozenset[bytes]:
    """Read a short text list as a whole. Raises TrustError that names the line."""
    return frozenset(read_text(data.split(b"\n")))


def document(data: bytes) -> dict[str, Any]:
    """Read a document in JSON or, where it does not begin like JSON, in CBOR. Raises TrustError."""
    if len(data) > MAX_DOCUMENT:
        raise TrustError(f"the list is larger than {MAX_DOCUMENT >> 20} MB")
    try:
        content = json.loads(data) if data.lstrip()[:1] == b"{" else cbor.decode(data)
    except (ValueError, MalformedError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise TrustError("the list is neither JSON nor CBOR that holds one object")
    return content


def _hash(entry: Any) -> bytes:
    value = entry.get("hash") if isinstance(entry, dict) else entry
    if isinstance(value, str):
        try:
            value = base64.b64decode(value, validate=True)
        except ValueError:
            value = b""
    if not isinstance(value, bytes) or len(value) != SIZE:
        raise TrustError(f"a batch has an entry that is no hash of {SIZE} bytes")
    return value


def read_dcc_batch(content: dict[str, Any]) -> Iterator[Revoked]:
    """Yield the entries of an EU batch. Its `expires` is not looked at: nothing here un-revokes. Raises TrustError."""
    hash_type = content.get("hashType")
    if not isinstance(hash_type, str) or hash_type not in HASH_TYPES:
        raise TrustError("a batch has no hashType that is known: SIGNATURE, UCI or COUNTRYCODEUCI")
    entries = content.get("entries")
    if not isinstance(entries, list):
        raise TrustError("a batch has no list of entries")
    for entry in entries:
        yield Revoked(_hash(entry))


def read_card_list(content: dict[str, Any], issuer: str) -> Iterator[Revoked]:
    """Yield the entries of the list of one key of the SMART Health Cards issuer `issuer` (its `iss`).

    Raises TrustError.
    """
    key_id, rids = content.get("kid"), content.get("rids")
    if content.get("method") != "rid" or not isinstance(key_id, str) or not _KEY_ID.fullmatch(key_id):
        raise TrustError("a card list has no 'method' of 'rid', or no 'kid'")
    if not isinstance(rids, list):
        raise TrustError("a card list has no list of rids")
    for rid in rids:
        found = _RID.fullmatch(rid) if isinstance(rid, str) else None
        if found is None:
            raise TrustError("a card list has an entry that is neither a rid nor rid.timestamp")
        before = datetime.fromtimestamp(int(found[2]), UTC) if found[2] else None
        yield Revoked(shc_identifier(issuer, key_id, found[1]), before)


def read_document(data: bytes, issuer: str = "") -> Iterator[Revoked]:
    """Yield the entries of a batch or of a card list, whichever it is. Raises TrustError.

    `issuer` is the `iss` of card lists: they do not name it themselves, their address does.
    """
    content = document(data)
    if "rids" not in content:
        yield from read_dcc_batch(content)
        return
    if not issuer:
        raise TrustError("a card list does not say whose it is: name the issuer (--issuer https://…)")
    yield from read_card_list(content, issuer)


def version_of(data: bytes) -> int | None:
    """Return the counter `ctr` of a card list; None for documents that have none. Raises TrustError."""
    counter = document(data).get("ctr")
    return counter if type(counter) is int and 0 <= counter < 1 << 63 else None
