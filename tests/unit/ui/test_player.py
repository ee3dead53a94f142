"""The player, with small programs in the place of a sound card's."""

import shutil
import subprocess
import sys
import wave
from pathlib import Path

import pytest

from kiosk.form_file import load_form
from ui.sound.form_speech import form_sentences
from ui.sound.player import Player
from ui.sound.speech import clip, sentences

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def files(tmp_path):
    made = [tmp_path / f"{number}.wav" for number in (1, 2, 3)]
    for path in made:
        path.write_bytes(b"RIFF")
    return made


@pytest.fixture
def heard(tmp_path):
    return tmp_path / "heard"


@pytest.fixture
def player(tmp_path, heard, qapp):
    """Return a player whose program writes down what it is given."""
    program = tmp_path / "play"
    program.write_text(f'#!/bin/sh\nbasename "$1" >> {heard}\n')
    program.chmod(0o755)
    player = Player([str(program)], qapp)
    yield player
    player.close()


def test_files_are_played_in_their_order(player, files, heard, qtbot):
    assert player.play(files)
    qtbot.waitUntil(lambda: not player.playing)
    assert heard.read_text().split() == ["1.wav", "2.wav", "3.wav"]
    assert player.state == "ok"


def test_the_newest_takes_the_place_of_what_is_heard(files, heard, tmp_path, qapp, qtbot):
    program = tmp_path / "slow"
    program.write_text(f'#!/bin/sh\nbasename "$1" >> {heard}\ntest "$(basename "$1")" = 3.wav || exec sleep 60\n')
    program.chmod(0o755)
    player = Player([str(program)], qapp)
    player.play(files[:2])
    qtbot.waitUntil(lambda: heard.exists() and bool(heard.read_text()))
    player.play(files[2:])
    qtbot.waitUntil(lambda: not player.playing)
    assert heard.read_text().split() == ["1.wav", "3.wav"]
    player.close()


def test_a_sentence_that_was_never_rendered_is_left_out(player, files, heard, qtbot):
    files[0].unlink()
    assert not player.play(files[:2])
    qtbot.waitUntil(lambda: not player.playing)
    assert heard.read_text().split() == ["2.wav"]


@pytest.mark.parametrize(("command", "state"), [([], "off"), (["/no/such/player"], "none")])
def test_without_a_player_there_is_silence(command, state, files, qapp):
    player = Player(command, qapp)
    assert player.play(files) is (state == "off")
    assert (player.state, player.playing) == (state, False)


def test_a_device_that_does_not_play_is_noticed_and_the_rest_left(files, qapp, qtbot):
    player = Player([shutil.which("false")], qapp)
    with qtbot.waitSignal(player.state_changed):
        player.play(files)
    assert (player.state, player.playing) == ("failed", False)


@pytest.mark.skipif(not shutil.which("espeak-ng"), reason="espeak-ng is not installed")
def test_the_sentences_are_spoken_once(tmp_path):
    stale = tmp_path / "en" / "stale.wav"
    stale.parent.mkdir()
    stale.write_bytes(b"RIFF")
    command = [sys.executable, ROOT / "scripts" / "voices", tmp_path, "--language", "en"]
    first = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    again = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    form = load_form(ROOT / "firmware_config" / "forms" / "check-in.toml")
    count = int(first.stdout.split()[1])
    assert count > len({*sentences("en"), *form_sentences(form, "en")})
    assert first.stdout == f"en: {count} sentences, {count} new\n"
    assert again.stdout == f"en: {count} sentences, 0 new\n"
    assert not stale.exists()
    with wave.open(str(clip(tmp_path, "en", "Please go in"))) as file:
        assert file.getnframes() > file.getframerate() / 3
    assert all(clip(tmp_path, "en", text).is_file() for text in form_sentences(form, "en"))
