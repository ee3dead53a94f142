"""What the running screen makes heard, with a small program in the place of a sound card's."""

from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.api.messages import Page, Snapshot
from kiosk.domain.gate_calls import CALL_AGAIN_MS
from kiosk.sound_section import SoundSection
from ui.choices import Choices
from ui.said import MS
from ui.sound.desk import SoundDesk, command
from ui.sound.speech import CHIME_MS, Heard, Sound, chime, clip, heard, sentences, spoken
from ui.viewmodel import Offer, look

NOW = 50_000 * MS
VI = Choices("vi")
LISTENING = replace(VI, spoken=True)
LOUD = {"fresh": False, "to_all": False, "quiet": False}
QUIET = {"fresh": False, "to_all": True, "quiet": True}
NIGHT, DAY = 23 * 60, 12 * 60
VOICES = Path("voices")


def screen(page, choices=VI, **more):
    return look(Snapshot(page=page, camera="ok", **more), choices, NOW, Offer(voice=True))


IDLE = screen(Page.IDLE)
HELP = {"reasons": ("help_requested",), "since_ns": NOW}


# the rules


def test_nobody_is_read_to_who_has_not_asked():
    assert heard(IDLE, screen(Page.ADMITTED), **LOUD) == Heard(Sound.ADMITTED)


def test_whoever_asks_hears_the_page_and_what_can_be_touched():
    said = heard(IDLE, screen(Page.IDLE, LISTENING), **LOUD).sentences
    assert said[0] == "Đưa mã QR vào trước camera"
    assert {"English", "Tôi cần giúp đỡ", "Đọc cho tôi nghe", "Cỡ chữ", "Tương phản"} <= set(said)


def test_from_then_on_they_hear_each_page_once():
    before, now = screen(Page.IDLE, LISTENING), screen(Page.REFUSED, LISTENING, reasons=("expired",))
    assert heard(before, now, **LOUD) == Heard(Sound.REFUSED, spoken(now))
    assert not heard(now, replace(now, countdown=0.5), **LOUD)
    english = screen(Page.REFUSED, replace(LISTENING, language="en"), reasons=("expired",))
    assert heard(now, english, **LOUD).sentences[0] == "You cannot go in yet"


def test_where_the_venue_wants_it_everybody_hears_answers_and_nobody_what_stands_there_for_hours():
    to_all = {**LOUD, "to_all": True}
    assert heard(IDLE, screen(Page.ADMITTED), **to_all).sentences == ("Mời vào", "Cổng đang mở")
    assert not heard(screen(Page.ADMITTED), IDLE, **to_all).sentences
    assert not heard(IDLE, screen(Page.LOCKDOWN), **to_all).sentences


def test_in_quiet_hours_only_what_somebody_asks_for_is_heard():
    assert not heard(IDLE, screen(Page.ADMITTED), **QUIET)
    assert heard(IDLE, screen(Page.STAFF, **HELP), **QUIET) == Heard(Sound.STAFF)
    assert not heard(IDLE, screen(Page.STAFF, reasons=("deny_listed",)), **QUIET)
    assert heard(screen(Page.IDLE, LISTENING), screen(Page.ADMITTED, LISTENING), **QUIET).sentences


def test_a_second_call_is_louder_than_the_first():
    first, second = screen(Page.STAFF, calls=1, **HELP), screen(Page.STAFF, calls=2, **HELP)
    assert heard(first, second, **LOUD).tone is Sound.STAFF_AGAIN


def test_it_chimes_every_half_minute_while_somebody_waits_for_staff():
    waiting = screen(Page.STAFF, calls=1, **HELP)
    assert chime(waiting, NOW, NOW + CHIME_MS * MS - 1) is None
    assert chime(waiting, NOW, NOW + CHIME_MS * MS) is Sound.STAFF
    assert chime(screen(Page.STAFF, calls=2, **HELP), NOW, NOW + CHIME_MS * MS) is Sound.STAFF_AGAIN
    assert chime(IDLE, NOW, NOW + CHIME_MS * MS) is None
    assert CHIME_MS < CALL_AGAIN_MS


# the desk


def texts(*said):
    return [clip(VOICES, "vi", text).stem for text in said]


