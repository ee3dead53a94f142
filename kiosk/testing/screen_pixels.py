"""Qt's pictures as OpenCV has them."""

import numpy as np
from PySide6.QtGui import QImage

from kiosk.testing.gallery import Pixels


def pixels(picture: QImage) -> Pixels:
    """Return the pixels of a picture of 32 bits a pixel."""
    high, wide = picture.height(), picture.width()
    lines = np.frombuffer(picture.constBits(), np.uint8).reshape(high, picture.bytesPerLine() // 4, 4)
    return lines[:, :wide, :3].copy()
