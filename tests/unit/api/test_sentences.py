import re
import string
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import get_args

import pytest

from kiosk.api.messages import CameraState, Hint, Page
from kiosk.api.sentences import DEFAULT, VISITORS, catalogue, full_languages, languages, sentence
from kiosk.app.explain import Cause
from kiosk.app.screen import ELSEWHERE
from kiosk.cli import explain_words
from kiosk.domain.align import FaceHint
from kiosk.domain.credential import Format, Kind, Verdict
from kiosk.domain.door_io import Alarm
from kiosk.domain.events import EventType
from kiosk.domain.reasons import NextStep, Reason, next_step

HINTS = [f"hint.{hint}" for hint in get_args(Hint.model_fields["hint"].annotation) if hint]
CODES = [*(f"reason.{code}" for code in Reason), *(f"next.{code}" for code in NextStep), *HINTS]


def test_there_are_at_least_vietnamese_and_english():
    assert {"en", "vi"} <= set(languages())
    assert DEFAULT in languages()


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("key", CODES)
def test_every_code_has_a_short_sentence(language, key):
    text = catalogue(language)[key]
    assert text == text.strip()
    assert 0 < len(text) <= 60


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("page", Page)
def test_every_page_has_its_words(language, page):
    assert catalogue(language)[f"page.{page}"]


@pytest.mark.parametrize("language", languages())
def test_every_alarm_that_is_said_at_the_door_has_a_sentence_for_one_line_or_two(language):
    said = {key: text for key, text in catalogue(language).items() if key.startswith("alarm.")}
    assert set(said) == {f"alarm.{alarm}" for alarm in Alarm if alarm not in ELSEWHERE}
    assert all(0 < len(text) <= 32 for text in said.values())


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("state", sorted(set(get_args(CameraState)) - {"ok"}))
def test_every_state_of_the_camera_has_its_words(language, state):
    assert catalogue(language)[f"page.camera_{state}"]


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize(("table", "codes"), [
    ("format", Format), ("kind", Kind), ("verdict", Verdict), ("event", EventType),
    ("outcome", ("admit", "deny", "need")), ("explain", [f"because_{cause}" for cause in Cause]),
    ("explain", sorted(set(re.findall(r"""say\(\s*['"]([a-z_]+)['"]""", Path(explain_words.__file__).read_text())))),
])  # fmt: skip
def test_everything_that_explain_names_has_its_words(language, table, codes):
    assert all(catalogue(language).get(f"{table}.{code}") for code in codes)


def tables(language):
    return tomllib.loads(files("kiosk.api.sentences").joinpath(f"{language}.toml").read_text("utf-8"))


@pytest.mark.parametrize("language", languages())
def test_each_language_has_all_that_visitors_meet_and_no_key_of_its_own(language):
    own, english = tables(language), tables(DEFAULT)
    assert set(VISITORS) <= set(own) <= set(english)
    assert {table: set(keys) for table, keys in own.items()} == {table: set(english[table]) for table in own}


def test_what_is_for_those_who_run_the_kiosk_may_be_english():
    assert set(full_languages()) == {"en", "vi"} < set(languages())
    assert catalogue("fr")["explain.visit"] == catalogue("en")["explain.visit"]
    assert catalogue("fr")["page.language_name"] == "Français"


@pytest.mark.parametrize("language", languages())
def test_every_hint_to_a_face_has_its_words(language):
    assert set(tables(language)["align"]) == set(FaceHint)
    assert all(len(text) <= 60 for text in tables(language)["align"].values())


@pytest.mark.parametrize("language", languages())
def test_no_sentence_stands_for_a_code_that_is_none(language):
    assert {key for key in catalogue(language) if key.startswith(("reason.", "next.", "hint."))} == set(CODES)


@pytest.mark.parametrize("language", languages())
def test_nothing_is_left_to_fill_in_that_the_other_languages_do_not_have(language):
    def gaps(text):
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}

    assert {key: gaps(text) for key, text in catalogue(language).items()} == {
        key: gaps(text) for key, text in catalogue(DEFAULT).items()
    }


@pytest.mark.parametrize("language", languages())
def test_words_for_a_way_out_stand_in_the_place_of_some(language):
    words = catalogue(language)
    out = {key.removesuffix("_exit") for key in words if key.startswith("page.") and key.endswith("_exit")}
    assert out
    assert out <= set(words)


def test_a_language_or_key_that_is_missing_falls_back():
    assert sentence("reason.expired", "vi") == catalogue("vi")["reason.expired"]
    assert sentence("reason.expired", "xx") == catalogue("en")["reason.expired"]
    assert sentence("reason.expired") == catalogue("en")["reason.expired"]
    assert sentence("reason.unheard_of", "vi") == "reason.unheard_of"


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_next_step(reason):
    assert next_step(reason) in NextStep


@pytest.mark.parametrize(
    ("reason", "step"),
    [
        (Reason.EXPIRED, NextStep.RENEW),
        (Reason.NOT_YET_VALID, NextStep.COME_BACK_LATER),
        (Reason.UNSIGNED_CARD, NextStep.SHOW_PASS_TOO),
        (Reason.VENUE_POSTER, NextStep.SHOW_OWN_CODE),
        (Reason.JOURNAL_UNAVAILABLE, NextStep.WAIT_FOR_STAFF),
        (Reason.SIGNATURE_INVALID, NextStep.ASK_STAFF),
        (Reason.IDENTITY_NEEDED, NextStep.SHOW_CARD_TOO),
        (Reason.IDENTITY_MISMATCH, NextStep.SHOW_ONE_PERSONS),
        (Reason.CAMERA_DARK, NextStep.USE_OTHER_DOOR),
        (Reason.CAPACITY_REACHED, NextStep.WAIT_FOR_ROOM),  # nobody is called: nobody would come
        (Reason.CAPACITY_UNKNOWN, NextStep.ASK_STAFF),
        (Reason.PASS_NEEDED, NextStep.SHOW_DECLARATION_TOO),
        (Reason.DENY_LISTED, NextStep.WAIT_FOR_STAFF),
        (Reason.KEY_REVOKED, NextStep.RENEW),
        (Reason.CAMERA_FROZEN, NextStep.USE_OTHER_DOOR),
    ],
)
def test_what_a_person_does_about_it(reason, step):
    assert next_step(reason) is step


def test_codes_are_stable():
    # Programs match on codes: they are added, never renamed. The value is the name in lower case.
    for code in (*Reason, *NextStep):
        assert code.value == code.name.lower()
