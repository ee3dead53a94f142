"""A Bloom filter (B. H. Bloom, 1970) before a list on disk: it knows of most credentials that they are not withdrawn.

What it does not know surely, one in a hundred, the list itself answers. So a visitor whose credential is good hardly
ever waits for the memory card. Identifiers are parts of SHA-256 digests: their own bytes serve as the hashes.
"""

BITS = 10
"""Bits an entry: with `PROBES` probes, 0.9 % of what is not on the list has to be looked up."""
PROBES = 5


def size(count: int) -> int:
    """Return the bytes of a filter for `count` entries."""
    return -(-count * BITS // 8)


class Filter:
    """A filter over `size(count)` bytes, all zero to begin with."""

    def __init__(self, data: bytearray) -> None:
        self.data = data
        self._bits = 8 * len(data)

    def add(self, identifier: bytes) -> None:
        """Enter an identifier of 16 bytes."""
        place, step = _hashes(identifier)
        for _ in range(PROBES):
            at = place % self._bits
            self.data[at >> 3] |= 1 << (at & 7)
            place += step

    def may_have(self, identifier: bytes) -> bool:
        """Tell whether the list may have an identifier of 16 bytes; False is sure."""
        if not self._bits:
            return False
        place, step = _hashes(identifier)
        for _ in range(PROBES):
            at = place % self._bits
            if not self.data[at >> 3] >> (at & 7) & 1:
                return False
            place += step
        return True


def _hashes(identifier: bytes) -> tuple[int, int]:
    """Return where the probes begin and how far they are apart (Kirsch and Mitzenmacher, 2006)."""
    return int.from_bytes(identifier[:8], "big"), int.from_bytes(identifier[8:], "big") | 1
