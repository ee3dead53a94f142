"""Updates for tests: a key, bundles, and a small program that is packed as this one is."""

import zipfile
from datetime import date
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kiosk.admin.bundle_make import make_bundle

MADE = date(2026, 11, 25)
_INSTALL = '#!/bin/sh\necho "$0 $*" >>"{log}"\nexit {status}\n'


class UpdateSite:
    """Whoever signs updates, and the folder in which a kiosk has their public key."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.keys, self.log = folder, folder / "update-keys", folder / "installed.log"
        self.key = Ed25519PrivateKey.from_private_bytes(b"u" * 32)
        self.keys.mkdir(parents=True, exist_ok=True)
        public = self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        (self.keys / "maker.pem").write_bytes(public)

    def bundle(
        self, version: str, out: Path | None = None, *, machine: str = "any", python: str = "any",
        key: Ed25519PrivateKey | None = None, starts: bool = True, install_status: int = 0,
    ) -> Path:  # fmt: skip
        """Write an update. `starts`: its programs do; `install_status`: what its scripts/install ends with."""
        source = self.folder / f"source-{version}"
        for name in ("wheels", "scripts"):
            (source / name).mkdir(parents=True, exist_ok=True)
        wheel = source / "wheels" / "entrance_kiosk-1.0-py3-none-any.whl"
        _wheel(wheel, starts=starts)
        install = source / "scripts" / "install"
        install.write_text(_INSTALL.format(log=self.log, status=install_status))
        install.chmod(0o755)
        files = [(path.relative_to(source).as_posix(), path) for path in source.rglob("*") if path.is_file()]
        out = out or self.folder / f"{version}.kiosk-update"
        make_bundle(out, files, key or self.key, version=version, made=MADE, machine=machine, python=python)
        return out


def _wheel(path: Path, *, starts: bool) -> None:
    programs = "".join(f"{name} = kiosk_small:main\n" for name in ("kiosk", "kiosk-admin", "kiosk-update"))
    info = "entrance_kiosk-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("kiosk_small.py", f"def main():\n    return {0 if starts else 1}\n")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: entrance-kiosk\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/entry_points.txt", f"[console_scripts]\n{programs}")
        wheel.writestr(f"{info}/RECORD", "")
