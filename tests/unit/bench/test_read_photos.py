from pathlib import Path

import cv2
import numpy as np
import pytest
import segno

from kiosk.bench.read.engines import open_named
from kiosk.bench.read.photos import FolderError, find_sets, is_negative, measure_photos, reduced


def draw(path: Path, content: str | bytes, scale: int = 4) -> None:
    code = segno.make(content, micro=False, mode="byte" if isinstance(content, bytes) else None)
    rows = np.array([list(row) for row in code.matrix_iter(scale=scale, border=4)], bool)
    path.parent.mkdir(exist_ok=True)
    cv2.imwrite(str(path), np.where(rows, 0, 255).astype(np.uint8))


def label(path: Path, data: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A set as ZXing's: two folders with codes, one without, one that is no picture."""
    draw(tmp_path / "qrcode-1" / "1.png", "ONE")
    label(tmp_path / "qrcode-1" / "1.txt", b"ONE")
    draw(tmp_path / "qrcode-1" / "2.png", "Nguyễn".encode())
    label(tmp_path / "qrcode-1" / "2.txt", "Nguyễn".encode())
    draw(tmp_path / "qrcode-1" / "3.png", "unlabelled")
    label(tmp_path / "qrcode-1" / "3.metadata.txt", b"ERRORS_CORRECTED=2")
    draw(tmp_path / "qrcode-2" / "1.png", b"\xff\x00\x80")
    label(tmp_path / "qrcode-2" / "1.bin", b"\xff\x00\x80")
    draw(tmp_path / "qrcode-2" / "2.png", "other than the label")
    label(tmp_path / "qrcode-2" / "2.txt", b"the label")
    label(tmp_path / "qrcode-2" / "4.png", b"no picture")
    label(tmp_path / "qrcode-2" / "4.txt", b"no picture")
    draw(tmp_path / "falsepositives-2" / "1.png", "a code where none should be")
    label(tmp_path / "falsepositives-2" / "1.txt", b"whatever")
    cv2.imwrite(str(tmp_path / "falsepositives-2" / "2.png"), np.full((90, 90), 200, np.uint8))
    (tmp_path / "empty").mkdir()
    return tmp_path


def measured(photos: Path, **options: bool):
    return measure_photos(find_sets([photos], []), ["zxing"], open_named, lambda _: None, **options)


@pytest.mark.parametrize(
    ("name", "negative"),
    [
        ("qrcode-4", False), ("multi-qrcode-1", False), ("blurred", False), ("inverted-qrcode", False),
        ("falsepositives-2", True), ("aztec-1", True), ("code128-3", True), ("Code 39", True), ("ean13-3", True),
        ("rssexpanded-1", True), ("inverted", True), ("Negatives", True), ("micro-qrcode", True), ("rMQRcode", True),
    ],
)  # fmt: skip
def test_a_folders_name_tells_whether_it_holds_codes(name: str, negative: bool):
    assert is_negative(name) is negative


def test_reads_count_only_as_labelled_and_false_and_wrong_ones_are_told_apart(photos: Path):
    figures = measured(photos)
    score = figures.scores["zxing"]
    assert (score.of, score.read, score.wrong) == (4, 3, 1)
    assert (score.negatives, score.false) == (2, 1)
    assert score.by == {"qrcode-1": [2, 2], "qrcode-2": [1, 2]}
    assert score.slips == ["falsepositives-2/1.png", "qrcode-2/2.png"]
    assert len(score.ms) == 6


def test_pictures_without_label_and_files_that_are_none_are_left_out_and_said(photos: Path):
    figures = measured(photos)
    assert figures.unlabelled == 1
    (sentence,) = figures.unreadable
    assert str(photos / "qrcode-2" / "4.png") in sentence


def test_a_single_folder_is_a_set(photos: Path):
    (only,) = find_sets([photos / "qrcode-1"], [])
    assert (only.name, len(only.photos), only.unlabelled) == ("qrcode-1", 2, 1)


def test_a_folder_may_be_said_to_hold_no_code(photos: Path):
    (only,) = find_sets([], [photos / "qrcode-1"])
    assert [photo.label for photo in only.photos] == [None] * 3


def test_an_empty_label_means_that_there_is_nothing(tmp_path: Path):
    draw(tmp_path / "hall" / "1.png", "CODE")
    label(tmp_path / "hall" / "1.txt", b"")
    assert measured(tmp_path).scores["zxing"].false == 1


@pytest.mark.parametrize("name", ["empty", "nowhere", "qrcode-1/1.png"])
def test_a_folder_without_pictures_is_named(photos: Path, name: str):
    with pytest.raises(FolderError, match=name):
        find_sets([photos / name], [])


def test_the_long_side_is_reduced_to_that_of_a_frame():
    assert reduced(np.zeros((3000, 2000), np.uint8)).shape == (1280, 853)
    assert reduced(np.zeros((3, 20_000), np.uint8)).shape == (1, 1280)
    small = np.zeros((720, 1280), np.uint8)
    assert reduced(small) is small


def test_full_size_is_full_size(tmp_path: Path):
    draw(tmp_path / "large" / "1.png", "A" * 2000, scale=14)
    label(tmp_path / "large" / "1.txt", b"A" * 2000)
    assert measured(tmp_path, full_size=True).scores["zxing"].read == 1
