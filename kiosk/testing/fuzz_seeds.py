"""Where fuzzing starts: made-up inputs of every parser, and published ones from the folder in KIOSK_VECTORS."""

import base64
import json
import os
import zlib
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import base45
import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from kiosk.adapters.keys import Signer, make_signer
from kiosk.api import manager
from kiosk.api import messages as wire
from kiosk.domain.centre import ack_topic
from kiosk.domain.credential import Kind
from kiosk.domain.door_io import Alarm
from kiosk.domain.situation import Direction
from kiosk.domain.staff import StaffRole
from kiosk.domain.staff_door import OpenReason
from kiosk.domain.trust import Algorithm
from kiosk.testing import fuzz_codes as codes
from kiosk.testing import health_certificates as health
from kiosk.testing.centre_keys import STORE
from kiosk.testing.fake_gate import make_record
from kiosk.verify import cbor, cose, hc1, native_pass, receipt
from kiosk.verify.errors import MalformedError
from mqtt_bridge import codec
from mqtt_bridge.topics import KioskAddress

ROOT = Path(__file__).resolve().parents[2]
_NOW = codes.NOW
_MOST = 150
"""Published inputs of one kind: more only slow the beginning down."""


def _vectors() -> Path:
    return Path(os.environ.get("KIOSK_VECTORS", ROOT / "../shared/vectors"))


