"""What looks like a code, or is one of another kind, and must not be read."""

from collections.abc import Callable

import numpy as np
import segno
import zxingcpp
from numpy.random import Generator

from kiosk.bench.read.payloads import QUIET, code_modules, make_payload, modules_of
from kiosk.vision.codes import Luma


def _framed(modules: Luma) -> Luma:
    return np.pad(modules, QUIET, constant_values=255)


def _random(rng: Generator, high: int, wide: int) -> Luma:
    return np.where(rng.random((high, wide)) < 0.5, 0, 255).astype(np.uint8)


def _noise(rng: Generator) -> Luma:
    return _framed(_random(rng, *rng.integers(25, 90, 2)))


def _found_but_empty(rng: Generator) -> Luma:
    """Return a code with everything that it is found by, and chance where its content was."""
    modules = code_modules(make_payload(rng), rng)
    inner = modules[QUIET:-QUIET, QUIET:-QUIET]
    end = len(inner)
    chance = _random(rng, end, end)
    kept = np.zeros_like(inner, bool)
    kept[:9, :9] = kept[:9, end - 8 :] = kept[end - 8 :, :9] = True
    kept[6, :] = kept[:, 6] = True
    inner[~kept] = chance[~kept]
    return modules


def _half_covered(rng: Generator) -> Luma:
    """Return a code of which so much is covered that nothing can mend it; its three corners stay in view."""
    modules = code_modules(make_payload(rng), rng)
    end = len(modules)
    first = QUIET + 9
    modules[first : end - QUIET - 9, QUIET:] = 0 if rng.random() < 0.5 else 160
    return modules


def _checkerboard(rng: Generator) -> Luma:
    rows, columns = rng.integers(12, 60, 2)
    y, x = np.mgrid[:rows, :columns]
    return _framed(np.where((x + y) % 2, 0, 255).astype(np.uint8))


def _rings(rng: Generator) -> Luma:
    """Return many marks like those in the corners of a code, and nothing else."""
    mark = np.full((9, 9), 255, np.uint8)
    mark[1:8, 1:8], mark[2:7, 2:7], mark[3:6, 3:6] = 0, 255, 0
    return _framed(np.tile(mark, tuple(rng.integers(2, 7, 2))))


def _text(rng: Generator) -> Luma:
    """Return a page of what looks like letters, one pixel of a stroke a module."""
    page = np.full((96, 84), 255, np.uint8)
    for y in range(2, 90, 8):
        for x in range(2, int(rng.integers(40, 80)), 5):
            page[y : y + 5, x : x + 4] = _random(rng, 5, 4)
    return _framed(page)


def _other(name: str) -> Callable[[Generator], Luma]:
    def draw(rng: Generator) -> Luma:
        digits = "".join(map(str, rng.integers(0, 10, 12)))
        text = digits if name == "EAN13" else f"KIOSK-{digits}"
        barcode = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, name))
        return _framed(np.array(zxingcpp.write_barcode_to_image(barcode, scale=1, add_quiet_zones=False)))

    return draw


def _micro(rng: Generator) -> Luma:
    return modules_of(segno.make_micro(int(rng.integers(10_000, 99_999))))


_KINDS: dict[str, Callable[[Generator], Luma]] = {
    "noise": _noise,
    "code without content": _found_but_empty,
    "half-covered code": _half_covered,
    "checkerboard": _checkerboard,
    "finder marks": _rings,
    "page of text": _text,
    "Data Matrix": _other("DataMatrix"),
    "Aztec": _other("Aztec"),
    "PDF417": _other("PDF417"),
    "Code 128": _other("Code128"),
    "EAN-13": _other("EAN13"),
    "Micro QR": _micro,
}
NEGATIVES = tuple(_KINDS)


def negative_modules(kind: str, rng: Generator) -> Luma:
    """Draw one of NEGATIVES as 0 for dark and 255 for light, one pixel a module, with a quiet zone."""
    return _KINDS[kind](rng)
