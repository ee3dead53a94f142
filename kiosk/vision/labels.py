"""Labels of sample tubes: Code 128, looked for only where the settings ask for it.

A linear code is a handful of bars, and a picture of anything may hold some. So: nothing but Code 128, whose checksum
is part of it; at least six characters; and in live video two frames that read the same. Other linear codes (EAN,
Codabar, ITF, DataBar) are never looked for.
"""

import zxingcpp

from kiosk.vision.codes import CODE128, Code, Luma
from kiosk.vision.engines.zxing import GLOBAL, LOCAL, corners_of

MIN_CHARACTERS = 6
AGREE_NS = 1_000_000_000
"""How long ago the look that agrees may have been."""
_REMEMBERED = 16
"""Labels that are remembered, so that a wall of bars costs no memory."""


def read_labels(luma: Luma) -> tuple[Code, ...]:
    """Return the labels in one picture, which may lie or stand: by a second threshold where one reads nothing."""
    return look_once(luma) or look_once(luma, GLOBAL)


def look_once(luma: Luma, binarizer: zxingcpp.Binarizer = LOCAL) -> tuple[Code, ...]:
    """Return the labels that one look reads: 1 to 2 ms at 720p on a current x86 core."""
    found = zxingcpp.read_barcodes(
        luma,
        formats=zxingcpp.BarcodeFormat.Code128,
        try_rotate=True,
        try_invert=False,
        try_downscale=True,
        text_mode=zxingcpp.TextMode.Plain,
        binarizer=binarizer,
    )
    codes = (Code(str(one.text).encode(), str(one.text), CODE128, corners_of(one)) for one in found if one.valid)
    return tuple({code.data: code for code in codes if len(code.text) >= MIN_CHARACTERS}.values())


class LiveLabels:
    """Reads the labels in the frames of one camera: each when a second frame has read the same."""

    def __init__(self) -> None:
        # What is read here costs the QR codes nothing: it is a look of its own, and only where labels are wanted.
        self._looks: dict[bytes, int] = {}
        """When each label was read last."""

    def look(self, luma: Luma, at_ns: int) -> list[Code]:
        """Return the labels of a frame captured at `at_ns` that an earlier frame has read as well."""
        codes = look_once(luma)
        since = at_ns - AGREE_NS
        agreed = [code for code in codes if since <= self._looks.get(code.data, since - 1) < at_ns]
        self._looks = {data: seen_ns for data, seen_ns in self._looks.items() if seen_ns >= since}
        self._looks |= {code.data: at_ns for code in codes[:_REMEMBERED]}
        return agreed
