"""The network's verbs, against an `nmcli` that answers as NetworkManager 1.42 and 1.52 do."""

import configparser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.admin.network import Network, fields, key_file
from kiosk.api.manager.network import AddressSet, NetworkRead, WifiForget, WifiJoin, WifiScan
from kiosk.domain.staff import Refused, RefusedError

DEVICES = (
    "ethernet:unavailable::eth0\n"
    "wifi:connected:11111111-2222-3333-4444-555555555555:wlan0\n"
    "ethernet:unmanaged::veth0\n"
    "loopback:connected (externally):9:lo\n"
)
PASSWORD = 'pass: "word\\ $(x)'


@pytest.fixture
def key_files(tmp_path):
    folder = tmp_path / "system-connections"
    folder.mkdir()
    return folder


@pytest.fixture
def network(tools, recorded, key_files):
    recorded.says("nmcli", "device", "status", text=DEVICES)
    return Network(tools, key_files)


def refused(verb, request):
    with pytest.raises(RefusedError) as caught:
        verb(request)
    return caught.value.code, caught.value.detail


def test_how_it_stands(network, recorded):
    recorded.says("nmcli", "general", text="full\n")
    recorded.says(
        "nmcli", "device", "show", "wlan0",
        text="GENERAL.CONNECTION:home\nIP4.ADDRESS[1]:192.168.1.20/24\nIP4.GATEWAY:192.168.1.1\nIP4.DNS[1]:192.168.1.1\n",
    )  # fmt: skip
    recorded.says("nmcli", "device", "show", "eth0", text="GENERAL.CONNECTION:\nIP4.GATEWAY:--\n")
    recorded.says(
        "nmcli", "connection", "show", "uuid", text="802-11-wireless.ssid:Sảnh: tầng 1\nipv4.method:manual\n"
    )
    shown = network.read(NetworkRead())
    assert shown.reach == "full"
    wired, wifi = shown.lines
    assert (wired.medium, wired.state, wired.address) == ("wired", "unavailable", "")
    assert (wifi.state, wifi.network, wifi.method) == ("connected", "Sảnh: tầng 1", "fixed")
    assert (wifi.address, wifi.gateway, wifi.dns) == ("192.168.1.20/24", "192.168.1.1", ("192.168.1.1",))


def test_networks_within_reach_each_once_the_strongest_first(network, recorded):
    recorded.says("nmcli", "wifi", "list", text=(
        " :40:WPA2:Guest\n*:71:WPA1 WPA2:Sảnh\n :80:WPA2:Guest\n :90::Open\n :60:WPA2 802.1X:eduroam\n"
        " :99:WPA2:\n :55:WPA3:New\n nonsense\n"
    ))  # fmt: skip
    found = network.scan(WifiScan()).networks
    assert [(one.ssid, one.signal, one.secured, one.joinable, one.joined) for one in found] == [
        ("Open", 90, False, True, False), ("Guest", 80, True, True, False), ("Sảnh", 71, True, True, True),
        ("eduroam", 60, True, False, False), ("New", 55, True, False, False),
    ]  # fmt: skip


def test_a_password_is_on_no_command_line(network, recorded, key_files):
    network.join(WifiJoin(ssid="--help", password=PASSWORD))
    (file,) = key_files.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert [call[1:4] for call in recorded.asked] == [["--terse", "connection", "load"], ["--terse", "--wait", "45"]]
    assert not any(PASSWORD in word or word == "--help" for call in recorded.asked for word in call)


def test_joining_that_fails_leaves_nothing_behind(network, recorded, key_files):
    recorded.says("nmcli", "up", status=4)
    assert refused(network.join, WifiJoin(ssid="Sảnh", password="wrong word")) == (Refused.INVALID, "password")
    assert list(key_files.iterdir()) == []
    assert recorded.calls("delete")


def test_a_wrong_password_for_a_network_that_was_joined_before_changes_nothing(network, recorded, key_files):
    network.join(WifiJoin(ssid="Sảnh", password="right word"))
    (file,) = key_files.iterdir()
    before = file.read_text()
    recorded.says("nmcli", "up", status=4)
    refused(network.join, WifiJoin(ssid="Sảnh", password="wrong word"))
    assert file.read_text() == before
    assert not recorded.calls("delete")


def test_a_network_is_forgotten_that_was_joined_here(network, recorded, key_files):
    assert refused(network.forget, WifiForget(ssid="Sảnh")) == (Refused.NOT_FOUND, "ssid")
    network.join(WifiJoin(ssid="Sảnh", password="right word"))
    network.forget(WifiForget(ssid="Sảnh"))
    assert list(key_files.iterdir()) == []


def test_an_address_is_set_on_what_the_line_is_connected_by(network, recorded):
    network.set_address(AddressSet(medium="wifi", address="192.168.1.20/24", gateway="192.168.1.1", dns=("1.1.1.1",)))
    (modified,) = recorded.calls("modify")
    assert modified[2:6] == ["connection", "modify", "uuid", "11111111-2222-3333-4444-555555555555"]
    assert modified[6:] == [
        "ipv4.addresses", "192.168.1.20/24", "ipv4.gateway", "192.168.1.1", "ipv4.dns", "1.1.1.1",
        "ipv4.method", "manual",
    ]  # fmt: skip
    assert refused(network.set_address, AddressSet(medium="wired")) == (Refused.UNAVAILABLE, "wired")


def test_an_address_that_does_not_come_up_is_taken_back(network, recorded):
    recorded.says("nmcli", "connection", "show", "uuid",
                  text="ipv4.method:auto\nipv4.addresses:\nipv4.gateway:--\nipv4.dns:\n")  # fmt: skip
    recorded.says("nmcli", "up", status=4)
    asked = AddressSet(medium="wifi", address="10.0.0.2/8")
    assert refused(network.set_address, asked) == (Refused.FAILED, "address")
    assert recorded.calls("modify")[-1][6:8] == ["ipv4.method", "auto"]
    assert len(recorded.calls("up")) == 2


def test_without_network_manager_that_is_said(network, recorded):
    (recorded.folder / "nmcli").unlink()
    assert refused(network.read, NetworkRead()) == (Refused.UNAVAILABLE, "nmcli")


@given(st.lists(st.text(st.characters(exclude_characters="\n\r", codec="utf-8")), min_size=1))
def test_fields_come_back_as_they_were(parts):
    line = ":".join(part.replace("\\", "\\\\").replace(":", "\\:") for part in parts)
    assert fields(line) == parts


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=8, max_size=63), st.text(min_size=1))
def test_no_name_and_no_password_break_out_of_the_key_file(password, ssid):
    text = key_file("kiosk-1", ssid, password)
    file = configparser.RawConfigParser(delimiters=("=",), comment_prefixes=("#",), empty_lines_in_values=False)
    file.read_string(text)
    assert file.sections() == ["connection", "wifi", "wifi-security", "ipv4", "ipv6"]
    assert bytes(int(byte) for byte in file["wifi"]["ssid"].split(";")[:-1]) == ssid.encode()
    kept = [line for line in text.splitlines() if line.startswith("psk=")]
    assert unescaped(kept[0].removeprefix("psk=")) == password


def unescaped(value):
    """Read a value as GLib does."""
    found, signs = "", iter(value.lstrip(" "))
    for sign in signs:
        found += {"s": " ", "\\": "\\"}[next(signs)] if sign == "\\" else sign
    return found
