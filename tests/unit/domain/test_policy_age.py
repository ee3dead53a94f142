"""How old the holder of a pass is, whose birth date is a hash: what a card beside it proves, and what it does not."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from kiosk.domain.birth import HiddenBirthDate, birth_hash
from kiosk.domain.credential import Credential, Format, Holder, Kind, Rejected, TrustBasis, Verdict, Verified
from kiosk.domain.decision import Admit
from kiosk.domain.events import ClockConfidence
from kiosk.domain.policy import AdmitRule, Policy, weigh
from kiosk.domain.policy_age import signed_birth_date
from kiosk.domain.policy_terms import MinorRule, Minors
from kiosk.domain.reasons import Reason
from kiosk.domain.situation import Direction, Situation

HERE = Situation(datetime(2026, 7, 3, 9, tzinfo=UTC), ClockConfidence.SYNCED)
ADULT, CHILD = "1990-08-15", "2018-03-04"


def a_pass(born=None, name="Trần Văn An", kind=Kind.VISIT):
    """Return a pass that hides the birth date in a hash, or has none."""
    hidden = HiddenBirthDate(b"7", birth_hash(b"7", born)) if born else None
    holder = Holder(name, hidden_birth_date=hidden)
    return Verified(Credential(Format.PASS, kind, "Desk", "7", holder, details={"zone": "*"}), "", TrustBasis("1", 0))


def card(born, name="Trần Văn An"):
    shown = Credential(Format.CCCD, Kind.IDENTITY, "VN", "001", Holder(name, birth_date=born))
    return Rejected(Verdict.UNSIGNED, (Reason.UNSIGNED_CARD,), Format.CCCD, shown)


def certificate(born):
    holder = Holder("Trần", "Văn An", born)
    return Verified(Credential(Format.HC1, Kind.RECOVERY, "VN", "c", holder), "", TrustBasis("1", 0))


def ask(*evidence, situation=HERE, minors=None, **rule):
    """Return 'admit' or the reasons."""
    policy = Policy("1", "lobby", (AdmitRule("r", frozenset({Kind.VISIT}), **rule),), minors=minors)
    decision, _ = weigh(policy, evidence, situation)
    return "admit" if isinstance(decision, Admit) else decision.reasons


FORGED = Rejected(Verdict.BAD_SIGNATURE, (Reason.SIGNATURE_INVALID,), Format.PASS, card(CHILD).credential)


@pytest.mark.parametrize(
    ("evidence", "answer"),
    [
        ([a_pass(ADULT)], (Reason.AGE_UNKNOWN,)),
        ([a_pass(ADULT), card(ADULT)], "admit"),
        ([a_pass(ADULT), certificate(ADULT)], "admit"),
        ([a_pass(CHILD), card(CHILD)], (Reason.TOO_YOUNG,)),
        # Another day than the hash stands for, or another's name: it says nothing of this person, either way.
        ([a_pass(CHILD), card(ADULT)], (Reason.AGE_UNKNOWN,)),
        ([a_pass(ADULT), card(CHILD)], (Reason.AGE_UNKNOWN,)),
        ([a_pass(ADULT), card(ADULT, "Lê Văn Bình")], (Reason.AGE_UNKNOWN,)),
        # No part of a date fits a hash: it makes nobody an adult.
        ([a_pass(ADULT), card("1990")], (Reason.AGE_UNKNOWN,)),
        ([a_pass(CHILD), card("2018")], (Reason.TOO_YOUNG,)),
        # A pass without a hash: a card proves nothing for it, and counts against it.
        ([a_pass(), card(ADULT)], (Reason.AGE_UNKNOWN,)),
        ([a_pass(), card(CHILD)], (Reason.TOO_YOUNG,)),
        ([a_pass(), card("")], (Reason.AGE_UNKNOWN,)),
        ([a_pass(), card(ADULT), card(CHILD)], (Reason.TOO_YOUNG,)),
    ],
)
def test_who_has_to_be_an_adult(evidence, answer):
    assert ask(*evidence, min_years=18) == answer
    assert ask(*reversed(evidence), min_years=18) == answer


def test_who_may_not_be_older():
    assert ask(a_pass(CHILD), card(CHILD), max_years=12) == "admit"
    assert ask(a_pass(ADULT), card(ADULT), max_years=12) == (Reason.GROUP_NOT_ALLOWED,)
    assert ask(a_pass(), card(CHILD), max_years=12) == (Reason.AGE_UNKNOWN,)


@pytest.mark.parametrize(
    ("evidence", "answer"),
    [
        ([a_pass(CHILD)], "admit"),
        ([a_pass(CHILD), card(CHILD)], (Reason.MINOR_ALONE,)),
        ([a_pass(ADULT), card(ADULT)], "admit"),
        ([a_pass(), card(CHILD)], (Reason.MINOR_ALONE,)),
        ([a_pass(), card(CHILD, "Lê Văn Bình")], "admit"),
        ([a_pass(ADULT), card(CHILD)], "admit"),
        ([a_pass(), FORGED], "admit"),
        ([a_pass(CHILD), certificate("2018")], (Reason.MINOR_ALONE,)),
    ],
)
def test_a_minor_by_any_document_is_a_minor(evidence, answer):
    minors = Minors(16, MinorRule.WITH_ADULT)
    assert ask(*evidence, minors=minors) == answer
    for eased in (replace(HERE, with_adult=True), replace(HERE, direction=Direction.EXIT)):
        assert ask(*evidence, minors=minors, situation=eased) == "admit"


def test_a_date_of_its_own_comes_first():
    own = certificate("1990").credential
    assert signed_birth_date(own, [card(ADULT)]) == "1990"
    twin = a_pass(ADULT)
    assert signed_birth_date(a_pass(ADULT).credential, [twin]) == ""
    assert signed_birth_date(a_pass(ADULT).credential, [twin, card(ADULT)]) == ADULT
