"""Which kinds a term of a rule is looked at on."""

import pytest

from kiosk.domain.credential import HEALTH_KINDS, PASS_KINDS, Format, Kind
from kiosk.domain.policy_terms import TERM_FORMATS, TERM_KINDS, AdmitRule, term_kinds

ALL = AdmitRule("r", frozenset(Kind))


@pytest.mark.parametrize(
    ("term", "kinds"),
    [
        ("complete", {Kind.VACCINATION}),
        ("min_doses", {Kind.VACCINATION}),
        ("min_age_days", HEALTH_KINDS),
        ("max_age_days", HEALTH_KINDS),
        ("min_age_hours", HEALTH_KINDS),
        ("max_age_hours", HEALTH_KINDS),
        ("country_rules", HEALTH_KINDS),
        ("zones", PASS_KINDS),
        ("entries", frozenset(Kind)),
    ],
)
def test_a_term_belongs_to_kinds(term, kinds):
    assert term_kinds(ALL, term) == kinds


@pytest.mark.parametrize(
    ("term", "formats", "counts"),
    [
        ("zones", {Format.PRETIX}, False),
        ("zones", {Format.PRETIX, Format.PASS}, True),
        ("country_rules", {Format.SHC}, False),
        ("country_rules", {Format.HC1}, True),
        ("max_age_hours", {Format.SHC}, True),
    ],
)
def test_some_terms_belong_to_formats_as_well(term, formats, counts):
    rule = AdmitRule("r", frozenset(Kind), formats=frozenset(formats))
    assert bool(term_kinds(rule, term)) is counts


def test_a_term_of_some_formats_is_one_of_some_kinds():
    assert TERM_FORMATS.keys() <= TERM_KINDS.keys()
