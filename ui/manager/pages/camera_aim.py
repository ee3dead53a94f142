"""Aiming the camera: its picture, and how well it reads what is held before it, once a second."""

from dataclasses import dataclass, replace
from typing import ClassVar

from kiosk.api.manager import Reply, Request
from kiosk.api.manager.aim import AimRead, AimShown
from kiosk.domain.staff import StaffRole
from ui.manager.blocks import Block, Figure, Figures, Notice, Picture, Row, Rows, Tone, View
from ui.manager.numbers import decimal
from ui.manager.page import ManagerPage, Turn, Words

DARK, BRIGHT = 60.0, 200.0
"""Mean luma below and above which a scene is too dark or too bright to read well: exposure aims for the middle."""
SLOW_MS = 40.0
"""A search that takes longer makes visitors wait."""


@dataclass(frozen=True, slots=True)
class CameraAimPage(ManagerPage):
    """A technician holds up a code and turns the camera until it reads well."""

    NAME: ClassVar[str] = "camera_aim"
    ROLES: ClassVar[frozenset[StaffRole]] = frozenset({StaffRole.MANAGER, StaffRole.TECHNICIAN})
    ICON: ClassVar[str] = "aim"
    EVERY_S: ClassVar[float] = 1.0

    shown: AimShown | None = None

    def opened(self) -> Turn:
        """Ask for the first figures."""
        return Turn(self, asks=(AimRead(),))

    def ticked(self) -> Turn:
        """Ask again; this keeps the picture on as well."""
        return Turn(self, asks=(AimRead(),))

    def answered(self, request: Request, reply: Reply) -> Turn:  # noqa: ARG002
        """Take the figures."""
        return Turn(replace(self, shown=reply)) if isinstance(reply, AimShown) else Turn(self)

    def view(self, words: Words) -> View:
        """Show picture, advice and figures."""
        picture = Picture(words["manager.camera_aim.picture"])
        blocks: tuple[Block, ...] = (picture,)
        if self.shown is not None:
            blocks = (_advice(self.shown, words), picture, _figures(self.shown, words), _hints(self.shown, words))
        return View(words["manager.camera_aim.title"], blocks)


def _advice(shown: AimShown, words: Words) -> Notice:
    if shown.camera != "ok":
        return Notice(words[f"manager.camera_aim.camera_{shown.camera}"], icon="camera", tone="bad")
    if shown.read_fps > 0:
        rate = decimal(shown.read_fps, words)
        return Notice(words["manager.camera_aim.reads"].format(rate=rate), icon="disc-tick", tone="good")
    if shown.hint and shown.hint != "next_part":
        return Notice(words[f"hint.{shown.hint}"], icon="triangle", tone="care")
    return Notice(words["manager.camera_aim.hold_up"], icon="phone")


def _figures(shown: AimShown, words: Words) -> Figures:
    light, tone = _light(shown.light)
    slow: Tone = "care" if shown.decode_ms > SLOW_MS else ""
    reads: Tone = "good" if shown.read_fps > 0 else ""
    rate = decimal(shown.read_fps, words)
    return Figures((
        Figure(words["manager.camera_aim.read_fps"], rate, words["manager.camera_aim.a_second"], reads),
        Figure(words["manager.camera_aim.codes"], str(shown.codes),
               words["manager.camera_aim.in_seconds"].format(seconds=shown.seconds)),
        Figure(words["manager.camera_aim.decoded_fps"], decimal(shown.decoded_fps, words),
               words["manager.camera_aim.of_fps"].format(fps=decimal(shown.fps, words, 0))),
        Figure(words["manager.camera_aim.decode"], f"{decimal(shown.decode_ms, words)} ms",
               words["manager.camera_aim.slow" if slow else "manager.camera_aim.fast"], slow),
        Figure(words["manager.camera_aim.light"], str(round(shown.light)), words[f"manager.camera_aim.light_{light}"],
               tone),
    ))  # fmt: skip


def _light(luma: float) -> tuple[str, Tone]:
    if luma < DARK:
        return "dark", "care"
    return ("bright", "care") if luma > BRIGHT else ("fine", "good")


def _hints(shown: AimShown, words: Words) -> Rows:
    rows = (
        Row(words[f"manager.camera_aim.hint_{one.hint}"], value=f"{one.count} ×", icon=f"hint-{_drawing(one.hint)}")
        for one in shown.hints
    )
    title = words["manager.camera_aim.hints"].format(seconds=shown.seconds)
    return Rows(tuple(rows), title, words["manager.camera_aim.no_hints"])


def _drawing(hint: str) -> str:
    return "next" if hint == "next_part" else hint
