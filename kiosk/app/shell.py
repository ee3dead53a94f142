"""The shell around the pure gate: takes messages in, performs effects, keeps everybody informed.

One asyncio loop, one thread for the journal (kiosk.app.recorder), one thread in the relay driver.
Nothing here decides; `kiosk.domain` does.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import assert_never

from kiosk.api import messages as wire
from kiosk.app.audience import Audience
from kiosk.app.bridge_desk import BridgeDesk
from kiosk.app.collector import Collector
from kiosk.app.command_desk import CommandDesk, Commanding
from kiosk.app.document_desk import DocumentDesk
from kiosk.app.doorkeeper import Doorkeeper
from kiosk.app.form_desk import FormDesk
from kiosk.app.manager_parts import Manager
from kiosk.app.manager_session import NoPins, Pins
from kiosk.app.ports import Clock, DocumentKeeper, GateOutput, Journal, JournalError, Peer, Peers, Switch, TrustSource
from kiosk.app.preview import PreviewHandOver
from kiosk.app.reception import Reception
from kiosk.app.recorder import Queued, Recorder
from kiosk.app.records import interrupted, mode_after_start
from kiosk.app.scan_desk import ScanDesk
from kiosk.app.screen import Line, snapshot
from kiosk.app.senses import Senses
from kiosk.app.sight import Sight
from kiosk.app.tally import Door
from kiosk.app.telemetry import Reporter
from kiosk.domain import gate as machine
from kiosk.domain.centre import CentreKeys
from kiosk.domain.deny_list import DenyList
from kiosk.domain.door_io import AlarmsSeen, HoldOpen, LongerAsked
from kiosk.domain.events import Event, EventDraft, EventType
from kiosk.domain.form import Form, Purpose
from kiosk.domain.gate import Fault, Gate
from kiosk.domain.lines import Out, Sense
from kiosk.domain.policy import Policy
from kiosk.domain.staff_sessions import SignedOut

TICK_S = 0.05
LOOK_BACK = 100


@dataclass(slots=True)
class Shell:
    """The running gate process, without its sockets and pins."""

    kiosk: str
    gate: Gate
    policy: Policy
    trust: TrustSource
    journal: Journal
    relays: Mapping[Out, GateOutput]
    clock: Clock
    peers: Peers
    keepers: Mapping[wire.DocumentKind, DocumentKeeper] = field(default_factory=dict)
    """Who keeps documents from the centre, by kind; of a kind without one, none are taken."""
    address: str = ""
    """`TENANT/SITE/KIOSK`: by which the centre knows this kiosk."""
    centre_keys: CentreKeys = field(default_factory=dict)
    """Who may speak in the centre's name."""
    settings: str = ""
    """The digest of the centre's settings that this process was started with."""
    taken: Callable[[wire.DocumentKind], None] = lambda _: None
    """Told that a document from the centre has come into force."""
    line: Line = field(default_factory=Line)
    door: Door = field(default_factory=Door)
    deny: Callable[[], DenyList] = DenyList
    switches: Mapping[Out, Switch] = field(default_factory=dict)
    schedule: Callable[[], HoldOpen] = HoldOpen
    """What the hours in which the door stands unlocked say now."""
    debounce_ms: Mapping[Sense, int] = field(default_factory=dict)
    """How long each sensor's level has to hold, by the board file."""
    poll: Callable[[], Iterable[tuple[Sense, bool, int, int]]] = tuple
    """What the sensors have seen since it was called last: the arguments of `line_moved`."""
    jitter: Callable[[], float] = float
    """Returns 0 to 1: how far the first report of health is put off."""
    offered: Mapping[Purpose, Form] = field(default_factory=dict)
    """Forms that visitors may fill in at the screen."""
    keeps_answers: bool = False
    """Whether there is an authority to seal what they say to."""
    commanding: Commanding = field(default_factory=Commanding)
    """Towards whoever commands this kiosk from afar."""
    pins: Pins = field(default_factory=NoPins)
    """Of those who work at the door."""
    audience: Audience = field(init=False)
    preview: PreviewHandOver = field(init=False)
    sight: Sight = field(init=False)
    collector: Collector = field(init=False)
    scans: ScanDesk = field(init=False)
    reception: Reception = field(init=False)
    forms: FormDesk = field(init=False)
    documents: DocumentDesk = field(init=False)
    recorder: Recorder = field(init=False)
    commands: CommandDesk = field(init=False)
    bridge: BridgeDesk = field(init=False)
    manager: Manager = field(init=False)
    doorkeeper: Doorkeeper = field(init=False)
    senses: Senses = field(init=False)
    reporter: Reporter = field(init=False)
    _started_ns: int = 0
    _mode_known: bool = False

    def __post_init__(self) -> None:
        self.audience = Audience(self.peers, self.clock, self.snapshot)
        self.preview = PreviewHandOver(self.peers)
        self.sight = Sight(self.line, self.clock, self.dispatch)
        self.collector = Collector(self.line, self.clock)
        self.reception = Reception(
            self.policy, self.trust, self.clock, lambda: self.gate, self.dispatch, self.audience.trace, self.door,
            self.deny,
        )  # fmt: skip
        self.recorder = Recorder(
            self.journal, self.clock, self._recorded, self._failed, self._grown, self.door.tally
        )
        self.scans = ScanDesk(
            self.recorder, self.clock, self.line, self.collector, self.reception, self.audience.trace,
            self.audience.show,
        )  # fmt: skip
        self.bridge = BridgeDesk(
            self.journal, self.recorder, self.peers, self.address, self.centre_keys, self._confirmed
        )
        self.senses = Senses(self.dispatch, self.debounce_ms)
        self.doorkeeper = Doorkeeper(
            lambda: self.gate, self.dispatch, self.clock, self.line, self.switches, self.schedule,
            lambda before: self.door.occupied(self.policy, self.clock, before),
        )  # fmt: skip
        self.reporter = Reporter(
            lambda: self.gate, self.line, self.clock, self.journal.head, self.trust, lambda: self.policy, self.door,
            self.peers, self.jitter,
        )  # fmt: skip
        self.commands = CommandDesk(
            self.commanding, self.address, self.centre_keys, lambda: self.gate, self.dispatch, self.recorder,
            self.clock, self.peers,
        )  # fmt: skip
        self.forms = FormDesk(
            self.offered, self.keeps_answers, self.recorder, self.reception, lambda: self.gate,
            lambda: self.clock.now().astimezone(self.door.zone).date(),
        )  # fmt: skip
        self.documents = DocumentDesk(self.keepers, self.recorder.note, self.clock.mono_ns, self.taken)
        self.manager = Manager.of(self.pins, self.recorder, self.reporter, self.doorkeeper, self.relays)

    def take_policy(self, policy: Policy) -> None:
        """Go by another policy from the next code on; visits keep what they have shown."""
        self.policy = self.reception.policy = policy

    @property
    def is_quiet(self) -> bool:
        """Tell whether nobody would notice a new start."""
        return self.gate.is_quiet and self.recorder.is_idle

    def begin(self) -> None:
        """Put the start on record, and a release that a crash of this process has cut short; take up the mode."""
        try:
            newest = self.journal.read(max(0, self.journal.head().last - LOOK_BACK), LOOK_BACK)
            self._take_up_mode()
        except JournalError:
            newest = ()  # the first commit will say that there is no journal
        self.scans.begin(event.visit for event in newest if event.visit)
        self.recorder.note(
            *interrupted(newest), EventDraft(EventType.KIOSK_STARTED, data={"policy": self.policy.version})
        )
        self.commands.begin(newest)
        self._started_ns = self.clock.mono_ns()

    def _take_up_mode(self) -> None:
        """Run the door as it was run before the start. Raises JournalError."""
        mode, said = mode_after_start(self.journal.newest_mode())
        self.gate = replace(self.gate, door=replace(self.gate.door, mode=mode))
        self.recorder.note(*said)
        self._mode_known = True

    # messages in

    def opened(self, peer: Peer) -> None:
        """Greet a client with what its role needs to begin."""
        head = self.journal.head()
        peer.send(wire.Welcome(kiosk=self.kiosk, epoch=head.epoch, settings=self.settings))
        match peer.role:
            case wire.Role.UI:
                self.manager.sessions.end(SignedOut.SCREEN)
                peer.send(self.snapshot())
                self.preview.offer([peer])
                self.preview.want()
            case wire.Role.BRIDGE:
                peer.send(wire.Appended(last=head.last, confirmed=head.confirmed))
                self.reporter.joined()
                self.commands.joined(peer)
            case wire.Role.VISION:
                self.preview.want()
            case wire.Role.MONITOR:
                pass
            case _:
                assert_never(peer.role)

    def closed(self, role: wire.Role) -> None:
        """Notice that a client has gone."""
        self.audience.trace("health", data={"process": role, "state": "gone"})
        if role is wire.Role.VISION:
            self.sight.lost()
        if role is wire.Role.BRIDGE:
            self.line.link = "down"
        if role is wire.Role.UI:
            self.manager.sessions.end(SignedOut.SCREEN)
        self.preview.want()
        self.audience.show()

    async def received(self, peer: Peer, message: wire.Message, fd: int | None) -> None:
        """Take one message from a client; what its role may not say is passed over.

        Raises WireError where the client had better connect anew.
        """
        match peer.role:
            case wire.Role.VISION:
                await self._from_vision(message, fd)
            case wire.Role.UI:
                await self._from_screen(peer, message)
            case wire.Role.BRIDGE:
                await self._from_bridge(peer, message, fd)
            case wire.Role.MONITOR:
                pass
            case _:
                assert_never(peer.role)

    async def _from_vision(self, message: wire.Message, fd: int | None) -> None:
        match message:
            case wire.Scan():
                await self.scans.take(message)
            case wire.VisionHealth():
                figures = message.model_dump(include={"fps", "decode_ms", "light"})
                self.audience.trace("health", data={"process": wire.Role.VISION, "state": message.camera, **figures})
                self.sight.health(message)
                self.reporter.vision(message)
                self.audience.show()
            case wire.Hint():
                self.sight.hint(message)
                self.audience.show()
            case wire.PreviewOffer() if fd is not None:
                self.preview.take(message, fd)
            case _:
                pass

    async def _from_screen(self, peer: Peer, message: wire.Message) -> None:
        match message:
            case wire.Intent():
                self._intent(message)
            case wire.Ask():
                await self.manager.desk.take(peer, message)
            case wire.FormFilled():
                await self.forms.take(peer, message)
            case wire.UiHealth():
                self.line.screen_heard_ns, self.line.sound = self.clock.mono_ns(), message.sound
                self.line.voice = message.voice
                self.line.first_frame_ms = message.first_frame_ms
                self.audience.trace("page", data=message.model_dump(exclude={"type"}))
            case _:
                pass

    async def _from_bridge(self, peer: Peer, message: wire.Message, fd: int | None) -> None:
        match message:
            case wire.Fetch():
                await self.bridge.fetch(peer, message)
            case wire.Sent():
                self.audience.trace("sent", seq=message.upto)
            case wire.Stored():
                await self.bridge.stored(message)
            case wire.DeadLetter():
                await self.bridge.bury(message)
            case wire.DocumentOffer() if fd is not None:
                await self.documents.take(message, fd, peer)
            case wire.CommandOffer():
                await self.commands.take(message)
            case wire.LinkHealth():
                self.line.link = message.link
                said = {"process": wire.Role.BRIDGE, "state": message.link, "detail": message.detail}
                self.audience.trace("health", data=said)
                self.audience.show()
            case _:
                pass

    def _intent(self, intent: wire.Intent) -> None:
        match intent.intent:
            case "touch":
                self.dispatch(machine.Touched())
            case "help":
                self.dispatch(machine.HelpAsked())
            case "help_over":
                self.dispatch(machine.HelpOver())
            case "staff_done":
                self.dispatch(machine.StaffDone())
            case "longer":
                self.dispatch(LongerAsked())
            case "alarms_seen":
                self.dispatch(AlarmsSeen())
            case _:
                assert_never(intent.intent)

    def _confirmed(self, upto: int) -> None:
        self.audience.trace("confirmed", seq=upto)
        self.bridge.tell()
        self.audience.show()

    # the machine and its effects

    def dispatch(self, event: machine.Input) -> None:
        """Take one step of the machine, perform its effects in order, and show what has changed."""
        now = self.clock.mono_ns()
        self.gate, effects = machine.step(self.gate, event, now)
        for effect in effects:
            match effect:
                case machine.Record():
                    self.recorder.put(effect)
                case machine.Release():
                    self.relays[effect.out].release(effect.ms)
                    if effect.visit and self.gate.door.leaf(effect.out).released_ns:  # no edge will come
                        self.audience.trace("relay_on", effect.visit)
                case machine.Lock():
                    self.relays[effect.out].lock()
                case machine.Reopen():
                    self.reception.reopen(effect)
                case _:
                    assert_never(effect)
        self.manager.heard(event)
        self.audience.show()

    def line_moved(self, sense: Sense, *, active: bool, at_ns: int, edges: int = 1) -> None:
        """Take in an edge of a sensor's line, on the loop; `edges`: see kiosk/domain/debounce.py."""
        self.senses.edge(sense, active=active, at_ns=at_ns, edges=edges)

    def settle_senses(self) -> None:
        """Take in what the sensors have seen, and then believe the levels that have held for long enough."""
        for sense, active, at_ns, edges in self.poll():
            self.line_moved(sense, active=active, at_ns=at_ns, edges=edges)
        self.senses.watch(self.clock.mono_ns())

    def relay_moved(self, out: Out, released: bool, at_ns: int) -> None:
        """Take in an edge of a relay's line, on the loop."""
        leaf = self.gate.door.leaf(out)
        visit, since = leaf.visit, leaf.released_ns
        self.dispatch(machine.RelayMoved(released, at_ns, out))
        if released:
            self.audience.trace("relay_on", visit, at_ns=at_ns)
        else:
            released_ms = round((at_ns - since) / 1e6) if since else 0
            self.audience.trace("relay_off", visit, at_ns=at_ns, data={"released_ms": released_ms})

    def _recorded(self, queued: Queued, event: Event) -> None:
        took_ms = round((self.clock.mono_ns() - queued.at_ns) / 1e6, 3)
        self.audience.trace("recorded", event.visit, seq=event.seq, data={"type": event.type, "ms": took_ms})
        self.reporter.recorded(event.type)
        if not self._mode_known:
            # The journal is there at last: a door that was locked down before the start admits nobody now.
            with suppress(JournalError):
                self._take_up_mode()
        self.dispatch(machine.Committed(queued.record.token))
        self.commands.recorded(event)
        self.manager.recorded(event)

    def _grown(self) -> None:
        self.bridge.tell()

    def _failed(self, tokens: Sequence[int]) -> None:
        self.audience.trace("fault", data={"fault": Fault.JOURNAL.value})
        for token in tokens:
            self.dispatch(machine.CommitFailed(token))
        self.commands.unrecorded()
        self.manager.unrecorded()

    async def tick(self) -> None:
        """Let time pass, for ever."""
        while True:
            await asyncio.sleep(TICK_S)
            self.watch()

    def watch(self) -> None:
        """Let everybody know the time."""
        self.sight.watch(self._started_ns, self.gate.faults)
        self.collector.watch()
        self.settle_senses()
        self.dispatch(machine.Tick())
        self.doorkeeper.watch()
        self.reporter.watch()
        self.commands.watch()
        self.manager.watch()
        self.reception.watch()  # after the gate: what waits for the end of a page follows it without a gap

    # what others are told

    def snapshot(self) -> wire.Snapshot:
        """Return what the screen shows now."""
        return snapshot(self.gate, self.line, self.journal.head(), self.clock.confidence())
