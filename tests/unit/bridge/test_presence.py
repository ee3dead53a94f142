"""Whether a kiosk is there, by what has come in whatever order."""

import functools

import pytest

from mqtt_bridge.presence import MAX_PRESENCE, Presence, State, after, decode_presence

ONLINE_A, STOPPED_A, LOST_A = Presence(State.ONLINE, "a"), Presence(State.STOPPED, "a"), Presence(State.LOST, "a")
ONLINE_B = Presence(State.ONLINE, "b")


@pytest.mark.parametrize(
    ("story", "end"),
    [
        ([ONLINE_A], ONLINE_A),
        ([ONLINE_A, STOPPED_A], STOPPED_A),
        ([ONLINE_A, LOST_A], LOST_A),
        ([LOST_A], LOST_A),
        ([ONLINE_A, LOST_A, ONLINE_B], ONLINE_B),
        ([ONLINE_A, ONLINE_B, LOST_A], ONLINE_B),
        ([ONLINE_A, ONLINE_B, STOPPED_A], ONLINE_B),
        ([LOST_A, ONLINE_A], ONLINE_A),
    ],
    ids=["born", "stopped", "lost", "a_will_is_all_that_is_kept", "back", "late_will", "late_stop", "back_again"],
)
def test_an_end_counts_for_the_session_that_has_begun(story, end):
    assert functools.reduce(after, story, None) == end


@pytest.mark.parametrize("state", State)
def test_what_is_said_is_read_again(state):
    assert decode_presence(Presence(state, "0f").encode()) == Presence(state, "0f")


def test_a_word_more_from_a_newer_kiosk_is_passed_over():
    assert decode_presence(b'{"state":"online","session":"a","since":7}') == ONLINE_A


@pytest.mark.parametrize(
    "payload",
    [
        b"", b"{}", b"[]", b"7", b"\xff", b'{"state":"online"}', b'{"state":"asleep","session":"a"}',
        b'{"state":"online","session":7}', b'{"state":"online","session":""}', b'{"state":["online"],"session":"a"}',
        b'{"state":"online","session":"' + b"a" * 65 + b'"}', b" " * (MAX_PRESENCE + 1), b"[" * MAX_PRESENCE,
    ],
)  # fmt: skip
def test_what_is_none_is_none(payload):
    assert decode_presence(payload) is None
