"""`kiosk-admin`: started by systemd when the gate asks, ends when nobody asks any more."""

import argparse
import logging
import os
import pwd
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from kiosk.admin.clock import Clock
from kiosk.admin.device import Device
from kiosk.admin.network import KEY_FILES, Network
from kiosk.admin.server import AdminServer, Verb
from kiosk.admin.tools import Tools
from kiosk.admin.update import KEYS, PROGRAM, STATE, Update
from kiosk.admin.usb import PLACE, Usb
from kiosk.api.admin_messages import ClockSet, Task, UsbMount, UsbUnmount
from kiosk.api.manager.device import DeviceRead, DeviceSet, DeviceStart
from kiosk.api.manager.network import AddressSet, NetworkRead, WifiForget, WifiJoin, WifiScan
from kiosk.api.manager.time import TimeRead, TimeSync, ZoneSet
from kiosk.api.manager.update import UpdateBack, UpdateInstall, UpdateLook, UpdateRead
from kiosk.api.manager.usb import UsbEject, UsbRead

USAGE = 2
_FIRST_FD = 3
"""Where systemd puts the sockets of a unit (sd_listen_fds(3))."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kiosk-admin",
        description="Does for the gate process what needs rights: network, clock, sticks, updates. systemd starts it "
        "(kiosk-admin.socket); docs/admin.md has the verbs.",
    )
    parser.add_argument("--account", default="kiosk-gate", metavar="NAME", help="who may ask (default kiosk-gate)")
    parser.add_argument(
        "--tools", type=Path, default=Path("/usr/bin"), metavar="FOLDER", help="where nmcli and the others are"
    )
    parser.add_argument("--system", type=Path, default=Path("/"), metavar="FOLDER", help="root of /etc, /sys and /run")
    parser.add_argument(
        "--idle", type=float, default=60.0, metavar="SECONDS", help="end when nobody has asked for so long (default 60)"
    )
    return parser


def verbs(tools: Tools, system: Path, owner: tuple[int, int]) -> Mapping[type[Task], Verb]:
    """Return everything that can be asked for: the closed list."""

    def below(path: Path | str) -> Path:
        return system / str(path).lstrip("/")

    network, clock = Network(tools, below(KEY_FILES)), Clock(tools, time.time)
    usb = Usb(tools, owner, below(PLACE), below("/sys/block"))
    update = Update(tools, usb, below(STATE), below(KEYS), below(PROGRAM))
    device = Device(tools, below("/sys/class/backlight"))
    return {
        NetworkRead: network.read, WifiScan: network.scan, WifiJoin: network.join, WifiForget: network.forget,
        AddressSet: network.set_address,
        TimeRead: clock.read, TimeSync: clock.sync, ClockSet: clock.set, ZoneSet: clock.set_zone,
        UsbRead: usb.read, UsbMount: usb.mount, UsbUnmount: usb.unmount, UsbEject: usb.eject,
        UpdateRead: update.read, UpdateLook: update.look, UpdateInstall: update.install, UpdateBack: update.back,
        DeviceRead: device.read, DeviceSet: device.set, DeviceStart: device.start,
    }  # fmt: skip


def _socket() -> socket.socket | None:
    """Return the socket that systemd has handed over, if it has."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()) or os.environ.get("LISTEN_FDS") != "1":
        return None
    return socket.socket(fileno=_FIRST_FD)


def main(arguments: Sequence[str] | None = None) -> int:
    """Answer until nobody asks; return the exit status."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    listener = _socket()
    if listener is None:
        print("kiosk-admin: systemd starts it, by kiosk-admin.socket; start that unit", file=sys.stderr)
        return USAGE
    try:
        account = pwd.getpwnam(options.account)
    except KeyError:
        print(f"kiosk-admin: there is no account '{options.account}'; run scripts/install", file=sys.stderr)
        return USAGE
    with listener:
        owner = (account.pw_uid, account.pw_gid)
        AdminServer(listener, frozenset({account.pw_uid}), verbs(Tools(options.tools), options.system, owner)).serve(
            options.idle
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
