from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kiosk.domain.credential import HEALTH_KINDS, PASS_KINDS, Format, Kind
from kiosk.domain.trust import (
    Algorithm,
    AmbiguousKeyError,
    RevocationUnavailableError,
    Role,
    TrustAnchor,
    TrustError,
    TrustList,
    TrustSource,
    UnknownKeyError,
    is_older,
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


def test_a_source_says_its_version_its_age_and_its_name():
    basis = TrustSource("eu", "7", NOW).basis(NOW + timedelta(hours=2))
    assert (basis.version, basis.age_s, basis.stale, basis.source) == ("7", 7200, False, "eu")


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


def test_the_same_key_twice_is_good_for_the_formats_of_both():
    seals, cards = (replace(VN, formats=frozenset({form})) for form in (Format.VDS_NC, Format.HC1))
    assert listing(seals, cards).find("VN", b"id-1").formats == {Format.VDS_NC, Format.HC1}


def test_the_same_key_twice_is_one_anchor_and_its_kinds_add_up():
    trust = listing(VN, replace(VN, kinds=frozenset({Kind.RECOVERY})), VN)
    assert len(trust) == 1
    assert trust.find("VN", b"id-1").kinds == {Kind.TEST, Kind.RECOVERY}


AUTHORITY = replace(VN, role=Role.AUTHORITY)


def test_an_authority_is_found_as_one_only():
    trust = listing(AUTHORITY)
    assert trust.find_authority("VN", b"id-1") == AUTHORITY
    with pytest.raises(UnknownKeyError):
        trust.find("VN", b"id-1")
    with pytest.raises(UnknownKeyError):
        listing(VN).find_authority("VN", b"id-1")


def test_an_authority_speaks_for_its_own_country_only():
    for country, key_id in (("DE", b"id-1"), ("", b"id-1"), ("VN", b"id-2")):
        with pytest.raises(UnknownKeyError):
            listing(AUTHORITY).find_authority(country, key_id)


def test_two_authorities_of_a_country_with_one_id_are_never_chosen_between():
    trust = listing(AUTHORITY, replace(AUTHORITY, public_key=b"key 9"))
    with pytest.raises(AmbiguousKeyError):
        trust.find_authority("VN", b"id-1")


def test_the_same_key_in_both_roles_stays_two_anchors():
    trust = listing(VN, AUTHORITY)
    assert (trust.find("VN", b"id-1"), trust.find_authority("VN", b"id-1")) == (VN, AUTHORITY)


def test_the_signers_of_a_format():
    ticket = replace(DE, formats=frozenset({Format.PRETIX}))
    trust = listing(VN, ticket, replace(ticket, role=Role.AUTHORITY, key_id=b"id-3"))
    assert trust.signers_of(Format.PRETIX) == (ticket,)
    assert trust.signers_of(Format.SHC) == ()


def test_the_signers_of_a_changed_list_are_its_own():
    trust = listing(replace(DE, formats=frozenset({Format.PRETIX})))
    assert trust.signers_of(Format.PRETIX) is trust.signers_of(Format.PRETIX)
    changed = trust.with_sources(lambda source: replace(source, version="later"))
    assert [anchor.source.version for anchor in changed.signers_of(Format.PRETIX)] == ["later"]


def test_a_list_ages_from_its_import():
    trust = listing(VN, max_age=timedelta(days=10))
    assert trust.age(NOW + timedelta(days=3)) == timedelta(days=3)
    assert not trust.is_stale(NOW + timedelta(days=10))
    assert trust.is_stale(NOW + timedelta(days=10, seconds=1))


def test_an_import_that_is_yet_to_come_has_no_age_and_is_stale():
    trust = listing(VN)
    assert trust.age(NOW - timedelta(days=1)) == timedelta(0)
    assert trust.is_stale(NOW - timedelta(days=1))
    assert not trust.is_stale(NOW - timedelta(minutes=5)), "two honest clocks differ as much"


def test_no_moment_is_too_late_to_ask_for_an_age():
    last = datetime.max.replace(tzinfo=UTC)
    assert TrustSource("a", "1", last).is_stale(NOW)
    assert TrustSource("a", "1", NOW).is_stale(last)


def test_a_question_about_the_past_is_answered_by_the_list_of_today():
    before = NOW - timedelta(days=400)
    trust = listing(VN).as_of(before)
    assert (trust.age(before), trust.is_stale(before), trust.version) == (timedelta(0), False, "2")
    assert trust.find("VN", b"id-1").source.imported_at == before
    assert listing(VN).as_of(NOW + timedelta(days=40)).is_stale(NOW + timedelta(days=40))


def test_an_anchor_that_no_list_holds_has_no_source_to_change():
    loose = TrustList({b"id-1": (VN,)})
    assert loose.as_of(NOW) == loose


def test_an_empty_list_has_no_age():
    assert TrustList().age(NOW) == timedelta(0)
    assert not TrustList().is_stale(NOW)
    assert not TrustSource().is_stale(NOW)
    assert TrustSource().age(NOW) == timedelta(0)
    assert TrustList().version == ""
    assert len(TrustList()) == 0


def test_a_list_is_never_rolled_back():
    old, new = listing(VN, version="2026-07-01"), listing(DE, version="2026-07-02")
    assert old.replaced_by(new) is new
    assert TrustList().replaced_by(old) is old
    for older in (old, TrustList(), listing(version=""), listing(version="2026-07-09", name="another")):
        with pytest.raises(TrustError):
            new.replaced_by(older)


def test_a_list_of_the_same_version_is_taken_so_that_its_age_starts_anew():
    later = listing(VN, imported_at=NOW + timedelta(days=1))
    assert listing(VN).replaced_by(later) is later


def test_no_kind_is_both_a_certificates_and_a_passes():
    assert frozenset() == HEALTH_KINDS & PASS_KINDS
    assert frozenset(Kind) - {Kind.IDENTITY, Kind.SAMPLE} == (HEALTH_KINDS | PASS_KINDS)


@pytest.mark.parametrize(
    ("older", "newer"), [("9", "10"), ("099", "100"), ("2026-07-01", "2026-07-02"), ("", "1"), ("12", "2026-07-01")]
)
def test_numbers_are_ordered_by_value_and_times_by_their_text(older, newer):
    assert is_older(older, newer)
    assert not is_older(newer, older)
    assert not is_older(newer, newer)


def test_each_source_keeps_its_own_version_and_age():
    health = listing(VN, name="health", imported_at=NOW - timedelta(days=40))
    venue = listing(replace(DE, key_id=b"id-3"), name="venue", version="7")
    trust = TrustList.merged([health, venue])
    assert trust.version == "health=2 venue=7"
    assert [source.name for source in trust.sources] == ["health", "venue"]
    assert trust.is_stale(NOW)
    assert trust.age(NOW) == timedelta(days=40)
    assert trust.find("VN", b"id-1").source.is_stale(NOW)
    assert not trust.find("DE", b"id-3").source.is_stale(NOW)


def test_a_key_that_two_sources_vouch_for_is_one_key_with_two_grants():
    other = replace(VN, kinds=frozenset({Kind.VACCINATION}))
    trust = TrustList.merged([listing(VN, name="a"), listing(other, name="b")])
    assert len(trust) == 1
    found = trust.find("CH BAG", b"id-1")
    assert [(grant.source.name, grant.kinds) for grant in trust.grants(found)] == [
        ("a", VN.kinds), ("b", other.kinds),
    ]  # fmt: skip


def test_withdrawn_keys_of_all_sources_add_up():
    trust = TrustList.merged([listing(VN, revoked_keys=frozenset({b"x"})), listing(DE, revoked_keys=frozenset({b"y"}))])
    assert trust.revoked_keys == {b"x", b"y"}


def test_a_key_that_no_source_holds_takes_the_age_of_the_oldest():
    old, new = listing(VN, name="old", imported_at=NOW - timedelta(days=9)), listing(DE, name="new")
    trust = TrustList.merged([new, old])
    made = replace(VN, key_id=b"made")
    assert trust.grants(made) == (made,)
    assert trust.source_of(made, NOW).name == "old"
    assert trust.source_of(trust.find("DE", b"id-2"), NOW).name == "new"
    assert TrustList().source_of(made, NOW) == TrustSource()


def test_a_stale_source_counts_only_where_the_venue_has_said_so():
    stale = TrustSource("a", "1", NOW - timedelta(days=31))
    assert not stale.counts(NOW)
    accepted = replace(stale, accept_stale=True)
    assert accepted.counts(NOW)
    assert accepted.basis(NOW).stale
    assert not TrustSource("a", "1", NOW).basis(NOW).stale


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


def test_what_a_withdrawn_key_has_signed_vouches_for_nobody_but_still_withdraws():
    signed = listing(VN, version="1", name="a", revoked_keys=frozenset({b"x"}))
    signed = signed.with_sources(lambda source: replace(source, signer="0102"))
    other = TrustList.of([], version="1", imported_at=NOW, name="b", revoked_keys=frozenset({b"\1\2"}))
    assert len(TrustList.merged([signed])) == 1
    for merged in (TrustList.merged([signed, other]), TrustList.merged([signed], frozenset({b"\1\2"}))):
        assert len(merged) == 0
        assert merged.revoked_keys == {b"\1\2", b"x"}
    assert [source.name for source in TrustList.merged([signed, other]).sources] == ["b"]


def test_another_signer_counts_its_versions_anew():
    def signed(version, signer):
        return listing(version=version).with_sources(lambda source: replace(source, signer=signer))

    assert signed("9", "01").replaced_by(signed("1", "02")) == signed("1", "02")
    with pytest.raises(TrustError):
        signed("9", "01").replaced_by(signed("1", "01"))


def test_a_clock_that_was_set_back_makes_no_list_younger():
    source = replace(listing(VN, max_age=timedelta(days=3)).sources[0], floor=NOW + timedelta(days=4))
    assert source.age(NOW + timedelta(days=1)) == timedelta(days=4)
    assert source.is_stale(NOW + timedelta(days=1))
    assert source.age(NOW + timedelta(days=5)) == timedelta(days=5), "a later time is the time"
    past = TrustList(sources=(source,)).as_of(NOW)
    assert not past.is_stale(NOW), "a question about the past is not about this clock"


def test_a_withdrawn_key_is_withdrawn_under_every_id_that_it_has():
    again = replace(VN, key_id=b"id-9")
    trust = replace(listing(VN, again, DE), revoked_keys=frozenset({VN.key_id, b"of no key here"}))
    assert [trust.is_withdrawn(anchor) for anchor in (VN, again, DE)] == [True, True, False]
    assert trust.is_withdrawn(replace(DE, key_id=b"of no key here"))
    assert not listing(VN).is_withdrawn(VN)
