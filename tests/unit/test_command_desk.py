"""Remote commands in the gate process: judged, kept, put on record, and only then done."""

import asyncio

import pytest

from kiosk.api.messages import CommandResult, Page, Role
from kiosk.app.command_desk import A_SECOND, UNSAID, Commanding
from kiosk.domain.command import CommandName, Ledger
from kiosk.domain.door_io import Mode, ModeAsked
from kiosk.domain.events import ClockConfidence, EventType
from kiosk.domain.lines import Out
from kiosk.testing.centre_keys import STRANGER
from kiosk.testing.commanding import ANNA, BINH, KEYS, MemoryLedger, order
from kiosk.testing.gatehouse import NOW, Gatehouse

OPEN, LOCKDOWN, NORMAL, FREE = CommandName.OPEN, CommandName.LOCKDOWN, CommandName.NORMAL, CommandName.FREE_PASSAGE
RELOAD = CommandName.RELOAD_TRUST


class Kiosk(Gatehouse):
    """A gate process that two people command through a bridge."""

    def __init__(self, journal=None, ledger=None, *, remote_opening=True):
        self.ledger = ledger or MemoryLedger()
        self.reloaded = ""
        numbers = iter(range(1, 1000))
        setup = Commanding(
            self.ledger, remote_opening=remote_opening, reload_trust=self.reload,
            random=lambda size: next(numbers).to_bytes(size, "big"),
        )  # fmt: skip
        super().__init__(setup, KEYS, journal)
        self.bridge = self.join(Role.BRIDGE)

    async def reload(self):
        return self.reloaded

    async def take(self, *offers):
        for offer in offers:
            await self.shell.received(self.bridge, offer, None)

    async def settle(self):
        await super().settle()
        await self.shell.commands.settle()

    async def move_relay(self):
        self.shell.relay_moved(Out.RELAY, True, self.clock.mono_ns())
        await self.settle()

    def said(self, number=None):
        """What the bridge was told, of one command or of all: state and code."""
        wanted = None if number is None else f"{number:032x}"
        results = [one for one in self.bridge.sent if isinstance(one, CommandResult)]
        return [(one.state, one.code) for one in results if wanted in (None, one.id)]

    def record(self, kind):
        return [dict(event.data) for event in self.journal.events if event.type is kind]


@pytest.fixture
def kiosk():
    return Kiosk()


def test_an_opening_is_received_running_and_done_when_the_relay_has_moved(kiosk):
    async def opening():
        await kiosk.take(order(OPEN, 1, NOW, reason="visitor_at_the_door"))
        await kiosk.settle()
        assert kiosk.said() == [("received", ""), ("running", "")]
        assert kiosk.relay.told == [3000]
        await kiosk.move_relay()

    asyncio.run(opening())
    assert kiosk.said() == [("received", ""), ("running", ""), ("done", "")]
    assert kiosk.kinds() == [
        EventType.COMMAND_RECEIVED, EventType.VISIT_ADMITTED, EventType.GATE_RELEASED, EventType.COMMAND_FINISHED,
    ]  # fmt: skip
    received, admitted, _, finished = kiosk.journal.events
    assert received.visit == admitted.visit == f"command-{1:032x}"
    assert received.data == {
        "id": f"{1:032x}", "command": "open", "by": ["anna"], "direction": "entry", "reason": "visitor_at_the_door",
    }  # fmt: skip
    assert finished.data == {"id": f"{1:032x}", "command": "open", "state": "done", "code": ""}


def test_the_ledger_is_kept_before_anything_is_on_record_and_that_before_the_relay_moves():
    class Watched(MemoryLedger):
        def keep(self, ledger):
            on_record.append(kiosk.kinds())
            super().keep(ledger)

    on_record = []
    kiosk = Kiosk(ledger=Watched())

    async def opening():
        await kiosk.take(order(OPEN, 1, NOW))
        assert kiosk.kinds() == [EventType.COMMAND_RECEIVED]
        assert kiosk.relay.told == []
        await kiosk.settle()

    asyncio.run(opening())
    assert on_record == [[]]
    assert kiosk.relay.told == [3000]
    assert kiosk.ledger.current.unfinished == {f"{1:032x}": OPEN}


def test_an_ended_command_is_no_longer_unfinished(kiosk):
    async def reload():
        await kiosk.take(order(RELOAD, 1, NOW))
        assert kiosk.ledger.current.unfinished
        await kiosk.settle()

    asyncio.run(reload())
    assert kiosk.ledger.current.unfinished == {}
    assert kiosk.said() == [("received", ""), ("running", ""), ("done", "")]


