"""Making an update: a folder's files packed, described and signed. Never on a kiosk: there is no private key there."""

import gzip
import hashlib
import io
import tarfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.admin.bundle import MANIFEST, PROGRAM, SIGNATURE, SIGNED_FOR, Manifest


def make_bundle(
    out: Path, files: Iterable[tuple[str, Path]], key: Ed25519PrivateKey, *, version: str, made: date,
    machine: str = "any", python: str = "any",
) -> Manifest:  # fmt: skip
    """Write an update of these files, by their names in it, and return what it says of itself. Raises OSError.

    The same files give the same bytes.
    """
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as stream, tarfile.open(fileobj=stream, mode="w|") as tar:
        for name, path in sorted(files):
            _add(tar, name, path.read_bytes(), 0o755 if path.stat().st_mode & 0o100 else 0o644)
    program = packed.getvalue()
    manifest = Manifest.model_validate({
        "version": version, "made": made.isoformat(), "machine": machine, "python": python, "size": len(program),
        "sha256": hashlib.sha256(program).hexdigest(),
    })  # fmt: skip
    text = manifest.model_dump_json().encode()
    with tarfile.open(out, "w:") as tar:
        _add(tar, MANIFEST, text)
        _add(tar, SIGNATURE, key.sign(SIGNED_FOR + text))
        _add(tar, PROGRAM, program)
    return manifest


def _add(tar: tarfile.TarFile, name: str, data: bytes, mode: int = 0o644) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(data), mode
    tar.addfile(info, io.BytesIO(data))
