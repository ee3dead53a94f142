import pytest

from kiosk.api.messages import Page
from ui.choices import RESTING
from ui.presence import DIM_MS, MS, Rest

MINUTE = DIM_MS * MS


def test_after_a_minute_without_anybody_the_screen_goes_dark():
    rest = Rest(0).seen(Page.IDLE, present=False, now_ns=1)
    assert not rest.dimmed(MINUTE - 1)
    assert rest.dimmed(MINUTE)


def test_whoever_comes_wakes_it_at_once():
    dark = Rest(0)
    assert not dark.seen(Page.IDLE, present=True, now_ns=MINUTE).dimmed(MINUTE)
    assert not dark.touched(MINUTE).dimmed(MINUTE)


@pytest.mark.parametrize("page", Page)
def test_whoever_is_answered_is_there_and_a_fire_never_goes_dark(page):
    rest = Rest(0).seen(page, present=False, now_ns=MINUTE)
    assert rest.dimmed(MINUTE) is (page in RESTING)
