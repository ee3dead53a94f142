from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.presence import CAPACITY, LONG_NS, REARM_MOST_NS, REARM_NS, Presence

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


def hang(presence, code, begin, end):
    """Let a code hang there from `begin` to `end`, seen every half second; return how often it counted."""
    return sum(len(presence.see([code], at)) for at in (*range(begin, end, 500 * MS), end))


def test_a_poster_does_not_count_anew_for_every_visitor_who_walks_in_front_of_it():
    presence = Presence()
    assert hang(presence, b"poster", 0, LONG_NS) == 1
    for visitor in range(1, 10):
        assert presence.see([], (30 + visitor * 10) * 1000 * MS) == []
        assert presence.see([b"poster"], (35 + visitor * 10) * 1000 * MS) == []


def test_a_code_that_was_there_for_long_has_to_be_away_for_as_long():
    for stayed in (LONG_NS, 2 * LONG_NS):
        for away, counts in ((stayed - MS, False), (stayed, True)):
            presence = Presence()
            hang(presence, b"A", 0, stayed)
            assert bool(presence.see([b"A"], stayed + away)) is counts
    presence = Presence()
    hang(presence, b"A", 0, LONG_NS - MS)
    assert presence.see([b"A"], LONG_NS - MS + REARM_NS) == [b"A"]


def test_ten_minutes_away_is_always_enough():
    presence = Presence()
    hang(presence, b"A", 0, 2 * REARM_MOST_NS)
    assert presence.see([b"A"], 3 * REARM_MOST_NS - MS) == []
    presence = Presence()
    hang(presence, b"A", 0, 2 * REARM_MOST_NS)
    assert presence.see([b"A"], 3 * REARM_MOST_NS) == [b"A"]


def test_posters_that_are_hidden_take_no_room_from_a_visitor():
    presence = Presence()
    posters = [bytes([n]) for n in range(CAPACITY)]
    for at in range(0, LONG_NS + 1, 500 * MS):
        presence.see(posters, at)
    assert presence.see([b"own code"], LONG_NS + REARM_NS - MS) == []
    assert presence.see([b"own code"], LONG_NS + REARM_NS) == [b"own code"]
    assert presence.see(posters, LONG_NS + REARM_NS + 33 * MS) == []  # the one that gave way waits for room


@given(
    st.lists(
        st.tuples(st.sampled_from([33, 700, 1499, 1500, 5000, 29_000, 31_000, 599_000, 601_000]),
                  st.sets(st.sampled_from([b"A", b"B", b"C"]))),
        max_size=60,
    )
)  # fmt: skip
def test_a_scan_means_that_the_code_was_away_long_enough(frames: list[tuple[int, set[bytes]]]):
    presence, now = Presence(), 0
    first, last = {}, {}
    for step, codes in frames:
        now += step * MS
        expected = set()
        for code in codes:
            stayed = last[code] - first[code] if code in last else 0
            away = REARM_NS if stayed < LONG_NS else min(stayed, REARM_MOST_NS)
            if code not in last or now - last[code] >= away:
                expected.add(code)
                first[code] = now
            last[code] = now
        assert set(presence.see(sorted(codes), now)) == expected


@given(st.lists(st.tuples(st.integers(1, 3000), st.lists(st.binary(min_size=1, max_size=1), max_size=40)), max_size=40))
def test_the_memory_is_bounded_and_a_code_in_view_is_never_lost_from_it(frames):
    presence, now, known = Presence(), 0, {}
    for step, codes in frames:
        now += step * MS
        new = presence.see(codes, now)
        assert len(presence._stays) <= CAPACITY
        assert len(set(new)) == len(new)
        for code in new:
            assert code not in known or now - known[code] >= REARM_NS
        known |= dict.fromkeys((code for code in codes if code in presence._stays), now)
