"""Documents of a made-up centre, signed for a kiosk."""

from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.domain.centre import Permission, document_topic
from kiosk.domain.document import Document, DocumentKind, Files
from kiosk.testing.centre_keys import known, made_key
from kiosk.verify.document import pack
from kiosk.verify.statement import sign

OWN_SETTINGS = """\
[kiosk]
id = "gate-1"
[paths]
policy = "policy.toml"
trust = "trust"
state = "state"
run = "run"
[gate]
board = "board.toml"
pins = "mock"
[centre]
keys = "centre-keys.toml"
"""
"""The settings of the kiosk that the documents are for: its whole kiosk.toml."""
NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
KIOSK = "local/main/gate-1"
OFFICE = made_key(11)
"""Who may say every kind of document."""
KITCHEN = made_key(12)
"""Who may say results only."""
ALL_KINDS = frozenset(map(Permission, DocumentKind))
KEYS = known(office=(OFFICE, ALL_KINDS), kitchen=(KITCHEN, [Permission.RESULTS]))


def document(
    kind: DocumentKind, version: int, content: bytes | Files, *, issued_at: datetime = NOW,
    audience: frozenset[str] = frozenset({"*"}),
) -> Document:  # fmt: skip
    """Return a document with one file, or with these files."""
    files = {kind.file: content} if isinstance(content, bytes) else content
    return Document(kind, audience, version, issued_at, files)


def signed(said: Document, key: Ed25519PrivateKey = OFFICE, kiosk: str = KIOSK) -> bytes:
    """Return it as the centre puts it on the kiosk's topic."""
    return sign(pack(said), key, document_topic(kiosk, said.kind))
