import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.credential import Format, Rejected, Verdict, Verified
from kiosk.domain.reasons import Reason
from kiosk.domain.symbology import Symbology
from kiosk.domain.trust import TrustList
from kiosk.testing.health_certificates import certificate, vaccination
from kiosk.verify.registry import FORMATS, LINEAR, verify

NOW = datetime(2026, 7, 5, 9, tzinfo=UTC)
CARD = "001099012345||Nguyễn Thị Ánh|15081990|Nữ|12 Phố Huế, Hà Nội|20052021"
NOBODY = TrustList()
BASE45 = st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:|", max_size=200)


def said(data):
    found = verify(data, NOBODY, NOW)
    return found.verdict, found.reasons, found.format


@pytest.mark.parametrize(
    ("data", "reason", "form"),
    [
        (b"", Reason.UNKNOWN_FORMAT, None),
        (b" \r\n", Reason.UNKNOWN_FORMAT, None),
        (b"HELLO", Reason.UNKNOWN_FORMAT, None),
        (b"hc1:6BF", Reason.UNKNOWN_FORMAT, None),
        (b"HC2:6BF", Reason.UNKNOWN_FORMAT, None),
        (b"HC1", Reason.UNKNOWN_FORMAT, None),
        (b"\xff\xfe", Reason.UNKNOWN_FORMAT, None),
        ("HC1:é".encode("latin-1"), Reason.UNKNOWN_FORMAT, None),
        (b"HC1:A", Reason.BASE45_INVALID, Format.HC1),
        (b"GK1:A", Reason.BASE45_INVALID, Format.PASS),
        (b"HC1:", Reason.CBOR_INVALID, Format.HC1),
        (b"GK1:", Reason.CBOR_INVALID, Format.PASS),
        (b'{"data":{"hdr":{"t":"icao.vacc"', Reason.SCHEMA_INVALID, Format.VDS_NC),
        (base64.b64encode(b"\x02\0\x01\0\x02abc")[::-1], Reason.UNKNOWN_FORMAT, None),
        (base64.b64encode(b"\x01\0\x01\0\x02abc")[::-1], Reason.CLAIMS_INVALID, Format.PRETIX),
        (b'{"hello":1}', Reason.UNKNOWN_FORMAT, None),
        (b"shc:/", Reason.JWS_INVALID, Format.SHC),
        (b"SHC:/56", Reason.UNKNOWN_FORMAT, None),
        (b"shc:/1/2/56", Reason.PART_OF_MORE, Format.SHC),
        (b"NZCP:/1/", Reason.BASE32_INVALID, Format.NZCP),
        (b"NZCP:/2/AE", Reason.UNKNOWN_FORMAT, Format.NZCP),
        (b"nzcp:/1/", Reason.UNKNOWN_FORMAT, None),
        (b"https://qr.tokhaiyte.vn/1", Reason.VENUE_POSTER, Format.VENUE),
        (b"http://example.org", Reason.WEB_ADDRESS, Format.WEB),
        (b"x" * 4096, Reason.UNKNOWN_FORMAT, None),
        (b"x" * 4097, Reason.TOO_LONG, None),
        (b"HC1:" + b"0" * 4093, Reason.TOO_LONG, None),
        (b"HC1:" + b"0" * (1 << 20), Reason.TOO_LONG, None),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_what_is_no_credential_is_malformed(data, reason, form):
    assert said(data) == (Verdict.MALFORMED, (reason,), form)


def test_a_card_is_unsigned():
    assert said(CARD.encode()) == (Verdict.UNSIGNED, (Reason.UNSIGNED_CARD,), Format.CCCD)


def test_a_code_128_is_a_label_and_a_qr_code_is_none():
    label = b"NCOV-2108-000123"
    found = verify(label, NOBODY, NOW, symbology=Symbology.CODE128)
    assert (found.verdict, found.reasons, found.format) == (
        Verdict.UNSIGNED, (Reason.SAMPLE_LABEL,), Format.TUBE,
    )  # fmt: skip
    for symbology in (Symbology.QR, Symbology.UNKNOWN):
        found = verify(label, NOBODY, NOW, symbology=symbology)
        assert (found.verdict, found.reasons, found.format) == (Verdict.MALFORMED, (Reason.UNKNOWN_FORMAT,), None)


# each format's own texts are of that format only

WORDS = st.sampled_from(["Nguyễn", "Thị", "Ánh", "TRAN", "Văn", "O'Brien", "Đặng", "Ẩn", ""])
NAMES = st.lists(WORDS, min_size=1, max_size=5).map(" ".join)
DIGITS = st.text("0123456789", max_size=12)
DATES = st.dates()
MASKED = DATES.map(lambda day: day.isoformat()) | DATES.map(lambda day: f"{day.year:04}-**-**")
FIELD = st.text(st.characters(exclude_categories=["C"], exclude_characters="|"), max_size=20)
HEX = NAMES.map(lambda name: (name + "x").encode().hex())


def bars(*fields):
    return st.tuples(*fields).map("|".join)


OWN_TEXTS = {
    Format.CCCD: bars(
        st.text("0123456789", min_size=12, max_size=12), st.sampled_from(["", "012345678"]), NAMES | FIELD,
        DATES.map(lambda day: day.strftime("%d%m%Y")), st.sampled_from(["Nam", "Nữ", ""]), FIELD, FIELD,
    ),
    Format.PERSONAL_QR: bars(
        DIGITS | DIGITS.map(lambda digits: "******" + digits), NAMES | FIELD, MASKED, st.sampled_from("01"),
        st.text("0123456789abcdef-", min_size=1, max_size=36), st.lists(DIGITS, max_size=5).map("<".join),
    ),
    Format.BHYT: bars(
        st.from_regex(r"[A-Z]{2}[0-9]{13}|[0-9]{10}|[0-9]{12}", fullmatch=True), HEX,
        DATES.map(lambda day: day.strftime("%d/%m/%Y")), st.sampled_from("12"), HEX, FIELD, FIELD, FIELD, FIELD,
    ),
    Format.WEB: FIELD.map("https://".__add__) | FIELD.map("HTTP://".__add__) | FIELD.map("qr.pccovid.gov.vn/".__add__),
    Format.HC1: BASE45.map("HC1:".__add__),
    Format.PASS: BASE45.map("GK1:".__add__),
    Format.SHC: DIGITS.map("shc:/".__add__),
    Format.NZCP: FIELD.map("NZCP:/1/".__add__),
}  # fmt: skip


@pytest.mark.parametrize("form", OWN_TEXTS)
@given(data=st.data())
def test_a_formats_own_texts_are_recognised_as_that_format_only(form, data):
    text = data.draw(OWN_TEXTS[form])
    assert [module.FORMAT for module in FORMATS if module.matches(text.strip())] == [form]


def test_all_registered_formats_are_tried_above():
    assert {module.FORMAT for module in FORMATS} >= set(OWN_TEXTS)
    assert [module.FORMAT for module in LINEAR] == [Format.TUBE]


@pytest.mark.parametrize("symbology", Symbology)
@given(text=st.text(max_size=60) | st.text("0123456789ABC-", max_size=60))
def test_no_qr_code_is_a_label_and_no_label_is_anything_else(symbology, text):
    found = verify(text.encode("utf-8", "surrogatepass"), NOBODY, NOW, symbology=symbology)
    if symbology is Symbology.CODE128:
        assert found.format in (Format.TUBE, None)
    else:
        assert found.format is not Format.TUBE


@pytest.fixture(scope="module")
def text(signer):
    return certificate(signer, vaccination(NOW), NOW).encode()


@pytest.mark.parametrize("around", [b"%s", b"%s\n", b"%s\r\n", b" %s\t"])
def test_white_space_around_a_code_is_the_keyboards(signer, trusting, text, around):
    assert isinstance(verify(around % text, trusting(signer), NOW), Verified)


def test_anything_else_around_a_code_is_not_passed_over(signer, trusting, text):
    for changed in (b"\xef\xbb\xbf" + text, b"\0" + text, text + b"\0", text + b"\n" + text, b"HC1:" + text):
        assert isinstance(verify(changed, trusting(signer), NOW), Rejected)


LIKE_CODES = st.sampled_from(["", "HC1:", "GK1:", "https://", "001099012345||", "HC1:6BF", "GK1:NCF", '{"icao."',
                              "shc:/", "shc:/1/2/", "NZCP:/1/"])  # fmt: skip


@given(LIKE_CODES, BASE45 | st.text(max_size=200))
def test_random_text_is_refused_and_never_raises(prefix, text):
    found = verify((prefix + text).encode("utf-8", "surrogatepass"), NOBODY, NOW)
    assert isinstance(found, Rejected)
    assert found.verdict in {Verdict.MALFORMED, Verdict.UNSIGNED}


@given(st.binary(max_size=5000))
def test_random_bytes_are_refused_and_never_raise(data):
    assert isinstance(verify(data, NOBODY, NOW), Rejected)


@given(st.integers(0, 5000), st.integers(0, 5000), st.binary(max_size=3))
def test_a_certificate_with_a_piece_replaced_is_never_believed(signer, trusting, text, start, length, piece):
    start %= len(text)
    changed = text[:start] + piece + text[start + length :]
    found = verify(changed, trusting(signer), NOW)
    assert isinstance(found, Rejected) or found == verify(text, trusting(signer), NOW)
