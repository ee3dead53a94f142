from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.business_rules import (
    MAX_RULES,
    Outcome,
    RuleResult,
    RuleSet,
    check,
    external,
    reason_of,
    refusals,
    select,
    speaks,
)
from kiosk.domain.credential import Credential, Format, Kind
from kiosk.domain.reasons import Reason
from kiosk.domain.rule_documents import RuleError, RuleType, rule_of, value_sets_of

NOW = datetime(2022, 2, 1, 12, tzinfo=UTC)
PAYLOAD = {"ver": "1.3.0", "dob": "1990", "v": [{"tg": "840539006", "dn": 2, "sd": 2, "dt": "2021-08-01"}]}
VACCINATED = Credential(Format.HC1, Kind.VACCINATION, issuer="VN", details={"payload": PAYLOAD, "country": "VN"})
SETS = {"disease-agent-targeted": ["840539006"]}
FIRST = {"var": "payload.v.0"}
COMPLETE = {">=": [{"var": "payload.v.0.dn"}, {"var": "payload.v.0.sd"}]}


def document(identifier="GR-DE-0001", logic=True, **changes):
    return {
        "Identifier": identifier, "Type": "Acceptance", "Country": "DE", "Version": "1.0.0", "SchemaVersion": "1.0.0",
        "Engine": "CERTLOGIC", "EngineVersion": "1.0.0", "CertificateType": "General", "AffectedFields": ["v.0"],
        "Description": [{"lang": "en", "desc": "It has to be so."}], "ValidFrom": "2022-01-01T00:00:00Z",
        "ValidTo": "2022-12-31T23:59:59+01:00", "Logic": logic, **changes,
    }  # fmt: skip


def ruled(*documents, country="DE", region=""):
    return RuleSet.of(documents, SETS, country=country, region=region)


def chosen(rule_set, credential=VACCINATED, now=NOW):
    return [(rule.identifier, rule.version[0]) for rule in select(rule_set, credential, now)]


def outcome(logic, credential=VACCINATED, **changes):
    [result] = check(ruled(document(logic=logic, **changes)), credential, NOW)
    return result.outcome, result.problem


def test_a_rule_is_read():
    rule = rule_of(document(Region="by", Country="de"))
    assert (rule.identifier, rule.type, rule.country, rule.region) == ("GR-DE-0001", RuleType.ACCEPTANCE, "DE", "BY")
    assert (rule.version, rule.descriptions, rule.affected_fields) == ((1, 0, 0), {"en": "It has to be so."}, ("v.0",))
    assert rule.valid_to == datetime(2022, 12, 31, 22, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    "changes",
    [
        {"Identifier": None}, {"Identifier": "x" * 5000}, {"Type": "Recommendation"}, {"CertificateType": "Passport"},
        {"Version": "1.0"}, {"SchemaVersion": "1.0.0.0"}, {"EngineVersion": "9" * 5000}, {"ValidFrom": "tomorrow"},
        {"ValidTo": 7}, {"AffectedFields": "v.0"}, {"AffectedFields": [1]}, {"Description": "text"},
        {"Description": ["text"]}, {"Description": [{"lang": "en"}]}, {"Region": 7}, {"Type": []},
    ],
)  # fmt: skip
def test_what_is_no_rule_is_refused(changes):
    with pytest.raises(RuleError):
        rule_of(document(**changes))


def test_a_rule_is_an_object():
    with pytest.raises(RuleError):
        rule_of(["Identifier"])


def test_value_sets_are_read_in_both_layouts():
    served = {"valueSetId": "disease-agent-targeted", "valueSetValues": {"840539006": {"display": "COVID-19"}}}
    assert value_sets_of(SETS) == value_sets_of([served]) == value_sets_of(served) == SETS


@pytest.mark.parametrize(
    "wrong",
    ["text", [1], {"a": "text"}, {"a": [1]}, {"a": ["x"] * 20_001}, [{"valueSetValues": {}}], [{"valueSetId": "a"}]],
)
def test_what_are_no_value_sets(wrong):
    with pytest.raises(RuleError):
        value_sets_of(wrong)


def test_rules_are_those_of_the_venues_country():
    assert chosen(ruled(document(), document("GR-FR-0001", Country="FR"))) == [("GR-DE-0001", 1)]
    assert chosen(ruled(document(), document("GR-FR-0001", Country="FR"), country="fr")) == [("GR-FR-0001", 1)]


def test_rules_are_those_of_the_kind_of_certificate():
    kinds = [document(f"{name[0]}R-DE-0001", CertificateType=name) for name in ("Vaccination", "Test", "Recovery")]
    assert chosen(ruled(document(), *kinds)) == [("GR-DE-0001", 1), ("VR-DE-0001", 1)]
    recovered = Credential(Format.HC1, Kind.RECOVERY, issuer="VN")
    assert chosen(ruled(document(), *kinds), recovered) == [("GR-DE-0001", 1), ("RR-DE-0001", 1)]


