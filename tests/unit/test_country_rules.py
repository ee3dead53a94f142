"""A policy with a country's rules, from its files to the decision on a real code."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from kiosk.adapters.keys import make_signer
from kiosk.adapters.policies import load_policy
from kiosk.app.judge import judge
from kiosk.cli import main
from kiosk.config import ConfigError
from kiosk.domain.decision import Admit, Deny
from kiosk.domain.events import ClockConfidence
from kiosk.domain.reasons import Reason
from kiosk.domain.situation import Situation
from kiosk.domain.trust import Algorithm
from kiosk.testing.health_certificates import certificate, recovery, vaccination
from kiosk.verify.trust_list import list_of_certificates

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
MINISTRY = make_signer("Ministry", Algorithm.ES256, NOW - timedelta(days=1), country="VN", for_passes=False)
TRUST = list_of_certificates([MINISTRY.certificate], NOW)
HERE = Situation(NOW, ClockConfidence.SYNCED)
TWO_DOSES = {">=": [{"var": "payload.v.0.dn"}, 2]}
PRODUCT_COUNTS = {
    "if": [{"in": [{"var": "payload.v.0.mp"}, {"var": "external.valueSets.withdrawn"}]}, False, True]
}


def rule(identifier, kind, country, logic, **changes):
    return {
        "Identifier": identifier, "Type": kind, "Country": country, "Version": "1.0.0", "SchemaVersion": "1.0.0",
        "Engine": "CERTLOGIC", "EngineVersion": "1.0.0", "CertificateType": "Vaccination", "AffectedFields": ["v.0"],
        "Description": [{"lang": "en", "desc": "It has to be so."}], "ValidFrom": "2022-01-01T00:00:00Z",
        "ValidTo": "2030-12-31T23:59:59Z", "Logic": logic, **changes,
    }  # fmt: skip


@pytest.fixture
def venue(tmp_path):
    """Return a function that writes a venue's files and loads its policy."""

    def load(*rules, more="", admit=""):
        folder = tmp_path / "rules"
        folder.mkdir(exist_ok=True)
        for number, one in enumerate(rules):
            (folder / f"{number}.json").write_text(json.dumps(one))
        (tmp_path / "sets.json").write_text(json.dumps({"withdrawn": ["EU/1/20/1528"]}))
        (tmp_path / "policy.toml").write_text(
            'schema = 2\nversion = "1"\n[[admit]]\nname = "healthy"\nkinds = ["vaccination", "recovery"]\n'
            f'{admit}\n[country_rules]\ncountry = "DE"\nrules = "rules"\nvalue_sets = "sets.json"\n{more}\n'
        )
        return load_policy(tmp_path / "policy.toml")

    return load


def shot(dose=2):
    return certificate(MINISTRY, vaccination(NOW - timedelta(days=30), dose=dose, series=1), NOW - timedelta(hours=1))


def decide(policy, text):
    return judge(text.encode(), TRUST, policy, HERE)


def test_acceptance(venue):
    policy = venue(rule("GR-DE-0001", "Acceptance", "DE", TWO_DOSES))
    assert decide(policy, shot()).decision == Admit("healthy")
    assert decide(policy, shot(dose=1)).decision == Deny((Reason.COUNTRY_RULE_FAILED,))
    lenient = venue(admit="country_rules = false")
    assert decide(lenient, shot(dose=1)).decision == Admit("healthy")


def test_invalidation_by_the_issuing_country_and_a_venue_that_leaves_it_out(venue):
    rules = (
        rule("GR-DE-0001", "Acceptance", "DE", TWO_DOSES),
        rule("IR-VN-0001", "Invalidation", "VN", PRODUCT_COUNTS),
    )
    assert decide(venue(*rules), shot()).decision == Deny((Reason.INVALIDATED,))
    assert decide(venue(*rules, more="invalidation = false"), shot()).decision == Admit("healthy")


def test_what_no_rule_speaks_about_goes_to_staff(venue):
    policy = venue(rule("GR-DE-0001", "Acceptance", "DE", TWO_DOSES))
    text = certificate(MINISTRY, recovery(NOW - timedelta(days=30)), NOW - timedelta(hours=1))
    assert decide(policy, text).decision == Deny((Reason.RULE_UNDECIDED,), call_staff=True)


def test_which_rules_were_asked_stands_in_the_record(venue):
    first = venue(rule("GR-DE-0001", "Acceptance", "DE", TWO_DOSES))
    other = venue(rule("GR-DE-0001", "Acceptance", "DE", True))
    versions = [decide(policy, shot()).data["country_rules"] for policy in (first, other)]
    assert versions == [first.country_rules.version, other.country_rules.version]
    assert versions[0] != versions[1]
    assert other == venue(rule("GR-DE-0001", "Acceptance", "DE", True)) != first


def test_rules_that_cannot_be_read_make_the_policy_unusable(venue):
    with pytest.raises(ConfigError, match="there is no rule"):
        venue()
    with pytest.raises(ConfigError, match=r"rules"):
        venue({"Identifier": "x"})


def test_the_explanation_names_the_country(venue, tmp_path, capsys):
    venue(rule("GR-DE-0001", "Acceptance", "DE", TWO_DOSES))
    assert main(["policy", "check", str(tmp_path / "policy.toml")]) == 0
    assert "as the rules of DE ask" in capsys.readouterr().out
