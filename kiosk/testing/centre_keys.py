"""Keys of a made-up centre, and the file by which kiosks know them."""

import base64
from collections.abc import Iterable, Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.api.messages import Stored
from kiosk.domain.centre import CentreKey, CentreKeys, Permission, ack_topic
from kiosk.signing_key import key_table, write_signing_key
from kiosk.verify import receipt
from kiosk.verify.receipt import Receipt
from kiosk.verify.statement import key_id_of, public_of

STORE_KEY = "store.key.pem"
KEYS_FILE = "centre-keys.toml"


def made_key(number: int) -> Ed25519PrivateKey:
    """Return a key that is the same in every run."""
    return Ed25519PrivateKey.from_private_bytes(number.to_bytes(32, "big"))


STORE = made_key(1)
"""Of the process that stores events."""
STRANGER = made_key(99)
"""Whom no kiosk knows."""


def known(**keys: tuple[Ed25519PrivateKey, Iterable[Permission]]) -> CentreKeys:
    """Return keys as a kiosk knows them, by their names."""
    found: dict[bytes, CentreKey] = {}
    for name, (key, may) in keys.items():
        public = public_of(key)
        found[key_id_of(public)] = CentreKey(name, key_id_of(public), public, frozenset(may))
    return found


KEYS = known(store=(STORE, [Permission.STORE]))
"""What a kiosk knows that nobody may command."""


def write_centre_keys(
    folder: Path, others: Mapping[str, tuple[Ed25519PrivateKey, Iterable[Permission]]] | None = None
) -> Path:
    """Write the file that a kiosk needs, and the private key of the process that stores, once; return the file."""
    keys = {"store": (STORE, [Permission.STORE]), **(others or {})}
    file = folder / KEYS_FILE
    file.write_text("\n".join(key_table(name, key, may) for name, (key, may) in keys.items()))
    if not (folder / STORE_KEY).exists():
        write_signing_key(folder / STORE_KEY, STORE)
    return file


def stored(epoch: str, upto: int, address: str = "local/main/kiosk", key: Ed25519PrivateKey = STORE) -> Stored:
    """Return the bridge's message with the centre's receipt."""
    signed = receipt.sign(Receipt(epoch, upto), key, ack_topic(address))
    return Stored(receipt=base64.b64encode(signed))
