"""Word to systemd (sd_notify(3)) without a library; does nothing where systemd does not ask for it."""

import contextlib
import os
import socket


def notify(text: str) -> None:
    """Send e.g. `READY=1` or `WATCHDOG=1` to the service manager, if there is one; never wait for it."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    path = "\0" + address[1:] if address.startswith("@") else address
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.connect(path)
        sock.send(text.encode(), socket.MSG_DONTWAIT)
