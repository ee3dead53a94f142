"""The centre's trust document on its way to the gate."""

from kiosk.api.messages import MAX_DOCUMENT, DocumentAnswer
from mqtt_bridge.codec import encode_answer
from mqtt_bridge.documents import LATER_S, PAUSE_S, DocumentLine, digest_of


def test_a_document_is_offered_once_it_has_come_and_until_it_is_answered():
    line = DocumentLine()
    assert line.due(0) == b""
    assert line.received(b"one")
    assert line.due(1) == b"one"
    assert line.due(1 + PAUSE_S / 2) == b""
    assert line.due(1 + PAUSE_S) == b"one", "nobody has answered"
    line.answered(0, digest_of(b"one"))
    assert line.due(100) == b""


def test_a_retained_document_that_comes_again_is_not_asked_again():
    line = DocumentLine()
    line.received(b"one")
    line.due(0)
    line.answered(0, digest_of(b"one"))
    line.received(b"one")
    assert line.due(100) == b""
    line.received(b"two")
    assert line.due(100) == b"two"


def test_an_answer_counts_for_what_was_offered_and_not_for_what_has_come_since():
    line = DocumentLine()
    line.received(b"one")
    line.due(0)
    line.received(b"two")
    line.answered(0, digest_of(b"one"))
    assert line.due(PAUSE_S) == b"two"
    line.answered(PAUSE_S, digest_of(b"one"), for_now=True)
    assert line.due(2 * PAUSE_S) == b"two", "a late answer to the one before"
    line.answered(2 * PAUSE_S, digest_of(b"two"))
    assert line.due(100) == b""


def test_a_gate_whose_clock_was_behind_is_asked_again_later():
    line = DocumentLine()
    line.received(b"one")
    line.due(0)
    line.answered(1, digest_of(b"one"), for_now=True)
    assert line.due(PAUSE_S) == b""
    assert line.due(1 + LATER_S) == b"one"


def test_a_new_gate_process_is_asked_at_once():
    line = DocumentLine()
    line.received(b"one")
    line.due(0)
    line.answered(0, digest_of(b"one"))
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
