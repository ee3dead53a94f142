"""`scripts/centre` without its set-up: one command starts broker, consumers and database, and stops them again."""

import contextlib
import os
import signal

import pytest

from kiosk.testing.broker import BrokerMissingError, find_mosquitto
from kiosk.testing.centre_site import WAIT_S, CentreSite
from kiosk.testing.fault_stage import seconds_until
from kiosk.testing.needed import needed
from mqtt_bridge.central.child import answers
from mqtt_bridge.central.rabbit_node import RabbitMissingError, find_rabbitmq

pytestmark = pytest.mark.system


@pytest.fixture
def start(tmp_path):
    with contextlib.ExitStack() as stack:

        def started(*options):
            site = CentreSite(tmp_path / "centre", *options)
            stack.callback(site.stop)
            return site

        yield started


STORED = "SELECT kiosk, upto FROM cursors ORDER BY kiosk"


def test_one_command_starts_a_centre_on_mosquitto_and_stops_it(start):
    needed(find_mosquitto, BrokerMissingError)
    site = start().await_start()
    assert f"port = {site.port}\ntls = false\nversion = 5\n" in site.said
    assert f'keys = "{site.folder / "centre-keys.toml"}"' in site.said
    assert (site.folder / "store.key.pem").stat().st_mode & 0o777 == 0o600
    site.deliver("gate-1", 100)
    keys = (site.folder / "centre-keys.toml").read_text()
    assert site.stop() == 0
    assert not answers(site.port)

    again = start().await_start()
    assert (site.folder / "centre-keys.toml").read_text() == keys, "kiosks still know its key"
    again.deliver("gate-2", 100)
    assert again.rows(STORED) == [("gate-1", 100), ("gate-2", 100)]


def test_what_dies_is_started_again(start):
    needed(find_mosquitto, BrokerMissingError)
    site = start().await_start()
    for what in ("mqtt_bridge.central", "mosquitto"):
        (doomed,) = site.children(what)
        os.kill(doomed, signal.SIGKILL)
        seconds_until(lambda what=what, doomed=doomed: site.children(what) not in ([], [doomed]), WAIT_S)
        site.deliver(f"after-{what[:4]}", 50)


def test_two_consumers_on_rabbitmq(start):
    needed(find_rabbitmq, RabbitMissingError)
    site = start("--broker", "rabbitmq", "--consumers", "2").await_start()
    assert "version = 311\n" in site.said
    assert len(site.children("mqtt_bridge.central")) == 2
    site.deliver("gate-1", 100)
    assert site.stop() == 0
    assert site.rows(STORED) == [("gate-1", 100)]


def test_mosquitto_with_several_consumers_is_refused_with_a_way_out(start):
    site = start("--consumers", "2")
    _, err = site.process.communicate(timeout=WAIT_S)
    assert (site.process.returncode, "take --broker rabbitmq" in err) == (2, True)


def test_a_broker_that_does_not_take_its_settings_is_said_in_one_sentence(start, tmp_path):
    needed(find_mosquitto, BrokerMissingError)
    settings = tmp_path / "more.conf"
    settings.write_text("no_such_setting true\n")
    site = start("--broker-settings", str(settings))
    _, err = site.process.communicate(timeout=WAIT_S)
    assert site.process.returncode == 3
    assert "scripts/centre: mosquitto did not start; its last words: " in err
