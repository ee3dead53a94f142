from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kiosk.domain.credential import HEALTH_KINDS, PASS_KINDS, Kind
from kiosk.domain.trust import (
    Algorithm,
    AmbiguousKeyError,
    RevocationUnavailableError,
    TrustAnchor,
    TrustError,
    TrustList,
    UnknownKeyError,
)

NOW = datetime(2026, 7, 5, 9, tzinfo=UTC)
VN = TrustAnchor("VN", b"id-1", Algorithm.ES256, b"key 1", frozenset({Kind.TEST}))
DE = TrustAnchor("DE", b"id-2", Algorithm.PS256, b"key 2", HEALTH_KINDS)


def listing(*anchors, version="2", imported_at=NOW, **more):
    return TrustList.of(anchors, version=version, imported_at=imported_at, **more)


def test_a_key_is_found_by_its_id_whatever_the_issuer_says():
    trust = listing(VN, DE)
    assert trust.find("VN", b"id-1") == VN
    assert trust.find("CH BAG", b"id-1") == VN
    assert trust.find("", b"id-2") == DE


def test_an_unknown_id_is_unknown():
    with pytest.raises(UnknownKeyError):
        listing(VN).find("VN", b"id-9")
    with pytest.raises(UnknownKeyError):
        TrustList().find("VN", b"id-1")


def test_a_shared_id_needs_the_issuer():
    shared = replace(DE, key_id=b"id-1")
    trust = listing(VN, shared)
    assert trust.find("VN", b"id-1") == VN
    assert trust.find("DE", b"id-1") == shared
    with pytest.raises(AmbiguousKeyError):
        trust.find("FR", b"id-1")


def test_two_keys_of_one_issuer_with_one_id_are_never_chosen_between():
    trust = listing(VN, replace(VN, public_key=b"key 9"))
    assert len(trust) == 2
    with pytest.raises(AmbiguousKeyError):
        trust.find("VN", b"id-1")


def test_the_same_key_twice_is_one_anchor_and_its_kinds_add_up():
    trust = listing(VN, replace(VN, kinds=frozenset({Kind.RECOVERY})), VN)
    assert len(trust) == 1
    assert trust.find("VN", b"id-1").kinds == {Kind.TEST, Kind.RECOVERY}


def test_a_list_ages_from_its_import():
    trust = listing(VN, max_age=timedelta(days=10))
    assert trust.age(NOW + timedelta(days=3)) == timedelta(days=3)
    assert not trust.is_stale(NOW + timedelta(days=10))
    assert trust.is_stale(NOW + timedelta(days=10, seconds=1))


def test_a_clock_that_was_set_back_makes_no_negative_age():
    assert listing(VN).age(NOW - timedelta(days=1)) == timedelta(0)


def test_an_empty_list_has_no_age():
    assert TrustList().age(NOW) == timedelta(0)
    assert not TrustList().is_stale(NOW)
    assert len(TrustList()) == 0


def test_a_list_is_never_rolled_back():
    old, new = listing(VN, version="2026-07-01"), listing(DE, version="2026-07-02")
    assert old.replaced_by(new) is new
    assert TrustList().replaced_by(old) is old
    for older in (old, TrustList(), listing(version="")):
        with pytest.raises(TrustError):
            new.replaced_by(older)


def test_a_list_of_the_same_version_is_taken_so_that_its_age_starts_anew():
    later = listing(VN, imported_at=NOW + timedelta(days=1))
    assert listing(VN).replaced_by(later) is later


def test_no_kind_is_both_a_certificates_and_a_passes():
    assert frozenset() == HEALTH_KINDS & PASS_KINDS
    assert frozenset(Kind) - {Kind.IDENTITY, Kind.SAMPLE} == (HEALTH_KINDS | PASS_KINDS)


class Broken:
    """A list that cannot be looked up but for one entry."""

    def __contains__(self, identifier):
        if identifier == b"there":
            return True
        raise RevocationUnavailableError


def test_a_hit_counts_whatever_ails_the_rest():
    trust = TrustList(revoked=Broken())
    assert trust.withdraws([b"other", b"there"], None)
    with pytest.raises(RevocationUnavailableError):
        trust.withdraws([b"other"], None)
    assert not trust.withdraws([], None)


@pytest.mark.parametrize(("issued", "withdrawn"), [(-1, True), (0, False), (1, False), (None, True)])
def test_dated_entries_withdraw_what_was_issued_before(issued, withdrawn):
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    trust = TrustList(revoked_before={b"x": moment})
    issued_at = None if issued is None else moment + timedelta(seconds=issued)
    assert trust.withdraws([b"x"], issued_at) == withdrawn
    assert not trust.withdraws([b"y"], issued_at)
