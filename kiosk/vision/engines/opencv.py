"""OpenCV's own detector: here for comparison in the bench. It is slow on hard frames, throws, and misses most."""

import cv2

from kiosk.vision.codes import Code, Look, Luma


class OpenCvEngine:
    """One look: 20 to 50 ms at 720p on a current x86 core."""

    def __init__(self) -> None:
        self._detector = cv2.QRCodeDetector()

    def look(self, luma: Luma) -> Look:
        """Return the codes that are read, as far as they are text."""
        try:
            found, texts, corners, _ = self._detector.detectAndDecodeMulti(luma)
        except (cv2.error, UnicodeDecodeError):  # it gives up on some frames, and on bytes that are no UTF-8
            return Look()
        if not found:
            return Look()
        codes = []
        for text, box in zip(texts, corners, strict=True):
            if text:
                a, b, c, d = ((int(x), int(y)) for x, y in box)
                codes.append(Code(text.encode(), text, "QRCode", (a, b, c, d)))
        return Look(tuple(codes))

    def close(self) -> None:
        """Hold nothing."""
