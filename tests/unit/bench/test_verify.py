"""What `kiosk bench verify` and `kiosk bench revocation` time is the real thing, and their figures hang together."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.exceptions import InvalidSignature

from kiosk.adapters.clock import SystemClock
from kiosk.bench import revocation
from kiosk.bench.verify import BURST, bare_check, codes, measure
from kiosk.cli import main
from kiosk.domain.credential import Rejected, Verdict, Verified
from kiosk.verify import registry

NOW = SystemClock().now()


@pytest.fixture(scope="module")
def made():
    return {code.name: code for code in codes(NOW)}


def test_signed_codes_are_verified_and_the_card_is_read(made):
    for name, code in made.items():
        found = registry.verify(code.text.encode(), code.trust, NOW)
        if code.opened is None:
            assert isinstance(found, Rejected), name
            assert found.verdict is Verdict.UNSIGNED
        else:
            assert isinstance(found, Verified), name


def test_the_bare_check_would_notice_a_wrong_signature(made):
    for code in made.values():
        if code.opened is None:
            continue
        claimed = code.opened(code.text)
        bare_check(claimed, code.trust)()
        turned = claimed.message.signature[:-1] + bytes([claimed.message.signature[-1] ^ 1])
        with pytest.raises(InvalidSignature):
            bare_check(replace(claimed, message=replace(claimed.message, signature=turned)), code.trust)()


def test_every_stage_of_every_code_is_timed(made):
    figures = measure(NOW, 2)
    assert figures.stages.keys() == made.keys()
    for name, stages in figures.stages.items():
        assert {"verify", "decision"} <= stages.keys(), name
        assert all(spread.n == 2 * BURST and spread.median > 0 for spread in stages.values())
    assert {"Base45", "inflate", "COSE", "parse", "bare signature", "steps"} <= figures.stages["HC1 ES256"].keys()


def test_the_command_prints_what_was_to_reach(capsys):
    assert main(["bench", "verify", "--rounds", "1"]) == 0
    said = capsys.readouterr().out
    assert "≤ bare signature + 150 µs" in said
    assert "GK1 Ed25519" in said
    assert main(["bench", "verify", "--rounds", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["stages"]["CCCD"]["verify"]["n"] == BURST
    assert main(["bench", "verify", "--rounds", "0"]) == 2
    assert main(["bench", "--visits", "3", "verify"]) == 2


def test_a_list_is_measured_in_a_process_of_its_own(capsys):
    assert main(["bench", "revocation", "--entries", "3000", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["lists"]
    assert (found["entries"], found["hit_us"]["n"], found["miss_us"]["n"]) == (3000, 3000, revocation.LOOKUPS)
    assert 16 < found["disk_bytes"] < 19
    assert main(["bench", "revocation", "--entries", "300"]) == 0
    assert "≤ 30 µs" in capsys.readouterr().out
    assert main(["bench", "revocation", "--entries", "0"]) == 2


def test_a_wrong_answer_ends_the_measurement(tmp_path):
    path, asked = tmp_path / "a.revoked", tmp_path / "asked"
    revocation.build(path, [b"1" * 16], source="x", version=1, now=NOW - timedelta(days=1))
    asked.write_bytes(b"2" * 16 + bytes(16 * revocation.LOOKUPS))
    with pytest.raises(ValueError, match="wrong answer"):
        revocation.look_up(path, asked)
