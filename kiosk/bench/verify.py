"""What verification costs: each stage of each format, and libraries on the same input in the same run.

Everything is measured in turns, a few calls of each, so that what else runs on the machine falls on all alike. Times
are microseconds of one call.
"""

import hashlib
import importlib.util
import tempfile
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from kiosk.adapters.keys import Signer, make_signer
from kiosk.adapters.revocation_build import build
from kiosk.adapters.revocation_store import RevocationStore
from kiosk.app.judge import judge
from kiosk.bench.spread import Spread
from kiosk.domain.credential import PASS_KINDS, Kind
from kiosk.domain.events import ClockConfidence
from kiosk.domain.policy import AdmitRule, Policy
from kiosk.domain.situation import Situation
from kiosk.domain.trust import Algorithm, TrustList
from kiosk.testing import health_certificates as health
from kiosk.verify import base45, cose, envelope, hc1, native_pass, registry
from kiosk.verify.signature import check
from kiosk.verify.steps import Claimed, find_by_key_id, verify_claimed
from kiosk.verify.trust_list import list_of_certificates

Call = Callable[[], object]

BURST = 10
"""Calls of one thing before the next has its turn."""
_WITHDRAWN = 100_000
"""Entries of the list on disk."""
_POLICY = Policy(
    "bench", "main",
    (AdmitRule("pass", PASS_KINDS), AdmitRule("vaccinated", frozenset({Kind.VACCINATION}), max_age_hours=24 * 270)),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Code:
    """One code to verify. A format of its own is one line in `codes`."""

    name: str
    text: str
    trust: TrustList
    opened: Callable[[str], Claimed] | None = None
    """Parses the text of a signed format."""
    prefix: str = ""
    """Of the formats that are Base45 and COSE inside; empty for the others."""


@dataclass(frozen=True, slots=True)
class VerifyFigures:
    """All that one run measures."""

    stages: Mapping[str, Mapping[str, Spread]]
    """Microseconds by format and stage."""
    libraries: Mapping[str, Spread]
    rules: Mapping[str, Spread]
    """Of CertLogic; empty where neither evaluator is there."""


def codes(now: datetime) -> list[Code]:
    """Make a code of every format that the kit here can issue."""
    began = now - timedelta(days=30)
    ministry, rsa_ministry, desk = (
        make_signer(name, algorithm, began, country=country, for_passes=not country)
        for name, algorithm, country in (
            ("Ministry", Algorithm.ES256, "VN"), ("Hospital", Algorithm.PS256, "VN"), ("Desk", Algorithm.ED25519, ""),
        )
    )  # fmt: skip
    shot = health.vaccination(now - timedelta(days=90))
    yesterday = now - timedelta(days=1)
    return [
        Code("HC1 ES256", health.certificate(ministry, shot, yesterday), _trust(ministry, now), hc1.parse, hc1.PREFIX),
        Code("HC1 PS256", health.certificate(rsa_ministry, shot, yesterday), _trust(rsa_ministry, now), hc1.parse,
             hc1.PREFIX),
        Code("GK1 Ed25519", _pass(desk, now), _trust(desk, now), native_pass.parse, native_pass.PREFIX),
        Code("CCCD", "001099012345||Nguyễn Thị Mẫu|15081990|Nữ|12 Phố Huế, Hà Nội|20052021", _trust(desk, now)),
    ]  # fmt: skip


def _trust(signer: Signer, now: datetime) -> TrustList:
    return list_of_certificates([signer.certificate], now)


def _withdrawn(now: datetime) -> RevocationStore:
    """Return a list on disk, whose file is gone as soon as it is open."""
    with tempfile.TemporaryDirectory(prefix="kiosk-") as folder:
        path = Path(folder) / "bench.revoked"
        entries = (hashlib.sha256(number.to_bytes(8, "big")).digest()[:16] for number in range(_WITHDRAWN))
        build(path, entries, source="bench", version=1, now=now)
        return RevocationStore(path)


def _pass(signer: Signer, now: datetime) -> str:
    content = native_pass.PassContent(
        issuer="Desk", subject="booking-1", pass_id=bytes(16), purpose=Kind.VISIT, zone="main", issued_at=now,
        valid_from=now, valid_until=now + timedelta(hours=8), name="Nguyễn Thị Mẫu",
    )  # fmt: skip
    return native_pass.encode(content, signer.key, signer.key_id)


def bare_check(claimed: Claimed, trust: TrustList) -> Call:
    """Return the signature check alone by `cryptography`, with its key loaded and everything laid out for it."""
    anchor = find_by_key_id(claimed, trust)
    if isinstance(anchor, str):
        raise TypeError("the code is not signed by its own issuer")
    signed, signature = claimed.message.signed_bytes, claimed.message.signature
    key = load_der_public_key(anchor.public_key)
    match key:
        case ec.EllipticCurvePublicKey():
            der, method = _der(signature), ec.ECDSA(hashes.SHA256())
            return lambda: key.verify(der, signed, method)
        case rsa.RSAPublicKey():
            padded = padding.PSS(padding.MGF1(hashes.SHA256()), hashes.SHA256.digest_size)
            return lambda: key.verify(signature, signed, padded, hashes.SHA256())
        case ed25519.Ed25519PublicKey():
            return lambda: key.verify(signature, signed)
        case _:
            raise TypeError("no key that signs here")


def _der(signature: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    half = len(signature) // 2
    return encode_dss_signature(int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big"))


def _stages(code: Code, now: datetime, withdrawn: RevocationStore) -> dict[str, Call]:
    """Return what to time of one code, in the order of the work."""
    data, situation = code.text.encode(), Situation(now, ClockConfidence.SYNCED)
    found: dict[str, Call] = {}
    if code.prefix:
        body = code.text.removeprefix(code.prefix)
        raw = base45.b45decode(body)
        message = zlib.decompress(raw) if raw[:1] == b"\x78" else raw
        found["Base45"] = lambda: base45.b45decode(body)
        if message is not raw:
            found["inflate"] = lambda: zlib.decompress(raw)
        found["COSE"] = lambda: cose.parse(message)
        found["up to the claims"] = lambda: envelope.unwrap(code.text, code.prefix)
    if code.opened is not None:
        opened = code.opened
        claimed = opened(code.text)
        anchor = find_by_key_id(claimed, code.trust)
        if isinstance(anchor, str):
            raise TypeError("the code is not signed by its own issuer")
        signature = claimed.message.signature
        found["parse"] = lambda: opened(code.text)
        found["bare signature"] = bare_check(claimed, code.trust)
        found["our signature check"] = lambda: check(anchor, signature, claimed.message.signed_bytes)
        found["steps"] = lambda: verify_claimed(claimed, code.trust, now)
        on_disk = replace(code.trust, revoked=withdrawn)
        found["withdrawn? on disk"] = lambda: on_disk.withdraws(claimed.identifiers, None)
    found["verify"] = lambda: registry.verify(data, code.trust, now)
    found["decision"] = lambda: judge(data, code.trust, _POLICY, situation)
    return found


def _cwt(code: Code) -> Call | None:
    """Return the same certificate verified by the library `cwt`, or None where it is not installed."""
    if importlib.util.find_spec("cwt") is None:
        return None
    import cwt
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    claimed = hc1.parse(code.text)
    anchor = find_by_key_id(claimed, code.trust)
    if isinstance(anchor, str):
        raise TypeError("the code is not signed by its own issuer")
    pem = load_der_public_key(anchor.public_key).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    key = cwt.COSEKey.from_pem(pem, alg=anchor.algorithm.value, kid=claimed.message.key_id)
    from base45 import b45decode as library_decode

    return lambda: cwt.decode(zlib.decompress(library_decode(code.text.removeprefix(code.prefix))), keys=key)


_RULE: dict[str, object] = {
    "if": [
        {"var": "payload.v.0"},
        {"and": [
            {">=": [{"var": "payload.v.0.dn"}, {"var": "payload.v.0.sd"}]},
            {"in": [{"var": "payload.v.0.mp"}, {"var": "external.valueSets.vaccines-covid-19-names"}]},
            {"not-before": [
                {"plusTime": [{"var": "external.validationClock"}, 0, "day"]},
                {"plusTime": [{"var": "payload.v.0.dt"}, 14, "day"]},
            ]},
        ]},
        True,
    ]
}  # fmt: skip
"""Laid out like the rules that countries publish: whole series, known product, fourteen days."""


def _rules(now: datetime) -> dict[str, Call]:
    """Return the rule above by each evaluator that is installed. Raises ValueError where one says that it fails."""
    data = {
        "payload": health.vaccination(now - timedelta(days=90)),
        "external": {
            "validationClock": now.isoformat(timespec="seconds"),
            "valueSets": {"vaccines-covid-19-names": ["EU/1/20/1507", "EU/1/20/1528", "EU/1/21/1529"]},
        },
    }
    found: dict[str, Call] = {}
    if importlib.util.find_spec("kiosk.domain.certlogic") is not None:
        own = importlib.import_module("kiosk.domain.certlogic")
        found["own evaluator"] = lambda: own.evaluate(_RULE, data)
        if hasattr(own, "compile_rule"):
            compiled = own.compile_rule(_RULE)
            found["own evaluator, compiled"] = lambda: compiled(data)
    if importlib.util.find_spec("json_logic") is not None:
        library = importlib.import_module("json_logic.cert_logic").certLogic
        found["panzi-json-logic"] = lambda: library(_RULE, data)
    for name, call in found.items():
        if call() is not True:
            raise ValueError(f"{name} does not find that the rule holds")
    return found


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


def measure(now: datetime, rounds: int) -> VerifyFigures:
    """Measure everything, `rounds` × BURST calls each. `now` is the true time: `cwt` looks at the clock itself."""
    made, withdrawn = codes(now), _withdrawn(now)
    named: dict[tuple[str, str], Call] = {
        (code.name, stage): call for code in made for stage, call in _stages(code, now, withdrawn).items()
    }
    for code in made:
        if code.prefix == hc1.PREFIX and (by_library := _cwt(code)) is not None:
            named[("cwt", code.name)] = by_library
    for name, call in _rules(now).items():
        named[("rules", name)] = call
    spreads = dict(zip(named, _in_turns(list(named.values()), rounds), strict=True))
    stages: dict[str, dict[str, Spread]] = {code.name: {} for code in made}
    for (group, name), spread in spreads.items():
        if group in stages:
            stages[group][name] = spread
    return VerifyFigures(
        stages,
        {name: spread for (group, name), spread in spreads.items() if group == "cwt"},
        {name: spread for (group, name), spread in spreads.items() if group == "rules"},
    )
