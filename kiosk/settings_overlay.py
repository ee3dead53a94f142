"""Settings that lie over `kiosk.toml`: those made at the touchscreen, and over them those of the centre.

For each there is a table of the keys that it may set. The centre sets what a venue tunes from afar; everything else is
refused by name: whoever holds a key of the centre must not come by pins, paths, the broker, other keys, remote opening
or anything that is called DANGEROUS; nor by the hours in which the door stands unlocked, for which two people have to
ask (docs/adr/0016-documents.md). At the touchscreen a manager sets what the venue decides for itself, its hours and
which of its policies among it, and nothing that says what this kiosk is wired to or whom it believes.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from kiosk.toml_file import ConfigError

NAME = "settings.toml"
"""What the centre's are called in the state folder, and in the run directory for processes that may not look there."""
TOUCHSCREEN = "touchscreen.toml"
"""What those made at the touchscreen are called in both."""
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
FROM_TOUCHSCREEN: Mapping[str, frozenset[str]] = {
    "kiosk": frozenset({"time_zone"}),
    "paths": frozenset({"policy"}),
    "gate": frozenset({"pulse_ms"}),
    "door": frozenset({"longer_ms", "passage_ms", "held_ms", "hold_open"}),
    "limits": frozenset({"people"}),
    "privacy": frozenset({"keep_days"}),
    "screen": frozenset({"language", "theme", "night", "venue"}),
    "sound": frozenset({"voice", "tones"}),
}
"""By table, the keys that may be set at the touchscreen."""

Tables = Mapping[str, Any]


class NotPermittedError(ConfigError):
    """Settings with a key that only the kiosk's own file may have. The text names it; it is a key that exists."""


def overlaid(own: Tables, settings: Tables) -> dict[str, Any]:
    """Return the kiosk's own tables with others over them, key by key; not checked."""
    whole = dict(own)
    for name, table in settings.items():
        before = own.get(name)
        both = isinstance(before, dict) and isinstance(table, dict)
        whole[name] = {**before, **table} if both else table  # type: ignore[dict-item] # both: dict
    return whole


def check_permitted(settings: Tables, permitted: Mapping[str, frozenset[str]] = FROM_CENTRE) -> None:
    """Raise NotPermittedError for a key that may not be set. Every key has to be known to exist."""
    for name, table in settings.items():
        for key in table if isinstance(table, dict) else [""]:
            if key not in permitted.get(name, ()):
                where = f"'{name}.{key}'" if key else f"'{name}'"
                raise NotPermittedError(f"{where} stands in this kiosk's own settings only; leave it out")


def read_overlay(
    folders: Iterable[Path], read: Callable[[Path], bytes] = Path.read_bytes, name: str = NAME
) -> bytes | None:
    """Return the settings of this name that are in force, None where there are none. Raises ConfigError.

    `folders`: the state folder, into which nobody but the gate process may look, and then the run directory, where it
    lays a copy beside its sockets.
    """
    for folder in folders:
        try:
            return read(folder / name)
        except PermissionError:
            continue
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            why = (error.strerror or "error").lower()
            raise ConfigError(f"{folder / name}: cannot be read ({why})") from error
    return None


def digest_of(settings: bytes | None, touchscreen: bytes | None = None) -> str:
    """Return what settings are known by, the centre's and the touchscreen's: SHA-256 in hex, empty for none."""
    digest = "" if settings is None else hashlib.sha256(settings).hexdigest()
    if touchscreen is None:
        return digest
    return hashlib.sha256(f"{digest} {hashlib.sha256(touchscreen).hexdigest()}".encode()).hexdigest()
