import os
import struct

import pytest

from kiosk.api.preview import HEADER_SIZE, MAGIC, Picture, PreviewError, PreviewReader, PreviewWriter, size

LUMA = bytes(range(12))


@pytest.fixture
def writer():
    writer = PreviewWriter(4, 3)
    yield writer
    writer.close()


@pytest.fixture
def reader(writer):
    reader = PreviewReader(writer.fd)
    yield reader
    reader.close()


def test_a_picture_goes_from_one_end_to_the_other(writer, reader):
    writer.write(LUMA, at_ns=5)
    assert reader.read() == Picture(4, 3, 5, LUMA)
    writer.write(memoryview(LUMA[::-1]), at_ns=6)
    assert reader.read() == Picture(4, 3, 6, LUMA[::-1])


def test_before_the_first_picture_there_is_none(reader):
    assert reader.read() is None


def test_only_a_newer_picture_is_given(writer, reader):
    writer.write(LUMA, at_ns=5)
    assert reader.read(newer_than_ns=4) is not None
    assert reader.read(newer_than_ns=5) is None


def test_a_picture_that_is_being_written_is_not_given(writer, reader):
    writer.write(LUMA, at_ns=5)
    (sequence,) = struct.unpack("<I", os.pread(writer.fd, 4, 12))
    os.pwrite(writer.fd, struct.pack("<I", sequence + 1), 12)
    assert reader.read() is None
    os.pwrite(writer.fd, struct.pack("<I", sequence + 2), 12)
    assert reader.read() is not None


def test_sequence_numbers_go_round(writer, reader):
    writer._sequence = 0xFFFF_FFFE
    writer.write(LUMA, at_ns=5)
    assert reader.read() == Picture(4, 3, 5, LUMA)
    writer.write(LUMA, at_ns=6)
    assert reader.read() == Picture(4, 3, 6, LUMA)


def test_clearing_leaves_nothing_in_the_memory(writer, reader):
    writer.write(LUMA, at_ns=5)
    assert LUMA in os.pread(writer.fd, size(4, 3), 0)
    writer.clear()
    assert reader.read() is None
    assert os.pread(writer.fd, 100, HEADER_SIZE) == bytes(12)


def test_closing_zeroes_what_the_other_end_still_holds():
    writer = PreviewWriter(4, 3)
    reader = PreviewReader(writer.fd)
    writer.write(LUMA, at_ns=5)
    writer.close()
    assert reader.read() is None
    assert reader._memory[HEADER_SIZE:] == bytes(12)
    reader.close()


@pytest.mark.parametrize("luma", [b"", LUMA[:-1], LUMA + b"\0"])
def test_a_picture_has_one_size(writer, luma):
    with pytest.raises(PreviewError):
        writer.write(luma, at_ns=5)


def test_after_a_picture_of_the_wrong_size_the_next_one_is_shown(writer, reader):
    with pytest.raises(PreviewError):
        writer.write(LUMA[:-1], at_ns=5)
    writer.write(LUMA, at_ns=6)
    assert reader.read() == Picture(4, 3, 6, LUMA)


HEADER = struct.pack("<4sIIIQ", b"GKP1", 4, 3, 0, 0).ljust(HEADER_SIZE, b"\0")


@pytest.mark.parametrize(
    "content",
    [b"", HEADER, b"XXXX" + HEADER[4:] + LUMA, HEADER + LUMA[:-1], HEADER + LUMA + b"\0", bytes(200),
     b"GKP1" + b"\xff" * 60 + LUMA],
    ids=["empty", "no picture", "other magic", "too short", "too long", "zeroes", "huge"],
)  # fmt: skip
def test_a_file_that_is_no_preview_is_refused(content, tmp_path):
    path = tmp_path / "preview"
    path.write_bytes(content)
    fd = os.open(path, os.O_RDONLY)
    with pytest.raises(PreviewError):
        PreviewReader(fd)
    os.close(fd)


def test_the_header_is_as_documented(writer):
    writer.write(LUMA, at_ns=5)
    magic, width, height, sequence, at_ns = struct.unpack_from("<4sIIIQ", os.pread(writer.fd, 64, 0))
    assert (magic, width, height, sequence % 2, at_ns) == (b"GKP1", 4, 3, 0, 5)


def test_memory_that_its_writer_could_shrink_is_refused():
    fd = os.memfd_create("loose")
    os.ftruncate(fd, size(4, 3))
    os.pwrite(fd, struct.pack("<4sII", MAGIC, 4, 3), 0)
    with pytest.raises(PreviewError):
        PreviewReader(fd)
    os.close(fd)


def test_what_is_no_memory_file_is_refused(tmp_path):
    with (tmp_path / "file").open("w+b") as file:
        file.write(bytes(200))
        with pytest.raises(PreviewError):
            PreviewReader(file.fileno())
