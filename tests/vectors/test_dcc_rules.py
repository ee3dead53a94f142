"""Country rules: every rule folder of `dcc-rules` with its tests, and the real rules of `dcc-trust` on certificates."""

import json
import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.adapters import rule_files
from kiosk.app.rule_suites import run_rule
from kiosk.domain.business_rules import Outcome, check
from kiosk.domain.certlogic import Problem
from kiosk.verify import hc1
from kiosk.verify.errors import MalformedError

ROOT = Path(__file__).resolve().parents[2]
VECTORS = Path(os.environ.get("KIOSK_VECTORS", ROOT / "../shared/vectors"))
RULES = sorted((VECTORS / "dcc-rules").rglob("rule.json"))


def run(path):
    tests = ((test.name, rule_files.read_json(test)) for test in sorted((path.parent / "tests").glob("*.json")))
    return run_rule(path.parent.name, rule_files.read_json(path), tests)


@pytest.mark.parametrize("path", RULES, ids=[path.parent.name for path in RULES])
def test_the_rule(path):
    assert run(path).failures == []


def test_the_whole_set(vectors, say):
    vectors("dcc-rules")
    tallies = [run(path) for path in RULES]
    passed, failed = sum(one.passed for one in tallies), sum(len(one.failures) for one in tallies)
    say(f"dcc-rules: {len(tallies)} rules, {passed} of {passed + failed} tests passed")
    assert passed


@pytest.mark.parametrize("name", ["dcc-trust/eu-value-sets.json", "dcc-rules/valuesets/valueSets.json"])
def test_value_sets_are_read_in_both_layouts(vectors, absent, name):
    folder, _, file = name.partition("/")
    path = vectors(folder) / file
    if not path.is_file():
        absent(path)
    sets = rule_files.read_value_sets(path)
    assert sets
    assert all(sets.values())


def certificates():
    """Return every certificate of dgc-testdata that can be read, with the time at which its author looks at it."""
    for path in sorted((VECTORS / "dgc-testdata").glob("*/2DCode/**/*.json")):
        vector = json.loads(path.read_text(encoding="utf-8-sig"))
        try:
            credential = hc1.parse(vector["PREFIX"]).credential
            clock = datetime.fromisoformat(vector["TESTCTX"]["VALIDATIONCLOCK"])
        except (MalformedError, KeyError, TypeError, ValueError):
            continue
        yield credential, clock if clock.tzinfo else clock.replace(tzinfo=UTC)


def test_real_rules_are_decided_for_real_certificates(vectors, absent, say):
    """Every country's rules on every certificate, then and at a time when the rules are in force: no engine errors.

    A rule may stay open only for what the reference engine leaves open: a newer engine or schema.
    """
    vectors("dgc-testdata")
    rules, sets = (vectors("dcc-trust") / name for name in ("eu-rules.json", "eu-value-sets.json"))
    shown = list(certificates())
    if not (rules.is_file() and sets.is_file() and shown):
        absent("one of real rules, their value sets and certificates")
    countries = sorted({rule["Country"] for rule in json.loads(rules.read_text(encoding="utf-8"))})
    found, problems = Counter(), Counter()
    for country in countries:
        rule_set = rule_files.load(rules, sets, country=country)
        latest = max(rule.valid_from for rule in rule_set.rules if rule.country == country)
        for credential, clock in shown:
            for now in (clock, latest):
                for result in check(rule_set, credential, now):
                    found[result.outcome] += 1
                    problems[result.problem] += 1
    say(
        f"dcc-trust rules: {len(countries)} countries, {len(shown)} certificates at 2 times, "
        f"{found.total()} results {dict(found)}, left open for {dict(problems - Counter({'': problems['']}))}"
    )
    assert found[Outcome.PASSED] or found[Outcome.FAILED]
    assert not problems.keys() & {Problem.INVALID, Problem.TOO_MUCH, Problem.BAD_DATE}
