"""The window against a broker and a centre that lose, refuse, repeat and die."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from mqtt_bridge.window import AHEAD, CONFIRM_MAX_S, CONFIRM_S, LIMIT, NO_SUBSCRIBER, PUBACK_S, Act, Outcome, Window


def opened(last=10, confirmed=0, quota=100, **options):
    window = Window(lambda: 0.0, **options)
    window.start(last, confirmed)
    window.connected(quota)
    return window


def send_all(window, now=0.0, first_mid=1):
    sent = []
    while window.may_send(now):
        sent.append(window.head)
        window.sent(first_mid + len(sent) - 1, now)
    return sent


def test_it_sends_in_order_up_to_its_limit_and_no_further_without_answers():
    window = opened(last=500)
    assert send_all(window) == list(range(1, LIMIT + 1))
    assert window.puback(1, 0, 0.0) is Outcome.DELIVERED
    assert send_all(window, first_mid=200) == [LIMIT + 1]


def test_the_receive_maximum_of_the_broker_makes_the_window_smaller():
    assert len(send_all(opened(last=500, quota=7))) == 7


def test_nothing_is_sent_without_a_connection():
    window = Window(lambda: 0.0)
    window.start(5, 0)
    assert not window.may_send(0.0)


def test_only_contiguous_pubacks_count_as_sent():
    window = opened()
    send_all(window)
    for mid, upto in [(2, 0), (3, 0), (1, 3), (10, 3), (4, 4)]:
        window.puback(mid, 0, 0.0)
        assert window.sent_upto == upto


@pytest.mark.parametrize("code", [NO_SUBSCRIBER, 0x80, 0x87, 0x97])
def test_a_refusal_is_not_delivery_and_is_sent_again_after_a_wait_that_grows(code):
    window, now, waits = opened(last=1), 0.0, []
    for mid in range(1, 12):
        window.sent(mid, now)
        assert window.puback(mid, code, now) is Outcome.REFUSED
        assert window.sent_upto == 0
        began = now
        while not window.may_send(now):
            now += 0.5
        waits.append(now - began)
    assert waits[:4] == [1.0, 2.0, 4.0, 8.0]
    assert waits[-1] == 60.0


def test_a_refusal_in_the_middle_sends_again_from_there_in_order():
    window = opened(last=4)
    send_all(window)
    window.puback(1, 0, 0.0)
    window.puback(3, 0, 0.0)
    window.puback(2, NO_SUBSCRIBER, 0.0)
    assert window.puback(4, 0, 0.0) is Outcome.FOREIGN
    assert send_all(window, now=2.0, first_mid=10) == [2, 3, 4]


def test_without_confirmation_it_goes_back_and_waits_longer_each_time():
    window, now, waits = opened(last=3), 0.0, []
    for turn in range(7):
        first = 10 * (turn + 1)
        assert send_all(window, now, first_mid=first) == [1, 2, 3]
        for mid in range(first, first + 3):
            window.puback(mid, 0, now)
        began = now
        while (act := window.tick(now)) is Act.NOTHING:
            now += 1.0
        assert act is Act.RESEND
        waits.append(now - began)
    assert waits == [CONFIRM_S, 10.0, 20.0, 40.0, CONFIRM_MAX_S, CONFIRM_MAX_S, CONFIRM_MAX_S]


def test_confirmation_clears_the_wait():
    window = opened(last=2)
    send_all(window)
    window.puback(1, 0, 0.0)
    window.puback(2, 0, 0.0)
    assert window.tick(CONFIRM_S) is Act.RESEND
    send_all(window, CONFIRM_S, first_mid=5)
    window.puback(5, 0, CONFIRM_S)
    window.puback(6, 0, CONFIRM_S)
    assert window.confirm(1, 6.0)
    assert window.tick(6.0 + CONFIRM_S) is Act.RESEND
    assert window.head == 2


def test_what_a_lost_broker_had_acknowledged_does_not_count_any_more():
    window = opened(last=4)
    send_all(window)
    window.puback(3, 0, 0.0)
    window.connected(2)
    assert send_all(window, first_mid=10) == [1, 2]
    window.puback(10, 0, 0.0)
    window.puback(11, 0, 0.0)
    assert (window.sent_upto, window.head) == (2, 3)


def test_a_broker_that_answers_nothing_is_left():
    window = opened()
    send_all(window)
    window.confirm(10, 1.0)
    assert window.tick(PUBACK_S - 0.1) is Act.NOTHING
    assert window.tick(PUBACK_S) is Act.RECONNECT


def test_going_back_does_not_forget_what_the_broker_still_counts():
    window = opened(last=300)
    send_all(window)
    assert window.tick(CONFIRM_S) is Act.RESEND
    assert window.in_flight == LIMIT
    assert not window.may_send(CONFIRM_S)
    window.puback(1, 0, CONFIRM_S)
    assert send_all(window, CONFIRM_S, first_mid=1000) == [1]


def test_a_centre_that_is_away_costs_no_more_than_a_thousand_events_again():
    window, mid = opened(last=5000), 0
    while window.may_send(0.0):
        mid += 1
        window.sent(mid, 0.0)
        window.puback(mid, 0, 0.0)
    assert window.sent_upto == AHEAD


def test_words_of_the_centre_that_are_old_or_impossible_change_nothing():
    window = opened(last=10, confirmed=4)
    assert [window.confirm(upto, 0.0) for upto in (0, 3, 4, 11, 1 << 60)] == [False] * 5
    assert window.confirm(10, 0.0)
    assert window.head == 11


def test_an_event_that_cannot_be_sent_blocks_nothing_and_is_never_reported():
    window = opened(last=3000)
    window.sent(1, 0.0)
    window.puback(1, 0, 0.0)
    window.skip()
    mid = 10
    while window.may_send(0.0):
        window.sent(mid, 0.0)
        window.puback(mid, 0, 0.0)
        mid += 1
        if window.head == 500:
            window.confirm(1, 0.0)
    assert window.head == 3001
    assert (window.sent_upto, window.confirmed, window.skipped) == (1, 1, 1)
    assert window.tick(1e6) is Act.NOTHING


@pytest.mark.parametrize("code", [0x95, 0x99])
def test_what_the_broker_refuses_for_good_is_named_and_something_else_may_go_at_once_in_order(code):
    window = opened(last=4)
    send_all(window)
    window.puback(1, 0, 0.0)
    window.puback(3, 0, 0.0)
    assert window.puback(2, code, 0.0) is Outcome.UNSENDABLE
    assert (window.unsendable, window.sent_upto) == (2, 1)
    assert send_all(window, first_mid=10) == [2, 3, 4]


def test_jitter_makes_a_wait_longer_by_a_quarter_at_most():
    window = Window(lambda: 1.0)
    window.start(1, 0)
    window.connected(100)
    window.sent(1, 0.0)
    window.puback(1, 0, 0.0)
    assert window.tick(6.2) is Act.NOTHING
    assert window.tick(6.25) is Act.RESEND


class Line(RuleBasedStateMachine):
    """A window, a broker that keeps some of what it takes, and a centre that stores what reaches it."""

    @initialize(quota=st.integers(1, 8), ahead=st.integers(1, 12))
    def begin(self, quota, ahead):
        self.window = Window(lambda: 0.5, limit=5, ahead=ahead)
        self.quota = quota
        self.now = 0.0
        self.last = 0
        self.mid = 0
        self.unanswered = {}
        self.stored = set()
        self.expected = None
        self.window.start(0, 0)
        self.window.connected(quota)

    def _contiguous(self):
        upto = 0
        while upto + 1 in self.stored:
            upto += 1
        return upto

    @rule(count=st.integers(1, 9))
    def write(self, count):
        self.last += count
        self.window.appended(self.last)

    @rule(count=st.integers(1, 9))
    def send(self, count):
        for _ in range(count):
            if not self.window.may_send(self.now):
                return
            head = self.window.head
            assert self.window.confirmed < head <= self.last
            self.mid += 1
            self.unanswered[self.mid] = head
            self.window.sent(self.mid, self.now)
            assert self.window.head == head + 1

    @precondition(lambda self: getattr(self, "unanswered", None))
    @rule(data=st.data(), code=st.sampled_from([0, 0, 0, NO_SUBSCRIBER, 0x97]), lost=st.booleans())
    def answer(self, data, code, lost):
        mid = data.draw(st.sampled_from(sorted(self.unanswered)))
        seq = self.unanswered.pop(mid)
        if code == 0 and not lost:
            self.stored.add(seq)
        self.window.puback(mid, code, self.now)

    @rule()
    def centre_speaks(self):
        self.window.confirm(self._contiguous(), self.now)

    @rule(seconds=st.floats(0, 70))
    def wait(self, seconds):
        self.now += seconds
        if self.window.tick(self.now) is Act.RECONNECT:
            self.reconnect()

    @rule()
    def reconnect(self):
        self.unanswered.clear()
        self.window.disconnected()
        assert not self.window.may_send(self.now)
        self.window.connected(self.quota)

    @rule()
    def gate_comes_back(self):
        self.window.start(self.last, self.window.confirmed)

    @invariant()
    def promises_hold(self):
        if not hasattr(self, "window"):
            return
        assert len(self.unanswered) == self.window.in_flight <= min(5, self.quota)
        assert self.window.confirmed <= self._contiguous()
        assert self.window.confirmed <= self.window.sent_upto < self.window.head <= self.last + 1

    def teardown(self):
        """From any state, with a broker and a centre that work, everything arrives."""
        if not hasattr(self, "window"):
            return
        for _ in range(40 * (self.last + 2)):
            while self.window.may_send(self.now):
                self.send(1)
            for mid in sorted(self.unanswered):
                self.stored.add(self.unanswered.pop(mid))
                self.window.puback(mid, 0, self.now)
            self.centre_speaks()
            self.wait(5.0)
        assert self.window.confirmed == self.last


TestLine = Line.TestCase
TestLine.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def test_while_the_centre_cannot_be_heard_nothing_goes_again_and_only_so_much_ahead():
    window = opened(last=5000, quota=65_535, limit=10_000)
    window.listen(False, 0.0)
    assert len(send_all(window)) == AHEAD
    assert window.tick(1e6 - 1) is Act.RECONNECT
    window.connected(65_535)
    assert len(send_all(window)) == AHEAD
    for mid in range(1, AHEAD + 1):
        window.puback(mid, 0, 0.0)
    assert window.tick(1e6) is Act.NOTHING
    assert send_all(window, 1e6) == []


def test_what_may_have_been_missed_goes_again_once_the_centre_can_be_heard():
    window = opened(last=3)
    window.listen(False, 0.0)
    send_all(window)
    window.listen(True, 1.0)
    assert window.head == 1
    assert window.in_flight == 3, "the broker still counts what it has not answered"
    assert send_all(window, 1.0, first_mid=10) == [1, 2, 3]


def test_what_the_broker_has_kept_need_not_go_again():
    window = opened(last=3)
    send_all(window)
    window.listen(False, 0.0)
    window.listen(True, 1.0, kept=True)
    assert window.head == 4
    assert window.tick(1.0 + CONFIRM_S - 0.1) is Act.NOTHING
    assert window.tick(1.0 + CONFIRM_S) is Act.RESEND


def test_what_is_no_event_takes_its_place_among_what_is_on_its_way():
    window = opened(last=10, quota=3)
    window.told(99, 0.0)
    assert send_all(window) == [1, 2]
    assert not window.has_room
    assert window.puback(99, 0, 0.0) is Outcome.FOREIGN
    assert send_all(window, first_mid=50) == [3]
    assert window.tick(PUBACK_S) is Act.RECONNECT
