"""Who comes together with an adult: codes that were in view together, or are shown again."""

from dataclasses import replace

from kiosk.domain import visit as visiting
from kiosk.domain.birth import HiddenBirthDate, birth_hash
from kiosk.domain.credential import Holder
from kiosk.testing.storybook import (
    ANH,
    BINH,
    CHI,
    GUESTS,
    VACCINATED,
    Story,
    card,
    expired,
    guest_pass,
    vaccination,
)

ADULTS = frozenset({ANH.birth_date, BINH.birth_date})


def beside(story, shown, *scans, adults=ADULTS):
    data = repr(shown).encode()
    return visiting.has_adult(story.visits, data, frozenset(scans), adults.__contains__)


def test_a_child_beside_an_adult_who_was_let_in():
    story = Story()
    (scan,) = story.shows(vaccination(ANH))
    assert beside(story, vaccination(CHI), scan)
    assert not beside(story, vaccination(CHI))
    assert not beside(story, vaccination(CHI), "another scan")
    assert not beside(story, vaccination(CHI), scan, adults=frozenset())


def test_an_adult_who_was_refused_is_no_company():
    story = Story()
    (scan,) = story.shows(vaccination(ANH, dose=1))
    assert not beside(story, vaccination(CHI), scan)
    (scan,) = story.shows(expired(BINH))
    assert not beside(story, vaccination(CHI), scan)


def test_the_card_of_an_adult_proves_no_age():
    story = Story()
    scans = story.shows(vaccination(CHI), card(ANH))
    assert not beside(story, vaccination(CHI, dose=1), *scans)


def test_an_adult_with_a_pass_is_one_where_the_card_fits_its_hash():
    hidden = HiddenBirthDate(b"1", birth_hash(b"1", ANH.birth_date))
    mother = guest_pass(holder=Holder(ANH.family_name, ANH.given_name, hidden_birth_date=hidden))
    story = Story(replace(GUESTS, identity_card=True), VACCINATED)
    assert beside(story, vaccination(CHI), *story.shows(mother, card(ANH)))
    story = Story(GUESTS, VACCINATED)
    assert not beside(story, vaccination(CHI), *story.shows(mother))


def test_a_child_whose_code_was_read_first_shows_it_again():
    story = Story()
    story.shows(vaccination(CHI, dose=1), vaccination(ANH))
    assert beside(story, vaccination(CHI, dose=1))
    assert not beside(story, vaccination(CHI, dose=3))
    story.after(31)
    story.shows(card(CHI))  # lets the state forget
    assert not beside(story, vaccination(CHI, dose=1))
