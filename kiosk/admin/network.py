"""The network, by NetworkManager: `nmcli` for everything but a password, which goes into a file that only root reads.

A password on a command line could be read by every process of the machine; so the connection is written as one of
NetworkManager's own key files (nm-settings-keyfile(5)), loaded, and taken away again where joining fails.
"""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from kiosk.admin.tools import ToolError, Tools
from kiosk.api.manager.network import (
    AddressSet,
    NetworkLine,
    NetworkRead,
    NetworkShown,
    WifiForget,
    WifiFound,
    WifiJoin,
    WifiScan,
    WifiSeen,
)
from kiosk.api.manager.session import Ok
from kiosk.domain.staff import Refused, RefusedError
from kiosk.whole_file import write_whole

KEY_FILES = Path("/etc/NetworkManager/system-connections")
JOIN_S = 45
"""Seconds that joining a network may take."""
_MEDIA = {"ethernet": "wired", "wifi": "wifi"}
_REACHES = frozenset({"none", "portal", "limited", "full"})


def fields(line: str) -> list[str]:
    r"""Return the fields of a terse line (`nmcli -t`), in which `\:` and `\\` stand for what they say."""
    found = [""]
    escaped = False
    for sign in line:
        if sign == ":" and not escaped:
            found.append("")
        elif sign == "\\" and not escaped:
            escaped = True
            continue
        else:
            found[-1] += sign
        escaped = False
    return found


def pairs(text: str) -> Iterator[tuple[str, str]]:
    """Yield what `nmcli -t … show` says line by line: a name, a colon, and the value as it is, colons and all."""
    for line in text.splitlines():
        name, _, value = line.partition(":")
        yield name, "" if value == "--" else value


@dataclass(frozen=True, slots=True)
class _Device:
    name: str
    medium: str
    state: str
    connection: str
    """UUID of what it is connected by; empty: by nothing."""


@dataclass(frozen=True, slots=True)
class Network:
    """Does the verbs of the network."""

    tools: Tools
    key_files: Path = KEY_FILES

    def read(self, _: NetworkRead) -> NetworkShown:
        """Say how it stands."""
        reach = self._nmcli("-f", "CONNECTIVITY", "general").strip()
        lines = [self._line(device) for device in self._devices()]
        return NetworkShown.model_validate({"reach": reach if reach in _REACHES else "unknown", "lines": lines[:8]})

    def scan(self, _: WifiScan) -> WifiFound:
        """Look which networks are within reach."""
        text = self._nmcli("-f", "IN-USE,SIGNAL,SECURITY,SSID", "device", "wifi", "list", "--rescan", "yes", wait_s=20)
        found: dict[str, WifiSeen] = {}
        for network in seen(text):
            known = found.get(network.ssid)
            if known is None or (network.joined, network.signal) > (known.joined, known.signal):
                found[network.ssid] = network
        return WifiFound(networks=tuple(sorted(found.values(), key=lambda one: (-one.signal, one.ssid))[:64]))

    def join(self, asked: WifiJoin) -> Ok:
        """Join a network; where that fails everything is as it was."""
        name, path = _name_of(asked.ssid), self._path(asked.ssid)
        before = path.read_bytes() if path.is_file() else None
        try:
            write_whole(path, key_file(name, asked.ssid, asked.password).encode())
            self._nmcli("connection", "load", str(path))
            self._nmcli("--wait", str(JOIN_S), "connection", "up", "id", name, wait_s=JOIN_S + 10)
        except (ToolError, RefusedError, OSError) as error:
            self._put_back(name, path, before)
            if isinstance(error, ToolError):
                raise RefusedError(Refused.INVALID, "password" if asked.password else "ssid") from error
            raise
        return Ok()

    def forget(self, asked: WifiForget) -> Ok:
        """Join a network no more, if this process had set it up."""
        if not self._path(asked.ssid).is_file():
            raise RefusedError(Refused.NOT_FOUND, "ssid")
        self._nmcli("connection", "delete", "id", _name_of(asked.ssid))
        self._path(asked.ssid).unlink(missing_ok=True)
        return Ok()

    def set_address(self, asked: AddressSet) -> Ok:
        """Give the line another address; where that fails it keeps the one that it had."""
        device = next((one for one in self._devices() if one.medium == asked.medium and one.connection), None)
        if device is None:
            raise RefusedError(Refused.UNAVAILABLE, asked.medium)
        if asked.address is None:
            wanted = ["ipv4.method", "auto", "ipv4.addresses", "", "ipv4.gateway", "", "ipv4.dns", ""]
        else:
            wanted = [
                "ipv4.addresses", asked.address, "ipv4.gateway", asked.gateway or "",
                "ipv4.dns", " ".join(asked.dns), "ipv4.method", "manual",
            ]  # fmt: skip
        before = self._address_of(device.connection)
        self._nmcli("connection", "modify", "uuid", device.connection, *wanted)
        try:
            self._up(device.connection)
        except (ToolError, RefusedError) as error:
            self._nmcli("connection", "modify", "uuid", device.connection, *before)
            with suppress(ToolError, RefusedError):  # what it was up with before, if anything
                self._up(device.connection)
            raise RefusedError(Refused.FAILED, "address") from error
        return Ok()

    def _address_of(self, uuid: str) -> list[str]:
        """Return what has to be said to have the address of now again, in an order that NetworkManager takes."""
        names = ("ipv4.addresses", "ipv4.gateway", "ipv4.dns", "ipv4.method")
        text = self._nmcli("-f", ",".join(names), "connection", "show", "uuid", uuid)
        said = dict(pairs(text))
        if said.get("ipv4.method") == "auto":  # a connection without a fixed address has to stop wanting one first
            names = ("ipv4.method", "ipv4.addresses", "ipv4.gateway", "ipv4.dns")
        return [word for name in names for word in (name, said.get(name, ""))]

    def _up(self, uuid: str) -> None:
        self._nmcli("--wait", str(JOIN_S), "connection", "up", "uuid", uuid, wait_s=JOIN_S + 10)

    def _put_back(self, name: str, path: Path, before: bytes | None) -> None:
        with suppress(ToolError, RefusedError, OSError):
            if before is None:
                path.unlink(missing_ok=True)
                self._nmcli("connection", "delete", "id", name)
            else:
                write_whole(path, before)
                self._nmcli("connection", "load", str(path))

    def _devices(self) -> list[_Device]:
        found = []
        for line in self._nmcli("-f", "TYPE,STATE,CON-UUID,DEVICE", "device", "status").splitlines():
            kind, state, uuid, name = (*fields(line), "", "", "", "")[:4]
            if kind in _MEDIA and state != "unmanaged":
                found.append(_Device(name, _MEDIA[kind], state, uuid if uuid != "--" else ""))
        return found

    def _line(self, device: _Device) -> NetworkLine:
        text = self._nmcli("-f", "GENERAL.CONNECTION,IP4.ADDRESS,IP4.GATEWAY,IP4.DNS", "device", "show", device.name)
        said = dict(pairs(text))
        method = "auto"
        network = ""
        if device.connection:
            names = "ipv4.method,802-11-wireless.ssid"
            shown = self._nmcli("-f", names, "connection", "show", "uuid", device.connection)
            known = dict(pairs(shown))
            method, network = known.get("ipv4.method", "auto"), known.get("802-11-wireless.ssid", "")
        return NetworkLine.model_validate({
            "medium": device.medium, "state": _state(device.state), "network": network[:64],
            "method": "fixed" if method == "manual" else "automatic",
            "address": said.get("IP4.ADDRESS[1]", "")[:43], "gateway": said.get("IP4.GATEWAY", "")[:39],
            "dns": [value[:45] for key, value in said.items() if key.startswith("IP4.DNS[")][:8],
        })  # fmt: skip

    def _path(self, ssid: str) -> Path:
        return self.key_files / f"{_name_of(ssid)}.nmconnection"

    def _nmcli(self, *arguments: str, wait_s: float = 15.0) -> str:
        return self.tools.run("nmcli", "--terse", *arguments, timeout_s=wait_s)


