"""What is fuzzed: every parser that strangers, files or the network can reach, with seeds and permitted refusals.

A new parser is one line in `_TABLE`; formats of `kiosk.verify.registry` are found by themselves. Whatever a target
lets through besides its refusals is a finding (kiosk.testing.fuzz).
"""

import base64
import contextlib
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import cbor2
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kiosk.adapters.rule_files import parse_json
from kiosk.api import framing, messages
from kiosk.app import rule_suites
from kiosk.board_file import load_board
from kiosk.config import ConfigError, load_config
from kiosk.domain import business_rules, certlogic, parts, rule_documents
from kiosk.domain.centre import ack_topic
from kiosk.domain.credential import Credential, Format, Kind
from kiosk.domain.form import FormError, fill
from kiosk.domain.symbology import Symbology
from kiosk.domain.trust import TrustError, TrustList
from kiosk.form_file import load_form, read_form
from kiosk.policy_file import load_policy
from kiosk.testing import fuzz_admin, fuzz_centre, fuzz_commands, fuzz_files, health_cards, seals
from kiosk.testing import fuzz_codes as codes
from kiosk.testing import fuzz_seeds as seeds
from kiosk.testing import health_certificates as health
from kiosk.testing.centre_keys import KEYS, STORE
from kiosk.testing.fuzz_target import Target, scratch
from kiosk.verify import (
    cbor,
    claim,
    cose,
    envelope,
    fhir,
    hc1,
    jws,
    native_pass,
    nzcp,
    pretix,
    protobuf,
    receipt,
    registry,
    revocation_lists,
    shc,
    statement,
    strict_json,
    trust_list,
    vds_nc,
)
from kiosk.verify.base45 import b45encode
from kiosk.verify.errors import MalformedError
from kiosk.verify.statement import StatementError
from mqtt_bridge import codec

NOW = codes.NOW
_LARGE = envelope.MAX_INFLATED
_LINE = 16_384


@cache
def trust_of_all() -> TrustList:
    """Return a list of everybody who signed what is made up, so that some of it gets past the signature."""
    ours = trust_list.list_of_certificates(seeds.issuers(), NOW).anchors.values()
    return TrustList.of([*codes.anchors(), *(one for same in ours for one in same)], version="1", imported_at=NOW)


def _verify(data: bytes) -> object:
    return registry.verify(data, trust_of_all(), NOW)


def _centre_receipt(data: bytes) -> object:
    """Read a receipt, and what one holds once its signature is good."""
    topic = ack_topic("local/main/door-1")
    with contextlib.suppress(StatementError):
        receipt.opened(data, topic, KEYS)
    return receipt.opened(statement.sign(data, STORE, topic), topic, KEYS)


def _claims(prefix: str, parse: Callable[[str], object]) -> Callable[[bytes], object]:
    """Return a parser of claims, so that changes need not survive Base45, zlib and COSE first."""

    def run(data: bytes) -> object:
        message = cbor2.dumps(cbor2.CBORTag(18, [b"\xa1\x01\x26", {4: b"8 bytes."}, data, bytes(64)]))
        return parse(envelope.wrap(message, prefix, compress=False))

    return run


def _card(data: bytes) -> object:
    """Read claims of a health card: compressed, signed and written as digits again, as anybody can."""
    return shc.verify(health_cards.numeric(codes.CARDS.sign(health_cards.deflate(data))), trust_of_all(), NOW)


def _bundle(data: bytes) -> object:
    return fhir.read(strict_json.loads(data))


def _pass(data: bytes) -> object:
    """Read claims of a New Zealand pass, signed again."""
    message = cose.sign(data, codes.PASSES.key, codes.PASSES.key_id.encode())
    return nzcp.verify(nzcp.PREFIX + base64.b32encode(message).decode().rstrip("="), trust_of_all(), NOW)


def _ticket(data: bytes) -> object:
    """Read the inside of a ticket, signed again, also what is too long for one."""
    text = codes.ORGANISER.sign(data[:0xFFFF])
    return pretix.verify(text, trust_of_all(), NOW)


def _seal(data: bytes) -> object:
    """Read the inside of a seal, signed again where it can be."""
    try:
        document = json.loads(data)
        text = seals.seal(document, codes.SEALER)
    except (ValueError, TypeError, RecursionError):
        text = f'{{"data": {data.decode()}, "sig": {{"alg": "ES256", "cer": "MIIB", "sigvl": "AAAA"}}}}'
    return vds_nc.verify(text, trust_of_all(), NOW)


def _label(data: bytes) -> object:
    return registry.verify(data, trust_of_all(), NOW, symbology=Symbology.CODE128)


def _joined(data: bytes) -> object:
    """Put parts together that are seen at once or one after another, and read what becomes of them."""
    held = parts.PartSet()
    for at, line in enumerate(data.split(b"\n")):
        if (part := parts.number(line)) is not None:
            held = held.add(part, at * 9_000_000_000)
    seen = [whole for _, whole in parts.join(("", line) for line in data.split(b"\n"))]
    return [registry.verify(one, trust_of_all(), NOW) for one in (data, held.whole or b"", *seen[:2])]


