"""zxing-cpp: the fast engine. It reads rows of luma in place and says what it located and could not read.

What is read: QR model 2. Micro QR, rMQR and everything else are none of the kiosk's formats.
"""

import zxingcpp

from kiosk.vision.codes import Code, Corners, Look, Luma

QR = zxingcpp.BarcodeFormat.QRCodeModel2
LOCAL = zxingcpp.Binarizer.LocalAverage
GLOBAL = zxingcpp.Binarizer.GlobalHistogram
FIXED = zxingcpp.Binarizer.FixedThreshold


def _corners(barcode: zxingcpp.Barcode) -> Corners:
    spot = barcode.position
    top_left, top_right = spot.top_left, spot.top_right
    bottom_right, bottom_left = spot.bottom_right, spot.bottom_left
    return (
        (top_left.x, top_left.y),
        (top_right.x, top_right.y),
        (bottom_right.x, bottom_right.y),
        (bottom_left.x, bottom_left.y),
    )


def _code(barcode: zxingcpp.Barcode) -> Code:
    data = bytes(barcode.bytes)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = barcode.text
    return Code(data, text, "QRCode", _corners(barcode))


def scan(luma: Luma, binarizer: zxingcpp.Binarizer = LOCAL, *, effort: bool = False) -> Look:
    """Look once. With `effort` also at turned and inverted codes, at three times the cost."""
    found = zxingcpp.read_barcodes(
        luma,
        formats=QR,
        try_rotate=effort,
        try_invert=effort,
        try_downscale=True,
        text_mode=zxingcpp.TextMode.Plain,
        binarizer=binarizer,
        return_errors=True,
    )
    return Look(
        tuple(_code(barcode) for barcode in found if barcode.valid),
        tuple(_corners(barcode) for barcode in found if not barcode.valid),
    )


class ZxingEngine:
    """One look: 2 to 3 ms at 720p on a current x86 core."""

    def __init__(self, *, effort: bool = False) -> None:
        self._effort = effort

    def look(self, luma: Luma) -> Look:
        """Return what one look at a frame gives."""
        return scan(luma, effort=self._effort)
