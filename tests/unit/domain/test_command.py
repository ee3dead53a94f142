from dataclasses import replace

import pytest

from kiosk.domain.command import (
    IDS,
    Accepted,
    Command,
    CommandName,
    Ledger,
    Moment,
    Nonces,
    Refusal,
    Signed,
    judge,
    topic_of,
)

HERE = "local/main/gate-1"
NOON = 1_780_000_000
S = 10**9
ID = "0f" * 16
FRESH = b"n" * 16
NO_NONCES = Nonces()
LEDGER = Ledger(created=NOON - 3600)
CLOCK = Moment(NOON, known=True, mono_ns=500 * S)
NO_CLOCK = replace(CLOCK, unix=0, known=False)


def opening(by="a1", **changes):
    command = Command(ID, CommandName.OPEN, HERE, NOON - 1, NOON + 9, counter=7)
    return Signed(replace(command, **changes), by, ("Control room",))


def lockdown(**changes):
    return opening(**{"name": CommandName.LOCKDOWN, "expires_at": NOON - 1 + 24 * 3600, **changes})


def judged(signed, topic="", ledger=LEDGER, nonces=NO_NONCES, moment=CLOCK):
    return judge(signed, topic or topic_of(HERE, signed.command.name), HERE, ledger, nonces, moment)


def test_an_opening_is_accepted_until_it_expires():
    signed = opening()
    accepted = judged(signed)
    assert isinstance(accepted, Accepted)
    assert (accepted.signed, accepted.until_ns) == (signed, CLOCK.mono_ns + 9 * S)


def test_what_is_accepted_is_in_the_ledger_that_has_to_be_kept_first():
    ledger = judged(opening()).ledger
    assert (ledger.ids, ledger.counters, ledger.unfinished) == ((ID,), {"a1": 7}, {ID: CommandName.OPEN})
    assert ledger.finished(ID).unfinished == {}
    assert ledger.finished(ID).knows(opening())


@pytest.mark.parametrize(
    ("signed", "topic"),
    [
        (opening(audience="local/main/gate-2"), ""),
        (opening(), topic_of("local/main/gate-2", "open")),
        (opening(), topic_of(HERE, "normal")),
    ],
    ids=["of another kiosk", "on another kiosk's topic", "on another command's topic"],
)
def test_what_is_for_another_place_is_refused(signed, topic):
    assert judged(signed, topic) is Refusal.ELSEWHERE


def test_without_a_ledger_nothing_is_done():
    assert judged(lockdown(), ledger=None) is Refusal.LEDGER_UNAVAILABLE


@pytest.mark.parametrize(
    ("again", "answer"),
    [
        (opening(counter=8), Refusal.REPEATED),
        (opening(id="aa" * 16), Refusal.REPEATED),
        (opening(id="aa" * 16, counter=6), Refusal.REPEATED),
        (opening("b2", counter=8), Refusal.REPEATED),
        (opening(id="aa" * 16, counter=8), None),
        (opening("b2", id="aa" * 16, counter=1), None),
    ],
    ids=["same id", "same counter", "older counter", "same id of another key", "next one", "first of another key"],
)
def test_each_command_is_accepted_once(again, answer):
    kept = judged(opening()).ledger
    assert (judged(again, ledger=kept) if answer else None) is answer
    assert isinstance(judged(again, ledger=kept), Accepted) is (answer is None)


@pytest.mark.parametrize(
    ("signed", "answer"),
    [
        (opening(issued_at=NOON, expires_at=NOON + 15), Accepted),
        (opening(issued_at=NOON, expires_at=NOON + 16), Refusal.TOO_LONG),
        (lockdown(issued_at=NOON, expires_at=NOON + 86_400), Accepted),
        (lockdown(issued_at=NOON, expires_at=NOON + 86_401), Refusal.TOO_LONG),
        (opening(issued_at=NOON + 10, expires_at=NOON + 20), Accepted),
        (opening(issued_at=NOON + 11, expires_at=NOON + 20), Refusal.NOT_YET),
        (opening(issued_at=NOON - 14, expires_at=NOON + 1), Accepted),
        (opening(issued_at=NOON - 14, expires_at=NOON), Refusal.EXPIRED),
        (lockdown(issued_at=NOON - 3600, expires_at=NOON + 60), Accepted),
        (lockdown(issued_at=NOON - 3601, expires_at=NOON + 60), Refusal.EXPIRED),
    ],
)
def test_a_command_is_good_for_a_time(signed, answer):
    judgement = judged(signed)
    assert type(judgement) is answer if answer is Accepted else judgement is answer


def test_a_ledger_that_began_without_a_clock_is_dated_by_the_first_command_after_it_is_set():
    began = Ledger()
    assert began.dated(NO_CLOCK) is began
    assert judged(lockdown(issued_at=NOON - 9999, expires_at=NOON + 9), ledger=began).ledger.created == NOON
    assert LEDGER.dated(CLOCK) is LEDGER


def test_without_a_clock_only_a_nonce_of_this_kiosk_shows_that_a_command_is_fresh():
    assert judged(opening(), moment=NO_CLOCK) is Refusal.CLOCK_UNSET
    nonces, nonce = Nonces().give("a1", FRESH, NO_CLOCK.mono_ns)
    signed = opening(nonce=nonce, issued_at=3, expires_at=4)
    accepted = judged(signed, ledger=Ledger(), nonces=nonces, moment=NO_CLOCK)
    assert isinstance(accepted, Accepted)
    assert accepted.until_ns == NO_CLOCK.mono_ns + 15 * S
    assert accepted.ledger.created is None
    again = opening(nonce=nonce, id="aa" * 16, counter=8)
    assert judged(again, nonces=accepted.nonces, moment=NO_CLOCK) is Refusal.CLOCK_UNSET


def test_a_nonce_is_good_for_a_minute_and_for_the_key_that_it_was_given_to():
    nonces, nonce = Nonces().give("a1", FRESH, 0)
    assert nonces.use("b2", nonce, 1) is None
    assert nonces.use("a1", b"x" * 16, 1) is None
    assert nonces.use("a1", b"", 1) is None
    assert nonces.use("a1", nonce, 60 * S) is None
    assert nonces.use("a1", nonce, 60 * S - 1) == Nonces()


def test_a_command_that_needs_no_nonce_leaves_those_that_were_given():
    nonces, _ = Nonces().give("b2", FRESH, CLOCK.mono_ns)
    assert judged(opening(), nonces=nonces).nonces == nonces


def test_an_empty_nonce_is_none():
    assert Nonces().use("a1", b"", 0) is None


def test_asking_again_does_not_take_a_nonce_away_from_who_is_signing_with_it():
    nonces, first = Nonces().give("a1", FRESH, 0)
    nonces, again = nonces.give("a1", b"m" * 16, 59 * S)
    assert again == first
    nonces, other = nonces.give("b2", b"o" * 16, 59 * S)
    nonces, later = nonces.give("a1", b"m" * 16, 60 * S)
    assert (other, later) == (b"o" * 16, b"m" * 16)
    assert nonces.use("b2", other, 60 * S) is not None


def test_the_ledger_remembers_so_many_ids_and_no_more():
    ledger = LEDGER
    for number in range(1, IDS + 2):
        ledger = ledger.taken(opening(id=f"{number:032x}", counter=number), CLOCK)
    assert len(ledger.ids) == IDS
    assert f"{1:032x}" not in ledger.ids
    assert ledger.knows(opening(id=f"{1:032x}", counter=1))
