"""What pictures are taken of: screens held still, on glasses that are sold, as visitors and hours change their look."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ui.choices import Choices
from ui.stage import Stage

Part = Literal["visitor", "forms", "manager"]


@dataclass(frozen=True, slots=True)
class Glass:
    """A screen that is sold: pixels and their density."""

    width: int
    height: int
    pixels_per_mm: float

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


GLASSES = (Glass(800, 480, 5.19), Glass(1280, 800, 5.9), Glass(720, 1280, 8.2), Glass(1080, 1920, 4.03))
"""7 inches, 10.1 inches, 7 inches upright and 21.5 inches upright."""


@dataclass(frozen=True, slots=True)
class Pose:
    """One screen, held still. `show` puts it on the stage in a visitor's or manager's language, size and contrast."""

    name: str
    """Without spaces; no other pose has it."""
    part: Part
    show: Callable[[Stage, Choices], None]
    live: bool = False
    """Drawn with a camera picture."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a screen may look besides its language."""

    name: str
    large: bool = False
    high_contrast: bool = False
    night: bool = False


STYLES = (
    Style("normal"),
    Style("large", large=True),
    Style("contrast", high_contrast=True),
    Style("large-contrast", large=True, high_contrast=True),
    Style("night", night=True),
)


@dataclass(frozen=True, slots=True)
class Shot:
    """What one picture shows."""

    glass: Glass
    pose: Pose
    language: str
    style: Style

    def __str__(self) -> str:
        return f"{self.glass}-{self.pose.name}-{self.language}-{self.style.name}"

    @property
    def choices(self) -> Choices:
        """What whoever stands before it has chosen."""
        return Choices(self.language, self.style.large, self.style.high_contrast)
