"""The scene of the synthetic camera: which codes come into view, on what, when and for how long.

A scene is a TOML file (or JSON with the ending `.json`) with these keys:

============= ========================================================================================
`start_ns`    CLOCK_MONOTONIC nanoseconds of the scene's zero; without it, when the camera opens
`repeat_s`    seconds after which the scene begins anew; without it, nothing is in view after the last item
`items`       a list of tables
============= ========================================================================================

Each item:

============= ========================================================================================
`payload_b64` the code's exact bytes in base64, or
`text`        … its text (UTF-8): one of the two, for a code
`kind`        `code` (default), or `noise`: looks like a code from afar and holds nothing
`medium`      `phone` (default) or `paper`
`at_s`        seconds after the scene's zero at which it is fully in view
`hold_s`      seconds for which it is held there (default 3)
`x`           where its middle is, as a fraction of the picture's width (default 0.5)
`approach`    `true` (default): a hand brings it during the half second before; `false`: it is there at
              once, and gone at once
`seed`        varies tilt, place, tremor and creases (default 0)
============= ========================================================================================
"""

import base64
import binascii
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

MAX_FILE = 16 << 20
MAX_PAYLOAD = 2_953
"""Bytes that the largest QR code holds."""
APPROACH_S = 0.5
LEAVE_S = 0.35

Medium = Literal["phone", "paper"]


class SceneError(ValueError):
    """A scene that cannot be played. The text is one sentence that names the file and the item."""


@dataclass(frozen=True, slots=True)
class Item:
    """One code, or something that looks like one, that comes into view and leaves."""

    payload: bytes | None
    """What the code holds; None: noise."""
    medium: Medium
    at_s: float
    hold_s: float
    x: float
    approach: bool
    seed: int

    @property
    def begin_s(self) -> float:
        """When its first edge may be in view."""
        return self.at_s - (APPROACH_S if self.approach else 0.0)

    @property
    def end_s(self) -> float:
        """When nothing of it is in view any more."""
        return self.at_s + self.hold_s + (LEAVE_S if self.approach else 0.0)


@dataclass(frozen=True, slots=True)
class Scene:
    """All items, in the order of their times."""

    start_ns: int | None
    items: tuple[Item, ...]
    repeat_s: float | None = None

    def moment(self, t_s: float) -> float:
        """Return the time within the scene, `t_s` seconds after its zero."""
        return t_s % self.repeat_s if self.repeat_s is not None and t_s > 0 else t_s


def load_scene(path: Path) -> Scene:
    """Read a scene. Raises SceneError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SceneError(f"{path}: cannot be read ({(error.strerror or 'error').lower()})") from error
    if len(data) > MAX_FILE:
        raise SceneError(f"{path}: larger than {MAX_FILE >> 20} MB, so it is no scene")
    try:
        table = json.loads(data) if path.suffix == ".json" else tomllib.loads(data.decode())
        return parse_scene(table)
    except SceneError as error:
        raise SceneError(f"{path}: {error}") from None
    except ValueError as error:
        raise SceneError(f"{path}: not valid TOML or JSON: {str(error)[:120].lower()}") from None


def parse_scene(table: object) -> Scene:
    """Return a parsed file as a scene. Raises SceneError."""
    if not isinstance(table, Mapping):
        raise SceneError("a scene is a table with the key 'items'")
    _known(table, {"start_ns", "repeat_s", "items"}, "the scene")
    start, items = table.get("start_ns"), table.get("items", [])
    if start is not None and (not isinstance(start, int) or start < 0):
        raise SceneError("'start_ns' is a whole number of nanoseconds")
    if not isinstance(items, list):
        raise SceneError("'items' is a list of tables")
    scene = sorted(map(_item, items, range(1, len(items) + 1)), key=lambda item: item.at_s)
    repeat_s = None
    if "repeat_s" in table:
        repeat_s = _number(table, "repeat_s", None, (0.1, 1e6), "the scene")
        if any(item.end_s > repeat_s for item in scene):
            raise SceneError("'repeat_s' must lie after the last item has left")
    return Scene(start, tuple(scene), repeat_s)


_KEYS = {"payload_b64", "text", "kind", "medium", "at_s", "hold_s", "x", "approach", "seed"}


def _item(table: object, number: int) -> Item:
    where = f"item {number}"
    if not isinstance(table, Mapping):
        raise SceneError(f"{where} is not a table")
    _known(table, _KEYS, where)
    medium, approach = table.get("medium", "phone"), table.get("approach", True)
    if medium not in {"phone", "paper"}:
        raise SceneError(f"{where}: 'medium' is 'phone' or 'paper'")
    if not isinstance(approach, bool):
        raise SceneError(f"{where}: 'approach' is true or false")
    return Item(
        payload=_payload(table, where),
        medium=medium,
        at_s=_number(table, "at_s", None, (0, 1e6), where),
        hold_s=_number(table, "hold_s", 3, (0, 1e6), where),
        x=_number(table, "x", 0.5, (0, 1), where),
        approach=approach,
        seed=int(_number(table, "seed", 0, (0, 2**53), where)),
    )


def _payload(table: Mapping[str, Any], where: str) -> bytes | None:
    kind, given = table.get("kind", "code"), [key for key in ("payload_b64", "text") if key in table]
    if kind == "noise" and not given:
        return None
    if kind != "code" or len(given) != 1 or not isinstance(table[given[0]], str):
        raise SceneError(f"{where}: give 'payload_b64' or 'text', or kind = 'noise' and neither")
    content: str = table[given[0]]
    try:
        data = content.encode() if given == ["text"] else base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        raise SceneError(f"{where}: '{given[0]}' is not valid") from None
    if not 1 <= len(data) <= MAX_PAYLOAD:
        raise SceneError(f"{where}: a QR code holds 1 to {MAX_PAYLOAD} bytes, not {len(data)}")
    return data


def _number(
    table: Mapping[str, Any], key: str, default: float | None, bounds: tuple[float, float], where: str
) -> float:
    value = table.get(key, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise SceneError(f"{where}: '{key}' is a number")
    if not bounds[0] <= value <= bounds[1]:
        raise SceneError(f"{where}: '{key}' lies between {bounds[0]:g} and {bounds[1]:g}")
    return value


def _known(table: Mapping[str, Any], known: set[str], where: str) -> None:
    if unknown := sorted(set(table) - known):
        raise SceneError(f"{where}: unknown key '{unknown[0]}'; known are {', '.join(sorted(known))}")
