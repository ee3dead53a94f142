import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.credential import Format, Kind, Verdict
from kiosk.domain.reasons import Reason
from kiosk.domain.trust import TrustList
from kiosk.verify import cccd, web
from kiosk.verify.errors import MalformedError
from kiosk.verify.registry import verify as verify_any

CONTEXT = (TrustList(), datetime(2026, 7, 5, tzinfo=UTC))
"""What cards and addresses have no need of."""

CARD = "001099012345|123456789|Nguyễn Thị Ánh|15081990|Nữ|12 Phố Huế, Hà Nội|20052021"


def test_a_card_binds_a_name_and_a_birth_date_and_proves_nothing():
    assert cccd.matches(CARD)
    found = cccd.verify(CARD, *CONTEXT)
    assert (found.verdict, found.reasons, found.format) == (
        Verdict.UNSIGNED, (Reason.UNSIGNED_CARD,), Format.CCCD,
    )  # fmt: skip
    card = found.credential
    assert (card.kind, card.credential_id) == (Kind.IDENTITY, "001099012345")
    assert (card.holder.family_name, card.holder.birth_date) == ("Nguyễn Thị Ánh", "1990-08-15")


@pytest.mark.parametrize(
    "text",
    ["001099012345||A|15081990|Nam|x|20052021", CARD + "|more", CARD + "|more|and more|", "001099012345|" + "|" * 6],
)
def test_cards_without_an_old_number_or_with_more_fields(text):
    assert cccd.matches(text)
    assert cccd.verify(text, *CONTEXT).verdict is Verdict.UNSIGNED


@pytest.mark.parametrize(
    "text",
    ["", "|", "00109901234" + CARD[12:], "0" + CARD, "00109901234X" + CARD[12:], CARD.rsplit("|", 1)[0],
     CARD.replace("|123456789|", "|12345678|"), " " + CARD, "٠٠١٠٩٩٠١٢٣٤٥" + CARD[12:]],
)  # fmt: skip
def test_what_is_laid_out_otherwise_is_no_card(text):
    assert not cccd.matches(text)


@pytest.mark.parametrize(
    ("written", "read"),
    [("15081990", "1990-08-15"), ("15/08/1990", "1990-08-15"), ("29022000", "2000-02-29"), ("29022001", ""),
     ("5/8/1990", "1990-08-05"), (" 15081990 ", "1990-08-15"), ("15-08-1990", "1990-08-15"),
     ("00081990", "1990-08"), ("00001990", "1990"), ("1990", "1990"), ("08/1990", "1990-08"), ("15001990", ""),
     ("15080000", ""), ("15089999", ""), ("", ""), ("1508199O", ""),
     ("١٥٠٨١٩٩٠", ""), ("²5081990", ""), ("32011990", "")],
)  # fmt: skip
def test_dates_on_cards(written, read):
    assert cccd.verify(CARD.replace("15081990", written), *CONTEXT).credential.holder.birth_date == read


@pytest.mark.parametrize(
    ("written", "read"),
    [("150899", "1999-08-15"), ("150890", ""), ("320199", ""), ("00089", "")],
)
def test_a_date_of_two_digits_a_year_takes_the_century_of_a_number_that_has_the_same_year(written, read):
    assert cccd.verify(CARD.replace("15081990", written), *CONTEXT).credential.holder.birth_date == read
    younger = CARD.replace("001099", "001309").replace("15081990", "150809")
    assert cccd.verify(younger, *CONTEXT).credential.holder.birth_date == "2009-08-15"


def test_a_name_is_composed_and_its_words_are_one_space_apart():
    for written in ("Nguyễn  Thị\u00a0 Ánh ", unicodedata.normalize("NFD", "Nguyễn Thị Ánh"), "Nguyễn Thị\u200b Ánh"):
        found = cccd.verify(CARD.replace("Nguyễn Thị Ánh", written), *CONTEXT)
        assert found.credential.holder.family_name == "Nguyễn Thị Ánh"


def test_the_day_of_issue_and_the_sex_are_kept_as_they_are_written():
    card = cccd.verify(CARD, *CONTEXT).credential
    assert card.issued_at == datetime(2021, 5, 20, tzinfo=UTC)
    assert card.details["sex"] == "female"
    for written, read in (("Nam", "male"), ("NỮ", "female"), ("nu", "female"), ("?", ""), ("", "")):
        assert cccd.verify(CARD.replace("|Nữ|", f"|{written}|"), *CONTEXT).credential.details["sex"] == read
    for written in ("2021", "00052021", "soon", ""):
        assert cccd.verify(CARD.replace("20052021", written), *CONTEXT).credential.issued_at is None


