"""Takes the centre's documents: verifies, checks with the kiosk's own reader, stores, takes into force, or rolls back.

The steps are numbered in `DocumentKeeper.take`; docs/documents.md has them for people.
"""

import contextlib
import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kiosk.adapters.document_store import DocumentStore
from kiosk.api.messages import DocumentAnswer
from kiosk.config import ConfigError, NotPermittedError
from kiosk.domain.centre import CentreKeys, Permission, document_topic
from kiosk.domain.document import Document, DocumentKind, Files, Newest, Refusal, is_from_the_future, is_new
from kiosk.verify.document import DocumentError, unpack
from kiosk.verify.statement import StatementError, opened
from kiosk.verify.trust_document import is_for

_log = logging.getLogger("kiosk")


class Use(Protocol):
    """What a kind of document is good for."""

    def check(self, files: Files) -> Callable[[], None]:
        """Read the content as the kiosk will; return what takes it into force.

        Raises NotPermittedError, ConfigError, OSError; what it returns raises ConfigError or OSError, and has then
        changed nothing.
        """
        ...


@dataclass(frozen=True, slots=True)
class Centre:
    """Whom a kiosk takes documents from."""

    kiosk: str
    """Its address, `TENANT/SITE/KIOSK`."""
    keys: Callable[[], CentreKeys]
    """Returns who may say what today. Raises ConfigError where that cannot be read."""
    now: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Found:
    """A document that was verified."""

    document: Document
    digest: bytes
    """SHA-256 of its payload."""
    by: str
    """Names of the keys that signed it."""
    keys: frozenset[str]
    """Their ids in hex."""
    counting: frozenset[str]
    """Ids of all keys that may say this kind today."""


class RefusedError(Exception):
    """A document that is not taken; `code` says why."""

    def __init__(self, code: Refusal) -> None:
        super().__init__(code.value)
        self.code = code


