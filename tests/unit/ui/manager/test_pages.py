"""Each page as its controls are used and the gate answers: what is asked, what is shown, where it leads."""

from datetime import UTC, date, datetime

import pytest

from kiosk.api.manager import (
    PERMITTED,
    AddMember,
    AnswerCalls,
    Dashboard,
    DoorNow,
    EndMember,
    Entries,
    ExportState,
    ExportTrace,
    ListEntries,
    ListRoster,
    LookedUp,
    LookUp,
    Ok,
    OpenDoor,
    Opened,
    RosterPage,
    SeeAlarms,
    SetMode,
    ShowDashboard,
    ShowDoor,
    ShowHealth,
    Traced,
    TraceVisits,
)
from kiosk.api.manager.door import AlarmNow, CallNow, LeafNow
from kiosk.api.manager.entries import Entry
from kiosk.api.manager.look_up import Visit
from kiosk.api.manager.roster import MemberLine
from kiosk.domain.door_io import Alarm, DoorState, Mode
from kiosk.domain.entry_kinds import EntryKind
from kiosk.domain.lines import Out
from kiosk.domain.look_up import LookUpReason
from kiosk.domain.situation import Direction
from kiosk.domain.staff import Refused, StaffRole
from kiosk.domain.staff_door import ModeReason, OpenReason
from ui.manager.blocks import Bars, Buttons, Fields, Figures, Notice, Rows
from ui.manager.page import Act
from ui.manager.pages import PAGES
from ui.manager.pages.calls import CallsPage
from ui.manager.pages.dashboard import DashboardPage
from ui.manager.pages.entries import EntriesPage, EntryPage
from ui.manager.pages.look_up import LookUpPage
from ui.manager.pages.menu import Menu
from ui.manager.pages.modes import ModePage, ModesPage
from ui.manager.pages.open_door import OpenDoorPage
from ui.manager.pages.roster import AddMemberPage, MemberPage, RosterListPage
from ui.manager.pages.trace import TracePage
from ui.manager.words import manager_words

WORDS = manager_words("en")
AT = datetime(2026, 11, 25, 8, 30, tzinfo=UTC)
DAY = date(2026, 11, 25)
DOOR = DoorNow(
    mode=Mode.NORMAL, direction=Direction.ENTRY, leaves=(LeafNow(relay=Out.RELAY, state=DoorState.LOCKED, open=False),)
)


def shown(page, kind):
    """Return the blocks of a kind that the page shows."""
    return [block for block in page.view(WORDS).blocks if isinstance(block, kind)]


def buttons(page):
    return {button.id: button for block in shown(page, Buttons) for button in block.items}


def after(page, *acts):
    """Return the page after controls were used, by id or (id, value); and what the last one led to."""
    turn = None
    for act in acts:
        turn = page.acted(Act(*((act,) if isinstance(act, str) else act)))
        page = turn.page
    return turn


def answered(page, reply):
    """Return the page after its own question was answered."""
    return page.answered(page.opened().asks[0], reply).page


# the menu


def test_the_menu_shows_each_role_its_pages_and_opens_no_other():
    names = {role: {page.NAME for page in PAGES if role in page.ROLES} for role in StaffRole}
    for role in StaffRole:
        (tiles,) = Menu(role).view(WORDS).blocks
        assert {tile.id for tile in tiles.items} == names[role]
    assert "look_up" in names[StaffRole.MANAGER]
    assert not {"look_up", "trace", "entries", "roster"} & names[StaffRole.TECHNICIAN]
    assert after(Menu(StaffRole.GUARD), "look_up").go == ""
    assert after(Menu(StaffRole.GUARD), "open_door").go == "open_door"


def test_whoever_finds_a_page_in_the_menu_may_ask_what_it_asks():
    for kind in PAGES:
        for role in kind.ROLES:
            for request in kind.begin(role).opened().asks:
                assert role in PERMITTED[type(request)], (kind.NAME, role, request)


# the day


def test_the_dashboard_asks_for_numbers_lights_and_the_door():
    assert [type(ask) for ask in DashboardPage().opened().asks] == [ShowDashboard, ShowHealth, ShowDoor]


@pytest.mark.parametrize(
    ("inside", "tone", "note"), [(50, "", "of 100"), (90, "care", "of 100"), (100, "bad", "full: 100")]
)
def test_a_house_that_fills_up_stands_out(inside, tone, note):
    day = Dashboard(day=DAY, inside=inside, limit=100, admitted=0, refused=0, needs_more=0, calls=0)
    (figures,) = shown(answered(DashboardPage(), day), Figures)
    assert (figures.items[0].value, figures.items[0].tone, figures.items[0].note) == (str(inside), tone, note)