def _message(data: bytes) -> object:
    return protobuf.read(data, {1: protobuf.Wire.TEXT, 2: protobuf.Wire.VARINT, 3: protobuf.Wire.VARINT})


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


def _toml(load: Callable[[Path], object]) -> Callable[[bytes], object]:
    def run(data: bytes) -> object:
        path = scratch(f"{load.__name__}.toml")
        path.write_bytes(data)
        return load(path)

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


def _claim(data: bytes) -> object:
    """Read the inside of a provisioning code."""
    return claim.decode(claim.PREFIX + b45encode(data).decode())


def _answers(data: bytes) -> object:
    """Fill in a form of every kind of question with the same text, as a screen that was taken over may do."""
    form = read_form(seeds.FORM.encode(), "form.toml")
    text = data.decode("utf-8", "replace")
    return fill(form, {question.id: (text,) for question in form.questions}, NOW.date())


_JSON = (ValueError,)
"""What `parse_json` refuses; CertLogicError and RuleError are of this class, and nothing else of the parsers is."""
_TABLE = (
    Target("verify", _verify, seeds=seeds.texts, limit=5000),
    Target("cbor", cbor.decode, (MalformedError,), seeds.messages),
    Target("cose", cose.parse, (MalformedError,), seeds.messages),
    Target("hc1-claims", _claims(hc1.PREFIX, hc1.parse), (MalformedError,), seeds.claims, 3000),
    Target("pass-claims", _claims(native_pass.PREFIX, native_pass.parse), (MalformedError,), seeds.claims, 3000),
    Target("shc-claims", _card, (MalformedError,), seeds.card_claims, _LARGE, tree=True),
    Target("fhir", _bundle, (MalformedError,), seeds.bundles, _LARGE, tree=True),
    Target("jws", lambda data: jws.parse(data.decode()), (MalformedError, UnicodeDecodeError), seeds.jwss),
    Target("json", strict_json.loads, (MalformedError,), seeds.jsons, _LARGE),
    Target("nzcp-claims", _pass, (MalformedError,), seeds.pass_claims, 3000),
    Target("seal", _seal, (MalformedError, UnicodeDecodeError), seeds.sealed, tree=True),
    Target("ticket", _ticket, (MalformedError,), codes.ticket_payloads, 800),
    Target("protobuf", _message, (MalformedError,), codes.ticket_payloads),
    Target("label", _label, seeds=codes.labels, limit=5000),
    Target("parts", _joined, seeds=codes.joined, limit=41_000),
    Target("certificate", _certificate, (TrustError,), seeds.certificates),
    Target("signed-list", _signed, (TrustError,), seeds.lists, 12_000, tree=True),
    Target("revocation-list", revocation_lists.read_list, (TrustError,), seeds.revocations),
    Target("certlogic", _expression, _JSON, seeds.expressions, _LINE, tree=True),
    Target("rule", _rule, _JSON, seeds.rules, _LINE, tree=True),
    Target("suite", _suite, _JSON, seeds.suites, _LINE, tree=True),
    Target("value-sets", lambda data: rule_documents.value_sets_of(parse_json(data)), _JSON, seeds.sets, tree=True),
    Target("kiosk.toml", _toml(load_config), (ConfigError,), seeds.settings),
    Target("board.toml", _toml(load_board), (ConfigError,), seeds.settings),
    Target("policy.toml", _toml(load_policy), (ConfigError,), seeds.settings),
    Target("form.toml", _toml(load_form), (ConfigError,), seeds.settings),
    Target("form-answers", _answers, (FormError,), seeds.answers_typed, 2000),
    Target("wire", _lines, (messages.WireError,), seeds.lines, _LINE),
    Target("mqtt-event", codec.decode_event, (codec.CodecError,), seeds.events, _LINE, tree=True),
    Target("centre-receipt", _centre_receipt, (StatementError,), seeds.receipts, 600),
    Target("claim", _claim, (claim.ClaimError,), seeds.claim_contents, 700),
    Target("opinion", _parts, (ValueError,), seeds.answers, _LINE, tree=True),
    Target("append-header", _append_header, (), seeds.headers, 200),
    *fuzz_commands.TABLE,
    *fuzz_files.TABLE,
    *fuzz_centre.TABLE,
    *fuzz_admin.TABLE,
)


def _format(form: registry.FormatModule) -> Target:
    """Make a target of a registered format: its texts alone, so that changes stay in its branches."""

    def run(data: bytes) -> object:
        text = data.decode().strip()
        return form.verify(text, trust_of_all(), NOW) if form.matches(text) else None

    def own() -> list[bytes]:
        return [text for text in seeds.texts() if form.matches(text.decode())]

    return Target(f"format-{form.FORMAT}", run, (MalformedError, UnicodeDecodeError), own)


def targets() -> tuple[Target, ...]:
    """Return everything that is fuzzed, each under a name of its own."""
    return (*_TABLE, *(_format(form) for form in registry.FORMATS))


def target(name: str) -> Target:
    """Return one target. Raises KeyError."""
    return {one.name: one for one in targets()}[name]


