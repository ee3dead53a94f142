"""Looking after the door at the touchscreen: health, self-test, the camera's aim, PINs."""

from kiosk.api.manager import (
    BeginWalk,
    ChangeOwnPin,
    EndWalk,
    Health,
    Inputs,
    ListPins,
    Ok,
    OutTried,
    Pins,
    RemovePin,
    SetPin,
    ShowHealth,
    ShowInputs,
    TryOut,
)
from kiosk.api.manager.aim import AimRead, AimShown, HintCount
from kiosk.api.manager.health import Light
from kiosk.api.manager.pins import PinOf
from kiosk.api.manager.test import InputNow
from kiosk.domain.health import Part, State
from kiosk.domain.lines import Out, Sense
from kiosk.domain.self_test import Tried
from kiosk.domain.staff import Refused, StaffRole
from ui.manager.blocks import Buttons, Fields, Figures, Notice, Picture, Rows
from ui.manager.page import Act
from ui.manager.pages.camera_aim import CameraAimPage
from ui.manager.pages.health import HealthPage
from ui.manager.pages.pins import EditPin, PinsPage
from ui.manager.pages.pins_own import OwnPin
from ui.manager.pages.self_test import SelfTestPage
from ui.manager.words import manager_words

WORDS, VIETNAMESE = manager_words("en"), manager_words("vi")
PIN = "271828"


def blocks(page, kind, words=WORDS):
    return [block for block in page.view(words).blocks if isinstance(block, kind)]


def said(page):
    return [notice.text for notice in blocks(page, Notice)]


def errors(page):
    return {one.id for block in blocks(page, Fields) for one in block.items if one.error}


def buttons(page):
    return {one.id: one for block in blocks(page, Buttons) for one in block.items}


# health


def health(*lights):
    turn = HealthPage().opened()
    assert turn.asks == (ShowHealth(),)
    return turn.page.answered(turn.asks[0], Health(lights=lights)).page


def test_what_is_wrong_stands_first_with_what_to_do():
    page = health(
        Light(part=Part.CAMERA, state=State.BAD, code="camera_lost"),
        Light(part=Part.LINK, state=State.CARE, code="link_down", figures={"waiting": 214}),
        Light(part=Part.DOOR, state=State.GOOD, code="door_ok"),
    )
    assert said(page) == [WORDS["manager.health.some_bad"]]
    wrong, well = blocks(page, Rows)
    assert [(row.title, row.tone) for row in wrong.items] == [("Camera", "bad"), ("Centre", "care")]
    assert wrong.items[1].detail.endswith(" · 214 waiting")
    assert wrong.items[0].detail == WORDS["manager.health.camera_lost"]
    assert [row.title for row in well.items] == ["Door"]


def test_where_all_is_well_it_says_so():
    assert said(health(Light(part=Part.DOOR, state=State.GOOD, code="door_ok"))) == [WORDS["manager.health.all_well"]]


def test_a_code_that_the_screen_does_not_know_leads_to_the_installer():
    (rows,) = blocks(health(Light(part=Part.DOOR, state=State.CARE, code="quite_new")), Rows)
    assert rows.items[0].detail == WORDS["manager.health.unknown_code"]


# the self-test


def inputs(*moved, since=1, maintenance=False, **chatters):
    lines = tuple(
        InputNow(sense=sense, active=False, moved=count, chatters=sense.value in chatters)
        for sense, count in zip((Sense.CONTACT, Sense.EXIT_BUTTON), moved, strict=True)
    )
    return Inputs(since_ns=since, inputs=lines, outs=(Out.RELAY, Out.BUZZER), maintenance=maintenance)


def walk(reply, page=None):
    return (page or SelfTestPage()).answered(ShowInputs(), reply).page