class DocumentKeeper:
    """Keeps documents of one kind. Blocks; called off the loop, for one document after the other."""

    def __init__(self, kind: DocumentKind, store: DocumentStore, use: Use, centre: Centre) -> None:
        self.kind, self._store, self._use, self._centre = kind, store, use, centre
        self.in_force: Found | None = None
        self.problem = ""
        """One sentence on why what is stored is not in force; empty where it is."""

    def take(self, data: bytes) -> DocumentAnswer:
        """Judge a document and act on it; the answer does not name the offer yet."""
        try:
            return self._take(data)
        except RefusedError as error:
            return DocumentAnswer.model_validate({"kind": self.kind, "outcome": "refused", "code": error.code})

    def _take(self, data: bytes) -> DocumentAnswer:
        found = self.verified(data)  # 1 to 5
        if is_from_the_future(found.document, self._centre.now()):  # 6
            raise RefusedError(Refusal.NOT_YET)
        if (answer := self._standing(found)) is not None:  # 7
            return answer
        if not self._replaces_what_was_here(found):  # 8
            raise RefusedError(Refusal.OLDER)
        force = self._checked(found.document)  # 9
        try:
            self._store.store(self.kind, data, keep=self._keeps())  # 10
        except OSError as error:
            raise RefusedError(Refusal.NOT_STORED) from error
        return self._into_force(found, force)  # 11

    def verified(self, data: bytes) -> Found:
        """Return what a document says, by the keys of today. Raises RefusedError."""
        try:
            keys = self._centre.keys()
        except ConfigError as error:
            raise RefusedError(Refusal.NO_KEY) from error
        if not keys:  # 1: somebody may say something here
            raise RefusedError(Refusal.NO_KEY)
        may = Permission(self.kind.value)
        try:
            statement = opened(data, self.topic, keys)  # 2: signed for this topic
            statement.require(may)  # 3: by those who may say this kind
            document = unpack(statement.payload)  # 4: laid out as a document of this kind
        except StatementError as error:
            refused = Refusal.NOT_PERMITTED if error.code == "not_permitted" else Refusal.UNUSABLE
            raise RefusedError(refused) from error
        except DocumentError as error:
            raise RefusedError(Refusal.UNUSABLE) from error
        if document.kind is not self.kind:
            raise RefusedError(Refusal.UNUSABLE)
        if not is_for(document.audience, self._centre.kiosk):  # 5: for this kiosk
            raise RefusedError(Refusal.ELSEWHERE)
        return Found(
            document, hashlib.sha256(statement.payload).digest(),
            ", ".join(signer.name for signer in statement.signers)[:64],
            frozenset(signer.key_id.hex() for signer in statement.signers),
            frozenset(key.key_id.hex() for key in keys.values() if may in key.may),
        )  # fmt: skip

    @property
    def topic(self) -> str:
        """Where the centre puts this kind for this kiosk: what the signature covers beside the document."""
        return document_topic(self._centre.kiosk, self.kind)

    def _standing(self, found: Found) -> DocumentAnswer | None:
        """Return the answer where nothing has to be done."""
        if self.in_force is not None and found.digest == self.in_force.digest:
            return self.answer("known", self.in_force)
        return None

    def _replaces_what_was_here(self, found: Found) -> bool:
        return all(is_new(found.document, found.digest, newest) for newest in self._newest(found))

    def _newest(self, found: Found) -> list[Newest]:
        """Return what has been in force, and what is stored soundly: a crash may have come before it was remembered."""
        remembered = self._store.newest(self.kind, found.counting)
        try:
            stored = self.verified(self._store.current(self.kind))
        except RefusedError:
            return [remembered]
        return [remembered, Newest(stored.document.version, stored.digest)]

    def _checked(self, document: Document) -> Callable[[], None]:
        try:
            return self._use.check(document.files)
        except NotPermittedError as error:
            _log.warning("%s from the centre: %s", self.kind, error)
            raise RefusedError(Refusal.NOT_PERMITTED) from error
        except ConfigError as error:  # its text may repeat what came from elsewhere: the code is all that is said
            raise RefusedError(Refusal.INVALID) from error
        except OSError as error:
            raise RefusedError(Refusal.NOT_STORED) from error

    def _keeps(self) -> bool:
        """Tell whether what is stored is in force, and so worth keeping as the one before."""
        with contextlib.suppress(RefusedError):
            stored = self.verified(self._store.current(self.kind))
            return self.in_force is not None and stored.digest == self.in_force.digest
        return False

    def _into_force(self, found: Found, force: Callable[[], None]) -> DocumentAnswer:
        try:
            force()
        except (ConfigError, OSError) as error:
            self.roll_back()
            raise RefusedError(Refusal.NOT_IN_FORCE) from error
        self.hold(found)
        return self.answer("taken", found)

    def hold(self, found: Found) -> None:
        """Take note that a document is in force, and remember its version."""
        self.in_force, self.problem = found, ""
        newest = Newest(found.document.version, found.digest)
        try:
            self._store.remember(self.kind, found.keys, newest)
        except OSError as error:
            _log.warning("the version of %s from the centre cannot be remembered (%s)", self.kind, error.strerror)

    def roll_back(self) -> None:
        """Have the document before in the place of the newest again."""
        try:
            self._store.roll_back(self.kind)
        except OSError as error:
            _log.warning("%s from the centre cannot be rolled back (%s)", self.kind, error.strerror)

    def restore(self) -> None:
        """Take into force what is stored, at a start: the newest, or the one before where that is damaged.

        Without any the kiosk goes by its own files alone; `problem` says what could not be used.
        """
        for data in (self._store.current(self.kind), self._store.before(self.kind)):
            if data and self._restored(data):
                return

    def _restored(self, data: bytes) -> bool:
        try:
            found = self.verified(data)
            self._use.check(found.document.files)()
        except RefusedError as error:
            self.problem = f"{self.kind}: what the centre sent is not in force ({error.code})"
        except (ConfigError, OSError):
            self.problem = f"{self.kind}: what the centre sent is not in force ({Refusal.NOT_IN_FORCE})"
        else:
            problem = self.problem
            self.hold(found)
            self.problem = problem and f"{problem}; the one before it is"
            return True
        return False

    def answer(self, outcome: str, found: Found) -> DocumentAnswer:
        """Return an answer that says which document it is about."""
        return DocumentAnswer.model_validate({
            "kind": self.kind, "outcome": outcome, "origin": found.by, "version": str(found.document.version),
        })  # fmt: skip
