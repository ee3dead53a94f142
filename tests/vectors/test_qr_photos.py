"""Photographs of codes, of nothing, and of other symbologies (ZXing's black-box pictures)."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from kiosk.vision.cascade import Cascade
from kiosk.vision.codes import Engine
from kiosk.vision.pictures import load_file
from kiosk.vision.still import StillReader

# Folder: pictures, read with one look (door), read with every look (still). Measured with zxing-cpp 3.1.1.
READ = {
    "qrcode-1": (20, 20, 20),
    "qrcode-2": (35, 33, 34),
    "qrcode-3": (42, 42, 42),
    "qrcode-4": (48, 48, 48),
    "qrcode-5": (19, 19, 19),
    "qrcode-6": (15, 15, 15),
}
NOTHING_TO_READ = (
    "falsepositives",
    "falsepositives-2",
    "aztec-1",
    "code128-1",
    "code128-3",
    "ean13-3",
    "inverted",  # a Data Matrix
    "rssexpanded-1",
)
MISLABELLED = {"qrcode-2/13.png"}
"""Reads as '… aerial photography of …'; its label says '… aerial photograph of …'."""
ENGINES: dict[str, Callable[[], Engine]] = {"door": Cascade, "still": StillReader}
"""Made anew for every picture: none is to remember the one before."""


@pytest.fixture
def photos(vectors) -> Path:
    return vectors("qr-photos")


def pictures(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix in {".png", ".jpg", ".gif"})


@cache
def reads(folder: Path, profile: str) -> tuple[int, list[str]]:
    """Return how many pictures are read as labelled, and which are read otherwise."""
    good, wrong = 0, []
    for path in pictures(folder):
        label = path.with_suffix(".txt").read_bytes().decode()
        codes = ENGINES[profile]().look(load_file(path)).codes
        if any(code.text == label for code in codes):
            good += 1
        elif codes:
            wrong.append(f"{folder.name}/{path.name}")
    return good, wrong


@pytest.mark.parametrize("profile", ENGINES)
@pytest.mark.parametrize("folder", READ)
def test_as_many_are_read_as_were_measured(photos: Path, folder: str, profile: str):
    of, door, still = READ[folder]
    floor = door if profile == "door" else still
    good, wrong = reads(photos / folder, profile)
    assert len(pictures(photos / folder)) == of
    assert good >= floor, f"{folder}, {profile}: {good} of {of} are read; {floor} were"
    assert set(wrong) <= MISLABELLED


@pytest.mark.parametrize("profile", ENGINES)
@pytest.mark.parametrize("folder", NOTHING_TO_READ)
def test_nothing_is_read_where_there_is_no_qr_code(photos: Path, folder: str, profile: str):
    paths = pictures(photos / folder)
    assert paths
    found = {path.name: codes for path in paths if (codes := ENGINES[profile]().look(load_file(path)).codes)}
    assert found == {}, f"{len(found)} false reads in {len(paths)} pictures"


@pytest.mark.parametrize("profile", ENGINES)
def test_four_codes_on_one_sheet_are_all_read(photos: Path, profile: str):
    (path,) = pictures(photos / "multi-qrcode-1")
    texts = {code.text for code in ENGINES[profile]().look(load_file(path)).codes}
    assert len(texts) == 4
    assert all(text.startswith("You ") for text in texts)


@pytest.mark.parametrize("profile", ENGINES)
def test_the_whole_set(photos: Path, profile: str, say):
    of, door, still = (sum(column) for column in zip(*READ.values(), strict=True))
    floor = door if profile == "door" else still
    counts = {folder: reads(photos / folder, profile)[0] for folder in READ}
    say(f"qr-photos, {profile}: {sum(counts.values())} of {of} photographs read as labelled: {counts}")
    assert sum(counts.values()) >= floor, f"{profile}: {counts}; {floor} of {of} were read"
