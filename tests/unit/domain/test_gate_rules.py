"""What holds for the gate whatever happens, in whatever order."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kiosk.domain.decision import Admit, Deny, Need
from kiosk.domain.door_io import DoorSetup
from kiosk.domain.events import EventType
from kiosk.domain.gate import (
    CHECKING_MAX_MS,
    MS,
    REFUSED_MS,
    TOUCH_MS,
    TURNS,
    CodeSeen,
    CommitFailed,
    Committed,
    Fault,
    FaultSeen,
    Gate,
    HelpAsked,
    Judged,
    Record,
    RelayMoved,
    Release,
    Reopen,
    StaffDone,
    Tick,
    Touched,
    View,
    step,
)
from kiosk.domain.gate_door import shut
from kiosk.domain.reasons import Reason

PULSE = 3000
DECISIONS = [
    Admit("r"),
    Deny((Reason.EXPIRED,)),
    Deny((Reason.ISSUER_UNKNOWN,), call_staff=True),
    Need((Reason.UNSIGNED_CARD,)),
]
VISITS = st.sampled_from(["a", "b", "c"])
PARTIES = st.sampled_from(["", "family"])
ANSWERS = (View.ADMITTED, View.REFUSED, View.STAFF)


def tells_at_most_how_the_journal_is(effects):
    kinds = (EventType.FAULT_RAISED, EventType.FAULT_CLEARED)
    return all(isinstance(effect, Record) and effect.draft.type in kinds for effect in effects)


class Visitors(RuleBasedStateMachine):
    """A gate with a journal that may fail, visitors in any order, and hands on everything."""

    def __init__(self):
        super().__init__()
        self.gate = Gate.of(DoorSetup(pulse_ms=PULSE))
        self.now = 1_000 * MS
        self.waiting = {}
        self.since = {}
        self.done = {}
        self.let_in = 0
        self.meant = 0
        self.reopened = 0
        self.admitted = 0

    def put(self, event):
        before = self.gate
        self.gate, effects = step(self.gate, event, self.now)
        for effect in effects:
            match effect:
                case Record():
                    assert effect.token > before.token
                    assert effect.token not in self.waiting
                    self.waiting[effect.token] = effect.draft
                    self.since[effect.token] = self.now
                    self.admitted += effect.draft.type is EventType.VISIT_ADMITTED
                case Release():
                    self.check_release(event, effect)
                case Reopen():
                    self.reopened += 1
        return before, effects

    def in_time(self, token):
        return self.now - self.since[token] <= CHECKING_MAX_MS * MS

    def check_release(self, event, effect):
        """A release answers the commit, in time, of an admission of this very visit."""
        assert isinstance(event, Committed)
        draft = self.waiting[event.token]
        assert (draft.type, draft.visit) == (EventType.VISIT_ADMITTED, effect.visit)
        assert effect.ms == PULSE
        assert self.in_time(event.token)
        self.let_in += 1

    @rule(visit=VISITS, party=PARTIES)
    def a_code_is_seen(self, visit, party):
        before, effects = self.put(CodeSeen(visit, party))
        assert effects == ()
        if before.party == (party or visit) and before.visit != visit and before.view in ANSWERS:
            assert self.gate == before, "others of the party are being answered"
        else:
            assert (self.gate.view, self.gate.visit) == (View.CODE_READ, visit)
            assert self.gate.party == (party or visit)

    @rule(visit=VISITS, decision=st.sampled_from(DECISIONS), party=PARTIES)
    def a_visit_is_judged(self, visit, decision, party):
        self.meant += isinstance(decision, Admit)
        before, effects = self.put(Judged(visit, decision, party=party))
        assert effects[0].draft.visit == visit
        if isinstance(decision, Admit) and shut(before) is Reason.RELAY_FAULT:
            assert effects[0].draft.type is EventType.VISIT_DENIED
            assert View.STAFF in (self.gate.view, *(turn.view for turn in self.gate.later))
        elif isinstance(decision, Admit):
            assert (self.gate.view, self.gate.visit) == (before.view, before.visit)

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def a_record_is_durable(self, data):
        token = data.draw(st.sampled_from(sorted(self.waiting)))
        admission = self.waiting[token].type is EventType.VISIT_ADMITTED
        before, effects = self.put(Committed(token))
        lets_in = admission and self.in_time(token) and not shut(before)
        assert any(isinstance(effect, Release) for effect in effects) is lets_in
        assert admission or tells_at_most_how_the_journal_is(effects)
        assert Fault.JOURNAL not in self.gate.faults
        assert self.gate.retry_ns == 0
        self.done[token] = self.waiting.pop(token)

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def a_record_fails(self, data):
        token = data.draw(st.sampled_from(sorted(self.waiting)))
        before, effects = self.put(CommitFailed(token))
        admission = self.waiting[token].type is EventType.VISIT_ADMITTED
        assert len(effects) == (Fault.JOURNAL not in before.faults) + admission
        assert not any(isinstance(effect, Release) for effect in effects)
        assert Fault.JOURNAL in self.gate.faults
        assert self.gate.retry_ns > self.now
        self.done[token] = self.waiting.pop(token)

    @precondition(lambda self: self.done)
    @rule(data=st.data(), answer=st.sampled_from([Committed, CommitFailed]))
    def an_answer_is_repeated(self, data, answer):
        _, effects = self.put(answer(data.draw(st.sampled_from(sorted(self.done)))))
        assert tells_at_most_how_the_journal_is(effects)

    @rule(answer=st.sampled_from([Committed, CommitFailed]))
    def an_answer_to_nothing(self, answer):
        _, effects = self.put(answer(0))
        assert tells_at_most_how_the_journal_is(effects)

    @rule(released=st.booleans())
    def the_relay_moves(self, released):
        self.put(RelayMoved(released, self.now))
        assert bool(self.gate.door.leaves[0].released_ns) is released
        assert released or Fault.RELAY not in self.gate.faults

    @rule(fault=st.sampled_from(Fault), present=st.booleans())
    def a_fault_comes_or_goes(self, fault, present):
        before, effects = self.put(FaultSeen(fault, present))
        assert (fault in self.gate.faults) is present
        assert bool(effects) is (before.faults != self.gate.faults)

    @rule()
    def the_screen_is_touched(self):
        before, effects = self.put(Touched())
        assert effects == ()
        assert self.gate.view is before.view

    @rule()
    def help_is_asked_for(self):
        before, effects = self.put(HelpAsked())
        assert len(effects) == (before.view is not View.STAFF)
        assert self.gate.view is View.STAFF

    @rule()
    def staff_has_come(self):
        _, effects = self.put(StaffDone())
        assert effects == ()
        assert self.gate.view is not View.STAFF

    @rule(ms=st.sampled_from([1, 50, 1000, 2000, 4000, 10_000, 60_000]))
    def time_passes(self, ms):
        self.now += ms * MS
        _, effects = self.put(Tick())
        assert len(effects) <= 3
        assert not any(isinstance(effect, Release) for effect in effects)

    @invariant()
    def nobody_is_let_in_without_an_admission(self):
        assert self.let_in <= self.admitted
        assert {one.token for one in self.gate.pending} == {
            token for token, draft in self.waiting.items() if draft.type is EventType.VISIT_ADMITTED
        }

    @invariant()
    def who_is_not_let_in_may_come_again(self):
        assert self.meant == self.let_in + self.reopened + len(self.gate.pending)

    @invariant()
    def every_page_but_the_staffs_ends_by_itself(self):
        later, now = self.gate, self.now
        for _ in range(TURNS + 1):
            now += (REFUSED_MS + TOUCH_MS) * MS
            later, _ = step(later, Tick(), now)
        assert later.view in (View.IDLE, View.STAFF)
        assert self.gate.view is not View.STAFF or later.view is View.STAFF

    @invariant()
    def what_is_shown_fits_the_page(self):
        gate = self.gate
        assert (gate.view in (View.REFUSED, View.STAFF)) is bool(gate.reasons)
        assert bool(gate.reasons) is (gate.next_step is not None)
        assert (gate.view in (View.REFUSED, View.ADMITTED)) is bool(gate.until_ns)
        assert gate.view is not View.IDLE or (gate.visit, gate.party, gate.later) == ("", "", ())
        assert gate.view is not View.STAFF or gate.later == ()
        assert len(gate.later) <= TURNS
        assert gate.view is View.CODE_READ or gate.visit not in {turn.visit for turn in gate.later}
        assert gate.people == 1 or gate.view is View.ADMITTED
        assert gate.works is not bool(gate.faults)


TestVisitors = Visitors.TestCase
TestVisitors.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
