"""Frames of a door's camera, made from a seed: six axes of hardness, each in six levels.

Frame `index` of `seed` is always the same. Of 42 frames 36 hold a code (one an axis and level), 2 an empty hall and
4 something that is no code to be read. In each frame one axis is hard; everything else is as usual at a door.

Even seeds are for tuning an engine, odd ones for reporting what it reads: nothing that was tuned has seen them.

The levels were set once, on even seeds and with zxing-cpp and pyzbar alone: about 56 % and 42 % of all levels together,
level 1 nearly always, level 6 nearly never. They were never set with the cascade that is to be judged.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import cos, sin, sqrt, tau

from numpy.random import Generator, default_rng

from kiosk.bench.read.media import make_medium
from kiosk.bench.read.negatives import NEGATIVES, negative_modules
from kiosk.bench.read.optics import Conditions, Patch, Pose, develop, make_bumps, place
from kiosk.bench.read.payloads import QUIET, Payload, code_modules, make_payload
from kiosk.bench.read.rooms import HEIGHT, WIDTH, make_room
from kiosk.vision.codes import Luma

AXES = ("distance", "blur", "glare", "warp", "low light", "moiré")
LEVELS = 6
CELLS = len(AXES) * LEVELS
EMPTY, NEGATIVE = "empty", "negative"
_CYCLE = CELLS + 6
ROOM_FOR = 0.92
"""Share of the frame's height that a code may take."""

