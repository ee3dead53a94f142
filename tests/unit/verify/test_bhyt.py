from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.credential import Format, Kind, Verdict
from kiosk.domain.reasons import Reason
from kiosk.domain.trust import TrustList
from kiosk.verify import bhyt
from kiosk.verify.errors import MalformedError
from kiosk.verify.registry import verify as verify_any

CONTEXT = (TrustList(), datetime(2026, 7, 5, tzinfo=UTC))
NAME = "Nguyễn Thị Ánh".encode().hex()
PLACE = "Hà Nội".encode().hex()
CARD = f"HS4010120878811|{NAME}|15/08/1990|2|{PLACE}|01 - 003|01/01/2026|31/12/2026|01/01/2026|x|-|4|-|$"


def read(text):
    return bhyt.verify(text, *CONTEXT)


def test_a_card_binds_a_name_and_a_birth_date_and_proves_nothing():
    assert bhyt.matches(CARD)
    found = read(CARD)
    assert (found.verdict, found.reasons, found.format) == (
        Verdict.UNSIGNED, (Reason.UNSIGNED_CARD,), Format.BHYT,
    )  # fmt: skip
    card = found.credential
    assert (card.kind, card.credential_id) == (Kind.IDENTITY, "HS4010120878811")
    assert card.details == {"sex": "female", "insurance_number": "0120878811"}
    assert (card.holder.family_name, card.holder.birth_date) == ("Nguyễn Thị Ánh", "1990-08-15")
    assert (card.valid_from, card.expires_at) == (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC))


@pytest.mark.parametrize("number", ["0120878811", "001190012345"])
def test_newer_numbers_are_ten_digits_or_those_of_the_citizen_card(number):
    text = CARD.replace("HS4010120878811", number)
    assert bhyt.matches(text)
    assert read(text).credential.credential_id == number


@pytest.mark.parametrize(
    ("written", "date"), [("1990", "1990"), ("5/8/1990", "1990-08-05"), ("08/1990", "1990-08"), ("", "")]
)
def test_birth_dates_that_are_known_in_part(written, date):
    text = CARD.replace("15/08/1990", written)
    assert bhyt.matches(text)
    assert read(text).credential.holder.birth_date == date


def test_a_card_without_an_end_or_without_anything_behind_it():
    card = read("|".join(CARD.split("|")[:7]) + "|-").credential
    assert card.valid_from == datetime(2026, 1, 1, tzinfo=UTC)
    assert card.expires_at is None


@pytest.mark.parametrize("name", [b"\xff\xfe", b"A|B", b"A\x00B", b"x" * 129])
def test_a_name_that_is_no_text_is_refused(name):
    text = CARD.replace(NAME, name.hex())
    assert bhyt.matches(text)
    with pytest.raises(MalformedError) as caught:
        read(text)
    assert caught.value.reason is Reason.SCHEMA_INVALID


@pytest.mark.parametrize(
    "text",
    ["", CARD.replace("HS4", "H54"), CARD.replace("HS", "hs"), "0" + CARD, CARD.replace(NAME, NAME[:-1]),
     CARD.replace(NAME, "Nguyễn"), CARD.replace(NAME, ""), CARD.replace("|2|", "|3|"),
     CARD.replace("15/08/1990", "1990-08-15"), "|".join(CARD.split("|")[:7]), CARD.replace(NAME, "41" * 513)],
)  # fmt: skip
def test_what_is_laid_out_otherwise_is_no_card(text):
    assert not bhyt.matches(text)


@given(st.binary(min_size=1, max_size=200), st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_name_and_any_rest_is_read_or_refused(name, rest):
    text = f"0120878811|{name.hex()}|1990|1|{rest}|||"
    assert bhyt.matches(text)
    found = verify_any(text.encode("utf-8", "surrogatepass"), *CONTEXT)
    if found.credential is None:
        assert found.reasons == (Reason.SCHEMA_INVALID,)
        return
    assert found.verdict is Verdict.UNSIGNED
    assert len(found.credential.holder.family_name) <= 128
