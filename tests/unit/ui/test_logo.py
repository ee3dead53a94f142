"""The venue's logo: what is taken, and one sentence for what is not."""

import zlib

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage

from ui.logo import MAX_BYTES, LogoError, LogoProvider, read_logo

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20" width="40" height="20">{}</svg>'
RED = '<rect width="40" height="20" fill="#c8102e"/>'


@pytest.fixture
def write(tmp_path, qapp):
    def write(content, name="logo"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def png(path, width, height, colour="#00843d"):
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    assert image.save(str(path), "PNG")
    return path


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_a_logo_is_drawn_in_the_middle_with_its_own_shape(write, tmp_path, kind):
    path = write(SVG.format(RED)) if kind == "svg" else png(tmp_path / "logo", 40, 20, "#c8102e")
    logo = read_logo(path)
    picture = logo.paint(100, 100)
    assert logo.ratio == 2
    assert picture.pixelColor(50, 50).name() == "#c8102e"
    assert picture.pixelColor(50, 10).alpha() == 0


def header(width, height):
    """The first bytes of a PNG that says it is this large, with next to nothing in it."""
    def chunk(kind, data):
        body = kind + data
        return len(data).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")

    size = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes((8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "neither a PNG nor an SVG"),
        (b"GIF89a, or so", "neither a PNG nor an SVG"),
        (b"\x89PNG\r\n\x1a\n and then nothing of the kind", "damaged"),
        (header(40, 20), "damaged"),
        (header(100_000, 100_000), "100000 × 100000 pixels"),
        (header(1000, 10), "another shape"),
        (b"x" * (MAX_BYTES + 1), "larger than 512 KB"),
        (SVG, "damaged"),
        ('<svg xmlns="http://www.w3.org/2000/svg" width="0" height="0"/>', "no width"),
        (SVG.format('<image href="file:///etc/hostname"/>'), "more than a drawing"),
        (SVG.format('<g id="a"/><use xlink:href="#a"/>'), "more than a drawing"),
        ('<!DOCTYPE svg [<!ENTITY a "aaaa">]>' + SVG.format("&a;"), "more than a drawing"),
        (SVG.format("<ScRiPt>alert(1)</ScRiPt>"), "more than a drawing"),
    ],
    ids=lambda value: value[:24] if isinstance(value, str) else None,
)
def test_what_is_no_logo_is_one_sentence(write, content, complaint):
    path = write(content.replace("{}", "<rect") if isinstance(content, str) else content)
    with pytest.raises(LogoError, match=complaint) as caught:
        read_logo(path)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_one_sentence(tmp_path):
    with pytest.raises(LogoError, match="cannot be read"):
        read_logo(tmp_path / "logo.png")


def test_without_a_logo_nothing_is_drawn(qapp):
    size = QSize()
    picture = LogoProvider().requestImage("1", size, QSize(20, 10))
    assert (size.width(), size.height(), picture.pixelColor(5, 5).alpha()) == (20, 10, 0)
