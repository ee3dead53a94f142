"""What a rule takes: formats, groups, zones, entries and a country's rules; and which refusal is told."""

from dataclasses import replace
from datetime import time

import pytest

from kiosk.domain.credential import Format, Kind
from kiosk.domain.decision import Admit, Deny
from kiosk.domain.policy_rules import NEARNESS, limit_of_entries
from kiosk.domain.policy_terms import Capacity, CountryRules, Demand, Exemption, Hours
from kiosk.domain.reasons import Reason
from kiosk.domain.situation import Direction
from kiosk.testing.policy_desk import HERE, NOW, at, decide, rule, shot, signed, unsigned, why

# what a credential is


def test_only_named_formats():
    only = rule(Kind.VACCINATION, formats=frozenset({Format.HC1, Format.SHC}))
    assert why(shot(), only) == "admit"
    assert why(shot(form=Format.VDS_NC), only) == (Reason.KIND_NOT_ACCEPTED,)


def test_countries_are_those_of_the_content_and_else_of_the_issuer():
    only = rule(Kind.VACCINATION, countries=frozenset({"VN"}))
    assert why(shot(), only) == "admit"
    assert why(shot(country="FR"), only) == (Reason.ISSUER_NOT_ACCEPTED,)
    assert why(shot(country=["VN"]), only) == "admit"  # no text, so the issuer's: VN
    assert why(signed(issuer="FR"), rule(countries=frozenset({"VN"}))) == (Reason.ISSUER_NOT_ACCEPTED,)


@pytest.mark.parametrize(
    ("group", "answer"),
    [("pupils", "admit"), ("guests", (Reason.GROUP_NOT_ALLOWED,)), (None, (Reason.GROUP_NOT_ALLOWED,)),
     ([], (Reason.GROUP_NOT_ALLOWED,))],
)  # fmt: skip
def test_groups(group, answer):
    assert why(signed(group=group), rule(groups=frozenset({"pupils", "staff"}))) == answer


def test_a_rule_may_name_other_zones_than_the_doors():
    assert why(signed(zone="ward 3"), rule(zones=frozenset({"ward 3", "ward 4"}))) == "admit"
    assert why(signed(zone="lobby"), rule(zones=frozenset({"ward 3"}))) == (Reason.ZONE_NOT_ALLOWED,)
    assert why(signed(zone="*"), rule(zones=frozenset({"ward 3"}))) == "admit"


def test_a_ticket_has_no_zone():
    assert why(signed(Kind.TICKET, form=Format.PRETIX, zone=None), rule(Kind.TICKET)) == "admit"
    assert why(signed(Kind.TICKET, zone=None), rule(Kind.TICKET)) == (Reason.ZONE_NOT_ALLOWED,)


def test_directions():
    out = replace(HERE, direction=Direction.EXIT)
    assert why(signed(), rule(directions=frozenset({Direction.ENTRY}))) == "admit"
    assert why(signed(), rule(directions=frozenset({Direction.ENTRY})), situation=out) == (
        Reason.DIRECTION_NOT_ALLOWED,
    )
    assert why(signed(), situation=out) == "admit"


def test_a_pass_that_says_complete_counts_as_complete_and_has_no_numbers():
    bare = shot(form=Format.NZCP, dose=None, series=None, complete=True)
    assert why(bare, rule(Kind.VACCINATION)) == "admit"
    assert why(bare, rule(Kind.VACCINATION, min_doses=2)) == (Reason.DOSES_MISSING,)
    assert why(shot(dose=None, complete="yes"), rule(Kind.VACCINATION)) == (Reason.DOSES_MISSING,)


def test_a_rule_may_take_an_unfinished_vaccination():
    first = rule(Kind.VACCINATION, complete=False, min_doses=1)
    assert why(shot(dose=1), first) == "admit"
    assert why(shot(dose=None), first) == (Reason.DOSES_MISSING,)
    assert why(shot(dose=None), rule(Kind.VACCINATION, complete=False)) == "admit"


def test_a_day_without_a_time_begins_at_midnight_of_the_venue():
    fresh = rule(Kind.VACCINATION, min_age_hours=24)
    assert why(shot(event_date="2026-07-02"), fresh, situation=at("2026-07-03T00:00")) == "admit"
    assert why(shot(event_date="2026-07-02"), fresh, situation=at("2026-07-02T23:59")) == (Reason.TOO_RECENT,)


def test_a_series_of_no_doses_is_not_complete():
    assert why(shot(dose=0, series=0), rule(Kind.VACCINATION, complete=True)) == (Reason.DOSES_MISSING,)
    assert why(shot(dose=1, series=1), rule(Kind.VACCINATION, complete=True)) == "admit"


# how often, how many


@pytest.mark.parametrize(
    ("own", "by_rule", "limit"), [(0, 0, 0), (3, 0, 3), (0, 2, 2), (3, 2, 2), (1, 5, 1), ("3", 0, 0), (None, 4, 4)]
)
def test_the_lower_limit_counts(own, by_rule, limit):
    assert limit_of_entries(rule(entries=by_rule), signed(entries=own).credential) == limit


