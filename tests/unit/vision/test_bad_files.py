"""Videos and folders that are damaged, empty, odd or far too large: one sentence, or what is there of them."""

import itertools
import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.config import CameraSection
from kiosk.vision.cascade import Cascade
from kiosk.vision.motion import MotionGate
from kiosk.vision.sight import Sight
from kiosk.vision.sources import Frame, SourceLostError, files, open_source
from kiosk.vision.sources.files import FolderSource
from kiosk.vision.viewfinder import Viewfinder

FRAMES = 20


@pytest.fixture
def quiet(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Whatever the file is: the libraries' own words do not get onto the screen."""
    yield
    assert capfd.readouterr() == ("", "")


def video(path: Path, codec: str, size: tuple[int, int] = (320, 240), frames: int = FRAMES) -> bytes:
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*codec), 120, size)
    for number in range(frames):
        picture = np.full((size[1], size[0], 3), 90, np.uint8)
        cv2.putText(picture, str(number), (20, 120), cv2.FONT_HERSHEY_SIMPLEX, 3, (255, 255, 255), 4)
        writer.write(picture)
    writer.release()
    return path.read_bytes()


def frames_of(path: Path, count: int, fps: int = 120) -> list[Frame]:
    """Return the first frames of a video, or of a folder whose pictures are in view for a moment each."""
    video = open_source(CameraSection(source=str(path), fps=fps))
    with FolderSource(path, fps, hold_s=0.03, empty_s=0.02) if path.is_dir() else video as source:
        return list(itertools.islice(source.frames(), count))


def frames_or_sentence(path: Path) -> list[Frame] | str:
    try:
        return frames_of(path, FRAMES + 5)
    except SourceLostError as error:
        return str(error)


