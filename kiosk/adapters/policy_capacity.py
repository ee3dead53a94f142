"""Another number of people than the policy's own, as a venue sets it at its touchscreen.

The number is put into the policy's text, so that the policy in force is a document like any other: it has a digest of
its own, it is archived, and a decision by it can be replayed.
"""

import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kiosk.adapters.policy_archive import NAME, Document, read_policy
from kiosk.adapters.settings_edit import SettingsEditError, changed
from kiosk.config import ConfigError
from kiosk.domain.policy import Policy


def policy_with(path: Path, people: int | None, room: Path) -> tuple[Policy, Document]:
    """Read a policy, with `people` in place of its own number; laid out below `room` for that. Raises ConfigError.

    A policy without a [capacity] counts nobody, and stays as it is.
    """
    policy, document = read_policy(path)
    if people is None or policy.capacity is None or policy.capacity.people == people:
        return policy, document
    try:
        text = changed(document[NAME].decode(), {"capacity": _values(document[NAME], people)})
        room.mkdir(mode=0o700, parents=True, exist_ok=True)
        with TemporaryDirectory(dir=room, prefix=".policy-") as folder:
            for name, content in {**document, NAME: text.encode()}.items():
                place = Path(folder) / name
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content)
            return read_policy(Path(folder) / NAME)
    except SettingsEditError as error:
        raise ConfigError(f"{path}: the number of people cannot be changed there: {error}") from error
    except OSError as error:
        why = (error.strerror or "error").lower()
        raise ConfigError(f"{room}: the policy with another number of people cannot be laid out ({why})") from error


def people_of(path: Path) -> int | None:
    """Return how many people a policy's file allows inside; None: it does not count them, or cannot be read."""
    try:
        capacity: Any = tomllib.loads(path.read_text("utf-8")).get("capacity")
    except (OSError, ValueError):
        return None
    people = capacity.get("people") if isinstance(capacity, dict) else None
    return people if type(people) is int else None


def _values(content: bytes, people: int) -> dict[str, int | None]:
    """Return what changes: a warning that would come after the room is full goes."""
    warn_at = tomllib.loads(content.decode())["capacity"].get("warn_at")
    return {"people": people} | ({"warn_at": None} if warn_at is not None and warn_at > people else {})
