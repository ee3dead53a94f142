"""Which PINs are refused as too easy, and who may have one or change whose."""

import pytest

from kiosk.domain.staff import Refused, RefusedError, Staff, StaffRole
from kiosk.domain.staff_pins import MAX_PINS, is_trivial, may_change, removed, with_pin

GUARD, MANAGER, TECHNICIAN = (Staff(role, role.value) for role in StaffRole)
GOOD = "135792"


def why(call, *args):
    with pytest.raises(RefusedError) as caught:
        call(*args)
    return caught.value.code, caught.value.detail


@pytest.mark.parametrize(
    "pin",
    [
        "000000", "777777777", "121121", "112122", "31121990", "123456", "654321", "890123", "246802", "123123",
        "12341234", "1231231", "010190", "311299", "123199", "991231", "01011990", "12311990", "19901231", "20240229",
    ],
)  # fmt: skip
def test_what_everybody_tries_first_is_refused(pin):
    assert is_trivial(pin)


@pytest.mark.parametrize(
    "pin", ["135792", "113132", "908172", "472905", "320199", "19902931", "18901231", "12345679", "1234563"]
)
def test_other_pins_are_taken(pin):
    assert not is_trivial(pin)


@pytest.mark.parametrize(
    ("name", "pin", "detail"),
    [
        ("office", "13579", "pin"), ("office", "1357924680135", "pin"), ("office", "13579a", "pin"),
        ("office", "\uff11\uff13\uff15\uff17\uff19\uff12", "pin"), ("office", "123456", "pin_trivial"),
        ("Nguyễn", GOOD, "name"), ("", GOOD, "name"), ("x" * 33, GOOD, "name"),
    ],
)  # fmt: skip
def test_a_pin_has_6_to_12_digits_and_a_code_for_its_name(name, pin, detail):
    assert why(with_pin, (), Staff(StaffRole.MANAGER, name), pin) == (Refused.INVALID, detail)


def test_the_longest_pin_is_taken():
    assert with_pin((), MANAGER, "135792468013") == (MANAGER,)


def test_who_has_a_pin_is_kept_by_name_and_a_new_pin_keeps_the_role():
    both = with_pin((MANAGER,), GUARD, GOOD)
    assert both == (GUARD, MANAGER)
    assert with_pin(both, GUARD, GOOD) == both
    assert why(with_pin, both, Staff(StaffRole.MANAGER, GUARD.name), GOOD) == (Refused.INVALID, "role")


def test_there_are_no_more_pins_than_a_door_needs():
    full = tuple(Staff(StaffRole.GUARD, f"g{number:02}") for number in range(MAX_PINS))
    assert why(with_pin, full, MANAGER, GOOD) == (Refused.INVALID, "too_many")
    assert with_pin(full, full[3], GOOD) == full


def test_a_pin_can_be_removed_but_the_last_managers():
    assert removed((GUARD, MANAGER), GUARD.name) == (MANAGER,)
    assert why(removed, (GUARD, MANAGER), MANAGER.name) == (Refused.INVALID, "last_manager")
    assert why(removed, (GUARD,), "nobody") == (Refused.NOT_FOUND, "name")
    assert removed((GUARD,), GUARD.name) == ()


def test_a_technician_changes_technicians_and_the_first_manager_only():
    everybody = (GUARD, MANAGER, TECHNICIAN)
    assert [may_change(MANAGER, one, everybody) for one in everybody] == [True, True, True]
    assert [may_change(TECHNICIAN, one, everybody) for one in everybody] == [False, False, True]
    assert [may_change(GUARD, one, everybody) for one in everybody] == [False, False, False]
    assert may_change(TECHNICIAN, MANAGER, (TECHNICIAN,))
