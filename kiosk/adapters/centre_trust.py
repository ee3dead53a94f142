"""Keeps the trust documents that the centre sends: verified by its key, never older than what has been here."""

from collections.abc import Callable
from datetime import datetime

from kiosk.adapters.trust_files import CENTRE, Centre
from kiosk.adapters.trust_import import ElsewhereError, OlderError, Receiver, take_in
from kiosk.adapters.trust_store import TrustStore
from kiosk.api.messages import DocumentAnswer
from kiosk.domain.trust import TrustError
from kiosk.verify.trust_document import NotYetError
from kiosk.verify.trust_sources import Given

_MAX_KEY = 64 << 10


class CentreTrust:
    """Stores documents where `centre` says and has `store` take them over. `kiosk` is `TENANT/SITE/KIOSK`."""

    def __init__(self, centre: Centre, store: TrustStore, now: Callable[[], datetime], kiosk: str) -> None:
        self._kiosk = kiosk
        self._folder, self._key, self._store, self._now = centre.folder, centre.key, store, now

    def take(self, document: bytes) -> DocumentAnswer:
        """Verify and store a document, and take it into force."""
        try:
            with self._key.open("rb") as file:
                key = file.read(_MAX_KEY)
        except OSError:
            return DocumentAnswer(kind="trust", outcome="refused", code="no_key")
        try:
            given = Given(document, key=key)
            receiver = Receiver(self._kiosk, self._store.current.revoked_keys)
            receipt = take_in(given, self._folder, kind="document", now=self._now(), receiver=receiver)
        except ElsewhereError:
            return DocumentAnswer(kind="trust", outcome="refused", code="elsewhere")
        except OlderError:
            return DocumentAnswer(kind="trust", outcome="refused", code="older")
        except NotYetError:
            return DocumentAnswer(kind="trust", outcome="refused", code="not_yet")
        except TrustError:
            return DocumentAnswer(kind="trust", outcome="refused", code="unusable")
        except OSError:
            return DocumentAnswer(kind="trust", outcome="refused", code="not_stored")
        if receipt is None:
            return DocumentAnswer(kind="trust", outcome="known")
        self._store.reload()
        if (CENTRE + receipt.name, receipt.version) not in ((s.name, s.version) for s in self._store.current.sources):
            return DocumentAnswer(kind="trust", outcome="refused", code="not_in_force")
        return DocumentAnswer(kind="trust", outcome="taken", origin=receipt.name, version=receipt.version)
