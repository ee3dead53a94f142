"""Structured append: one message in up to 16 symbols (ISO/IEC 18004, section 8). The parts are joined as they come."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce
from operator import xor

from kiosk.vision.codes import Code, once

NS = 1_000_000_000
PART_NS = 30 * NS
"""How long a message may stay unfinished after its newest part: a visit."""
_MESSAGES = 4
"""Unfinished messages that are kept; the oldest goes when another begins."""


@dataclass(slots=True)
class _Message:
    parts: dict[int, Code]
    newest_ns: int


class Assembler:
    """Joins the symbols of messages. Pure: the time of the frame is an argument."""

    def __init__(self) -> None:
        self._messages: OrderedDict[tuple[int, int], _Message] = OrderedDict()
        self.missing: tuple[int, int] | None = None
        """How many parts of how many have been read, of the message that was last added to; None: none is open."""

    def take(self, code: Code, now_ns: int) -> Code | None:
        """Return `code` where it stands alone, the whole message where all its parts have been read, else None.

        A message that is whole stays so while one of its parts is held up.
        """
        part = code.part
        if part is None:
            return code
        key = (part.count, part.parity)
        message = self._messages.setdefault(key, _Message({}, now_ns))
        self._messages.move_to_end(key)
        if len(self._messages) > _MESSAGES:
            self._messages.popitem(last=False)
        known = message.parts.get(part.index)
        if known is not None and known.data != code.data:
            message.parts.clear()  # another message with the same number of parts and the same parity
        message.parts[part.index], message.newest_ns = code, now_ns
        whole = b"".join(message.parts[index].data for index in sorted(message.parts))
        if len(message.parts) == part.count and reduce(xor, whole, 0) != part.parity:
            message.parts = {part.index: code}  # parts of two messages
        if len(message.parts) < part.count:
            self.missing = (len(message.parts), part.count)
            return None
        self.missing = None
        return replace(code, data=whole, text=whole.decode(errors="replace"), part=None)

    def forget(self, now_ns: int) -> None:
        """Forget messages to which nothing has been added for PART_NS."""
        for key in [key for key, message in self._messages.items() if now_ns - message.newest_ns > PART_NS]:
            del self._messages[key]
        if not self._messages:
            self.missing = None


def join(codes: Iterable[Code]) -> tuple[Code, ...]:
    """Put together what one picture shows: whole messages, and the parts of those that are not all there."""
    assembler, read = Assembler(), tuple(codes)
    for code in read:
        assembler.take(code, 0)
    return once(assembler.take(code, 0) or code for code in read)
