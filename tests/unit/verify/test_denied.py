"""What of each format a venue's deny list can name, as it is read from a code and not as a test thinks that it is."""

from datetime import UTC, datetime

import pytest

from kiosk.domain.credential import Kind
from kiosk.domain.deny_list import CARRIED, DenyEntry, DenyList
from kiosk.domain.trust import TrustList
from kiosk.testing.seals import AUTHORITY, Profile, certify, proof_of_test, seal, vaccination
from kiosk.verify import bhyt, cccd, native_pass, personal_qr, vds_nc

NOW = datetime(2026, 7, 5, 9, tzinfo=UTC)
SIGNER = certify(Profile(), certify(AUTHORITY))
NAME = "Nguyễn Thị Ánh".encode().hex()


def citizen(old="123456789"):
    text = f"001190012345|{old}|Nguyễn Thị Ánh|15081990|Nữ|12 Phố Huế|20052021"
    return cccd.verify(text, TrustList(), NOW).credential


def insured(number):
    text = f"{number}|{NAME}|15/08/1990|2|4861|01 - 003|01/01/2026|31/12/2026"
    return bhyt.verify(text, TrustList(), NOW).credential


def personal(document="001190012345", qid="3f1A9c0077"):
    text = f"{document}|NGUYEN THI ANH|1990-08-15|0|{qid}|"
    return personal_qr.verify(text, TrustList(), NOW).credential


def sealed(data=None):
    return vds_nc.parse(seal(data or vaccination(), SIGNER)).credential


def person(**numbers):
    return {"n": "SAMPLE  ANNA MARIA", "dob": "1990-01-02", **numbers}


LONG, SHORT = "HS4010120878811", "0120878811"


@pytest.mark.parametrize(
    ("denied", "carried"),
    [
        ("001190012345", citizen()),
        ("0011 9001 2345", citizen()),
        ("123456789", citizen()),
        ("123 456 789", citizen()),
        (LONG, insured(LONG)),
        ("hs 4 01 0120878811", insured(LONG)),
        (SHORT, insured(LONG)),
        (LONG, insured(SHORT)),
        ("DN4790120878811", insured(LONG)),
        (SHORT, insured(SHORT)),
        ("001190012345", insured("001190012345")),
        ("001190012345", personal()),
        ("b 1234567", personal("B1234567")),
        ("3F1a9C0077", personal()),
        ("XA1234567", sealed()),
        ("xa 1234567", sealed(proof_of_test())),
        ("S7654321D", sealed(vaccination(pid=person(i="S7654321D", dn="XA1234567")))),
        ("XA1234567", sealed(vaccination(pid=person(i="S7654321D", dn="XA1234567")))),
        ("vb0009990012", sealed()),
    ],
)
def test_what_a_code_carries_denies_it_however_it_is_spelt(denied, carried):
    assert DenyList.of([DenyEntry(denied)]).denies(carried, NOW.date())
    assert not DenyList.of([DenyEntry(denied[:-1])]).denies(carried, NOW.date())


@pytest.mark.parametrize(
    ("denied", "carried"),
    [
        ("******012345", personal("******012345")),
        ("012345", personal("******012345")),
        ("001190012345", personal("******012345")),
        ("123456789", citizen(old="")),
        (LONG, insured("0120878812")),
        ("9001190012345", insured("001190012345")),
        ("1190012345", insured("001190012345")),
    ],
)
def test_masked_numbers_and_those_of_others_deny_nobody(denied, carried):
    assert not DenyList.of([DenyEntry(denied)]).denies(carried, NOW.date())


def test_every_name_that_is_looked_for_is_set_by_a_format(hotel):
    content = native_pass.PassContent("Hotel A", "guest-17", b"\1\2", Kind.VISIT, "lobby", NOW, NOW, NOW)
    booking = native_pass.parse(native_pass.encode(content, hotel.key, hotel.key_id)).credential
    assert DenyList.of([DenyEntry("Guest-17")]).denies(booking, NOW.date())
    read = (citizen(), insured(LONG), personal(), sealed(), sealed(proof_of_test()), booking)
    assert set(CARRIED) <= {key for one in read for key, value in one.details.items() if value}
