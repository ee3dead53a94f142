"""The file that says who may speak in the centre's name, `centre-keys.toml`."""

import base64
import binascii
from pathlib import Path
from typing import Annotated

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import Field, field_validator

from kiosk.domain.centre import CentreKey, CentreKeys, Permission
from kiosk.toml_file import ConfigError, Section, read_toml
from kiosk.verify.statement import PUBLIC_SIZE, key_id_of

MAX_KEYS = 256


class KeyTable(Section):
    """One key, `[[key]]`."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
    public: Annotated[str, Field(min_length=1, max_length=64)]
    """The 32 bytes of an Ed25519 public key, in base64."""
    may: Annotated[frozenset[Permission], Field(min_length=1)]

    @field_validator("public")
    @classmethod
    def _is_a_key(cls, text: str) -> str:
        try:
            Ed25519PublicKey.from_public_bytes(base64.b64decode(text, validate=True))
        except (binascii.Error, ValueError, UnsupportedAlgorithm):
            raise ValueError(f"not the {PUBLIC_SIZE} bytes of an Ed25519 public key in base64") from None
        return text


class CentreKeysFile(Section):
    """The whole file."""

    key: Annotated[tuple[KeyTable, ...], Field(min_length=1, max_length=MAX_KEYS)]


def load_centre_keys(path: Path) -> CentreKeys:
    """Read the file. Raises ConfigError with one sentence."""
    keys: dict[bytes, CentreKey] = {}
    names: set[str] = set()
    for table in read_toml(path, CentreKeysFile).key:
        public = base64.b64decode(table.public)
        key_id = key_id_of(public)
        if key_id in keys or table.name in names:
            # One person with two names would be two people where two have to agree.
            raise ConfigError(f"{path}: key '{table.name}': a key and its name may stand there once only")
        keys[key_id] = CentreKey(table.name, key_id, public, table.may)
        names.add(table.name)
    return keys
