"""What becomes of a form at the gate: checked again, put on record, judged; personal fields only sealed."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.api.messages import FormFilled, FormTaken, Page, Role
from kiosk.domain.credential import Kind
from kiosk.domain.decision import Deny
from kiosk.domain.events import EventType
from kiosk.domain.policy import weigh
from kiosk.domain.policy_terms import AdmitRule
from kiosk.domain.reasons import Reason
from kiosk.form_file import load_forms
from kiosk.testing.gatehouse import POLICY, Gatehouse, a_pass
from kiosk.verify import replay

FORMS = load_forms(
    Path(__file__).resolve().parents[2] / "firmware_config" / "forms", ("health-declaration.toml", "check-in.toml")
)
RULE = AdmitRule("declared here", frozenset({Kind.DECLARATION}), forms=frozenset({"health-declaration"}))
WELL = {
    "name": ("Nguyễn Thị Ánh",), "birth_date": ("1990-05-06",), "phone": ("0912 345 678",), "symptoms": ("none",),
    "contact": ("no",), "travelled": ("no",),
}  # fmt: skip
CHECK_IN = {"room": ("302",), "name": ("Nguyễn Thị Ánh",), "temperature": ("36,8",), "symptoms": ("none",)}


@pytest.fixture
def door():
    house = Gatehouse()
    house.shell.forms.forms, house.shell.forms.kept = FORMS, True
    house.shell.take_policy(replace(POLICY, admit=(*POLICY.admit, RULE)))
    house.wait(0)
    return house


def filled(answers=WELL, form="health-declaration", version="1", number=1):
    return FormFilled(id=number, form=form, version=version, language="vi", answers=answers)


def send(door, message, role=Role.UI):
    async def say():
        peer = door.screen if role is Role.UI else door.join(role)
        await door.shell.received(peer, message, None)
        await door.settle()

    asyncio.run(say())
    return [said for said in door.screen.sent if isinstance(said, FormTaken)]


def test_a_declaration_is_put_on_record_and_lets_in(door):
    assert send(door, filled()) == [FormTaken(id=1)]
    assert door.kinds()[:2] == [EventType.DECLARATION_MADE, EventType.VISIT_ADMITTED]
    declared, admitted = door.journal.events[:2]
    assert declared.visit == admitted.visit
    assert declared.data == {
        "form": "health-declaration", "version": "1", "purpose": "declaration", "language": "vi", "clear": True,
        "kept": True,
    }  # fmt: skip
    assert declared.sealed
    assert admitted.data["rule"] == "declared here"
    assert door.relay.told
    assert door.pages()[-1] is Page.ADMITTED


def test_nothing_that_was_written_is_on_record_in_clear(door):
    send(door, filled())
    said = repr([event.data for event in door.journal.events])
    for answer in ("Nguyễn", "1990", "912345678", "none"):
        assert answer not in said


def test_the_decision_on_a_form_can_be_made_again_without_a_name(door):
    send(door, filled({**WELL, "symptoms": ("fever",)}))
    inputs = replay.decode(door.journal.kept[2])
    assert inputs.exact
    decision, _ = weigh(door.shell.policy, inputs.evidence, inputs.situation)
    assert decision == Deny((Reason.ANSWERS_NEED_STAFF,), call_staff=True)
    assert "Nguyễn" not in door.journal.kept[2].decode()


def test_without_an_authority_nothing_of_it_is_kept(door):
    door.shell.forms.kept = False
    send(door, filled())
    assert door.journal.events[0].sealed == ""
    assert door.journal.events[0].data["kept"] is False


def test_symptoms_call_staff_and_open_nothing(door):
    send(door, filled({**WELL, "symptoms": ("fever",)}))
    assert door.kinds() == [EventType.DECLARATION_MADE, EventType.VISIT_DENIED, EventType.STAFF_CALLED]
    assert door.journal.events[0].data["clear"] is False
    assert door.journal.events[1].data["reasons"] == ["answers_need_staff"]
    assert door.relay.told == []
    assert door.pages()[-1] is Page.STAFF


def test_a_form_that_the_policy_does_not_name_goes_to_staff(door):
    door.shell.take_policy(POLICY)
    send(door, filled())
    assert door.pages()[-1] is Page.STAFF
    assert door.relay.told == []


def test_a_check_in_ends_with_a_receipt_and_opens_nothing(door):
    (taken,) = send(door, filled(CHECK_IN, form="check-in"))
    assert door.kinds() == [EventType.DECLARATION_MADE]
    assert door.journal.events[0].visit.upper().endswith(taken.receipt)
    assert len(taken.receipt) == 6
    assert door.relay.told == []


@pytest.mark.parametrize(
    ("message", "code", "question", "problem"),
    [
        (filled({**WELL, "phone": ("12",)}), "invalid", "phone", "no_phone"),
        (filled({**WELL, "name": ("a\u202eb",)}), "invalid", "name", "no_text"),
        (filled({}), "invalid", "name", "missing"),
        (filled(form="another"), "not_offered", "", ""),
        (filled(version="0"), "not_offered", "", ""),
    ],
)
def test_what_the_screen_sends_is_checked_again(door, message, code, question, problem):
    (taken,) = send(door, message)
    assert (taken.code, taken.question, taken.problem) == (code, question, problem)
    assert door.journal.events == []
    assert door.relay.told == []


def test_without_a_record_nothing_is_done(door):
    door.journal.broken = True
    (taken,) = send(door, filled())
    assert taken.code == "not_recorded"
    assert door.relay.told == []


def test_while_somebody_is_answered_a_declaration_waits(door):
    async def meanwhile():
        await door.show(a_pass())
        await door.settle()
        await door.shell.received(door.screen, filled(), None)

    asyncio.run(meanwhile())
    assert [said.code for said in door.screen.sent if isinstance(said, FormTaken)] == ["not_now"]
    assert EventType.DECLARATION_MADE not in door.kinds()


def test_whoever_is_answered_while_a_declaration_is_put_on_record_keeps_their_answer(door):
    idle = door.shell.gate
    asyncio.run(door.show(a_pass()))
    serving = door.shell.gate
    found = iter([idle, serving])
    door.shell.forms.gate = lambda: next(found)
    (taken,) = send(door, filled())
    assert taken.code == "not_now"
    assert [event.visit for event in door.journal.events if event.type is EventType.VISIT_ADMITTED] == ["scan-1"]


def test_only_the_screen_can_send_one(door):
    for role in (Role.VISION, Role.BRIDGE, Role.MONITOR):
        assert send(door, filled(), role) == []
    assert door.journal.events == []