_HARDNESS: dict[str, tuple[float, ...]] = {
    "distance": (3.0, 2.25, 1.95, 1.75, 1.6, 1.4),  # pixels a module
    "blur": (0.3, 0.5, 0.62, 0.7, 0.77, 0.9),  # radius of the blur in modules
    "glare": (0.4, 0.85, 1.3, 1.75, 2.3, 3.2),  # light of reflections; the medium's white is 1
    "warp": (0.1, 0.19, 0.27, 0.34, 0.4, 0.48),  # from slightly to badly crumpled, rolled or tilted
    "low light": (400.0, 150.0, 80.0, 50.0, 30.0, 16.0),  # photons of a full pixel
    "moiré": (0.2, 0.35, 0.47, 0.56, 0.64, 0.78),  # depth of the fringes each way
}


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One frame and what it holds."""

    luma: Luma
    payload: Payload | None
    """None where nothing is to be read."""
    axis: str
    """One of AXES, or `empty`, or `negative`."""
    level: int
    """1 to 6; 0 for frames without a code."""
    what: str
    """Kind of payload or of negative, and medium: for people."""


def hardness(axis: str, level: float) -> float:
    """Return how much an axis has of what makes it hard; levels may lie between two and a little beyond the last."""
    amounts = _HARDNESS[axis]
    below = min(max(int(level), 1), LEVELS - 1)
    low, high = amounts[below - 1], amounts[below]
    return float(low + (high - low) * (max(level, 1.0) - below))


def is_tuning(seed: int) -> bool:
    """Tell whether `seed` is for tuning engines, not for reporting them."""
    return seed % 2 == 0


def frames_for(codes: int) -> int:
    """Return how many frames make `codes` frames with a code, empty and negative ones included."""
    return codes // CELLS * _CYCLE + min(codes % CELLS, CELLS)


def make_frame(seed: int, index: int) -> Frame:
    """Make frame `index` of `seed`."""
    rng = default_rng((seed, index))
    cell = index % _CYCLE
    if cell < CELLS:
        return _with_code(rng, AXES[cell % len(AXES)], cell // len(AXES) + 1)
    if cell < CELLS + 2:
        how = usual(rng, "paper", 4.0)
        return Frame(develop(make_room(rng), how, rng), None, EMPTY, 0, "hall")
    return _negative(rng, (index // _CYCLE * 4 + cell - CELLS - 2) % len(NEGATIVES))


def usual(rng: Generator, medium: str, module_px: float) -> Conditions:
    """Return what is nothing special at a door."""
    phone = medium == "phone"
    return Conditions(
        white=rng.uniform(0.6, 1.05) if phone else rng.uniform(0.35, 0.8),
        haze=rng.uniform(0.0, 0.06),
        crumple=0.0 if phone else rng.uniform(0.0, 0.35),
        defocus=rng.uniform(0.0, 0.2) * module_px,
        softness=rng.uniform(0.45, 0.65),
        photons=rng.uniform(800, 4000),
        read_noise=rng.uniform(0.002, 0.005),
        bumps=make_bumps(rng),
    )


def _pose(rng: Generator, modules: int, module_px: float) -> Pose:
    """Return how somebody holds a code who wants it read; all of it is in the frame."""
    half = (modules / 2 + QUIET) * module_px * 1.06
    x = rng.uniform(min(half, WIDTH / 2), max(WIDTH - half, WIDTH / 2))
    y = rng.uniform(min(half, HEIGHT / 2), max(HEIGHT - half, HEIGHT / 2))
    return Pose(x, y, module_px, rng.normal(0, 6), rng.uniform(-14, 14), rng.uniform(-14, 14))


def _with_code(rng: Generator, axis: str, level: int) -> Frame:
    payload = make_payload(rng)
    modules = code_modules(payload, rng)
    count = len(modules) - 2 * QUIET
    amount = hardness(axis, level) * rng.uniform(0.93, 1.07)
    fits = HEIGHT * ROOM_FOR / (count + 2 * QUIET)
    module_px = amount if axis == "distance" else min(rng.uniform(3.4, 5.2), fits)
    name = "phone" if axis == "moiré" or (axis != "warp" and rng.random() < 0.6) else "paper"
    pose, how = _pose(rng, count, module_px), usual(rng, name, module_px)
    pose, how = HARDER[axis](rng, amount, count, pose, how)
    room = make_room(rng)
    place(room, make_medium(name, modules, module_px, rng), pose, how)
    return Frame(develop(room, how, rng), payload, axis, level, f"{payload.kind} on {name}")


Harder = Callable[[Generator, float, int, Pose, Conditions], tuple[Pose, Conditions]]


def _distance(_: Generator, __: float, ___: int, pose: Pose, how: Conditions) -> tuple[Pose, Conditions]:
    return pose, replace(how, defocus=0.0)


def _blur(rng: Generator, amount: float, _: int, pose: Pose, how: Conditions) -> tuple[Pose, Conditions]:
    """Out of focus, or moved, or both."""
    radius = amount * pose.module_px
    moved, turn = rng.choice([0.0, 0.5, 1.0]), rng.uniform(0, tau)
    way = 2 * moved * radius
    return pose, replace(how, defocus=sqrt(1 - moved) * radius, motion=(way * cos(turn), way * sin(turn)))


def _glare(rng: Generator, amount: float, count: int, pose: Pose, how: Conditions) -> tuple[Pose, Conditions]:
    """Lamps and windows in the screen, on the lacquer of a print; and haze."""
    side = count * pose.module_px
    patches = []
    for _ in range(int(rng.integers(1, 4))):
        x, y = pose.x + rng.uniform(-0.5, 0.5) * side, pose.y + rng.uniform(-0.5, 0.5) * side
        size = side * rng.uniform(0.08, 0.2) * (0.5 + amount * 0.5)
        patches.append(Patch(
            x, y, size * rng.uniform(0.7, 2.2), size, rng.uniform(-0.6, 0.6), amount * rng.uniform(0.4, 1.0),
            square=bool(rng.random() < 0.4),
        ))  # fmt: skip
    return pose, replace(how, patches=tuple(patches), haze=how.haze + 0.12 * amount * rng.uniform(0.5, 1.0))


def _warp(rng: Generator, amount: float, _: int, pose: Pose, how: Conditions) -> tuple[Pose, Conditions]:
    """Crumpled; or rolled, or tilted, and a little crumpled."""
    kind = rng.choice(("crumpled", "rolled", "tilted"))
    if kind == "crumpled":
        return pose, replace(how, crumple=1.6 * amount, bend=amount * rng.uniform(0.2, 0.7))
    if kind == "rolled":
        return pose, replace(how, crumple=0.8 * amount, bend=0.1 + 1.7 * amount)
    turn, sign = 20 + 80 * amount, rng.choice((-1.0, 1.0))
    yaw, pitch = (sign * turn, pose.pitch) if rng.random() < 0.5 else (pose.yaw, sign * turn)
    return replace(pose, yaw=yaw, pitch=pitch), replace(how, crumple=0.8 * amount)


def _low_light(rng: Generator, amount: float, _: int, pose: Pose, how: Conditions) -> tuple[Pose, Conditions]:
    """Few photons; what the camera's gain makes of them."""
    return pose, replace(
        how, white=rng.uniform(0.3, 0.6), photons=amount, read_noise=0.045 / sqrt(amount), exposure=0.7
    )


def _moire(rng: Generator, amount: float, _: int, pose: Pose, how: Conditions) -> tuple[Pose, Conditions]:
    """Fringes of a screen whose pixels lie nearly as close as the sensor's."""
    off = rng.uniform(0.03, 0.3, 2) * rng.choice([-1.0, 1.0], 2)
    return pose, replace(how, grid=amount, grid_off=(float(off[0]), float(off[1])), defocus=0.0)


HARDER: dict[str, Harder] = {
    "distance": _distance,
    "blur": _blur,
    "glare": _glare,
    "warp": _warp,
    "low light": _low_light,
    "moiré": _moire,
}
"""What makes an axis hard: by the same draws it is only more or less so."""


def _negative(rng: Generator, kind: int) -> Frame:
    """Make a frame that holds something that must not be read."""
    what = NEGATIVES[kind]
    modules = negative_modules(what, rng)
    longest = max(modules.shape) - 2 * QUIET
    module_px = min(rng.uniform(2.2, 5.0), HEIGHT * ROOM_FOR / (longest + 2 * QUIET))
    name = "phone" if rng.random() < 0.5 else "paper"
    pose, how = _pose(rng, longest, module_px), usual(rng, name, module_px)
    room = make_room(rng)
    place(room, make_medium(name, modules, module_px, rng), pose, how)
    return Frame(develop(room, how, rng), None, NEGATIVE, 0, f"{what} on {name}")
