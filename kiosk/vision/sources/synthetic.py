"""A camera that does not exist: a hand brings telephones and sheets of paper into view as a scene file says.

What a frame shows depends on the scene and the time alone, so a run can be repeated. Idle frames are drawn
beforehand; in frames with something in view only the part that it covers is drawn.
"""

import math
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import cv2
import numpy as np
from numpy.random import default_rng

from kiosk.config import CameraSection
from kiosk.vision.codes import Luma
from kiosk.vision.sources.base import NS, Frame, Pace
from kiosk.vision.sources.cards import Card, make_card
from kiosk.vision.sources.scene import APPROACH_S, LEAVE_S, Item, Scene, SceneError, load_scene

_EXPOSURE_S = 0.008
_DRAW_NS = 14_000_000
"""A frame is drawn so long before its time: not sooner, so that a camera's drawing does not get into the way of
those who still work on the frame before; a real camera takes no processor at all."""
_NOISE = 2.2
"""Standard deviation of the sensor's noise, in steps of luma."""
_IDLE_FRAMES = 4
_CARDS = 3
"""Cards that are kept drawn: those in view and the next."""
_SLACK = 24
"""Pixels around a card that its blur may reach."""


@dataclass(frozen=True, slots=True)
class Pose:
    """Where and how a card is held at one moment; lengths in pixels of the frame."""

    x: float
    y: float
    turn: float
    """Radians."""
    scale: float
    tilt_x: float
    tilt_y: float
    """How fast it shrinks to one side, per pixel."""
    speed_x: float = 0.0
    speed_y: float = 0.0
    """Pixels a second."""
    defocus: float = 0.7
    """Standard deviation of the blur."""


def _rest(item: Item, card: Card, size: tuple[int, int], t_s: float) -> Pose:
    """Return how a hand holds it: never quite straight, never quite still."""
    rng = default_rng(item.seed)
    turn, tilt_x, tilt_y, x, y, phase, rate = rng.uniform(-1, 1, 7)
    width, height = size
    room = max(height - card.side * 1.12, 0) / 2
    wave = [math.sin(2 * math.pi * (f + rate * 0.2) * t_s + phase * 3 + f) for f in (1.3, 2.9, 7.7)]
    return Pose(
        x=width * item.x + x * 12 + 1.6 * wave[0] + 0.5 * wave[2],
        y=height / 2 + y * min(room, 14) + 1.2 * wave[1] + 0.5 * wave[2],
        turn=math.radians(6.0 * turn + 0.35 * wave[1]),
        scale=1 + 0.006 * wave[0],
        tilt_x=0.09 * tilt_x / card.side,
        tilt_y=0.09 * tilt_y / card.side,
    )


def pose_at(item: Item, card: Card, size: tuple[int, int], t_s: float) -> Pose | None:
    """Return how `item` is held `t_s` seconds into the scene, in frames of `size`; None while it is away."""
    if not item.begin_s <= t_s < item.end_s:
        return None
    rest = _rest(item, card, size, t_s)
    if t_s < item.at_s:
        left, span = (item.at_s - t_s) / APPROACH_S, APPROACH_S
    elif t_s > item.at_s + item.hold_s:
        left, span = (t_s - item.at_s - item.hold_s) / LEAVE_S, LEAVE_S
    else:
        return rest
    # The hand comes from below and slows down: the way that is left is the square of the time that is left.
    side = 1 if item.seed % 2 else -1
    far_x, far_y, way, speed = side * size[0] * 0.16, size[1] * 1.25, left**2, 2 * left / span
    return Pose(
        x=rest.x + far_x * way,
        y=rest.y + far_y * way,
        turn=rest.turn + side * 0.45 * way,
        scale=rest.scale * (1 - 0.22 * way),
        tilt_x=rest.tilt_x,
        tilt_y=rest.tilt_y * (1 + 4 * way),
        speed_x=far_x * speed,
        speed_y=far_y * speed,
        defocus=rest.defocus + 2.2 * left,
    )


