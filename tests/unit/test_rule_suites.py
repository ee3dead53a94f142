from kiosk.app.rule_suites import Failure, is_suite, run_rule, run_suite

RULE = {
    "Identifier": "GR-VN-0001", "Type": "Acceptance", "Country": "VN", "Version": "1.0.0", "SchemaVersion": "1.0.0",
    "Engine": "CERTLOGIC", "EngineVersion": "1.0.0", "CertificateType": "General", "AffectedFields": [],
    "Description": [], "ValidFrom": "2022-01-01T00:00:00Z", "ValidTo": "2030-01-01T00:00:00Z",
    "Logic": {">": [{"var": "payload.n"}, {"var": "external.least"}]},
}  # fmt: skip


def test_payload(n, expected):
    return {"payload": {"n": n}, "external": {"least": 1}, "expected": expected}


test_payload.__test__ = False


def case(expression, *assertions, **more):
    return {"name": "a case", "certLogicExpression": expression, "assertions": list(assertions), **more}


def suite(*cases, **more):
    return {"name": "a suite", "cases": list(cases), **more}


def test_a_rules_tests_are_counted_and_failures_told():
    tests = [("a", test_payload(2, True)), ("b", test_payload(1, False)), ("c", test_payload(1, True))]
    tally = run_rule("rule", RULE, tests)
    assert (tally.passed, tally.failures) == (2, [Failure("c", "true", "false")])


def test_an_error_counts_as_false_and_is_told_where_it_matters():
    tally = run_rule("rule", RULE, [("a", test_payload("x", False)), ("b", test_payload("x", True))])
    assert tally.passed == 1
    assert tally.failures == [Failure("b", "true", "false (wrong_type: operands have to be integers)")]


def test_a_rule_that_is_none_is_a_failure_even_without_tests():
    assert [one.test for one in run_rule("rule", RULE | {"Logic": {"or": [1, 2]}}, []).failures] == ["the rule itself"]
    broken = run_rule("rule", [], [("a", test_payload(1, True)), ("b", test_payload(1, False))])
    assert [one.test for one in broken.failures] == ["the rule itself", "a"]


def test_a_rule_that_the_kiosk_would_not_load_is_tested_with_a_warning():
    tally = run_rule("rule", RULE | {"Version": "one"}, [("a", test_payload(2, True))])
    assert (tally.passed, tally.failures, tally.warning) == (1, [], "Version is no version, like 1.0.0")
    assert run_rule("rule", RULE, []).warning == ""


def test_what_is_no_test_fails():
    tally = run_rule("rule", RULE, [("a", []), ("b", {"payload": {}})])
    assert [one.test for one in tally.failures] == ["a", "b"]


def test_an_evaluation_suite():
    own = {"certLogicExpression": {"plusTime": ["2021-06-01", 1, "day"]}, "expected": "2021-06-02T00:00:00.000Z"}
    tally = run_suite("suite", suite(case({"var": ""}, {"data": 1, "expected": 1}, {"data": 1, "expected": True}, own)))
    assert (tally.passed, tally.failures) == (2, [Failure("a case 2", "true", "1")])


def test_values_are_compared_as_json():
    value = {"a": [1, {"b": None}]}
    wrong = [{"a": [1, {"b": False}]}, {"a": [1]}, {"a": [True, {"b": None}]}, {}, [], "a"]
    assertions = [{"data": value, "expected": one} for one in [value, *wrong]]
    tally = run_suite("suite", suite(case({"var": ""}, *assertions)))
    assert (tally.passed, len(tally.failures)) == (1, len(wrong))


def test_a_validation_suite():
    issue = {"expr": None, "message": "invalid CertLogic expression"}
    cases = [{"certLogicExpression": None, "issues": [issue]}, {"certLogicExpression": 1, "issues": [issue]}]
    tally = run_suite("suite", suite(*cases))
    assert (tally.passed, [one.test for one in tally.failures]) == (1, ["2"])


def test_what_its_author_set_aside_is_skipped():
    wrong = {"data": 1, "expected": 2}
    whole = run_suite("suite", suite(case({"var": ""}, wrong), directive="skip"))
    one_case = run_suite("suite", suite(case({"var": ""}, wrong, wrong, directive="skip")))
    assert (whole.passed, whole.skipped, whole.failures) == (0, 1, [])
    assert (one_case.passed, one_case.skipped, one_case.failures) == (0, 2, [])
    issues = {"certLogicExpression": 1, "issues": [{}], "directive": "skip"}
    assert run_suite("suite", suite(issues)).skipped == 1


def test_an_assertion_that_is_set_aside_counts_where_it_holds():
    right, wrong = {"data": 1, "expected": 1, "directive": "skip"}, {"data": 1, "expected": 2, "directive": "skip"}
    tally = run_suite("suite", suite(case({"var": ""}, right, wrong)))
    assert (tally.passed, tally.skipped, tally.failures) == (1, 1, [])


def test_an_assertion_that_expects_nothing_fails():
    tally = run_suite("suite", suite(case({"var": ""}, {"data": None}, "no assertion")))
    assert (tally.passed, len(tally.failures)) == (0, 2)


def test_a_value_of_any_size_is_shown_in_short():
    doubled = {"reduce": [{"var": ""}, [{"var": "accumulator"}, {"var": "accumulator"}], "x" * 100]}
    [failure] = run_suite("suite", suite(case(doubled, {"data": [0] * 1000, "expected": 1}))).failures
    assert len(failure.got) < 1000


def test_suites_are_known_by_their_content():
    assert is_suite(suite(case(1)))
    assert is_suite(suite({"certLogicExpression": 1, "issues": []}))
    for other in (suite(), suite(1), suite({"issues": "none"}), {"cases": {}}, {}, [], "cases"):
        assert not is_suite(other)