def _state(said: str) -> str:
    match said.partition(" ")[0]:
        case "connected":
            return "connected"
        case "connecting" | "deactivating":
            return "connecting"
        case "disconnected":
            return "disconnected"
        case _:
            return "unavailable"


def seen(text: str) -> Iterator[WifiSeen]:
    """Yield the networks that nmcli has listed; what it says of one that cannot be shown or chosen is passed over."""
    for line in text.splitlines():
        in_use, signal, security, ssid = (*fields(line), "", "", "", "")[:4]
        kinds = set(security.split()) - {"--"}
        with suppress(ValidationError, ValueError):  # a name that cannot be shown cannot be chosen
            yield WifiSeen(
                ssid=ssid, signal=int(signal), secured=bool(kinds), joined=in_use == "*",
                joinable=not kinds or (bool({"WPA1", "WPA2"} & kinds) and "802.1X" not in kinds),
            )  # fmt: skip


def _name_of(ssid: str) -> str:
    """Return what a network's connection is called: a name says nothing to a program that takes it for an option."""
    return f"kiosk-{hashlib.sha256(ssid.encode()).hexdigest()[:16]}"


def key_file(name: str, ssid: str, password: str) -> str:
    """Return a connection as NetworkManager keeps it; the network's name as bytes, so that any may stand in it."""
    text = (
        f"[connection]\nid={name}\ntype=wifi\nautoconnect-priority=10\n\n"
        f"[wifi]\nmode=infrastructure\nssid={''.join(f'{byte};' for byte in ssid.encode())}\n\n"
    )
    if password:
        text += f"[wifi-security]\nkey-mgmt=wpa-psk\npsk={_escaped(password)}\n\n"
    return f"{text}[ipv4]\nmethod=auto\n\n[ipv6]\nmethod=auto\n"


def _escaped(value: str) -> str:
    r"""Return a value as a GLib key file has it: a backslash doubled, a space at the beginning as `\s`."""
    value = value.replace("\\", "\\\\")
    spaces = len(value) - len(value.lstrip(" "))
    return "\\s" * spaces + value[spaces:]
