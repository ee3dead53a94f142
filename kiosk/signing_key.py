"""The private keys of those who speak in the centre's name: Ed25519, PKCS #8 in PEM, encrypted where people hold them.

No such key is ever on a kiosk; what a kiosk has is the public half, in `centre-keys.toml` (kiosk/centre_keys.py).
"""

import base64
import json
import os
from collections.abc import Iterable
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from kiosk.domain.centre import Permission
from kiosk.verify.statement import public_of

_MAX_FILE = 16 << 10


class SigningKeyError(ValueError):
    """A key file that cannot be used. The text is one sentence."""


def write_signing_key(path: Path, key: Ed25519PrivateKey, passphrase: bytes = b"") -> None:
    """Write a private key, readable by its owner only. Raises FileExistsError: a key is never overwritten."""
    encryption = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def is_encrypted(path: Path) -> bool:
    """Tell whether a key file asks for a passphrase. Raises SigningKeyError where it cannot be read."""
    return b"ENCRYPTED" in _read(path)


def read_signing_key(path: Path, passphrase: bytes = b"") -> Ed25519PrivateKey:
    """Read a private key. Raises SigningKeyError."""
    text = _read(path)
    try:
        key = load_pem_private_key(text, passphrase or None)
    except TypeError:
        need = "it is not encrypted: leave the passphrase out" if passphrase else "it is encrypted: give its passphrase"
        raise SigningKeyError(f"{path}: {need}") from None
    except (ValueError, UnsupportedAlgorithm):
        hint = "; is the passphrase right?" if passphrase else ""
        raise SigningKeyError(f"{path}: not a private key in PEM{hint}") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise SigningKeyError(f"{path}: not an Ed25519 key; make one with `kiosk command key`")
    return key


def key_table(name: str, key: Ed25519PrivateKey, may: Iterable[Permission]) -> str:
    """Return the table of `centre-keys.toml` by which kiosks know this key."""
    public = base64.b64encode(public_of(key)).decode()
    return f'[[key]]\nname = "{name}"\npublic = "{public}"\nmay = {json.dumps(sorted(may))}\n'


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_MAX_FILE)
    except OSError as error:
        raise SigningKeyError(f"{path}: cannot be read ({(error.strerror or 'error').lower()})") from error
