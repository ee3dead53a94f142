"""PostgreSQL is killed with -9 under two writers: what it has confirmed is there, once, in order and unaltered.

All of its processes die at one moment, so whatever it held only in memory is gone. (What it had handed to the system
outlives that: only a power cut would show whether the disk has it, and the store refuses a server with `fsync` off.)
"""

import os
import random
import threading
import time
from collections import defaultdict
from contextlib import closing, contextmanager

import pytest
from psycopg.pq import TransactionStatus

from kiosk.domain.events import GENESIS
from kiosk.testing.fake_gate import make_record
from kiosk.testing.fault_stage import FaultStage
from kiosk.testing.fault_table import FaultRun, report
from kiosk.testing.needed import needed
from kiosk.testing.postgres import Postgres, PostgresMissingError
from mqtt_bridge.central.postgres_store import PostgresStore
from mqtt_bridge.central.store import Arrival, StoreUnavailableError

KILLS = int(os.environ.get("KIOSK_KILLS", "5"))
BATCH = 40
KIOSKS = ("gate-1", "gate-2", "gate-3")
GAP_S = 10.0
"""The longest time without a confirmation that a server's return may cost."""

pytestmark = pytest.mark.system


class Kiosks:
    """Journals that grow for as long as somebody asks; every fourth batch is handed out once more, as brokers do."""

    def __init__(self, rng):
        self._rng, self._lock = rng, threading.Lock()
        self._last = dict.fromkeys(KIOSKS, (0, GENESIS))
        self._before = []

    def batch(self):
        """Return events that several writers find neighbours of: each time the next ones of one or two kiosks."""
        with self._lock:
            if self._before and self._rng.random() < 0.25:
                return self._rng.choice(self._before)
            arrivals = []
            for kiosk in self._rng.sample(KIOSKS, self._rng.choice((1, 2))):
                arrivals += [Arrival(self._next(kiosk), f"local/main/{kiosk}") for _ in range(BATCH)]
            self._before = [*self._before[-5:], arrivals]
            return arrivals

    def _next(self, kiosk):
        seq, prev = self._last[kiosk]
        record = make_record(seq + 1, prev, kiosk=kiosk)
        self._last[kiosk] = (record.seq, record.hash)
        return record


class Writer(threading.Thread):
    """A consumer: stores a batch, again and again until it is confirmed, and then notes it."""

    def __init__(self, store, kiosks, confirmations):
        super().__init__(daemon=True)
        self._store, self._kiosks, self._confirmations = store, kiosks, confirmations
        self.refused = 0
        self.error = None
        self.stopping = threading.Event()

    def run(self):
        try:
            with closing(self._store):
                while not self.stopping.is_set():
                    self._store_one(self._kiosks.batch())
        except Exception as error:  # noqa: BLE001 - the test tells it
            self.error = error

    def _store_one(self, arrivals):
        while True:
            try:
                cursors = self._store.add(arrivals, [], 1)
            except StoreUnavailableError:
                self.refused += 1
                self.stopping.wait(0.02)
            else:
                self._confirmations.note(arrivals, cursors)
                return


class HastyStore(PostgresStore):
    """A store that confirms before it commits: it commits every twentieth batch with those before it."""

    _batches = 0

    @contextmanager
    def _transaction(self):
        with self._told_and_closed():
            database = self._connection()
            if database.info.transaction_status == TransactionStatus.IDLE:
                database.execute("BEGIN")
            with database.pipeline():
                yield database
            self._batches += 1
            if self._batches % 20 == 0:
                database.execute("COMMIT")


class Confirmations:
    """What the writers have been told."""

    def __init__(self):
        self._lock = threading.Lock()
        self.events = {}
        self.cursors = defaultdict(int)
        self.longest_gap_s, self._last = 0.0, time.monotonic()

    def note(self, arrivals, cursors):
        with self._lock:
            now = time.monotonic()
            self.longest_gap_s, self._last = max(self.longest_gap_s, now - self._last), now
            self.events |= {(a.record.kiosk, a.record.seq): a.record for a in arrivals}
            for (kiosk, _), upto in cursors.items():
                self.cursors[kiosk] = max(self.cursors[kiosk], upto)


