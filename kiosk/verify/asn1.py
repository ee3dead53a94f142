"""What asn1crypto must not be asked to read, and PEM in linear time: before a file of megabytes is looked into.

asn1crypto reads an object identifier in time quadratic in its length (200 KB take 6 s), and joins the lines of a PEM
text likewise (5 MB take 5 s). It does so before any signature can be checked, so that a file on its way from its
publisher would be enough to stop a kiosk.
"""

import base64
import re
from collections.abc import Iterator

MAX_ELEMENTS = 20_000
"""Of a signed file, not counting what its content is made of; real ones have some hundred."""
MAX_IDENTIFIER = 64
"""Bytes of an object identifier. Those under a random UUID (ITU-T X.667) have 20."""
_IDENTIFIER, _CONSTRUCTED, _LONG_TAG, _INDEFINITE = 0x06, 0x20, 0x1F, 0x80
_MAX_LENGTH = 8
_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,64})-----\s([A-Za-z0-9+/=\s]*)-----END \1-----")
_BEGIN = b"-----BEGIN "


def _header(data: bytes, at: int) -> tuple[int, int, int]:
    """Return the tag's first byte, where the content begins, and its length; -1 for an indefinite one."""
    tag = data[at]
    at += 1
    if tag & _LONG_TAG == _LONG_TAG:
        while data[at] & 0x80:
            at += 1
        at += 1
    length = data[at]
    at += 1
    if length == _INDEFINITE:
        return tag, at, -1
    if length > _INDEFINITE:
        size = length - _INDEFINITE
        if size > _MAX_LENGTH:
            raise ValueError("a length that is none")
        length = int.from_bytes(data[at : at + size], "big")
        at += size
    return tag, at, length


def check(data: bytes) -> None:
    """Look through the elements of BER or DER. Raises ValueError for what takes too long to read, or is cut off.

    The content of a primitive element is not looked into, whatever it holds.
    """
    ends, at = [len(data)], 0
    for _ in range(MAX_ELEMENTS):
        while at == ends[-1] and len(ends) > 1:
            ends.pop()
        if at == len(data):
            return
        try:
            tag, begin, length = _header(data, at)
        except IndexError:
            raise ValueError("cut off") from None
        # One without a length ends with its parent at the latest; where exactly does not matter here.
        end = ends[-1] if length < 0 else begin + length
        if end > ends[-1] or begin > end or (length < 0 and not tag & _CONSTRUCTED):
            raise ValueError("an element is longer than what it is in")
        if tag & _CONSTRUCTED:
            ends.append(end)
            at = begin
            continue
        if tag == _IDENTIFIER and length > MAX_IDENTIFIER:
            raise ValueError("an object identifier that is none")
        at = end
    raise ValueError("too many elements")


def is_pem(data: bytes) -> bool:
    """Tell whether there is a PEM block (RFC 7468) in `data`, or the beginning of one."""
    return _BEGIN in data


def pem_blocks(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the label and the content of every PEM block. Raises ValueError where one cannot be read."""
    found = 0
    for block in _BLOCK.finditer(data):
        found += 1
        yield block[1].decode(), base64.b64decode(b"".join(block[2].split()), validate=True)
    if found != data.count(_BEGIN):
        raise ValueError("a PEM block without its end")
