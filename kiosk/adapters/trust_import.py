"""Trust as it is kept: one file a source, its receipt and the content as it came, written whole or not at all.

`NAME.trust` is one line of JSON, the receipt, and then the very bytes that were imported. A signed content is
verified again at every load, by the key in the receipt, or by the centre's key of today. The age counts from the
date that is signed, else from the receipt, never from file times.
"""

import hashlib
import json
from collections.abc import Container
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from kiosk.adapters.trust_memory import VersionMemory, key_of, write_whole
from kiosk.domain.trust import TrustError, TrustList, is_older
from kiosk.verify import trust_sources
from kiosk.verify.trust_document import MAX_DOCUMENT, is_for, is_name
from kiosk.verify.trust_sources import Content, Given

ENDING = ".trust"
MEMORY = "versions.memory"
MAX_STORED = MAX_DOCUMENT + (64 << 10)
NO_LIMIT = timedelta.max


class ElsewhereError(TrustError):
    """What was offered is for other kiosks."""


class OlderError(TrustError):
    """What was offered is older than what has been here."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was imported, when, and as what. `sha256` is that of the content, in hex."""

    name: str
    kind: str
    version: str
    imported_at: datetime
    """When it was taken over, or issued where the content is dated: the age starts here."""
    sha256: str
    max_age_days: int | None = None
    """None: as old as the settings allow."""
    issuer: str = ""
    key: str = ""
    older_than: str = ""
    """The version that it looked older than, where a person had it taken all the same."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """The kiosk that takes documents from its centre."""

    address: str
    """`TENANT/SITE/KIOSK`."""
    withdrawn: Container[bytes] = frozenset()
    """Ids of keys that sign nothing any more."""

    def judge(self, content: Content) -> None:
        """Raise ElsewhereError for what is for other kiosks, TrustError for what a withdrawn key has signed."""
        if bytes.fromhex(content.signer) in self.withdrawn:
            raise TrustError("the key that signed it is withdrawn")
        if not is_for(content.audience, self.address):
            raise ElsewhereError("it is for other kiosks")


def _time_as_version(now: datetime, before: str) -> str:
    """Return the version of what has none: the time, or just after the one before where the clock was put right."""
    version = now.isoformat(timespec="microseconds")
    return version if is_older(before, version) else f"{before}+"


def _receipt(
    given: Given, kind: str, name: str, content: Content, now: datetime, days: int | None, seen: str
) -> Receipt:
    own = content.max_age.days if content.max_age is not None else None
    lives = min((age for age in (own, days) if age is not None), default=None)
    return Receipt(
        name=name, kind=kind,
        version=content.version or _time_as_version(now, seen),
        imported_at=content.issued_at or now,
        sha256=hashlib.sha256(given.data).hexdigest(),
        max_age_days=lives, issuer=given.issuer, key=given.key.decode("ascii", "replace"),
    )  # fmt: skip


def _dump(receipt: Receipt) -> bytes:
    return json.dumps(asdict(receipt) | {"imported_at": receipt.imported_at.isoformat()}, sort_keys=True).encode()


def _load(line: bytes) -> Receipt:
    try:
        said = json.loads(line)
        receipt = Receipt(**said | {"imported_at": datetime.fromisoformat(said["imported_at"])})
        texts = (
            receipt.name, receipt.kind, receipt.version, receipt.sha256, receipt.issuer, receipt.key, receipt.older_than
        )  # fmt: skip
        "".join(texts).encode()  # texts, all of them, without the half of a surrogate pair that JSON can write
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise TrustError("its receipt cannot be read; import it again") from error
    days = 1 if receipt.max_age_days is None else receipt.max_age_days
    if type(days) is not int or not 0 < days < 9999 or receipt.imported_at.tzinfo is None:
        raise TrustError("its receipt cannot be read; import it again")
    return receipt


def take_in(  # noqa: PLR0913 - each is a word of the person who imports
    given: Given, folder: Path, *, kind: str, now: datetime, name: str = "", max_age_days: int | None = None,
    receiver: Receiver | None = None, allow_older: bool = False,
) -> Receipt | None:  # fmt: skip
    """Verify a content, store it in `folder` with its receipt and return that; None where it is there already.

    `receiver` is the kiosk that takes it from the centre; without one a person has chosen this folder.
    `allow_older`: a person says that a list counts though it looks older; its receipt says that it did.
    Raises ElsewhereError for what is for other kiosks, OlderError for what is older than what has been there,
    TrustError for what cannot be used, OSError.
    """
    content = trust_sources.read(trust_sources.reader(kind), given, now)
    if receiver:
        receiver.judge(content)
    if content.signer_ends is not None and content.signer_ends < now:
        raise TrustError("the certificate of who signed it has ended; sign it with a new key")
    memory = VersionMemory(folder / MEMORY)
    seen = memory.highest(content.origin or name, content.signers)
    if is_name(content.origin or name):  # what is stored soundly counts as well: a memory may have been damaged
        stored = _stored_version(folder / f"{content.origin or name}{ENDING}", given.key, content)
        seen = stored if is_older(seen, stored) else seen
    receipt = _receipt(given, kind, content.origin or name, content, now, max_age_days, seen)
    if not is_name(receipt.name):
        raise TrustError("a source needs a name of small letters, digits and hyphens (--name)")
    if content.origin and name not in ("", content.origin):
        raise TrustError(f"it says that its name is '{content.origin}', so it cannot be imported under another")
    folder.mkdir(parents=True, exist_ok=True)
    if allow_older and content.issued_at is None and is_older(receipt.version, seen):
        # One more than before: so it is newer for a running kiosk too, and the next real version is newer than it.
        receipt = replace(receipt, version=f"{seen}+", older_than=seen)
    if is_older(receipt.version, seen):
        raise OlderError(f"it is older than what has been imported as '{receipt.name}'")
    path = folder / f"{receipt.name}{ENDING}"
    if content.issued_at is not None and seen == receipt.version:
        stored = _stored_digest(path)
        if stored == receipt.sha256:
            return None
        if stored:  # what is damaged or gone may come back; another content needs another number
            raise OlderError(f"'{receipt.name}' has this version already, with another content")
    write_whole(path, _dump(receipt) + b"\n" + given.data)
    memory.remember({key_of(receipt.name, content.signer): receipt.version})
    return receipt


def _stored_version(path: Path, key: bytes, new: Content) -> str:
    """Return the version of what is stored soundly, empty where nothing is, or a key signed it that counts no more."""
    try:
        receipt, before = read_stored(path, key if new.signers else None)
    except (OSError, TrustError):
        return ""
    return receipt.version if bool(before.signer) == bool(new.signer) else ""


def _stored_digest(path: Path) -> str:
    """Return the digest of what is stored soundly, empty where nothing is."""
    try:
        return read_stored(path)[0].sha256
    except (OSError, TrustError):
        return ""


def read_stored(path: Path, key: bytes | None = None) -> tuple[Receipt, Content]:
    """Read what was imported, and verify it once more: by `key`, if given, which has to have signed a document.

    Raises TrustError, or OSError.
    """
    with path.open("rb") as file:
        whole = file.read(MAX_STORED + 1)
    if len(whole) > MAX_STORED:
        raise TrustError("too large for a trust list")
    line, _, data = whole.partition(b"\n")
    receipt = _load(line)
    if receipt.name != path.name.removesuffix(ENDING):
        raise TrustError("it was imported under another name; import it again")
    if hashlib.sha256(data).hexdigest() != receipt.sha256:
        raise TrustError("it is damaged; import it again")
    if key is not None and receipt.kind != "document":
        raise TrustError("it is no signed document; the centre sends nothing else")
    given = Given(data, receipt.issuer, receipt.key.encode() if key is None else key)
    content = trust_sources.read(trust_sources.reader(receipt.kind), given, receipt.imported_at)
    if content.version not in ("", receipt.version) and (not receipt.older_than or content.issued_at is not None):
        raise TrustError("its receipt is of another version; import it again")
    return _as_signed(receipt, content), content


def _as_signed(receipt: Receipt, content: Content) -> Receipt:
    """Return the receipt with the date and the longest life that the content has under its signature, if it has."""
    if content.issued_at is None or content.max_age is None:
        return receipt
    days = content.max_age.days if receipt.max_age_days is None else min(receipt.max_age_days, content.max_age.days)
    return replace(receipt, imported_at=content.issued_at, max_age_days=days)


def load_stored(path: Path, key: bytes | None = None) -> TrustList:
    """Return the list of one stored source, read as `read_stored` does, never older than what was seen in its folder.

    Its maximum age is `NO_LIMIT` where it has none. Raises TrustError.
    """
    receipt, content = read_stored(path, key)
    if is_older(receipt.version, VersionMemory(path.with_name(MEMORY)).highest(receipt.name, content.signers)):
        raise TrustError("it is older than what has been imported before; import the newest again")
    days = receipt.max_age_days
    trust = TrustList.of(
        content.anchors, version=receipt.version, imported_at=receipt.imported_at,
        max_age=NO_LIMIT if days is None else timedelta(days=days), name=receipt.name,
        revoked_keys=content.revoked_keys,
    )  # fmt: skip
    return trust.with_sources(lambda source: replace(source, signer=content.signer))
