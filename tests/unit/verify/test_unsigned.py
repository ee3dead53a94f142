from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.credential import Format, Kind, Verdict
from kiosk.domain.reasons import Reason
from kiosk.domain.trust import TrustList
from kiosk.verify import cccd, web

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
     ("00081990", ""), ("15080000", ""), ("1990", ""), ("", ""), ("1508199O", ""), ("١٥٠٨١٩٩٠", ""), ("²5081990", "")],
)  # fmt: skip
def test_dates_on_cards(written, read):
    assert cccd.verify(CARD.replace("15081990", written), *CONTEXT).credential.holder.birth_date == read


@given(st.text(max_size=200))
def test_any_text_after_a_card_number_is_read(rest):
    text = "001099012345||" + rest + "|||||"
    assert cccd.matches(text)
    assert len(cccd.verify(text, *CONTEXT).credential.holder.family_name) <= 128


@pytest.mark.parametrize(
    "address",
    ["https://qr.tokhaiyte.vn/?id=1", "http://tokhaiyte.vn", "HTTPS://QR.PCCOVID.GOV.VN/abc", "https://pccovid.gov.vn:443/",
     "https://user@qr.pccovid.gov.vn/x"],
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
     "https://[", "https://[::1", "https://tokhaiyte.vn@example.org/", "https://\u2100.vn", "http:///x"],
)  # fmt: skip
def test_any_other_address_is_just_an_address(address):
    assert web.matches(address)
    found = web.verify(address, *CONTEXT)
    assert (found.verdict, found.reasons, found.format) == (Verdict.MALFORMED, (Reason.WEB_ADDRESS,), Format.WEB)


@pytest.mark.parametrize("text", ["", "ftp://x", "httpx://x", "www.example.org", "javascript:alert(1)", "HC1:http://"])
def test_what_is_no_web_address(text):
    assert not web.matches(text)


@given(st.text(max_size=60))
def test_any_address_is_taken_for_one(rest):
    assert web.verify("https://" + rest, *CONTEXT).verdict is Verdict.MALFORMED