def _published(pattern: str) -> list[Path]:
    """Return some of the published files, spread over all of them."""
    found = sorted(path for path in _vectors().glob(pattern) if path.is_file())
    return found[:: len(found) // _MOST + 1]


def _documents(pattern: str) -> Iterator[Any]:
    for path in _published(pattern):
        try:
            yield json.loads(path.read_text(encoding="utf-8-sig"))
        except ValueError:
            continue


def _dump(*values: Any) -> list[bytes]:
    return [json.dumps(value).encode() for value in values]


@cache
def signer() -> Signer:
    """Return the one issuer of what is made up here."""
    return make_signer("Seed", Algorithm.ES256, _NOW - timedelta(days=9), country="VN", for_passes=False)


def _strings(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict() | list():
            for one in value.values() if isinstance(value, dict) else value:
                yield from _strings(one)
        case _:
            return


@cache
def texts() -> list[bytes]:
    """Return the texts of codes."""
    issuer = signer()
    content = native_pass.PassContent(
        "Desk", "visitor-1", b"12345678", Kind.VISIT, "lobby", _NOW, _NOW, _NOW + timedelta(days=1), 3, "Mẫu"
    )
    found = [
        health.certificate(issuer, health.vaccination(_NOW), _NOW),
        health.certificate(issuer, health.recovery(_NOW), _NOW),
        native_pass.encode(content, issuer.key, issuer.key_id),
        *codes.texts(),
        *(vector["PREFIX"] for vector in _documents("dgc-testdata/*/2DCode/**/*.json") if "PREFIX" in vector),
        *(path.read_text(encoding="utf-8") for path in _published("shc/**/*.txt")),
        *(text for tickets in _documents("pretix/*.json") for text in _strings(tickets)),
    ]
    return [text.strip().encode() for text in found]


@cache
def messages() -> list[bytes]:
    """Return COSE messages and what is in them."""
    found = [cbor2.dumps([1, {"a": [1.5, None, b"x"]}, cbor2.CBORTag(0, "2021-06-01")])]
    for text in texts():
        prefix = text[:4].decode(errors="replace")
        if prefix not in (hc1.PREFIX, native_pass.PREFIX):
            continue
        try:
            raw = base45.b45decode(text[4:].decode())
            found.append(zlib.decompress(raw) if raw[:1] == b"x" else raw)
        except (ValueError, zlib.error):
            continue
    return found


@cache
def claims() -> list[bytes]:
    """Return the claims of certificates and passes."""
    found = []
    for message in messages():
        try:
            found.append(cose.parse(message).payload)
        except MalformedError:
            continue
    return [one for one in found if one and isinstance(cbor.decode(one), dict)]


def issuers() -> list[bytes]:
    """Return the certificate whose key signed the made-up texts, so that some get past the signature."""
    return [signer().certificate]


def certificates() -> list[bytes]:
    """Return certificates: DER, base64 and PEM."""
    der = signer().certificate
    pem = b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(der) + b"-----END CERTIFICATE-----\n"
    published = [v["TESTCTX"].get("CERTIFICATE", "") for v in _documents("dgc-testdata/*/2DCode/**/*.json")]
    return [der, base64.b64encode(der), pem, *(base64.b64decode(text) for text in published if text)]


def sign_list(signer: Signer, content: bytes) -> bytes:
    """Return a signed list, whatever its content: what comes after the signature is to be fuzzed, too."""
    start = max(content.find(b"{"), 0)
    assert isinstance(signer.key, ec.EllipticCurvePrivateKey)  # noqa: S101 - for the type checker
    r, s = decode_dss_signature(signer.key.sign(content[start:], ec.ECDSA(hashes.SHA256())))
    return base64.b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")) + content[start:]


def lists() -> list[bytes]:
    """Return the content of signed lists."""
    issuer = signer()
    entry = {
        "kid": base64.b64encode(issuer.key_id).decode(), "rawData": base64.b64encode(issuer.certificate).decode(),
        "country": "VN", "timestamp": "2022-01-01T00:00:00+00:00", "certificateType": "DSC",
    }  # fmt: skip
    return _dump({"certificates": [entry]}, {"certificates": [entry, entry | {"timestamp": "2022"}]}, {})


def bundles() -> list[bytes]:
    """Return bundles of FHIR."""
    return _dump(*codes.bundles())


def card_claims() -> list[bytes]:
    """Return what is inside health cards."""
    return _dump(*codes.card_claims())


def pass_claims() -> list[bytes]:
    """Return what is inside New Zealand passes."""
    return [cbor2.dumps(codes.pass_claims())]


def sealed() -> list[bytes]:
    """Return what is inside seals."""
    return _dump(*codes.sealed())


def jwss() -> list[bytes]:
    """Return signed messages of health cards."""
    return [codes.CARDS.sign(b"payload").encode(), b"e30.e30.e30"]


def jsons() -> list[bytes]:
    """Return JSON texts with everything that JSON has."""
    return [*_dump({"a": [1, -1.5e3, True, None, "\u00e1\U0001f600", {}]}), b'{"a":"\\ud83d\\ude00"}', b"[[[]]]", b'"']


def revocations() -> list[bytes]:
    """Return lists of identifiers."""
    return [b"# a comment\n" + b"0123456789abcdef" * 2 + b"  # why\n\n" + b"AB" * 16 + b"\n", b""]


@cache
def expressions() -> list[bytes]:
    """Return expressions with data, of rules and of the specification's suite."""
    found: list[Any] = [{"Logic": {"reduce": [{"var": ""}, {"+": [{"var": "current"}, 1]}, 0]}, "data": [1, 2]}]
    payload = {"payload": health.vaccination(_NOW), "external": {"validationClock": _NOW.isoformat()}}
    found += [{"Logic": rule["Logic"], "data": payload} for rule in _documents("dcc-rules/**/rule.json")]
    for suite in _documents("certlogic/**/testSuite/*.json"):
        for case in suite["cases"]:
            logic = case.get("certLogicExpression")
            for one in case["assertions"]:
                found.append({"Logic": one.get("certLogicExpression", logic), "data": one["data"]})
    return _dump(*found)


def rules() -> list[bytes]:
    """Return rule documents."""
    rule = {
        "Identifier": "GR-DE-0001", "Type": "Acceptance", "Country": "DE", "Version": "1.0.0", "SchemaVersion": "1.0.0",
        "Engine": "CERTLOGIC", "EngineVersion": "1.0.0", "CertificateType": "General", "AffectedFields": ["v.0"],
        "Description": [{"lang": "en", "desc": "So it is."}], "ValidFrom": "2021-01-01T00:00:00Z", "Region": "BY",
        "ValidTo": "2030-01-01T00:00:00Z", "Logic": {"===": [{"var": "payload.v.0.dn"}, 2]},
    }  # fmt: skip
    return _dump(rule, *_documents("dcc-rules/**/rule.json"))


def suites() -> list[bytes]:
    """Return suites of both kinds."""
    own = {"name": "s", "cases": [{"name": "c", "assertions": [{"certLogicExpression": 1, "data": {}, "expected": 1}]}]}
    checks = {"cases": [{"certLogicExpression": 1, "issues": []}]}
    return _dump(own, checks, *_documents("certlogic/**/*testSuite/*.json"))


def sets() -> list[bytes]:
    """Return value sets in both layouts."""
    return _dump({"colours": ["red"]}, [{"valueSetId": "colours", "valueSetValues": {"red": {"display": "Red"}}}])


def settings() -> list[bytes]:
    """Return settings files: those that the project ships, and a policy."""
    policy = b'version = "1"\nzone = "lobby"\n[[admit]]\nname = "g"\nkinds = ["visit", "vaccination"]\nmin_doses = 2\n'
    shipped = sorted((ROOT / "firmware_config").rglob("*.toml")) + sorted((ROOT / "docs").rglob("*.toml"))
    kiosk = b'[kiosk]\nid = "door-1"\n[paths]\npolicy = "p"\ntrust = "t"\n[gate]\nboard = "b"\npins = "mock"\n'
    door = b'[door]\nkind = "lane"\nescape_route = false\n[[door.hold_open]]\nhours = ["22:00-02:00"]\n'
    return [policy, kiosk, kiosk + door, *(path.read_bytes() for path in shipped)]


FORM = "\n".join([
    'id = "f"', 'version = "1"', 'title = { en = "F" }', 'consent = { en = "I agree." }',
    *(f'[[question]]\nid = "{kind}"\nkind = "{kind}"\nrequired = false\ntext = {{ en = "?" }}'
      for kind in ("name", "date", "phone", "text", "number", "yes_no")),
])  # fmt: skip
"""A form with a question of each kind that a text can answer."""


def answers_typed() -> list[bytes]:
    """Return what people write into forms."""
    said = ("Nguyễn Thị Ánh", "+84 912 345 678", "1990-05-06", "36,8", "yes", "محمد علي", "a\u202eb", " " * 50)
    return [one.encode() for one in said]


def lines() -> list[bytes]:
    """Return messages between the processes, one a line."""
    code = base64.b64encode(b"HC1:\x00\xff")
    said: list[wire.Message] = [
        wire.Hello(role=wire.Role.UI, pid=7),
        wire.Scan(scan="s1", data=code, frame_ns=1, read_ns=2),
        wire.Hint(hint="next_part", part=1, parts=3),
        wire.VisionHealth(camera="ok", source="synthetic", fps=30.0, decode_ms=4.5, moving=True),
        wire.Snapshot(page=wire.Page.REFUSED, visit="v1", reasons=("expired",), next_step="renew", until_ns=9),
        wire.Snapshot(page=wire.Page.LOCKDOWN, alarm=Alarm.DOOR_HELD, alarm_level=2),
        wire.Events(events=(make_record(1), make_record(2)), last=2),
        wire.Trace(step="relay_on", at_ns=8, visit="v1", data={"ms": 1.5}),
        wire.Ask(id=1, request=manager.SignIn(pin="135792")),
        wire.Ask(id=2, session="ab" * 16, request=manager.SetPin(name="night-2", role=StaffRole.GUARD, pin="135792")),
        wire.Ask(id=3, request=manager.OpenDoor(direction=Direction.ENTRY, reason=OpenReason.DELIVERY, longer=True)),
        wire.Answer(id=3, reply=manager.Opened(visit="staff-1", ms=3_000)),
    ]
    return list(map(wire.encode, said))


def events() -> list[bytes]:
    """Return events as they travel."""
    return [codec.encode_event(make_record(1, kiosk="door-1"), KioskAddress("local", "main", "door-1"))]


def receipts() -> list[bytes]:
    """Return a receipt of the centre's, and what it says."""
    signed = receipt.sign(receipt.Receipt("epoch", 7), STORE, ack_topic("local/main/door-1"))
    return [signed, cbor2.dumps({1: "epoch", 2: 7})]


def claim_contents() -> list[bytes]:
    """Return what a provisioning code holds."""
    host, kiosk = "centre.example", "local/main/door-1"
    return [cbor2.dumps({1: [host, 8443], 2: bytes(32), 3: bytes(16), 4: kiosk, 5: 1_800_000_000})]


def answers() -> list[bytes]:
    """Return what the second reader of pictures says."""
    corners = [[0, 0], [9, 0], [9, 9], [0, 9]]
    return _dump([["YQ==", corners, [0, 2, 99]], ["Yg==", corners, [1, 2, 99]], ["Yw==", corners, None]], [])


def headers() -> list[bytes]:
    """Return the bits that a part of a message begins with: mode 3, place, parity, then bytes."""
    return [b"\x02" + bytes([0x30, 0x12, 0xA4, 0x05, 0x68, 0x65]) + bytes(18) + b"hello"]
