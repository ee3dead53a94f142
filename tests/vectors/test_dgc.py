"""EU certificates with the verdicts that their publishers expect: every `*/2DCode/**/*.json` of dgc-testdata.

A vector says of each step of reading whether it must succeed (`EXPECTEDRESULTS`); a step that it does not name says
nothing. Its clock is TESTCTX.VALIDATIONCLOCK and its trust list the one certificate TESTCTX.CERTIFICATE; one that
lacks either gets no verdict, and one that lacks what a step begins or ends with is not asked about that step.
"""

import base64
import csv
import json
import os
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import base45
import pytest

from kiosk.domain.credential import Verified
from kiosk.domain.reasons import Reason
from kiosk.domain.trust import TrustError, TrustList
from kiosk.verify import cbor, cose, envelope, hc1, registry, signature
from kiosk.verify.errors import MalformedError
from kiosk.verify.trust_list import certificates_in, list_of_certificates
from kiosk.vision.pictures import PictureError, load_bytes
from kiosk.vision.still import StillReader

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("KIOSK_VECTORS", ROOT / "../shared/vectors")) / "dgc-testdata"

BLAME = {
    Reason.UNKNOWN_FORMAT: "UNPREFIX",
    Reason.BASE45_INVALID: "B45DECODE",
    Reason.INFLATE_FAILED: "COMPRESSION",
    Reason.INFLATED_TOO_LARGE: "COMPRESSION",
    Reason.CBOR_INVALID: "DECODE",
    Reason.COSE_INVALID: "DECODE",
    Reason.CLAIMS_INVALID: "DECODE",
    Reason.EXPIRY_MISSING: "DECODE",
    Reason.SCHEMA_INVALID: "SCHEMAVALIDATION",
    Reason.KEY_ID_MISSING: "VERIFY",
    Reason.ISSUER_UNKNOWN: "VERIFY",
    Reason.ALGORITHM_MISMATCH: "VERIFY",
    Reason.SIGNATURE_INVALID: "VERIFY",
    Reason.ISSUER_NOT_ENTITLED: "KEYUSAGE",
    Reason.NOT_YET_VALID: "EXPIRATIONCHECK",
    Reason.EXPIRED: "EXPIRATIONCHECK",
}
"""Which step of the vectors a reason of ours speaks of."""
KNOWN_ISSUES = {
    "test_cose_schema": "SCHEMAVALIDATION",
    "test_cose_json": "VALIDJSON",
    "test_cbor_json": "VALIDJSON",
    "test_verification_check": "VERIFY",
    "test_expiration_check": "EXPIRATIONCHECK",
    "test_expected_key_usage": "KEYUSAGE",
}
"""What the tests that known_issues.csv names are about."""
ANY_DAY = datetime(2021, 7, 1, tzinfo=UTC)
"""Stands in for a clock where time does not matter."""


@dataclass(frozen=True)
class Vector:
    country: str
    stem: str
    content: dict
    known: frozenset

    @property
    def results(self):
        said = self.content.get("EXPECTEDRESULTS") or {}
        return {key: value for key, value in said.items() if value is not None}

    @property
    def said(self):
        """What it says, less what is known to be said wrongly."""
        results = {key.removeprefix("EXPECTED"): value for key, value in self.results.items()}
        return {key: value for key, value in results.items() if key not in self.known}

    def context(self, key):
        return (self.content.get("TESTCTX") or {}).get(key)

    @property
    def has_verdict(self):
        return bool(self.content.get("PREFIX") and self.context("VALIDATIONCLOCK") and self.context("CERTIFICATE"))

    @property
    def now(self):
        if not (said := self.context("VALIDATIONCLOCK")):
            return ANY_DAY
        clock = datetime.fromisoformat(said)
        return clock if clock.tzinfo else clock.replace(tzinfo=UTC)

    @property
    def trust(self):
        try:
            return list_of_certificates(certificates_in(self.context("CERTIFICATE").encode()), self.now)
        except TrustError:  # a certificate that no list could have: nobody is trusted
            return TrustList()

    @property
    def verdict(self):
        return registry.verify(self.text.encode(), self.trust, self.now)

    @property
    def reading(self):
        """What it says of the steps that a reader goes through from text to verdict."""
        return {key: value for key, value in self.said.items() if key in BLAME.values()}

    @property
    def text(self):
        return self.content["PREFIX"]

    def raw(self, field):
        return bytes.fromhex(self.content[field])

    @property
    def picture(self):
        """The picture in the vector or, where it has none, the file of its name in its country's folder."""
        if inside := self.content.get("2DCODE"):
            return base64.b64decode(inside)
        beside = DATA / self.country / "png" / f"{self.stem}.png"
        return beside.read_bytes() if beside.is_file() else None

    def __str__(self):
        return f"{self.country}/{self.stem}"


def load():
    known = {}
    if (DATA / "known_issues.csv").is_file():
        with (DATA / "known_issues.csv").open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                known.setdefault((row["country"], row["test_set"]), set()).add(KNOWN_ISSUES.get(row["test_name"]))
    for path in sorted(DATA.glob("*/2DCode/**/*.json")):
        country, stem = path.relative_to(DATA).parts[0], path.stem
        wrong = frozenset(known.get((country, stem), set()) | known.get((country, ""), set()))
        yield Vector(country, stem, json.loads(path.read_text(encoding="utf-8-sig")), wrong)


VECTORS = list(load())
JUDGED = [vector for vector in VECTORS if vector.has_verdict]


