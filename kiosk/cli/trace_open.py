"""`kiosk trace --open FILE --key FILE`: the health authority reads what only it can read."""

import base64
import binascii
import json
from pathlib import Path
from typing import Any

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox

from kiosk.cli.output import DONE, NEGATIVE, CommandError, print_json, print_table, printable, read_bounded

MAX_FILE = 256 << 20
MAX_KEY = 1 << 10
_FIELDS = ("family_name", "given_name", "birth_date", "credential_id", "subject")
_SHOWN = 60
_NO_TRACE = "is no trace; name the trace.json that `kiosk trace --out` or the touchscreen has written"


def run(path: Path, key: Path, *, as_json: bool) -> int:
    """Print who the contacts are; those that this key does not open stay numbers."""
    box, contacts = _box(key), read_contacts(read_bounded(path, MAX_FILE, _NO_TRACE))
    if contacts is None:
        raise CommandError(f"{path}: {_NO_TRACE}")
    opened = [(one, open_person(box, one["sealed"])) for one in contacts]
    named = sum(person is not None for _, person in opened)
    if as_json:
        print_json({"contacts": [
            {key: value for key, value in one.items() if key != "sealed"} | {"person": person} for one, person in opened
        ]})  # fmt: skip
    else:
        print_table(("number", "from", "to", *_FIELDS), [row(one, person or {}) for one, person in opened])
        print(f"\ncontacts: {len(opened)}; by name: {named}")
    return DONE if named or not opened else NEGATIVE


def _box(path: Path) -> SealedBox[PrivateKey]:
    try:
        return SealedBox(PrivateKey(base64.b64decode(read_bounded(path, MAX_KEY, "is no secret key"), validate=False)))
    except (binascii.Error, ValueError, TypeError) as error:
        raise CommandError(
            f"{path}: is no secret key of an authority; it is 32 bytes in base64, as `kiosk issue authority` writes it"
        ) from error


def read_contacts(data: bytes) -> list[dict[str, Any]] | None:
    """Return the contacts of a trace, each with its number and what is sealed; None where the bytes are no trace."""
    try:
        contacts = [dict(one) for one in json.loads(data)["contacts"]]
        sound = all(type(one["number"]) is int and isinstance(one["sealed"], str) for one in contacts)
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return contacts if sound else None


def open_person(box: SealedBox[PrivateKey], sealed: str) -> dict[str, str] | None:
    """Return the personal fields; None where nothing is sealed, or not to this key."""
    try:
        person = json.loads(box.decrypt(base64.b64decode(sealed))) if sealed else None
    except (CryptoError, ValueError, TypeError, RecursionError):
        return None
    return {str(key): str(value) for key, value in person.items()} if isinstance(person, dict) else None


def row(one: dict[str, Any], person: dict[str, str]) -> tuple[str, ...]:
    """Return a contact as a line of the table."""
    times = (str(one.get(key, "")) for key in ("begins", "ends"))
    return (str(one["number"]), *(printable(text, _SHOWN) for text in (*times, *(person.get(k, "") for k in _FIELDS))))
