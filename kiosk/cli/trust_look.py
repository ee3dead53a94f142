"""`kiosk trust list | check | age`: what is in a trust folder, and what is wrong with it."""

import argparse
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from kiosk.adapters import trust_files
from kiosk.adapters.clock import SystemClock
from kiosk.adapters.trust_files import Part
from kiosk.adapters.trust_import import ENDING, MEMORY
from kiosk.adapters.trust_memory import VersionMemory
from kiosk.cli.output import DONE, NEGATIVE, CommandError, print_json, print_table, say_error
from kiosk.domain.credential import HEALTH_KINDS, Format
from kiosk.domain.trust import TrustAnchor, TrustError, TrustList, TrustSource

_SOON = timedelta(days=30)
_GONE = "was imported here once and is gone; its versions stay remembered"


@dataclass(frozen=True, slots=True)
class _Look:
    """What was found of one source: its list, or the sentence on why there is none."""

    name: str
    trust: TrustList | None
    problem: str = ""


def _look(part: Part, max_age: timedelta) -> _Look:
    try:
        trust = part.load(max_age)
    except TrustError as error:
        return _Look(part.key, None, str(error))
    return _Look(trust.sources[0].name, trust)


def _looks(options: argparse.Namespace) -> tuple[list[_Look], datetime]:
    try:
        known = trust_files.parts(options.folder, options.trust_key)
    except TrustError as error:
        raise CommandError(str(error)) from error
    return [_look(part, timedelta(days=options.max_age)) for part in known], options.at or SystemClock().now()


def anchors_of(trust: TrustList) -> Iterable[TrustAnchor]:
    """Yield every key of a list."""
    return (anchor for same in trust.anchors.values() for anchor in same)


def _age(source: TrustSource, now: datetime) -> str:
    if source.imported_at is not None and source.imported_at > now:
        return "to come: check the clock" if source.is_stale(now) else "0 days"
    return f"{source.age(now).days} days" + (f", more than {source.max_age.days}" if source.is_stale(now) else "")


def _summary(look: _Look, now: datetime) -> dict[str, object]:
    """Return one source as an object for machines."""
    if look.trust is None:
        return {"name": look.name, "problem": look.problem}
    source, anchors = look.trust.sources[0], list(anchors_of(look.trust))
    return {
        "name": look.name, "version": source.version, "age_s": int(source.age(now).total_seconds()),
        "max_age_days": source.max_age.days, "stale": source.is_stale(now), "keys": len(look.trust),
        "issuers": dict(sorted(Counter(anchor.issuer for anchor in anchors).items())),
        "formats": sorted({form for anchor in anchors for form in anchor.formats}),
        "revoked_keys": sorted(key_id.hex() for key_id in look.trust.revoked_keys),
    }  # fmt: skip


def _issuers(anchors: Iterable[TrustAnchor]) -> str:
    """Return how many keys each issuer has, the first six issuers by name."""
    counted = sorted(Counter(anchor.issuer for anchor in anchors).items())
    shown = ", ".join(f"{name} {count}" for name, count in counted[:6])
    return shown + (f" and {len(counted) - 6} more issuers" if len(counted) > 6 else "")


def show(options: argparse.Namespace) -> int:
    """Show the sources, and their keys if asked for; 1 where one cannot be read."""
    looks, now = _looks(options)
    if options.json:
        for look in looks:
            print_json(_summary(look, now) | ({"anchors": _key_rows(look)} if options.keys else {}))
        return DONE if all(look.trust for look in looks) else NEGATIVE
    rows = []
    for look in looks:
        if look.trust is None:
            say_error(look.problem)
            continue
        anchors = list(anchors_of(look.trust))
        forms = ", ".join(sorted({form for anchor in anchors for form in anchor.formats}))
        source = look.trust.sources[0]
        rows.append((look.name, source.version, _age(source, now), str(len(look.trust)), _issuers(anchors), forms))
    print_table(("source", "version", "age", "keys", "issuers", "formats"), rows)
    if options.keys:
        print()
        columns = ("source", "issuer", "key_id", "algorithm", "kinds", "formats", "valid_until")
        print_table(columns, [[str(row[name]) for name in columns] for look in looks for row in _key_rows(look)])
    return DONE if len(rows) == len(looks) else NEGATIVE


def _key_rows(look: _Look) -> list[dict[str, str]]:
    return [
        {
            "source": look.name, "issuer": anchor.issuer, "key_id": anchor.key_id.hex(),
            "algorithm": anchor.algorithm.value, "kinds": ", ".join(sorted(anchor.kinds)),
            "formats": ", ".join(sorted(anchor.formats)),
            "valid_until": anchor.valid_until.date().isoformat() if anchor.valid_until else "",
        }
        for anchor in (anchors_of(look.trust) if look.trust else ())
    ]  # fmt: skip


def _findings(look: _Look, now: datetime) -> list[tuple[str, str]]:
    """Return what is wrong with a source (`wrong`), and what will soon be or need not be wrong (`note`)."""
    if look.trust is None:
        return [("wrong", look.problem)]
    source, found = look.trust.sources[0], []
    if source.is_stale(now):
        found.append(("wrong", f"out of date ({_age(source, now)}); import a new one"))
    elif source.is_stale(now + _SOON / 4):
        found.append(("note", f"out of date in a week ({_age(source, now)} of {source.max_age.days})"))
    if not len(look.trust):
        found.append(("note", "there is no key in it"))
    for anchor in anchors_of(look.trust):
        end = anchor.valid_until
        # Of a health certificate's signer the end says nothing (kiosk.verify.steps).
        matters = anchor.kinds - HEALTH_KINDS or anchor.formats - {Format.HC1, Format.PASS}
        if matters and end is not None and end <= now + _SOON:
            word = "ended" if end < now else "ends"
            key = f"the key {anchor.key_id.hex()} of {anchor.issuer}"
            found.append(("note", f"{key} {word} on {end.date()}: rotate it"))
    return found


def _gone(folder: Path) -> list[str]:
    """Return the sources that were imported into a folder and are no longer there."""
    return sorted(n for n in VersionMemory(folder / MEMORY).names() if not (folder / f"{n}{ENDING}").exists())


def check(options: argparse.Namespace) -> int:
    """Say what is wrong or soon will be; 1 where anything is wrong."""
    looks, now = _looks(options)
    status = DONE
    for look in looks:
        found = _findings(look, now)
        wrong = any(word == "wrong" for word, _ in found)
        status = NEGATIVE if wrong else status
        if options.json:
            print_json({"name": look.name, "ok": not wrong, "findings": [{"is": w, "text": t} for w, t in found]})
            continue
        print(f"{'✗' if wrong else '✓'} {look.name}" + ("" if found else ": as it should be"))
        for word, text in found:
            print(f"  {'✗' if word == 'wrong' else '!'} {text}")
    for name in _gone(options.folder):
        if options.json:
            print_json({"name": name, "ok": True, "findings": [{"is": "note", "text": _GONE}]})
        else:
            print(f"! {name}: {_GONE}")
    return status


def ages(options: argparse.Namespace) -> int:
    """Say how old each source is; 1 where one is too old."""
    looks, now = _looks(options)
    stale = False
    for look in looks:
        source = look.trust.sources[0] if look.trust else None
        stale |= source is None or source.is_stale(now)
        if options.json:
            print_json(_summary(look, now))
        else:
            print(f"{look.name}: {_age(source, now) if source else look.problem}")
    return NEGATIVE if stale else DONE