def has_certificate(vector):
    return bool(vector.context("CERTIFICATE"))


def about(key, *fields, has=lambda _: True):
    """Return the vectors that say something of a step and hold what it takes to look."""
    chosen = [v for v in VECTORS if key in v.said and all(v.content.get(field) for field in fields) and has(v)]
    ASSERTED[key] = len(chosen)
    return pytest.mark.parametrize("vector", chosen, ids=map(str, chosen))


ASSERTED = {}


def succeeds(call, *refusals):
    """Tell whether `call` returns something true; the refusals named mean that it does not."""
    try:
        return bool(call())
    except refusals:
        return False


def payload_in(claims):
    """Return the certificate in decoded CBOR that may be the certificate or the claims around it."""
    return hc1._clean(claims[-260][1] if -260 in claims else claims)


@about("UNPREFIX", "PREFIX", "BASE45")
def test_the_prefix(vector):
    found = vector.text.startswith(hc1.PREFIX) and vector.text.removeprefix(hc1.PREFIX) == vector.content["BASE45"]
    assert found is vector.said["UNPREFIX"]


@about("B45DECODE", "BASE45")
def test_base45(vector):
    def decode():
        raw = base45.b45decode(vector.content["BASE45"])
        return raw == vector.raw("COMPRESSED") if "COMPRESSED" in vector.content else raw

    assert succeeds(decode, ValueError) is vector.said["B45DECODE"]


@about("COMPRESSION", "COMPRESSED", "COSE")
def test_compression(vector):
    same = succeeds(lambda: envelope.inflate(vector.raw("COMPRESSED")) == vector.raw("COSE"), MalformedError)
    assert same is vector.said["COMPRESSION"]


@about("DECODE", "COSE", "CBOR")
def test_cbor(vector):
    def decode():
        claims = cbor.decode(cose.parse(vector.raw("COSE")).payload)
        return payload_in(claims) == payload_in(cbor.decode(vector.raw("CBOR")))

    assert succeeds(decode, MalformedError) is vector.said["DECODE"]


@about("VERIFY", "COSE", has=has_certificate)
def test_the_signature(vector):
    def verify():
        message = cose.parse(vector.raw("COSE"))
        return signature.is_signed_by(message, vector.trust.find("", message.key_id))

    assert succeeds(verify, LookupError) is vector.said["VERIFY"]


@about("VALIDJSON", "PREFIX", "JSON")
def test_the_content(vector):
    same = hc1.parse(vector.text).credential.details["payload"] == hc1._clean(vector.content["JSON"])
    assert same is vector.said["VALIDJSON"]


@about("SCHEMAVALIDATION", "PREFIX")
def test_the_schema(vector):
    assert succeeds(lambda: hc1.parse(vector.text), MalformedError) is vector.said["SCHEMAVALIDATION"]


@about("KEYUSAGE", "PREFIX", has=has_certificate)
def test_the_key_usage(vector):
    claimed = hc1.parse(vector.text)
    anchor = vector.trust.find("", claimed.message.key_id)
    assert (claimed.credential.kind in anchor.kinds) is vector.said["KEYUSAGE"]


@about("PICTUREDECODE", "PREFIX", has=lambda vector: vector.picture is not None)
def test_the_picture(vector):
    try:
        codes = [code.data for code in StillReader().look(load_bytes(vector.picture)).codes]
    except PictureError:
        codes = []
    assert (codes == [vector.text.encode()]) is vector.said["PICTUREDECODE"]


@pytest.mark.parametrize("vector", JUDGED, ids=map(str, JUDGED))
def test_the_verdict(vector):
    """The whole way from text to verdict: wrong where the vector says so, else right as far as it says anything."""
    found, said = vector.verdict, vector.reading
    denied = {key for key, value in said.items() if not value}
    if "DECODE" in denied:
        denied.add("SCHEMAVALIDATION")  # CBOR that is not laid out as a certificate
    if "COMPRESSION" in denied:
        denied.add("DECODE")  # a stream whose first byte is wrong is not taken for one
    if isinstance(found, Verified):
        assert denied == set()
    else:
        blamed = BLAME[found.reasons[0]]
        assert blamed in denied if denied else blamed not in said, f"{vector}: {found.reasons}"


def test_the_whole_set(vectors, say):
    vectors("dgc-testdata")
    assert VECTORS
    results = [(v, v.verdict) for v in JUDGED]
    reasons = Counter("valid" if isinstance(r, Verified) else r.reasons[0].value for _, r in results)
    asked = Counter(key for vector in VECTORS for key in vector.said)
    unasked = {key: count for key, count in sorted(asked.items()) if key not in {*ASSERTED, "EXPIRATIONCHECK"}}
    issues = sorted(f"{v} {key}" for v in VECTORS for key in v.known if f"EXPECTED{key}" in v.results)
    blind = sum("PICTUREDECODE" in v.said and v.picture is None for v in VECTORS)
    say(
        f"dgc-testdata: {len(VECTORS)} vectors in {len({v.country for v in VECTORS})} folders, "
        f"{sum(ASSERTED.values())} steps {ASSERTED} and {len(JUDGED)} verdicts {dict(reasons)} compared; "
        f"left out: known issues {issues}, {blind} pictures that are not there, what issuers do {unasked}"
    )
    whole = {"VERIFY", "EXPIRATIONCHECK"}  # who says both of these, and nothing against the rest, says 'valid'
    good = [found for v, found in results if whole <= v.reading.keys() and all(v.reading.values())]
    assert all(isinstance(found, Verified) for found in good)
