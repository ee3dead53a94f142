"""Facts about QR symbols (ISO/IEC 18004): where the data stand, what every symbol of a version has, and the masks."""

from collections.abc import Iterator
from functools import cache

import numpy as np
from segno import consts


@cache
def alignment_centres(version: int) -> tuple[tuple[int, int], ...]:
    """Return row and column of the middle of every alignment pattern (annex E)."""
    at, size = consts.ALIGNMENT_POS[version - 2] if version > 1 else (), 17 + 4 * version
    finders = {(6, 6), (6, size - 7), (size - 7, 6)}
    return tuple((row, column) for row in at for column in at if (row, column) not in finders)


def data_places(version: int) -> Iterator[tuple[int, int]]:
    """Yield row and column of every data module, in the order of the bits (ISO/IEC 18004, section 7.7.3)."""
    size = 17 + 4 * version
    taken = np.zeros((size, size), bool)
    taken[:9, :9] = taken[:9, -8:] = taken[-8:, :9] = True
    taken[6, :] = taken[:, 6] = True
    if version >= 7:
        taken[:6, -11:-8] = taken[-11:-8, :6] = True
    for row, column in alignment_centres(version):
        taken[row - 2 : row + 3, column - 2 : column + 3] = True
    return _zigzag(taken)


def _zigzag(taken: np.ndarray) -> Iterator[tuple[int, int]]:
    size, upwards = len(taken), True
    for right in (*range(size - 1, 6, -2), 5, 3, 1):
        for row in range(size - 1, -1, -1) if upwards else range(size):
            for column in (right, right - 1):
                if not taken[row, column]:
                    yield row, column
        upwards = not upwards


def masked(mask: int, i: np.ndarray, j: np.ndarray) -> np.ndarray:
    """Return where the data mask turns a module over (ISO/IEC 18004, table 10; i the row, j the column)."""
    conditions = (
        (i + j) % 2,
        i % 2,
        j % 3,
        (i + j) % 3,
        (i // 2 + j // 3) % 2,
        i * j % 2 + i * j % 3,
        (i * j % 2 + i * j % 3) % 2,
        ((i + j) % 2 + i * j % 3) % 2,
    )
    turned: np.ndarray = conditions[mask] == 0
    return turned
