"""Photographs: folders of pictures with their labels.

- A folder that holds pictures is a set; of any other folder, each folder in it that holds pictures is one.
- Beside `N.png` (.jpg, .jpeg, .gif, .webp, .bmp) the label is `N.txt`, its text in UTF-8, or `N.bin`, its bytes. A
  picture counts as read if one of the codes has exactly this text or these bytes.
- A set holds no QR code at all if it is named as such, or if its name begins with that of another symbology or with
  one of the words of NO_CODE and does not say `qrcode`; and so does a picture with an empty label. Whatever is read
  there is a false read.
- Any other picture without a label cannot be judged and is left out; how many is said.
- The long side is reduced to 1280 pixels, as at a door, unless full size is asked for.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2

from kiosk.bench.read.engines import OpenEngine
from kiosk.bench.read.measure import Progress, Score, Scores, in_turn, timed
from kiosk.vision.codes import Code, Luma
from kiosk.vision.pictures import PictureError, load_file

LONG_SIDE = 1280
NO_CODE = (
    "falsepositives", "negative", "inverted", "aztec", "codabar", "code128", "code39", "code93", "datamatrix", "ean",
    "itf", "maxicode", "microqr", "pdf417", "rmqr", "rss", "upc",
)  # fmt: skip
"""How names of folders begin that hold no QR code; `inverted` is ZXing's folder of an inverted Data Matrix."""
_ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp"})


class FolderError(ValueError):
    """A folder without pictures. The text is one sentence that names it."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture and what is to be read in it."""

    path: Path
    label: bytes | None
    """None where nothing is to be read."""
    text: bool
    """Whether the label is text, so that its character set does not matter."""

    def is_right(self, code: Code) -> bool:
        """Tell whether `code` is what the label says."""
        return code.data == self.label or (self.text and code.text.encode() == self.label)


@dataclass(frozen=True, slots=True)
class PhotoSet:
    """A folder."""

    name: str
    photos: tuple[Photo, ...]
    unlabelled: int


@dataclass(frozen=True, slots=True)
class PhotoFigures:
    """What every engine did with all sets."""

    scores: Scores
    unlabelled: int
    """Pictures that were left out."""
    unreadable: tuple[str, ...]
    """What is wrong with files that are no pictures, a sentence each."""


def is_negative(name: str) -> bool:
    """Tell from a folder's name whether it holds no QR code."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    return plain.startswith(NO_CODE) and not re.search("(?<!micro)(?<!rm)qrcode", plain)


def _pictures(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in _ENDINGS)


def find_sets(folders: Sequence[Path], negatives: Sequence[Path]) -> list[PhotoSet]:
    """Return the sets in `folders`, and in `negatives`, which hold no QR code. Raises FolderError."""
    sets = []
    for given, negative in [(path, False) for path in folders] + [(path, True) for path in negatives]:
        if not given.is_dir():
            raise FolderError(f"'{given}' is no folder; give a folder of pictures")
        inside = [given] if _pictures(given) else sorted(path for path in given.iterdir() if path.is_dir())
        found = [_set(path, negative or is_negative(path.resolve().name)) for path in inside if _pictures(path)]
        if not found:
            raise FolderError(f"'{given}' holds no pictures, and no folder with pictures; give another")
        sets += found
    return sets


def _set(folder: Path, negative: bool) -> PhotoSet:
    photos, unlabelled = [], 0
    for path in _pictures(folder):
        photo = Photo(path, None, text=False) if negative else _labelled(path)
        if photo is None:
            unlabelled += 1
        else:
            photos.append(photo)
    return PhotoSet(folder.resolve().name, tuple(photos), unlabelled)


def _labelled(path: Path) -> Photo | None:
    for ending, text in ((".bin", False), (".txt", True)):
        label = path.with_suffix(ending)
        if label.is_file():
            return Photo(path, label.read_bytes() or None, text)
    return None


def reduced(luma: Luma) -> Luma:
    """Return a picture with a long side of at most LONG_SIDE pixels."""
    ratio = LONG_SIDE / max(luma.shape)
    if ratio >= 1:
        return luma
    size = max(round(luma.shape[1] * ratio), 1), max(round(luma.shape[0] * ratio), 1)
    smaller: Luma = cv2.resize(luma, size, interpolation=cv2.INTER_AREA)
    return smaller


def measure_photos(
    sets: Sequence[PhotoSet], names: Sequence[str], opened: OpenEngine, progress: Progress, *, full_size: bool = False
) -> PhotoFigures:
    """Let every engine look at every photograph once."""
    scores: Scores = {name: Score() for name in names}
    unreadable: list[str] = []
    for photos in sets:
        progress(f"{len(photos.photos)} photographs of '{photos.name}'")
        for number, (photo, luma) in enumerate(_loaded(photos.photos, unreadable)):
            seen = luma if full_size else reduced(luma)
            for name, score in in_turn(scores, number):
                look, ms = timed(opened(name), seen)
                right = [photo.is_right(code) for code in look.codes]
                score.take(
                    f"{photos.name}/{photo.path.name}", photos.name, ms,
                    right=any(right), other=not all(right), negative=photo.label is None,
                )  # fmt: skip
    return PhotoFigures(scores, sum(photos.unlabelled for photos in sets), tuple(unreadable))


def _loaded(photos: Sequence[Photo], unreadable: list[str]) -> Iterator[tuple[Photo, Luma]]:
    for photo in photos:
        try:
            yield photo, load_file(photo.path)
        except PictureError as error:
            unreadable.append(str(error))
