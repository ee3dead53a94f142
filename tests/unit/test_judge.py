"""What the door makes of the codes of one visit, beside letting somebody in."""

import pytest

from kiosk.app.judge import needs_longer
from kiosk.domain.credential import Credential, Format, Kind, Rejected, TrustBasis, Verdict, Verified
from kiosk.domain.reasons import Reason

REJECTED = Rejected(Verdict.EXPIRED, (Reason.EXPIRED,))


def a_pass(**details):
    return Verified(Credential(Format.PASS, Kind.VISIT, "Hotel A", details=details), "00", TrustBasis("1", 0))


@pytest.mark.parametrize(
    ("evidence", "longer"),
    [
        ([], False),
        ([a_pass()], False),
        ([a_pass(group="pupils")], False),
        ([a_pass(group="wheelchair")], True),
        ([a_pass(), a_pass(group="wheelchair")], True),
        ([REJECTED], False),
    ],
)
def test_the_gate_stays_open_for_longer_for_the_groups_of_the_settings(evidence, longer):
    assert needs_longer(evidence, ("wheelchair", "pram")) is longer
    assert not needs_longer(evidence, ())
