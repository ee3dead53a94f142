"""Flipped bits in a journal's file: every one that alters a record is found."""

import os
from contextlib import closing

import pytest

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.journal import Sealer, SqliteJournal
from kiosk.domain.events import EventDraft, EventType
from kiosk.testing.fault_table import FaultRun, report
from kiosk.testing.flipped_bits import CHECKS, flip_many, noticed

FLIPS = 200
SEED = int(os.environ.get("KIOSK_SEED", "6"))


@pytest.fixture
def filled(tmp_path):
    path = tmp_path / "j.db"
    with closing(SqliteJournal(path, kiosk="k", boot="b", clock=SystemClock(), sealer=Sealer(None))) as journal:
        for visit in range(300):
            data = {"reasons": ["expired"], "policy": "p", "credentials": [{"verdict": "expired", "format": "HC1"}]}
            journal.append([EventDraft(EventType.VISIT_DENIED, f"v{visit}", data), EventDraft(EventType.GATE_LOCKED)])
    return path


def print_who_found(result):
    print(f"\n{'flipped bits':>16}{'altered a record':>18}" + "".join(f"{name:>17}" for name in (*CHECKS, "any")))
    found = "".join(f"{result.found[name]:>17}" for name in (*CHECKS, "any"))
    print(f"{result.flips:>16}{result.altered:>18}{found}   found {result.found['any'] / result.flips:.0%} of all")


def test_every_flip_that_alters_a_record_is_found(filled, tmp_path):
    result = flip_many(filled, tmp_path / "flipped.db", seed=SEED, number=FLIPS)
    print_who_found(result)
    missed = len(result.missed)
    report(FaultRun("flips that altered a record", FLIPS, result.altered, result.altered - missed, missed, 0, 0.0))
    assert result.altered > FLIPS // 2, "flips that hardly touch a record show little"
    assert result.missed == []
    assert result.found["chain"] > result.found["integrity_check"], "SQLite alone does not see what a record says"


def test_a_whole_journal_passes_every_check(filled):
    assert noticed(filled) == []
