"""Cameras of libcamera's virtual pipeline, with the real picamera2 on top. `scripts/camera-test` runs these tests."""

from collections.abc import Callable
from pathlib import Path

import pytest

PICTURES = Path("/tmp/frames")  # noqa: S108 - virtual.yaml names it; inside the test's own root


@pytest.fixture(scope="session")
def library() -> object:
    """The real picamera2, with pictures to show: the same code at twelve places."""
    import virtual_pipeline

    draw_pictures()
    virtual_pipeline.install()
    import picamera2

    return picamera2


def draw_pictures() -> None:
    import cv2
    import numpy as np
    import segno

    PICTURES.mkdir(exist_ok=True)
    rows = segno.make("VIRTUAL CAMERA", micro=False).matrix_iter(scale=9, border=4)
    card = np.where(np.array([list(row) for row in rows], bool), 0, 255).astype(np.uint8)
    for number in range(12):
        picture, left = np.full((720, 1280), 90, np.uint8), 200 + 40 * number
        picture[100 : 100 + len(card), left : left + len(card)] = card
        cv2.imwrite(str(PICTURES / f"{number}.jpg"), cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR))


@pytest.fixture
def number(library) -> Callable[[str], int]:
    """Return the number of the camera of a model: libcamera lists them in any order."""

    def find(model: str) -> int:
        models = [camera["Model"] for camera in library.Picamera2.global_camera_info()]
        return models.index(model)

    return find
