"""The frame around the manager's pages: signing in, moving on, asking, and being signed out."""

import pytest

from kiosk.api.manager import Answer, Ask, DoorNow, Ok, ShowDoor, SignedIn, SignIn, SignOut, StillHere
from kiosk.domain.door_io import Mode
from kiosk.domain.situation import Direction
from kiosk.domain.staff import Refused, StaffRole
from ui.manager.controller import ANSWER_S, SAID_S, SIGN_IN_IDLE_S, STILL_HERE_S, Controller
from ui.manager.page import Act
from ui.manager.words import manager_words

S = 1_000_000_000
WORDS = manager_words("en")
PIN = "271828"
SESSION = "0f" * 16
DOOR = DoorNow(mode=Mode.NORMAL, direction=Direction.ENTRY, leaves=())


def typed(controller, digits, now=0):
    for digit in digits:
        controller, asks = controller.act(Act("digit", digit), now)
        assert asks == ()
    return controller


def asked():
    """Return a controller that has asked whether PIN is one of this kiosk, and the question."""
    controller, _ = Controller().enter(0)
    return typed(controller, PIN).act(Act("enter"), 0)


def signed_in(role=StaffRole.MANAGER, idle_s=90):
    controller, (ask,) = asked()
    reply = SignedIn(session=SESSION, role=role, name="desk", idle_s=idle_s)
    controller, _ = controller.answer(Answer(id=ask.id, reply=reply), 0)
    return controller


def frame(controller, now=0):
    return controller.frame(WORDS, now)


def test_the_corner_opens_the_pin_page_and_a_right_pin_the_menu():
    controller, (ask,) = asked()
    assert frame(controller).view.title == "PIN"
    assert ask == Ask(id=ask.id, session="", request=SignIn(pin=PIN))
    assert frame(signed_in()).page == "menu"
    assert frame(signed_in()).who == "Manager"


def test_nothing_is_shown_before_and_nothing_happens():
    nobody = Controller()
    assert frame(nobody) is None
    for outcome in (nobody.touch(0), nobody.act(Act("digit", "1"), 0), nobody.tick(0)):
        assert outcome == (nobody, ())


@pytest.mark.parametrize(
    ("left", "said"),
    [
        ("", "That PIN is not right."),
        ("0", "That PIN is not right. Please wait before the next one."),
        ("1", "That PIN is not right. One try left."),
        ("3", "That PIN is not right. 3 tries left."),
    ],
)
def test_a_wrong_pin_is_said_with_the_tries_that_are_left(left, said):
    controller, (ask,) = asked()
    controller, _ = controller.answer(Answer(id=ask.id, code=Refused.WRONG_PIN, detail=left), 0)
    (pad,) = frame(controller).view.blocks
    assert (pad.typed, pad.error, pad.enabled) == (0, said, True)


def test_after_too_many_the_seconds_run_and_no_digit_is_taken():
    controller, (ask,) = asked()
    controller, _ = controller.answer(Answer(id=ask.id, code=Refused.LOCKED_OUT, detail="2"), 0)
    controller = typed(controller, "1")
    (pad,) = frame(controller).view.blocks
    assert (pad.typed, pad.error) == (0, "Too many wrong PINs. Try again in 2 s.")
    for second in (1, 2):
        controller, _ = controller.tick(second * S)
    (pad,) = frame(controller, 2 * S).view.blocks
    assert (pad.error, pad.enabled) == ("", True)


def test_the_pin_is_in_no_text_of_the_state():
    controller, _ = Controller().enter(0)
    assert PIN not in repr(typed(controller, PIN))
    controller, asks = asked()
    assert PIN not in repr((controller, asks))


def test_leaving_signs_out_and_forgets_everything():
    controller, asks = signed_in().leave(5 * S)
    assert [ask.request for ask in asks] == [SignOut()]
    assert asks[0].session == SESSION
    assert controller.opened == ()
    assert controller.staff is None


def test_back_leads_from_the_pin_to_the_visitors():
    controller, _ = Controller().enter(0)
    assert frame(controller).back == "Cancel"
    controller, asks = controller.back(0)
    assert (frame(controller), asks) == (None, ())


def test_a_page_that_is_come_back_to_asks_anew_at_once():
    controller, asks = signed_in().act(Act("modes"), 0)
    controller, _ = controller.answer(Answer(id=asks[0].id, reply=DOOR), 0)
    controller, _ = controller.act(Act("lockdown"), S)
    assert frame(controller).page == "mode"
    controller, _ = controller.back(S)
    assert frame(controller).page == "modes"
    _, asks = controller.tick(2 * S)
    assert [ask.request for ask in asks] == [ShowDoor()]


def test_what_was_asked_on_a_page_that_is_left_is_not_answered_to_another():
    controller, asks = signed_in().act(Act("modes"), 0)
    controller, _ = controller.back(0)
    controller, _ = controller.act(Act("calls"), 0)
    assert controller.answer(Answer(id=asks[0].id, reply=DOOR), 0) == (controller, ())


