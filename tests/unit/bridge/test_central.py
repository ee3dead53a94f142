import sqlite3

import pytest

from kiosk.domain.events import GENESIS
from kiosk.testing.centre_keys import KEYS, STORE
from kiosk.testing.fake_gate import make_record
from kiosk.verify import receipt
from mqtt_bridge.central.ingest import Ingest
from mqtt_bridge.central.sqlite_store import SqliteStore
from mqtt_bridge.central.store import MAX_DEAD_LETTERS, Arrival, DeadLetter, StoreError
from mqtt_bridge.codec import encode_event
from mqtt_bridge.session import Acked, Down, Received, Up
from mqtt_bridge.topics import KioskAddress

PLACE = "local/main/gate-1"
ADDRESS = KioskAddress("local", "main", "gate-1")


def chain(count, **options):
    records, prev = [], GENESIS
    for number in range(1, count + 1):
        records.append(make_record(number, prev, **options))
        prev = records[-1].hash
    return records


@pytest.fixture
def store():
    store = SqliteStore(":memory:")
    yield store
    store.close()


def add(store, *records, place=PLACE):
    store.add([Arrival(record, place) for record in records], [], 1_700_000_000)


def rows(store, sql):
    return store._db.execute(sql).fetchall()


def findings(store):
    return rows(store, "SELECT seq, kind FROM findings ORDER BY seq, kind")


def test_a_whole_chain_is_stored_once_without_a_finding(store):
    records = chain(5)
    add(store, *records[:3])
    add(store, *records)
    assert rows(store, "SELECT count(*) FROM events") == [(5,)]
    assert findings(store) == []
    assert store.contiguous("gate-1", "e1") == 5


def test_only_what_joins_counts_as_contiguous(store):
    records = chain(6)
    for record, upto in [(records[2], 0), (records[1], 0), (records[0], 3), (records[5], 3)]:
        add(store, record)
        assert store.contiguous("gate-1", "e1") == upto
    assert store.contiguous("gate-1", "e2") == store.contiguous("gate-2", "e1") == 0


def test_another_epoch_is_another_journal(store):
    add(store, *chain(3))
    add(store, *chain(2, epoch="e2"))
    assert (store.contiguous("gate-1", "e1"), store.contiguous("gate-1", "e2")) == (3, 2)
    assert findings(store) == []


def test_a_repeat_with_another_content_is_a_finding_and_the_first_stays(store):
    first = make_record(1)
    second = make_record(1, data={"reasons": ["other"]})
    add(store, first)
    add(store, second)
    add(store, second)
    assert rows(store, "SELECT hash FROM events") == [(first.hash,)]
    assert rows(store, "SELECT kind, hash FROM findings") == [("conflict", second.hash)]


def test_an_event_whose_hash_does_not_cover_it_is_stored_and_found(store):
    records = chain(2)
    add(store, records[0], records[1].model_copy(update={"visit": "other"}))
    assert findings(store) == [(2, "hash")]
    assert store.contiguous("gate-1", "e1") == 2


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (0, 2, 1)])
def test_a_broken_link_is_found_in_whatever_order_events_come(store, order):
    records = chain(3)
    records[1] = make_record(2, "f" * 64)
    records[2] = make_record(3, records[1].hash)
    for place in order:
        add(store, records[place])
    assert len(findings(store)) == 1


def test_a_first_event_that_names_one_before_it_is_a_finding(store):
    add(store, make_record(1, "f" * 64))
    assert findings(store) == [(1, "link")]


def test_a_kiosk_that_speaks_from_another_place_is_a_finding(store):
    records = chain(2)
    add(store, records[0])
    add(store, records[1], place="local/other/gate-1")
    assert findings(store) == [(2, "place")]


def test_dead_letters_are_kept_bounded_and_all_are_counted(store):
    letter = DeadLetter("t" * 5000, b"x" * 5000, "json")
    store.add([], [letter] * (MAX_DEAD_LETTERS + 10), 1)
    assert rows(store, "SELECT count(*), max(length(topic)), max(length(payload)) FROM dead_letters") == [
        (MAX_DEAD_LETTERS, 256, 1024)
    ]
    assert rows(store, "SELECT value FROM counters") == [(MAX_DEAD_LETTERS + 10,)]


def test_every_commit_reaches_the_disk(store):
    assert rows(store, "PRAGMA synchronous") == [(2,)]


