"""The venue's policy as a file: what it may say, and the one sentence for each slip."""

import json
from datetime import date, time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.cli.policy_words import hours_text
from kiosk.config import ConfigError, load_config
from kiosk.domain.credential import Format, Kind
from kiosk.domain.policy_terms import (
    ALL_DAY,
    AdmitRule,
    Capacity,
    Counted,
    CountryRules,
    Days,
    Demand,
    Exemption,
    Hours,
    MinorRule,
    Minors,
    OnHolidays,
    Passback,
    PassbackKind,
)
from kiosk.domain.reasons import Reason
from kiosk.domain.situation import Direction
from kiosk.policy_file import SCHEMA, json_schema, load_policy, read_days, read_hours

ROOT = Path(__file__).resolve().parents[2]
EVERYTHING = """
schema = 2
version = "school-1"
title = "North gate"
zone = "campus"
when_unsure = "deny"

[[admit]]
name = "pupils"
kinds = ["visit", "staff", "vaccination"]
formats = ["GK1", "HC1"]
issuers = ["School"]
countries = ["VN"]
groups = ["pupils"]
zones = ["campus", "sports"]
direction = "entry"
hours = ["06:00-08:30", "22:00-05:00"]
weekdays = ["mon", "sun"]
on_holidays = "never"
valid_from = 2026-09-01
valid_until = 2027-05-31
complete = false
min_doses = 1
min_age_hours = 12
max_age_hours = 72
min_years = 6
max_years = 18
entries = 2
needs = ["identity", "declaration", "face"]
country_rules = false
accept_unsigned_DANGEROUS = true

[[admit]]
name = "others"
kinds = ["visit"]

[holidays]
dates = ["2027-01-01", 2027-04-30, "2027-02-05/2027-02-11"]

[capacity]
people = 200
when_full = "staff"
reset_at = "03:30"
warn_at = 150
counts = "inside"

[minors]
under = 16
rule = "with_adult"

[[exempt]]
name = "small children"
under_years = 6
groups = ["pupils"]
kinds = ["visit"]
issuers = ["School"]
lifts = ["health", "identity"]
"""


@pytest.fixture
def write(tmp_path):
    def file(text):
        path = tmp_path / "policy.toml"
        path.write_text(text)
        return path

    return file


def test_everything_that_a_policy_can_say(write):
    policy = load_policy(write(EVERYTHING))
    assert (policy.version, policy.title, policy.zone, policy.staff_when_unsure) == (
        "school-1", "North gate", "campus", False,
    )  # fmt: skip
    assert policy.admit[0] == AdmitRule(
        "pupils", frozenset({Kind.VISIT, Kind.STAFF, Kind.VACCINATION}), frozenset({"School"}), 1, 12, 72,
        identity_card=True, declaration=True, face=True, formats=frozenset({Format.PASS, Format.HC1}),
        countries=frozenset({"VN"}), groups=frozenset({"pupils"}), zones=frozenset({"campus", "sports"}),
        directions=frozenset({Direction.ENTRY}), hours=(Hours(360, 510), Hours(1320, 300)), weekdays=frozenset({0, 6}),
        holidays=OnHolidays.NEVER, valid_from=date(2026, 9, 1), valid_until=date(2027, 5, 31), complete=False,
        min_years=6, max_years=18, entries=2, country_rules=False, accept_unsigned=True,
    )  # fmt: skip
    assert policy.admit[1] == AdmitRule("others", frozenset({Kind.VISIT}))
    assert policy.admit[1].hours == ALL_DAY
    new_year, victory = date(2027, 1, 1), date(2027, 4, 30)
    tet = Days(date(2027, 2, 5), date(2027, 2, 11))
    assert policy.holidays == (Days(new_year, new_year), Days(victory, victory), tet)
    assert policy.capacity == Capacity(200, True, time(3, 30), warn_at=150, counts=Counted.INSIDE)
    assert policy.minors == Minors(16, MinorRule.WITH_ADULT)
    lifts = frozenset({Demand.HEALTH, Demand.IDENTITY})
    who = frozenset({"pupils"}), frozenset({Kind.VISIT}), frozenset({"School"})
    assert policy.exemptions == (Exemption("small children", lifts, 6, *who),)


