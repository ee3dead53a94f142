"""A morning at a door, however it goes: the counts are those of a list on paper, and nobody is kept in.

Each step is a word and a number: who comes, which visit, or how many. The paper knows nothing of hashes, journals and
restarts; the door has to say the same after each step.
"""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.domain.credential import Holder
from kiosk.domain.events import Count, EventDraft, EventType
from kiosk.domain.situation import Direction
from kiosk.testing.counting import CountingDoor, code

PEOPLE = [Holder("Nguyễn", name, "1990-08-15") for name in ("Ánh", "Bình", "Chi")]
STEPS = ("comes", "leaves", "passes", "annulled", "tailgater", "button", "counted", "restart", "kill", "lost")


class Paper:
    """What somebody with a pencil would write down."""

    def __init__(self):
        self.number = 0
        """How many more came than went, or what staff has counted since."""
        self.walks = []
        """Of everybody who was let through: the visit, who it is, and 1 for in or -1 for out."""

    def is_inside(self, who):
        walks = [way for _, one, way in self.walks if one == who]
        return walks[-1:] == [1]

    def lets(self, visit, who, way):
        self.walks.append((visit, who, way))
        self.number += way

    def takes_back(self, index):
        visit, _, way = self.walks.pop(index)
        self.number -= way
        return visit


def step(door, paper, word, number):
    """Let the same thing happen at the door and on paper."""
    who = number % len(PEOPLE)
    shown = code(PEOPLE[who], str(number))  # another code each time
    match word:
        case "comes":
            answer = door.shows(shown)
            if paper.is_inside(who):
                assert answer == "already_inside"
            else:
                paper.lets(answer, who, 1)
        case "leaves":
            paper.lets(door.shows(shown, way=Direction.EXIT), who, -1)
        case "annulled" if paper.walks:
            door.annul(paper.takes_back(number % len(paper.walks)))
        case "passes" if paper.walks:
            door.write(EventDraft(EventType.PASSAGE_ENTERED, paper.walks[-1][0]))
        case "tailgater":
            door.write(EventDraft(EventType.PASSAGE_ENTERED, "", {"extra": True}, count=Count(change=1)))
            paper.number += 1
        case "button":
            door.write(EventDraft(EventType.PASSAGE_LEFT, "", {"exit_button": True}, count=Count(change=-1)))
            paper.number -= 1
        case "counted":
            door.staff_counts(number)
            paper.number = number
        case "restart":
            door.restart()
        case "kill":
            door.kill()
        case "lost":  # a record that the power took with it: nobody was let in by it
            door.shows(shown, written=False)
            door.kill()


@given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 60)), max_size=25))
@settings(max_examples=60)
def test_the_door_says_what_stands_on_paper(steps):
    with tempfile.TemporaryDirectory() as folder:
        door, paper = CountingDoor(Path(folder)), Paper()
        try:
            for word, number in steps:
                door.clock.advance(number)
                step(door, paper, word, number)
                assert door.inside() == max(0, paper.number)
                for who, holder in enumerate(PEOPLE):
                    stay = door.judge(code(holder)).situation.stay
                    assert (stay is not None and stay.direction is Direction.ENTRY) == paper.is_inside(who)
        finally:
            door.journal.close()


def test_a_morning_that_has_everything_in_it(tmp_path):
    """Whatever the search above tries: this much it has to get right."""
    door, paper = CountingDoor(tmp_path), Paper()
    morning = [
        ("comes", 0), ("comes", 1), ("comes", 3), ("passes", 0), ("tailgater", 0), ("annulled", 1), ("kill", 0),
        ("leaves", 0), ("leaves", 3), ("comes", 0), ("lost", 2), ("counted", 41), ("button", 0), ("restart", 0),
    ]  # fmt: skip
    numbers = []
    for word, number in morning:
        step(door, paper, word, number)
        numbers.append(door.inside())
    assert numbers == [1, 2, 2, 2, 3, 2, 2, 1, 0, 1, 1, 41, 40, 40]
    assert [paper.is_inside(who) for who in range(3)] == [True, False, False]
    door.journal.close()
