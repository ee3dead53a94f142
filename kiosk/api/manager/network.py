"""The kiosk's network at the touchscreen: how it stands, joining a wireless network, addresses."""

from contextlib import suppress
from ipaddress import IPv4Address, IPv4Interface
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from kiosk.api.wire_message import WireMessage


def _network(text: str) -> str:
    if not text.isprintable():
        raise ValueError("only printable characters")
    if len(text.encode()) > 32:
        raise ValueError("a network's name has at most 32 bytes")
    return text


def _interface(text: str) -> str:
    with suppress(ValueError):
        if "/" in text and str(IPv4Interface(text)) == text:
            return text
    raise ValueError("write it as in 192.168.1.20/24")


def _address(text: str) -> str:
    with suppress(ValueError):
        if str(IPv4Address(text)) == text:
            return text
    raise ValueError("write it as in 192.168.1.1")


Ssid = Annotated[str, Field(min_length=1, max_length=32), AfterValidator(_network)]
"""Name of a wireless network (IEEE 802.11 allows any bytes; one that cannot be shown cannot be chosen here)."""
WifiPassword = Annotated[str, Field(pattern=r"^([\x20-\x7e]{8,63}|)$", repr=False)]
"""WPA passphrase: 8 to 63 printable ASCII characters (IEEE 802.11 annex J); empty for an open network."""
Interface = Annotated[str, Field(max_length=18), AfterValidator(_interface)]
Address = Annotated[str, Field(max_length=15), AfterValidator(_address)]
Medium = Literal["wired", "wifi"]


class NetworkLine(WireMessage):
    """One way into the network."""

    medium: Medium
    state: Literal["connected", "connecting", "disconnected", "unavailable"]
    """unavailable: no cable is plugged in, or the radio is off."""
    network: str = Field(default="", max_length=64)
    """Name of the wireless network."""
    method: Literal["automatic", "fixed"] = "automatic"
    address: str = Field(default="", max_length=43)
    gateway: str = Field(default="", max_length=39)
    dns: tuple[Annotated[str, Field(max_length=45)], ...] = Field(default=(), max_length=8)


class NetworkRead(WireMessage):
    """Ask how the network stands."""

    ask: Literal["network_read"] = "network_read"


class NetworkShown(WireMessage):
    """How it stands; a medium that this machine does not have is left out."""

    reply: Literal["network_shown"] = "network_shown"
    reach: Literal["none", "portal", "limited", "full", "unknown"]
    """How far: nowhere, up to a page that wants a sign-in, into the local network, everywhere."""
    lines: tuple[NetworkLine, ...] = Field(default=(), max_length=8)


class WifiSeen(WireMessage):
    """A wireless network within reach."""

    ssid: Ssid
    signal: int = Field(ge=0, le=100)
    secured: bool
    joinable: bool = True
    """False for one that wants more than a password (802.1X), or what this kiosk does not speak (WEP, WPA3 alone)."""
    joined: bool = False


class WifiScan(WireMessage):
    """Ask which wireless networks are within reach."""

    ask: Literal["wifi_scan"] = "wifi_scan"


class WifiFound(WireMessage):
    """Those within reach, strongest first, each once."""

    reply: Literal["wifi_found"] = "wifi_found"
    networks: tuple[WifiSeen, ...] = Field(default=(), max_length=64)


class WifiJoin(WireMessage):
    """Join this wireless network, now and after each start. It may take half a minute."""

    ask: Literal["wifi_join"] = "wifi_join"
    ssid: Ssid
    password: WifiPassword = ""


class WifiForget(WireMessage):
    """Join it no more."""

    ask: Literal["wifi_forget"] = "wifi_forget"
    ssid: Ssid


class AddressSet(WireMessage):
    """Take this address; without one, the address that the network gives out (DHCP)."""

    ask: Literal["address_set"] = "address_set"
    medium: Medium
    address: Interface | None = None
    gateway: Address | None = None
    dns: tuple[Address, ...] = Field(default=(), max_length=3)
