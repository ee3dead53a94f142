"""The centre's documents on their way to the gate, one line a kind."""

import pytest

from kiosk.api.messages import MAX_DOCUMENT, DocumentAnswer
from mqtt_bridge.codec import encode_answer
from mqtt_bridge.documents import AGAIN_S, PAUSE_S, DocumentLine, digest_of


def answer(document, outcome="taken", code=""):
    return DocumentAnswer(kind="policy", outcome=outcome, code=code, sha256=digest_of(document))


def test_a_document_is_offered_once_it_has_come_and_until_it_is_answered():
    line = DocumentLine()
    assert line.due(0) == b""
    assert line.received(b"one")
    assert line.due(1) == b"one"
    assert line.due(1 + PAUSE_S / 2) == b""
    assert line.due(1 + PAUSE_S) == b"one", "nobody has answered"
    line.answered(0, answer(b"one"))
    assert line.due(100) == b""


def test_a_retained_document_that_comes_again_is_not_asked_again():
    line = DocumentLine()
    line.received(b"one")
    line.due(0)
    line.answered(0, answer(b"one"))
    line.received(b"one")
    assert line.due(100) == b""
    line.received(b"two")
    assert line.due(100) == b"two"


def test_an_answer_counts_for_what_was_offered_and_not_for_what_has_come_since():
    line = DocumentLine()
    line.received(b"one")
    line.due(0)
    line.received(b"two")
    line.answered(0, answer(b"one"))
    assert line.due(PAUSE_S) == b"two"
    line.answered(PAUSE_S, answer(b"one", "refused", "not_yet"))
    assert line.due(2 * PAUSE_S) == b"two", "a late answer to the one before"
    line.answered(2 * PAUSE_S, answer(b"two"))
    assert line.due(100) == b""


@pytest.mark.parametrize(("outcome", "code"), [
    ("refused", "not_yet"), ("refused", "not_stored"), ("refused", "not_in_force"), ("refused", "no_key"),
    ("pending", ""),
])  # fmt: skip
def test_what_may_change_by_itself_is_asked_again_later_and_told_once(outcome, code):
    line = DocumentLine()
    line.received(b"one")
    line.due(0)
    again_s = AGAIN_S[code or outcome]
    assert line.answered(1, answer(b"one", outcome, code))
    assert line.due(1 + again_s - 0.1) == b""
    assert line.due(1 + again_s) == b"one"
    assert not line.answered(2 + again_s, answer(b"one", outcome, code)), "the centre has heard that"
    assert line.due(2 + 2 * again_s) == b"one"
    assert line.answered(3 + 2 * again_s, answer(b"one"))
    assert line.due(10_000) == b""


def test_a_new_gate_process_is_asked_at_once():
    line = DocumentLine()
    line.received(b"one")
    line.due(0)
    line.answered(0, answer(b"one"))
    line.gate_came()
    assert line.due(0.1) == b"one"


def test_an_empty_document_takes_it_back_and_a_large_one_is_passed_over():
    line = DocumentLine()
    line.received(b"one")
    assert not line.received(bytes(MAX_DOCUMENT + 1))
    assert line.due(0) == b"one"
    line.received(b"")
    assert line.due(100) == b""


def test_the_answer_as_a_payload():
    answer = DocumentAnswer(kind="trust", outcome="refused", code="older")
    assert encode_answer(answer) == b'{"outcome":"refused","code":"older","origin":"","version":"","sha256":""}'
