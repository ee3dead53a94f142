"""Whom a venue does not let in, `deny.toml`: TOML in, a frozen `DenyList` out (docs/revocation.md).

Part of the settings, like `kiosk.config`: everything is checked once, here, with a sentence a person can act on.
"""

from datetime import date
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from kiosk.config import read_toml
from kiosk.domain.deny_list import DenyEntry, DenyList, comparable
from kiosk.toml_file import model_of, tables_of

MAX_ENTRIES = 10_000
_SHORTEST = 4


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(max_length=256)]
    note: Annotated[str, Field(max_length=500)] = ""
    begins: date | None = None
    ends: date | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if len(comparable(self.id)) < _SHORTEST:
            raise ValueError("an id of less than four characters would deny strangers")
        if self.begins is not None and self.ends is not None and self.ends < self.begins:
            raise ValueError("it ends before it begins")
        return self


class DenyFile(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    deny: Annotated[tuple[_Table, ...], Field(max_length=MAX_ENTRIES)] = ()


def load_deny_list(path: Path) -> DenyList:
    """Read a venue's deny list. Raises ConfigError, with no identifier in it."""
    return _list(read_toml(path, DenyFile))


def read_deny_list(data: bytes, where: str) -> DenyList:
    """Read a deny list that came from `where`. Raises ConfigError, with no identifier in it."""
    return _list(model_of(tables_of(data, where), where, DenyFile))


def _list(table: DenyFile) -> DenyList:
    return DenyList.of(DenyEntry(one.id, one.note, one.begins, one.ends) for one in table.deny)