@pytest.mark.parametrize(("text", "passback"), [
    ('[passback]\nkind = "soft"\n', Passback(PassbackKind.SOFT, reset_at=time(4))),
    ('[passback]\nkind = "timed"\nminutes = 20\n', Passback(PassbackKind.TIMED, 20)),
    ('[passback]\nkind = "hard"\nreset_at = "05:00"\n', Passback(PassbackKind.HARD, reset_at=time(5))),
    ('[passback]\nkind = "hard"\n[capacity]\npeople = 9\nreset_at = "03:00"\n',
     Passback(PassbackKind.HARD, reset_at=time(3))),
])  # fmt: skip
def test_anti_passback_has_the_day_of_the_capacity_unless_it_has_its_own(write, text, passback):
    assert load_policy(write(f'version = "1"\n{text}')).passback == passback


@given(st.text(max_size=20) | st.from_regex(r"[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}", fullmatch=True))
def test_any_text_is_hours_or_refused(text):
    try:
        hours = read_hours(text)
    except ValueError:
        return
    assert 0 <= hours.start < 24 * 60
    assert 0 <= hours.end <= 24 * 60
    assert hours_text(hours) == text.replace("-", "–")


DAY = st.dates().map(date.isoformat)


@given(st.text(max_size=30) | DAY | st.tuples(DAY, DAY).map("/".join))
def test_any_text_is_days_or_refused(text):
    try:
        days = read_days(text)
    except ValueError:
        return
    assert days.first <= days.last


TOML = st.text(alphabet='[]=".\n{}admithoursversion0123456789-', max_size=200).map(str.encode)


def refusal(path):
    try:
        load_policy(path)
    except ConfigError as error:
        return str(error)
    return ""


@given(st.binary(max_size=200) | TOML)
def test_any_file_is_a_policy_or_a_sentence(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(content)
    assert "\n" not in refusal(path)


def admit(line):
    return f'version = "1"\n[[admit]]\nname = "x"\nkinds = ["visit"]\n{line}\n'


SAME_TIME = (
    "'admit.0.hours.0': value error, these hours begin and end at the same time; the whole day is 00:00-24:00"
)
NO_DAY = (
    "'holidays.dates.0': value error, a day is written as 2027-02-05, several in a row as 2027-02-05/2027-02-11"
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (admit('hours = ["6-22"]'), "'admit.0.hours.0': value error, hours are written as 06:00-22:00"),
        (admit('hours = ["06:00-22:60"]'), "'admit.0.hours.0': value error, hours are written as 06:00-22:00"),
        (admit('hours = ["06:00-24:01"]'), "'admit.0.hours.0': value error, a day goes from 00:00 to 24:00"),
        (admit('hours = ["24:00-06:00"]'), "'admit.0.hours.0': value error, a day goes from 00:00 to 24:00"),
        (admit('hours = ["06:00-06:00"]'), SAME_TIME),
        (admit("valid_from = 2027-01-02\nvalid_until = 2027-01-01"),
         "'admit.0': value error, valid_until is before valid_from"),
        (admit("min_age_days = 1\nmin_age_hours = 2"),
         "'admit.0': value error, give min_age_days or min_age_hours, not both"),
        (admit("accept_unsigned = true"),
         "unknown key 'admit.0.accept_unsigned'; did you mean 'accept_unsigned_DANGEROUS'?"),
        (admit("hour = []"), "unknown key 'admit.0.hour'; did you mean 'hours'?"),
        ('version = "1"\nzones = "x"\n', "unknown key 'zones'; did you mean 'zone'?"),
        (admit("zone = []"), "unknown key 'admit.0.zone'; did you mean 'zones'?"),
        ('version = "1"\nminors = {peeple = 3}\n', "unknown key 'minors.peeple'; did you mean 'people'?"),
        ('version = "1"\nscheme = 2\n', "unknown key 'scheme'; did you mean 'schema'?"),
        ('version = "1"\n[holidays]\ndates = ["Tet"]\n', NO_DAY),
        ('version = "1"\n[holidays]\ndates = ["2027-02-05/2027-02-01"]\n',
         "'holidays.dates.0': value error, these days end before they begin"),
        ('version = "1"\n[[exempt]]\nname = "all"\nlifts = ["health"]\n',
         "'exempt.0': value error, an exemption has to say for whom: under_years, groups or kinds"),
        ('version = "1"\n[minors]\nrule = "with_adult"\n', "the key 'minors.under' is missing"),
        ('version = "1"\n[capacity]\nman = 3\n', "unknown key 'capacity.man'"),
        ('version = "1"\n[capacity]\npeople = 3\nwarn_at = 4\n',
         "'capacity': value error, warn_at is more than people: the room would be full before anybody is warned"),
        ('version = "1"\n[passback]\nkind = "timed"\n',
         "'passback': value error, kind = \"timed\" asks for minutes: how long nobody comes in again"),
        ('version = "1"\n[passback]\nkind = "hard"\nminutes = 5\n',
         "'passback': value error, minutes are for kind = \"timed\"; leave them out with \"hard\""),
        ('version = "1"\n[passback]\nkind = "timed"\nminutes = 5\nreset_at = "05:00"\n',
         "'passback': value error, reset_at ends no minutes; leave it out with kind = \"timed\""),
    ],
)  # fmt: skip
def test_a_slip_is_one_sentence(write, text, said):
    path = write(text)
    with pytest.raises(ConfigError) as caught:
        load_policy(path)
    assert str(caught.value) == f"{path}: {said}"


