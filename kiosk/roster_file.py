"""The roster, `roster.toml`: TOML in, a frozen `Roster` out (docs/documents.md).

A strict reader: whatever would name a person in clear is refused, so that it cannot come to a kiosk by mistake.
"""

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from kiosk.domain.roster import Member, Roster
from kiosk.toml_file import Section, model_of, tables_of

MAX_MEMBERS = 10_000
_LONG_NUMBER = re.compile(r"[0-9]{8,}")


def opaque(identifier: str) -> str:
    """Return an id that names nobody by itself. Raises ValueError for what may be a citizen or phone number."""
    if _LONG_NUMBER.search(identifier):
        raise ValueError("eight digits in a row may be a citizen or phone number; use an id that means nothing outside")
    return identifier


Opaque = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$"), AfterValidator(opaque)]
_Word = Annotated[str, Field(min_length=1, max_length=64)]


class _MemberTable(Section):
    person: Opaque
    group: Annotated[str, Field(max_length=64)] = ""
    zones: Annotated[tuple[_Word, ...], Field(max_length=50)] = ()
    begins: date | None = None
    ends: date | None = None
    key: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    sealed_name: Annotated[str, Field(pattern=r"^([A-Za-z0-9+/]{64,1000}={0,2})?$")] = ""
    """A sealed box has 48 bytes more than what is in it: nothing shorter is one."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.begins is not None and self.ends is not None and self.ends < self.begins:
            raise ValueError("it ends before it begins")
        return self


class RosterFile(Section):
    """The whole file."""

    member: Annotated[tuple[_MemberTable, ...], Field(max_length=MAX_MEMBERS)] = ()

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for key in ("person", "key"):
            values = [value for one in self.member if (value := getattr(one, key))]
            if len(set(values)) < len(values):
                raise ValueError(f"two members have the same {key}")
        return self


def read_roster(data: bytes, where: str) -> Roster:
    """Read a roster that came from `where`. Raises ConfigError, with no member in it."""
    return Roster.of(_members(model_of(tables_of(data, where), where, RosterFile)))


def _members(table: RosterFile) -> Iterator[Member]:
    for one in table.member:
        yield Member(
            one.person, one.group, frozenset(one.zones), one.begins, one.ends, one.key, one.sealed_name
        )  # fmt: skip


def write_roster(roster: Roster) -> bytes:
    """Return the file of a roster, members in the order of their ids: what `read_roster` reads back as it is."""
    return "\n".join(map(_table, sorted(roster.members.values(), key=lambda one: one.person))).encode()


def _table(one: Member) -> str:
    lines = ["[[member]]", f"person = {_text(one.person)}"]
    lines += [f"{key} = {_text(value)}" for key, value in (("group", one.group), ("key", one.key)) if value]
    if one.zones:
        lines.append(f"zones = [{', '.join(map(_text, sorted(one.zones)))}]")
    lines += [f"{key} = {day}" for key, day in (("begins", one.begins), ("ends", one.ends)) if day is not None]
    if one.sealed_name:
        lines.append(f"sealed_name = {_text(one.sealed_name)}")
    return "\n".join(lines) + "\n"


def _text(value: str) -> str:
    """Return a text as TOML has it: JSON's way, but for the one control character that JSON lets stand."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
