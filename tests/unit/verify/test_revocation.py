"""Revocation by what a holder cannot change."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from kiosk.adapters.keys import make_signer
from kiosk.domain.credential import Verdict, Verified
from kiosk.domain.reasons import Reason
from kiosk.domain.trust import Algorithm, RevocationUnavailableError
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


def test_a_certificate_is_found_under_its_country_where_its_issuer_is_called_otherwise(signer, code):
    claimed = hc1.parse(code)
    insurer = replace(claimed.credential, issuer="CNAM", details={"country": "FR"})
    found = revocation.identifiers(insurer, claimed.message)
    assert {short(("CNAM" + UCI).encode()), short(("FR" + UCI).encode())} < found
    assert short(("FR" + UCI).encode()) not in revocation.identifiers(replace(insurer, details={}), claimed.message)


def test_a_cards_rid_means_something_only_for_its_issuer_and_key():
    found = {revocation.shc_identifier(*of) for of in product(("https://a", "https://b"), ("k", "l"), ("r", "s"))}
    assert len(found) == 8
    assert revocation.shc_identifier("https://a", "k", "r") == short(b"shc\0https://a\0k\0r")


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


def test_a_credential_without_an_identifier_is_known_by_its_signature_only():
    claimed = hc1.parse(
        health.certificate(
            make_signer("Ministry", Algorithm.PS256, NOW, country="VN", for_passes=False),
            health.vaccination(NOW), NOW,
        )
    )  # fmt: skip
    nameless = replace(claimed.credential, credential_id="")
    assert revocation.identifiers(nameless, claimed.message) == {short(claimed.message.signature)}


class Damaged:
    """A list on a disk that fails."""

    def __contains__(self, identifier):
        raise RevocationUnavailableError


def test_what_would_be_valid_is_not_where_the_list_cannot_be_looked_up(signer, code):
    fresh = list_of_certificates([signer.certificate], NOW)
    trust = replace(fresh, revoked=Damaged())
    found = registry.verify(code.encode(), trust, NOW)
    assert (found.verdict, found.reasons) == (Verdict.STALE_TRUST, (Reason.REVOCATION_UNAVAILABLE,))
    assert registry.verify(code.encode(), trust, NOW + timedelta(days=400)).verdict is Verdict.EXPIRED
    assert isinstance(registry.verify(code.encode(), fresh, NOW), Verified)


@pytest.mark.parametrize(("moment", "withdrawn"), [(-1, False), (0, False), (1, True)])
def test_a_dated_entry_withdraws_what_was_issued_before_its_moment(signer, code, moment, withdrawn):
    issued = NOW - timedelta(days=30)
    before = {short(UCI.encode()): issued + timedelta(seconds=moment)}
    trust = replace(list_of_certificates([signer.certificate], NOW), revoked_before=before)
    found = registry.verify(code.encode(), trust, NOW)
    assert (not isinstance(found, Verified) and found.verdict is Verdict.REVOKED) == withdrawn


def test_a_health_card_is_named_by_issuer_key_and_rid_together():
    named = revocation.shc_identifier("https://a.example", "key", "rid-1")
    assert named == short(b"shc\0https://a.example\0key\0rid-1")
    for other in ("https://a.example", "key", "2"), ("https://a.example", "yek", "rid-1"), ("https://b", "key", "1"):
        assert revocation.shc_identifier(*other) != named