def test_entries():
    twice = signed(entries=2)
    used = [why(twice, situation=replace(HERE, used={"7": times})) for times in (0, 1, 2, 3)]
    assert used == ["admit", "admit", (Reason.ENTRIES_USED,), (Reason.ENTRIES_USED,)]
    assert decide(twice) == Deny((Reason.ENTRIES_NOT_COUNTED,), call_staff=True)
    assert decide(twice, staff_when_unsure=False) == Deny((Reason.ENTRIES_NOT_COUNTED,))
    assert why(twice, situation=replace(HERE, direction=Direction.EXIT, used={"7": 2})) == "admit"
    assert why(signed(), rule(entries=1), situation=replace(HERE, used={"7": 1})) == (Reason.ENTRIES_USED,)


def test_capacity():
    room = Capacity(200)
    inside = [why(signed(), capacity=room, situation=replace(HERE, inside=n)) for n in (0, 199, 200, 201)]
    assert inside == ["admit", "admit", (Reason.CAPACITY_REACHED,), (Reason.CAPACITY_REACHED,)]
    assert decide(signed(), capacity=room, situation=replace(HERE, inside=199)) == Admit("rule")
    full = replace(HERE, inside=200)
    assert decide(signed(), capacity=room, situation=full) == Deny((Reason.CAPACITY_REACHED,))
    assert decide(signed(), capacity=Capacity(200, staff_when_full=True, reset_at=time(4)), situation=full) == Deny(
        (Reason.CAPACITY_REACHED,), call_staff=True
    )
    assert decide(signed(), capacity=room) == Deny((Reason.CAPACITY_UNKNOWN,), call_staff=True)
    assert decide(signed(), capacity=room, staff_when_unsure=False) == Deny((Reason.CAPACITY_UNKNOWN,))
    assert why(signed(), capacity=room, situation=replace(full, direction=Direction.EXIT)) == "admit"


# a country's rules


def ruled(refusals):
    return CountryRules("DE", "7", refusals)


def test_a_countrys_rules_judge_its_own_format_only():
    asked = []

    def refuse(credential, now, key_id):
        asked.append((credential.credential_id, now, key_id))
        return (Reason.COUNTRY_RULE_FAILED,)

    shots = rule(Kind.VACCINATION)
    assert why(shot(), shots, country_rules=ruled(refuse)) == (Reason.COUNTRY_RULE_FAILED,)
    assert asked == [("v", NOW, "0102")]
    assert why([replace(signed(), key_id="0908"), shot()], shots, country_rules=ruled(refuse)) != "admit"
    assert asked.pop() == ("v", NOW, "0102"), "the key of what is judged"
    assert why(shot(form=Format.SHC), shots, country_rules=ruled(refuse)) == "admit"
    assert why(signed(), country_rules=ruled(refuse)) == "admit"
    assert why(shot(), rule(Kind.VACCINATION, country_rules=False), country_rules=ruled(refuse)) == "admit"
    assert why(shot(), shots, country_rules=ruled(lambda *_: ())) == "admit"
    exempt = Exemption("all", frozenset({Demand.HEALTH}), under_years=120)
    assert why(shot(), shots, country_rules=ruled(refuse), exemptions=(exempt,)) == "admit"
    assert len(asked) == 1


def test_what_a_countrys_rules_leave_open_goes_to_staff():
    def leave_open(*_):
        return (Reason.RULE_UNDECIDED,)

    assert decide(shot(), rule(Kind.VACCINATION), country_rules=ruled(leave_open)) == Deny(
        (Reason.RULE_UNDECIDED,), call_staff=True
    )


# which refusal is told


def test_several_reasons_are_told_what_cannot_be_changed_first():
    picky = rule(Kind.VACCINATION, issuers=frozenset({"DE"}), max_age_hours=1, hours=(Hours(0, 60),))
    assert why(shot(), picky) == (Reason.ISSUER_NOT_ACCEPTED, Reason.TOO_OLD, Reason.OUTSIDE_HOURS)


def test_of_two_rules_the_one_that_misses_less_is_told():
    late, card = rule(hours=(Hours(0, 60),)), rule(identity_card=True)
    late_and_card = rule(hours=(Hours(0, 60),), groups=frozenset({"staff"}))
    for rules in ((late, card, late_and_card), (late_and_card, card, late)):
        assert why(signed(), *rules) == (Reason.IDENTITY_NEEDED,)
    assert why(signed(), late_and_card, late) == (Reason.OUTSIDE_HOURS,)


def test_of_two_rules_that_miss_the_same_the_one_that_misses_nothing_else_is_told():
    staff = rule(groups=frozenset({"staff"}))
    late_staff = rule(groups=frozenset({"staff"}), hours=(Hours(0, 60),))
    for rules in ((staff, late_staff), (late_staff, staff)):
        assert why(signed(), *rules) == (Reason.GROUP_NOT_ALLOWED,)


def test_of_several_pieces_the_best_answer_is_told_whichever_is_newest():
    guests, patients = rule(), rule(Kind.VACCINATION, identity_card=True)
    for pieces in ([signed(), shot()], [shot(), signed()]):
        assert decide(pieces, guests, patients) == Admit("rule")
    for pieces in ([signed(Kind.STAFF), unsigned()], [unsigned(), signed(Kind.STAFF)]):
        assert why(pieces, guests) == (Reason.KIND_NOT_ACCEPTED,)


def test_every_reason_stands_once_in_the_order():
    assert len(set(NEARNESS)) == len(NEARNESS)


def test_a_reason_that_has_no_place_in_the_order_is_a_fault_and_admits_nobody():
    with pytest.raises(ValueError, match="not in tuple"):
        decide(shot(), rule(Kind.VACCINATION), country_rules=ruled(lambda *_: (Reason.EXPIRED,)))