def test_what_cannot_be_told_is_not_shown_as_nobody():
    day = Dashboard(day=DAY, admitted=0, refused=0, needs_more=0, calls=0)
    (figures,) = shown(answered(DashboardPage(), day), Figures)
    assert (figures.items[0].value, figures.items[0].note) == ("–", "cannot be told now")


def test_old_numbers_stay_and_are_called_old():
    day = Dashboard(day=DAY, inside=5, admitted=0, refused=0, needs_more=0, calls=0)
    page = answered(DashboardPage(), day)
    assert page.refused(ShowHealth(), Refused.FAILED, "").page == page
    page = page.refused(ShowDashboard(), Refused.FAILED, "").page
    assert shown(page, Notice)[0].tone == "care"
    assert DashboardPage().refused(ShowDashboard(), Refused.NOT_RECORDED, "") is None


def test_hours_and_reasons_are_charts():
    hours = tuple(3 if hour == 8 else 0 for hour in range(24))
    day = Dashboard(day=DAY, hours=hours, admitted=3, refused=0, needs_more=0, calls=0)
    standing, lying = shown(answered(DashboardPage(), day), Bars)
    assert (standing.upright, standing.items[8].text, lying.items) == (True, "3 people", ())


# calls, the door, its modes


def test_calls_are_answered_and_alarms_seen():
    busy = DOOR.model_copy(update={
        "calls": (
            CallNow(visit="", since_ns=1, reasons=("help_requested",), waits_s=125),
            CallNow(visit="v2", since_ns=1, reasons=("expired",), waits_s=59),
        ),
        "alarms": (AlarmNow(alarm=Alarm.DOOR_HELD, level=1, seen=False, since_ns=1),),
    })  # fmt: skip
    page = answered(CallsPage(), busy)
    calls, alarms = shown(page, Rows)
    assert (calls.items[0].detail, alarms.items[0].title) == ("Has asked for help", "Door stands open too long")
    assert [call.value for call in calls.items] == ["2 min", "59 s"]
    assert after(page, "come").asks == (AnswerCalls(),)
    assert page.answered(AnswerCalls(), DOOR).say == "calls.come_done"
    assert after(page, "seen").asks == (SeeAlarms(),)


def test_nobody_waits():
    page = answered(CallsPage(), DOOR)
    assert buttons(page) == {}
    assert [rows.empty for rows in shown(page, Rows)] == ["Nobody waits for staff.", "No alarm stands."]


def test_the_door_is_opened_with_a_reason_by_a_control_that_is_held():
    page = answered(OpenDoorPage(), DOOR)
    assert "open" not in buttons(page)
    assert after(page, "open").asks == ()
    page = after(page, "delivery", ("longer", "on")).page
    assert buttons(page)["open"].hold_s == 1
    assert "Delivery" in buttons(page)["open"].label
    asks = after(page, "open").asks
    assert asks == (OpenDoor(direction=Direction.ENTRY, reason=OpenReason.DELIVERY, longer=True),)
    page = page.answered(asks[0], Opened(visit="v1", ms=4200)).page
    assert shown(page, Notice)[0].text.startswith("It locks again after 5 s")
    assert after(page, "anew").page == answered(OpenDoorPage(), DOOR)


def test_only_a_lane_asks_which_way():
    lane = DOOR.model_copy(update={
        "leaves": (*DOOR.leaves, LeafNow(relay=Out.EXIT_RELAY, state=DoorState.LOCKED, open=None)),
    })  # fmt: skip
    one_way, both = answered(OpenDoorPage(), DOOR), answered(OpenDoorPage(), lane)
    assert [field.id for field in shown(after(one_way, "other").page, Fields)[0].items] == ["longer"]
    asks = after(both, "other", ("direction", "exit"), "open").asks
    assert asks == (OpenDoor(direction=Direction.EXIT, reason=OpenReason.OTHER),)


