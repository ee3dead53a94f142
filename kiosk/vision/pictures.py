"""Picture files for the command line: hostile files in, luma and codes out."""

import contextlib
import os
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from kiosk.domain.symbology import Symbology
from kiosk.vision.codes import Code, Engine, Luma
from kiosk.vision.engines import EngineMissingError, open_engine
from kiosk.vision.headers import read_header
from kiosk.vision.labels import read_labels
from kiosk.vision.still import StillReader
from kiosk.vision.structured_append import join

MAX_FILE = 32 << 20
"""Bytes a picture file may have."""
MAX_PIXELS = 50_000_000
"""Pixels a picture may have; more than any telephone's camera makes by default."""
MAX_SIDE = 32_000
"""Pixels a side may have: the engine takes 65,535, and pictures are enlarged to twice their size."""


class PictureError(ValueError):
    """A file that cannot be read as a picture. The text is one sentence that names the file."""


@dataclass(frozen=True, slots=True)
class PictureCodes:
    """What was found in one picture."""

    codes: tuple[Code, ...]
    ms: float
    """Time spent looking for codes, without loading the file."""


def load_file(path: Path) -> Luma:
    """Return the picture in `path` as luma. Raises PictureError."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE + 1)
    except OSError as error:
        raise PictureError(f"{path}: cannot be read ({(error.strerror or 'error').lower()})") from error
    if len(data) > MAX_FILE:
        raise PictureError(f"{path}: larger than {MAX_FILE >> 20} MB; give a smaller picture")
    try:
        return load_bytes(data)
    except PictureError as error:
        raise PictureError(f"{path}: {error}") from None


def load_bytes(data: bytes) -> Luma:
    """Return a picture file's content as luma. Its size is checked before it is decoded. Raises PictureError."""
    header = read_header(data)
    if header is None:
        raise PictureError("not a picture; give a PNG, JPEG, GIF, WebP, BMP, PGM or PPM file")
    _check_size(header.width, header.height)
    try:
        with _quiet():
            # A JPEG carries its luma; everything else may carry transparency, which would be lost.
            how = cv2.IMREAD_GRAYSCALE if header.kind == "JPEG" else cv2.IMREAD_UNCHANGED
            pixels = cv2.imdecode(np.frombuffer(data, np.uint8), how)
    except cv2.error:
        pixels = None
    if pixels is None or pixels.size == 0:
        raise PictureError(f"a damaged {header.kind} file; save the picture again")
    _check_size(pixels.shape[1], pixels.shape[0])  # once more: a header may be read in two ways
    return _luma(pixels)


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise PictureError(f"{width} × {height} pixels are too many; give a smaller picture")


def _luma(pixels: Luma) -> Luma:
    """Return grey, whatever the depth and channels; what is transparent becomes white, as on paper."""
    if pixels.dtype == np.uint16:
        pixels = (pixels >> 8).astype(np.uint8)
    if pixels.ndim == 2:
        return pixels
    if pixels.shape[2] == 3:
        grey: Luma = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
        return grey
    ink = 255 - cv2.cvtColor(pixels, cv2.COLOR_BGRA2GRAY)
    inked: Luma = cv2.multiply(ink, pixels[:, :, 3], scale=1 / 255)
    return 255 - inked


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep what image libraries print on standard error from the user: the whole process is silent in here."""
    kept, nothing = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nothing, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)


def open_still_engine() -> Engine:
    """Return what reads pictures best on this machine: with zbar's last word where zbar is installed."""
    with contextlib.suppress(EngineMissingError):
        return StillReader(last_word=open_engine("zbar"))
    return StillReader()


def read_file(
    path: Path, engine: Engine | None = None, symbologies: Collection[Symbology] = (Symbology.QR,)
) -> PictureCodes:
    """Find the codes in a picture file; parts of one message are put together. Raises PictureError."""
    luma = load_file(path)
    begin = time.perf_counter()
    labels = read_labels(luma) if Symbology.CODE128 in symbologies else ()
    whole = join((engine or open_still_engine()).look(luma).codes) + labels
    return PictureCodes(whole, (time.perf_counter() - begin) * 1000)