A_PASS = "visit, sampling, resident, staff, ticket or declaration"


def of_kinds(kinds, line):
    return f'version = "1"\n[[admit]]\nname = "guests"\nkinds = {kinds}\n{line}\n'


@pytest.mark.parametrize(
    ("kinds", "line", "said"),
    [
        (["visit"], "max_age_hours = 72", "'max_age_hours' is for vaccination, test or recovery"),
        (["visit", "ticket"], "max_age_days = 3", "'max_age_days' is for vaccination, test or recovery"),
        (["identity"], "min_age_hours = 1", "'min_age_hours' is for vaccination, test or recovery"),
        (["staff"], "min_age_days = 1", "'min_age_days' is for vaccination, test or recovery"),
        (["visit"], "country_rules = false", "'country_rules' is for vaccination, test or recovery"),
        (["test"], "country_rules = false\nformats = ['SHC']", "'country_rules' is for the format HC1"),
        (["test", "recovery"], "min_doses = 2", "'min_doses' is for vaccination"),
        (["test"], "complete = false", "'complete' is for vaccination"),
        (["visit"], "complete = true", "'complete' is for vaccination"),
        (["vaccination", "identity"], "zones = ['a']", f"'zones' is for {A_PASS}"),
        (["ticket"], "zones = ['a']\nformats = ['pretix']", "'zones' is for the format GK1"),
    ],
)
def test_a_term_that_would_ask_for_nothing_is_refused(write, kinds, line, said):
    path = write(of_kinds(kinds, line))
    with pytest.raises(ConfigError) as caught:
        load_policy(path)
    assert str(caught.value) == f"{path}: rule 'guests': {said}"


