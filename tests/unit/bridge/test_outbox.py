from hypothesis import given
from hypothesis import strategies as st

from kiosk.api.messages import Fetch
from kiosk.testing.fake_gate import make_record
from mqtt_bridge.outbox import ASK_AGAIN_S, Outbox

JOURNAL = [make_record(number) for number in range(1, 41)]


def between(after, upto):
    return JOURNAL[after:upto]


def test_it_asks_once_and_again_only_after_a_while():
    outbox = Outbox(batch=10)
    assert outbox.ask(1, 40, 0.0) == Fetch(after=0, limit=10)
    assert outbox.ask(1, 40, 1.0) is None
    assert outbox.ask(1, 40, ASK_AGAIN_S) == Fetch(after=0, limit=10)


def test_it_asks_for_nothing_that_does_not_exist():
    assert Outbox().ask(41, 40, 0.0) is None


def test_it_asks_for_more_before_it_runs_dry():
    outbox = Outbox(batch=10)
    outbox.answer(between(0, 15), 1)
    assert outbox.ask(5, 40, 0.0) is None
    assert outbox.ask(6, 40, 0.0) == Fetch(after=15, limit=10)


def test_an_answer_to_a_question_of_the_past_is_not_used():
    outbox = Outbox(batch=10)
    outbox.answer(between(10, 20), 1)
    assert outbox.take(1) is None
    assert outbox.ask(1, 40, 0.0) == Fetch(after=0, limit=10)
    outbox.answer(between(0, 10), 1)
    outbox.answer(between(0, 10), 1)
    assert outbox.take(1).seq == 1
    assert outbox.take(11) is None


def test_a_window_that_went_back_makes_it_ask_at_once():
    outbox = Outbox(batch=10)
    outbox.answer(between(10, 20), 11)
    assert outbox.ask(3, 40, 0.0) == Fetch(after=2, limit=10)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 10), st.integers(1, 41)), max_size=30))
def test_whatever_comes_it_never_gives_another_number_and_never_holds_much(steps):
    outbox = Outbox(batch=10)
    for after, count, head in steps:
        outbox.answer(between(after, after + count), head)
        event = outbox.take(head)
        assert event is None or event.seq == head
        assert len(outbox._waiting) <= 40
