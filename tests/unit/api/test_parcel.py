"""Bytes beside a line: only a sealed memory file is read."""

import fcntl
import os
from contextlib import contextmanager

import pytest

from kiosk.api.parcel import ParcelError, pack, unpack


@contextmanager
def closing(fd):
    try:
        yield fd
    finally:
        os.close(fd)


@pytest.mark.parametrize("data", [b"", b"x", bytes(range(256)) * 5000])
def test_what_was_packed_is_unpacked(data):
    with closing(pack(data)) as fd:
        assert unpack(fd, len(data)) == data
        with pytest.raises(PermissionError):
            os.write(fd, b"changed")


@pytest.mark.parametrize("size", [0, 2, 4, 1 << 30])
def test_another_size_than_was_said_is_refused(size):
    with closing(pack(b"abc")) as fd, pytest.raises(ParcelError):
        unpack(fd, size)


def test_a_file_a_pipe_and_memory_that_may_change_are_refused(tmp_path):
    with (tmp_path / "file").open("w+b") as file, pytest.raises(ParcelError):
        unpack(file.fileno(), 0)
    reading, writing = os.pipe()
    with closing(reading), closing(writing), pytest.raises(ParcelError):
        unpack(reading, 0)
    with closing(os.memfd_create("open", os.MFD_ALLOW_SEALING)) as fd:
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW)
        with pytest.raises(ParcelError):
            unpack(fd, 0)
