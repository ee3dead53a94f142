"""Framing: bytes in, whole lines out; pure, so that every process frames alike."""

from collections.abc import Iterator

from kiosk.api.messages import MAX_LINE, WireError


class LineBuffer:
    """Cuts a stream of bytes into lines of at most `limit` bytes."""

    def __init__(self, limit: int = MAX_LINE) -> None:
        self._limit = limit
        self._rest = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield every line that `data` completes, without its line feed.

        Raises WireError when the peer sends more than `limit` bytes without a line feed.
        """
        self._rest += data
        while (end := self._rest.find(b"\n")) >= 0:
            self._check(end)
            line = bytes(self._rest[:end])
            del self._rest[: end + 1]
            yield line
        self._check(len(self._rest))

    def _check(self, length: int) -> None:
        if length > self._limit:
            self._rest.clear()
            raise WireError("the line is too long")
