"""The order of the verdicts (DESIGN section 7, rule 6): whatever is wrong as well, the earliest is told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain, combinations

import cbor2
import pytest

from kiosk.domain.credential import Kind, Rejected, Verdict, Verified
from kiosk.domain.reasons import Reason
from kiosk.domain.trust import Algorithm, TrustList, TrustSource
from kiosk.testing.health_certificates import vaccination
from kiosk.verify import cose, envelope, hc1, native_pass, registry
from kiosk.verify.steps import verify_claimed
from kiosk.verify.trust_list import anchor_of

NOW = datetime(2026, 7, 5, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

# In the order in which they are found out.
FAULTS = {
    "no end": (Verdict.MALFORMED, Reason.EXPIRY_MISSING),
    "unknown key": (Verdict.UNKNOWN_ISSUER, Reason.ISSUER_UNKNOWN),
    "turned bit": (Verdict.BAD_SIGNATURE, Reason.SIGNATURE_INVALID),
    "wrong kind": (Verdict.UNKNOWN_ISSUER, Reason.ISSUER_NOT_ENTITLED),
    "from tomorrow": (Verdict.NOT_YET_VALID, Reason.NOT_YET_VALID),
    "until yesterday": (Verdict.EXPIRED, Reason.EXPIRED),
    "stale list": (Verdict.STALE_TRUST, Reason.TRUST_STALE),
}
EVERY_SET = list(chain.from_iterable(combinations(FAULTS, size) for size in range(1, len(FAULTS) + 1)))


def message_of(signer, faults=(), **more):
    claims = {1: "VN", 4: NOW + DAY, 6: NOW - DAY, -260: {1: vaccination(NOW - 30 * DAY)}}
    if "from tomorrow" in faults:
        claims[6] = NOW + DAY
    if "until yesterday" in faults:
        claims[4] = NOW - DAY
    claims |= {int(key[1:]): value for key, value in more.items()}
    if "no end" in faults:
        del claims[4]
    plain = {k: int(v.timestamp()) if isinstance(v, datetime) else v for k, v in claims.items()}
    message = bytearray(cose.sign(cbor2.dumps(plain), signer.key, signer.key_id))
    if "turned bit" in faults:
        message[-1] ^= 1
    return bytes(message)


def verify(message, trust, now=NOW):
    return registry.verify(envelope.wrap(message, hc1.PREFIX, compress=True).encode(), trust, now)


@pytest.fixture
def world(stranger):
    def make(signer, faults=()):
        anchor = anchor_of((stranger if "unknown key" in faults else signer).certificate)
        if "wrong kind" in faults:
            anchor = replace(anchor, kinds=frozenset({Kind.TEST}))
        imported = NOW - (31 * DAY if "stale list" in faults else DAY)
        return TrustList.of([anchor], version="7", imported_at=imported)

    return make


@pytest.mark.parametrize("algorithm", Algorithm)
def test_valid(signers, world, algorithm):
    signer = signers[algorithm]
    found = verify(message_of(signer), world(signer))
    assert isinstance(found, Verified)
    assert (found.key_id, found.basis.version, found.basis.age_s) == (signer.key_id.hex(), "7", 86_400)


@pytest.mark.parametrize("algorithm", Algorithm)
@pytest.mark.parametrize("fault", FAULTS)
def test_each_verdict(signers, world, algorithm, fault):
    signer = signers[algorithm]
    found = verify(message_of(signer, [fault]), world(signer, [fault]))
    assert isinstance(found, Rejected)
    assert (found.verdict, found.reasons) == (FAULTS[fault][0], (FAULTS[fault][1],))
    assert found.credential.credential_id.startswith("URN:UVCI")


@pytest.mark.parametrize("algorithm", Algorithm)
def test_of_several_faults_the_earliest_is_told(signers, world, algorithm):
    signer = signers[algorithm]
    for faults in EVERY_SET:
        found = verify(message_of(signer, faults), world(signer, faults))
        assert (found.verdict, found.reasons) == (FAULTS[faults[0]][0], (FAULTS[faults[0]][1],)), faults
    assert len(EVERY_SET) == 127


def test_damage_is_told_before_everything(signer, world):
    message = message_of(signer, FAULTS) + b"\0"
    assert verify(message, world(signer, FAULTS)).reasons == (Reason.CBOR_INVALID,)


def test_an_algorithm_that_is_not_the_keys_is_a_bad_signature(signer, world, craft):
    payload = cose.parse(message_of(signer, ["until yesterday"])).payload
    message = craft(signer, payload, protected={1: -8, 4: signer.key_id})
    found = verify(message, world(signer))
    assert (found.verdict, found.reasons) == (Verdict.BAD_SIGNATURE, (Reason.ALGORITHM_MISMATCH,))


def test_without_a_key_id_no_key_is_tried(signer, world, craft):
    payload = cose.parse(message_of(signer)).payload
    found = verify(craft(signer, payload, protected={1: -7}), world(signer))
    assert (found.verdict, found.reasons) == (Verdict.UNKNOWN_ISSUER, (Reason.KEY_ID_MISSING,))


def test_the_key_id_outside_the_signature_will_do(signer, world, craft):
    payload = cose.parse(message_of(signer)).payload
    message = craft(signer, payload, protected={1: -7}, unprotected={4: signer.key_id})
    assert isinstance(verify(message, world(signer)), Verified)


def test_the_protected_key_id_wins_even_where_the_other_one_is_right(signer, stranger, world, craft):
    payload = cose.parse(message_of(signer)).payload
    message = craft(signer, payload, protected={1: -7, 4: stranger.key_id}, unprotected={4: signer.key_id})
    assert verify(message, world(signer)).reasons == (Reason.ISSUER_UNKNOWN,)


@pytest.mark.parametrize("issuers", [("DE", "FR"), ("VN", "VN")])
def test_two_keys_with_one_id_are_not_tried_in_turn(signer, stranger, issuers):
    mine, other = anchor_of(signer.certificate), anchor_of(stranger.certificate)
    trust = TrustList.of(
        [replace(mine, issuer=issuers[0]), replace(other, issuer=issuers[1], key_id=mine.key_id)],
        version="7", imported_at=NOW,
    )  # fmt: skip
    found = verify(message_of(signer), trust)
    assert (found.verdict, found.reasons) == (Verdict.UNKNOWN_ISSUER, (Reason.KEY_AMBIGUOUS,))


def test_the_issuer_tells_two_keys_with_one_id_apart(signer, stranger):
    mine, other = anchor_of(signer.certificate), anchor_of(stranger.certificate)
    shared = replace(other, issuer="FR", key_id=mine.key_id)
    trust = TrustList.of([mine, shared], version="7", imported_at=NOW)
    assert isinstance(verify(message_of(signer), trust), Verified)
    assert verify(message_of(signer, c1="FR"), trust).reasons == (Reason.SIGNATURE_INVALID,)
    assert verify(message_of(signer, c1="DE"), trust).reasons == (Reason.KEY_AMBIGUOUS,)


@pytest.mark.parametrize("said", ["CNAM", "FR"])
def test_the_issuer_of_a_certificate_need_not_be_the_signers_country_and_counts_for_nothing(signer, world, said):
    found = verify(message_of(signer, c1=said), world(signer))
    assert isinstance(found, Verified)
    assert found.credential.issuer == "VN"


@pytest.mark.parametrize("claim", ["c5", "c6"])
def test_clocks_may_differ_by_five_minutes(signer, world, claim):
    skew, second = timedelta(minutes=5), timedelta(seconds=1)
    assert isinstance(verify(message_of(signer, **{claim: NOW + skew}), world(signer)), Verified)
    late = verify(message_of(signer, **{claim: NOW + skew + second}), world(signer))
    assert late.verdict is Verdict.NOT_YET_VALID


def test_the_times_need_not_say_when_it_begins(signer, world):
    assert isinstance(verify(message_of(signer, c6=None), world(signer)), Verified)


def test_the_last_second_is_valid_and_no_skew_is_added_to_it(signer, world):
    message = message_of(signer, c4=NOW)
    assert isinstance(verify(message, world(signer)), Verified)
    assert verify(message, world(signer), NOW + timedelta(seconds=1)).verdict is Verdict.EXPIRED


def test_an_empty_list_trusts_nobody(signer):
    assert verify(message_of(signer), TrustList()).reasons == (Reason.ISSUER_UNKNOWN,)


def two_sources(signer, hotel, *, health_days=1, venue_days=1, accept_stale=()):
    """A health list and the venue's own keys, each so many days old."""
    lists = [
        TrustList.of([anchor_of(who.certificate)], version=name, imported_at=NOW - days * DAY, name=name)
        for name, who, days in (("health", signer, health_days), ("venue", hotel, venue_days))
    ]
    merged = TrustList.merged(lists)
    return merged.with_sources(lambda source: replace(source, accept_stale=source.name in accept_stale))


