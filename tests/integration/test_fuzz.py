"""The short form of scripts/fuzz: every parser bears some changed inputs; and the fuzzer finds what it looks for."""

import subprocess
import sys
import time
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.adapters.revocation_store import PAGE, PER_BLOCK, RevocationStore
from kiosk.testing import fuzz
from kiosk.testing.fuzz_mutate import mutate
from kiosk.testing.fuzz_targets import Target, targets

SEED, RUNS = 20260601, 60


@pytest.mark.parametrize("target", targets(), ids=lambda target: target.name)
def test_a_parser_bears_whatever_it_is_given(target):
    stats = fuzz.by_mutation(target, SEED, runs=RUNS)
    assert [(found.what, found.data) for found in stats.findings] == []
    assert stats.runs == RUNS


def test_every_target_has_a_name_of_its_own_and_reads_what_it_begins_with():
    names = [target.name for target in targets()]
    assert len(set(names)) == len(names)
    for target in targets():
        bare = Target(target.name, target.run)  # refuses nothing
        # A format that the seeds have no text of begins with nothing, and is fuzzed all the same.
        read = [not fuzz.examine(bare, seed) for seed in target.seeds()[:40]]
        assert any(read) or target.name.startswith("format-"), target.name


def raises(data):
    if b"9" in data:
        raise KeyError(data)


def is_slow(data):
    start = time.process_time_ns()
    while b"9" in data and time.process_time_ns() - start < 60_000_000:
        pass


def is_large(data):
    return bytearray(65 << 20) if data.endswith(b"9") else None


@pytest.mark.parametrize(
    ("run", "what"),
    [(raises, "KeyError at test_fuzz.py:"), (is_slow, "slower than 50 ms"), (is_large, "more than 64 MB")],
    ids=["another exception", "slow", "large"],
)
def test_what_it_looks_for_is_found_once_and_can_be_repeated(run, what, tmp_path):
    target = Target("bad", run, (ValueError,), lambda: [b"a9", b"9"])
    stats = fuzz.by_mutation(target, SEED, runs=3)
    [found] = stats.findings
    assert found.what.startswith(what)
    assert fuzz.examine(target, found.data) == found.what
    fuzz.save(tmp_path, stats)
    [kept] = tmp_path.glob("bad-*.finding")
    assert kept.read_bytes() == found.data
    assert f"scripts/fuzz --target bad --reproduce {kept}" in kept.with_suffix(".txt").read_text()


def test_a_list_that_does_not_prove_its_blocks_is_found_out(monkeypatch):
    def unproved(store, number):
        return store._read(PAGE, PAGE * (1 + number)), PER_BLOCK * 16

    [damage] = (one for one in targets() if one.name == "revocation-damage")
    assert fuzz.by_mutation(damage, SEED, runs=120).findings == []
    monkeypatch.setattr(RevocationStore, "_block", unproved)
    [found] = fuzz.by_mutation(damage, SEED, runs=120).findings
    assert found.what.startswith("SilentLossError")


def test_a_refusal_of_the_parsers_own_is_no_finding():
    target = Target("good", raises, (KeyError,), lambda: [b"9"])
    assert fuzz.by_mutation(target, SEED, runs=50).findings == []


def test_the_same_seed_makes_the_same_inputs():
    def inputs(seed):
        given_data = []
        target = Target("any", given_data.append, (), lambda: [b"abc", b'{"a": [1]}'], tree=True)
        fuzz.by_mutation(target, seed, runs=60)
        return given_data

    assert inputs(1) == inputs(1)
    assert inputs(1) != inputs(2)


@given(st.integers(), st.binary(max_size=80), st.lists(st.binary(max_size=20), max_size=2), st.booleans())
def test_anything_can_be_changed_within_the_limit(seed, data, others, tree):
    assert len(mutate(Random(seed), data, others, 60, tree=tree)) <= 60


def run(*words):
    command = [sys.executable, "-m", "kiosk.testing.fuzz_command", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_the_command_fuzzes_one_target_in_a_process_of_its_own(tmp_path):
    process = run("--minutes", 0.01, "--target", "cbor", "--engine", "mutation", "--out", tmp_path)
    assert process.returncode == 0, process.stderr
    assert process.stdout.startswith("cbor ")
    assert "nothing found" in process.stdout


def test_the_command_repeats_an_input(tmp_path):
    (tmp_path / "input").write_bytes(b"\xff")
    process = run("--target", "cbor", "--reproduce", tmp_path / "input")
    assert (process.returncode, process.stdout) == (0, "nothing found\n")
    assert run("--target", "nothing").returncode == 2


@pytest.mark.parametrize("words", ["--minutes -1", "--minutes nan", "--reproduce none --target cbor"])
def test_wrong_usage_is_said(words):
    process = run(*words.split())
    assert process.returncode == 2
    assert "Traceback" not in process.stderr
