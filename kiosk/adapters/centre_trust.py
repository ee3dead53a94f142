"""Keeps the trust documents that the centre sends: verified by its key, never older than what has been here."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from kiosk.adapters.trust_files import CENTRE
from kiosk.adapters.trust_import import OlderError, take_in
from kiosk.adapters.trust_store import TrustStore
from kiosk.api.messages import TrustAnswer
from kiosk.domain.trust import TrustError
from kiosk.verify.trust_document import NotYetError
from kiosk.verify.trust_sources import Given

_MAX_KEY = 64 << 10


class CentreTrust:
    """Stores documents in `folder` and has `store` take them over. `key`: the file of who may sign them."""

    def __init__(self, folder: Path, key: Path, store: TrustStore, now: Callable[[], datetime]) -> None:
        self._folder, self._key, self._store, self._now = folder, key, store, now

    def take(self, document: bytes) -> TrustAnswer:
        """Verify and store a document, and take it into force."""
        try:
            with self._key.open("rb") as file:
                key = file.read(_MAX_KEY)
        except OSError:
            return TrustAnswer(outcome="refused", code="no_key")
        try:
            receipt = take_in(Given(document, key=key), self._folder, kind="document", now=self._now())
        except OlderError:
            return TrustAnswer(outcome="refused", code="older")
        except NotYetError:
            return TrustAnswer(outcome="refused", code="not_yet")
        except TrustError:
            return TrustAnswer(outcome="refused", code="unusable")
        except OSError:
            return TrustAnswer(outcome="refused", code="not_stored")
        if receipt is None:
            return TrustAnswer(outcome="known")
        self._store.reload()
        if (CENTRE + receipt.name, receipt.version) not in ((s.name, s.version) for s in self._store.current.sources):
            return TrustAnswer(outcome="refused", code="not_in_force")
        return TrustAnswer(outcome="taken", origin=receipt.name, version=receipt.version)
