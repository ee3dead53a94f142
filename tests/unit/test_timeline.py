"""The demonstration's timeline: what it says of parts, and what a second round of the morning expects."""

from kiosk.api.messages import Trace
from kiosk.demo.script import Visitor
from kiosk.demo.timeline import Timeline
from kiosk.domain.reasons import Reason

S = 1_000_000_000
START_NS = 100 * S


def seen(visit, at_s, step="seen", **more):
    frame_ns = round(START_NS + at_s * S)
    return Trace(step=step, at_ns=frame_ns, visit=visit, data={"frame_ns": frame_ns, "read_ns": frame_ns, **more})


def timeline(*visitors, repeat_s=0.0):
    said = []
    return Timeline(said.append, visitors, START_NS, repeat_s=repeat_s), said


def test_a_pass_for_one_entry_is_to_be_refused_in_every_later_round():
    once = Visitor("once", "code", "paper", "admit", at_s=1, hold_s=1, used_up=True)
    always = Visitor("always", "code", "paper", "admit", at_s=5, hold_s=1)
    line, _ = timeline(once, always, repeat_s=10)
    for at_s in (1, 5, 11, 15, 21):
        line.take(seen(f"v{at_s}", at_s))
    expected = [(visit.visitor.title, visit.visitor.outcome, visit.visitor.reason) for visit in line.visits.values()]
    refused = ("once", "deny", Reason.ENTRIES_USED)
    assert expected == [("once", "admit", None), ("always", "admit", None), refused, ("always", "admit", None), refused]


def test_who_shows_a_part_is_named_once_and_the_part_is_told():
    card = Visitor("card", "part one", "paper", "admit", at_s=1, hold_s=1, then=("part two",))
    line, said = timeline(card)
    line.take(seen("", 1, step="part", part=1, parts=2))
    line.take(seen("v1", 3))
    line.take(seen("v2", 3))
    assert [text.split()[2:] for text in said if "card" in text] == [["card", "(paper)"]] * 2, "a second visit is named"
    assert [text.split()[3:7] for text in said if " part " in text] == [["part", "1", "of", "2"]]


def test_the_length_of_a_visit_covers_all_its_codes():
    card = Visitor("card", "one", "paper", "admit", hold_s=1.5, then=("two", "three"))
    assert card.length_s == 3 * 1.5 + 2 * (card.step_s - 1.5)
