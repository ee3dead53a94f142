"""What verification costs: each stage of each format, the whole decision, and libraries on the same input.

Everything is measured in turns, a few calls of each, so that what else runs on the machine falls on all alike. Times
are microseconds of one call.
"""

import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from kiosk.bench import beside
from kiosk.bench.codes import Call, Code, codes
from kiosk.bench.spread import Spread
from kiosk.bench.venue import Venue, make_venue
from kiosk.domain.trust import TrustList
from kiosk.testing import health_certificates as health
from kiosk.verify import registry
from kiosk.verify.signature import check

BURST = 10
"""Calls of one thing before the next has its turn."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What to measure with. `rounds` × BURST calls of each."""

    policy: Path
    vectors: Path
    revoked: int
    """Entries of the list of withdrawn codes, on disk."""
    rounds: int


@dataclass(frozen=True, slots=True)
class VerifyFigures:
    """All that one run measures."""

    stages: Mapping[str, Mapping[str, Spread]]
    """Microseconds by format and stage."""
    cwt: Mapping[str, Spread]
    """By format; empty where the library is not installed."""
    rules: Mapping[str, Spread]
    """Of CertLogic, `rule_count` in a row, by evaluator."""
    rule_count: int
    keys: int
    revoked: int
    country_rules: bool
    made_here: tuple[str, ...]
    """What was not published, but made by the bench: `country rules`, `trust list`."""


def _stages(code: Code, venue: Venue, trust: TrustList) -> dict[str, Call]:
    """Return what to time of one code, in the order of the work."""
    found: dict[str, Call] = dict(code.inner)
    if code.parse is not None and code.signer is not None:
        claimed, signer = code.parse(), code.signer
        message = claimed.message
        found["parse"] = code.parse
        found["bare signature"] = beside.bare_check(message, signer)
        found["our signature check"] = lambda: check(
            signer, message.signature, message.signed_bytes, message.algorithm
        )
        found["withdrawn?"] = lambda: trust.withdraws(claimed.identifiers, None)
    if not code.beside:
        now = venue.situation.now
        found["verify"] = lambda: registry.verify(code.data, trust, now, symbology=code.symbology)
    return found | venue.whole(code, trust)


def _in_turns(calls: Sequence[Call], rounds: int) -> list[Spread]:
    took: list[list[float]] = [[] for _ in calls]
    for turn in range(rounds + 1):
        for call, times in zip(calls, took, strict=True):
            for _ in range(BURST):
                began = time.perf_counter_ns()
                call()
                ended = time.perf_counter_ns()
                if turn:  # the first turn warms up
                    times.append((ended - began) / 1e3)
    return [Spread.of(times) for times in took]


def measure(now: datetime, asked: Asked) -> VerifyFigures:
    """Measure everything. `now` is the true time: `cwt` looks at the clock itself.

    Raises ConfigError, OSError or TrustError where the policy, the room or the list is not what it should be.
    """
    with tempfile.TemporaryDirectory(prefix="kiosk-") as folder:
        venue = make_venue(Path(folder), now, asked.policy, asked.vectors, asked.revoked)
        moment = venue.situation.now
        made = codes(moment)
        calls: dict[tuple[str, str], Call] = {}
        for code in made:
            for stage, call in _stages(code, venue, venue.trusting(code.anchors)).items():
                calls[code.name, stage] = call
            if (by_library := beside.cwt_of(code)) is not None:
                calls["cwt", code.name] = by_library
        payload = health.vaccination(moment - timedelta(days=90))
        rules, rule_count = beside.rules(asked.vectors, payload, moment.isoformat(timespec="seconds"))
        calls |= {("rules", name): call for name, call in rules.items()}
        spreads = dict(zip(calls, _in_turns(list(calls.values()), asked.rounds), strict=True))

    def of(group: str) -> dict[str, Spread]:
        return {name: spread for (where, name), spread in spreads.items() if where == group}

    return VerifyFigures(
        {code.name: of(code.name) for code in made}, of("cwt"), of("rules"), rule_count, len(venue.keys), asked.revoked,
        venue.policy.country_rules is not None, venue.made_here,
    )  # fmt: skip