def test_the_walk_asks_for_one_input_after_the_other_and_ticks_it_off():
    assert walk(inputs(0, 0, since=0)).acted(Act("begin")).asks == (BeginWalk(),)
    assert said(walk(inputs(0, 0)))[0] == WORDS["manager.self_test.move_contact"]
    page = walk(inputs(2, 1))
    assert said(page)[0] == WORDS["manager.self_test.move_exit_button"]
    assert [row.tone for row in blocks(page, Rows)[0].items] == ["good", "care"]
    assert said(walk(inputs(2, 4)))[0] == WORDS["manager.self_test.end_now"]


def test_the_end_is_recorded_and_says_what_has_not_moved():
    turn = walk(inputs(2, 0)).acted(Act("end"))
    assert turn.asks == (EndWalk(),)
    assert said(turn.page)[0] == WORDS["manager.self_test.not_all"].format(count=1)
    assert turn.page.ticked().asks == ()
    assert said(walk(inputs(2, 2), turn.page))[0] == WORDS["manager.self_test.all_moved"]
    assert not turn.page.refused(EndWalk(), Refused.NOT_RECORDED, "").page.ended


def test_why_a_relay_is_not_tried_is_said():
    page = walk(inputs(0, 0, maintenance=True)).refused(TryOut(out=Out.RELAY), Refused.NOT_NOW, "fire_alarm").page
    assert said(page)[0] == WORDS["manager.self_test.not_now_fire_alarm"]
    page = page.refused(TryOut(out=Out.RELAY), Refused.NOT_NOW, "maintenance").page
    assert said(page)[0] == WORDS["manager.refused.not_now"]


def test_an_input_that_chatters_is_never_ticked_off():
    page = walk(inputs(9, 2, contact=True))
    assert said(page)[0] == WORDS["manager.self_test.move_contact"]
    assert blocks(page, Rows)[0].items[0].tone == "bad"


def test_relays_wait_for_maintenance_and_lamps_do_not():
    assert not buttons(walk(inputs(0, 0)))["relay"].enabled
    page = walk(inputs(0, 0, maintenance=True))
    assert buttons(page)["relay"].enabled
    assert page.acted(Act("relay")).asks == (TryOut(out=Out.RELAY),)
    assert page.acted(Act("lamp_red")).asks == ()
    tried = page.answered(TryOut(out=Out.RELAY), OutTried(out=Out.RELAY, result=Tried.NO_FEEDBACK)).page
    assert blocks(tried, Rows)[-1].items[0].tone == "bad"


# the camera


def aim(**figures):
    shown = AimShown(**{"camera": "ok", "fps": 30, "light": 130.0, **figures})
    return CameraAimPage().answered(AimRead(), shown).page


def test_aiming_asks_every_second_and_says_how_it_reads():
    assert CameraAimPage().ticked().asks == (AimRead(),)
    page = aim(read_fps=12.5)
    assert said(page) == ["The code is being read, 12.5 times a second."]
    assert "12,5" in blocks(page, Notice, VIETNAMESE)[0].text
    assert blocks(page, Picture)


def test_what_would_help_is_said_while_nothing_is_read():
    assert said(aim(hint="closer")) == [WORDS["hint.closer"]]
    assert said(aim()) == [WORDS["manager.camera_aim.hold_up"]]
    assert said(aim(camera="lost", hint="closer")) == [WORDS["manager.camera_aim.camera_lost"]]


def test_light_and_time_stand_out_where_they_are_not_well():
    (figures,) = blocks(aim(light=20.0, decode_ms=80.0), Figures)
    assert [one.tone for one in figures.items] == ["", "", "", "care", "care"]
    (figures,) = blocks(aim(light=130.0, decode_ms=8.0), Figures)
    assert [one.tone for one in figures.items] == ["", "", "", "", "good"]


def test_hints_are_counted():
    (rows,) = blocks(aim(hints=(HintCount(hint="tilt", count=3),)), Rows)
    assert [(row.title, row.value) for row in rows.items] == [("Glare", "3 ×")]


# PINs


