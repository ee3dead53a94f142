"""Trust documents from the centre: from the bridge to the keeper, off the loop, and what became of them on record."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from kiosk.api.messages import TrustAnswer, TrustOffer
from kiosk.api.parcel import ParcelError, unpack
from kiosk.app.ports import Peer, TrustKeeper
from kiosk.domain.events import EventDraft, EventType


@dataclass(slots=True)
class TrustIntake:
    """Takes offers one after another. `keeper` None: this kiosk takes none from the centre."""

    keeper: TrustKeeper | None
    record: Callable[[EventDraft], None]
    _refused: TrustAnswer | None = None
    """The refusal that is on record already: a broker that sends nonsense for ever does not fill the journal."""

    async def take(self, offer: TrustOffer, fd: int, peer: Peer) -> None:
        """Verify and keep a document, and say what became of it to the bridge and in the journal."""
        answer = await asyncio.to_thread(self._judge, offer, fd)
        match answer.outcome:
            case "taken":
                self._refused = None
                data = {"source": f"centre/{answer.origin}", "version": answer.version}
                self.record(EventDraft(EventType.TRUST_CHANGED, data=data))
            case "refused" if answer != self._refused:
                self._refused = answer
                self.record(EventDraft(EventType.TRUST_REFUSED, data={"source": "centre", "code": answer.code}))
            case _:
                pass
        peer.send(answer.model_copy(update={"sha256": offer.sha256}))

    def _judge(self, offer: TrustOffer, fd: int) -> TrustAnswer:
        if self.keeper is None:
            return TrustAnswer(outcome="refused", code="no_key")
        try:
            return self.keeper.take(unpack(fd, offer.size))
        except ParcelError:
            return TrustAnswer(outcome="refused", code="unreadable")
