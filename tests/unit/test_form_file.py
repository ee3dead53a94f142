"""Forms as venues write them, and what they are told about mistakes."""

from decimal import Decimal
from pathlib import Path

import pytest

from kiosk.api.sentences import languages
from kiosk.config import ConfigError
from kiosk.domain.form import About, Purpose, QuestionKind
from kiosk.form_file import load_form, load_forms, read_form

FORMS = Path(__file__).resolve().parents[2] / "firmware_config" / "forms"

HEAD = """
id = "health"
version = "1"
title = { en = "Health", vi = "Y tế" }
consent = { en = "I agree.", vi = "Tôi đồng ý." }
"""
ASKED = """
[[question]]
id = "symptoms"
kind = "choose_many"
text = { en = "Any of these?", vi = "Bạn có không?" }
option = [
    { id = "fever", staff = true, text = { en = "Fever", vi = "Sốt" } },
    { id = "none", alone = true, text = { en = "None", vi = "Không" } },
]
[[question]]
id = "since"
kind = "date"
days_back = 14
when = { question = "symptoms", answers = ["fever"] }
text = { en = "Since when?", vi = "Từ khi nào?" }
"""


def test_a_form_is_read_with_everything_that_it_says():
    form = read_form((HEAD + ASKED).encode(), "health.toml")
    assert (form.id, form.version, form.purpose) == ("health", "1", Purpose.DECLARATION)
    symptoms, since = form.questions
    assert symptoms.kind is QuestionKind.CHOOSE_MANY
    assert [(one.id, one.staff, one.alone) for one in symptoms.options] == [
        ("fever", True, False), ("none", False, True),
    ]  # fmt: skip
    assert since.when is not None
    assert since.when.answers == {"fever"}
    assert since.days_back == 14
    assert form.title["vi"] == "Y tế"


@pytest.mark.parametrize("name", ["health-declaration", "check-in"])
def test_the_forms_that_come_with_the_kiosk_are_good_and_in_the_kiosks_own_languages(name):
    form = load_form(FORMS / f"{name}.toml")
    assert form.id == name
    assert {"en", "vi"} <= set(form.title) <= set(languages()) | {"en", "vi"}


def test_the_declaration_says_who_somebody_is_and_the_check_in_measures():
    declaration = load_form(FORMS / "health-declaration.toml")
    assert {one.about for one in declaration.questions} >= {About.NAME, About.BIRTH_DATE, About.PHONE}
    check_in = load_form(FORMS / "check-in.toml")
    assert check_in.purpose is Purpose.CHECK_IN
    assert any(one.staff_from == Decimal("37.5") and one.decimals == 1 for one in check_in.questions)


def test_a_kiosk_offers_one_form_of_a_purpose():
    offered = load_forms(FORMS, ("health-declaration.toml", "check-in.toml"))
    assert set(offered) == set(Purpose)
    assert load_forms(FORMS, ()) == {}
    with pytest.raises(ConfigError, match='purpose = "check_in" is that of another form'):
        load_forms(FORMS, ("check-in.toml", "check-in.toml"))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"gone\.toml: cannot be read"):
        load_forms(tmp_path, ("gone.toml",))


QUESTION = '[[question]]\nid = "q"\ntext = { en = "?", vi = "?" }\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD.replace("version", "verison") + ASKED, "unknown key 'verison'; did you mean 'version'?"),
        (HEAD + ASKED.replace("days_back", "days_bakc"), "did you mean 'days_back'?"),
        (HEAD, "the key 'question' is missing"),
        (HEAD + QUESTION + 'kind = "colour"', "input should be 'choose_one', 'choose_many'"),
        (HEAD + QUESTION + 'kind = "choose_one"', "question 'q': give two options to choose from, or more"),
        (HEAD + QUESTION + 'kind = "name"\nleast = 1', "question 'q': 'least' is for number"),
        (HEAD + QUESTION + 'kind = "number"\nleast = 2\nmost = 1', "question 'q': least is more than most"),
        (HEAD + QUESTION + 'kind = "date"\nabout = "phone"', 'about = "phone" is for the kind phone'),
        (HEAD + ASKED + ASKED, "two questions have the id 'symptoms'"),
        (HEAD + ASKED.replace('question = "symptoms"', 'question = "later"'), "'when' names no earlier question"),
        (HEAD + ASKED.replace('answers = ["fever"]', 'answers = ["cough"]'),
         "'when' names an answer that 'symptoms' has not"),
        (HEAD + ASKED.replace('"none"', '"fever"'), "question 'symptoms': two options have the same id"),
        (HEAD + ASKED.replace(', vi = "Sốt"', ""), "option 'fever' of question 'symptoms': the text in 'vi'"),
        (HEAD.replace(', vi = "Tôi đồng ý."', "") + ASKED, "consent: the text in 'vi' is missing"),
        (HEAD.replace("vi =", "Vi =") + ASKED, "'Vi' is no language"),
        (HEAD + ASKED.replace("Fever", "F" * 33), "the text in 'en' has 33 characters; 32 fit on the screen"),
        (HEAD + ASKED.replace('"Fever"', '"a\\nb"'), "the text in 'en' is empty, or more than one line"),
        (HEAD + ASKED.replace('{ en = "Fever", vi = "Sốt" }', "{}"), "write it in a language at least"),
        (HEAD + '[[question]]\nid = "q"\nkind = "name"\ntext = { en = "' + "x" * 41 + '", vi = "?" }',
         "above the keyboard 40 fit"),
        (HEAD + (QUESTION + 'kind = "name"\nabout = "name"\n') + (QUESTION + 'kind = "name"\nabout = "name"\n').replace(
            '"q"', '"p"'), 'two questions are about = "name"'),
    ],
)  # fmt: skip
def test_mistakes_are_named_in_a_sentence(text, said):
    with pytest.raises(ConfigError) as caught:
        read_form(text.encode(), "health.toml")
    assert said in str(caught.value)
    assert str(caught.value).startswith("health.toml: ")
    assert "\n" not in str(caught.value)
