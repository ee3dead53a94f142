"""The measurement of the store: everything it counts has been stored."""

from contextlib import closing

import pytest

from kiosk.bench.store import measure
from mqtt_bridge.central.databases import open_store


@pytest.mark.parametrize("writers", [1, 2])
def test_what_was_measured_has_been_stored(server, url, writers):
    figures = measure(url, writers=writers, kiosks=3, batches=6, batch=10)
    assert (figures.events, figures.batch_ms.n) == (60, 6)
    assert figures.events_per_s > 0
    with closing(open_store(url)) as store:
        assert store.rows("SELECT kiosk, upto FROM cursors ORDER BY kiosk") == [(f"gate-{n}", 20) for n in range(3)]
        assert store.rows("SELECT count(*) FROM findings") == [(0,)]


def test_a_database_that_is_not_there_ends_the_measurement(tmp_path):
    with pytest.raises(Exception, match="cannot be opened"):
        measure(str(tmp_path / "none" / "centre.db"))
