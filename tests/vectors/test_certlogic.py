"""CertLogic as its specification's own suites have it: every file below `certlogic` that is laid out as one.

An error counts as `false` in an evaluation suite, as the specification advises; what a suite's author set aside
(`"directive": "skip"`) is counted as skipped.
"""

import json
import os
from pathlib import Path

import pytest

from kiosk.app.rule_suites import is_suite, run_suite

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("KIOSK_VECTORS", ROOT / "../shared/vectors")) / "certlogic"


def load():
    for path in sorted(DATA.rglob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        if is_suite(document):
            yield path.relative_to(DATA), document


SUITES = list(load())


@pytest.mark.parametrize(("path", "document"), SUITES, ids=[path.stem for path, _ in SUITES])
def test_the_suite(path, document):
    tally = run_suite(path.stem, document)
    assert tally.failures == []
    assert tally.passed + tally.skipped >= len(document["cases"])


def test_the_whole_set(vectors, say):
    vectors("certlogic")
    tallies = [(path, run_suite(path.stem, document)) for path, document in SUITES]
    for folder in sorted({path.parent for path, _ in tallies}):
        here = [tally for path, tally in tallies if path.parent == folder]
        passed, failed, skipped = (
            sum(one.passed for one in here), sum(len(one.failures) for one in here), sum(one.skipped for one in here),
        )  # fmt: skip
        say(f"certlogic {folder.name}: {len(here)} suites, {passed} of {passed + failed} passed, {skipped} set aside")
    assert any(tally.passed for _, tally in tallies)
