from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.presence import CAPACITY, REARM_NS, Presence

MS = 1_000_000


def test_a_code_that_stays_in_view_is_one_scan():
    presence = Presence()
    assert presence.see([b"A"], 0) == [b"A"]
    assert [presence.see([b"A"], frame * 33 * MS) for frame in range(1, 200)] == [[]] * 199


def test_a_code_that_a_few_frames_miss_is_not_shown_again():
    presence = Presence()
    presence.see([b"A"], 0)
    presence.see([], 700 * MS)
    assert presence.see([b"A"], 1400 * MS) == []


def test_a_code_that_was_away_for_a_second_and_a_half_is_shown_again():
    presence = Presence()
    presence.see([b"A"], 0)
    presence.see([], 1499 * MS)
    assert presence.see([b"A"], 1500 * MS) == [b"A"]


def test_two_codes_at_once_are_two_scans():
    presence = Presence()
    assert presence.see([b"A", b"B"], 0) == [b"A", b"B"]
    assert presence.see([b"B", b"C"], 33 * MS) == [b"C"]


def test_a_gate_process_that_has_restarted_is_told_what_is_in_view():
    presence = Presence()
    presence.see([b"A"], 0)
    presence.forget()
    assert presence.see([b"A"], 33 * MS) == [b"A"]


def test_a_wall_of_codes_fills_the_memory_and_no_more():
    presence = Presence()
    wall = [bytes([n]) for n in range(40)]
    assert len(presence.see(wall, 0)) == CAPACITY
    assert presence.see(wall, 33 * MS) == []
    assert presence.see([b"late"], 33 * MS + REARM_NS) == [b"late"]


@given(st.lists(st.tuples(st.integers(1, 2000), st.sets(st.sampled_from([b"A", b"B", b"C"])))))
def test_a_scan_means_that_the_code_was_not_in_view_within_the_time_before(frames: list[tuple[int, set[bytes]]]):
    presence, now, last = Presence(), 0, {}
    for step, codes in frames:
        now += step * MS
        new = presence.see(sorted(codes), now)
        assert set(new) == {code for code in codes if code not in last or now - last[code] >= REARM_NS}
        last |= dict.fromkeys(codes, now)
