"""Evidence judged again without its code: by another list, at another time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kiosk.domain.credential import Format, Kind, Rejected, Verdict, Verified
from kiosk.domain.reasons import Reason
from kiosk.domain.trust import Role, TrustList
from kiosk.testing.health_certificates import certificate, forge, vaccination
from kiosk.verify import registry
from kiosk.verify.steps import recheck
from kiosk.verify.trust_list import anchor_of

NOW = datetime(2026, 7, 5, 9, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def text(signer):
    return certificate(signer, vaccination(NOW - 30 * DAY), NOW - DAY, 10 * DAY).encode()


@pytest.fixture
def shown(text, signer, trusting):
    return registry.verify(text, trusting(signer), NOW)


@pytest.mark.parametrize(("after", "verdict"), [
    (-3 * DAY, Verdict.NOT_YET_VALID), (0 * DAY, Verdict.VALID), (8 * DAY, Verdict.VALID), (10 * DAY, Verdict.EXPIRED),
    (40 * DAY, Verdict.EXPIRED),
])  # fmt: skip
def test_at_any_time_it_is_worth_what_its_code_is_worth(text, shown, signer, trusting, after, verdict):
    trust = trusting(signer)
    found = recheck(shown, trust, NOW + after)
    assert found == registry.verify(text, trust, NOW + after)
    assert (Verdict.VALID if isinstance(found, Verified) else found.verdict) is verdict


def test_what_had_expired_then_can_count_by_another_clock(text, signer, trusting):
    expired = registry.verify(text, trusting(signer), NOW + 20 * DAY)
    assert isinstance(expired, Rejected)
    assert isinstance(recheck(expired, trusting(signer), NOW), Verified)


def test_a_key_that_is_gone_makes_its_issuer_unknown(shown, stranger, trusting):
    found = recheck(shown, trusting(stranger), NOW)
    assert (found.verdict, found.reasons) == (Verdict.UNKNOWN_ISSUER, (Reason.ISSUER_UNKNOWN,))


def test_a_key_that_may_not_sign_this_any_more(shown, signer):
    anchor = replace(anchor_of(signer.certificate), kinds=frozenset({Kind.TEST}))
    found = recheck(shown, TrustList.of([anchor], version="8", imported_at=NOW), NOW)
    assert (found.verdict, found.reasons) == (Verdict.UNKNOWN_ISSUER, (Reason.ISSUER_NOT_ENTITLED,))


def test_what_has_been_withdrawn_since_is_found_by_its_identifiers(shown, signer, trusting):
    trust = replace(trusting(signer), revoked=frozenset({min(shown.identifiers)}))
    assert recheck(shown, trust, NOW).verdict is Verdict.REVOKED


def test_a_list_that_is_too_old_now(shown, signer, trusting):
    assert recheck(shown, trusting(signer, imported_at=NOW - 31 * DAY), NOW).verdict is Verdict.STALE_TRUST


@pytest.mark.parametrize("code", ["001099012345||Nguyễn Thị Mẫu|15081990|Nữ|Hà Nội|20052021", "nonsense", "HC1:x"])
def test_what_nobody_signed_stays_what_it_was(code, signer, trusting):
    found = registry.verify(code.encode(), trusting(signer), NOW)
    assert recheck(found, trusting(signer), NOW + 99 * DAY) is found


def test_forged_and_unknown_codes_stay_what_they_were(text, signer, stranger, trusting):
    forged = registry.verify(forge(text.decode()).encode(), trusting(signer), NOW)
    unknown = registry.verify(text, trusting(stranger), NOW)
    assert recheck(forged, trusting(signer), NOW) is forged
    assert recheck(unknown, trusting(signer), NOW) is unknown


@pytest.mark.parametrize("form", [Format.PRETIX, Format.VDS_NC])
def test_where_codes_name_no_key_of_the_list_any_key_of_the_issuer_for_the_format_stands_for_it(
    shown, signer, stranger, form
):
    ticket = replace(shown, key_id="", credential=replace(shown.credential, format=form))
    anchor = replace(anchor_of(signer.certificate), formats=frozenset({form}))
    other = anchor_of(stranger.certificate)
    trust = TrustList.of([other, anchor], version="7", imported_at=NOW)
    assert isinstance(recheck(ticket, trust, NOW), Verified)
    assert recheck(ticket, replace(trust, revoked=shown.identifiers), NOW).verdict is Verdict.REVOKED
    assert recheck(ticket, trust, NOW + 20 * DAY).verdict is Verdict.EXPIRED
    nameless = replace(ticket, credential=replace(ticket.credential, issuer=""))
    assert isinstance(recheck(nameless, trust, NOW), Verified)
    without = TrustList.of([other, replace(anchor, issuer="XX")], version="8", imported_at=NOW)
    assert recheck(ticket, without, NOW).verdict is Verdict.UNKNOWN_ISSUER


def test_for_a_key_that_was_kept_no_other_stands(shown, stranger):
    ticket = replace(shown, credential=replace(shown.credential, format=Format.VDS_NC, issuer=""))
    other = replace(anchor_of(stranger.certificate), formats=frozenset({Format.VDS_NC}))
    trust = TrustList.of([other], version="7", imported_at=NOW)
    assert isinstance(recheck(replace(ticket, key_id=""), trust, NOW), Verified)
    assert recheck(ticket, trust, NOW).verdict is Verdict.UNKNOWN_ISSUER
    authority = TrustList.of([replace(other, role=Role.AUTHORITY)], version="7", imported_at=NOW)
    assert isinstance(recheck(ticket, authority, NOW), Verified), "it vouches for the certificate that the code brought"


def test_a_format_may_find_its_key_in_its_own_way(shown, signer, trusting):
    found = recheck(shown, trusting(signer), NOW, find=lambda _claimed, _trust: Reason.KEY_AMBIGUOUS)
    assert found.reasons == (Reason.KEY_AMBIGUOUS,)


def test_a_credential_without_an_end_had_passed_then_and_does_now(shown, signer, trusting):
    endless = replace(shown, credential=replace(shown.credential, expires_at=None))
    assert isinstance(recheck(endless, trusting(signer), NOW), Verified)