KINDS = [("clip.avi", "MJPG"), ("clip.mkv", "mp4v"), ("clip.mp4", "mp4v")]


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize(("name", "codec"), KINDS)
@pytest.mark.parametrize("part", [0.0, 0.001, 0.1, 0.5, 0.9, 0.99])
def test_a_video_that_breaks_off_gives_what_is_there_or_a_sentence(name: str, codec: str, part: float, tmp_path: Path):
    path = tmp_path / name
    content = video(path, codec)
    path.write_bytes(content[: int(len(content) * part)])
    found = frames_or_sentence(path)
    if isinstance(found, str):
        assert found == f"'{path}' holds no video that can be read; give another file"
        assert part < 0.5 or name.endswith("mp4")  # an mp4 has its index at the end
    else:
        assert all(frame.luma.shape == (240, 320) for frame in found)
        assert np.array_equal(found[-1].luma, found[-2].luma)  # past the end: the last one for ever


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize(("name", "codec"), KINDS)
@pytest.mark.parametrize("seed", range(6))
def test_a_video_with_wrong_bytes_gives_what_can_be_read_or_a_sentence(
    name: str, codec: str, seed: int, tmp_path: Path
):
    path, rng = tmp_path / name, np.random.default_rng(seed)
    content = bytearray(video(path, codec))
    for place in rng.integers(0, len(content), len(content) // (50 << seed)):
        content[place] = rng.integers(256)
    path.write_bytes(content)
    found = frames_or_sentence(path)
    if isinstance(found, str):
        assert "holds no video" in found or "smaller video" in found
    else:
        assert all(frame.luma.ndim == 2 and frame.luma.dtype == np.uint8 for frame in found)


@pytest.mark.usefixtures("quiet")
def test_a_video_of_odd_size_is_played(tmp_path: Path):
    picture = np.random.default_rng(1).integers(0, 255, (241, 321, 3), np.uint8)
    path = tmp_path / "clip.mjpeg"
    path.write_bytes(cv2.imencode(".jpg", picture)[1].tobytes() * 5)
    assert {frame.luma.shape for frame in frames_of(path, 5)} == {(241, 321)}


@pytest.mark.usefixtures("quiet")
def test_a_video_with_frames_that_are_too_large_is_refused_by_its_header(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = tmp_path / "clip.avi"
    video(path, "MJPG", (5008, 4000), 1)
    monkeypatch.setattr(files, "_decoded", lambda _: pytest.fail("a frame was decoded"))
    with pytest.raises(SourceLostError, match="5008 × 4000 pixels; give a smaller video"):
        frames_of(path, 1)


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("content", [b"", b"\x00" * 4096, b"RIFF\x00\x00\x00\x00AVI ", os.urandom(4096)])
def test_what_is_no_video_is_a_sentence(content: bytes, tmp_path: Path):
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)
    with pytest.raises(SourceLostError, match="holds no video that can be read"):
        frames_of(path, 1)


@pytest.mark.usefixtures("quiet")
def test_a_name_with_a_pattern_in_it_is_just_a_name(tmp_path: Path):
    for name in ("a1.avi", "a%d.avi"):
        video(tmp_path / name, "MJPG", frames=2 if "%" in name else 9)
    frames = frames_of(tmp_path / "a%d.avi", 4)
    assert np.array_equal(frames[1].luma, frames[3].luma)


def picture(path: Path, luma: np.ndarray) -> None:
    cv2.imwrite(str(path), luma)


def huge_png(side: int = 10_000) -> bytes:
    """A 100-megapixel picture of some hundred bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(side))) + chunk(b"IEND", b"")


def test_pictures_that_cannot_be_read_are_left_out_and_named_once(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    picture(tmp_path / "b-good.png", np.full((60, 80), 200, np.uint8))
    (tmp_path / "a-empty.png").write_bytes(b"")
    (tmp_path / "c-huge.png").write_bytes(huge_png())
    (tmp_path / "d-broken.jpg").write_bytes((tmp_path / "b-good.png").read_bytes()[:60])
    frames = frames_of(tmp_path, 60, fps=120)
    assert {frame.luma.shape for frame in frames} == {(60, 80), (720, 1280)}
    error = capfd.readouterr().err
    assert error == (
        f"kiosk-vision: 3 of 4 pictures cannot be read; the first: {tmp_path}/a-empty.png: "
        "not a picture; give a PNG, JPEG, GIF, WebP, BMP, PGM or PPM file\n"
    )


def test_a_folder_in_which_nothing_can_be_read_is_a_lost_camera(tmp_path: Path):
    (tmp_path / "huge.png").write_bytes(huge_png())
    (tmp_path / "none.jpg").write_bytes(b"none")
    with pytest.raises(SourceLostError, match=r"no picture that can be read; the first: .*10000 × 10000 pixels"):
        frames_of(tmp_path, 1)


def test_links_are_followed_to_pictures_and_to_nothing_else(tmp_path: Path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "folder").mkdir()
    picture(tmp_path / "elsewhere" / "one.png", np.full((60, 80), 200, np.uint8))
    os.mkfifo(tmp_path / "pipe")
    for name, target in {
        "a.png": tmp_path / "elsewhere" / "one.png",
        "b.png": tmp_path / "nowhere.png",
        "c.png": tmp_path / "pipe",
        "d.png": Path("/dev/zero"),
        "e.png": tmp_path / "elsewhere",
        "f.png": tmp_path / "folder" / "f.png",  # to itself
    }.items():
        (tmp_path / "folder" / name).symlink_to(target)
    frames = frames_of(tmp_path / "folder", 60)
    assert frames[0].luma.shape == (60, 80)
    assert frames[-1].luma.shape == (720, 1280)


def test_a_folder_is_read_up_to_a_number_of_pictures(tmp_path: Path):
    for number in (3, 1, 2):
        picture(tmp_path / f"{number}.png", np.full((10, 10 * number), 200, np.uint8))
    frames = itertools.islice(FolderSource(tmp_path, 120, hold_s=0.03, empty_s=0.02, most=2).frames(), 60)
    widths = [width for width, _ in itertools.groupby(frame.luma.shape[1] for frame in frames)]
    assert widths == [10, 20, 1280]


@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (3000, 1), (2, 2)])
def test_the_smallest_pictures_go_all_the_way(shape: tuple[int, int], tmp_path: Path):
    picture(tmp_path / "one.png", np.full(shape, 200, np.uint8))
    gate, sight, viewfinder = MotionGate(), Sight(live=True), Viewfinder(1280, 720)
    viewfinder.want(True)
    for frame in frames_of(tmp_path, 12):
        sight.see(frame.luma, frame.at_ns, frame.at_ns)
        gate.look(frame.luma, frame.at_ns)
        assert Cascade().look(frame.luma).codes == ()
        viewfinder.show(frame.luma, frame.at_ns, gate.moved_ns)
    viewfinder.close()
