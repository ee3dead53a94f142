"""A made-up organiser of events, and the tickets that it signs as pretix does."""

import base64
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def varint(number: int) -> bytes:
    """Return a number of at most 64 bits as protocol buffers write it."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def message(fields: Mapping[int, int | str]) -> bytes:
    """Return a protobuf message of integers and texts."""
    out = b""
    for number, value in fields.items():
        if isinstance(value, int):
            out += varint(number << 3) + varint(value)
        else:
            raw = value.encode()
            out += varint(number << 3 | 2) + varint(len(raw)) + raw
    return out


def pack(payload: bytes, signature: bytes, version: int = 1) -> str:
    """Return the text of a ticket."""
    lengths = len(payload).to_bytes(2, "big") + len(signature).to_bytes(2, "big")
    return base64.b64encode(bytes([version]) + lengths + payload + signature).decode()[::-1]


class Organiser:
    """Who sells tickets."""

    def __init__(self) -> None:
        self.key = ed25519.Ed25519PrivateKey.generate()

    @property
    def public_key(self) -> bytes:
        """DER SubjectPublicKeyInfo in base64."""
        spki = self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(spki)

    def sign(self, payload: bytes) -> str:
        """Return the text of a ticket with this very payload."""
        return pack(payload, self.key.sign(payload))

    def ticket(
        self, seed: str = "SEED12345", *, item: int = 1, variation: int = 0, subevent: int = 0,
        starts: int = 0, ends: int = 0,
    ) -> str:  # fmt: skip
        """Return the text of a ticket; what is 0 is left out, as protocol buffers do."""
        fields: dict[int, int | str] = {1: seed, 2: item, 3: variation, 4: subevent, 5: starts, 6: ends}
        return self.sign(message({number: value for number, value in fields.items() if value}))
