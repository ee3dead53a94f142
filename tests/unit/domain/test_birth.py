import hashlib

import pytest

from kiosk.domain.birth import birth_date_fits, birth_hash
from kiosk.domain.credential import Credential, Format

PASS_ID = bytes.fromhex("0102")
HASH = hashlib.sha256(b"\x01\x02\x001990-08-15").digest()[:16]


def a_pass(birth_hash=HASH, credential_id="0102"):
    details = {} if birth_hash is None else {"birth_hash": birth_hash}
    return Credential(Format.PASS, credential_id=credential_id, details=details)


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
    assert birth_date_fits(a_pass(), day)


@pytest.mark.parametrize("day", ["1990-08-16", "1990-08", "1990", "", "T", "15081990"])
def test_other_days_and_parts_of_one_do_not_fit(day):
    assert not birth_date_fits(a_pass(), day)


@pytest.mark.parametrize("other", [a_pass(None), a_pass(b""), a_pass(HASH[:-1]), a_pass(credential_id="0103"),
                                   a_pass(credential_id=""), a_pass(credential_id="no hex")])  # fmt: skip
def test_other_passes_do_not_fit(other):
    assert not birth_date_fits(other, "1990-08-15")