@pytest.mark.parametrize(
    ("role", "now", "offered"),
    [
        (StaffRole.MANAGER, Mode.NORMAL, {"lockdown", "free_passage", "maintenance"}),
        (StaffRole.GUARD, Mode.NORMAL, {"lockdown"}),
        (StaffRole.GUARD, Mode.LOCKDOWN, set()),
        (StaffRole.TECHNICIAN, Mode.MAINTENANCE, {"normal"}),
    ],
)
def test_each_role_is_offered_the_modes_that_it_may_ask_for(role, now, offered):
    page = answered(ModesPage.begin(role), DOOR.model_copy(update={"mode": now}))
    assert {row.id for row in shown(page, Rows)[0].items} == offered
    for mode in offered:
        assert after(page, mode).to == ModePage(Mode(mode))
    assert after(page, "out_of_order").to is None


def test_a_mode_is_set_with_a_reason_and_shown_then():
    page = ModePage(Mode.LOCKDOWN)
    assert after(page, "set").asks == ()
    asks = after(page, "incident", "set").asks
    assert asks == (SetMode(mode=Mode.LOCKDOWN, reason=ModeReason.INCIDENT),)
    turn = page.answered(asks[0], DOOR)
    assert (turn.go, turn.say) == ("back", "modes.done")


# what happened


ENTRY = Entry(seq=9, at=AT, type="visit.admitted", direction="entry", visit=True)


def test_entries_are_narrowed_turned_and_opened():
    page = answered(EntriesPage(), Entries(items=(ENTRY,), older=9))
    assert after(page, "older").asks == (ListEntries(before=9, limit=10),)
    assert after(page, "older", "newer").asks == (ListEntries(limit=10),)
    assert after(page, ("kind", "refused")).asks == (ListEntries(kind=EntryKind.REFUSED, limit=10),)
    assert after(page, ("day", "2026-11-25")).asks == (ListEntries(day=DAY, limit=10),)
    assert after(page, "9").to == EntryPage(ENTRY)


def test_a_list_that_was_asked_before_does_not_replace_the_one_that_is_wanted():
    page = EntriesPage()
    (first,) = page.opened().asks
    page = after(page, ("kind", "alarms")).page
    assert page.answered(first, Entries(items=(ENTRY,))).page.found is None


def test_from_an_admission_one_can_trace_and_from_nothing_else():
    assert after(EntryPage(ENTRY), "trace").to == TracePage(visits=(9,))
    refused = EntryPage(Entry(seq=8, at=AT, type="visit.denied", reason="expired"))
    assert "trace" not in buttons(refused)
    assert after(refused, "trace").to is None


@pytest.mark.parametrize(
    ("kind", "about", "said"),
    [
        ("staff.acted", "open", "Opened the door"),
        ("mode.changed", "lockdown", "Locked"),
        ("alarm.raised", "door_held", "Door stands open too long"),
        ("staff.signed_in", "guard", "Guard"),
        ("fault.raised", "camera_dark", WORDS["reason.camera_dark"]),
        ("document.changed", "lists-7", "lists-7"),
    ],
)
def test_what_an_entry_is_about_is_said_in_words_where_there_are_any(kind, about, said):
    page = answered(EntriesPage(), Entries(items=(Entry(seq=1, at=AT, type=kind, about=about),)))
    assert shown(page, Rows)[0].items[0].detail == said


def test_from_a_refusal_one_finds_the_others_with_its_reason():
    refused = EntryPage(Entry(seq=8, at=AT, type="visit.denied", reason="expired"))
    same = after(refused, "same_reason").to
    assert same.opened().asks == (ListEntries(reason="expired", limit=10),)
    assert shown(same, Rows)[0].title == WORDS["reason.expired"]
    assert after(same, "any_reason").asks == (ListEntries(limit=10),)
    assert "same_reason" not in buttons(EntryPage(ENTRY))


# who was here


def test_nobody_is_looked_up_without_a_reason():
    page = after(LookUpPage(), ("number", "0791"), "look_up")
    assert page.asks == ()
    assert not buttons(page.page)["look_up"].enabled
    asks = after(page.page, ("reason", "authority"), "look_up").asks
    assert asks == (LookUp(reason=LookUpReason.AUTHORITY, number="0791"),)


def test_a_name_needs_its_birth_date():
    page = after(LookUpPage(), ("way", "name"), ("name", "Ánh"), ("reason", "incident"), "look_up")
    assert page.asks == ()
    page = after(page.page, ("born", "1990-02-03"), "look_up")
    assert page.asks == (LookUp(reason=LookUpReason.INCIDENT, name="Ánh", born=date(1990, 2, 3)),)


