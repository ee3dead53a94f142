"""The verbs of updates: finds one on a stick, copies and checks it, and has `kiosk-update.service` install it.

The bundle is copied first and checked then: a stick can be another one when it is read for the second time. What is
installed is this copy, which the service checks once more.
"""

import json
import platform
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kiosk import __version__
from kiosk.admin.bundle import MAX_PROGRAM, SUFFIX, BundleError, Keys, Signed, opened, order_of, read_keys, verified
from kiosk.admin.tools import Tools
from kiosk.admin.usb import Usb
from kiosk.api.manager.session import Ok
from kiosk.api.manager.update import Bundle, UpdateBack, UpdateFault, UpdateInstall, UpdateLook, UpdateRead, UpdateShown
from kiosk.api.manager.usb import UsbRead
from kiosk.domain.staff import Refused, RefusedError
from kiosk.whole_file import write_whole

STATE = Path("/var/lib/kiosk-update")
KEYS = Path("/etc/kiosk/update-keys")
PROGRAM = Path("/opt/kiosk")
BUNDLE, WANTED, OUTCOME = "bundle", "wanted.json", "outcome.json"
_MAX_FILES = 8


@dataclass(frozen=True, slots=True)
class Update:
    """Does the verbs of updates."""

    tools: Tools
    usb: Usb
    state: Path = STATE
    keys: Path = KEYS
    program: Path = PROGRAM

    def read(self, _: UpdateRead) -> UpdateShown:
        """Say which version runs, and what became of the last update."""
        return self._shown()

    def look(self, _: UpdateLook) -> UpdateShown:
        """Find the newest update on the sticks that are plugged in."""
        if self._shown().state in ("installing", "proving"):
            raise RefusedError(Refused.BUSY)
        self._bundle.unlink(missing_ok=True)
        keys = read_keys(self.keys)
        if not keys:
            return self._shown(code="no_key")
        code: UpdateFault = "no_bundle"
        for stick in self.usb.read(UsbRead()).sticks:
            if stick.usable:
                with self.usb.reading(stick.id) as folder:
                    for path in sorted(folder.glob(f"*{SUFFIX}"), reverse=True)[:_MAX_FILES]:
                        code = self._taken(path, keys)
                        if not code:
                            return self._shown()
        return self._shown(code=code)

    def install(self, asked: UpdateInstall) -> Ok:
        """Have what was found installed."""
        bundle = self._shown().bundle
        if bundle is None or bundle.version != asked.version:
            raise RefusedError(Refused.NOT_FOUND, "version")
        return self._begin({"verb": "install", "version": asked.version})

    def back(self, _: UpdateBack) -> Ok:
        """Have the version before put in its place again."""
        before = self._shown().before
        if not before:
            raise RefusedError(Refused.NOT_FOUND, "version")
        return self._begin({"verb": "back", "version": before})

    def _begin(self, wanted: dict[str, str]) -> Ok:
        if self._shown().state in ("installing", "proving"):
            raise RefusedError(Refused.BUSY)
        outcome = {"state": "installing", "version": wanted["version"], "before": self._shown().before, "code": ""}
        write_whole(self.state / WANTED, json.dumps(wanted).encode())
        write_whole(self.state / OUTCOME, json.dumps(outcome).encode())
        self.tools.run("systemctl", "--no-block", "start", "kiosk-update.service")
        return Ok()

    def _taken(self, path: Path, keys: Keys) -> UpdateFault:
        """Copy a file and check the copy; return why it is not taken, empty where it is."""
        draft = self.state / f"{BUNDLE}.draft"
        try:
            size = path.stat().st_size
            if size > MAX_PROGRAM + (1 << 20):
                return "unreadable"
            # Beside the copy the program has to be unpacked, which takes up to three times as much.
            if shutil.disk_usage(self.state).free < 5 * size:
                return "no_room"
            shutil.copyfile(path, draft)
            if fault := _unfit(verified(draft, keys), self._version):
                return fault
            draft.replace(self._bundle)
        except BundleError as error:
            return error.code
        except OSError:
            return "unreadable"
        finally:
            draft.unlink(missing_ok=True)
        return ""

    @property
    def _bundle(self) -> Path:
        return self.state / BUNDLE

    @property
    def _version(self) -> str:
        """What runs: a release says so itself, what scripts/install has put there is this program."""
        try:
            return (self.program / "VERSION").read_text().strip()[:64]
        except OSError:
            return __version__

    def _shown(self, code: UpdateFault = "") -> UpdateShown:
        said = outcome_of(self.state)
        found = None
        if self._bundle.is_file():
            try:
                # Its manifest alone: to the last byte it was checked when it was copied, and is when it is installed.
                with opened(self._bundle, read_keys(self.keys)) as (found, _):
                    pass
            except (BundleError, OSError):
                self._bundle.unlink(missing_ok=True)
        bundle = None if found is None else Bundle(
            version=found.manifest.version, made=found.manifest.made, signer=found.signer,
            size_mb=found.manifest.size >> 20,
        )  # fmt: skip
        return UpdateShown(
            version=self._version, before=said["before"], bundle=bundle, state=said["state"],
            code=code or said["code"],
        )  # fmt: skip


def _unfit(signed: Signed, running: str) -> UpdateFault:
    manifest = signed.manifest
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    if manifest.machine not in ("any", platform.machine()) or manifest.python not in ("any", here):
        return "other_machine"
    if order_of(manifest.version) == order_of(running):
        return "same"
    return "older" if order_of(manifest.version) < order_of(running) else ""


def outcome_of(state: Path) -> dict[str, Any]:
    """Return what became of the last update, as kiosk.admin.release has written it; what is damaged says nothing."""
    nothing = {"state": "idle", "version": "", "before": "", "code": ""}
    try:
        said = json.loads((state / OUTCOME).read_bytes())
        shown = UpdateShown.model_validate({key: said[key] for key in nothing})
    except (OSError, ValueError, KeyError, TypeError):
        return nothing
    return shown.model_dump(include=set(nothing))