def test_lists_that_cannot_be_reloaded_are_a_failure(kiosk):
    kiosk.reloaded = "unusable"

    async def reload():
        await kiosk.take(order(RELOAD, 1, NOW))
        assert kiosk.said()[-1] == ("running", "")
        await kiosk.settle()

    asyncio.run(reload())
    assert kiosk.said()[-1] == ("failed", "unusable")


def test_a_lockdown_takes_two(kiosk):
    async def lockdown():
        await kiosk.take(order(LOCKDOWN, 1, NOW))
        assert kiosk.said() == [("refused", "one_key_is_not_enough")]
        assert kiosk.pages()[-1] is not Page.LOCKDOWN
        await kiosk.take(order(LOCKDOWN, 2, NOW, ANNA, BINH))
        assert kiosk.pages()[-1] is Page.LOCKDOWN
        await kiosk.settle()

    asyncio.run(lockdown())
    assert kiosk.said(2) == [("received", ""), ("running", ""), ("done", "")]
    assert kiosk.record(EventType.MODE_CHANGED) == [{"mode": "lockdown", "was": "normal", "by": "centre"}]
    assert kiosk.record(EventType.COMMAND_RECEIVED)[0]["by"] == ["anna", "binh"]


def test_a_mode_that_is_there_already_is_done_at_once(kiosk):
    asyncio.run(kiosk.take(order(NORMAL, 1, NOW)))
    assert kiosk.said() == [("received", ""), ("done", "already")]


def test_nobody_is_let_in_from_afar_by_a_kiosk_that_was_not_told_to(kiosk):
    kiosk = Kiosk(remote_opening=False)

    async def ask():
        await kiosk.take(order(OPEN, 1, NOW), order(FREE, 2, NOW, ANNA, BINH))
        await kiosk.settle()

    asyncio.run(ask())
    assert kiosk.said(1) == kiosk.said(2) == [("received", ""), ("refused", "remote_opening_off")]
    assert kiosk.relay.told == []
    assert EventType.VISIT_ADMITTED not in kiosk.kinds()


def test_a_locked_down_door_is_not_opened_and_a_replay_does_not_open_it_later(kiosk):
    async def ask():
        kiosk.shell.dispatch(ModeAsked(Mode.LOCKDOWN, "staff"))
        opening = order(OPEN, 1, NOW)
        await kiosk.take(opening)
        kiosk.shell.dispatch(ModeAsked(Mode.NORMAL, "staff"))
        await kiosk.take(opening)
        await kiosk.settle()

    asyncio.run(ask())
    assert kiosk.said() == [("received", ""), ("refused", "not_now"), ("refused", "repeated")]
    assert 3000 not in kiosk.relay.told


def test_one_opening_at_a_time(kiosk):
    asyncio.run(kiosk.take(order(OPEN, 1, NOW), order(OPEN, 2, NOW)))
    assert kiosk.said(2) == [("received", ""), ("refused", "busy")]


def test_an_opening_whose_record_fails_has_failed_and_opens_nothing(kiosk):
    async def ask():
        await kiosk.take(order(OPEN, 1, NOW))
        kiosk.journal.broken = True
        await kiosk.settle()
        kiosk.journal.broken = False
        await kiosk.settle()

    asyncio.run(ask())
    assert kiosk.said() == [("received", ""), ("running", ""), ("failed", "journal_unavailable")]
    assert kiosk.relay.told == []
    assert kiosk.record(EventType.COMMAND_FINISHED)[0]["code"] == "journal_unavailable"


def test_without_a_journal_a_command_is_not_even_begun(kiosk):
    kiosk.journal.broken = True
    asyncio.run(kiosk.take(order(LOCKDOWN, 1, NOW, ANNA, BINH)))
    assert kiosk.said() == [("failed", "journal_unavailable")]
    assert kiosk.pages()[-1] is not Page.LOCKDOWN


def test_an_opening_that_nothing_comes_of_times_out_when_it_expires(kiosk):
    async def ask():
        await kiosk.take(order(OPEN, 1, NOW))
        await kiosk.settle()
        kiosk.wait(14)
        assert kiosk.said()[-1] == ("running", "")
        kiosk.wait(1)

    asyncio.run(ask())
    assert kiosk.said()[-1] == ("timed_out", "")


def test_a_ledger_that_cannot_be_read_or_kept_refuses_everything(kiosk):
    kiosk.ledger.broken = True
    asyncio.run(kiosk.take(order(NORMAL, 1, NOW)))
    kiosk.ledger.current = None
    asyncio.run(kiosk.take(order(NORMAL, 2, NOW)))
    assert kiosk.said() == [("refused", "ledger_unavailable")] * 2
    assert kiosk.kinds() == []


