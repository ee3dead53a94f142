"""What is read of a bundle, and what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.credential import Holder, Kind
from kiosk.domain.policy import NEGATIVE
from kiosk.domain.reasons import Reason
from kiosk.testing.health_cards import bundle, dose, lab_result, patient
from kiosk.verify.errors import MalformedError
from kiosk.verify.fhir import COVID_19, DETECTED, MAX_ENTRIES, SERIES, read

TAKEN = "2026-06-01T10:00:00Z"


def details(*resources):
    return dict(read(bundle(patient(), *resources)).details)


def refused(value):
    with pytest.raises(MalformedError) as caught:
        read(value)
    return caught.value.reason is Reason.SCHEMA_INVALID


def coded(*codings):
    return {"coding": [{"system": system, "code": code} for system, code in codings]}


CVX, SNOMED, LOINC = "http://hl7.org/fhir/sid/cvx", "http://snomed.info/sct", "http://loinc.org"
ICD = "http://id.who.int/icd11/mms"


# vaccinations


def test_two_doses_of_a_series_of_two():
    content = read(bundle(patient(), dose("2026-01-01"), dose("2026-01-29")))
    assert content.kind is Kind.VACCINATION
    assert content.details == {
        "dose": 2, "series": 2, "product": "CVX:208", "event_date": "2026-01-29", "target": COVID_19,
    }  # fmt: skip


def test_doses_need_not_be_in_order():
    said = details(dose("2026-01-29", "229"), dose("2026-01-01", "212"))
    assert (said["dose"], said["event_date"], said["product"]) == (2, "2026-01-29", "CVX:229")
    assert said["series"] == 1, "that of the first dose"


@pytest.mark.parametrize(("code", "series"), sorted(SERIES.items()))
def test_the_product_says_how_long_its_series_is(code, series):
    assert details(dose("2026-01-01", code.removeprefix("CVX:")))["series"] == series


@pytest.mark.parametrize("cvx", ["213", "229", "500", "507"])
def test_a_vaccine_without_a_known_series_has_none(cvx):
    said = details(dose("2026-01-01", cvx))
    assert said["dose"] == 1
    assert "series" not in said


@pytest.mark.parametrize("status", ["not-done", "entered-in-error", "", None, 1, []])
def test_only_completed_doses_count(status):
    said = details(dose("2026-01-01"), dose("2026-01-29", status=status))
    assert (said["dose"], said["event_date"]) == (1, "2026-01-01")


def test_a_dose_below_strength_does_not_count():
    assert details(dose("2026-01-01"), dose("2026-01-29", isSubpotent=True))["dose"] == 1
    assert details(dose("2026-01-01"), dose("2026-01-29", isSubpotent=False))["dose"] == 2


def test_a_dose_told_twice_counts_once():
    assert details(dose("2026-01-01"), dose("2026-01-01T09:30:00+07:00"), dose("2026-01-29"))["dose"] == 2


def test_a_dose_without_a_day_cannot_be_told_from_another():
    assert details(dose("2026-01-01"), dose(None))["dose"] == 1


def test_no_dose_is_none_and_still_about_vaccination():
    content = read(bundle(patient(), dose("2026-01-01", status="not-done")))
    assert (content.kind, content.details) == (Kind.VACCINATION, {"dose": 0, "target": COVID_19})


def test_other_vaccines_are_no_doses_against_covid():
    assert details(dose("2026-01-01", "03"), dose("2026-01-29"))["dose"] == 1
    assert details(dose("2026-01-01", "03"), dose("2026-02-01", "141")) == {
        "event_date": "2026-02-01", "product": "CVX:141",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("codes", "product"),
    [
        ([(ICD, "XM0GQ8")], "ICD-11:XM0GQ8"),
        ([("http://id.who.int/icd/release/11/mms", "XM68M6")], "ICD-11:XM68M6"),
        ([(SNOMED, "1119349007")], "SNOMED:1119349007"),
        ([("urn:own", "1"), (SNOMED, "1119349007"), (CVX, "208")], "CVX:208"),
    ],
)
def test_a_vaccine_is_known_by_any_of_its_codes(codes, product):
    said = details(dose("2026-01-01", vaccineCode=coded(*codes)))
    assert (said["product"], said["target"]) == (product, COVID_19)


@pytest.mark.parametrize(
    "code", [None, "208", {}, {"coding": None}, coded(("urn:own", "208")), coded((CVX, "x" * 300)), coded((CVX, 208)),
             {"coding": ["208"]}, {"text": "Comirnaty"}],
    ids=repr,
)  # fmt: skip
def test_a_vaccine_without_a_known_code_is_some_vaccine(code):
    assert details(dose("2026-01-01", vaccineCode=code)) == {"event_date": "2026-01-01", "product": ""}


# tests


def test_a_negative_test():
    content = read(bundle(patient(), lab_result(TAKEN)))
    assert content.kind is Kind.TEST
    assert content.details == {
        "result": NEGATIVE, "target": COVID_19, "event_date": "2026-06-01T10:00:00+00:00",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("code", "result"),
    [
        ((SNOMED, "260385009"), NEGATIVE), ((LOINC, "LA11883-8"), NEGATIVE), ((LOINC, "LA6577-6"), NEGATIVE),
        ((SNOMED, "260373001"), DETECTED), ((SNOMED, "10828004"), DETECTED), ((LOINC, "LA6576-8"), DETECTED),
        ((SNOMED, "419984006"), None), ((LOINC, "LA9663-1"), None), (("urn:own", "260415000"), None),
    ],
)  # fmt: skip
def test_results_in_the_words_of_policies(code, result):
    assert details(lab_result(TAKEN, valueCodeableConcept=coded(code))).get("result") == result


def test_a_result_that_contradicts_itself_is_none():
    both = coded((SNOMED, "260415000"), (SNOMED, "260373001"))
    assert "result" not in details(lab_result(TAKEN, valueCodeableConcept=both))


@pytest.mark.parametrize(
    "value", [{"valueString": "Not detected"}, {"valueQuantity": {"value": 0}}, {"interpretation": []}]
)
def test_words_and_numbers_are_no_result(value):
    result = lab_result(TAKEN)
    del result["valueCodeableConcept"]
    assert "result" not in details({**result, **value})


@pytest.mark.parametrize("status", ["preliminary", "registered", "cancelled", "entered-in-error", None, [], {}])
def test_what_is_not_final_is_no_result(status):
    assert "result" not in details(lab_result(TAKEN, status=status))


def test_the_newest_test_counts_whatever_its_time_zone():
    earlier = lab_result("2026-06-01T10:00:00+07:00", "260373001")
    later = lab_result("2026-06-01T04:00:00+00:00")
    assert details(earlier, later)["result"] == NEGATIVE
    assert details(later, earlier)["result"] == NEGATIVE


@pytest.mark.parametrize("other", ["260373001", "419984006"])
def test_of_two_tests_at_once_the_one_that_is_no_clear_negative_counts(other):
    for order in (1, -1):
        pair = [lab_result(TAKEN), lab_result(TAKEN, other)][::order]
        assert details(*pair).get("result") != NEGATIVE


def test_other_tests_have_no_result_here():
    assert details(lab_result(TAKEN, loinc="718-7")) == {"event_date": "2026-06-01T10:00:00+00:00"}
    assert "result" not in details(lab_result(TAKEN, loinc="94563-4")), "antibodies may be the vaccine's"


def test_a_test_without_a_time_has_none():
    assert details(lab_result(None)) == {"result": NEGATIVE, "target": COVID_19}


# what a bundle is about


@pytest.mark.parametrize(
    ("resources", "kind"),
    [
        ([dose("2026-01-01"), lab_result(TAKEN)], Kind.VACCINATION),
        ([dose("2026-01-01", "03"), lab_result(TAKEN)], Kind.TEST),
        ([dose("2026-01-01", "03"), lab_result(TAKEN, loinc="718-7")], Kind.VACCINATION),
        ([lab_result(TAKEN, loinc="718-7")], Kind.TEST),
    ],
)
def test_covid_first_and_vaccinations_before_tests(resources, kind):
    assert read(bundle(patient(), *resources)).kind is kind
    assert read(bundle(patient(), *reversed(resources))).kind is kind


@pytest.mark.parametrize(
    "value",
    [
        None, [], "Bundle", {}, {"resourceType": "Bundle"}, {"resourceType": "Patient", "entry": []},
        {"resourceType": "Bundle", "entry": {}}, {"resourceType": "Bundle", "entry": [None]},
        {"resourceType": "Bundle", "entry": [{}]}, {"resourceType": "Bundle", "entry": [{"resource": {}}]},
        bundle(), bundle(patient()), bundle({"resourceType": "Condition"}),
        bundle(*[dose("2026-01-01")] * (MAX_ENTRIES + 1)),
        bundle(patient(), patient(), dose("2026-01-01")),
    ],
    ids=lambda value: repr(value)[:60],
)  # fmt: skip
def test_what_says_nothing_or_not_of_whom_is_refused(value):
    assert refused(value)


@pytest.mark.parametrize(
    "day", ["20260101", "2026-13-01", "2026-02-30", "26-01-01", "2026-1-1", "2026-", "yesterday", 2026, ["2026-01-01"],
            "2026-01-01T25:00:00Z", "2026-01-01Tnoon", "0001-01-01T00:00:00+14:00", "2026-01-01" + " " * 300],
    ids=repr,
)  # fmt: skip
def test_what_is_no_date_is_refused(day):
    assert refused(bundle(patient(), dose(day)))
    assert refused(bundle(patient(), lab_result(day)))


# whose it is


def holder(*names, **more):
    person = {"resourceType": "Patient", "name": list(names), **more}
    return read(bundle(person, dose("2026-01-01"))).holder


def test_a_holder():
    assert read(bundle(patient("Nguyễn", ["Thị", "Ánh"], "1990-08-15"), dose("2026-01-01"))).holder == Holder(
        "Nguyễn", "Thị Ánh", "1990-08-15"
    )


@pytest.mark.parametrize("born", ["1990", "1990-08", "1990-08-15"])
def test_birth_dates_may_be_partial(born):
    assert holder({"family": "A"}, birthDate=born).birth_date == born


def test_a_card_may_name_nobody():
    assert read(bundle(dose("2026-01-01"))).holder == Holder()
    assert holder() == Holder()
    assert holder("Anna", None) == Holder()


def test_the_official_name_counts_then_the_first_in_use():
    old, usual, official = ({"use": use, "family": use} for use in ("maiden", "usual", "official"))
    assert holder(old, usual, official).family_name == "official"
    assert holder(old, usual).family_name == "usual"
    assert holder(old) == Holder()
    assert holder({"family": "A"}, {"family": "B"}).family_name == "A"


def test_a_name_in_one_piece_is_taken_as_it_is():
    assert holder({"text": " Nguyễn Thị Ánh "}) == Holder("Nguyễn Thị Ánh")
    assert holder({"text": "Ánh", "given": ["Ánh"]}) == Holder("", "Ánh")


@pytest.mark.parametrize(
    "name",
    [{"family": 1}, {"family": "x" * 257}, {"given": "Anna"}, {"given": [1]}, {"given": ["x"] * 501}, {"text": []}],
    ids=lambda value: repr(value)[:30],
)  # fmt: skip
def test_names_of_the_wrong_type_or_size_are_refused(name):
    assert refused(bundle({"resourceType": "Patient", "name": [name]}, dose("2026-01-01")))


def test_the_use_of_a_name_may_be_anything():
    assert holder({"use": ["old"], "family": "A"}).family_name == "A"


def test_a_list_of_names_is_a_list():
    assert refused(bundle({"resourceType": "Patient", "name": {"family": "A"}}, dose("2026-01-01")))


def outcome(value):
    try:
        return read(value).kind
    except MalformedError as error:
        return error.reason


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["completed", CVX, "2026-01-01"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["coding", "system", "code", "name", "given", "resource"]), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ["status", "vaccineCode", "occurrenceDateTime", "code", "valueCodeableConcept", "effectiveDateTime", "name",
          "birthDate"]  # fmt: skip


@given(st.sampled_from(["Patient", "Immunization", "Observation"]), st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_strange_content_is_read_or_refused(name, fields):
    for value in (bundle({"resourceType": name, **fields}, dose("2026-01-01")), fields, bundle(fields)):
        assert outcome(value) in {Kind.VACCINATION, Kind.TEST, Reason.SCHEMA_INVALID}
