"""What `kiosk doctor` says of the forms that a kiosk offers."""

import shutil
from pathlib import Path

import pytest

from kiosk.cli.doctor_forms import forms
from kiosk.config import load_config

FORMS = Path(__file__).resolve().parents[3] / "firmware_config" / "forms"
POLICY = 'schema = 2\nversion = "1"\n[[admit]]\nname = "declared"\nkinds = ["declaration"]\n'
NAMED = POLICY + 'forms = ["health-declaration"]\n'


@pytest.fixture
def doctor(tmp_path):
    shutil.copytree(FORMS, tmp_path / "forms")

    def look(policy, offered='["health-declaration.toml"]', more=""):
        (tmp_path / "policy.toml").write_text(policy)
        (tmp_path / "kiosk.toml").write_text(
            '[kiosk]\nid = "door-1"\n[paths]\npolicy = "policy.toml"\ntrust = "trust"\n'
            f'[gate]\nboard = "board.toml"\npins = "mock"\n[forms]\noffered = {offered}\n{more}'
        )
        return [(one.state, one.found) for one in forms(load_config(tmp_path / "kiosk.toml"))]

    return look


def test_a_kiosk_without_forms_needs_none(doctor):
    assert doctor(NAMED, "[]") == []
    assert list(forms(None)) == []


def test_a_declaration_that_the_policy_names_is_good(doctor):
    assert doctor(NAMED, more='[privacy]\nauthority_key = "a.pub"\n') == [("ok", "health-declaration 1")]
    offered = '["health-declaration.toml", "check-in.toml"]'
    assert doctor(NAMED, offered, '[privacy]\nauthority_key = "a.pub"\n')[0][1] == "health-declaration 1, check-in 1"


def test_one_that_no_rule_names_goes_to_staff(doctor):
    ((state, detail),) = doctor(POLICY)
    assert state == "warning"
    assert "no rule of the policy names 'health-declaration'" in detail


def test_without_an_authority_nothing_is_kept(doctor):
    ((state, detail),) = doctor(NAMED)
    assert (state, "no answer is kept" in detail) == ("warning", True)


def test_a_form_that_cannot_be_read_is_named(doctor):
    ((state, detail),) = doctor(NAMED, '["gone.toml"]')
    assert (state, "gone.toml: cannot be read" in detail) == ("missing", True)
