"""What has to be shown beside a credential, and what an unsigned one is worth."""

from dataclasses import replace

import pytest

from kiosk.domain.credential import Format, Holder, Kind
from kiosk.domain.decision import Admit, Deny, Need
from kiosk.domain.events import ClockConfidence
from kiosk.domain.reasons import Reason
from kiosk.domain.situation import FaceCheck
from kiosk.testing.policy_desk import BINH, HERE, decide, rule, shot, signed, unsigned, why


def test_certificate_and_citizen_card():
    both = rule(Kind.VACCINATION, identity_card=True)
    assert decide([shot()], both) == Need((Reason.IDENTITY_NEEDED,))
    assert decide([shot(), unsigned()], both) == Admit("rule")
    assert decide([shot(), unsigned(holder=BINH)], both) == Deny((Reason.IDENTITY_MISMATCH,))


def test_declaration_and_identity():
    both = rule(Kind.DECLARATION, identity_card=True)
    declared = signed(Kind.DECLARATION)
    assert decide([declared], both) == Need((Reason.IDENTITY_NEEDED,))
    assert decide([declared, unsigned()], both) == Admit("rule")


def test_pass_and_declaration():
    both = rule(declaration=True)
    assert decide([signed()], both) == Need((Reason.PASS_NEEDED,))
    assert decide([signed(), signed(Kind.DECLARATION)], both) == Admit("rule")
    assert decide([signed(), signed(Kind.DECLARATION, BINH)], both) == Deny((Reason.IDENTITY_MISMATCH,))
    personal = unsigned(Kind.DECLARATION, form=Format.PERSONAL_QR)
    assert decide([signed(), personal], both) == Need((Reason.PASS_NEEDED,))
    assert decide([signed(holder=Holder())], both) == Deny((Reason.HOLDER_NOT_NAMED,))


@pytest.mark.parametrize(
    ("face", "answer"),
    [
        (FaceCheck.UNAVAILABLE, Deny((Reason.FACE_UNAVAILABLE,), call_staff=True)),
        (FaceCheck.OPEN, Need((Reason.FACE_NEEDED,))),
        (FaceCheck.PASSED, Admit("rule")),
        (FaceCheck.FAILED, Deny((Reason.FACE_FAILED,), call_staff=True)),
    ],
)
def test_pass_and_face(face, answer):
    assert decide(signed(), rule(face=True), situation=replace(HERE, face=face)) == answer


def test_everything_that_is_missing_is_told_the_card_first():
    demanding = rule(identity_card=True, declaration=True, face=True)
    open_ = replace(HERE, face=FaceCheck.OPEN)
    assert decide(signed(), demanding, situation=open_) == Need(
        (Reason.IDENTITY_NEEDED, Reason.PASS_NEEDED, Reason.FACE_NEEDED)
    )


def test_nobody_is_sent_for_a_card_that_would_not_help():
    assert why(signed(zone="roof"), rule(identity_card=True)) == (Reason.ZONE_NOT_ALLOWED,)


def test_what_has_to_be_shown_as_well_is_another_piece():
    alone = rule(Kind.DECLARATION, declaration=True)
    declared = signed(Kind.DECLARATION)
    assert why(declared, alone) == (Reason.PASS_NEEDED,)
    assert why([declared, declared], alone) == (Reason.PASS_NEEDED,)
    assert why([declared, signed(Kind.DECLARATION, number="8")], alone) == "admit"
    assert why(unsigned(), rule(Kind.IDENTITY, identity_card=True, accept_unsigned=True)) == (Reason.IDENTITY_NEEDED,)


# unsigned documents


def test_an_unsigned_document_admits_only_where_the_venue_says_so_loudly():
    quiet, loud = rule(Kind.IDENTITY), rule(Kind.IDENTITY, accept_unsigned=True)
    assert decide(unsigned(), quiet) == Need((Reason.NOT_ENOUGH_ALONE, Reason.UNSIGNED_CARD))
    assert decide(unsigned(), loud) == Admit("rule")
    assert decide(unsigned(), loud, situation=replace(HERE, clock=ClockConfidence.UNSET)) == Need(
        (Reason.NOT_ENOUGH_ALONE, Reason.UNSIGNED_CARD)
    )
    assert decide(unsigned(), rule(Kind.IDENTITY, accept_unsigned=True, hours=())) == Deny((Reason.OUTSIDE_HOURS,))


def test_the_label_of_a_sample_is_nobodys():
    label = unsigned(Kind.SAMPLE, form=Format.TUBE)
    assert decide(label, rule(*Kind, accept_unsigned=True)) == Deny((Reason.UNSIGNED_CARD,))


def test_an_unsigned_declaration_with_a_card():
    loud = rule(Kind.DECLARATION, identity_card=True, accept_unsigned=True)
    declared = unsigned(Kind.DECLARATION, form=Format.PERSONAL_QR)
    assert decide([declared], loud) == Need((Reason.IDENTITY_NEEDED,))
    assert decide([declared, unsigned()], loud) == Admit("rule")
    assert decide([declared, unsigned(holder=BINH)], loud) == Deny((Reason.IDENTITY_MISMATCH,))
    beside = rule(declaration=True, accept_unsigned=True)
    assert decide([signed(), declared], beside) == Admit("rule")
    assert decide([signed(), unsigned()], beside) == Need((Reason.PASS_NEEDED,))
    another = unsigned(Kind.DECLARATION, BINH, Format.PERSONAL_QR)
    for pieces in ([signed(Kind.DECLARATION), another], [another, declared], [declared, another]):
        assert decide([signed(), *pieces], beside) == Admit("rule"), "one that fits is enough"
