"""What `kiosk-admin` reads, for the fuzzer: questions, what programs say, updates; and settings of the touchscreen."""

from functools import cache

from kiosk.admin.bundle import BundleError, read_keys, verified
from kiosk.admin.network import seen
from kiosk.admin.tools import ToolError
from kiosk.admin.usb import found_in
from kiosk.api.admin_messages import AdminAsk, line_of, read_ask
from kiosk.api.manager.network import AddressSet, WifiJoin
from kiosk.api.manager.usb import UsbEject
from kiosk.api.messages import WireError
from kiosk.config import ConfigError, check_touchscreen
from kiosk.testing.fuzz_target import Target, scratch
from kiosk.testing.update_site import UpdateSite

_SETTINGS = b"""[gate]
pulse_ms = 4000
[screen]
venue = "Hall"
[[door.hold_open]]
hours = ["08:00-12:00"]
weekdays = ["mon"]
"""
_WIFI = "*:71:WPA1 WPA2:Hall\\\\: 1\n :40::Open\n"
_DISKS = (
    '{"blockdevices": [{"name": "sda", "type": "disk", "size": 8, "tran": "usb", "mountpoints": [null], "children": '
    '[{"name": "sda1", "type": "part", "size": 8, "fstype": "vfat", "label": "A", "mountpoints": ["/x"]}]}]}'
)


def _questions() -> list[bytes]:
    asked = (WifiJoin(ssid="a", password="12345678"), AddressSet(medium="wired"), UsbEject(stick="sda1"))  # noqa: S106
    return [line_of(AdminAsk(request=one)) for one in asked]


@cache
def _site() -> UpdateSite:
    return UpdateSite(scratch("updates"))


def _bundles() -> list[bytes]:
    return [_site().bundle("1.2.3").read_bytes()[:12_288]]


def _bundle(data: bytes) -> object:
    path = scratch("bundle")
    path.write_bytes(data)
    return verified(path, read_keys(_site().keys))


TABLE = (
    Target("admin-question", read_ask, (WireError,), _questions),
    Target("lsblk", lambda data: found_in(data.decode(), "/x"), (ToolError, UnicodeDecodeError),
           lambda: [_DISKS.encode()], tree=True),
    Target("nmcli", lambda data: list(seen(data.decode())), (UnicodeDecodeError,), lambda: [_WIFI.encode()]),
    Target("update-bundle", _bundle, (BundleError,), _bundles, 16_384),
    Target("touchscreen.toml", check_touchscreen, (ConfigError,), lambda: [_SETTINGS]),
)  # fmt: skip
