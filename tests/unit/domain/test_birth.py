import hashlib

import pytest

from kiosk.domain.birth import HiddenBirthDate, birth_hash

PASS_ID = bytes.fromhex("0102")
HASH = hashlib.sha256(b"\x01\x02\x001990-08-15").digest()[:16]
HIDDEN = HiddenBirthDate(PASS_ID, HASH)


@pytest.mark.parametrize("spelt", ["1990-08-15", "19900815"])
def test_the_hash_is_the_documented_one(spelt):
    assert birth_hash(PASS_ID, spelt) == HASH


def test_another_pass_or_day_has_another_hash():
    assert len({HASH, birth_hash(b"\x01\x03", "1990-08-15"), birth_hash(PASS_ID, "1990-08-16")}) == 3


@pytest.mark.parametrize(
    ("pass_id", "day"), [(b"", "1990-08-15"), (PASS_ID, "1990"), (PASS_ID, "1990-08"), (PASS_ID, "")]
)
def test_what_cannot_be_hashed_is_refused(pass_id, day):
    with pytest.raises(ValueError, match=r"date|isoformat"):
        birth_hash(pass_id, day)


@pytest.mark.parametrize("day", ["1990-08-15", "1990-08-15T00:00:00"])
def test_the_day_fits(day):
    assert HIDDEN.fits(day)


@pytest.mark.parametrize("day", ["1990-08-16", "1990-08", "1990", "", "T", "15081990"])
def test_other_days_and_parts_of_one_do_not_fit(day):
    assert not HIDDEN.fits(day)


@pytest.mark.parametrize("other", [HiddenBirthDate(PASS_ID, HASH[:-1]), HiddenBirthDate(b"\x01\x03", HASH),
                                   HiddenBirthDate(b"", HASH)])  # fmt: skip
def test_other_passes_do_not_fit(other):
    assert not other.fits("1990-08-15")
