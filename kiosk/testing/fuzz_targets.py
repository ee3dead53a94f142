"""What is fuzzed: every parser that strangers, files or the network can reach, with seeds and permitted refusals.

A new parser is one line in `_TABLE`; formats of `kiosk.verify.registry` are found by themselves. Whatever a target
lets through besides its refusals is a finding (kiosk.testing.fuzz).
"""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import cbor2
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kiosk.adapters.rule_files import parse_json
from kiosk.api import framing, messages
from kiosk.app import rule_suites
from kiosk.config import Board, ConfigError, KioskConfig, read_toml
from kiosk.domain import business_rules, certlogic, rule_documents
from kiosk.domain.credential import Credential, Format, Kind
from kiosk.domain.trust import TrustError, TrustList
from kiosk.policy_file import PolicyFile
from kiosk.testing import fuzz_seeds as seeds
from kiosk.testing import health_certificates as health
from kiosk.verify import cbor, cose, envelope, hc1, native_pass, registry, revocation_lists, trust_list
from kiosk.verify.errors import MalformedError
from mqtt_bridge import codec

NOW = datetime(2022, 2, 1, 12, tzinfo=UTC)
_LINE = 16_384


@dataclass(frozen=True, slots=True)
class Target:
    """One parser: called with any bytes, it returns, or raises one of its refusals."""

    name: str
    run: Callable[[bytes], object]
    refusals: tuple[type[Exception], ...] = ()
    seeds: Callable[[], Sequence[bytes]] = tuple
    limit: int = 4096
    """Bytes of an input."""
    tree: bool = False
    """Inputs are JSON, to be changed as trees."""


@cache
def _trust() -> TrustList:
    return trust_list.list_of_certificates(seeds.issuers(), NOW)


def _verify(data: bytes) -> object:
    return registry.verify(data, _trust(), NOW)


def _claims(prefix: str, parse: Callable[[str], object]) -> Callable[[bytes], object]:
    """Return a parser of claims, so that changes need not survive Base45, zlib and COSE first."""

    def run(data: bytes) -> object:
        message = cbor2.dumps(cbor2.CBORTag(18, [b"\xa1\x01\x26", {4: b"8 bytes."}, data, bytes(64)]))
        return parse(envelope.wrap(message, prefix, compress=False))

    return run


def _expression(data: bytes) -> object:
    document = parse_json(data)
    logic, context = (document.get("Logic"), document.get("data")) if isinstance(document, dict) else (document, None)
    certlogic.validate(logic)
    return certlogic.evaluate(logic, context)


def _rule(data: bytes) -> object:
    credential = Credential(Format.HC1, Kind.VACCINATION, "VN", details={"payload": health.vaccination(NOW)})
    rules = business_rules.RuleSet.of([parse_json(data)], {"colours": ["red"]}, country="DE")
    return business_rules.reason_of(business_rules.check(rules, credential, NOW))


def _suite(data: bytes) -> object:
    document = parse_json(data)
    return rule_suites.run_suite("suite", document) if rule_suites.is_suite(document) else None


def _signed(data: bytes) -> object:
    signer = seeds.signer()
    pem = signer.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return trust_list.signed_list(seeds.sign_list(signer, data), pem, NOW)


def _certificate(data: bytes) -> object:
    return [trust_list.anchor_of(der) for der in trust_list.certificates_in(data)]


def _toml(model: type[Any]) -> Callable[[bytes], object]:
    path = Path(tempfile.gettempdir()) / f"fuzz-{model.__name__}.toml"

    def run(data: bytes) -> object:
        path.write_bytes(data)
        return read_toml(path, model)

    return run


def _lines(data: bytes) -> object:
    buffer = framing.LineBuffer()
    halves = data[: len(data) // 2], data[len(data) // 2 :]
    return [messages.decode(line) for half in halves for line in buffer.feed(half)]


def _parts(data: bytes) -> object:
    from kiosk.vision import opinion, structured_append

    return structured_append.join(opinion.decode_answer(data))


def _append_header(data: bytes) -> object:
    import numpy as np

    from kiosk.vision import part_header

    dark = np.unpackbits(np.frombuffer(data[1:25].ljust(24, b"\0"), np.uint8)).astype(bool)
    return part_header._parsed(dark, 1 + data[0] % 40 if data else 1, data[25:])  # noqa: SLF001 - the parser itself


_JSON = (ValueError,)
"""What `parse_json` refuses; CertLogicError and RuleError are of this class, and nothing else of the parsers is."""
_TABLE = (
    Target("verify", _verify, seeds=seeds.texts, limit=5000),
    Target("cbor", cbor.decode, (MalformedError,), seeds.messages),
    Target("cose", cose.parse, (MalformedError,), seeds.messages),
    Target("hc1-claims", _claims(hc1.PREFIX, hc1.parse), (MalformedError,), seeds.claims, 3000),
    Target("pass-claims", _claims(native_pass.PREFIX, native_pass.parse), (MalformedError,), seeds.claims, 3000),
    Target("certificate", _certificate, (TrustError,), seeds.certificates),
    Target("signed-list", _signed, (TrustError,), seeds.lists, 12_000, tree=True),
    Target("revocation-list", revocation_lists.read_list, (TrustError,), seeds.revocations),
    Target("certlogic", _expression, _JSON, seeds.expressions, _LINE, tree=True),
    Target("rule", _rule, _JSON, seeds.rules, _LINE, tree=True),
    Target("suite", _suite, _JSON, seeds.suites, _LINE, tree=True),
    Target("value-sets", lambda data: rule_documents.value_sets_of(parse_json(data)), _JSON, seeds.sets, tree=True),
    Target("kiosk.toml", _toml(KioskConfig), (ConfigError,), seeds.settings),
    Target("board.toml", _toml(Board), (ConfigError,), seeds.settings),
    Target("policy.toml", _toml(PolicyFile), (ConfigError,), seeds.settings),
    Target("wire", _lines, (messages.WireError,), seeds.lines, _LINE),
    Target("mqtt-event", codec.decode_event, (codec.CodecError,), seeds.events, _LINE, tree=True),
    Target("mqtt-ack", codec.decode_ack, (codec.CodecError,), seeds.acks, 600, tree=True),
    Target("opinion", _parts, (ValueError,), seeds.answers, _LINE, tree=True),
    Target("append-header", _append_header, (), seeds.headers, 200),
)


def _format(form: registry.FormatModule) -> Target:
    """Make a target of a registered format: its texts alone, so that changes stay in its branches."""

    def run(data: bytes) -> object:
        text = data.decode().strip()
        return form.verify(text, _trust(), NOW) if form.matches(text) else None

    def own() -> list[bytes]:
        return [text for text in seeds.texts() if form.matches(text.decode())]

    return Target(f"format-{form.FORMAT}", run, (MalformedError, UnicodeDecodeError), own)


def targets() -> tuple[Target, ...]:
    """Return everything that is fuzzed, each under a name of its own."""
    return (*_TABLE, *(_format(form) for form in registry.FORMATS))


def target(name: str) -> Target:
    """Return one target. Raises KeyError."""
    return {one.name: one for one in targets()}[name]


