from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.api.messages import Hint, Page, Snapshot
from kiosk.api.sentences import catalogue, languages
from kiosk.domain.door_io import Alarm
from kiosk.domain.reasons import NextStep, Reason
from kiosk.domain.situation import Direction
from ui.choices import RESTING, Choices
from ui.icons import ICONS
from ui.said import MINUTE_MS, MOST_MINUTES, NEXT_MS
from ui.screen import Language
from ui.viewmodel import MS, AlarmStrip, Offer, Tone, look, starting

NOW = 50_000 * MS
HINTS = [hint for hint in get_args(Hint.model_fields["hint"].annotation) if hint]
VI = Choices("vi")
EN = Choices("en")


def refused(**fields):
    return Snapshot(page=Page.REFUSED, camera="ok", **fields)


def test_without_a_gate_the_entrance_is_out_of_order():
    screen = look(None, EN, NOW)
    assert (screen.page, screen.tone) == (Page.OUT_OF_ORDER, Tone.DARK)
    assert screen.title == "Use the other door or ask staff"
    assert screen.reason == "The gate is not answering"
    assert not screen.preview


def test_idle_shows_the_preview_only_while_the_camera_works():
    assert look(Snapshot(page=Page.IDLE, camera="ok"), VI, NOW).preview
    assert not look(Snapshot(page=Page.IDLE, camera="lost"), VI, NOW).preview
    assert not look(Snapshot(page=Page.ADMITTED, camera="ok"), VI, NOW).preview


def test_checking_is_said_only_after_300_ms():
    read = Snapshot(page=Page.QR_READ, since_ns=NOW)
    assert look(read, VI, NOW + 299 * MS).page is Page.QR_READ
    assert look(read, VI, NOW + 300 * MS).page is Page.CHECKING


def test_refused_says_why_and_what_to_do():
    screen = look(refused(reasons=("expired",), next_step="renew"), EN, NOW)
    assert (screen.tone, screen.icon) == (Tone.BAD, "octagon-cross")
    assert (screen.reason, screen.next_step) == (
        "This code has expired",
        "Get a new code, then come back",
    )
    assert screen.reason_code == "expired"


def test_need_looks_like_a_request_and_not_like_a_refusal():
    screen = look(refused(reasons=("not_enough_alone",), more=True), EN, NOW)
    assert (screen.tone, screen.icon, screen.title) == (Tone.CARE, "triangle", "One more thing, please")


def test_a_next_step_that_nobody_knows_gives_way_to_the_reasons_own():
    assert look(refused(reasons=("expired",), next_step="fly"), EN, NOW).next_step == ("Get a new code, then come back")


def test_an_unknown_reason_never_reaches_the_screen():
    screen = look(refused(reasons=("<b>Nguyen Van A</b>",)), EN, NOW)
    assert screen.reason == "The staff can tell you more"
    assert screen.next_step == "Please ask the staff"
    assert not screen.reason_code


def test_a_known_reason_behind_an_unknown_one_is_said():
    assert look(refused(reasons=("new_in_2031", "revoked")), EN, NOW).reason_code == "revoked"


def test_the_countdown_runs_from_one_to_nothing():
    snapshot = refused(since_ns=NOW, until_ns=NOW + 8000 * MS)
    assert look(snapshot, VI, NOW).countdown == 1
    assert look(snapshot, VI, NOW + 6000 * MS).countdown == 0.25
    assert look(snapshot, VI, NOW + 9000 * MS).countdown == 0
    assert look(refused(), VI, NOW).countdown == 0


def test_the_footer_offers_the_other_language_by_its_own_name():
    idle = Snapshot(page=Page.IDLE)
    assert look(idle, VI, NOW).footer.language == "English"
    assert look(idle, EN, NOW).footer.language == "Tiếng Việt"


def test_the_most_telling_trouble_is_the_status():
    def icon(**fields):
        status = look(Snapshot(page=Page.IDLE, **fields), VI, NOW).status
        return status and status.icon

    assert icon(camera="ok", link="up") is None
    assert icon(camera="ok", link="off") is None
    assert icon(camera="ok", link="down") == "cloud-off"
    assert icon(camera="ok", link="down", clock="unset") == "clock-alert"
    assert icon(camera="lost", link="down", clock="unset") == "camera"


