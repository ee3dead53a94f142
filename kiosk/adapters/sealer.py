"""Sealing personal fields to the health authority (libsodium sealed box): the kiosk itself cannot open them."""

import base64
import json

from nacl.public import PublicKey, SealedBox

from kiosk.domain.events import EventDraft


class SealingError(ValueError):
    """The authority's key is not 32 bytes in base64."""


class Sealer:
    """Seals what an event knows of a person."""

    def __init__(self, public_key: bytes | None) -> None:
        """Take the key as base64 text. Without one, personal fields are dropped, not kept in the clear."""
        try:
            self._box = SealedBox(PublicKey(base64.b64decode(public_key))) if public_key else None
        except (ValueError, TypeError) as error:
            raise SealingError("the authority's key is not 32 bytes in base64") from error

    @classmethod
    def to(cls, public_key: bytes) -> "Sealer":
        """Seal to a key of 32 bytes."""
        return cls(base64.b64encode(public_key))

    def seal(self, draft: EventDraft) -> str:
        """Return the sealed personal fields in base64; empty where there are none."""
        if not draft.personal or self._box is None:
            return ""
        plain = json.dumps(dict(draft.personal), ensure_ascii=False, sort_keys=True).encode()
        return base64.b64encode(self._box.encrypt(plain)).decode()
