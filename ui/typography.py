"""Fitting words into a space: which sizes of title and text a column can hold, by the same layout that draws them."""

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QFont, QFontDatabase, QRawFont, QTextLayout, QTextOption
from PySide6.QtQml import QmlElement, QmlSingleton

QML_IMPORT_NAME = "Kiosk.Backend"
QML_IMPORT_MAJOR_VERSION = 1

FAMILY = "Be Vietnam Pro"
FONTS = Path(__file__).parent / "assets" / "fonts"
_FILES = ("BeVietnamPro-Medium.ttf", "BeVietnamPro-Bold.ttf")
_STEPS = 24


class FontError(RuntimeError):
    """There is no font at all, not even one of the system. The text is one sentence."""


@dataclass(frozen=True, slots=True)
class Fonts:
    """What texts are written in."""

    cap_ratio: float
    """Height of the capitals as a part of the font's size."""
    trouble: str = ""
    """What is wrong with the bundled font, in a sentence; the system's own is used then."""


def load_fonts(folder: Path = FONTS) -> Fonts:
    """Load the bundled font, or else take one of the system, which is measured just the same. Raises FontError."""
    broken = [name for name in _FILES if QFontDatabase.addApplicationFont(str(folder / name)) < 0]
    if not broken:
        return Fonts(QRawFont(str(folder / _FILES[0]), 1000.0).capHeight() / 1000.0)
    if not QFontDatabase.families():
        raise FontError(f"the font {folder / broken[0]} cannot be loaded, nor any other; install the program again")
    font = QFont(FAMILY)
    font.setPixelSize(1000)
    trouble = f"the font {folder / broken[0]} cannot be loaded, so the system's is used; install the program again"
    return Fonts(QRawFont.fromFont(font).capHeight() / 1000.0, trouble)


@cache
def _font(pixels: int, bold: bool) -> QFont:
    font = QFont(FAMILY)
    font.setPixelSize(pixels)
    font.setWeight(QFont.Weight.Bold if bold else QFont.Weight.Medium)
    return font


@cache
def text_size(text: str, pixels: int, bold: bool, width: float) -> tuple[float, float]:
    """Return the width of the longest line and the height of `text` when wrapped at `width` pixels."""
    layout = QTextLayout(text, _font(pixels, bold))
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WordWrap)
    option.setUseDesignMetrics(True)
    layout.setTextOption(option)
    widest = height = 0.0
    layout.beginLayout()
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        widest = max(widest, line.naturalTextWidth())
        height += math.ceil(line.height())
    layout.endLayout()
    return widest, height


@QmlElement
@QmlSingleton
class Typography(QObject):
    """Sizes that fit. All arguments and results are pixels."""

    @Slot(str, "QVariantList", float, float, float, float, float, float, float, result="QVariantList")
    def column(  # noqa: PLR0913, PLR0917, the column's whole measure
        self,
        title: str,
        texts: list[str],
        width: float,
        height: float,
        gap: float,
        title_max: float,
        title_min: float,
        text_max: float,
        text_min: float,
    ) -> list[int]:
        """Return the largest sizes [title, text] with which all of it fits, even in bold; the smallest at worst."""
        used = [text for text in texts if text]
        for step in range(_STEPS, -1, -1):
            part = step / _STEPS
            sizes = (
                math.ceil(title_min + (title_max - title_min) * part),
                math.ceil(text_min + (text_max - text_min) * part),
            )
            parts = [text_size(title, sizes[0], True, width)]
            parts += [text_size(text, sizes[1], True, width) for text in used]
            tall = sum(part[1] for part in parts) + gap * len(used)
            if tall <= height and max(part[0] for part in parts) <= width:
                return list(sizes)
        return [math.ceil(title_min), math.ceil(text_min)]

    @Slot(str, "QVariantList", float, float, float, int, int, result=bool)
    def fits(
        self, title: str, texts: list[str], width: float, height: float, gap: float, title_pixels: int, text_pixels: int
    ) -> bool:
        """Tell whether a title and the texts below it fit at these sizes."""
        used = [text for text in texts if text]
        tall = text_size(title, title_pixels, True, width)[1]
        tall += sum(text_size(text, text_pixels, True, width)[1] for text in used)
        return tall + gap * len(used) <= height

    @Slot(str, int, float, result=float)
    def balanced(self, text: str, pixels: int, width: float) -> float:
        """Return the least width at which `text` takes no more lines than at `width`: no lonely last word."""
        height = text_size(text, pixels, True, width)[1]
        low, high = width / 2, width
        while high - low > 1:
            middle = (low + high) / 2
            widest, tall = text_size(text, pixels, True, middle)
            low, high = (low, middle) if tall <= height and widest <= middle else (middle, high)
        return math.ceil(high)

    @Slot("QVariantList", float, float, float, result=int)
    def row(self, texts: list[str], width: float, largest: float, smallest: float) -> int:
        """Return the largest size at which the bold texts fit beside each other in `width`."""
        for pixels in range(math.ceil(largest), math.ceil(smallest), -1):
            if sum(text_size(text, pixels, True, 1e6)[0] for text in texts) <= width:
                return pixels
        return math.ceil(smallest)