@pytest.mark.parametrize("hint", HINTS)
@pytest.mark.parametrize("choices", [VI, EN], ids=["vi", "en"])
def test_a_hint_takes_the_place_of_the_idle_words_and_has_a_drawing(hint, choices):
    idle = look(Snapshot(page=Page.IDLE, camera="ok"), choices, NOW)
    screen = look(Snapshot(page=Page.IDLE, camera="ok", hint=hint, part=1, parts=3), choices, NOW)
    words = catalogue(choices.language)[f"hint.{hint}"]
    assert screen.title == words.format(part=1, parts=3) != idle.title
    assert (screen.hint, screen.reason_code, screen.preview) == ("", hint, True)
    assert (ICONS / f"{screen.guide}.svg").exists()
    assert idle.guide == ""


def test_a_hint_is_for_nobody_who_is_being_answered():
    for page in set(Page) - {Page.IDLE}:
        assert look(Snapshot(page=page, camera="ok", hint="closer"), EN, NOW).guide == ""


@pytest.mark.parametrize(
    "odd", [{"hint": "fly"}, {"hint": "next_part"}, {"hint": "next_part", "part": 3, "parts": 3}]
)
def test_a_hint_that_cannot_be_said_leaves_the_idle_words(odd):
    idle = Snapshot(page=Page.IDLE, camera="ok")
    assert look(idle.model_copy(update=odd), EN, NOW) == look(idle, EN, NOW)


def test_several_people_are_told_to_go_in_together():
    titles = [look(Snapshot(page=Page.ADMITTED, people=people), EN, NOW).title for people in (1, 2, 3)]
    one, two, three = (title.replace("\u00a0", " ") for title in titles)
    assert (one, two, three) == ("Please go in", "Please go in, 2 people", "Please go in, 3 people")
    assert "2" in look(Snapshot(page=Page.ADMITTED, people=2), VI, NOW).title


@pytest.mark.parametrize("camera", ["lost", "dark", "frozen"])
def test_where_a_scanner_reads_instead_of_the_camera_nobody_is_sent_to_the_camera(camera):
    screen = look(Snapshot(page=Page.IDLE, camera=camera, hint="closer"), EN, NOW)
    assert screen.title == catalogue("en")["page.idle_scanner"]
    assert (screen.aim, screen.preview, screen.guide) == (False, False, "")
    assert screen.status.text == catalogue("en")[f"page.camera_{camera}"]
    assert look(Snapshot(page=Page.IDLE, camera="starting"), EN, NOW).aim


@pytest.mark.parametrize("reason", ["camera_dark", "camera_frozen"])
def test_a_camera_that_shows_nothing_says_so(reason):
    screen = look(Snapshot(page=Page.OUT_OF_ORDER, reasons=(reason,), camera="dark"), EN, NOW)
    assert (screen.reason_code, screen.reason) == (reason, catalogue("en")[f"reason.{reason}"])


# the door


@pytest.mark.parametrize("choices", [VI, EN], ids=["vi", "en"])
@pytest.mark.parametrize(
    ("page", "tone"),
    [(Page.LOCKDOWN, Tone.DARK), (Page.MAINTENANCE, Tone.DARK), (Page.FREE_PASSAGE, Tone.GOOD), (Page.FIRE, Tone.GOOD)],
)
def test_a_door_that_asks_for_no_code_says_what_to_do_instead(page, tone, choices):
    screen = look(Snapshot(page=page, camera="ok"), choices, NOW)
    words = catalogue(choices.language)
    assert (screen.tone, screen.title, screen.hint) == (tone, words[f"page.{page}"], words[f"page.{page}_hint"])
    assert (ICONS / f"{screen.icon}.svg").exists()
    assert not screen.preview


def test_every_page_has_a_shape_of_its_own():
    shapes = [look(Snapshot(page=page, camera="ok"), EN, NOW).icon for page in Page]
    assert len(set(shapes)) == len(shapes)


def test_in_a_fire_people_are_sent_out_and_nobody_in():
    fire = look(Snapshot(page=Page.FIRE, reasons=("fire_alarm",), alarm=Alarm.DOOR_HELD, alarm_level=2), EN, NOW)
    assert fire.title == "Leave the building now"
    assert (fire.reason, fire.hint) == ("Fire alarm: the doors are open", "Do not go in")
    assert (fire.alarm, fire.status, fire.countdown) == (None, None, 0)


