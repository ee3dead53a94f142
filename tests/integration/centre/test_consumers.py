"""Several consumers side by side on one PostgreSQL: real connections, transactions that are open at the same time."""

import random
import time
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager

import psycopg
import pytest

from kiosk.testing.fake_gate import make_record
from kiosk.testing.journals import chain
from mqtt_bridge.central.postgres_store import PostgresStore
from mqtt_bridge.central.store import MAX_DEAD_LETTERS, Arrival, DeadLetter

JOURNAL = ("gate-1", "e1")
WAIT_S = 20

CURSORS_AND_TRUTH = """
SELECT kiosk, epoch, upto, (
    SELECT count(*) FROM (
        SELECT seq, row_number() OVER (ORDER BY seq) AS place FROM events
        WHERE events.kiosk = cursors.kiosk AND events.epoch = cursors.epoch
    ) AS numbered WHERE seq = place
) FROM cursors"""


class HastyStore(PostgresStore):
    """A store that reads the cursors but does not keep others from them."""

    def _lock(self, database, batch, _received):
        kiosks, epochs = zip(*batch.journals, strict=True)
        sql = "SELECT kiosk, epoch, upto FROM cursors WHERE kiosk = ANY(%s) AND epoch = ANY(%s)"
        return database.execute(sql, (list(kiosks), list(epochs)))


def add(store, *records, received=1):
    return store.add([Arrival(record, "local/main/gate-1") for record in records], [], received)


@contextmanager
def cursors_held(url, store):
    """Hold the cursors, so that writers come as far as they can; at the end, wait until two of them have."""
    with psycopg.connect(url) as holder:
        holder.execute("SELECT FROM cursors FOR UPDATE")
        yield
        end = time.monotonic() + WAIT_S
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        while store.rows(waiting) != [(2,)]:
            assert time.monotonic() < end, "the writers did not get as far as the cursors"


def store_neighbours_at_once(connect, url, kind):
    """Two writers store 2–3 and 4–5 while neither can commit; event 4 does not name event 3."""
    watcher, writers = connect(), [connect(kind), connect(kind)]
    records = chain(5, broken=frozenset({4}))
    add(watcher, records[0])
    with ThreadPoolExecutor(2) as pool:
        with cursors_held(url, watcher):
            halves = [records[1:3], records[3:5]]
            futures = [pool.submit(add, writer, *half) for writer, half in zip(writers, halves, strict=True)]
        wait(futures, WAIT_S)
        reached = [future.result()[JOURNAL] for future in futures]
    return reached, watcher.contiguous(*JOURNAL), watcher.rows("SELECT kind FROM findings")


def test_neighbours_stored_at_the_same_time_are_joined_and_their_broken_link_is_found(connect, url):
    reached, upto, findings = store_neighbours_at_once(connect, url, PostgresStore)
    assert upto == 5
    assert sorted(reached) in ([1, 5], [3, 5])
    assert findings in ([("link",)], [("link_after",)])


def test_without_the_lock_both_would_be_missed(connect, url):
    _, upto, findings = store_neighbours_at_once(connect, url, HastyStore)
    assert (upto < 5, findings) == (True, [])


def test_one_number_with_two_contents_is_stored_once_by_whoever_is_first(connect, url):
    watcher, writers = connect(), [connect(), connect()]
    add(watcher, make_record(1))
    both = [make_record(2, data={"from": name}) for name in ("a", "b")]
    with ThreadPoolExecutor(2) as pool:
        with cursors_held(url, watcher):
            futures = [pool.submit(add, writer, record) for writer, record in zip(writers, both, strict=True)]
        assert [future.result(WAIT_S)[JOURNAL] for future in futures] == [2, 2]
    (stored,) = watcher.rows("SELECT hash FROM events WHERE seq = 2")
    (refused,) = watcher.rows("SELECT hash FROM findings WHERE kind = 'conflict'")
    assert {stored, refused} == {(record.hash,) for record in both}


def deliveries(rng, journals):
    """Every event at least once, many of them twice, in batches that overlap and stand in no order."""
    events = [record for journal in journals for record in journal]
    events += rng.sample(events, len(events) // 2)
    # As from a broker: roughly in order, with neighbours at different consumers.
    events.sort(key=lambda record: record.seq + rng.randrange(60))
    size = 40
    batches = [events[start : start + size] for start in range(0, len(events), size)]
    for batch in batches:
        rng.shuffle(batch)
    return batches


@pytest.mark.parametrize("seed", [1, 2])
def test_three_consumers_in_a_throng_lose_nothing_and_never_wait_in_a_circle(connect, seed):
    watcher, consumers = connect(), [connect() for _ in range(3)]
    rng = random.Random(seed)
    breaks = {f"gate-{kiosk}": frozenset(rng.sample(range(2, 301), 5)) for kiosk in range(1, 6)}
    journals = [chain(300, kiosk=kiosk, broken=broken) for kiosk, broken in breaks.items()]
    batches = deliveries(rng, journals)

    def consume(store, mine):
        for batch in mine:
            add(store, *batch)

    with ThreadPoolExecutor(3) as pool:
        futures = [pool.submit(consume, store, batches[place::3]) for place, store in enumerate(consumers)]
        looks = 0
        while not all(future.done() for future in futures):
            wrong = [row for row in watcher.rows(CURSORS_AND_TRUTH) if row[2] != row[3]]
            assert wrong == [], "a cursor does not say what is stored"
            looks += 1
        for future in futures:
            future.result()  # PostgreSQL breaks a circle by failing one of the transactions
    assert looks > 0
    assert watcher.rows("SELECT kiosk, count(*), min(seq), max(seq) FROM events GROUP BY kiosk ORDER BY kiosk") == [
        (kiosk, 300, 1, 300) for kiosk in breaks
    ]
    assert watcher.rows("SELECT kiosk, upto FROM cursors ORDER BY kiosk") == [(kiosk, 300) for kiosk in breaks]
    assert watcher.rows("SELECT sum(repeats) FROM cursors") == [(sum(map(len, batches)) - 1500,)]
    found = watcher.rows(
        "SELECT kiosk, CASE kind WHEN 'link_after' THEN seq + 1 ELSE seq END FROM findings ORDER BY 1, 2"
    )
    assert found == sorted((kiosk, number) for kiosk, broken in breaks.items() for number in broken)


def test_consumers_bury_dead_letters_side_by_side(connect):
    watcher, consumers = connect(), [connect() for _ in range(3)]
    letters = [DeadLetter("t", b"x", "json")] * 400

    def bury(store):
        for _ in range(3):
            store.add([], letters, 1)

    with ThreadPoolExecutor(3) as pool:
        for future in [pool.submit(bury, store) for store in consumers]:
            future.result()
    assert watcher.rows("SELECT count(*) FROM dead_letters") == [(MAX_DEAD_LETTERS,)]
    assert watcher.rows("SELECT value FROM counters") == [(3600,)]


def test_a_fresh_table_is_not_read_from_end_to_end_for_every_batch(connect):
    store = connect()

    def scans():
        store.rows("SELECT pg_stat_force_next_flush()")
        return store.rows("SELECT seq_scan, seq_tup_read FROM pg_stat_user_tables WHERE relname = 'events'")

    before = scans()
    records = chain(200)
    for start in range(0, 200, 10):  # more often than it takes PostgreSQL to settle on a plan
        add(store, *records[start : start + 10])
        add(store, *records[start : start + 10])
    assert scans() == before
