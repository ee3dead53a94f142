"""What is done to a part of a picture before it is looked at once more. Each is a pure function of luma.

Which of them help, in which order, was measured on seeded frames kept for tuning (docs/figures.md has the table).
"""

from collections.abc import Callable

import cv2
import numpy as np

from kiosk.vision.codes import Luma

cv2.setNumThreads(1)

Change = Callable[[Luma], Luma]

_DARKEN: Luma = np.round(255 * (np.arange(256) / 255) ** 2).astype(np.uint8)


def scaled(luma: Luma, times: float) -> Luma:
    """Return a picture so many times as wide and as high."""
    if times == 1:
        return luma
    how = cv2.INTER_CUBIC if times > 1 else cv2.INTER_AREA
    larger: Luma = cv2.resize(luma, None, fx=times, fy=times, interpolation=how)
    return larger


def keep(luma: Luma) -> Luma:
    """Change nothing."""
    return luma


def invert(luma: Luma) -> Luma:
    """Make light dark and dark light."""
    inverted: Luma = cv2.bitwise_not(luma)
    return inverted


def stretch(luma: Luma) -> Luma:
    """Spread the range of brightness over the whole scale: haze, dim light and sharpening that would clip."""
    low, high = np.percentile(luma[::4, ::4], (3, 97))
    slope = 255 / max(high - low, 1)
    spread: Luma = cv2.LUT(luma, np.clip((np.arange(256) - low) * slope, 0, 255).astype(np.uint8))
    return spread


def sharpen(luma: Luma, reach: float = 2.0, amount: float = 1.5) -> Luma:
    """Unsharp mask against the mean of what is around, `reach` pixels to each side or so: blur and defocus."""
    side = max(round(reach * 3) | 1, 3)
    sharpened: Luma = cv2.addWeighted(luma, 1 + amount, cv2.blur(luma, (side, side)), -amount, 0)
    return sharpened


def deblur(luma: Luma, radius: float, rounds: int = 10) -> Luma:
    """Undo a Gaussian blur of `radius` pixels by Richardson and Lucy's method: slow, and the last resort."""
    seen = luma.astype(np.float32) + 1
    sharp = seen.copy()
    for _ in range(rounds):
        blurred = np.maximum(cv2.GaussianBlur(sharp, (0, 0), radius), 1e-3)
        sharp *= cv2.GaussianBlur(seen / blurred, (0, 0), radius)
    deblurred: Luma = np.clip(sharp, 0, 255).astype(np.uint8)
    return deblurred


def soften(luma: Luma) -> Luma:
    """Blur: grain, and the grid of a screen's pixels."""
    softened: Luma = cv2.GaussianBlur(luma, (0, 0), 2)
    return softened


def grain(luma: Luma) -> float:
    """Return how grainy a frame is, in steps of luma: a quarter of all pixels differ less from those two apart.

    Print and codes have flat parts, grain has none: that tells them apart. About 0.05 ms.
    """
    rows = luma[8::64]
    if not rows.size or luma.shape[1] <= 2:
        return 0.0
    return float(np.percentile(cv2.absdiff(rows[:, 2:], rows[:, :-2]), 25))


def calm(luma: Luma) -> Luma:
    """Mean of 3 × 3 pixels: the grain of dim light, at the cost of the smallest modules."""
    calmed: Luma = cv2.blur(luma, (3, 3))
    return calmed


def darken(luma: Luma) -> Luma:
    """Gamma 2: pulls the grey of glare and haze apart from white."""
    darkened: Luma = cv2.LUT(luma, _DARKEN)
    return darkened


def despeckle(luma: Luma) -> Luma:
    """Median of 3 × 3: single bright and dark pixels."""
    cleaned: Luma = cv2.medianBlur(luma, 3)
    return cleaned


def threshold(around: int, less: int = 2) -> Change:
    """Return a change to black and white, by the mean of `around` × `around` pixels less `less`."""

    def change(luma: Luma) -> Luma:
        smooth = cv2.GaussianBlur(luma, (0, 0), 1.2)
        binary: Luma = cv2.adaptiveThreshold(
            smooth, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, around, less
        )
        return binary

    return change


def each(*changes: Change) -> Change:
    """Return one change that does these one after the other."""

    def change(luma: Luma) -> Luma:
        for one in changes:
            luma = one(luma)
        return luma

    return change