@pytest.mark.parametrize("choices", [VI, EN], ids=["vi", "en"])
def test_at_a_way_out_people_are_sent_out(choices):
    def words(page, **fields):
        both = [Snapshot(page=page, direction=way, camera="ok", **fields) for way in Direction]
        return [(screen.title, screen.hint) for screen in (look(one, choices, NOW) for one in both)]

    for page, fields in [(Page.ADMITTED, {}), (Page.ADMITTED, {"people": 2}), (Page.FREE_PASSAGE, {}), (Page.FIRE, {}),
                         (Page.REFUSED, {})]:  # fmt: skip
        entry, leaving = words(page, **fields)
        assert entry != leaving
    assert len(set(words(Page.IDLE))) == 1
    assert look(Snapshot(page=Page.ADMITTED, direction=Direction.EXIT), EN, NOW).title == "Please go out"


def test_who_did_not_go_through_is_asked_again_and_not_refused():
    screen = look(refused(reasons=("not_passed",), next_step="show_again"), EN, NOW)
    assert (screen.tone, screen.icon, screen.title) == (Tone.CARE, "hourglass", "The gate has locked again")
    assert (screen.reason, screen.next_step) == ("Nobody went through the gate", "Show your code again")


def test_more_time_is_asked_for_once_and_only_while_the_gate_is_open():
    def admitted(more_time, page=Page.ADMITTED):
        return look(Snapshot(page=page, more_time=more_time), EN, NOW)

    assert (admitted("offered").longer, admitted("offered").hint) == ("I need more time", "The gate is open")
    assert (admitted("given").longer, admitted("given").hint) == ("", "The gate stays open for longer")
    assert admitted("").longer == admitted("offered", Page.IDLE).longer == ""


def held(level, page=Page.IDLE, **fields):
    return look(Snapshot(page=page, camera="ok", alarm=Alarm.DOOR_HELD, alarm_level=level, **fields), EN, NOW).alarm


def test_an_alarm_says_what_people_at_the_door_can_do():
    assert held(1) == AlarmStrip("triangle", "Please close the door", urgent=False, confirmed=False)
    assert held(2) == AlarmStrip("octagon", "Urgent! Please close the door", urgent=True, confirmed=False)
    assert held(2, alarm_seen=True) == AlarmStrip("triangle", "Please close the door", urgent=False, confirmed=True)


def test_an_alarm_waits_while_somebody_is_answered():
    assert {page for page in Page if held(1, page)} == set(RESTING)


def test_an_alarm_without_words_is_not_shown():
    assert look(Snapshot(page=Page.IDLE, alarm=Alarm.PASSBACK, alarm_level=1), EN, NOW).alarm is None
    assert look(Snapshot(page=Page.IDLE), EN, NOW).alarm is None


def test_starting_is_calm():
    assert starting(EN).tone is Tone.CALM
    assert starting(EN).title == "Starting…"


SNAPSHOTS = st.builds(
    Snapshot,
    page=st.sampled_from(Page),
    visit=st.text(max_size=8),
    reasons=st.lists(st.sampled_from(list(Reason)) | st.text(max_size=20), max_size=4).map(tuple),
    next_step=st.sampled_from([*NextStep, ""]) | st.text(max_size=20),
    more=st.booleans(),
    since_ns=st.integers(0, 2**62),
    until_ns=st.integers(0, 2**62),
    camera=st.sampled_from(["ok", "starting", "lost", "dark", "frozen"]),
    hint=st.sampled_from([*HINTS, ""]) | st.text(max_size=20),
    part=st.integers(-1, 20),
    parts=st.integers(-1, 20),
    people=st.integers(-1, 12),
    link=st.sampled_from(["up", "down", "off"]),
    clock=st.sampled_from(["synced", "drifting", "unset"]),
)
CHOICES = st.builds(Choices, st.sampled_from(languages()), st.booleans(), st.booleans())


@given(st.none() | SNAPSHOTS, CHOICES, st.integers(0, 2**62))
def test_whatever_the_gate_says_the_screen_speaks_only_our_sentences(snapshot, choices, now):
    screen = look(snapshot, choices, now)
    words = catalogue(choices.language)
    ours = {*words.values(), ""}
    if snapshot is not None:
        ours |= {words["page.admitted_people"].format(people=snapshot.people)}
        ours |= {words["hint.next_part"].format(part=snapshot.part, parts=snapshot.parts)}
    said = {screen.title, screen.hint, screen.reason, screen.next_step, screen.status.text if screen.status else ""}
    assert said <= ours
    assert not any("{" in text for text in said), "a gap was left"
    assert screen.title
    assert 0 <= screen.countdown <= 1
    assert screen.choices == choices
    if screen.page is Page.REFUSED:
        assert screen.reason
        assert screen.next_step