def _placement(card: Card, pose: Pose) -> np.ndarray:
    """Return the 3 × 3 matrix that takes points of the texture to points of the frame."""
    size, cos, sin = card.scale * pose.scale, math.cos(pose.turn), math.sin(pose.turn)
    centre = np.array([[1, 0, -card.centre[0]], [0, 1, -card.centre[1]], [0, 0, 1]])
    turned = np.array([[size * cos, -size * sin, 0], [size * sin, size * cos, 0], [0, 0, 1]])
    tilted = np.array([[1, 0, 0], [0, 1, 0], [pose.tilt_x, pose.tilt_y, 1]])
    moved = np.array([[1, 0, pose.x], [0, 1, pose.y], [0, 0, 1]])
    placement: np.ndarray = moved @ tilted @ turned @ centre
    return placement


def _covered(card: Card, placement: np.ndarray, size: tuple[int, int]) -> tuple[int, int, int, int] | None:
    """Return the part of the frame that the card reaches: left, top, right, bottom."""
    high, wide = card.texture.shape
    corners = np.array([[[0, 0]], [[wide, 0]], [[wide, high]], [[0, high]]], np.float64)
    points = cv2.perspectiveTransform(corners, placement)[:, 0]
    left, top = (int(v) - _SLACK for v in points.min(axis=0))
    right, bottom = (int(v) + _SLACK for v in points.max(axis=0))
    left, top, right, bottom = max(left, 0), max(top, 0), min(right, size[0]), min(bottom, size[1])
    return (left, top, right, bottom) if right > left and bottom > top else None


