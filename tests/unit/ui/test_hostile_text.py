"""Texts of 200 characters, without a space to break at, and from right to left: wrapped or cut, never over others."""

from dataclasses import replace

import pytest

from kiosk.api.manager import RosterPage
from kiosk.api.manager.roster import MemberLine
from kiosk.testing.drawn_screen import geometry_faults, look_at, spoken
from ui.forms.poses import posed, settle
from ui.forms.view import Choice, show
from ui.manager.pages.look_up import LookUpPage
from ui.manager.pages.roster import MemberPage, RosterListPage
from ui.manager.shots import NOW_NS, frame
from ui.manager.words import manager_words
from ui.poses import GLASSES, STYLES, Pose
from ui.shots import every, pose, take

ARABIC = "عبد الرحمن بن محمد بن عبد العزيز"
HEBREW = "יהודה בן אברהם הכהן"
TEXTS = {
    "words": ("Công Tằng Tôn Nữ " * 12)[:200],
    "one-word": "W" * 200,
    "arabic": ARABIC,
    "arabic-long": (ARABIC + " ") * 6,
    "hebrew": HEBREW,
}
"""The most that a field takes is 200 characters; an id and a group, 64."""


def manager_pose(name, page):
    def on(stage, choices):
        pose(stage, "idle", choices)
        words = manager_words(choices.language)
        stage.manager.show(frame(page).frame(words, NOW_NS), 1, words)
        settle(stage)

    return Pose(name, "manager", on)


def review_pose(name, text):
    """The review of a form whose first answers are such a text."""

    def on(stage, choices):
        pose(stage, "idle", choices)
        view = show(posed("review"), choices.language, NOW_NS, kept=False)
        answers = (Choice("name", text, note="Họ tên"), Choice("places", text, note="Nơi đã đến"), *view.choices[2:])
        stage.forms.show(None)
        stage.forms.show(replace(view, choices=answers), "review", choices.language)
        settle(stage)

    return Pose(name, "forms", on)


def poses(name, text):
    member = MemberLine(person="staff-" + "9" * 58, group=text[:64], zones=(text[:64], "main"), today=True)
    found = RosterPage(items=(member, member.model_copy(update={"person": "b"})), count=2, members=2, source="local")
    return (
        manager_pose(f"look_up-{name}", LookUpPage(way="name", name=text)),
        manager_pose(f"roster-{name}", RosterListPage(text=text[:64], found=found)),
        manager_pose(f"member-{name}", MemberPage(member, ours=True)),
        review_pose(f"review-{name}", text),
    )


@pytest.mark.parametrize("name", TEXTS)
def test_long_names_and_those_from_right_to_left_stay_in_their_place(stage, name):
    faults = {}
    for shot, _ in take(stage, every(GLASSES[::2], STYLES[:2], poses(name, TEXTS[name]))):
        found = geometry_faults(look_at(stage.window, shot.glass.pixels_per_mm, stage.cap_ratio))
        if found:
            faults[str(shot)] = found
    stage.forms.show(None)
    assert faults == {}


def test_an_answer_that_is_cut_is_heard_whole(stage):
    for _ in take(stage, every(GLASSES[:1], STYLES[:1], [review_pose("review", TEXTS["words"])])):
        assert f"Họ tên: {TEXTS['words']}" in [name for _, name in spoken(stage.window)]
    stage.forms.show(None)
