"""Documents from the centre: from the bridge to their keeper, off the loop, and what became of them on record."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from kiosk.api.messages import DocumentAnswer, DocumentKind, DocumentOffer
from kiosk.api.parcel import ParcelError, unpack
from kiosk.app.ports import DocumentKeeper, Peer
from kiosk.domain.events import EventDraft, EventType

REFUSAL_EVERY_NS = 3600 * 10**9
"""Nanoseconds in which a refusal of one kind is put on record once at most."""


@dataclass(slots=True)
class DocumentDesk:
    """Takes offers one after another. What has no keeper is not taken from the centre."""

    keepers: Mapping[DocumentKind, DocumentKeeper]
    record: Callable[[EventDraft], None]
    mono_ns: Callable[[], int]
    taken: Callable[[DocumentKind], None] = lambda _: None
    """Told, on the loop, that a document of this kind has come into force."""
    _refused_ns: dict[tuple[DocumentKind, str], int] = field(default_factory=dict)
    """By kind and code, when a refusal was last put on record: a broker that sends nonsense for ever, of one kind or
    of several in turn, does not fill the journal."""

    async def take(self, offer: DocumentOffer, fd: int, peer: Peer) -> None:
        """Verify and keep a document, and say what became of it to the bridge and in the journal."""
        answer = await asyncio.to_thread(self._judge, offer, fd)
        match answer.outcome:
            case "taken":
                self.taken(answer.kind)
                if answer.kind != "settings":  # put on record at the start that has proved them
                    self.record(changed(answer))
            case "refused":
                self.refused(answer)
            case _:
                pass
        peer.send(answer.model_copy(update={"sha256": offer.sha256}))

    def refused(self, answer: DocumentAnswer) -> None:
        """Put a refusal on record, each code of a kind once an hour."""
        now, what = self.mono_ns(), (answer.kind, answer.code)
        last = self._refused_ns.get(what)
        if last is None or now - last >= REFUSAL_EVERY_NS:
            self._refused_ns[what] = now
            self.record(_refused(answer))

    def _judge(self, offer: DocumentOffer, fd: int) -> DocumentAnswer:
        keeper = self.keepers.get(offer.kind)
        if keeper is None:
            return DocumentAnswer(kind=offer.kind, outcome="refused", code="no_key")
        try:
            return keeper.take(unpack(fd, offer.size))
        except ParcelError:
            return DocumentAnswer(kind=offer.kind, outcome="refused", code="unreadable")


def changed(answer: DocumentAnswer) -> EventDraft:
    """Return the record of a document that has come into force."""
    if answer.kind == "trust":
        data = {"source": f"centre/{answer.origin}", "version": answer.version}
        return EventDraft(EventType.TRUST_CHANGED, data=data)
    said = {"kind": answer.kind, "version": answer.version, "by": answer.origin}
    return EventDraft(EventType.DOCUMENT_CHANGED, data=said)


def _refused(answer: DocumentAnswer) -> EventDraft:
    if answer.kind == "trust":
        return EventDraft(EventType.TRUST_REFUSED, data={"source": "centre", "code": answer.code})
    return EventDraft(EventType.DOCUMENT_REFUSED, data={"kind": answer.kind, "code": answer.code})