def pass_of(hotel):
    content = native_pass.PassContent(
        "Hotel A", "x", b"1", Kind.VISIT, "*", NOW - HOUR, NOW - HOUR, NOW + HOUR,
    )  # fmt: skip
    return native_pass.encode(content, hotel.key, hotel.key_id).encode()


def test_a_stale_source_spoils_only_its_own_keys(signer, hotel):
    old_health = two_sources(signer, hotel, health_days=31)
    assert verify(message_of(signer), old_health).verdict is Verdict.STALE_TRUST
    found = registry.verify(pass_of(hotel), old_health, NOW)
    assert (found.basis.source, found.basis.age_s, found.basis.stale) == ("venue", 86_400, False)
    old_venue = two_sources(signer, hotel, venue_days=31)
    assert isinstance(verify(message_of(signer), old_venue), Verified)
    assert registry.verify(pass_of(hotel), old_venue, NOW).verdict is Verdict.STALE_TRUST


def test_a_stale_source_makes_valid_only_what_the_venue_accepts_loudly_and_says_so(signer, hotel):
    trust = two_sources(signer, hotel, health_days=31, venue_days=31, accept_stale={"health"})
    found = verify(message_of(signer), trust)
    assert isinstance(found, Verified)
    assert (found.basis.source, found.basis.stale, found.basis.age_s) == ("health", True, 31 * 86_400)
    assert registry.verify(pass_of(hotel), trust, NOW).verdict is Verdict.STALE_TRUST


