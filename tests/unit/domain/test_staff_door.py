"""Who may have the door run in which way."""

import pytest

from kiosk.domain.door_io import Mode
from kiosk.domain.staff import StaffRole
from kiosk.domain.staff_door import may_set

N, L, F, M = Mode.NORMAL, Mode.LOCKDOWN, Mode.FREE_PASSAGE, Mode.MAINTENANCE


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (StaffRole.MANAGER, {(was, mode) for was in (N, L, F, M) for mode in (N, L, F, M)}),
        (StaffRole.GUARD, {(was, L) for was in (N, L, F, M)}),
        (StaffRole.TECHNICIAN, {(N, M), (M, N)}),
    ],
)
def test_each_role_has_its_modes(role, allowed):
    assert {(was, mode) for was in (N, L, F, M) for mode in Mode if may_set(role, mode, was)} == allowed