def test_what_was_found_leads_to_a_trace_of_the_ways_in():
    page = after(LookUpPage(), ("number", "0791"), ("reason", "authority"), "look_up")
    visits = (Visit(seq=9, at=AT, direction="exit"), Visit(seq=7, at=AT, direction="entry"))
    found = page.page.answered(page.asks[0], LookedUp(visits=visits, days=21)).page
    assert after(found, "trace").to == TracePage(visits=(7,), reason=LookUpReason.AUTHORITY)
    assert after(found, "anew").page == LookUpPage()


def test_a_person_who_was_not_here_is_said_with_the_days():
    page = after(LookUpPage(), ("number", "0791"), ("reason", "authority"), "look_up")
    found = page.page.answered(page.asks[0], LookedUp(days=21)).page
    assert "21 days" in shown(found, Notice)[0].text


def test_an_answer_about_somebody_else_is_dropped():
    page = after(LookUpPage(), ("number", "0791"), ("reason", "authority"), "look_up")
    changed = after(page.page, ("number", "0792")).page
    assert changed.answered(page.asks[0], LookedUp(days=21)).page == changed


def test_what_is_typed_is_in_no_text_of_the_page():
    assert "0791" not in repr(after(LookUpPage(), ("number", "0791")).page)


def test_a_trace_is_asked_with_a_reason_and_written_for_the_authority():
    page = TracePage(visits=(7,))
    assert after(page, "trace").asks == ()
    asked = {"reason": LookUpReason.INCIDENT, "visits": (7,), "margin_min": 30}
    turn = after(page, ("reason", "incident"), ("margin", "30"), "trace")
    assert turn.asks == (TraceVisits(**asked),)
    found = turn.page.answered(turn.asks[0], Traced(count=0)).page
    export = after(found, "export")
    assert export.asks == (ExportTrace(**asked),)
    assert found.answered(export.asks[0], ExportState(state="running")).go == "export"


def test_without_visits_the_trace_says_where_to_find_them():
    assert set(buttons(TracePage())) == {"look_up", "entries"}
    assert after(TracePage(), "look_up").go == "look_up"


# who belongs here


MEMBER = MemberLine(person="staff-1", group="kitchen", today=True)


def test_the_roster_is_searched_turned_and_opened():
    page = answered(RosterListPage(), RosterPage(items=(MEMBER,), count=1, next="staff-1", source="local"))
    assert after(page, ("text", "kit")).asks == (ListRoster(text="kit", limit=10),)
    assert after(page, ("today", "on")).asks == (ListRoster(today=True, limit=10),)
    assert after(page, "older").asks == (ListRoster(after="staff-1", limit=10),)
    assert after(page, "member:staff-1").to == MemberPage(MEMBER, ours=True)
    assert after(page, "add").to == AddMemberPage()


def test_a_roster_of_the_centre_is_only_looked_at():
    page = answered(RosterListPage(), RosterPage(items=(MEMBER,), source="centre"))
    assert after(page, "add").to is None
    member = after(page, "member:staff-1").to
    assert buttons(member) == {}
    assert after(member, "end").asks == ()


def test_a_membership_is_ended_once():
    page = MemberPage(MEMBER, ours=True)
    assert buttons(page)["end"].hold_s == 1
    assert after(page, "end").asks == (EndMember(person="staff-1"),)
    turn = page.answered(EndMember(person="staff-1"), Ok())
    assert (turn.say, buttons(turn.page)) == ("roster.ended", {})


def test_a_member_is_added():
    page = after(AddMemberPage(), ("person", " staff-2 "), ("group", "kitchen"), ("begins", "2026-11-25"), "add")
    assert page.asks == (AddMember(person="staff-2", group="kitchen", begins=DAY),)
    turn = page.page.answered(page.asks[0], Ok())
    assert (turn.page, turn.say) == (AddMemberPage(group="kitchen"), "roster.added")


@pytest.mark.parametrize(
    ("acts", "wrong"),
    [
        ([("person", "Nguyễn Văn A"), "add"], "person"),
        ([("person", "a"), ("begins", "2026-11-25"), ("ends", "2026-11-24"), "add"], "ends"),
    ],
)
def test_a_member_that_cannot_be_is_said_at_its_field_and_not_asked(acts, wrong):
    turn = after(AddMemberPage(), *acts)
    assert turn.asks == ()
    fields = {field.id: field.error for field in shown(turn.page, Fields)[0].items}
    assert [name for name, error in fields.items() if error] == [wrong]