@pytest.fixture
def stand_in(tmp_path):
    """A program that writes down what it is to play, and a folder of voices."""
    program, log, voices = tmp_path / "play", tmp_path / "played", tmp_path / "voices"
    program.write_text(f'#!/bin/sh\nbasename "$1" .wav >> {log}\n')
    program.chmod(0o755)
    for language in ("vi", "en"):
        for text in sentences(language):
            path = clip(voices, language, text)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"RIFF")
    return program, log, voices


@pytest.fixture
def desk(qapp, stand_in):
    program, _, voices = stand_in
    section = SoundSection(player="pw-play", voice="always", voices=voices, quiet="22:00-06:00")
    desk = SoundDesk(section, ("vi", "en"), [str(program)])
    yield desk
    desk.close()


@pytest.fixture
def played(stand_in, qtbot):
    """Wait until something has been played; return all of it."""
    _, log, _ = stand_in

    def read(count):
        qtbot.waitUntil(lambda: log.exists() and len(log.read_text().split()) >= count)
        return log.read_text().split()

    return read


def follow(desk, screen, now_ns=NOW, minute=DAY, *, fresh=False):
    desk.follow(screen, fresh=fresh, now_ns=now_ns, minute=minute)


def test_an_answer_is_a_tone_and_then_its_words(desk, played):
    assert (desk.state, desk.voice, desk.can_speak) == ("ok", "ok", True)
    follow(desk, IDLE)
    follow(desk, screen(Page.ADMITTED))
    assert played(3) == ["admitted", *texts("Mời vào", "Cổng đang mở")]


def test_it_chimes_again_while_nobody_comes_even_at_night(desk, played, qtbot):
    waiting = screen(Page.STAFF, calls=1, **HELP)
    for seconds in (0, 10, 20, 30, 40):
        follow(desk, waiting, NOW + seconds * 1_000 * MS, NIGHT)
        qtbot.waitUntil(lambda: not desk.is_heard)
    assert played(2) == ["staff", "staff"]


def test_whoever_no_longer_listens_is_not_read_to_the_end(desk, played):
    follow(desk, IDLE, minute=NIGHT)
    follow(desk, screen(Page.IDLE, LISTENING), minute=NIGHT)
    follow(desk, IDLE, minute=NIGHT)
    assert not desk.is_heard


def test_names_of_languages_are_said_by_their_own_voices(desk, stand_in, qtbot):
    _, log, _ = stand_in
    listed = look(Snapshot(page=Page.IDLE, camera="ok"), LISTENING, NOW, Offer(("vi", "en", "fr")), choosing=True)
    follow(desk, screen(Page.IDLE, LISTENING), minute=NIGHT)
    follow(desk, listed)
    english = clip(VOICES, "en", "English").stem
    qtbot.waitUntil(lambda: log.exists() and english in log.read_text().split())


def test_where_the_sentences_were_never_made_there_are_tones_alone(qapp, stand_in, tmp_path, played):
    program, _, _ = stand_in
    desk = SoundDesk(SoundSection(player="pw-play", voice="always", voices=tmp_path), ("vi",), [str(program)])
    assert (desk.voice, desk.can_speak) == ("missing", False)
    follow(desk, IDLE)
    follow(desk, screen(Page.ADMITTED))
    assert played(1) == ["admitted"]
    desk.close()


def test_without_a_player_nothing_is_heard_and_nothing_is_wrong(qapp):
    desk = SoundDesk(SoundSection(), ("vi",), command(SoundSection()))
    follow(desk, screen(Page.ADMITTED))
    assert (desk.state, desk.voice, desk.can_speak) == ("off", "off", False)


@pytest.mark.parametrize(
    ("section", "program"),
    [({"player": "off"}, []), ({"player": "aplay"}, ["aplay", "-q"]),
     ({"player": "aplay", "device": "plughw:1,0"}, ["aplay", "-q", "-D", "plughw:1,0"]),
     ({"player": "pw-play", "device": "hall"}, ["pw-play", "--target", "hall"])],
)  # fmt: skip
def test_the_player_is_named_and_never_guessed(section, program):
    assert command(SoundSection(**section)) == program