def test_the_newest_version_counts_that_is_in_force():
    old, new, later = (document(Version=f"{n}.0.0") for n in (2, 10, 11))
    later["ValidFrom"] = "2022-03-01T00:00:00Z"
    assert chosen(ruled(old, new, later)) == [("GR-DE-0001", 10)]
    assert chosen(ruled(later, new, old)) == [("GR-DE-0001", 10)]
    assert chosen(ruled(old, new, later), now=datetime(2022, 3, 1, tzinfo=UTC)) == [("GR-DE-0001", 11)]
    assert chosen(ruled(old, new, later), now=datetime(2023, 1, 1, tzinfo=UTC)) == []


@pytest.mark.parametrize(
    ("documents", "country", "expected"),
    [([document()], "DE", True), ([document()], "FR", False), ([], "DE", False),
     ([document(Type="Invalidation", Identifier="IR-DE-0001")], "DE", False),
     ([document(ValidTo="2021-01-01T00:00:00Z")], "DE", False)],
)  # fmt: skip
def test_a_country_speaks_while_a_rule_of_acceptance_is_in_force(documents, country, expected):
    assert speaks(ruled(*documents, country=country), NOW) is expected


def test_a_regions_rules_add_to_those_of_the_country():
    rules = [document(), document("GR-DE-0002", Region="BY"), document("GR-DE-0003", Region="DE")]
    assert chosen(ruled(*rules)) == [("GR-DE-0001", 1), ("GR-DE-0003", 1)]
    assert chosen(ruled(*rules, region=" by")) == [("GR-DE-0001", 1), ("GR-DE-0002", 1), ("GR-DE-0003", 1)]


@pytest.mark.parametrize(
    ("issuer", "country", "found"),
    [
        ("VN", "", True), ("vn", "DE", True), ("CNAM", "VN", True), ("", "vn", True),
        ("CNAM", "FR", False), ("DE", "VN", False),
    ],
)  # fmt: skip
def test_invalidation_rules_are_those_of_the_issuers_country(issuer, country, found):
    taken_back = document("IR-VN-0001", Type="Invalidation", Country="VN")
    credential = Credential(Format.HC1, Kind.VACCINATION, issuer=issuer, details={"country": country})
    assert chosen(ruled(taken_back), credential) == ([("IR-VN-0001", 1)] if found else [])


def test_a_rule_sees_the_payload_and_what_lies_outside():
    rule = {"and": [
        {"in": [{"var": "payload.v.0.tg"}, {"var": "external.valueSets.disease-agent-targeted"}]},
        {"===": [{"var": "external.countryCode"}, "DE"]},
        {"===": [{"var": "external.issuerCountryCode"}, "VN"]},
        {"===": [{"var": "external.kid"}, "AQI="]},
        {"after": [
            {"plusTime": [{"var": "external.validationClock"}, 0, "day"]},
            {"plusTime": [{"var": "payload.v.0.dt"}, 14, "day"]},
        ]},
    ]}  # fmt: skip
    assert check(ruled(document(logic=rule)), VACCINATED, NOW, b"\x01\x02")[0].outcome is Outcome.PASSED


def test_what_lies_outside_has_the_names_and_forms_of_the_reference_engine():
    credential = Credential(Format.HC1, Kind.TEST, issuer="VN", expires_at=NOW)
    assert external(ruled(region="by"), credential, NOW) == {
        "validationClock": "2022-02-01T12:00:00.000+00:00", "valueSets": SETS, "countryCode": "DE", "region": "BY",
        "issuerCountryCode": "VN", "exp": "2022-02-01T12:00:00.000+00:00", "iat": None, "kid": "",
    }  # fmt: skip


@pytest.mark.parametrize("birth", ["1990", "1990-02-03", "1990-02-03T00:00:00"])
def test_a_time_of_birth_that_some_issuers_add_is_cut_off(birth):
    credential = Credential(Format.HC1, Kind.TEST, issuer="BG", details={"payload": {"ver": "1.0.0", "dob": birth}})
    grown = {"before": [{"dccDateOfBirth": [{"var": "payload.dob"}]}, {"plusTime": ["2004-02-01", 0, "day"]}]}
    assert outcome(grown, credential) == (Outcome.PASSED, "")


