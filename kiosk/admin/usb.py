"""Sticks: found by `lsblk`, mounted by the service manager itself, so that this process needs no right to mount.

A stick is mounted without the right to bring programs, devices or other people's rights (noexec, nodev, nosuid), and as
the property of the gate's account alone. Only file systems without owners of their own (FAT, exFAT) can be so.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kiosk.admin.tools import ToolError, Tools
from kiosk.api.admin_messages import UsbMount, UsbMounted, UsbUnmount
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

    def unmount(self, asked: UsbUnmount) -> Ok:
        """Write what is still to be written, and write no more on the stick."""
        if self._one(asked.stick)[2]:
            self._unmount()
            if self._one(asked.stick)[2]:
                raise RefusedError(Refused.BUSY, "stick")
        return Ok()

    def eject(self, asked: UsbEject) -> Ok:
        """Write what is still to be written, and let go of the stick."""
        _, disk, _ = self._one(asked.stick)
        self.unmount(UsbUnmount(stick=asked.stick))
        with suppress(OSError):  # a kernel that does not power it down: it is unmounted all the same
            (self.blocks / disk / "device" / "delete").write_text("1")
        return Ok()

    def _one(self, name: str) -> tuple[Stick, str, bool]:
        for stick, disk, mounted in self._found():
            if stick.id == name:
                return stick, disk, mounted
        raise RefusedError(Refused.NOT_FOUND, "stick")

    def _found(self) -> list["Found"]:
        text = self.tools.run(
            "lsblk", "--json", "--bytes", "--output", "NAME,TYPE,SIZE,FSTYPE,LABEL,MODEL,TRAN,MOUNTPOINTS"
        )
        return found_in(text, str(self.place))


class _Device(BaseModel):
    """What lsblk says of a disk or a part of one."""

    model_config = ConfigDict(frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z0-9]{1,32}$")]
    type: str
    size: int = 0
    fstype: str | None = None
    label: str | None = None
    model: str | None = None
    tran: str | None = None
    mountpoints: tuple[str | None, ...] = ()
    children: tuple[Any, ...] = ()


Found = tuple[Stick, str, bool]
"""A stick, the disk that it is on, and whether it is mounted at our place."""


def found_in(text: str, place: str) -> list[Found]:
    """Return the sticks that lsblk has listed. Raises ToolError where it has listed nothing that can be read."""
    try:
        listed = json.loads(text)["blockdevices"]
        disks = [disk for one in listed if (disk := _device(one)) and (disk.tran, disk.type) == ("usb", "disk")]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ToolError(0) from error
    found = []
    for disk in disks:
        for part in map(_device, disk.children) if disk.children else (disk,):
            with suppress(ValidationError):
                if part is not None:
                    found.append((_stick(part, disk, place), disk.name, place in part.mountpoints))
    return found


def _device(said: object) -> _Device | None:
    with suppress(ValidationError):
        return _Device.model_validate(said)
    return None


def _stick(part: _Device, disk: _Device, place: str) -> Stick:
    filesystem = part.fstype or ""
    elsewhere = any(mounted and mounted != place for mounted in part.mountpoints)
    return Stick(
        id=part.name, label=_clean(part.label), model=_clean(disk.model), size_mb=max(0, part.size) >> 20,
        filesystem=filesystem[:16], usable=filesystem in FILE_SYSTEMS and not elsewhere,
    )  # fmt: skip


def _clean(text: str | None) -> str:
    return "".join(sign for sign in (text or "").strip() if sign.isprintable())[:64]
