"""What people carry: certificates, passes, identity cards, web addresses, tickets; each with its code as modules.

Everything is invented. Names and addresses are put together from common words, numbers are random.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass

import base45
import numpy as np
import segno
from numpy.random import Generator

from kiosk.vision.codes import Luma

QUIET = 4
"""Modules of white around a code (ISO/IEC 18004)."""

_FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương")
_MIDDLE = ("Thị", "Văn", "Hữu", "Đức", "Minh", "Thanh", "Quốc", "Ngọc", "Thùy", "Xuân")
_GIVEN = ("Ánh", "Bảo", "Châu", "Dũng", "Hằng", "Hương", "Khánh", "Lộc", "Mỹ", "Phượng", "Quỳnh", "Sơn", "Tuấn", "Yến")
_STREET = ("Phố Huế", "Lý Thường Kiệt", "Trần Hưng Đạo", "Điện Biên Phủ", "Nguyễn Huệ", "Lê Lợi", "Hàng Bông")
_PLACE = (
    "Hai Bà Trưng, Hà Nội", "Quận 3, TP. Hồ Chí Minh", "Hải Châu, Đà Nẵng", "Ninh Kiều, Cần Thơ",
    "Ngô Quyền, Hải Phòng", "Thành phố Huế, Thừa Thiên Huế", "Nha Trang, Khánh Hòa",
)  # fmt: skip
_HOSTS = ("qr.example.vn", "ve.example.vn", "check-in.example.org", "vao.example.net", "k.example.com")


@dataclass(frozen=True, slots=True)
class Payload:
    """A code's content, and how its issuer makes a code of it."""

    kind: str
    data: bytes
    error: str
    """Error correction level: L, M or Q."""
    eci: bool = False
    """Whether the code names UTF-8 as its character set."""


def _pick(rng: Generator, words: tuple[str, ...]) -> str:
    return words[int(rng.integers(len(words)))]


def _digits(rng: Generator, count: int) -> str:
    return "".join(map(str, rng.integers(0, 10, count)))


def _date(rng: Generator, first: int, last: int) -> str:
    return f"{rng.integers(1, 29):02d}{rng.integers(1, 13):02d}{rng.integers(first, last)}"


def _base45(prefix: str, rng: Generator, length: int) -> bytes:
    """Return `prefix` and Base45 of random bytes, about `length` characters of it."""
    text: bytes = base45.b45encode(rng.bytes(length * 2 // 3))
    return prefix.encode() + text


def _certificate(rng: Generator) -> Payload:
    return Payload("certificate", _base45("HC1:", rng, int(rng.integers(300, 600))), _pick(rng, ("L", "M", "M", "Q")))


def _pass(rng: Generator) -> Payload:
    return Payload("pass", _base45("GK1:", rng, int(rng.integers(190, 320))), _pick(rng, ("M", "M", "Q")))


def _card(rng: Generator) -> Payload:
    """Return what an identity card holds: number, old number, name, birth, sex, address, issued."""
    sex = int(rng.integers(2))
    name = f"{_pick(rng, _FAMILY)} {_pick(rng, _MIDDLE)} {_pick(rng, _GIVEN)}"
    home = f"{rng.integers(1, 400)} {_pick(rng, _STREET)}, {_pick(rng, _PLACE)}"
    old = _digits(rng, 9) if rng.random() < 0.5 else ""
    fields = (
        "0" + _digits(rng, 11),
        old,
        name,
        _date(rng, 1945, 2004),
        ("Nam", "Nữ")[sex],
        home,
        _date(rng, 2021, 2026),
    )
    return Payload("identity card", "|".join(fields).encode(), _pick(rng, ("L", "M", "Q")), bool(rng.random() < 0.35))


def _web(rng: Generator) -> Payload:
    path = base64.urlsafe_b64encode(rng.bytes(int(rng.integers(3, 22)))).decode().rstrip("=")
    return Payload("web address", f"https://{_pick(rng, _HOSTS)}/{path}".encode(), _pick(rng, ("L", "M", "M", "Q")))


def _ticket(rng: Generator) -> Payload:
    return Payload("ticket", base64.b64encode(rng.bytes(int(rng.integers(90, 190))))[::-1], _pick(rng, ("L", "L", "M")))


def _binary(rng: Generator) -> Payload:
    return Payload("binary", rng.bytes(int(rng.integers(40, 220))), _pick(rng, ("L", "M")))


_KINDS: tuple[Callable[[Generator], Payload], ...] = (_certificate, _pass, _card, _web, _ticket, _binary)
_SHARES = (0.32, 0.20, 0.20, 0.12, 0.12, 0.04)


def make_payload(rng: Generator) -> Payload:
    """Invent something that a visitor carries."""
    return _KINDS[int(rng.choice(len(_KINDS), p=_SHARES))](rng)


def code_modules(payload: Payload, rng: Generator) -> Luma:
    """Return the code as 0 for dark and 255 for light, one pixel a module, with its quiet zone.

    The mask is a random one of the eight: trying all of them takes four times as long.
    """
    content: str | bytes = payload.data
    if payload.eci or payload.data.isascii():
        content = payload.data.decode()
    code = segno.make(
        content, error=payload.error, mask=int(rng.integers(8)), micro=False, boost_error=False,
        encoding="utf-8" if payload.eci else None, eci=payload.eci, mode=None if isinstance(content, str) else "byte",
    )  # fmt: skip
    return modules_of(code)


def modules_of(code: segno.QRCode) -> Luma:
    """Return a code of any kind as 0 for dark and 255 for light, one pixel a module, with its quiet zone."""
    dark = np.array([list(row) for row in code.matrix], dtype=bool)
    return np.pad(np.where(dark, 0, 255).astype(np.uint8), QUIET, constant_values=255)
