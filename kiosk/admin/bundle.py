"""An update as a file, `NAME.kiosk-update`: who signed it, which version it is, and whether it is whole.

A tar without compression, of three members in this order: `manifest.json`, `manifest.sig`, `program.tar.gz`. The
signature is Ed25519 over a line that says what it is for and the manifest's bytes; the manifest has the program's size
and SHA-256. So nothing is unpacked, or even decompressed, that a key in `/etc/kiosk/update-keys` has not signed.
"""

import hashlib
import re
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Annotated, Literal

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kiosk.api.manager.update import UpdateFault, Version

SUFFIX = ".kiosk-update"
SIGNED_FOR = b"entrance-kiosk update 1\n"
MANIFEST, SIGNATURE, PROGRAM = "manifest.json", "manifest.sig", "program.tar.gz"
MAX_PROGRAM = 1 << 30
_MAX_MANIFEST = 1 << 14
_CHUNK = 1 << 20


class BundleError(Exception):
    """A file that is no update for this kiosk; `code` says why."""

    def __init__(self, code: UpdateFault) -> None:
        super().__init__(code)
        self.code: UpdateFault = code


class Manifest(BaseModel):
    """What an update says of itself, and is signed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = 1
    version: Version
    made: Annotated[str, Field(pattern=r"^20[0-9]{2}-[0-9]{2}-[0-9]{2}$")]
    machine: Literal["any", "aarch64", "x86_64"]
    """Processor of its packages, as `uname -m` says it."""
    python: Annotated[str, Field(pattern=r"^(any|3\.[0-9]{1,2})$")]
    """Python of its packages."""
    size: Annotated[int, Field(gt=0, le=MAX_PROGRAM)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


@dataclass(frozen=True, slots=True)
class Signed:
    """An update that was signed by a key of this kiosk, and is whole."""

    manifest: Manifest
    signer: str
    """The name of the key's file."""


Keys = Mapping[str, Ed25519PublicKey]


def read_keys(folder: Path) -> Keys:
    """Return who may sign updates, by the names of their files; what is no Ed25519 key in PEM is left out."""
    found = {}
    for path in sorted(folder.glob("*.pem")):
        try:
            key = load_pem_public_key(path.read_bytes())
        except (OSError, ValueError, UnsupportedAlgorithm):
            continue
        if isinstance(key, Ed25519PublicKey):
            found[path.stem[:64]] = key
    return found


def verified(path: Path, keys: Keys) -> Signed:
    """Check a file to its last byte. Raises BundleError, OSError."""
    with opened(path, keys) as (signed, program):
        digest, size = hashlib.sha256(), 0
        while piece := program.read(_CHUNK):
            digest.update(piece)
            size += len(piece)
        if size != signed.manifest.size or digest.hexdigest() != signed.manifest.sha256:
            raise BundleError("damaged")
        return signed


@contextmanager
def opened(path: Path, keys: Keys) -> Iterator[tuple[Signed, IO[bytes]]]:
    """Give what a file's signed manifest says, and its program, not checked yet. Raises BundleError, OSError."""
    if not keys:
        raise BundleError("no_key")
    try:
        with tarfile.open(path, "r:") as tar:
            manifest = _member(tar, MANIFEST, _MAX_MANIFEST).read()
            signature = _member(tar, SIGNATURE, 64).read()
            signer = _signer(manifest, signature, keys)  # before a byte of what it says is looked at
            signed = Signed(_manifest(manifest), signer)
            yield signed, _member(tar, PROGRAM, MAX_PROGRAM)
    except tarfile.TarError as error:
        raise BundleError("unreadable") from error


def _member(tar: tarfile.TarFile, name: str, most: int) -> IO[bytes]:
    info = tar.next()
    if info is None or info.name != name or not info.isreg() or info.size > most:
        raise BundleError("unreadable")
    file = tar.extractfile(info)
    if file is None:
        raise BundleError("unreadable")
    return file


def _manifest(data: bytes) -> Manifest:
    try:
        return Manifest.model_validate_json(data)
    except ValidationError:
        raise BundleError("unreadable") from None


def _signer(manifest: bytes, signature: bytes, keys: Keys) -> str:
    for name, key in keys.items():
        try:
            key.verify(signature, SIGNED_FOR + manifest)
        except InvalidSignature:
            continue
        return name
    raise BundleError("forged")


def order_of(version: str) -> tuple[int, ...]:
    """Return what versions are ordered by: their numbers."""
    match = re.match(r"[0-9]+(\.[0-9]+)*", version)
    return tuple(map(int, match[0].split("."))) if match else ()
