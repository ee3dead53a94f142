from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.credential import Format, Kind, Verdict
from kiosk.domain.reasons import Reason
from kiosk.domain.trust import TrustList
from kiosk.verify import personal_qr
from kiosk.verify.errors import MalformedError
from kiosk.verify.registry import verify as verify_any

CONTEXT = (TrustList(), datetime(2026, 7, 5, tzinfo=UTC))
WHOLE = "001190012345|NGUYEN THI ANH|1990-08-15|0|3f1a9c0077|3f1a9c0077<2<HS4010120878811<0912345678<c2ln"
MASKED = "******012345|NGUYEN THI ANH|1990-**-**|1|3f1a9c0077|"


def read(text):
    return personal_qr.verify(text, *CONTEXT)


@pytest.mark.parametrize(("text", "birth_date"), [(WHOLE, "1990-08-15"), (MASKED, "1990")])
def test_a_code_binds_a_name_and_what_is_shown_of_a_birth_date(text, birth_date):
    assert personal_qr.matches(text)
    found = read(text)
    assert (found.verdict, found.reasons, found.format) == (
        Verdict.UNSIGNED, (Reason.UNSIGNED_CARD,), Format.PERSONAL_QR,
    )  # fmt: skip
    assert found.credential.kind is Kind.IDENTITY
    assert (found.credential.holder.family_name, found.credential.holder.birth_date) == ("NGUYEN THI ANH", birth_date)


def test_it_is_known_by_its_qid_and_never_by_a_number_that_may_be_masked():
    assert {read(text).credential.credential_id for text in (WHOLE, MASKED)} == {"3f1a9c0077"}


def test_who_declared_the_sex_and_a_whole_number_are_kept_and_nothing_else():
    assert read(WHOLE).credential.details == {
        "declared_by_self": True, "sex": "female", "document_number": "001190012345",
    }  # fmt: skip
    assert read(MASKED).credential.details == {"declared_by_self": False, "sex": "", "document_number": ""}
    kept = repr(read(WHOLE))
    assert not any(secret in kept for secret in ("0912345678", "HS4010120878811", "c2ln"))


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("1990-08-**", "1990-08"),
        ("1990-**-15", "1990"),
        ("1990-0*-15", "1990"),
        ("1990-08-1*", "1990-08"),
        ("1990-08", "1990-08"),
        ("1990", "1990"),
        ("199*-**-**", ""),
        ("****-08-15", ""),
        ("1990-02-30", ""),
        ("1990-13-01", ""),
        ("0000-00-00", ""),
        ("1990-00-00", "1990"),
    ],
)
def test_what_is_masked_is_not_known(written, read_as):
    text = WHOLE.replace("1990-08-15", written)
    assert personal_qr.matches(text)
    assert read(text).credential.holder.birth_date == read_as


@pytest.mark.parametrize(
    ("ext", "sex"), [("q<0", ""), ("q<1", "male"), ("q<2<<", "female"), ("q<3", ""), ("q", ""), ("<1", "male")]
)
def test_the_sex_stands_second_in_the_extension(ext, sex):
    assert read(MASKED + ext).credential.details["sex"] == sex


def test_a_masked_name_binds_nobody():
    assert read(WHOLE.replace("THI", "T**")).credential.holder.family_name == ""


@pytest.mark.parametrize(
    "text",
    [MASKED.replace("3f1a9c0077", ""), MASKED.replace("3f1a9c0077", "x" * 65), MASKED.replace("3f1a", "Mã"),
     WHOLE.replace("THI", "\x07"), WHOLE.replace("THI", "T" * 120)],
)  # fmt: skip
def test_what_no_such_code_holds_is_refused(text):
    with pytest.raises(MalformedError) as caught:
        read(text)
    assert caught.value.reason is Reason.SCHEMA_INVALID
    assert verify_any(text.encode(), *CONTEXT).verdict is Verdict.MALFORMED


@pytest.mark.parametrize(
    "text",
    ["", "|||||", WHOLE + "|", WHOLE.rsplit("|", 1)[0], WHOLE.replace("|0|", "|2|"), WHOLE.replace("|0|", "||"),
     WHOLE.replace("1990-08-15", "15/08/1990"), WHOLE.replace("1990-08-15", "15081990"), "x" * 25 + WHOLE,
     WHOLE.replace("1990-08-15", ""), WHOLE.replace("1990", "٢٠٠٠")],
)  # fmt: skip
def test_what_is_laid_out_otherwise_is_no_personal_code(text):
    assert not personal_qr.matches(text)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@given(TEXT, TEXT, TEXT)
def test_whatever_stands_in_its_fields_is_read_or_refused(name, qid, ext):
    text = f"1|{name}|1990-**-**|0|{qid}|{ext}"
    if not personal_qr.matches(text):
        assert "|" in name + qid + ext
        return
    found = verify_any(text.encode(), *CONTEXT)
    if found.credential is None:
        assert found.reasons == (Reason.SCHEMA_INVALID,)
        return
    assert found.credential.holder.birth_date == "1990"
    assert 1 <= len(found.credential.credential_id) <= 64
