from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from kiosk.vision.cascade import Cascade
from kiosk.vision.sources.cards import code_modules
from kiosk.vision.sources.scene import Item, Scene
from kiosk.vision.sources.synthetic import Renderer

CERTIFICATE = (
    "HC1:" + "6BFOXN%TS3DHPVO13J /G-/2YRVA.Q/R82JD2FCJG96V75DOW%IY17EIHY P8L6IWM$S4U45P84HW6U/4:84LC6 YM" * 7
)[:600].encode()
CARD = "001099012345||Nguyễn Thị Ánh|15081990|Nữ|12 Phố Huế, Hai Bà Trưng, Hà Nội|20052021".encode()
LARGEST = bytes(range(256)) * 11


def item(payload: bytes | None, medium: str = "phone", at_s: float = 1.0, **more: object) -> Item:
    values = {"hold_s": 2.0, "x": 0.5, "approach": True, "seed": 1} | more
    return Item(payload, medium, at_s, **values)


@contextmanager
def playing(*items: Item, width: int = 1280, height: int = 720, repeat_s: float | None = None) -> Iterator[Renderer]:
    renderer = Renderer(Scene(None, items, repeat_s), width, height)
    try:
        yield renderer
    finally:
        renderer.close()


def codes(frame: np.ndarray) -> list[bytes]:
    return [code.data for code in Cascade().look(frame).codes]


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("medium", ["phone", "paper"])
@pytest.mark.parametrize("payload", [CERTIFICATE, CARD, LARGEST], ids=["certificate", "vietnamese", "largest"])
def test_what_is_held_up_is_read_to_the_byte(payload: bytes, medium: str, seed: int):
    with playing(item(payload, medium, seed=seed)) as renderer:
        assert [codes(renderer.frame(t, round(t * 30))) for t in (1.0, 1.9, 2.9)] == [[payload]] * 3


def test_nothing_is_in_view_before_and_after():
    with playing(item(CERTIFICATE)) as renderer:
        idle = [renderer.frame(t, 0) for t in (0.0, 0.49, 3.36, 1e5)]
        assert all(np.array_equal(frame, idle[0]) for frame in idle)
        assert codes(idle[0]) == []


def test_a_hand_brings_it_blurred_and_from_below():
    with playing(item(CERTIFICATE)) as renderer:
        early, held = renderer.frame(0.7, 0), renderer.frame(1.0, 0)
        away = renderer.frame(0.0, 0)
        assert codes(early) == []
        changed = np.abs(early.astype(int) - away) > 20
        assert changed[500:].any()
        assert not changed[:100].any()
        assert codes(held) == [CERTIFICATE]


def test_without_approach_it_is_there_at_once_and_gone_at_once():
    with playing(item(CERTIFICATE, approach=False)) as renderer:
        assert codes(renderer.frame(0.999, 0)) == []
        assert codes(renderer.frame(1.0, 0)) == [CERTIFICATE]
        assert codes(renderer.frame(2.999, 0)) == [CERTIFICATE]
        assert codes(renderer.frame(3.0, 0)) == []


def test_a_scene_that_repeats_shows_the_same_again():
    with playing(item(CARD), item(CERTIFICATE, at_s=5.0), repeat_s=9.0) as renderer:
        times = (2.0, 6.0, 8.9, 11.0, 15.0, 20.0)
        seen = [codes(renderer.frame(t, 0)) for t in times]
    assert seen == [[CARD], [CERTIFICATE], [], [CARD], [CERTIFICATE], [CARD]]


@pytest.mark.parametrize("medium", ["phone", "paper"])
def test_noise_looks_like_a_code_and_holds_nothing(medium: str):
    with playing(*(item(None, medium, 1.0 + 4 * n, seed=n) for n in range(4))) as renderer:
        for n in range(4):
            frame = renderer.frame(2.0 + 4 * n, n)
            assert np.std(frame[260:460, 540:740].astype(float)) > 50
            assert codes(frame) == []


def test_two_people_can_hold_up_two_codes():
    with playing(item(CERTIFICATE, x=0.27), item(CARD, x=0.73, seed=2)) as renderer:
        assert sorted(codes(renderer.frame(2.0, 0))) == sorted([CERTIFICATE, CARD])


def test_the_same_scene_gives_the_same_frames():
    frames = []
    for _ in range(2):
        with playing(item(CARD, "paper", seed=5)) as renderer:
            frames.append([renderer.frame(t, round(t * 30)) for t in (0.8, 1.0, 2.0, 3.1)])
    assert all(np.array_equal(*pair) for pair in zip(*frames, strict=True))


def test_a_held_card_trembles_and_another_seed_is_held_otherwise():
    with playing(item(CARD)) as renderer, playing(item(CARD, seed=9)) as other:
        assert not np.array_equal(renderer.frame(2.0, 0), renderer.frame(2.1, 0))
        assert not np.array_equal(renderer.frame(2.0, 0), other.frame(2.0, 0))


def test_idle_frames_are_shared_and_protected():
    with playing() as renderer:
        assert renderer.frame(0.0, 0) is renderer.frame(9.0, 4)
        assert not renderer.frame(0.0, 0).flags.writeable


def test_other_sizes_of_frame_work():
    with playing(item(CARD), width=640, height=480) as renderer:
        frame = renderer.frame(2.0, 0)
        assert frame.shape == (480, 640)
        assert codes(frame) == [CARD]


def test_the_quiet_zone_belongs_to_the_code():
    modules = code_modules(b"A")
    assert modules.shape == (21 + 8, 21 + 8)
    assert (modules[:4] == 255).all()