@pytest.mark.parametrize(
    ("kinds", "line"),
    [
        (["visit", "test"], "max_age_hours = 72\nzones = ['a']\ncountry_rules = false"),
        (["visit", "vaccination"], "min_doses = 2\ncomplete = false"),
        (["ticket"], "zones = ['a']"),
        (["ticket"], "zones = ['a']\nformats = ['pretix', 'GK1']"),
        # Every default written out asks for nothing that is not asked for in any case.
        (["visit"], "min_doses = 0\nmin_age_days = 0\nmin_age_hours = 0\ncountry_rules = true"),
        (["test"], "zones = []\nmin_doses = 0"),
    ],
)
def test_a_term_that_counts_for_one_of_the_kinds_is_read(write, kinds, line):
    assert load_policy(write(of_kinds(kinds, line))).admit[0].kinds == frozenset(map(Kind, kinds))


@pytest.mark.parametrize("line", ["schema = 3", 'schema = "2"', "schema = true", "schema = 0"])
def test_a_file_of_a_form_that_this_program_does_not_know_is_refused(write, line):
    with pytest.raises(ConfigError, match="schema"):
        load_policy(write(f'version = "1"\n{line}\n'))


def test_an_old_file_and_one_of_the_newest_form_mean_the_same(write):
    old = 'version = "1"\n[[admit]]\nname = "x"\nkinds = ["test"]\nmax_age_hours = 48\nidentity_card = true\n'
    new = f"schema = {SCHEMA}\n" + old.replace("identity_card = true", 'needs = ["identity"]')
    assert load_policy(write(old)) == load_policy(write(new))


COUNTRY = 'version = "1"\n[country_rules]\ncountry = "DE"\nrules = "rules/DE"\nvalue_sets = "sets"\n'


def test_a_countrys_rules_are_read_beside_the_policy(write, tmp_path):
    asked = []

    def reader(table):
        asked.append(table)
        return CountryRules(table.country, "7", lambda *_: (Reason.INVALIDATED,))

    policy = load_policy(write(COUNTRY), reader)
    assert policy.country_rules.refusals(None, None) == (Reason.INVALIDATED,)
    (table,) = asked
    assert (table.country, table.region, table.invalidation) == ("DE", "", True)
    assert (table.rules, table.value_sets) == (tmp_path / "rules" / "DE", tmp_path / "sets")


def test_no_policy_is_read_without_the_country_rules_that_it_asks_for(write):
    with pytest.raises(ConfigError, match="country_rules"):
        load_policy(write(COUNTRY))


def test_the_schema_for_editors_is_up_to_date():
    written = json.loads((ROOT / "docs" / "schemas" / "policy.schema.json").read_text())
    assert written == json_schema(), "run scripts/policy-schema"


def test_the_schema_knows_the_loud_names_and_no_other_keys():
    schema = json_schema()
    rule = schema["$defs"]["AdmitTable"]
    assert "accept_unsigned_DANGEROUS" in rule["properties"]
    assert rule["additionalProperties"] is False
    assert schema["additionalProperties"] is False
    assert "schema" in schema["properties"]


SETTINGS = """
[kiosk]
id = "k"
{kiosk}
[paths]
policy = "p"
trust = "t"
[gate]
board = "b"
pins = "mock"
{gate}
"""


def test_time_zone_and_direction_of_the_door(tmp_path):
    path = tmp_path / "kiosk.toml"
    path.write_text(SETTINGS.format(kiosk="", gate=""))
    config = load_config(path)
    assert (config.kiosk.time_zone, config.gate.direction) == ("Asia/Ho_Chi_Minh", Direction.ENTRY)
    path.write_text(SETTINGS.format(kiosk='time_zone = "Europe/Berlin"', gate='direction = "exit"'))
    config = load_config(path)
    assert (config.kiosk.time_zone, config.gate.direction) == ("Europe/Berlin", Direction.EXIT)


@pytest.mark.parametrize("zone", ["Hanoi", "../../etc/passwd", "/etc/localtime", "Asia", "a\\u0000b"])
def test_a_time_zone_that_there_is_not(tmp_path, zone):
    path = tmp_path / "kiosk.toml"
    path.write_text(SETTINGS.format(kiosk=f'time_zone = "{zone}"', gate=""))
    with pytest.raises(ConfigError, match="no such time zone"):
        load_config(path)