def test_pins_are_listed_and_opened():
    page = PinsPage().answered(ListPins(), Pins(pins=(PinOf(name="desk", role=StaffRole.MANAGER),))).page
    assert page.acted(Act("desk")).to == EditPin("desk", StaffRole.MANAGER, known=True)
    assert page.acted(Act("add")).to == EditPin()
    assert page.acted(Act("own")).to == OwnPin()
    assert page.acted(Act("nobody")).to is None


def typed(page, **values):
    for name, value in values.items():
        page = page.acted(Act(name, value)).page
    return page


def test_a_new_pin_is_typed_twice_and_has_a_name():
    assert errors(typed(EditPin(), name="guard-2", pin=PIN, again="1").acted(Act("store")).page) == {"again"}
    assert errors(typed(EditPin(), name="Bảo vệ", pin=PIN, again=PIN).acted(Act("store")).page) == {"name"}
    assert errors(typed(EditPin(), name="guard-2", pin="12", again="12").acted(Act("store")).page) == {"pin"}
    turn = typed(EditPin(), name="guard-2", role="guard", pin=PIN, again=PIN).acted(Act("store"))
    assert turn.asks == (SetPin(name="guard-2", role=StaffRole.GUARD, pin=PIN),)
    stored = turn.page.answered(turn.asks[0], Pins(pins=()))
    assert (stored.go, stored.say, stored.page.pin, stored.page.again) == ("back", "pins.stored", "", "")


def test_a_pin_that_the_gate_does_not_take_is_said_at_its_field_and_forgotten():
    turn = typed(EditPin(), name="guard-2", pin="123456", again="123456").acted(Act("store"))
    refused = turn.page.refused(turn.asks[0], Refused.INVALID, "pin").page
    assert errors(refused) == {"pin"}
    assert (refused.pin, refused.again) == ("", "")
    not_permitted = turn.page.refused(turn.asks[0], Refused.NOT_PERMITTED, "").page
    assert said(not_permitted) == [WORDS["manager.refused.not_permitted"]]


def test_what_the_gate_says_of_a_pin_is_said_in_the_words_of_the_page():
    turn = typed(EditPin("desk", StaffRole.MANAGER, known=True), pin="112233", again="112233").acted(Act("store"))
    trivial = turn.page.refused(turn.asks[0], Refused.INVALID, "pin_trivial").page
    assert errors(trivial) == {"pin"}
    last = turn.page.refused(RemovePin(name="desk"), Refused.INVALID, "last_manager").page
    assert said(last) == [WORDS["manager.pins.invalid_last_manager"]]
    soon = turn.page.refused(turn.asks[0], Refused.BUSY, "7").page
    assert said(soon) == [WORDS["manager.pins.busy"].format(detail=7)]
    assert errors(OwnPin().refused(turn.asks[0], Refused.INVALID, "pin_trivial").page) == {"new"}


def test_the_name_of_a_pin_stays_and_the_pin_can_be_taken_away():
    page = EditPin("desk", StaffRole.MANAGER, known=True)
    assert page.acted(Act("name", "other")).page.name == "desk"
    assert page.acted(Act("remove")).asks == (RemovePin(name="desk"),)
    assert EditPin().acted(Act("remove")).asks == ()


def test_ones_own_pin_needs_the_one_before():
    turn = typed(OwnPin(), pin="314159", new=PIN, again=PIN).acted(Act("store"))
    assert turn.asks == (ChangeOwnPin(pin="314159", new=PIN),)
    assert turn.page.answered(turn.asks[0], Ok()).page == OwnPin()
    assert errors(turn.page.refused(turn.asks[0], Refused.WRONG_PIN, "2").page) == {"pin"}
    assert errors(turn.page.refused(turn.asks[0], Refused.INVALID, "new").page) == {"new"}


def test_no_digit_of_a_pin_is_in_what_a_page_prints():
    for page in (EditPin(pin=PIN, again=PIN), OwnPin(pin=PIN, new=PIN, again=PIN)):
        assert PIN not in repr(page)