def test_a_file_that_is_no_database_is_one_sentence(tmp_path):
    file = tmp_path / "c.db"
    file.write_bytes(b"no database" * 100)
    with pytest.raises(StoreError, match="cannot be used"):
        SqliteStore(file)


class ScriptedSession:
    """What the ingest uses of a session, recorded in the order in which it was used."""

    def __init__(self, journal):
        self.happenings, self.journal, self.mid = [], journal, 0

    def take(self):
        happenings, self.happenings = self.happenings, []
        return happenings

    def ack(self, message):
        self.journal.append(("puback", message.mid))

    def publish(self, topic, payload):
        self.mid += 1
        ack = receipt.opened(payload, topic, KEYS)
        self.journal.append(("ack", topic, ack.epoch, ack.upto))
        return self.mid


class WatchedStore(SqliteStore):
    def __init__(self, journal):
        super().__init__(":memory:")
        self.journal = journal
        self.broken = False

    def add(self, arrivals, dead, received):
        if self.broken:
            raise StoreError("disk full")
        super().add(arrivals, dead, received)
        self.journal.append(("commit", len(arrivals), [letter.code for letter in dead]))


@pytest.fixture
def parts():
    journal = []
    session, store = ScriptedSession(journal), WatchedStore(journal)
    yield Ingest(session, store, STORE, lambda: 1.0), session, store, journal
    store.close()


def message(record, mid, topic=None):
    return Received(topic or ADDRESS.event(record.type), encode_event(record, ADDRESS), mid, 1)


def turn(ingest):
    ingest.hear()
    ingest.commit()
    ingest.acknowledge()


def test_nothing_is_acknowledged_before_the_commit_and_repeats_are_acknowledged_again(parts):
    ingest, session, _, journal = parts
    messages = [message(record, mid) for mid, record in enumerate(chain(2), 1)]
    session.happenings = [Up(), *messages]
    turn(ingest)
    session.happenings = [messages[1]]
    turn(ingest)
    ack = ("ack", ADDRESS.ack, "e1", 2)
    assert journal == [("commit", 2, []), ("puback", 1), ("puback", 2), ack, ("commit", 1, []), ("puback", 2), ack]


def test_a_store_that_fails_acknowledges_nothing(parts):
    ingest, session, store, journal = parts
    store.broken = True
    session.happenings = [Up(), message(chain(1)[0], 1)]
    with pytest.raises(StoreError):
        turn(ingest)
    assert journal == []


def test_messages_that_are_no_events_become_dead_letters_and_do_not_come_again(parts):
    ingest, session, _, journal = parts
    record = chain(1)[0]
    session.happenings = [
        Up(),
        Received("gk/1/a/b/c/up/presence", b"{}", 1, 1),
        Received("", b"", 2, 1),
        Received(ADDRESS.event("visit.admitted"), b"junk", 3, 1),
        message(record, 4, "gk/1/local/main/gate-2/up/evt/visit.admitted"),
        message(record, 5, ADDRESS.event("visit.denied")),
    ]
    turn(ingest)
    assert journal[0] == ("commit", 0, ["topic", "topic", "json", "contradiction", "contradiction"])
    assert journal[1:] == [("puback", mid) for mid in range(1, 6)]


def test_acknowledgements_wait_for_the_broker_and_only_the_newest_is_sent(parts):
    ingest, session, _, journal = parts
    records = chain(3)
    session.happenings = [Up(receive_maximum=1), message(records[0], 1)]
    turn(ingest)
    session.happenings = [message(records[1], 2)]
    turn(ingest)
    session.happenings = [message(records[2], 3)]
    turn(ingest)
    session.happenings = [Acked(1, 0)]
    turn(ingest)
    assert [entry[3] for entry in journal if entry[0] == "ack"] == [1, 3]


def test_what_came_on_a_connection_that_is_gone_is_left_to_the_broker(parts):
    ingest, session, _, journal = parts
    session.happenings = [Up(), message(chain(1)[0], 1), Down("lost")]
    turn(ingest)
    assert journal == []


def test_a_database_in_a_file_survives_its_process(tmp_path):
    store = SqliteStore(tmp_path / "c.db")
    add(store, *chain(3))
    with sqlite3.connect(tmp_path / "c.db") as other:
        assert other.execute("SELECT count(*) FROM events").fetchone() == (3,)
    other.close()
    store.close()
    again = SqliteStore(tmp_path / "c.db")
    assert again.contiguous("gate-1", "e1") == 3
    again.close()
