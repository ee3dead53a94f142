"""Policies that were in force, kept by their digest, so that a decision can be replayed with the policy of then.

`<state>/policies/<digest>/` holds `policy.toml` and the country rule files that it names, under the same relative
names: it is loaded as any policy is. The digest is a SHA-256 over the names and contents of all of them.
"""

import contextlib
import hashlib
import os
import shutil
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from kiosk.adapters.policies import load_policy
from kiosk.adapters.rule_files import RuleFileError, rule_files, value_set_files
from kiosk.config import ConfigError
from kiosk.domain.policy import Policy

NAME = "policy.toml"
MAX_BYTES = 16 << 20
MAX_FILES = 2_000
_FILES = {"rules": rule_files, "value_sets": value_set_files}
"""Keys of `country_rules` that name a file or a folder beside the policy, and which files of it are read."""

Document = Mapping[str, bytes]
"""A policy's files by their relative names, `policy.toml` first."""


def digest_of(document: Document) -> str:
    """Return the SHA-256 in hex over names and contents, each with its length before it."""
    digest = hashlib.sha256()
    for name, content in document.items():
        for part in (name.encode(), content):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def policy_bytes(path: Path) -> Document:
    """Return a policy's files: itself, and what it names for its country rules. Raises ConfigError.

    Only files below the policy's folder may be named: a path that leads elsewhere cannot be archived under its name,
    and a change there would be no change of the policy.
    """
    try:
        document = {NAME: path.read_bytes()}
        room, base = MAX_BYTES, path.resolve().parent
        for file in _named(document[NAME], base):
            content = file.read_bytes()
            room -= len(content)
            if room < 0 or len(document) >= MAX_FILES:
                raise ConfigError(f"{path}: its country rules are more than {MAX_FILES} files or {MAX_BYTES >> 20} MB")
            document[file.relative_to(base).as_posix()] = content
    except RuleFileError as error:
        raise ConfigError(str(error)) from error
    except OSError as error:
        why = (error.strerror or "error").lower()
        raise ConfigError(f"{error.filename or path}: cannot be read ({why})") from error
    return document


def _named(content: bytes, base: Path) -> Iterator[Path]:
    """Yield the files that a policy names, in a stable order. Raises ConfigError for one that lies elsewhere."""
    try:
        tables = tomllib.loads(content.decode()).get("country_rules", [])
    except (ValueError, RecursionError):
        return  # not valid: `load_policy` says it better
    for table in tables if isinstance(tables, list) else [tables]:
        for key, files in _FILES.items() if isinstance(table, dict) else ():
            named = table.get(key)
            if not isinstance(named, str):
                continue
            if Path(named).is_absolute() or ".." in Path(named).parts:
                raise ConfigError(
                    f"{base}: '{key}' of [country_rules] leads out of the policy's folder; put the files below it"
                )
            # One that is not there is said by `load_policy`.
            yield from (file for file in files(base / named) if file.is_file())


def read_policy(path: Path) -> tuple[Policy, Document]:
    """Return a policy with its digest, and its files. Raises ConfigError."""
    for _ in range(3):
        document = policy_bytes(path)
        policy = load_policy(path)
        if policy_bytes(path) == document:
            return replace(policy, digest=digest_of(document)), document
    raise ConfigError(f"{path}: it is being changed; try again when it is whole")


class PolicyArchive:
    """The policies that were in force on this kiosk, in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, document: Document) -> str:
        """Put a policy into the archive, durably, and return its digest. Raises OSError."""
        digest = digest_of(document)
        place = self._folder / digest
        if not place.is_dir():
            partial = self._folder / f"{digest}.part"
            shutil.rmtree(partial, ignore_errors=True)
            for folder in (self._folder.parent, self._folder):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for name, content in document.items():
                file = partial / name
                file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                with file.open("wb") as opened:
                    opened.write(content)
                    opened.flush()
                    os.fsync(opened.fileno())
            partial.rename(place)
        return digest

    def load(self, digest: str) -> Policy | None:
        """Return an archived policy, or None where it is not there or not what it was. Raises ConfigError."""
        place = self._folder / digest
        if len(digest) != 64 or not digest.isalnum() or not place.is_dir():
            return None
        policy, document = read_policy(place / NAME)
        return policy if digest_of(document) == digest else None

    def forget(self, in_force: str, now: datetime, keep_days: int) -> None:
        """Delete what has not been in force for `keep_days`. Raises OSError."""
        for place in self._folder.glob("*"):
            if place.name == in_force:
                os.utime(place, (now.timestamp(), now.timestamp()))
            elif now.timestamp() - place.stat().st_mtime > timedelta(keep_days).total_seconds():
                with contextlib.suppress(FileNotFoundError):
                    shutil.rmtree(place)