def test_a_kiosk_without_a_clock_gives_a_nonce_and_takes_it_once(kiosk):
    kiosk.clock.confidence_is = ClockConfidence.DRIFTING
    then = NOW.replace(year=2020)

    async def ask():
        await kiosk.take(order(RELOAD, 1, then))
        nonce = bytes.fromhex(kiosk.bridge.sent[-1].nonce)
        await kiosk.take(order(RELOAD, 2, then, nonce=nonce), order(RELOAD, 3, then, nonce=nonce))
        await kiosk.settle()

    asyncio.run(ask())
    assert kiosk.said(1) == [("refused", "clock_unset")]
    assert kiosk.said(2)[-1] == ("done", "")
    assert kiosk.said(3) == [("refused", "clock_unset")]


def test_what_the_last_process_did_not_bring_to_an_end_was_interrupted(kiosk):
    asyncio.run(kiosk.take(order(OPEN, 1, NOW)))
    after = Kiosk(kiosk.journal, kiosk.ledger)

    async def start():
        after.shell.begin()
        await after.settle()
        await after.take(order(OPEN, 1, NOW))

    asyncio.run(start())
    assert after.said() == [("failed", "interrupted"), ("refused", "repeated")]
    assert after.relay.told == []
    assert after.ledger.current.unfinished == {}
    assert after.record(EventType.COMMAND_FINISHED)[0]["code"] == "interrupted"


def test_an_end_that_is_on_record_is_no_interruption(kiosk):
    async def reload():
        await kiosk.take(order(RELOAD, 1, NOW))
        unfinished = kiosk.ledger.current
        await kiosk.settle()
        return unfinished

    unfinished = asyncio.run(reload())
    kiosk.ledger.current = unfinished
    after = Kiosk(kiosk.journal, kiosk.ledger)
    after.shell.begin()
    assert after.said() == []


def test_without_its_ledger_a_start_looks_into_the_journal(kiosk):
    asyncio.run(kiosk.take(order(OPEN, 1, NOW)))
    after = Kiosk(kiosk.journal, MemoryLedger(current=None))
    after.shell.begin()
    assert after.said() == [("failed", "interrupted")]


def test_results_wait_for_a_bridge_that_is_away_up_to_a_bound(kiosk):
    unfinished = {f"{number:032x}": OPEN for number in range(UNSAID + 5)}
    kiosk = Kiosk(ledger=MemoryLedger(Ledger(created=0, unfinished=unfinished)))
    kiosk.peers.peers.clear()
    kiosk.shell.begin()
    bridge = kiosk.join(Role.BRIDGE)
    assert sum(isinstance(one, CommandResult) for one in bridge.sent) == UNSAID
    again = kiosk.join(Role.BRIDGE)
    assert not any(isinstance(one, CommandResult) for one in again.sent)


def test_what_is_forged_is_answered_by_its_digest_and_on_record_once_a_minute(kiosk):
    async def forge():
        for number in range(1, 31):
            await kiosk.take(order(OPEN, number, NOW, STRANGER))
        kiosk.wait(60)
        await kiosk.settle()
        kiosk.wait(60)
        await kiosk.settle()
        await kiosk.take(order(OPEN, 31, NOW, STRANGER))
        await kiosk.settle()

    asyncio.run(forge())
    assert kiosk.said() == [("refused", "unknown_key")] * 31
    assert kiosk.said(1) == []
    forged = {"code": "unknown_key"}
    assert kiosk.record(EventType.COMMAND_REFUSED) == [
        forged | {"count": 1}, forged | {"count": 29}, forged | {"count": 1},
    ]  # fmt: skip
    assert kiosk.relay.told == []


def test_a_flood_is_not_looked_at(kiosk):
    async def flood():
        for _ in range(3 * A_SECOND):
            await kiosk.take(order(OPEN, 1, NOW, STRANGER))
        kiosk.wait(1)
        await kiosk.take(order(OPEN, 2, NOW, STRANGER))
        kiosk.wait(60)
        await kiosk.settle()

    asyncio.run(flood())
    assert len(kiosk.said()) == A_SECOND + 1
    counts = {one["code"]: 0 for one in kiosk.record(EventType.COMMAND_REFUSED)}
    for one in kiosk.record(EventType.COMMAND_REFUSED):
        counts[one["code"]] += one["count"]
    assert counts == {"unknown_key": A_SECOND + 1, "busy": 2 * A_SECOND}
