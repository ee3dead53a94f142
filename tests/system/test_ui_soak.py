"""Eight hours of visitors at the screen in minutes: memory stays where it is.

500 visits by default; KIOSK_UI_VISITS=10000 plays the long form (some ten minutes).
"""

import os

import pytest

from kiosk.bench.ui import soak_visits

pytestmark = pytest.mark.system

VISITS = int(os.environ.get("KIOSK_UI_VISITS", "500"))


def test_memory_does_not_grow_with_visits():
    assert soak_visits(VISITS) <= 2.0