def _room(width: int, height: int) -> Luma:
    """Draw what the camera sees when nobody is there: a hall, out of focus."""
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(0, 1, width, dtype=np.float32)[None, :]
    room: Luma = np.clip(118 - 46 * y + 26 * np.cos(3 * (x - 0.35)), 0, 255).astype(np.uint8)

    def box(left: float, top: float, right: float, bottom: float, grey: int) -> None:
        corner = (int(right * width), int(bottom * height))
        cv2.rectangle(room, (int(left * width), int(top * height)), corner, grey, -1)

    box(0.06, 0.10, 0.24, 0.84, 62)
    box(0.08, 0.13, 0.22, 0.80, 150)
    box(0.70, 0.22, 0.96, 0.56, 142)
    box(0.72, 0.25, 0.94, 0.53, 96)
    box(0.0, 0.86, 1.0, 1.0, 54)
    for lamp in (0.36, 0.55):
        cv2.ellipse(room, (int(lamp * width), int(0.06 * height)), (width // 22, height // 60), 0, 0, 360, 232, -1)
    blurred: Luma = cv2.GaussianBlur(room, (0, 0), height / 70)
    return blurred


class Renderer:
    """Draws the frames of a scene. Cards are drawn beforehand in a thread of its own."""

    def __init__(self, scene: Scene, width: int, height: int) -> None:
        self._scene, self._items, self._size = scene, scene.items, (width, height)
        self._room = _room(width, height)
        rng = default_rng(7)
        grain = rng.standard_normal((height + 64, width + 64), np.float32)
        grain *= _NOISE
        grain += 128.5
        self._grain: Luma = grain.astype(np.uint8)
        self._idle = [self._grainy(self._room, 0, 0, number) for number in range(_IDLE_FRAMES)]
        for idle in self._idle:
            idle.flags.writeable = False
        self._cards: dict[int, Future[Card]] = {}
        self._pool = ThreadPoolExecutor(1, "cards")

    def close(self) -> None:
        """End the thread."""
        self._pool.shutdown(cancel_futures=True)

    def prepare(self, t_s: float) -> None:
        """Have the cards drawn that are in view at `t_s` or come next; forget those that have left.

        Drawing begins when a card has left, so that nothing is drawn while somebody times a card in view.
        """
        here = [i for i, item in enumerate(self._items) if item.begin_s <= t_s < item.end_s]
        coming = [i for i, item in enumerate(self._items) if item.begin_s > t_s]
        if self._scene.repeat_s is not None:
            coming += range(len(self._items))
        near = here + coming[: max(_CARDS - len(here), 1)]
        self._cards = {
            i: self._cards.get(i) or self._pool.submit(make_card, self._items[i], self._size[1]) for i in near
        }

    def frame(self, t_s: float, number: int) -> Luma:
        """Return the frame `t_s` seconds into the scene; `number` picks its noise. Nobody may write to it."""
        t_s = self._scene.moment(t_s)
        self.prepare(t_s)
        frame = self._idle[number % _IDLE_FRAMES]
        for i, item in enumerate(self._items):
            if item.begin_s <= t_s < item.end_s:
                card = self._cards[i].result()
                pose = pose_at(item, card, self._size, t_s)
                if pose is not None:
                    frame = self._with(frame, card, pose, number)
        return frame

    def _with(self, frame: Luma, card: Card, pose: Pose, number: int) -> Luma:
        placement = _placement(card, pose)
        part = _covered(card, placement, self._size)
        if part is None:
            return frame
        left, top, right, bottom = part
        onto, size = np.array([[1, 0, -left], [0, 1, -top], [0, 0, 1]]) @ placement, (right - left, bottom - top)
        behind = self._room if not frame.flags.writeable else frame
        view = behind[top:bottom, left:right].copy()
        mask = cv2.warpPerspective(card.mask, onto, size, flags=cv2.INTER_NEAREST)
        cv2.copyTo(cv2.warpPerspective(card.texture, onto, size, flags=cv2.INTER_LINEAR), mask, view)
        smear = (_odd(pose.speed_x * _EXPOSURE_S), _odd(pose.speed_y * _EXPOSURE_S))
        if smear != (1, 1):
            view = cv2.blur(view, smear)
        view = cv2.GaussianBlur(view, (0, 0), pose.defocus)
        if not frame.flags.writeable:
            frame = frame.copy()
        frame[top:bottom, left:right] = self._grainy(view, left, top, number)
        return frame

    def _grainy(self, view: Luma, left: int, top: int, number: int) -> Luma:
        """Return `view`, a part of the frame, with the sensor's noise of frame `number`."""
        high, wide = view.shape
        x, y = left + number * 37 % 64, top + number * 23 % 64
        noisy: Luma = cv2.addWeighted(view, 1, self._grain[y : y + high, x : x + wide], 1, -128)
        return noisy


def _odd(length: float) -> int:
    return min(int(abs(length)) | 1, 61)


class SyntheticSource:
    """Plays a scene by absolute deadlines; when it is over, nothing is in view for ever."""

    live = False

    def __init__(self, camera: CameraSection) -> None:
        if camera.scene is None:
            raise SceneError("the synthetic camera needs a scene; name its file in `[camera] scene`")
        self._camera, self._scene = camera, load_scene(camera.scene)
        self._renderer: Renderer | None = None

    def __enter__(self) -> Self:
        """Draw what can be drawn beforehand."""
        self._renderer = Renderer(self._scene, self._camera.width, self._camera.height)
        for first in self._scene.items[:1]:
            self._renderer.frame(first.at_s, 0)  # The first frame of all takes longest; nobody waits for this one.
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop drawing."""
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None

    def frames(self) -> Iterator[Frame]:
        """Yield the scene's frames, each at its time."""
        pace, start_ns, number = Pace(self._camera.fps), self._scene.start_ns or time.monotonic_ns(), 0
        while self._renderer is not None:
            at_ns, number = pace.advance(), number + 1
            pace.wait(early_ns=min(_DRAW_NS, pace.step_ns // 2))
            luma = self._renderer.frame((at_ns - start_ns) / NS, number)
            pace.wait()
            yield Frame(luma, at_ns)
