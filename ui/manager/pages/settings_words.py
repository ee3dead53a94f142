"""How settings, their values and what is wrong with them are said."""

from kiosk.api.manager import SettingsFaulty
from kiosk.api.sentences import catalogue, languages
from ui.manager.numbers import seconds
from ui.manager.page import Words


def label_of(key: str, words: Words) -> str:
    """Return what a setting is called; one without words by its key in `kiosk.toml`."""
    return words.get(f"manager.settings.key_{key.replace('.', '_')}", key)


def option_of(key: str, value: str, words: Words) -> str:
    """Return what one value of a choice is called."""
    if key == "screen.language" and value in languages():
        return catalogue(value)["page.language_name"]
    if key == "kiosk.time_zone":
        return value.replace("_", " ")
    return words.get(f"manager.settings.option_{key.replace('.', '_')}_{value}", value)


def fault_said(faulty: SettingsFaulty, words: Words, unit: str = "") -> str:
    """Return why a value cannot be taken."""
    return words[f"manager.settings.fault_{faulty.fault}"].format(bound=bound_said(faulty.bound, unit, words))


def bound_said(bound: int | None, unit: str, words: Words) -> str:
    """Return the least or the most of a number, times in seconds."""
    if bound is None:
        return "…"
    return seconds(str(bound), words) if unit == "ms" else str(bound)
