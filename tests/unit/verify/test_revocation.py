"""Revocation by what a holder cannot change."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kiosk.adapters.keys import make_signer
from kiosk.domain.credential import Verdict, Verified
from kiosk.domain.trust import Algorithm, TrustError
from kiosk.testing import health_certificates as health
from kiosk.verify import hc1, registry, revocation
from kiosk.verify.trust_list import list_of_certificates

NOW = datetime(2026, 6, 1, tzinfo=UTC)
UCI = "URN:UVCI:01:VN:SAMPLE000000000000#0"
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256


def short(data):
    return hashlib.sha256(data).digest()[:16]


@pytest.fixture(params=[Algorithm.ES256, Algorithm.ES512, Algorithm.PS256], ids=str)
def signer(request):
    return make_signer("Ministry", request.param, NOW - timedelta(days=400), country="VN", for_passes=False)


@pytest.fixture
def code(signer):
    return health.certificate(signer, health.vaccination(NOW - timedelta(days=90)), NOW - timedelta(days=30))


def verified(signer, code, revoked, now=NOW):
    trust = replace(list_of_certificates([signer.certificate], NOW), revoked=frozenset(revoked))
    return registry.verify(code.encode(), trust, now)


def test_without_its_identifier_on_the_list_it_is_valid(signer, code):
    assert isinstance(verified(signer, code, {short(b"another")}), Verified)


@pytest.mark.parametrize("identifier", [UCI, "VN" + UCI])
def test_identifier_and_country_with_identifier_withdraw_it(signer, code, identifier):
    assert verified(signer, code, {short(identifier.encode())}).verdict is Verdict.REVOKED


def test_its_signature_withdraws_it(signer, code):
    claimed = hc1.parse(code)
    signature = claimed.message.signature
    halves = {Algorithm.ES256: 32, Algorithm.ES512: 66}
    covered = signature[: halves.get(claimed.message.algorithm)]
    assert verified(signer, code, {short(covered)}).verdict is Verdict.REVOKED


def test_turning_s_around_does_not_escape_the_list():
    signer = make_signer("Ministry", Algorithm.ES256, NOW - timedelta(days=400), country="VN", for_passes=False)
    code = health.certificate(signer, health.vaccination(NOW - timedelta(days=90)), NOW - timedelta(days=30))
    claimed = hc1.parse(code)
    r, s = claimed.message.signature[:32], int.from_bytes(claimed.message.signature[32:], "big")
    twin = replace(claimed.message, signature=r + (ORDER - s).to_bytes(32, "big"))
    assert revocation.identifiers(claimed.credential, twin) == revocation.identifiers(
        claimed.credential, claimed.message
    )


def test_revoked_is_said_before_expired_and_after_the_signature(signer, code):
    later = NOW + timedelta(days=400)
    assert verified(signer, code, {short(UCI.encode())}, later).verdict is Verdict.REVOKED
    forged = health.forge(code)
    assert verified(signer, forged, {short(UCI.encode())}).verdict is Verdict.BAD_SIGNATURE


def test_a_list_has_one_identifier_a_line_and_comments():
    first, second = short(b"1"), short(b"2")
    text = f"# withdrawn\n{first.hex()}  # lost\n\n{second.hex().upper()}\r\n"
    assert revocation.read_list(text.encode()) == {first, second}


@pytest.mark.parametrize("line", ["abc", "00" * 15, "00" * 17, "zz" * 16, "\u0660" * 32])
def test_a_line_that_is_no_identifier_is_named(line):
    with pytest.raises(TrustError, match="line 2"):
        revocation.read_list(f"# list\n{line}\n".encode())


def test_a_credential_without_an_identifier_is_known_by_its_signature_only():
    claimed = hc1.parse(
        health.certificate(
            make_signer("Ministry", Algorithm.PS256, NOW, country="VN", for_passes=False),
            health.vaccination(NOW), NOW,
        )
    )  # fmt: skip
    nameless = replace(claimed.credential, credential_id="")
    assert revocation.identifiers(nameless, claimed.message) == {short(claimed.message.signature)}