def test_a_page_that_is_not_for_a_role_does_not_open():
    controller, asks = signed_in(StaffRole.GUARD).act(Act("look_up"), 0)
    assert (frame(controller).page, asks) == ("menu", ())


def test_a_page_waits_for_its_answer_before_it_asks_again():
    controller, _ = signed_in().act(Act("calls"), 0)
    controller, asks = controller.tick(5 * S)
    assert asks == ()


def test_a_refusal_that_a_page_does_not_take_is_said_for_a_while():
    controller, asks = signed_in().act(Act("entries"), 0)
    controller, _ = controller.answer(Answer(id=asks[0].id, code=Refused.NOT_RECORDED), S)
    assert frame(controller, S).said == "There is no room for the record, so nothing was done."
    assert not frame(controller, S).said_good
    controller, _ = controller.act(Act("kind", "staff"), 2 * S)
    assert frame(controller, 2 * S).said == ""


@pytest.mark.parametrize("page", ["entries", "look_up"])
def test_once_the_gate_is_back_whoever_was_signed_in_signs_in_again(page):
    controller, _ = signed_in().act(Act(page), 0)
    controller, _ = controller.gate(S, there=False)
    controller, asks = controller.gate(2 * S, there=True)
    assert (asks, controller.staff, len(controller.opened)) == ((), None, 1), "nothing of what was shown stays"
    assert frame(controller, 2 * S).page == "sign_in"
    assert frame(controller, 2 * S).said == WORDS["manager.refused.signed_out"]


def test_whoever_goes_away_is_signed_out_and_warned_before():
    controller = signed_in(idle_s=90)
    for second, left in ((74, 0), (75, 15), (80, 10), (89, 1)):
        controller, asks = controller.tick(second * S)
        assert (frame(controller, second * S).seconds_left, asks) == (left, ())
    controller, asks = controller.tick(90 * S)
    assert frame(controller) is None
    assert [ask.request for ask in asks] == [SignOut()]


def test_a_touch_stops_it_and_the_gate_hears_of_it():
    controller, asks = signed_in(idle_s=90).touch(80 * S)
    assert [ask.request for ask in asks] == [StillHere()]
    assert frame(controller, 80 * S).seconds_left == 0
    controller, asks = controller.touch((80 + STILL_HERE_S - 1) * S)
    assert asks == ()
    controller, _ = controller.tick(120 * S)
    assert controller.shown


def test_the_pin_page_does_not_stay_up_alone():
    controller, _ = Controller().enter(0)
    controller, _ = controller.tick(SIGN_IN_IDLE_S * S)
    assert not controller.shown


def test_a_session_that_the_gate_has_ended_begins_again():
    controller, (still,) = signed_in().touch(60 * S)
    controller, _ = controller.answer(Answer(id=still.id, code=Refused.SIGNED_OUT), 60 * S)
    assert frame(controller, 60 * S).page == "sign_in"
    assert frame(controller, 60 * S).said == "You have been signed out. Please sign in again."


def test_an_answer_that_does_not_come_is_said():
    controller, _ = asked()
    controller, _ = controller.tick((ANSWER_S - 1) * S)
    assert frame(controller, (ANSWER_S - 1) * S).said == ""
    assert frame(controller, (ANSWER_S - 1) * S).busy
    controller, _ = controller.tick(ANSWER_S * S)
    assert frame(controller, ANSWER_S * S).said == "The gate has not answered. Please try again."
    (pad,) = frame(controller).view.blocks
    assert pad.enabled
    controller, _ = controller.tick((ANSWER_S + SAID_S) * S)
    assert frame(controller, (ANSWER_S + SAID_S) * S).said == ""


def test_a_late_answer_is_dropped():
    controller, (ask,) = asked()
    controller, _ = controller.tick(ANSWER_S * S)
    reply = SignedIn(session=SESSION, role=StaffRole.GUARD, name="desk", idle_s=90)
    after, asks = controller.answer(Answer(id=ask.id, reply=reply), 11 * S)
    assert (after, asks) == (controller, ())


def test_without_a_gate_it_says_so_and_asks_nothing():
    controller, _ = Controller().enter(0)
    controller, _ = controller.gate(0, there=False)
    controller, asks = typed(controller, PIN).act(Act("enter"), 0)
    assert asks == ()
    assert frame(controller).said == WORDS["manager.frame.gate_gone"]
    controller, _ = controller.gate(0, there=True)
    assert frame(controller).said == ""
    _, asks = typed(controller, PIN).act(Act("enter"), 0)
    assert [ask.request for ask in asks] == [SignIn(pin=PIN)]


def test_an_answer_to_nobody_is_dropped():
    controller = signed_in()
    assert controller.answer(Answer(id=999, reply=Ok()), 0) == (controller, ())


@pytest.mark.parametrize("short", ["", "27182"])
def test_too_few_digits_are_not_asked(short):
    controller, _ = Controller().enter(0)
    _, asks = typed(controller, short).act(Act("enter"), 0)
    assert asks == ()
