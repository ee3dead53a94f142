"""The table `[sound]` of `kiosk.toml`: what the screen says aloud, and how loud."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from kiosk.times_text import HoursText
from kiosk.toml_file import Section


class SoundSection(Section):
    """Tones and spoken sentences; the buzzer at the gate is the board's."""

    player: Literal["off", "aplay", "pw-play"] = "off"
    """The program that plays, by name, never guessed: ALSA's or PipeWire's."""
    device: Annotated[str, Field(pattern=r"^[A-Za-z0-9._:,=-]{0,64}$")] = ""
    """Which output, as the player names it; empty: its own choice."""
    voice: Literal["off", "on_request", "always"] = "on_request"
    """Whether pages are read aloud: for whoever asks for it at the screen, or to everybody."""
    voices: Path = Path("/opt/kiosk/voices")
    """Where `scripts/voices` has put the spoken sentences."""
    tones: bool = True
    """Short tones beside words: a code was read, come in, not yet."""
    quiet: HoursText | None = None
    """Hours, by the venue's clock, in which nothing is heard but what somebody asks for."""
