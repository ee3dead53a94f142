"""Sticks: found by `lsblk`, mounted by the service manager itself, so that this process needs no right to mount.

A stick is mounted without the right to bring programs, devices or other people's rights (noexec, nodev, nosuid), and as
the property of the gate's account alone. Only file systems without owners of their own (FAT, exFAT) can be so.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kiosk.admin.tools import ToolError, Tools
from kiosk.api.admin_messages import UsbMount, UsbMounted
from kiosk.api.manager.session import Ok
from kiosk.api.manager.usb import Stick, UsbEject, UsbRead, UsbShown
from kiosk.domain.staff import Refused, RefusedError

PLACE = Path("/run/kiosk-usb")
FILE_SYSTEMS = frozenset({"vfat", "exfat"})
UNMOUNT_S = 120.0
"""What is still to be written is written first, and sticks can be slow."""


@dataclass(frozen=True, slots=True)
class Usb:
    """Does the verbs of sticks."""

    tools: Tools
    owner: tuple[int, int]
    """Uid and gid that may write on a stick: the gate's."""
    place: Path = PLACE
    blocks: Path = Path("/sys/block")

    def read(self, _: UsbRead) -> UsbShown:
        """Say which are plugged in."""
        return UsbShown(sticks=tuple(stick for stick, _, _ in self._found())[:16])

    def mount(self, asked: UsbMount) -> UsbMounted:
        """Let the gate write on a stick."""
        stick, _, mounted = self._one(asked.stick)
        if not stick.usable:
            raise RefusedError(Refused.INVALID, "filesystem")
        if not mounted:
            self._mount(stick, "rw", *self.owner)
        return UsbMounted(folder=str(self.place))

    @contextmanager
    def reading(self, name: str) -> Iterator[Path]:
        """Give the folder of a stick that this process may read, for a while."""
        stick, _, mounted = self._one(name)
        if mounted:
            raise RefusedError(Refused.BUSY, "stick")
        self._mount(stick, "ro", 0, 0)
        try:
            yield self.place
        finally:
            self._unmount()

    def _mount(self, stick: Stick, how: str, uid: int, gid: int) -> None:
        self.tools.run(
            "systemd-mount", "--no-pager", "--collect", "--fsck=no", f"--type={stick.filesystem}",
            f"--options={how},nosuid,nodev,noexec,noatime,uid={uid},gid={gid},fmask=0177,dmask=0077",
            f"/dev/{stick.id}", str(self.place), timeout_s=30,
        )  # fmt: skip

    def _unmount(self) -> None:
        self.tools.run("systemd-umount", "--no-pager", str(self.place), timeout_s=UNMOUNT_S)

    def eject(self, asked: UsbEject) -> Ok:
        """Write what is still to be written, and let go of the stick."""
        _, disk, mounted = self._one(asked.stick)
        if mounted:
            self._unmount()
            if self._one(asked.stick)[2]:
                raise RefusedError(Refused.BUSY, "stick")
        with suppress(OSError):  # a kernel that does not power it down: it is unmounted all the same
            (self.blocks / disk / "device" / "delete").write_text("1")
        return Ok()

    def _one(self, name: str) -> tuple[Stick, str, bool]:
        for stick, disk, mounted in self._found():
            if stick.id == name:
                return stick, disk, mounted
        raise RefusedError(Refused.NOT_FOUND, "stick")

    def _found(self) -> Iterator[tuple[Stick, str, bool]]:
        """Yield each stick with the disk that it is on, and whether it is mounted at our place."""
        text = self.tools.run(
            "lsblk", "--json", "--bytes", "--output", "NAME,TYPE,SIZE,FSTYPE,LABEL,MODEL,TRAN,MOUNTPOINTS"
        )
        try:
            disks = json.loads(text)["blockdevices"]
        except (ValueError, KeyError, TypeError) as error:
            raise ToolError(0) from error
        for disk in disks:
            if disk.get("tran") != "usb" or disk.get("type") != "disk":
                continue
            for part in disk.get("children") or [disk]:
                with suppress(ValidationError):
                    yield self._stick(part, disk), disk["name"], str(self.place) in (part.get("mountpoints") or ())

    def _stick(self, part: dict[str, Any], disk: dict[str, Any]) -> Stick:
        filesystem = part.get("fstype") or ""
        elsewhere = any(place and place != str(self.place) for place in part.get("mountpoints") or ())
        return Stick(
            id=part.get("name", ""), label=_clean(part.get("label")), model=_clean(disk.get("model")),
            size_mb=int(part.get("size") or 0) >> 20, filesystem=filesystem[:16],
            usable=filesystem in FILE_SYSTEMS and not elsewhere,
        )  # fmt: skip


def _clean(text: str | None) -> str:
    return "".join(sign for sign in (text or "").strip() if sign.isprintable())[:64]
