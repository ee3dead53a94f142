"""What a kiosk calls its connections at the broker.

A broker ends the older of two connections with one client id, whoever makes the newer one. So an id ends in digits
that only the holder of the kiosk's private key can make: no other kiosk can throw this one off. They stay the same
until the key changes, as a persistent session needs.
"""

import hashlib
from dataclasses import dataclass

from kiosk.config import MqttSection
from mqtt_bridge.topics import KioskAddress

_DIGITS = 16


@dataclass(frozen=True, slots=True)
class ClientIds:
    """The ids of the two connections: what the kiosk says, and what it hears."""

    up: str
    down: str

    @classmethod
    def of(cls, address: KioskAddress, key: bytes = b"") -> "ClientIds":
        """Return a kiosk's ids. `key`: the bytes of its private key's file; none where the line is without TLS."""
        base = f"gk1.{address.tenant}.{address.site}.{address.kiosk}"
        # One-way: 64 bits of a hash say nothing about a key that nobody can guess.
        digits = "." + hashlib.sha256(b"gk1 client id\0" + key).hexdigest()[:_DIGITS] if key else ""
        return cls(f"{base}{digits}", f"{base}.down{digits}")

    @classmethod
    def read(cls, address: KioskAddress, settings: MqttSection) -> "ClientIds":
        """Return a kiosk's ids by the key that its settings name. Raises OSError."""
        file = settings.key_file or settings.cert_file
        return cls.of(address, file.read_bytes() if settings.tls and file else b"")
