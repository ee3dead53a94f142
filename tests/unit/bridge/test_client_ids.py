import pytest

from kiosk.config import MqttSection
from mqtt_bridge.client_ids import ClientIds
from mqtt_bridge.topics import KioskAddress

GATE = KioskAddress("local", "main", "gate-1")


def test_two_connections_have_two_ids():
    ids = ClientIds.of(GATE, b"key")
    assert ids == ClientIds("gk1.local.main.gate-1.690f5351e36b068c", "gk1.local.main.gate-1.down.690f5351e36b068c")


def test_they_stay_the_same_for_a_key_and_differ_for_another():
    assert ClientIds.of(GATE, b"key") == ClientIds.of(GATE, b"key") != ClientIds.of(GATE, b"kez")


def test_without_a_key_there_is_nothing_to_make_digits_of():
    assert ClientIds.of(GATE) == ClientIds("gk1.local.main.gate-1", "gk1.local.main.gate-1.down")


@pytest.mark.parametrize("names", [{"key_file": "k"}, {"cert_file": "k"}, {"cert_file": "c", "key_file": "k"}])
def test_the_key_is_where_the_settings_say(tmp_path, names):
    (tmp_path / "k").write_bytes(b"key")
    settings = MqttSection(**{name: tmp_path / file for name, file in names.items()})
    assert ClientIds.read(GATE, settings) == ClientIds.of(GATE, b"key")


def test_a_line_without_tls_has_no_key(tmp_path):
    assert ClientIds.read(GATE, MqttSection(tls=False, cert_file=tmp_path / "none")) == ClientIds.of(GATE)
    with pytest.raises(FileNotFoundError):
        ClientIds.read(GATE, MqttSection(cert_file=tmp_path / "none"))
