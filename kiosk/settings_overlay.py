"""Settings from the centre: which keys of `kiosk.toml` they may set, and how they lie over the kiosk's own.

Allowed is what a venue tunes from afar. Everything else is refused by name: whoever holds a key of the centre must not
come by pins, paths, the broker, other keys, remote opening or anything that is called DANGEROUS; nor by the hours in
which the door stands unlocked, for which two people have to ask (docs/adr/0016-documents.md).
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from kiosk.toml_file import ConfigError

NAME = "settings.toml"
"""What the file is called in the state folder, and in the run directory for processes that may not look there."""
START_ANEW = 75
"""Exit status of a process that wants to be started with other settings (EX_TEMPFAIL of sysexits.h)."""
FROM_CENTRE: Mapping[str, frozenset[str]] = {
    "trust": frozenset({"max_age_days", "revocation_max_age_days"}),
    "gate": frozenset({"pulse_ms"}),
    "door": frozenset({"longer_ms", "longer_for", "exit_ms", "passage_ms", "held_ms", "escalate_ms"}),
    "privacy": frozenset({"keep_days", "stay_minutes"}),
    "journal": frozenset({"keep_days"}),
    "camera": frozenset({"fps", "exposure_ms", "gain_max", "bracket", "focus_cm"}),
    "screen": frozenset({"language"}),
}
"""By table, the keys that may come from the centre."""

Tables = Mapping[str, Any]


class NotPermittedError(ConfigError):
    """Settings with a key that only the kiosk's own file may have. The text names it; it is a key that exists."""


def overlaid(own: Tables, settings: Tables) -> dict[str, Any]:
    """Return the kiosk's own tables with those of the centre over them, key by key; not checked."""
    whole = dict(own)
    for name, table in settings.items():
        before = own.get(name)
        both = isinstance(before, dict) and isinstance(table, dict)
        whole[name] = {**before, **table} if both else table  # type: ignore[dict-item] # both: dict
    return whole


def check_permitted(settings: Tables) -> None:
    """Raise NotPermittedError for a key that the centre may not set. Every key has to be known to exist."""
    for name, table in settings.items():
        for key in table if isinstance(table, dict) else [""]:
            if key not in FROM_CENTRE.get(name, ()):
                where = f"'{name}.{key}'" if key else f"'{name}'"
                raise NotPermittedError(f"{where} stands in this kiosk's own settings only; leave it out")


def read_overlay(folders: Iterable[Path], read: Callable[[Path], bytes] = Path.read_bytes) -> bytes | None:
    """Return the settings from the centre that are in force, None where there are none. Raises ConfigError.

    `folders`: the state folder, into which nobody but the gate process may look, and then the run directory, where it
    lays a copy beside its sockets.
    """
    for folder in folders:
        try:
            return read(folder / NAME)
        except PermissionError:
            continue
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            why = (error.strerror or "error").lower()
            raise ConfigError(f"{folder / NAME}: cannot be read ({why})") from error
    return None


def digest_of(settings: bytes | None) -> str:
    """Return what settings are known by: their SHA-256 in hex, empty for none."""
    return "" if settings is None else hashlib.sha256(settings).hexdigest()
