"""SMART Health Cards of the specification's examples, with what its publisher says of them.

A folder somewhere below `shc` has, for each example N: `example-N-d-jws.txt`, a file (`-e-….smart-health-card`), the
texts of its QR codes (`-f-qr-code-numeric-value-M.txt`, several where the card is in parts) and its payload, readable
(`-b-`) and as it is signed (`-c-`). Keys are those of the `.well-known/jwks.json` whose folder is named most like the
card's own `iss`.

The clock: 60 s after the newest of all `nbf`, when all of them had been issued. A card that ends is looked at once more
an hour after its `exp`, when it must be expired. The issuer's revocation lists are not asked here.
"""

import json
import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path

import pytest

from kiosk.domain.credential import Format, Kind, Rejected, Verdict, Verified
from kiosk.domain.parts import number
from kiosk.domain.reasons import Reason
from kiosk.domain.trust import TrustList
from kiosk.testing.health_cards import in_parts, numeric
from kiosk.verify import jws, registry, shc
from kiosk.verify.jwk import anchors_in_jwks


@dataclass(frozen=True)
class Example:
    name: str
    folder: Path

    def files(self, letter):
        """Return the files of one letter, by the numbers in their names."""
        found = self.folder.glob(f"{self.name}-{letter}-*")
        return sorted(found, key=lambda path: [int(n) for n in re.findall(r"\d+", path.stem)])

    def text(self, letter):
        (path,) = self.files(letter)
        return path.read_text(encoding="utf-8").strip()

    @property
    def codes(self):
        return [path.read_text(encoding="ascii").strip() for path in self.files("f")]

    @property
    def claims(self):
        return json.loads(self.text("b"))

    def time(self, claim):
        return datetime.fromtimestamp(self.claims[claim], UTC)

    def resources(self, name):
        entries = self.claims["vc"]["credentialSubject"]["fhirBundle"]["entry"]
        return [entry["resource"] for entry in entries if entry["resource"]["resourceType"] == name]


@pytest.fixture(scope="module")
def examples(vectors):
    folder = vectors("shc")
    names = {(path.parent, re.match(r"example-\d+", path.name)) for path in folder.rglob("example-*")}
    found = [Example(*one) for one in sorted({(name[0], parent) for parent, name in names if name})]
    complete = [one for one in found if one.files("b") and one.files("d") and one.files("f")]
    assert complete, f"{folder} has no example"
    return complete


@pytest.fixture(scope="module")
def now(examples):
    return max(one.time("nbf") for one in examples) + timedelta(seconds=60)


def likeness(folder, issuer):
    """Return in how many parts, from the end, a folder's path is that of an issuer's address."""
    pairs = zip(folder.parts[::-1], issuer.split("/")[::-1], strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


@pytest.fixture(scope="module")
def trust(vectors, examples, now):
    files = sorted(vectors("shc").rglob(".well-known/jwks.json"))
    assert files, "there are no keys of an issuer"
    anchors = []
    for issuer in {one.claims["iss"] for one in examples}:
        nearest = max(files, key=lambda file: likeness(file.parents[1], issuer))
        anchors += anchors_in_jwks(nearest.read_bytes(), issuer)
    return TrustList.of(anchors, version="1", imported_at=now)


def whole(example):
    return "\n".join(example.codes).encode()


def test_every_example_is_valid_while_it_lasts_and_expired_after(examples, trust, now, say):
    counts = Counter()
    for one in examples:
        found = registry.verify(whole(one), trust, now)
        if "exp" in one.claims and one.time("exp") <= now:
            assert found.verdict is Verdict.EXPIRED, one.name
            counts["expired"] += 1
            continue
        assert isinstance(found, Verified), (one.name, found)
        counts["valid"] += 1
        if "exp" in one.claims:
            after = registry.verify(whole(one), trust_at(trust, one.time("exp")), one.time("exp") + timedelta(hours=1))
            assert after.verdict is Verdict.EXPIRED, one.name
            counts["expired later"] += 1
    say(f"shc: {len(examples)} examples, " + ", ".join(f"{count} {word}" for word, count in sorted(counts.items())))


def trust_at(trust, when):
    """Return the same list, taken over at another time."""
    anchors = [anchor for same in trust.anchors.values() for anchor in same]
    return TrustList.of(anchors, version=trust.version, imported_at=when)


def test_what_is_read_is_what_the_payload_says(examples):
    for one in examples:
        credential = shc.parse(whole(one).decode()).credential
        claims = one.claims
        assert (credential.format, credential.issuer) == (Format.SHC, claims["iss"])
        assert credential.issued_at == one.time("nbf").replace(microsecond=0)
        assert credential.details.get("rid") == claims["vc"].get("rid")
        done = [r for r in one.resources("Immunization") if r.get("status") == "completed"]
        days = {r["occurrenceDateTime"][:10] for r in done if "occurrenceDateTime" in r}
        if credential.kind is Kind.VACCINATION and days:
            assert credential.details["event_date"] in days, one.name
            assert 1 <= credential.details.get("dose", 1) <= len(days), one.name
        elif credential.kind is Kind.TEST:
            assert one.resources("Observation"), one.name
        for patient in one.resources("Patient"):
            names = patient.get("name", [])
            assert credential.holder.family_name in {name.get("family", name.get("text")) for name in names}, one.name
            assert credential.holder.given_name in {" ".join(name.get("given", [])) for name in names}, one.name
            assert credential.holder.birth_date == patient.get("birthDate", ""), one.name


def test_codes_file_and_jws_are_the_same(examples):
    for one in examples:
        compact = one.text("d")
        assert shc._compact(whole(one).decode()) == compact, one.name
        assert shc._payload(jws.parse(compact)) == one.claims == json.loads(one.text("c")), one.name
        if one.files("e"):
            assert json.loads(one.text("e"))["verifiableCredential"] == [compact], one.name


def test_a_part_alone_waits_for_the_others(examples, trust, now, say):
    in_pieces = [one for one in examples if len(one.codes) > 1]
    for one in in_pieces:
        for code in one.codes:
            assert number(code.encode()).total == len(one.codes)
            assert registry.verify(code.encode(), trust, now).reasons == (Reason.PART_OF_MORE,)
        turned_round = "\n".join(one.codes[::-1]).encode()
        assert registry.verify(turned_round, trust, now) == registry.verify(whole(one), trust, now)
    say(f"shc: {len(in_pieces)} of them in several parts")


def test_any_example_can_come_in_parts(examples, trust, now):
    for one in examples:
        if len(one.codes) == 1:
            parts = "\n".join(in_parts(one.codes[0], 3)).encode()
            assert registry.verify(parts, trust, now) == registry.verify(whole(one), trust, now), one.name


def test_no_example_is_believed_without_its_key_or_with_another_letter(examples, trust, now):
    for one in examples:
        assert registry.verify(whole(one), TrustList(), now).reasons == (Reason.ISSUER_UNKNOWN,), one.name
        head, payload, signature = one.text("d").split(".")
        turned = signature[:-9] + ("A" if signature[-9] != "A" else "B") + signature[-8:]
        forged = numeric(f"{head}.{payload}.{turned}")
        found = registry.verify("\n".join(in_parts(forged, 5)).encode(), trust, now)
        assert isinstance(found, Rejected), one.name
        assert found.verdict is Verdict.BAD_SIGNATURE, one.name
