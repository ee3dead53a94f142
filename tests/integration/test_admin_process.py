"""The real `kiosk-admin` process behind its socket: whom it answers, and what it makes of lines that are none."""

import socket

import pytest

from kiosk.adapters.admin_client import AdminClient
from kiosk.api.admin_messages import MAX_LINE, UsbMount, UsbMounted
from kiosk.api.manager.device import DeviceRead, DeviceSet
from kiosk.api.manager.network import WifiJoin
from kiosk.api.manager.session import Ok
from kiosk.api.manager.time import TimeRead
from kiosk.domain.staff import Refused, RefusedError
from kiosk.testing.admin_process import admin_process

pytestmark = pytest.mark.system
STICK = (
    '{"blockdevices": [{"name": "sda", "type": "disk", "size": 8000000000, "fstype": "vfat", "label": "A", '
    '"model": "M", "tran": "usb", "mountpoints": [null]}]}'
)
HOSTILE = [
    b"", b"\n", b"{}\n", b"null\n", b"[]\n", b"\xff\xfe\n", b'{"type":"admin_ask"}\n', b'{"request":{"ask":"shell"}}\n',
    b'{"request":{"ask":"device_start","what":"off; rm -rf /"}}\n',
    b'{"request":{"ask":"usb_mount","stick":"../sda"}}\n',
    b'{"request":{"ask":"zone_set","zone":"../../etc/passwd"}}\n', b'{"request":{"ask":"zone_set","zone":"-h"}}\n',
    b'{"request":{"ask":"usb_read","more":1}}\n', b'{"request":{"ask":"usb_read"}}\n{"request":{"ask":"usb_read"}}\n',
    b"[" * 50_000 + b"\n", b"x" * (MAX_LINE + 10),
]  # fmt: skip


def say(path, line):
    """Send bytes as they are; return all that comes back."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer:
        peer.settimeout(20)
        peer.connect(str(path))
        heard = b""
        try:
            peer.sendall(line)
            peer.shutdown(socket.SHUT_WR)
            while data := peer.recv(65_536):
                heard += data
        except (BrokenPipeError, ConnectionResetError):
            pass
        return heard


def test_the_gate_asks_and_is_answered(tmp_path):
    with admin_process(tmp_path) as admin:
        client = AdminClient(admin.socket)
        admin.tools.says("timedatectl", "show", text="Timezone=Asia/Ho_Chi_Minh\nNTP=yes\n")
        admin.tools.says("lsblk", text=STICK)
        assert client.is_there
        assert client.ask(TimeRead()).zone == "Asia/Ho_Chi_Minh"
        assert client.ask(UsbMount(stick="sda")) == UsbMounted(folder=str(admin.system / "run/kiosk-usb"))
        light = admin.system / "sys/class/backlight/panel"
        light.mkdir(parents=True)
        (light / "max_brightness").write_text("200")
        assert client.ask(DeviceSet(brightness=40)) == Ok()
        assert (light / "brightness").read_text() == "80"
        admin.tools.says("timedatectl", "show", status=1)
        with pytest.raises(RefusedError) as caught:
            client.ask(TimeRead())
        assert (caught.value.code, caught.value.detail) == (Refused.FAILED, "status_1")


def test_a_stranger_is_not_answered(tmp_path):
    with admin_process(tmp_path, account="nobody") as admin:
        with pytest.raises(RefusedError) as caught:
            AdminClient(admin.socket).ask(DeviceRead())
        assert caught.value.code is Refused.UNAVAILABLE
        assert say(admin.socket, b'{"request":{"ask":"device_read"}}\n') == b""
        assert admin.tools.asked == []


def test_what_is_no_question_does_nothing_and_the_next_one_is_answered(tmp_path):
    with admin_process(tmp_path) as admin:
        assert [say(admin.socket, line) for line in HOSTILE] == [b""] * len(HOSTILE)
        assert admin.tools.asked == []
        assert say(admin.socket, b'{"request":{"ask":"device_read"}}\n').startswith(b'{"type":"admin_answer"')


def test_a_password_reaches_the_key_file_and_no_log(tmp_path, capfd):
    with admin_process(tmp_path) as admin:
        folder = admin.system / "etc/NetworkManager/system-connections"
        folder.mkdir(parents=True)
        admin.tools.says("nmcli", "up", status=4)
        with pytest.raises(RefusedError) as caught:
            AdminClient(admin.socket).ask(WifiJoin(ssid="Sảnh", password="wrong word"))
        assert (caught.value.code, caught.value.detail) == (Refused.INVALID, "password")
    said = "".join(capfd.readouterr())
    assert "wrong word" not in said
    assert "Sảnh" not in said


def test_it_ends_when_nobody_asks(tmp_path):
    with admin_process(tmp_path, idle_s=0.2) as admin:
        assert AdminClient(admin.socket).ask(DeviceRead()).volume is None
        assert admin.process.wait(20) == 0


def test_where_there_is_no_such_process_that_is_said(tmp_path):
    client = AdminClient(tmp_path / "admin.sock")
    assert not client.is_there
    with pytest.raises(RefusedError) as caught:
        client.ask(DeviceRead())
    assert (caught.value.code, caught.value.detail) == (Refused.UNAVAILABLE, "kiosk_admin")
