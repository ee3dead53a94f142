"""What a form that was filled in at the kiosk is worth to the venue's policy."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from kiosk.domain.credential import Credential, Format, Holder, Kind, Rejected, Verdict
from kiosk.domain.decision import Admit, Deny
from kiosk.domain.events import ClockConfidence
from kiosk.domain.policy import Policy, weigh
from kiosk.domain.policy_terms import AdmitRule, Capacity
from kiosk.domain.reasons import NextStep, Reason, next_step
from kiosk.domain.situation import Situation

NOW = Situation(datetime(2026, 6, 1, 8, tzinfo=UTC), ClockConfidence.SYNCED, inside=0)
RULE = AdmitRule("declared here", frozenset({Kind.DECLARATION}), forms=frozenset({"health"}))
POLICY = Policy("1", "main", (RULE,))


def filled(*, form="health", clear=True):
    details = {"form": form, "clear": clear}
    credential = Credential(
        Format.FORM, Kind.DECLARATION, credential_id="form-1", holder=Holder("Nguyễn Thị Ánh", birth_date="1990-05-06"),
        details=details,
    )  # fmt: skip
    return Rejected(Verdict.UNSIGNED, (Reason.UNSIGNED_CARD,), Format.FORM, credential)


def decide(policy=POLICY, found=None, situation=NOW):
    return weigh(policy, (found or filled(),), situation)[0]


def test_a_rule_that_names_the_form_lets_in_by_it():
    assert decide() == Admit("declared here")


def test_answers_that_staff_has_to_see_let_nobody_in():
    assert decide(found=filled(clear=False)) == Deny((Reason.ANSWERS_NEED_STAFF,), call_staff=True)
    cautious = replace(POLICY, staff_when_unsure=False)
    assert decide(cautious, filled(clear=False)) == Deny((Reason.ANSWERS_NEED_STAFF,), call_staff=True)
    assert next_step(Reason.ANSWERS_NEED_STAFF) is NextStep.WAIT_FOR_STAFF


@pytest.mark.parametrize(
    "rule",
    [
        replace(RULE, forms=frozenset()),
        replace(RULE, forms=frozenset({"another"})),
        replace(RULE, forms=frozenset(), accept_unsigned=True),
        replace(RULE, kinds=frozenset({Kind.VISIT})),
        replace(RULE, formats=frozenset({Format.PASS})),
    ],
)
def test_a_form_that_no_rule_names_goes_to_staff(rule):
    policy = replace(POLICY, admit=(rule,))
    assert decide(policy) == Deny((Reason.NOT_ENOUGH_ALONE,), call_staff=True)
    assert decide(replace(policy, staff_when_unsure=False)) == Deny((Reason.NOT_ENOUGH_ALONE,))


def test_what_else_the_rule_asks_for_holds_for_a_form_as_well():
    assert decide(replace(POLICY, admit=(replace(RULE, min_years=50),))) == Deny((Reason.TOO_YOUNG,))
    full = replace(POLICY, capacity=Capacity(10))
    assert decide(full, situation=replace(NOW, inside=10)) == Deny((Reason.CAPACITY_REACHED,))


def test_without_a_clock_nobody_is_let_in_by_a_form():
    assert decide(situation=replace(NOW, clock=ClockConfidence.UNSET)) == Deny((Reason.CLOCK_UNSET,), call_staff=True)


def test_naming_a_form_believes_no_other_unsigned_declaration():
    card = filled()
    code = Rejected(
        Verdict.UNSIGNED, card.reasons, Format.PERSONAL_QR, replace(card.credential, format=Format.PERSONAL_QR)
    )  # fmt: skip
    assert not isinstance(decide(found=code), Admit)
