"""The whole line with PostgreSQL at its end, which goes away: the consumer stays, and everything arrives in the end."""

from contextlib import closing

import pytest

from kiosk.testing.bridge_stage import Stage
from kiosk.testing.broker import BrokerMissingError, find_mosquitto
from kiosk.testing.needed import needed
from kiosk.testing.postgres import Postgres
from mqtt_bridge.central.databases import open_store

needed(find_mosquitto, BrokerMissingError)

pytestmark = [pytest.mark.system, pytest.mark.usefixtures("server")]


@pytest.fixture
def stage(tmp_path):
    stage = Stage(tmp_path)
    yield stage
    stage.close()


def test_a_consumer_outlives_its_database_and_confirms_nothing_meanwhile(stage):
    with Postgres() as postgres:
        stage.database = postgres.create("centre")
        gate, broker = stage.gate(), stage.broker()
        centre = stage.centre(broker.port)
        stage.bridge(broker.port)
        gate.append(300)
        gate.await_confirmed(300)
        postgres.kill()
        gate.append(300)
        gate.await_sent(600)
        assert gate.confirmed == 300
        postgres.start()
        gate.await_confirmed(600)
        with closing(open_store(stage.database)) as store:
            assert store.rows("SELECT count(*), min(seq), max(seq) FROM events") == [(600, 1, 600)]
        status, _, said = stage.stop(centre)
    assert status == 0
    assert said.count("nothing is confirmed until it is back") == said.count("the database is back") == 1


def test_a_consumer_waits_for_a_database_that_is_not_up_yet(stage):
    with Postgres() as postgres:
        stage.database = postgres.create("centre")
        gate, broker = stage.gate(), stage.broker()
        postgres.stop()
        centre = stage.begin_centre(broker.port)
        assert "waiting for it" in centre.stderr.readline()
        postgres.start()
        stage.bridge(broker.port)
        gate.append(3)
        gate.await_confirmed(3)
        assert stage.stop(centre)[0] == 0


def test_a_consumer_that_waits_can_be_stopped(stage):
    with Postgres() as postgres:
        url = postgres.url()
    stage.database = url
    centre = stage.begin_centre(1)
    assert "waiting for it" in centre.stderr.readline()
    assert stage.stop(centre)[0] == 0