def test_a_clock_that_was_set_back_makes_no_list_fresh(signer, world):
    trust = world(signer)
    before = NOW - DAY - timedelta(minutes=6)
    assert verify(message_of(signer, c6=None), trust, before).reasons == (Reason.TRUST_STALE,)
    assert isinstance(verify(message_of(signer, c6=None), trust.as_of(before), before), Verified)


def withdrawing(trust, *lists):
    """Add lists of withdrawn codes with these names, ages in days and whether the venue accepts them however old."""
    aged = tuple(TrustSource(name, "3", NOW - days * DAY, 30 * DAY, loudly) for name, days, loudly in lists)
    return replace(trust, withdrawing=aged)


@pytest.mark.parametrize(
    ("lists", "reason", "stale"),
    [
        ([("eu", 30, False)], None, False),
        ([("eu", 31, False)], Reason.REVOCATION_STALE, None),
        ([("clinic", 1, False), ("eu", 31, False)], Reason.REVOCATION_STALE, None),
        ([("eu", -1, False)], Reason.REVOCATION_STALE, None),
        ([("eu", 31, True), ("clinic", 1, False)], None, True),
    ],
)
def test_an_old_list_of_withdrawn_codes_makes_nobody_valid_unless_the_venue_says_so_loudly(
    signer, world, lists, reason, stale
):
    found = verify(message_of(signer), withdrawing(world(signer), *lists))
    if reason is None:
        assert isinstance(found, Verified)
        assert (found.basis.stale, found.basis.version) == (stale, "7")
    else:
        assert (found.verdict, found.reasons) == (Verdict.STALE_TRUST, (reason,))


