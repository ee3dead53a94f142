"""The venue's logo: a file that somebody copied onto the kiosk, read with bounds and drawn at the size asked for."""

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QImageReader, QPainter
from PySide6.QtQuick import QQuickImageProvider
from PySide6.QtSvg import QSvgRenderer, QtSvg

MAX_BYTES = 512 * 1024
MAX_PIXELS = 4_000_000
_PNG = b"\x89PNG\r\n\x1a\n"
_NOT_IN_A_DRAWING = (
    b"<!entity", b"<image", b"<use", b"<script", b"<foreignobject", b"href", b"@import", b"<set", b"<anim",
)  # fmt: skip
"""What makes a drawing read other files, repeat itself without end, or move."""
_LARGEST = 2048


class LogoError(ValueError):
    """A logo that cannot be used. The text is one sentence for whoever put it there."""


class Logo:
    """A picture that can be drawn at any size."""

    def __init__(self, picture: QImage | QSvgRenderer, shape: QSize) -> None:
        self._picture = picture
        self.ratio = shape.width() / shape.height()
        """Its width divided by its height."""

    def paint(self, width: int, height: int) -> QImage:
        """Draw it, as large as it fits, in the middle of a transparent picture."""
        image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        wide = min(width, height * self.ratio)
        high = wide / self.ratio
        target = QRectF((width - wide) / 2, (height - high) / 2, wide, high)
        painter = QPainter(image)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        if isinstance(self._picture, QSvgRenderer):
            self._picture.render(painter, target)
        else:
            size = QSize(max(round(wide), 1), max(round(high), 1))
            smooth = self._picture.scaled(
                size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
            )
            painter.drawImage(target.topLeft().toPoint(), smooth)
        painter.end()
        return image


def read_logo(path: Path) -> Logo:
    """Read a PNG or an SVG. Raises LogoError."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise LogoError(f"the logo {path} cannot be read ({(error.strerror or 'error').lower()})") from error
    if len(data) > MAX_BYTES:
        raise LogoError(f"the logo {path} is larger than 512 KB; save a smaller one")
    return _png(data, path) if data.startswith(_PNG) else _svg(data, path)


def _png(data: bytes, path: Path) -> Logo:
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, QByteArray(b"png"))
    reader.setAutoDetectImageFormat(False)
    size = reader.size()
    _check_size(size, path)
    image = reader.read()
    if image.isNull():
        raise LogoError(f"the logo {path} is damaged; save it again as a PNG")
    return Logo(image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied), size)


def _svg(data: bytes, path: Path) -> Logo:
    lower = data.lower()
    if b"<svg" not in lower:
        raise LogoError(f"the logo {path} is neither a PNG nor an SVG")
    if any(word in lower for word in _NOT_IN_A_DRAWING):
        raise LogoError(f"the logo {path} holds more than a drawing (links, pictures, scripts); save it as a PNG")
    renderer = QSvgRenderer()
    renderer.setOptions(QtSvg.Option.Tiny12FeaturesOnly)
    if not renderer.load(QByteArray(data)):
        raise LogoError(f"the logo {path} is damaged; save it again as an SVG")
    size = renderer.defaultSize()
    _check_size(size, path)
    return Logo(renderer, size)


def _check_size(size: QSize, path: Path) -> None:
    if size.isEmpty():
        raise LogoError(f"the logo {path} is damaged: it has no width or no height")
    if size.width() * size.height() > MAX_PIXELS:
        raise LogoError(f"the logo {path} has {size.width()} × {size.height()} pixels; save one of at most 2000 × 2000")
    if not 0.1 <= size.width() / size.height() <= 10:
        raise LogoError(f"the logo {path} is more than ten times as long as wide; save one of another shape")


class LogoProvider(QQuickImageProvider):
    """Serves `image://logo/…` at exactly the size that is asked for; nothing where there is no logo."""

    def __init__(self) -> None:
        super().__init__(QQuickImageProvider.ImageType.Image)
        self.logo: Logo | None = None

    def requestImage(self, id: str, size: QSize, requestedSize: QSize) -> QImage:  # noqa: A002, ARG002, N802, N803
        """Draw the logo; what follows in the address only tells one logo from the one before."""
        width = min(max(requestedSize.width(), 1), _LARGEST)
        height = min(max(requestedSize.height(), 1), _LARGEST)
        size.setWidth(width)
        size.setHeight(height)
        if self.logo is None:
            image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
            image.fill(Qt.GlobalColor.transparent)
            return image
        return self.logo.paint(width, height)
