"""What the running screen makes heard: the settings of `[sound]`, the rules of `speech`, and the player."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject

from kiosk.api.messages import SoundState, VoiceState
from kiosk.api.sentences import catalogue, languages
from kiosk.sound_section import SoundSection
from kiosk.times_text import read_hours
from ui.daytime import is_night
from ui.forms.view import FormView
from ui.screen import Screen
from ui.sound.form_speech import spoken_form
from ui.sound.player import Player
from ui.sound.speech import Heard, Sound, called_for, chime, clip, heard

SOUNDS = Path(__file__).parent.parent / "assets" / "sounds"
ALSA_DEVICES = Path("/dev/snd")


def command(section: SoundSection) -> list[str]:
    """Return the program that plays a file, and its arguments but the file; empty: nothing plays."""
    match section.player:
        case "aplay":
            return ["aplay", "-q", *(["-D", section.device] if section.device else [])]
        case "pw-play":
            return ["pw-play", *(["--target", section.device] if section.device else [])]
        case "off":
            return []


class SoundDesk(QObject):
    """Follows the screen. Use only in the thread of the application."""

    def __init__(self, section: SoundSection, offered: tuple[str, ...], program: Sequence[str]) -> None:
        """Play as `section` says, with `program` (see `command`); `offered`: the languages that the screen speaks."""
        super().__init__()
        self._section = section
        self._player = Player(program, self)
        self._quiet = read_hours(section.quiet) if section.quiet else None
        self._before: Screen | None = None
        self._form_before: tuple[str, ...] = ()
        self._chimed_ns = 0
        self.voice = _voice(section, offered)

    @property
    def state(self) -> SoundState:
        """How the sound does. A machine without any sound card has none, whatever the player says of it."""
        if self._section.player == "aplay" and not any(ALSA_DEVICES.glob("pcmC*p")):
            return "none"
        return self._player.state

    @property
    def can_speak(self) -> bool:
        """Tell whether a page can be read to whoever asks."""
        return self.voice == "ok" and self.state in {"ok", "failed"}

    @property
    def is_heard(self) -> bool:
        """Tell whether something is heard now."""
        return self._player.playing

    def follow(
        self, screen: Screen, *, fresh: bool, now_ns: int, minute: int | None, form: FormView | None = None
    ) -> None:
        """Make heard what has changed. `minute` of the day by the venue's clock; None: nobody knows.

        `form`: the page of a form that is shown in place of the screen's.
        """
        if form is not None:
            self._follow_form(screen, form)
            return
        self._form_before = ()
        quiet = self._quiet is not None and is_night("auto", self._quiet, minute)
        before, self._before = self._before, screen
        now = heard(before, screen, fresh=fresh, to_all=self._section.voice == "always", quiet=quiet)
        if now.tone in {Sound.STAFF, Sound.STAFF_AGAIN}:
            self._chimed_ns = now_ns
        if now:
            self._play(now, screen)
        elif before is not None and before.choices.spoken and not screen.choices.spoken:
            self._player.stop()
        else:
            self._chime(screen, now_ns, quiet=quiet)

    def _follow_form(self, screen: Screen, form: FormView) -> None:
        said = spoken_form(form) if screen.choices.spoken else ()
        before, self._form_before, self._before = self._form_before, said, screen
        if said and said != before:
            self._play(Heard(None, said), screen)
        elif before and not said:
            self._player.stop()

    def close(self) -> None:
        """Be silent."""
        self._player.close()

    def _chime(self, screen: Screen, now_ns: int, *, quiet: bool) -> None:
        tone = chime(screen, self._chimed_ns, now_ns)
        if tone is None or self._player.playing or (quiet and not called_for(screen)):
            return
        self._chimed_ns = now_ns
        self._play(Heard(tone), screen)

    def _play(self, now: Heard, screen: Screen) -> None:
        files = [SOUNDS / f"{now.tone}.wav"] if now.tone and self._section.tones else []
        if self.voice == "ok":
            files += [_said(self._section.voices, screen.choices.language, text) for text in now.sentences]
        if files:
            self._player.play(files)


def _said(folder: Path, language: str, text: str) -> Path:
    """Return the sound of a sentence: that of a language's own name in the voice of that language."""
    own = next((code for code in languages() if catalogue(code)["page.language_name"] == text), language)
    return clip(folder, own, text)


def _voice(section: SoundSection, offered: tuple[str, ...]) -> VoiceState:
    if section.voice == "off" or section.player == "off":
        return "off"
    there = (clip(section.voices, code, catalogue(code)["page.idle"]).is_file() for code in offered)
    return "ok" if all(there) else "missing"
