"""The idle page with all that may stand on it at once, where there is least room."""

from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication

from kiosk.api.messages import Page, Snapshot
from kiosk.api.sentences import languages
from kiosk.form_file import load_form
from kiosk.testing.drawn_screen import geometry_faults, look_at
from ui.choices import Choices
from ui.forms.view import offers
from ui.shots import GLASSES, NOW_NS
from ui.viewmodel import look

FORMS = [load_form(path) for path in sorted((Path(__file__).parents[3] / "firmware_config" / "forms").glob("*.toml"))]
CROWDED = {
    "two lines above": {"camera": "starting"},
    "an alarm": {"camera": "ok", "alarm": "door_forced", "alarm_level": 2},
    "full inside": {"camera": "ok", "queue": "full", "link": "down"},
    "the next one": {"camera": "ok", "queue": "next", "present": True, "since_ns": NOW_NS},
}


@pytest.fixture
def demonstration(stage):
    stage.visitor.set_rules(demo=True, preview=True)
    stage.visitor.set_clock("08:30")
    yield stage
    stage.visitor.set_rules(demo=False, preview=True)
    stage.forms.offer(())


@pytest.mark.parametrize("crowded", CROWDED)
@pytest.mark.parametrize("glass", [GLASSES[0], GLASSES[2]], ids=str)
def test_the_way_in_without_a_code_always_has_its_place(demonstration, glass, crowded):
    stage = demonstration
    stage.set_surface(glass.width, glass.height, glass.pixels_per_mm)
    for language in languages():
        for count in range(len(FORMS) + 1):
            stage.forms.offer(offers({form.purpose: form for form in FORMS[:count]}, language))
            snapshot = Snapshot(page=Page.IDLE, **CROWDED[crowded])
            stage.visitor.show(look(snapshot, Choices(language, large=True), NOW_NS))
            QGuiApplication.processEvents()
            stage.grab()
            assert geometry_faults(look_at(stage.window, glass.pixels_per_mm, stage.cap_ratio)) == [], (language, count)
