import pytest

from kiosk.api.messages import Page
from ui.choices import FORGET_MS, Choices, Session, next_language

MS = 1_000_000
HOUSE = Choices("vi")
MINE = Choices("en", large=True)


def test_the_next_language_goes_round():
    assert next_language("en", ("en", "vi")) == "vi"
    assert next_language("vi", ("en", "vi")) == "en"
    assert next_language("fr", ("en", "vi")) == "en"


def test_choices_are_forgotten_some_time_after_the_visitor_is_gone():
    session = Session.fresh(HOUSE).settle(Page.REFUSED, 0).choose(MINE, 1)
    session = session.settle(Page.REFUSED, 90_000 * MS)
    assert session.now == MINE
    session = session.settle(Page.IDLE, 91_000 * MS)
    assert session.settle(Page.IDLE, (91_000 + FORGET_MS) * MS - 1).now == MINE
    assert session.settle(Page.IDLE, (91_000 + FORGET_MS) * MS).now == HOUSE


@pytest.mark.parametrize("page", [Page.LOCKDOWN, Page.MAINTENANCE, Page.FREE_PASSAGE, Page.OUT_OF_ORDER])
def test_choices_are_forgotten_on_every_page_that_serves_nobody(page):
    session = Session.fresh(HOUSE).choose(MINE, 0).settle(page, 1)
    assert session.settle(page, FORGET_MS * MS + 1).now == HOUSE


def test_choosing_while_idle_starts_the_time_again():
    session = Session.fresh(HOUSE).settle(Page.IDLE, 0).choose(MINE, 15_000 * MS)
    assert session.settle(Page.IDLE, 30_000 * MS).now == MINE
    assert session.settle(Page.IDLE, 35_000 * MS).now == HOUSE


def test_a_new_visit_keeps_the_choices():
    session = Session.fresh(HOUSE).settle(Page.IDLE, 0).choose(MINE, 1)
    session = session.settle(Page.QR_READ, 19_000 * MS).settle(Page.IDLE, 25_000 * MS)
    assert session.settle(Page.IDLE, 40_000 * MS).now == MINE


def test_the_list_of_languages_closes_by_a_choice_a_second_touch_or_whatever_comes_next():
    session = Session.fresh(HOUSE).settle(Page.IDLE, 0)
    looking = session.open_languages(Page.IDLE, 5 * MS)
    assert looking.choosing is Page.IDLE
    assert looking.settle(Page.IDLE, 10 * MS).choosing is Page.IDLE
    assert looking.choose(MINE, 10 * MS).choosing is None
    assert looking.open_languages(Page.IDLE, 10 * MS).choosing is None
    assert looking.settle(Page.QR_READ, 10 * MS).choosing is None
    assert looking.settle(Page.IDLE, (5 + FORGET_MS) * MS).choosing is None


def test_whoever_looks_for_their_language_is_there():
    session = Session.fresh(HOUSE).settle(Page.IDLE, 0).choose(MINE, 0)
    session = session.open_languages(Page.IDLE, 19_000 * MS)
    assert session.settle(Page.IDLE, 21_000 * MS).now == MINE
