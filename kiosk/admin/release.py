"""Releases side by side in `/opt/kiosk-releases`: unpacked, made ready, tried, and only then put in force.

`/opt/kiosk` is a link to the release in force; it changes from one to the other in one step, so that a power cut leaves
the one or the other. What `scripts/install` has put there as a folder becomes a release when the first update comes.
"""

import ctypes
import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from kiosk.admin.bundle import Keys, Signed, opened, verified
from kiosk.admin.tools import ToolError, Tools
from kiosk.domain.staff import RefusedError

RELEASES = Path("/opt/kiosk-releases")
PROVE_S, LOOK_EVERY_S = 40, 2
"""How long the new programs have to run without a new start, and how often that is looked at."""
_MAX_FILES, _MAX_BYTES = 20_000, 3 << 30
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2  # renameat2(2)
_PREPARE_S = 1800.0

Failure = Literal["no_room", "damaged", "not_installed", "went_back"]


class ReleaseError(Exception):
    """A release that cannot be put in force; `code` says why."""

    def __init__(self, code: Failure) -> None:
        super().__init__(code)
        self.code: Failure = code


@dataclass(frozen=True, slots=True)
class Releases:
    """The releases of this machine."""

    tools: Tools
    program: Path
    """`/opt/kiosk`."""
    folder: Path
    """`/opt/kiosk-releases`."""
    python: Path
    """What virtual environments are made with."""
    wait: Callable[[float], None]
    """Waits for so many seconds."""

    @property
    def current(self) -> Path:
        """The release in force."""
        return self.program.resolve()

    def release(self, version: str) -> Path:
        """Return where a version is, or would be."""
        return self.folder / version

    def adopt(self, version: str) -> None:
        """Make a release of what stands at `/opt/kiosk` as a folder, in one step."""
        if self.program.is_symlink():
            return
        self.folder.mkdir(exist_ok=True)
        place = self.release(version)
        if place.is_symlink():
            place.unlink()
        place.symlink_to(place)  # leads to itself for as long as it has not changed places with the folder
        libc = ctypes.CDLL(None, use_errno=True)
        names = os.fsencode(self.program), os.fsencode(place)
        if libc.renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) != 0:
            place.unlink()
            raise OSError(ctypes.get_errno(), "the folders cannot change places")

    def unpack(self, bundle: Path, keys: Keys) -> Signed:
        """Unpack and make ready what a bundle holds; in force is still what was. Raises BundleError, ReleaseError."""
        signed = verified(bundle, keys)
        draft = self.release(f"{signed.manifest.version}.draft")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        try:
            with opened(bundle, keys) as (_, program), tarfile.open(fileobj=program, mode="r|gz") as tar:
                files = room = 0
                for member in tar:
                    files, room = files + 1, room + member.size
                    if files > _MAX_FILES or room > _MAX_BYTES:
                        raise ReleaseError("damaged")
                    _extract(tar, member, draft)
            (draft / "VERSION").write_text(f"{signed.manifest.version}\n")
            place = self.release(signed.manifest.version)
            if place.resolve() == self.current:
                raise ReleaseError("not_installed")
            shutil.rmtree(place, ignore_errors=True)
            draft.rename(place)
            self._make_ready(place)
        except (tarfile.TarError, EOFError) as error:
            raise ReleaseError("damaged") from error
        except OSError as error:
            raise ReleaseError("no_room" if error.errno == 28 else "not_installed") from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        return signed

    def _make_ready(self, place: Path) -> None:
        """Make the virtual environment from the packages that came with it, and see whether the programs start."""
        beside = ["--system-site-packages"] if self._sees_system_packages() else []
        here = place / ".venv"
        self._do(str(self.python), "-m", "venv", *beside, str(here))
        self._do(
            str(here / "bin/python"), "-m", "pip", "install", "--no-index", "--no-cache-dir", "--no-input",
            "--disable-pip-version-check", "--find-links", str(place / "wheels"), "entrance-kiosk",
        )  # fmt: skip
        for program in ("kiosk", "kiosk-admin", "kiosk-update"):
            self._do(str(here / "bin" / program), "--help")
        with suppress(FileExistsError):
            (place / "venv").symlink_to(".venv")

    def _sees_system_packages(self) -> bool:
        with suppress(OSError):
            return "include-system-site-packages = true" in (self.current / ".venv/pyvenv.cfg").read_text()
        return False

    def _do(self, *command: str) -> None:
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=_PREPARE_S, check=False,
                env={"PATH": "/usr/sbin:/usr/bin", "LC_ALL": "C.UTF-8"},
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ReleaseError("not_installed") from error
        if done.returncode != 0:
            raise ReleaseError("not_installed")

    def put_in_force(self, version: str) -> None:
        """Let `/opt/kiosk` lead to a release, lay out its units, and start everything anew. Raises ReleaseError."""
        place = self.release(version)
        link = self.program.with_name(f"{self.program.name}.next")
        link.unlink(missing_ok=True)
        link.symlink_to(place)
        link.replace(self.program)
        self._do(str(place / "scripts/install"), "--units-only")
        self._systemctl("restart", "kiosk.target")

    def lasts(self) -> bool:
        """Tell whether the gate and the screen, where there is one, go on running for a while."""
        watched = ["kiosk-gate.service"]
        if self._says("is-enabled", "kiosk-ui.service"):
            watched.append("kiosk-ui.service")
        before: list[str] | None = None
        for _ in range(PROVE_S // LOOK_EVERY_S):
            self.wait(LOOK_EVERY_S)
            now = [self._starts(unit) for unit in watched]
            if before is not None and now != before:
                return False
            before = now
        return all(self._says("is-active", unit) for unit in watched)

    def keep_only(self, *versions: str) -> None:
        """Be rid of all other releases but the one in force."""
        kept = {self.release(version) for version in versions} | {self.current}
        for place in self.folder.iterdir():
            if place not in kept:
                shutil.rmtree(place, ignore_errors=True)

    def _starts(self, unit: str) -> str:
        """Return what changes with each new start of a unit."""
        with suppress(ToolError, RefusedError):
            return self.tools.run("systemctl", "show", "--property=NRestarts,ExecMainPID", unit)
        return ""

    def _says(self, what: str, unit: str) -> bool:
        try:
            self.tools.run("systemctl", "--quiet", what, unit)
        except (ToolError, RefusedError):
            return False
        return True

    def _systemctl(self, *arguments: str) -> None:
        try:
            self.tools.run("systemctl", *arguments, timeout_s=120)
        except (ToolError, RefusedError) as error:  # no, or no end: programs that do not come up must not stay in force
            raise ReleaseError("not_installed") from error


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, into: Path) -> None:
    """Put a file or a folder below `into`: no link, no device, no owner, no path that leads elsewhere."""
    name = PurePosixPath(member.name)
    if name.is_absolute() or ".." in name.parts:
        raise ReleaseError("damaged")
    path = into / name
    if member.isdir():
        path.mkdir(parents=True, exist_ok=True)
        return
    source = tar.extractfile(member) if member.isreg() else None
    if source is None:
        raise ReleaseError("damaged")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        shutil.copyfileobj(source, file, 1 << 20)
    path.chmod(0o755 if member.mode & 0o100 else 0o644)
