import pytest

from kiosk.testing.centre_keys import KEYS, STORE
from kiosk.testing.journals import chain
from kiosk.verify import receipt
from mqtt_bridge.central.ingest import Ingest
from mqtt_bridge.central.sqlite_store import SqliteStore
from mqtt_bridge.central.store import StoreError, StoreUnavailableError
from mqtt_bridge.codec import encode_event
from mqtt_bridge.session import Acked, Down, Received, SessionFullError, Up
from mqtt_bridge.topics import KioskAddress

ADDRESS = KioskAddress("local", "main", "gate-1")


class ScriptedSession:
    """What the ingest uses of a session, recorded in the order in which it was used."""

    def __init__(self, journal):
        self.happenings, self.journal, self.mid = [], journal, 0
        self.is_full = False

    def take(self):
        happenings, self.happenings = self.happenings, []
        return happenings

    def ack(self, messages):
        self.journal += [("puback", message.mid) for message in messages]

    def publish(self, topic, payload):
        if self.is_full:
            raise SessionFullError("full")
        self.mid += 1
        ack = receipt.opened(payload, topic, KEYS)
        self.journal.append(("ack", topic, ack.epoch, ack.upto))
        return self.mid


class WatchedStore(SqliteStore):
    def __init__(self, journal):
        super().__init__(":memory:")
        self.journal = journal
        self.broken, self.poison = False, None

    def add(self, arrivals, dead, received):
        if self.broken:
            raise StoreUnavailableError("disk full")
        if self.poison == "all" or self.poison in [arrival.record.seq for arrival in arrivals]:
            raise StoreError("a value that no column holds")
        cursors = super().add(arrivals, dead, received)
        self.journal.append(("commit", len(arrivals), [letter.code for letter in dead]))
        return cursors


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


def test_a_store_that_fails_acknowledges_nothing_until_it_is_back(parts):
    ingest, session, store, journal = parts
    store.broken = True
    records = chain(2)
    session.happenings = [Up(), message(records[0], 1)]
    with pytest.raises(StoreUnavailableError):
        turn(ingest)
    session.happenings = [message(records[1], 2)]
    with pytest.raises(StoreUnavailableError):
        turn(ingest)
    assert journal == []
    store.broken = False
    turn(ingest)
    assert journal == [("commit", 2, []), ("puback", 1), ("puback", 2), ("ack", ADDRESS.ack, "e1", 2)]


def test_an_event_that_the_database_refuses_keeps_no_other_out(parts):
    ingest, session, store, journal = parts
    store.poison = 2
    session.happenings = [Up(), *(message(record, mid) for mid, record in enumerate(chain(3), 1))]
    turn(ingest)
    assert journal == [
        ("commit", 0, []),
        ("commit", 1, []),
        ("commit", 0, ["refused"]),
        ("commit", 1, []),
        ("puback", 1),
        ("puback", 2),
        ("puback", 3),
        ("ack", ADDRESS.ack, "e1", 1),
    ]


def test_a_database_that_takes_nothing_at_all_ends_the_process(parts):
    ingest, session, store, journal = parts
    store.poison = "all"
    session.happenings = [Up(), message(chain(1)[0], 1)]
    with pytest.raises(StoreError):
        turn(ingest)
    assert journal == []


def test_messages_that_are_no_events_become_dead_letters_and_do_not_come_again(parts):
    ingest, session, _, journal = parts
    record = chain(1)[0]
    session.happenings = [
        Up(),
        Received("gk/1/a/b/c/down/ack", b"{}", 1, 1),
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


def test_what_is_owed_to_a_kiosk_waits_for_a_socket_that_is_full(parts):
    ingest, session, _, journal = parts
    session.is_full = True
    session.happenings = [Up(), message(chain(1)[0], 1)]
    turn(ingest)
    session.is_full = False
    turn(ingest)
    assert [entry[3] for entry in journal if entry[0] == "ack"] == [1]


def test_what_came_on_a_connection_that_is_gone_is_left_to_the_broker(parts):
    ingest, session, _, journal = parts
    session.happenings = [Up(), message(chain(1)[0], 1), Down("lost")]
    turn(ingest)
    assert journal == []