@pytest.mark.parametrize(
    ("reason", "more", "tone", "icon"),
    [
        (Reason.EXPIRED, False, Tone.BAD, "octagon-cross"),
        (Reason.CAPACITY_REACHED, False, Tone.BAD, "hourglass"),
        (Reason.IDENTITY_NEEDED, True, Tone.CARE, "triangle"),
        (Reason.FACE_NEEDED, True, Tone.CARE, "camera"),
    ],
)
def test_what_only_takes_waiting_or_a_look_has_a_drawing_of_its_own(reason, more, tone, icon):
    screen = look(Snapshot(page=Page.REFUSED, reasons=(reason,), more=more), Choices("en"), 0)
    assert (screen.tone, screen.icon) == (tone, icon)


# the line before the door


def idle(**fields):
    return Snapshot(page=Page.IDLE, camera="ok", **fields)


def test_whoever_comes_after_an_admission_is_called_for_a_moment():
    waiting = idle(queue="next", present=True, since_ns=NOW)
    assert look(waiting, EN, NOW + (NEXT_MS - 1) * MS).title == "Next person, please"
    assert look(waiting, EN, NOW + (NEXT_MS - 1) * MS).hint == "Show your QR code"
    assert look(waiting, EN, NOW + NEXT_MS * MS).title == "Show your QR code"
    assert look(idle(queue="next", since_ns=NOW), EN, NOW).title == "Show your QR code"  # nobody is there


def test_where_it_is_full_people_wait_outside():
    assert look(idle(queue="full"), EN, NOW).title == "Please wait outside"


def test_how_to_hold_a_code_comes_before_the_line():
    assert look(idle(queue="full", hint="closer"), EN, NOW).title == "Hold the code closer"


# a face


def test_a_face_is_looked_for_with_one_hint_at_a_time():
    screen = look(Snapshot(page=Page.ALIGN, camera="ok", hint="closer"), EN, NOW)
    assert (screen.title, screen.hint, screen.preview) == ("Look at the camera", "Come closer", True)
    assert look(Snapshot(page=Page.ALIGN, camera="ok", hint="<b>"), EN, NOW).hint == "Hold still for a moment"


# staff


def staff(minutes=0, **fields):
    return Snapshot(page=Page.STAFF, since_ns=NOW - minutes * MINUTE_MS * MS, **fields)


@pytest.mark.parametrize(
    ("minutes", "calls", "hint", "waited"),
    [(0, 1, "Someone has been called", ""), (1, 2, "Staff has been called again", "Called 1 min ago"),
     (3, 4, "Nobody has come yet: try another door", "Called 3 min ago"),
     (600, 5, "Nobody has come yet: try another door", f"Called {MOST_MINUTES} min ago")],
)  # fmt: skip
def test_whoever_waits_for_staff_sees_for_how_long(minutes, calls, hint, waited):
    screen = look(staff(minutes, calls=calls, reasons=("help_requested",)), EN, NOW)
    assert (screen.hint, screen.waited) == (hint, waited)


def test_only_who_asked_for_help_may_say_that_it_is_over():
    assert look(staff(reasons=("help_requested",)), EN, NOW).help_over == "No more help needed"
    called_for = look(staff(reasons=("deny_listed",)), EN, NOW)
    assert (called_for.help_over, called_for.reason) == ("", "The staff would like to look at this code")


# more time


def test_time_that_somebody_asked_for_does_not_run_down_before_their_own():
    touched = refused(since_ns=NOW, until_ns=NOW + 23_000 * MS)
    assert look(touched, EN, NOW).countdown == 1
    assert look(touched, EN, NOW + 15_000 * MS).countdown == 1
    assert look(touched, EN, NOW + 19_000 * MS).countdown == 0.5


# what is offered


def test_with_two_languages_the_footer_has_the_other_and_with_three_the_way_to_a_list():
    three = Offer(("vi", "en", "fr"))
    assert look(idle(), EN, NOW).footer.language == "Tiếng Việt"
    assert look(idle(), EN, NOW, three).footer.language == "Language"
    assert look(idle(), EN, NOW, Offer(("en",))).footer.language == ""
    assert look(idle(), EN, NOW, three).languages == ()
    assert look(idle(), EN, NOW, three, choosing=True).languages == (
        Language("vi", "Tiếng Việt", chosen=False), Language("en", "English", chosen=True),
        Language("fr", "Français", chosen=False),
    )  # fmt: skip


def test_the_screen_is_read_out_only_where_there_is_a_voice():
    assert look(idle(), EN, NOW).footer.read_aloud == ""
    assert look(idle(), EN, NOW, Offer(voice=True)).footer.read_aloud == "Read it to me"
