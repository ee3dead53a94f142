"""What is read out of a form: each question with all that can be chosen, and never what somebody has answered."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from kiosk.api.messages import Page, Snapshot
from kiosk.api.sentences import languages
from kiosk.form_file import load_form
from kiosk.sound_section import SoundSection
from ui.choices import Choices
from ui.forms.filling import Filling, Stage
from ui.forms.view import show
from ui.sound.desk import SoundDesk
from ui.sound.form_speech import form_sentences, spoken_form
from ui.sound.speech import clip, sentences
from ui.viewmodel import Offer, look

FORMS = sorted((Path(__file__).parents[3] / "firmware_config" / "forms").glob("*.toml"))
TODAY = date(2026, 6, 1)
LISTENING = Choices("en", spoken=True)


def begun(path):
    """Return a form at its beginning, in which everything is asked of everybody."""
    form = load_form(path)
    asked = tuple(replace(question, when=None) for question in form.questions)
    return Filling.begin(replace(form, questions=asked), TODAY, 0)


def page(filling, language="en"):
    return show(filling, language, 0, kept=True)


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_every_question_and_every_option_is_among_what_was_rendered(path, language):
    filling = begun(path)
    rendered = {*sentences(language), *form_sentences(filling.form, language)}
    for question in filling.form.questions:
        assert set(spoken_form(page(replace(filling, at=question.id), language))) <= rendered, question.id
    for stage in (Stage.CONSENT, Stage.SENDING):
        assert set(spoken_form(page(replace(filling, stage=stage), language))) <= rendered, stage


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_nobody_hears_what_somebody_has_answered(path):
    filling = begun(path)
    answered = replace(filling, stage=Stage.REVIEW, answers={one.id: ("SECRET",) for one in filling.form.questions})
    assert not any("SECRET" in text for text in spoken_form(page(answered)))


def test_each_page_is_read_once_to_whoever_listens(qapp, tmp_path, qtbot):
    program, log, first = tmp_path / "play", tmp_path / "played", page(begun(FORMS[0]))
    program.write_text(f'#!/bin/sh\nbasename "$1" .wav >> {log}\n')
    program.chmod(0o755)
    for text in ("Show your QR code", *spoken_form(first)):
        path = clip(tmp_path, "en", text)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"RIFF")
    desk = SoundDesk(SoundSection(player="pw-play", voices=tmp_path), ("en",), [str(program)])
    idle = look(Snapshot(page=Page.IDLE, camera="ok"), LISTENING, 0, Offer(voice=True))
    for _ in range(3):
        desk.follow(idle, fresh=False, now_ns=0, minute=None, form=first)
        qtbot.waitUntil(lambda: not desk.is_heard)
    assert log.read_text().split() == [clip(tmp_path, "en", text).stem for text in spoken_form(first)]
    desk.close()
