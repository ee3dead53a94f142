import itertools
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
import segno

from kiosk.config import CameraSection
from kiosk.vision.cascade import Cascade
from kiosk.vision.sources import Frame, SourceLostError, open_source, source_name
from kiosk.vision.sources.base import NS, Pace
from kiosk.vision.sources.files import FolderSource
from kiosk.vision.sources.scene import SceneError


def code(text: str) -> np.ndarray:
    rows = segno.make(text, micro=False).matrix_iter(scale=5, border=6)
    return np.where(np.array([list(row) for row in rows], bool), 0, 255).astype(np.uint8)


def texts(frame: Frame) -> list[str]:
    return [found.text for found in Cascade().look(frame.luma).codes]


def test_a_folder_shows_each_picture_and_nothing_between(tmp_path: Path):
    for name in ("ONE", "TWO"):
        cv2.imwrite(str(tmp_path / f"{name}.png"), code(name))
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    (tmp_path / "notes.txt").write_text("no picture either")
    with FolderSource(tmp_path, fps=100, hold_s=0.1, empty_s=0.05) as source:
        frames = list(itertools.islice(source.frames(), 45))
    seen = [name for name, _ in itertools.groupby("".join(texts(frame)) for frame in frames)]
    assert seen == ["ONE", "", "TWO", ""]
    assert all(later.at_ns > earlier.at_ns for earlier, later in itertools.pairwise(frames))


def test_a_folder_without_pictures_is_a_lost_camera(tmp_path: Path):
    with open_source(CameraSection(source=str(tmp_path))) as source, pytest.raises(SourceLostError, match="no pict"):
        next(source.frames())


def test_a_video_plays_once_at_its_own_pace_and_then_stands_still(tmp_path: Path):
    path, card = tmp_path / "clip.avi", code("CLIP")
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 50, (320, 240), isColor=False)
    for x in (0, 20, 40):
        frame = np.full((240, 320), 90, np.uint8)
        frame[20 : 20 + len(card), x : x + len(card)] = card
        writer.write(frame)
    writer.release()
    with open_source(CameraSection(source=str(path))) as source:
        frames = list(itertools.islice(source.frames(), 6))
    assert [texts(frame) for frame in frames] == [["CLIP"]] * 6
    assert np.array_equal(frames[2].luma, frames[5].luma)
    assert not np.array_equal(frames[0].luma, frames[2].luma)
    steps = {later.at_ns - earlier.at_ns for earlier, later in itertools.pairwise(frames)}
    assert all(step % (NS // 50) == 0 for step in steps)


def test_a_file_that_is_no_video_is_a_lost_camera(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    (tmp_path / "clip.mp4").write_text("no video")
    camera = CameraSection(source=str(tmp_path / "clip.mp4"))
    with open_source(camera) as source, pytest.raises(SourceLostError, match=r"clip\.mp4"):
        next(source.frames())
    assert capfd.readouterr().err == ""


def test_a_source_that_is_not_there_is_named():
    with pytest.raises(SourceLostError, match=r"'/nowhere/clip\.mp4' is not there"):
        open_source(CameraSection(source="/nowhere/clip.mp4"))


def test_the_synthetic_camera_needs_a_scene():
    with pytest.raises(SceneError, match="scene"):
        open_source(CameraSection(source="synthetic"))


def test_health_names_the_source_without_its_folder():
    assert source_name(CameraSection(source="/srv/films/door.mp4")) == "door.mp4"
    assert source_name(CameraSection(source="picamera2")) == "picamera2"


def test_a_deadline_that_has_passed_is_left_out():
    pace = Pace(1000)
    pace.next_ns -= 50_500_000
    begin = pace.next_ns
    assert pace.advance() > time.monotonic_ns() - 1_000_000
    assert (pace.next_ns - begin) % 1_000_000 == 0