@pytest.mark.parametrize(
    ("logic", "expected"),
    [
        (COMPLETE, (Outcome.PASSED, "")),
        ({"!": [FIRST]}, (Outcome.FAILED, "")),
        (1, (Outcome.OPEN, "wrong_type")),
        ({">": [{"var": "payload.t.0.dn"}, 1]}, (Outcome.OPEN, "wrong_type")),
        ({"dccDateOfBirth": ["soon"]}, (Outcome.OPEN, "bad_date")),
        ({"none": [1]}, (Outcome.OPEN, "invalid_expression")),
    ],
)
def test_outcomes(logic, expected):
    assert outcome(logic) == expected


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"Engine": "JSONLOGIC"}, "engine_version"),
        ({"EngineVersion": "2.0.1"}, "engine_version"),
        ({"SchemaVersion": "1.3.1"}, "schema_version"),
        ({"SchemaVersion": "2.0.0"}, "schema_version"),
        ({"SchemaVersion": "0.9.0"}, "schema_version"),
        ({"EngineVersion": "1.3.3", "SchemaVersion": "1.3.0"}, ""),
    ],
)
def test_a_rule_for_a_newer_engine_or_schema_stays_open(changes, problem):
    assert outcome(True, **changes) == (Outcome.OPEN if problem else Outcome.PASSED, problem)


def test_a_payload_without_a_version_leaves_rules_open():
    credential = Credential(Format.HC1, Kind.TEST, issuer="VN", details={"payload": {"ver": "one"}})
    assert outcome(True, credential) == (Outcome.OPEN, "schema_version")


def test_nothing_is_accepted_that_no_rule_speaks_about():
    open_one = (RuleResult("", RuleType.ACCEPTANCE, Outcome.OPEN, problem="no_rule"),)
    assert check(ruled(document(CertificateType="Test")), VACCINATED, NOW) == open_one
    without = Credential(Format.SHC, Kind.VACCINATION)
    assert [one.problem for one in check(ruled(document()), without, NOW)] == ["no_payload"]
    assert refusals(ruled(), VACCINATED, NOW) == (Reason.RULE_UNDECIDED,)


TAKES_BACK = {"Type": "Invalidation", "Country": "VN"}


@pytest.mark.parametrize(
    ("documents", "reasons"),
    [
        ([document()], ()),
        ([document(), document("VR-DE-0001", logic=False)], (Reason.COUNTRY_RULE_FAILED,)),
        ([document(), document("VR-DE-0001", logic=0)], (Reason.RULE_UNDECIDED,)),
        ([document(logic=0), document("VR-DE-0001", logic=False)], (Reason.COUNTRY_RULE_FAILED,)),
        ([document(logic=False), document("IR-VN-0001", logic=False, **TAKES_BACK)], (Reason.INVALIDATED,)),
        ([document(), document("IR-VN-0001", logic=True, **TAKES_BACK)], ()),
        ([document("IR-VN-0001", logic=True, **TAKES_BACK)], (Reason.RULE_UNDECIDED,)),
    ],
)
def test_why_a_certificate_is_refused(documents, reasons):
    assert refusals(ruled(*documents), VACCINATED, NOW) == reasons


def test_all_rules_of_one_decision_share_one_bound_of_work():
    slow = {"reduce": [[0] * 4000, {"===": [{"var": "current"}, 0]}, True]}
    rules = [document(f"GR-DE-{n:04}", logic=slow) for n in range(4)]
    outcomes = [result.outcome for result in check(ruled(*rules), VACCINATED, NOW)]
    assert outcomes[0] is Outcome.PASSED
    assert outcomes[-1] is Outcome.OPEN


def test_the_version_is_that_of_everything_that_counts():
    sets = [
        ruled(document()), ruled(document(logic=False)), ruled(document(), country="FR"),
        ruled(document(), region="BY"), RuleSet.of([document()], {}, country="DE"),
    ]  # fmt: skip
    assert len({one.version for one in sets}) == len(sets)
    assert ruled(document()).version == sets[0].version


def deep(levels):
    value = []
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("rules", "country"),
    [
        ([document()] * (MAX_RULES + 1), "DE"), ([], "Germany"), ([], "D1"), ([{}], "DE"),
        ([document(logic=deep(9999))], "DE"),
    ],
)  # fmt: skip
def test_what_is_no_set_of_rules(rules, country):
    with pytest.raises(RuleError):
        RuleSet.of(rules, SETS, country=country)


@given(
    st.dictionaries(
        st.sampled_from(list(document())),
        st.none() | st.text(max_size=8) | st.lists(st.text(max_size=3), max_size=2) | st.integers(),
    )
)
def test_a_document_is_a_rule_or_refused(changes):
    try:
        rule = rule_of(document(**changes))
    except RuleError:
        return
    assert reason_of(check(ruled(document(**changes)), VACCINATED, NOW)) in {None, *Reason}
    assert rule.version >= (0, 0, 0)
