import io
import struct
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.testing.codes import in_frame, parts, picture
from kiosk.vision.headers import Header, read_header
from kiosk.vision.pictures import MAX_FILE, PictureError, load_bytes, read_file
from kiosk.vision.still import StillReader

TEXT = "Nguyễn Thị Ánh"
CODE = segno.make(TEXT.encode(), mode="byte", micro=False)
GREY = np.where(np.array([list(row) for row in CODE.matrix_iter(scale=5, border=4)], bool), 0, 255).astype(np.uint8)
INK = cv2.merge([np.zeros_like(GREY)] * 3 + [255 - GREY])


def encoded(ending: str, pixels: np.ndarray, *options: int) -> bytes:
    return cv2.imencode(ending, pixels, options)[1].tobytes()


def drawn(**options: object) -> bytes:
    file = io.BytesIO()
    CODE.save(file, kind="png", scale=5, **options)
    return file.getvalue()


def turned(jpeg: bytes, orientation: int) -> bytes:
    """Give a JPEG file an EXIF orientation."""
    tiff = b"II*\0" + struct.pack("<IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    segment = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + jpeg[2:]


FILES = {
    "grey.png": encoded(".png", GREY),
    "sixteen-bits.png": encoded(".png", GREY.astype(np.uint16) * 257),
    "colour-sixteen-bits.png": encoded(".png", cv2.merge([GREY.astype(np.uint16) * 257] * 3)),
    "black-on-transparent.png": encoded(".png", INK),
    "sixteen-bits-transparent.png": encoded(".png", INK.astype(np.uint16) * 257),
    "palette.png": drawn(dark="darkblue", light="#eee"),
    "palette-transparent.png": drawn(light=None),
    "photo.jpg": encoded(".jpg", GREY),
    "turned.jpg": turned(encoded(".jpg", GREY), 6),
    "mirrored.jpg": turned(encoded(".jpg", GREY), 2),
    "picture.gif": encoded(".gif", cv2.merge([GREY] * 3)),
    "lossy.webp": encoded(".webp", GREY, cv2.IMWRITE_WEBP_QUALITY, 80),
    "lossless.webp": encoded(".webp", GREY, cv2.IMWRITE_WEBP_QUALITY, 101),
    "transparent.webp": encoded(".webp", INK, cv2.IMWRITE_WEBP_QUALITY, 80),
    "picture.bmp": encoded(".bmp", GREY),
    "picture.pgm": encoded(".pgm", GREY),
}


@pytest.mark.parametrize("name", FILES)
def test_every_kind_of_picture_is_read(name: str, tmp_path: Path):
    path = tmp_path / name
    path.write_bytes(FILES[name])
    found = read_file(path)
    assert [code.text for code in found.codes] == [TEXT]
    assert found.ms > 0


@pytest.mark.parametrize("name", FILES)
def test_the_header_tells_the_size_before_anything_is_decoded(name: str):
    header = read_header(FILES[name])
    assert header is not None
    assert (header.width, header.height) == (GREY.shape[1], GREY.shape[0])


@pytest.mark.parametrize(
    "data",
    [
        FILES["grey.png"][:16] + struct.pack(">II", 60_000, 60_000) + FILES["grey.png"][24:],
        b"GIF89a" + struct.pack("<HH", 65_535, 65_535) + bytes(64),
        b"P5 100000 100000 255\n",
        b"BM" + bytes(16) + struct.pack("<ii", 1 << 30, -(1 << 30)) + bytes(64),
        b"\xff\xd8\xff\xc0" + struct.pack(">HBHH", 17, 8, 65_500, 65_500) + bytes(64),
        b"RIFF" + bytes(4) + b"WEBPVP8X" + bytes(8) + b"\xff\xff\xff" * 2 + bytes(64),
        cv2.imencode(".png", np.zeros((1, 40_000), np.uint8))[1].tobytes(),
        cv2.imencode(".png", np.zeros((40_000, 1), np.uint8))[1].tobytes(),
    ],
    ids=["png", "gif", "pgm", "bmp", "jpeg", "webp", "wide", "high"],
)
def test_a_picture_that_is_too_much_for_memory_or_engine_is_refused(data: bytes):
    with pytest.raises(PictureError, match="pixels are too many"):
        load_bytes(data)


def test_a_file_that_cannot_be_read_is_named_in_one_sentence(tmp_path: Path):
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "cut.png").write_bytes(FILES["grey.png"][:40])
    (tmp_path / "folder.png").mkdir()
    with (tmp_path / "huge.png").open("wb") as file:
        file.truncate(MAX_FILE + 1)
    for name in ("text.png", "empty.png", "cut.png", "folder.png", "huge.png", "missing.png"):
        with pytest.raises(PictureError) as caught:
            read_file(tmp_path / name)
        assert str(caught.value).startswith(f"{tmp_path / name}: ")
        assert "\n" not in str(caught.value)


@given(st.sampled_from(sorted(FILES)), st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=8))
@settings(max_examples=150, deadline=None)
def test_a_damaged_picture_is_read_or_refused(name: str, damage: list[tuple[int, int]]):
    data = bytearray(FILES[name])
    for place, value in damage:
        data[place % len(data)] = value
    try:
        luma = load_bytes(bytes(data))
    except PictureError:
        return
    assert luma.ndim == 2
    assert luma.dtype == np.uint8


@given(st.binary(max_size=64), st.sampled_from([b"", *(data[:12] for data in FILES.values())]))
def test_a_header_is_understood_or_none(data: bytes, start: bytes):
    assert isinstance(read_header(start + data), Header | None)


def test_image_libraries_keep_quiet(capfd: pytest.CaptureFixture[str]):
    jpeg = FILES["photo.jpg"]
    for data in (jpeg[: len(jpeg) // 2], FILES["grey.png"][:60]):
        try:
            load_bytes(data)
        except PictureError:
            continue
    assert capfd.readouterr() == ("", "")


def test_all_parts_of_a_message_in_one_picture_are_one_code_and_some_are_parts(tmp_path: Path):
    text = "Nguyễn Thị Ánh, Trần Văn Dũng, Lê Thị Hồng Nhung. " * 6
    luma = parts(text, 2)
    (tmp_path / "all.png").write_bytes(encoded(".png", in_frame(*luma, left=20)))
    (tmp_path / "one.png").write_bytes(encoded(".png", in_frame(luma[1])))
    (whole,) = read_file(tmp_path / "all.png").codes
    assert (whole.text, whole.part) == (text, None)
    (part,) = read_file(tmp_path / "one.png").codes
    assert (part.part.index, part.part.count) == (1, 2)


def test_a_size_that_is_hidden_from_the_header_s_reader_is_found_after_decoding():
    hidden = b"P5\n#\r70000 100 255\n10 10 255\n" + bytes(7_000_000)
    with pytest.raises(PictureError, match=r"too many|damaged"):
        load_bytes(hidden)


def test_a_jpeg_of_nothing_but_padding_is_no_picture_and_quickly_so():
    with pytest.raises(PictureError):
        load_bytes(b"\xff\xd8" + b"\xff" * 4_000_000)


def test_a_large_spoiled_symbol_does_not_take_for_ever(tmp_path: Path):
    luma = cv2.resize(in_frame(small_spoiled(), size=(400, 400), left=20, top=20), (2000, 2000))
    began = time.process_time()
    assert StillReader().look(luma).codes == ()
    assert time.process_time() - began < 8


def small_spoiled() -> np.ndarray:
    luma = picture(segno.make("X" * 40, version=3, error="l", micro=False, boost_error=False), 8)
    luma[80:-80, 80:-80] = 128
    return luma
