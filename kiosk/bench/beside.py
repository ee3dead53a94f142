"""What verification is measured against, on the same input in the same run: bare signatures, `cwt`, `panzi-json-logic`.

The two libraries are the extra `bench`: without them their rows are missing, and the output says how to get them.
"""

import importlib
import importlib.util
import json
import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from kiosk.bench.codes import Call, Code
from kiosk.bench.venue import OWN_RULE, OWN_SETS
from kiosk.domain.certlogic import CertLogicError, compile_rule, evaluate
from kiosk.domain.trust import TrustAnchor
from kiosk.verify import hc1
from kiosk.verify.signature import SignedMessage

INSTALL = "pip install -e '.[bench]'"
_MODULES = {"cwt": "cwt", "panzi-json-logic": "json_logic"}
OWN, OWN_ANEW, LIBRARY = "own, compiled once", "own, by its text", "panzi-json-logic"
_MOST = 60
"""Pairs of a rule and its data that are evaluated in a row; more only take longer."""


def missing() -> tuple[str, ...]:
    """Return which libraries are not installed."""
    return tuple(name for name, module in _MODULES.items() if importlib.util.find_spec(module) is None)


def bare_check(message: SignedMessage, signer: TrustAnchor) -> Call:
    """Return the signature check alone by `cryptography`, with its key loaded and everything laid out for it."""
    signed, signature = message.signed_bytes, message.signature
    key = load_der_public_key(signer.public_key)
    match key:
        case ec.EllipticCurvePublicKey():
            half = len(signature) // 2
            der = encode_dss_signature(int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big"))
            method = ec.ECDSA(hashes.SHA256())
            return lambda: key.verify(der, signed, method)
        case rsa.RSAPublicKey():
            padded = padding.PSS(padding.MGF1(hashes.SHA256()), hashes.SHA256.digest_size)
            return lambda: key.verify(signature, signed, padded, hashes.SHA256())
        case ed25519.Ed25519PublicKey():
            return lambda: key.verify(signature, signed)
        case _:
            raise TypeError("no key that signs here")


def cwt_of(code: Code) -> Call | None:
    """Return a health certificate verified by the library `cwt`; None for others, and where it is not installed."""
    if code.signer is None or code.parse is None or not code.name.startswith("HC1") or "cwt" in missing():
        return None
    cwt, key_id = importlib.import_module("cwt"), code.parse().message.key_id
    decode = importlib.import_module("base45").b45decode
    pem = load_der_public_key(code.signer.public_key).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    key = cwt.COSEKey.from_pem(pem, alg=code.signer.algorithm.value, kid=key_id)
    text = code.data.decode()
    return lambda: cwt.decode(zlib.decompress(decode(text.removeprefix(hc1.PREFIX))), keys=key)


def _published(vectors: Path) -> list[tuple[Any, Any]]:
    """Return rules with the data of their tests, spread over all that are published there."""
    found: list[tuple[Any, Any]] = []
    for path in sorted((vectors / "dcc-rules").glob("*/*/rule.json")):
        logic = json.loads(path.read_bytes())["Logic"]
        cases = (json.loads(test.read_bytes()) for test in sorted((path.parent / "tests").glob("*.json")))
        found += [
            (logic, {"payload": case["payload"], "external": case["external"]})
            for case in cases if case.keys() >= {"payload", "external"}
        ]  # fmt: skip
    return found[:: len(found) // _MOST + 1]


def _own_pairs(payload: object, moment: str) -> list[tuple[Any, Any]]:
    return [(OWN_RULE, {"payload": payload, "external": {"validationClock": moment, "valueSets": OWN_SETS}})]


def rules(vectors: Path, payload: object, moment: str) -> tuple[dict[str, Call], int]:
    """Return all rules in a row by each evaluator, and how many there are: published ones, or the bench's own.

    Pairs that any evaluator ends with an error are left out, so that all do the same work. Raises ValueError where
    two answer differently.
    """
    pairs = _published(vectors) or _own_pairs(payload, moment)
    by: dict[str, Callable[[Any, Any], Any]] = {OWN_ANEW: evaluate}
    if LIBRARY not in missing():
        by[LIBRARY] = importlib.import_module("json_logic.cert_logic").certLogic
    pairs = [pair for pair in pairs if _agreed(list(by.values()), *pair)]
    compiled = [(compile_rule(logic), data) for logic, data in pairs]
    found: dict[str, Call] = {OWN: lambda: [rule(data) for rule, data in compiled]}
    for name, call in by.items():
        found[name] = _in_a_row(call, pairs)
    return found, len(pairs)


def _in_a_row(call: Callable[[Any, Any], Any], pairs: Sequence[tuple[Any, Any]]) -> Call:
    return lambda: [call(logic, data) for logic, data in pairs]


def _agreed(calls: Sequence[Callable[[Any, Any], Any]], logic: Any, data: Any) -> bool:
    """Tell whether every evaluator has an answer."""
    answers: list[bool] = []
    for call in calls:
        with suppress(CertLogicError, ValueError, TypeError, LookupError, AttributeError, RuntimeError):
            answers.append(bool(call(logic, data)))
    if len(set(answers)) > 1:
        raise ValueError("two evaluators answer a rule differently")
    return len(answers) == len(calls)
