"""Figures for Prometheus, read by Prometheus' own parser."""

import http.client
import socket

import pytest
from prometheus_client.parser import text_string_to_metric_families

from kiosk.api.messages import Telemetry
from kiosk.api.telemetry import Happened
from kiosk.testing.telemetry import DOOR, HEALTH, LINK, admitted, told
from mqtt_bridge.metrics import TYPES, Figures, MetricsPort

WITHOUT_LABELS = {
    "kiosk_people_inside": 17, "kiosk_visits_today": 230, "kiosk_events_last": 120, "kiosk_events_waiting": 20,
    "kiosk_events_in_flight": 40, "kiosk_events_dead": 1, "kiosk_events_refused_total": 3, "kiosk_link_up": 1,
    "kiosk_link_reconnects_total": 2, "kiosk_confirmed_age_seconds": 4, "kiosk_trust_age_seconds": 7200,
    "kiosk_trust_stale": 0, "kiosk_trust_keys": 312, "kiosk_disk_used_ratio": 0.425,
    "kiosk_memory_available_bytes": 2048 * 2**20, "kiosk_gate_resident_memory_bytes": 64 * 2**20,
    "kiosk_gate_up": 1, "kiosk_bridge_resident_memory_bytes": 48.5 * 2**20, "kiosk_machine_uptime_seconds": 86_400,
    "kiosk_gate_uptime_seconds": 3600, "kiosk_bridge_uptime_seconds": 500,
}  # fmt: skip


def read(figures):
    """Return every sample by its name and labels, as Prometheus reads the text."""
    families = list(text_string_to_metric_families(figures.text()))
    assert all(family.documentation and family.type in ("gauge", "counter") for family in families)
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value for family in families for sample in family.samples
    }


def figures_of(*messages):
    figures = Figures("0.1.0")
    for message in messages:
        figures.heard(message)
    return figures


@pytest.fixture
def samples():
    return read(figures_of(told(HEALTH), told(DOOR), told(LINK), admitted(), admitted()))


def test_every_figure_has_its_name_and_its_unit(samples):
    assert {key[0]: value for key, value in samples.items() if len(key) == 1} == pytest.approx(WITHOUT_LABELS)


def test_what_is_one_of_several_is_a_label(samples):
    modes = {key[1][1]: value for key, value in samples.items() if key[0] == "kiosk_door_mode"}
    assert modes == {"normal": 0, "lockdown": 1, "free_passage": 0, "maintenance": 0, "out_of_order": 0}
    assert samples["kiosk_door_state", ("state", "held")] == 1
    assert samples["kiosk_camera", ("state", "dark")] == 1
    assert samples["kiosk_clock", ("confidence", "drifting")] == 1
    assert samples["kiosk_fault", ("fault", "relay_fault")] == 1
    assert samples["kiosk_alarm", ("alarm", "door_held")] == 1
    assert samples["kiosk_throttled", ("why", "under_voltage")] == 1
    assert samples["kiosk_build_info", ("version", "0.1.0")] == 1


def test_what_varied_has_its_mean_and_its_extremes(samples):
    assert samples["kiosk_temperature_celsius", ("statistic", "max")] == 61
    assert samples["kiosk_camera_frames_per_second", ("statistic", "mean")] == 29.5
    assert samples["kiosk_camera_search_seconds", ("statistic", "min")] == pytest.approx(0.008)


def test_events_are_counted_by_their_type_alone(samples):
    assert samples["kiosk_events_total", ("type", "visit.admitted")] == 2


def test_what_is_not_known_is_left_out():
    assert set(read(figures_of())) == {("kiosk_build_info", ("version", "0.1.0"))}
    counted = read(figures_of(told(DOOR.model_copy(update={"inside": None}))))
    assert ("kiosk_people_inside",) not in counted
    assert ("kiosk_visits_today",) in counted


def test_a_fault_that_is_over_is_gone():
    figures = figures_of(told(HEALTH), told(HEALTH.model_copy(update={"faults": ()})))
    assert not [key for key in read(figures) if key[0] == "kiosk_fault"]


def test_of_a_gate_process_that_is_gone_nothing_is_told_any_more():
    figures = figures_of(told(HEALTH), told(DOOR), told(LINK.model_copy(update={"gate": False})))
    assert read(figures)["kiosk_gate_up",] == 0
    assert not [key for key in read(figures) if key[0].startswith(("kiosk_door", "kiosk_camera", "kiosk_fault"))]


def test_what_a_newer_or_a_broken_gate_tells_does_no_harm():
    newer = told(DOOR).model_copy(update={"data": {**told(DOOR).data, "lift": "up"}})
    assert read(figures_of(newer))["kiosk_people_inside",] == 17
    for name in ("health", "door", "link", "event", "other"):
        assert len(read(figures_of(Telemetry(name=name, data={"type": 'x"\n', "mode": 7})))) == 1


def test_types_of_events_without_end_do_not_fill_the_memory():
    figures = figures_of(*(told(Happened(type=f"t{number}")) for number in range(2 * TYPES)), told(Happened(type="t0")))
    counted = {key: value for key, value in read(figures).items() if key[0] == "kiosk_events_total"}
    assert len(counted) == TYPES
    assert counted["kiosk_events_total", ("type", "t0")] == 2


@pytest.fixture
def port():
    served = MetricsPort(0, figures_of(told(LINK)))
    served.start()
    yield served
    served.close()


def ask(port, path, method="GET"):
    connection = http.client.HTTPConnection(*port.address, timeout=5)
    connection.request(method, path)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


def test_the_port_answers_prometheus_and_nothing_else(port):
    answer, body = ask(port, "/metrics")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    assert "kiosk_link_up 1\n" in body.decode()
    for path, method, status in (("/", "GET", 404), ("/metrics/x", "GET", 404), ("/metrics", "POST", 501)):
        assert ask(port, path, method)[0].status == status


def test_the_port_is_on_loopback_only_and_a_silent_client_does_not_keep_it(port):
    assert port.address[0] == "127.0.0.1"
    with socket.create_connection(port.address) as silent:
        silent.sendall(b"GET /metr")
        assert ask(port, "/metrics")[0].status == 200


def test_a_port_that_is_taken_is_an_error():
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        MetricsPort(taken.getsockname()[1], Figures("0.1.0"))
