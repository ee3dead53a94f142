"""What a kiosk, and the centre, calls its connections at the broker.

A broker ends the older of two connections with one client id, whoever makes the newer one. So an id ends in digits
that only the holder of the kiosk's private key can make: no other kiosk can throw this one off. They stay the same
until the key changes, as a persistent session needs.
"""

import hashlib
from dataclasses import dataclass

from kiosk.config import MqttSection
from mqtt_bridge.topics import KioskAddress

_DIGITS = 16


def digits_of(key: bytes) -> str:
    """Return what a client id ends in, with the dot before it; empty without a key.

    `key`: the bytes of the private key's file.
    """
    # One-way: 64 bits of a hash say nothing about a key that nobody can guess.
    return "." + hashlib.sha256(b"gk1 client id\0" + key).hexdigest()[:_DIGITS] if key else ""


def key_bytes(settings: MqttSection) -> bytes:
    """Return the bytes of the key's file that the settings name; none where the line is without TLS. Raises OSError."""
    file = settings.key_file or settings.cert_file
    return file.read_bytes() if settings.tls and file else b""


@dataclass(frozen=True, slots=True)
class ClientIds:
    """The ids of the two connections: what the kiosk says, and what it hears."""

    up: str
    down: str

    @classmethod
    def of(cls, address: KioskAddress, key: bytes = b"") -> "ClientIds":
        """Return a kiosk's ids. `key`: as of `digits_of`."""
        base, digits = f"gk1.{address.tenant}.{address.site}.{address.kiosk}", digits_of(key)
        return cls(f"{base}{digits}", f"{base}.down{digits}")

    @classmethod
    def read(cls, address: KioskAddress, settings: MqttSection) -> "ClientIds":
        """Return a kiosk's ids by the key that its settings name. Raises OSError."""
        return cls.of(address, key_bytes(settings))
