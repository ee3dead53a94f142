"""The payload of a document from the centre: a map in CBOR with a header and the files that it brings.

| key | value |
|---|---|
| 1 | kind, a text |
| 2 | audience, an array of texts |
| 3 | version, a number |
| 4 | issued at, seconds since 1970 |
| 5 | files, a map of names to bytes; the first is `KIND.toml` |

Who has signed it, and for which topic, is `kiosk.verify.statement`'s business.
"""

import re
from datetime import UTC, datetime
from typing import Any

import cbor2

from kiosk.domain.document import Document, DocumentKind, Files
from kiosk.verify import cbor
from kiosk.verify.errors import MalformedError
from kiosk.verify.trust_document import MAX_AUDIENCE, MAX_VERSION, is_address

MAX_DOCUMENT = 4 << 20
"""Bytes of a signed document, the largest that the line carries (kiosk.api.messages)."""
MAX_FILES = 2_000
MAX_NAME = 200
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_ .+()-]{0,99}")
"""A file or a folder: nothing hidden, no step upwards, no sign that means something to a shell or a disk."""
_KIND, _AUDIENCE, _VERSION, _ISSUED_AT, _FILES = 1, 2, 3, 4, 5
_KEYS = frozenset({_KIND, _AUDIENCE, _VERSION, _ISSUED_AT, _FILES})
_LATEST = 253_402_300_799
"""The last second of the year 9999, beyond which there is no date."""


class DocumentError(ValueError):
    """The bytes are no document. The text is one sentence and repeats nothing of them."""


def pack(document: Document) -> bytes:
    """Return a document's payload. Raises DocumentError where its own reader would refuse it."""
    payload: bytes = cbor2.dumps({
        _KIND: str(document.kind),
        _AUDIENCE: sorted(document.audience),
        _VERSION: document.version,
        _ISSUED_AT: int(document.issued_at.timestamp()),
        _FILES: dict(document.files),
    })  # fmt: skip
    unpack(payload)
    return payload


def unpack(payload: bytes) -> Document:
    """Read a payload. Raises DocumentError."""
    if len(payload) > MAX_DOCUMENT:
        raise DocumentError("the document is larger than 4 MiB")
    try:
        said = cbor.decode(payload)
    except MalformedError as error:
        raise DocumentError("the document is not laid out as one") from error
    if not isinstance(said, dict) or said.keys() != _KEYS:
        raise DocumentError("the document's header has other keys than it should")
    kind = _kind(said[_KIND])
    return Document(
        kind, _audience(said[_AUDIENCE]), _number(said[_VERSION], MAX_VERSION),
        datetime.fromtimestamp(_number(said[_ISSUED_AT], _LATEST), UTC), _files(said[_FILES], kind),
    )  # fmt: skip


def _kind(said: Any) -> DocumentKind:
    for kind in DocumentKind:
        if said == kind.value:
            return kind
    raise DocumentError("the document is of a kind that this version does not know")


def _audience(said: Any) -> frozenset[str]:
    if not isinstance(said, list) or not 0 < len(said) <= MAX_AUDIENCE:
        raise DocumentError("the document does not say which kiosks it is for")
    if not all(isinstance(one, str) and is_address(one) for one in said):
        raise DocumentError("the document's audience names no kiosks; use TENANT/SITE, TENANT/SITE/KIOSK or '*'")
    return frozenset(said)


def _number(said: Any, highest: int) -> int:
    if type(said) is not int or not 0 < said <= highest:
        raise DocumentError("the document's version or date is no number that it can be")
    return said


def _files(said: Any, kind: DocumentKind) -> Files:
    if not isinstance(said, dict) or not 0 < len(said) <= MAX_FILES or next(iter(said)) != kind.file:
        raise DocumentError(f"the document does not begin with {kind.file}")
    if len(said) > 1 and kind is not DocumentKind.POLICY:
        raise DocumentError("only a policy may have several files")
    if not all(is_file_name(name) and isinstance(content, bytes) for name, content in said.items()):
        raise DocumentError("a file of the document has a name that it may not have, or no content")
    if any(folder in said for name in said for folder in _folders(name)):
        raise DocumentError("a file of the document has the name of a folder")
    return said


def is_file_name(name: Any) -> bool:
    """Tell whether a text may name a file of a document: relative, in folders or not, nothing hidden."""
    return isinstance(name, str) and len(name) <= MAX_NAME and all(map(_NAME.fullmatch, name.split("/")))


def _folders(name: str) -> list[str]:
    parts = name.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]
