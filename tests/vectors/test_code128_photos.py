"""Photographs of Code 128 for the sampling desk, and of what must never be taken for one (ZXing's black-box pictures).

Folders are known by how their names begin, so that any folder of the same layout can be looked at.
"""

from pathlib import Path

import pytest

from kiosk.vision.labels import MIN_CHARACTERS, read_labels
from kiosk.vision.pictures import load_file

OF_LABELS = "code128-"
OF_OTHERS = (
    "falsepositives", "aztec-", "codabar-", "code39-", "code93-", "datamatrix-", "ean13-", "ean8-", "inverted", "itf-",
    "maxicode-", "multi-qrcode-", "pdf417-", "qrcode-", "rss14-", "rssexpanded", "upca-", "upce-",
)  # fmt: skip
FLOOR = 0.8
"""Share of the photographs that are read as labelled."""


@pytest.fixture(scope="module")
def folders(vectors):
    return [folder for folder in sorted(vectors("qr-photos").iterdir()) if folder.is_dir()]


def pictures(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix in {".png", ".jpg", ".gif"})


def test_labels_are_read_and_never_misread(folders, absent, label, say):
    read = wrong = of = 0
    for path in (path for folder in folders if folder.name.startswith(OF_LABELS) for path in pictures(folder)):
        said = label(path)
        if len(said) < MIN_CHARACTERS:
            continue
        found = {code.text for code in read_labels(load_file(path))}
        of, read, wrong = of + 1, read + (said in found), wrong + bool(found - {said})
    if not of:
        absent(f"a folder {OF_LABELS}* of photographs")
    say(f"qr-photos, Code 128: {read} of {of} photographs read as labelled, {wrong} otherwise")
    assert wrong == 0
    assert read >= FLOOR * of, f"{read} of {of} are read"


def test_nothing_else_is_taken_for_a_label(folders, absent, say):
    paths = [path for folder in folders if folder.name.startswith(OF_OTHERS) for path in pictures(folder)]
    if not paths:
        absent("any photograph of something else")
    false = [f"{path.parent.name}/{path.name}" for path in paths if read_labels(load_file(path))]
    say(f"qr-photos, Code 128: {len(false)} false reads in {len(paths)} photographs of other things")
    assert false == []
