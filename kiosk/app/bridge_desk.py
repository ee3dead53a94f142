"""What the bridge asks of the journal: events after its cursor, what the centre has stored, what can never be sent."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from kiosk.api import messages as wire
from kiosk.app.ports import Journal, JournalError, Peer, Peers
from kiosk.app.recorder import Recorder
from kiosk.app.records import fitting
from kiosk.domain.centre import CentreKeys, ack_topic
from kiosk.verify import receipt
from kiosk.verify.statement import StatementError


@dataclass(frozen=True, slots=True)
class BridgeDesk:
    """Answers the bridge. A journal that fails is passed over: the bridge, or the centre, says it again."""

    journal: Journal
    recorder: Recorder
    peers: Peers
    address: str
    """`TENANT/SITE/KIOSK`: by which the centre knows this kiosk."""
    centre_keys: CentreKeys
    confirmed: Callable[[int], None]
    """Told up to which number the centre has stored events."""

    async def fetch(self, peer: Peer, fetch: wire.Fetch) -> None:
        """Send events after a number."""
        try:
            events = await self.recorder.in_thread(self.journal.read, fetch.after, fetch.limit)
        except JournalError:
            return
        peer.send(wire.Events(events=fitting(events), last=self.journal.head().last))

    async def stored(self, stored: wire.Stored) -> None:
        """Take note of what the centre has stored, where it is the centre who says so."""
        try:
            said = receipt.opened(stored.receipt, ack_topic(self.address), self.centre_keys)
        except StatementError:
            return  # whoever said so: the event stays until the centre does
        if said.epoch != self.journal.head().epoch:
            return
        with suppress(JournalError):
            self.confirmed(await self.recorder.in_thread(self.journal.confirm, said.upto))

    async def bury(self, letter: wire.DeadLetter) -> None:
        """List an event that can never be sent."""
        with suppress(JournalError):
            await self.recorder.in_thread(self.journal.bury, letter.seq, letter.code)

    def tell(self) -> None:
        """Tell the bridge where the journal stands."""
        head = self.journal.head()
        for peer in self.peers.of(wire.Role.BRIDGE):
            peer.send(wire.Appended(last=head.last, confirmed=head.confirmed))
