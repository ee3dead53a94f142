"""Trust documents from the centre: from the bridge to the keeper, off the loop, and what became of them on record."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from kiosk.api.messages import TrustAnswer, TrustOffer
from kiosk.api.parcel import ParcelError, unpack
from kiosk.app.ports import Peer, TrustKeeper
from kiosk.domain.events import EventDraft, EventType

REFUSAL_EVERY_NS = 3600 * 10**9
"""Nanoseconds in which a refusal of one kind is put on record once at most."""


@dataclass(slots=True)
class TrustIntake:
    """Takes offers one after another. `keeper` None: this kiosk takes none from the centre."""

    keeper: TrustKeeper | None
    record: Callable[[EventDraft], None]
    mono_ns: Callable[[], int]
    _refused_ns: dict[str, int] = field(default_factory=dict)
    """By code, when a refusal was last put on record: a broker that sends nonsense for ever, of one kind or of several
    in turn, does not fill the journal."""

    async def take(self, offer: TrustOffer, fd: int, peer: Peer) -> None:
        """Verify and keep a document, and say what became of it to the bridge and in the journal."""
        answer = await asyncio.to_thread(self._judge, offer, fd)
        match answer.outcome:
            case "taken":
                data = {"source": f"centre/{answer.origin}", "version": answer.version}
                self.record(EventDraft(EventType.TRUST_CHANGED, data=data))
            case "refused" if self._is_news(answer.code):
                self.record(EventDraft(EventType.TRUST_REFUSED, data={"source": "centre", "code": answer.code}))
            case _:
                pass
        peer.send(answer.model_copy(update={"sha256": offer.sha256}))

    def _is_news(self, code: str) -> bool:
        """Tell whether a refusal is to be put on record: each kind once an hour."""
        now = self.mono_ns()
        last = self._refused_ns.get(code)
        if last is not None and now - last < REFUSAL_EVERY_NS:
            return False
        self._refused_ns[code] = now
        return True

    def _judge(self, offer: TrustOffer, fd: int) -> TrustAnswer:
        if self.keeper is None:
            return TrustAnswer(outcome="refused", code="no_key")
        try:
            return self.keeper.take(unpack(fd, offer.size))
        except ParcelError:
            return TrustAnswer(outcome="refused", code="unreadable")
