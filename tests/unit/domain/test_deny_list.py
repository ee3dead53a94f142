"""The venue's deny list: what a credential carries counts, whatever the credential is worth."""

from datetime import UTC, date, datetime

import pytest

from kiosk.domain.credential import Credential, Format, Kind, Rejected, TrustBasis, Verdict, Verified
from kiosk.domain.decision import Deny
from kiosk.domain.deny_list import DenyEntry, DenyList, comparable, refusal
from kiosk.domain.reasons import Reason

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
UCI = "URN:UVCI:01:VN:SAMPLE000000000000#0"
PASS = Credential(Format.PASS, Kind.VISIT, "Hotel A", "aabbcc", details={"zone": "lobby", "subject": "guest-17"})
CARD = Credential(Format.CCCD, Kind.IDENTITY, "VN", "001099012345")
SHOT = Credential(Format.HC1, Kind.VACCINATION, "VN", UCI)
NAMELESS = Credential(Format.SHC, Kind.VACCINATION, details={"subject": 7})


def good(credential):
    return Verified(credential, "00", TrustBasis("1", 0))


def bad(credential, verdict=Verdict.UNSIGNED):
    return Rejected(verdict, (Reason.UNSIGNED_CARD,), Format.CCCD, credential)


def listing(*identifiers):
    return DenyList.of(map(DenyEntry, identifiers))


@pytest.mark.parametrize(
    ("identifier", "credential"),
    [
        ("aabbcc", PASS), ("AABBCC", PASS), ("guest-17", PASS), ("001 099 012 345", CARD), (UCI, SHOT),
        (UCI.lower(), SHOT), (UCI.removeprefix("URN:UVCI:"), SHOT),
    ],
)  # fmt: skip
def test_what_it_carries_denies_it(identifier, credential):
    assert refusal(listing("other", identifier), [good(credential)], NOW) == (
        Deny((Reason.DENY_LISTED,), call_staff=True), good(credential),
    )  # fmt: skip


@pytest.mark.parametrize("detail", ["subject", "old_number", "document", "document_number", "insurance_number"])
def test_each_number_that_a_credential_carries_denies_it(detail):
    carries = good(Credential(Format.PASS, Kind.VISIT, "Hotel A", "aabbcc", details={detail: "NV-4711"}))
    assert refusal(listing("nv-4711"), [carries], NOW) is not None
    elsewhere = good(Credential(Format.PASS, Kind.VISIT, "Hotel A", "aabbcc", details={"zone": "NV-4711"}))
    assert refusal(listing("nv-4711"), [elsewhere], NOW) is None


@pytest.mark.parametrize("identifier", ["lobby", "Hotel A", "visit", "aabbc", "guest-1", "00109901234", "7"])
def test_nothing_else_does(identifier):
    assert refusal(listing(identifier), [good(PASS), bad(CARD), good(SHOT), good(NAMELESS)], NOW) is None


def test_a_denied_card_beside_a_good_pass_denies_both():
    found = refusal(listing("001099012345"), [bad(CARD), good(PASS)], NOW)
    assert found == (Deny((Reason.DENY_LISTED,), call_staff=True), bad(CARD))


def test_of_several_the_newest_is_named():
    assert refusal(listing("001099012345", "aabbcc"), [bad(CARD), good(PASS)], NOW)[1] == good(PASS)


@pytest.mark.parametrize("verdict", [Verdict.EXPIRED, Verdict.UNKNOWN_ISSUER, Verdict.BAD_SIGNATURE])
def test_whatever_it_is_worth(verdict):
    assert refusal(listing("aabbcc"), [bad(PASS, verdict)], NOW)[1].verdict is verdict


def test_what_could_not_be_parsed_carries_nothing():
    assert refusal(listing("aabbcc"), [bad(None, Verdict.MALFORMED)], NOW) is None
    assert refusal(DenyList(), [good(PASS)], NOW) is None


@pytest.mark.parametrize(
    ("begins", "ends", "denied"),
    [
        (None, None, True), (date(2026, 6, 1), None, True), (None, date(2026, 6, 1), True),
        (date(2026, 6, 2), None, False), (None, date(2026, 5, 31), False),
        (date(2026, 6, 1), date(2026, 6, 1), True),
    ],
)  # fmt: skip
def test_its_days_are_both_included(begins, ends, denied):
    deny = DenyList.of([DenyEntry("aabbcc", "", begins, ends)])
    assert (refusal(deny, [good(PASS)], NOW) is not None) == denied


def test_two_periods_of_one_identifier_both_count():
    deny = DenyList.of([DenyEntry("aabbcc", ends=date(2026, 1, 1)), DenyEntry("AABBCC", begins=date(2026, 6, 1))])
    assert len(deny) == 2
    assert deny.denies(PASS, date(2025, 12, 31))
    assert not deny.denies(PASS, date(2026, 3, 1))
    assert deny.denies(PASS, date(2026, 7, 1))


def test_what_is_compared():
    assert comparable(" urn:UVCI:01:vn:X y\t") == "01:vn:xy"
    assert comparable("\uff22\uff110e\u0301") == comparable("b10\u00e9")


def test_an_entry_of_a_long_insurance_number_names_the_person_and_counts_once():
    deny = listing("HS4010120878811")
    assert len(deny) == 1
    for number, denied in (("HS4010120878811", True), ("0120878811", True), ("4010120878811", False), ("HS401", False)):
        assert deny.denies(Credential(Format.BHYT, Kind.IDENTITY, "VN", number), NOW.date()) is denied


def test_of_two_lists_none_takes_back_what_the_other_says():
    venue, centre = listing("guest-17", "aabbcc"), DenyList.of([DenyEntry("aabbcc", "from the centre")])
    both = venue.joined(centre)
    assert (len(both), len(both.entries["aabbcc"]), len(both.entries["guest-17"])) == (3, 2, 1)
    assert venue.joined(DenyList()) == venue == DenyList().joined(venue)
    assert refusal(DenyList().joined(centre), [good(PASS)], NOW) is not None
