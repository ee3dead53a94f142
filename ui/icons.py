"""Icons: the bundled SVG drawings in any two colours, as an image provider `image://icon/NAME/INK/PAPER`."""

from functools import cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtQuick import QQuickImageProvider
from PySide6.QtSvg import QSvgRenderer

ICONS = Path(__file__).parent / "assets" / "icons"
_LARGEST = 2048


@cache
def drawing(name: str) -> str:
    """Return the text of an icon. Raises OSError for one that there is not."""
    return (ICONS / f"{name}.svg").read_text("utf-8")


def paint(name: str, ink: str, paper: str, width: int, height: int) -> QImage:
    """Draw an icon in the colours `ink` and `paper` (six hex digits each)."""
    svg = drawing(name).replace("#fff", f"#{paper}").replace("currentColor", f"#{ink}")
    image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, width, height))
    painter.end()
    return image


class IconProvider(QQuickImageProvider):
    """Serves `image://icon/...` at exactly the size that is asked for, so that edges stay sharp."""

    def __init__(self) -> None:
        super().__init__(QQuickImageProvider.ImageType.Image)

    def requestImage(self, id: str, size: QSize, requestedSize: QSize) -> QImage:  # noqa: A002, N802, N803, Qt's names
        """Draw the icon that the address names."""
        name, ink, paper = id.split("/")
        width = min(max(requestedSize.width(), 1), _LARGEST)
        height = min(max(requestedSize.height(), 1), _LARGEST)
        size.setWidth(width)
        size.setHeight(height)
        return paint(name, ink, paper, width, height)