def test_whatever_else_is_wrong_is_told_before_an_old_list_of_withdrawn_codes(signer, world):
    for fault, (verdict, reason) in FAULTS.items():
        trust = withdrawing(world(signer, [fault]), ("eu", 31, False))
        found = verify(message_of(signer, [fault]), trust)
        assert (found.verdict, found.reasons) == (verdict, (reason,))


def test_a_question_about_the_past_takes_no_list_of_withdrawn_codes_for_one_to_come(signer, world):
    trust, before = withdrawing(world(signer), ("eu", 1, False)), NOW - 10 * DAY
    found = verify(message_of(signer, c6=None), trust.as_of(before), before)
    assert isinstance(found, Verified)
    assert not found.basis.stale


def test_the_freshest_source_that_entitles_a_key_counts(signer):
    anchor = anchor_of(signer.certificate)
    for_tests = replace(anchor, kinds=frozenset({Kind.TEST}))

    def trust(*lists):
        return TrustList.merged(
            TrustList.of([keys], version=name, imported_at=NOW - days * DAY, name=name) for keys, name, days in lists
        )

    assert verify(message_of(signer), trust((anchor, "old", 31), (anchor, "new", 2))).basis.source == "new"
    # What only the old one grants is not made fresh by the new one.
    assert verify(message_of(signer), trust((anchor, "old", 31), (for_tests, "new", 2))).verdict is Verdict.STALE_TRUST


def test_a_withdrawn_key_is_found_before_its_signature_is_looked_at(signer, world):
    trust = replace(world(signer), revoked_keys=frozenset({signer.key_id}))
    found = verify(message_of(signer, ["turned bit", "until yesterday"]), trust)
    assert (found.verdict, found.reasons) == (Verdict.UNKNOWN_ISSUER, (Reason.KEY_REVOKED,))
    gone = replace(TrustList(), revoked_keys=frozenset({signer.key_id}))
    assert verify(message_of(signer), gone).reasons == (Reason.KEY_REVOKED,)


def test_a_withdrawn_key_is_withdrawn_for_a_format_that_finds_it_without_its_id(signer):
    anchor = anchor_of(signer.certificate)
    claimed = hc1.parse(envelope.wrap(message_of(signer), hc1.PREFIX, compress=True))
    trust = TrustList(revoked_keys=frozenset({b"authority"}))
    found = verify_claimed(claimed, trust, NOW, find=lambda *_: replace(anchor, key_id=b"authority"))
    assert found.reasons == (Reason.KEY_REVOKED,)


def test_old_and_new_key_work_side_by_side_until_the_old_one_leaves(signer, stranger, trusting):
    for message in (message_of(signer), message_of(stranger)):
        assert isinstance(verify(message, trusting(signer, stranger)), Verified)
    assert verify(message_of(signer), trusting(stranger)).reasons == (Reason.ISSUER_UNKNOWN,)


def test_a_key_for_passes_ends_with_its_certificate_and_one_for_certificates_does_not(signer, hotel, trusting):
    trust = trusting(signer, hotel)
    ended = trust.find("Hotel A", hotel.key_id).valid_until + timedelta(seconds=1)
    content = native_pass.PassContent("Hotel A", "x", b"1", Kind.VISIT, "*", ended, ended, ended + HOUR)
    text = native_pass.encode(content, hotel.key, hotel.key_id).encode()
    fresh = trust.with_sources(lambda source: replace(source, imported_at=ended))
    assert registry.verify(text, fresh, ended).reasons == (Reason.ISSUER_UNKNOWN,)
    assert isinstance(registry.verify(text, fresh, ended - timedelta(seconds=1)), Verified)
    assert isinstance(verify(message_of(signer, c4=ended + HOUR), fresh, ended), Verified)
