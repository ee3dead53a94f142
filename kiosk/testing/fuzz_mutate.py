"""Seeded changes of inputs for the fuzzer: bytes, and the trees of JSON texts. No hidden randomness."""

import json
from collections.abc import Sequence
from random import Random
from typing import Any

TOKENS = (
    b"HC1:", b"GK1:", b"shc:/", b"NZCP:/1/", b"https://", b"|", b"*", b"<", b"\x00", b"\xff", b"{", b"[", b'"',
    b"9" * 40, b"\x9f", b"\xbf", b"\xd8\x3d", b"\xd2", b"\xd8\x1c", b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\x5b\x7f\xff\xff\xff", b"\xf9\x7e\x00", b"\xfb\x7f\xf0\x00\x00\x00\x00\x00\x00",
    b"\x30\x84\xff\xff\xff\xff", b"\xc3\xa1", b"\xed\xa0\x80",
    b"1e999", b"-0", b"\\ud800", b"0x", b"2021-06-01", b"T00:00:00Z", b"[[", b"= ", b"\n", b"\r\n", b"%00", b"xn--",
)  # fmt: skip
_OPERATORS = (
    "var", "if", "and", "!", "===", "in", "+", ">", "<=", "after", "not-before", "plusTime", "reduce",
    "extractFromUVCI", "dccDateOfBirth",
)  # fmt: skip
_LEAVES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**53, 10**30, 0.5, 1e308, "", "a", "0", "payload.v.0.dt", "current", "accumulator",
    "2021-06-01", "2021-06-01T00:00:00.000+01:00", "day", "month", "URN:UVCI:01:VN:A#B",
    "\u0663", "\ud800", "x" * 5000, [], {},
)  # fmt: skip
_MAX_LIST = 3000


def _bytes(rng: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    at = rng.randrange(len(data) + 1)
    end = min(len(data), at + rng.choice((1, 1, 2, 4, 16, 64)))
    match rng.randrange(7):
        case 0:
            return data[:at] + rng.randbytes(rng.choice((1, 1, 2, 8))) + data[end:]
        case 1:
            return data[:at] + data[end:]
        case 2:
            return data[:at] + rng.choice(TOKENS) + data[at:]
        case 3:
            return data[:end] + data[at:end] * rng.choice((1, 2, 50, 1000)) + data[end:]
        case 4:
            other = rng.choice(others) if others else data
            cut = rng.randrange(len(other) + 1)
            return data[:at] + other[cut : cut + rng.choice((4, 32, 256, 4096))] + data[end:]
        case 5 if at < len(data):
            return data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1 :]
        case _:
            return data[:at] + rng.choice(TOKENS) + data[end:]


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Return every place of a tree that can be assigned to: its container and its key."""
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        one = waiting.pop()
        keys = list(one) if isinstance(one, dict) else range(len(one)) if isinstance(one, list) else ()
        for key in keys:
            found.append((one, key))
            waiting.append(one[key])
    return found


def _tree(rng: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Change one place of a JSON text: another value, a part of another text, an operation around it, a long list."""
    root = [json.loads(data)]
    container, key = rng.choice(_places(root))
    value = container[key]
    match rng.randrange(7):
        case 0:
            container[key] = rng.choice(_LEAVES)
        case 1 if others:
            container[key] = rng.choice(_places([json.loads(rng.choice(others))]))[0]
        case 2:
            operands = [value, rng.choice(_LEAVES), rng.choice(_LEAVES)]
            container[key] = {rng.choice(_OPERATORS): operands[: rng.randrange(1, 4)]}
        case 3:
            container[key] = [value] * rng.choice((0, 2, 3, 50, _MAX_LIST))
        case 4 if isinstance(container, dict):
            container[rng.choice((*_OPERATORS, "x", ""))] = container.pop(key)
        case 5:
            for _ in range(rng.choice((1, 5, 200))):
                value = rng.choice(([value], {"!": [value]}))
            container[key] = value
        case _:
            del container[key]
    return json.dumps(root[0] if root else None).encode()


def mutate(rng: Random, data: bytes, others: Sequence[bytes], limit: int, *, tree: bool) -> bytes:
    """Return a changed copy of at most `limit` bytes. With `tree`, most changes keep a JSON text a JSON text."""
    for _ in range(rng.choice((1, 1, 2, 4))):
        try:
            data = _tree(rng, data, others) if tree and rng.random() < 0.9 else _bytes(rng, data, others)
        except (ValueError, RecursionError):  # no JSON any more: then as bytes
            data = _bytes(rng, data, others)
        if len(data) > limit:
            data = data[:limit]
    return data