def suffer(server, kills, seed, kinds):
    """Kill the server so often under writers with these stores.

    Returns what was confirmed, the URL of what is left, and how often a writer was refused.
    """
    rng = random.Random(seed)
    url = server.create("centre")
    confirmations, kiosks = Confirmations(), Kiosks(random.Random(seed + 1))
    writers = [Writer(kind(url), kiosks, confirmations) for kind in kinds]
    for writer in writers:
        writer.start()
    moment = threading.Event()
    for _ in range(kills):
        moment.wait(rng.uniform(0.1, 0.9))
        server.kill()
        server.start()
    moment.wait(0.3)
    for writer in writers:
        writer.stopping.set()
    for writer in writers:
        writer.join(30)
        assert not writer.is_alive()
        assert writer.error is None
    return confirmations, url, sum(writer.refused for writer in writers)


def measure(name, kills, confirmations, store):
    stored = store.rows("SELECT kiosk, seq, record FROM events")
    kept = {(kiosk, seq): record for kiosk, seq, record in stored}
    run = FaultRun(
        test=name,
        faults=kills,
        sent=len(confirmations.events),
        stored=len(kept),
        lost=sum(key not in kept for key in confirmations.events),
        repeated=len(stored) - len(kept),
        longest_gap_s=round(confirmations.longest_gap_s, 2),
    )
    report(run)
    return run, kept


class LineStage(FaultStage):
    """A whole line, from the gate's journal to a PostgreSQL that can be killed."""

    def __init__(self, path, server):
        super().__init__(path)
        self._server = server
        self.database = server.create("line")

    def kill_database(self, pause_s):
        """Kill the server with -9 and start it again; the consumer lives on."""
        self._server.kill()
        self.pause(pause_s)
        self._server.start()

    def rows(self, sql):
        with closing(PostgresStore(self.database)) as store:
            return store.rows(sql)


@pytest.fixture
def server():
    with needed(Postgres, PostgresMissingError) as postgres:
        yield postgres


def test_what_was_confirmed_is_there_once_and_in_order(server):
    confirmations, url, refused = suffer(server, KILLS, 6, [PostgresStore, PostgresStore])
    with closing(PostgresStore(url)) as store:
        run, kept = measure("PostgreSQL killed", KILLS, confirmations, store)
        assert (run.lost, run.repeated, run.stored) == (0, 0, run.sent)
        assert run.sent > KILLS * BATCH, "there was no load to speak of"
        assert refused >= KILLS, "the kills fell into moments when nobody wrote"
        assert run.longest_gap_s <= GAP_S
        for key, record in confirmations.events.items():
            assert type(record).model_validate_json(kept[key]) == record
        assert store.rows("SELECT count(*) FROM findings") == [(0,)]
        # Batches are handed out in order and all were confirmed: no number can be missing.
        assert store.rows("SELECT kiosk, upto FROM cursors ORDER BY kiosk") == sorted(confirmations.cursors.items())
        assert store.rows("SELECT kiosk, max(seq) FROM events GROUP BY kiosk ORDER BY kiosk") == sorted(
            confirmations.cursors.items()
        )


def test_the_whole_line_loses_nothing_when_its_database_or_its_consumer_dies(server, tmp_path):
    stage = LineStage(tmp_path, server)
    try:
        stage.begin()
        faults = [stage.kill_database, stage.kill_database, stage.kill_centre]
        run = stage.suffer("database and consumer killed", [faults[n % 3] for n in range(KILLS)], seed=8)
    finally:
        stage.close()
    report(run)
    assert (run.lost, run.repeated, run.stored) == (0, 0, run.sent)
    assert run.longest_gap_s <= GAP_S


def test_a_store_that_confirms_too_early_would_be_found_out(server):
    confirmations, url, _ = suffer(server, 5, 6, [HastyStore])
    with closing(PostgresStore(url)) as store:
        run, _ = measure("the same, confirming too early", 5, confirmations, store)
    assert run.lost > 0