@pytest.mark.parametrize(
    ("number", "birth_date", "sex", "plausible"),
    [
        ("001190012345", "1990-08-15", "female", True),
        ("001090012345", "1990-08-15", "male", True),
        ("096308012345", "2008-01-01", "female", True),
        ("001208012345", "2008", "male", True),
        ("001190012345", "", "", True),
        ("001190012345", "1990-08-15", "male", False),
        ("001191012345", "1990-08-15", "female", False),
        ("001390012345", "1990-08-15", "female", False),
        ("000190012345", "1990-08-15", "female", False),
        ("097190012345", "1990-08-15", "female", False),
    ],
)
def test_a_number_that_contradicts_its_card_is_noted(number, birth_date, sex, plausible):
    assert cccd.is_plausible(number, birth_date, sex) is plausible


def test_a_card_that_contradicts_itself_still_binds_its_name():
    found = cccd.verify(CARD, *CONTEXT)  # a number of a man born in 1999
    assert found.credential.details["plausible"] is False
    assert found.credential.holder.birth_date == "1990-08-15"


@pytest.mark.parametrize("control", ["\0", "\n", "\t", "\x1b", "\x7f", "\x85"])
def test_control_characters_are_no_part_of_a_card(control):
    for text in (CARD.replace("Thị", f"Thị{control}"), CARD.replace("Hà", control)):
        with pytest.raises(MalformedError) as caught:
            cccd.verify(text, *CONTEXT)
        assert caught.value.reason is Reason.SCHEMA_INVALID


def test_a_name_and_a_number_of_fields_have_their_bounds():
    assert len(cccd.verify(CARD.replace("Ánh", "x" * 117), *CONTEXT).credential.holder.family_name) == 128
    for text in (CARD.replace("Ánh", "x" * 118), CARD + "|" * 40):
        with pytest.raises(MalformedError):
            cccd.verify(text, *CONTEXT)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=200))
def test_any_text_after_a_card_number_is_read_or_refused(rest):
    text = "001099012345||" + rest + "|||||"
    assert cccd.matches(text)
    found = verify_any(text.encode(), *CONTEXT)
    if found.credential is None:
        assert found.reasons == (Reason.SCHEMA_INVALID,)
        return
    assert found.verdict is Verdict.UNSIGNED
    assert len(found.credential.holder.family_name) <= 128


@pytest.mark.parametrize(
    "address",
    ["https://qr.tokhaiyte.vn/?id=1", "http://tokhaiyte.vn", "HTTPS://QR.PCCOVID.GOV.VN/abc",
     "https://pccovid.gov.vn:443/", "https://user@qr.pccovid.gov.vn/x", "https://qr.tokhaiyte.vn./x",
     "https://qr.tokhaiyte.vn\\x", "https://www.pccovid.gov.vn", "qr.pccovid.gov.vn/abc", "QR.TOKHAIYTE.VN/?ID=1",
     "tokhaiyte.vn", "a.b.tokhaiyte.vn:8443/x", "pccovid.gov.vn#x", "www.tokhaiyte.vn/1"],
)  # fmt: skip
def test_a_poster_is_known_by_its_host(address):
    assert web.matches(address)
    found = web.verify(address, *CONTEXT)
    assert (found.verdict, found.reasons, found.format) == (
        Verdict.MALFORMED, (Reason.VENUE_POSTER,), Format.VENUE,
    )  # fmt: skip


@pytest.mark.parametrize(
    "address",
    ["https://example.org/qr.tokhaiyte.vn", "https://nottokhaiyte.vn", "https://tokhaiyte.vn.example.org", "http://",
     "https://[", "https://[::1", "https://tokhaiyte.vn@example.org/", "https://\u2100.vn", "http:///x",
     "https://tokhaiyte.vn:443@example.org", "https://example.org\\@tokhaiyte.vn/", "https://tokhaiyte.vn.example.org./",
     "www.example.org"],
)  # fmt: skip
def test_any_other_address_is_just_an_address(address):
    assert web.matches(address)
    found = web.verify(address, *CONTEXT)
    assert (found.verdict, found.reasons, found.format) == (Verdict.MALFORMED, (Reason.WEB_ADDRESS,), Format.WEB)


@pytest.mark.parametrize(
    "text",
    ["", "ftp://x", "httpx://x", "wwwexample.org", "example.org", "javascript:alert(1)", "HC1:http://",
     "xtokhaiyte.vn/1", "tokhaiyte.vnx", "tokhaiyte.vn@example.org", "tokhaiyte.vn:80@example.org/",
     "a.b.c.d.e.tokhaiyte.vn/1", "WIFI:S:x;;", "tel:113", "BEGIN:VCARD", "00020101021138570010A000000727"],
)  # fmt: skip
def test_what_is_no_web_address(text):
    assert not web.matches(text)


@given(st.text(max_size=60))
def test_any_address_is_taken_for_one(rest):
    assert web.verify("https://" + rest, *CONTEXT).verdict is Verdict.MALFORMED
