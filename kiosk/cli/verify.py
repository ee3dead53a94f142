"""`kiosk verify`: what the codes in pictures, or a text, are worth."""

import argparse
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kiosk.adapters import trust_files
from kiosk.adapters.clock import SystemClock
from kiosk.adapters.policy_archive import read_policy
from kiosk.api.sentences import sentence
from kiosk.app.judge import judge_codes
from kiosk.cli.output import (
    DONE,
    NEGATIVE,
    USAGE,
    CommandError,
    add_symbologies,
    moment_utc,
    print_json,
    print_table,
    say_error,
)
from kiosk.config import ConfigError
from kiosk.deny_file import load_deny_list
from kiosk.domain.credential import Format, Rejected, Verdict, Verification, Verified
from kiosk.domain.decision import outcome, reasons
from kiosk.domain.deny_list import DenyList
from kiosk.domain.events import ClockConfidence
from kiosk.domain.parts import MAX_PARTS, Named, join, number
from kiosk.domain.policy import Policy
from kiosk.domain.reasons import Reason
from kiosk.domain.situation import Direction, Situation
from kiosk.domain.symbology import Symbology
from kiosk.domain.trust import TrustError, TrustList
from kiosk.verify import registry
from kiosk.verify.envelope import MAX_TEXT

if TYPE_CHECKING:
    from kiosk.vision.codes import Code

_STDIN = 0
Seen = tuple[bytes, Symbology]
"""A code, and what it was read from."""
_BEST_FIRST = (
    Format.HC1, Format.VDS_NC, Format.PASS, Format.SHC, Format.NZCP, Format.PRETIX, Format.CCCD, Format.PERSONAL_QR,
    Format.BHYT, Format.FORM, Format.TUBE, Format.VENUE, Format.WEB, None,
)  # fmt: skip
"""Which of several codes in a picture is meant: what proves something before what does not."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "files", nargs="*", metavar="FILE",
        help="a picture, a .txt file, or - for standard input; parts of one card are put together",
    )  # fmt: skip
    parser.add_argument("--text", metavar="TEXT", help="the text of one code")
    parser.add_argument(
        "--trust", type=Path, required=True, metavar="PATH",
        help="a certificate, a list of keys, or a folder of them (docs/trust.md)",
    )  # fmt: skip
    parser.add_argument("--trust-key", type=Path, metavar="FILE", help="key of a signed list (NAME-signing-key.pem)")
    parser.add_argument("--trust-issuer", default="", metavar="ISS", help="whose keys, if the list does not say it")
    parser.add_argument(
        "--max-age", type=_days, default="30", metavar="DAYS", help="how old lists of keys or withdrawals may be (30)"
    )
    parser.add_argument("--policy", type=Path, metavar="FILE", help="a venue's policy: its refusals are rule_failed")
    parser.add_argument(
        "--deny-list", type=Path, metavar="FILE", help="whom the venue does not let in (with --policy)"
    )
    parser.add_argument(
        "--time-zone", type=_zone, default="Asia/Ho_Chi_Minh", metavar="NAME",
        help="whose hours and days the policy means (Asia/Ho_Chi_Minh)",
    )  # fmt: skip
    parser.add_argument("--direction", choices=[one.value for one in Direction], default="entry", help="(entry)")
    parser.add_argument("--at", type=moment_utc, metavar="TIME", help="as of this time, 2026-01-31T08:00 (UTC; now)")
    add_symbologies(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object a file, one a line")


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise argparse.ArgumentTypeError(f"'{name[:40]}' is no time zone; write Asia/Ho_Chi_Minh") from None


def _days(text: str) -> timedelta:
    if not (text.isdecimal() and int(text[:6]) <= 99_999):
        raise argparse.ArgumentTypeError(f"'{text[:40]}' is no number of days from 0 to 99999")
    return timedelta(days=int(text))


@dataclass(frozen=True, slots=True)
class _Context:
    trust: TrustList
    policy: Policy | None
    deny: DenyList
    situation: Situation
    """As at a door where nobody has been let in yet."""
    symbologies: tuple[Symbology, ...]

    @property
    def now(self) -> datetime:
        return self.situation.now


@dataclass(frozen=True, slots=True)
class _Answer:
    file: str
    found: Verification
    verdict: Verdict
    reasons: tuple[Reason, ...]
    decision: str = ""
    unreadable: bool = False

    @property
    def status(self) -> int:
        if self.unreadable:
            return USAGE
        return DONE if self.verdict is Verdict.VALID else NEGATIVE


def _answer(file: str, data: bytes, context: _Context, symbology: Symbology = Symbology.QR) -> _Answer:
    if context.policy is None:
        found = registry.verify(data, context.trust, context.now, symbology=symbology)
        if isinstance(found, Verified):
            return _Answer(file, found, Verdict.VALID, ())
        return _Answer(file, found, found.verdict, found.reasons)
    judged = judge_codes(
        (data,), context.trust, context.policy, context.situation, _unused, symbology=symbology, deny=context.deny
    )
    said, refused = judged.found.reasons if isinstance(judged.found, Rejected) else (), reasons(judged.decision)
    why = (*refused, *said) if Reason.DENY_LISTED in refused else said or refused
    return _Answer(file, judged.found, judged.verdict, why, outcome(judged.decision))


def _unused(evidence: Sequence[Verification], situation: Situation) -> Situation:
    """Return that no code has been used yet: this command keeps no count."""
    credentials = (piece.credential for piece in evidence)
    used = {one.credential_id: 0 for one in credentials if one is not None and one.credential_id}
    return replace(situation, used=used)


def _without_code(file: str, reason: Reason, *, unreadable: bool = False) -> _Answer:
    found = Rejected(Verdict.MALFORMED, (reason,))
    return _Answer(file, found, found.verdict, found.reasons, unreadable=unreadable)


def _picture(path: Path, symbologies: tuple[Symbology, ...]) -> list[Seen] | _Answer:
    """Return the codes of a picture, or the answer where there is none."""
    from kiosk.vision.codes import CODE128
    from kiosk.vision.pictures import PictureError, read_file

    try:
        codes: Iterable[Code] = read_file(path, symbologies=symbologies).codes
    except PictureError as error:
        say_error(str(error))
        return _without_code(str(path), Reason.UNREADABLE, unreadable=True)
    kinds = {CODE128: Symbology.CODE128}
    seen = [(code.data, kinds.get(code.symbology, Symbology.QR)) for code in codes]
    return seen or _without_code(str(path), Reason.NO_CODE)


def _text(name: str) -> list[Seen] | _Answer:
    """Return the code in a text file, or on standard input where the name is `-`."""
    try:
        # Standard input is opened by its number: where it is closed, Python has no object for it.
        with open(_STDIN if name == "-" else name, "rb", closefd=name != "-") as file:
            return [(file.read(MAX_PARTS * (MAX_TEXT + 2)), Symbology.QR)]
    except OSError as error:
        say_error(f"{name}: cannot be read ({(error.strerror or 'error').lower()})")
        return _without_code(name, Reason.UNREADABLE, unreadable=True)


def _read(options: argparse.Namespace) -> Iterator[tuple[str, list[Seen] | _Answer]]:
    if options.text is not None:
        yield "--text", [(options.text.encode("utf-8", "surrogateescape"), Symbology.QR)]
    for name in options.files:
        is_text = name == "-" or name.lower().endswith(".txt")
        yield name, _text(name) if is_text else _picture(Path(name), options.symbologies)


def _answers(options: argparse.Namespace, context: _Context) -> Iterator[_Answer]:
    """Answer for every file; at the end, once, for cards whose parts are in several of them."""
    parts: list[Named] = []
    for name, read in _read(options):
        if isinstance(read, _Answer):
            yield read
            continue
        codes = [data for _, data in join((name, data) for data, symbology in read if symbology is Symbology.QR)]
        others = [(data, symbology) for data, symbology in read if symbology is not Symbology.QR]
        if codes and not others and all(number(data) for data in codes):
            parts += [(name, data) for data in codes]
            continue
        answers = [_answer(name, data, context) for data in codes]
        answers += [_answer(name, data, context, symbology) for data, symbology in others]
        yield min(answers, key=lambda answer: _BEST_FIRST.index(_format(answer.found)))
    for names, data in join(parts):
        yield _answer(" + ".join(names), data, context)


def _format(found: Verification) -> Format | None:
    return found.credential.format if isinstance(found, Verified) else found.format


def _content(found: Verification) -> dict[str, object] | None:
    """Return what was verified, for machines; None where nothing was."""
    if not isinstance(found, Verified):
        return None
    credential, holder = found.credential, found.credential.holder
    times = {name: getattr(credential, name) for name in ("issued_at", "valid_from", "expires_at")}
    return {
        "kind": credential.kind,
        "issuer": credential.issuer,
        "key_id": found.key_id,
        "credential_id": credential.credential_id,
        "family_name": holder.family_name,
        "given_name": holder.given_name,
        "birth_date": holder.birth_date,
        **{name: when.isoformat() if when else None for name, when in times.items()},
        "trust_version": found.basis.version,
        "trust_age_s": found.basis.age_s,
    }


def _object(answer: _Answer) -> dict[str, object]:
    fields: dict[str, object] = {
        "file": answer.file,
        "format": _format(answer.found),
        "verdict": answer.verdict,
        "reasons": list(answer.reasons),
        "verified": _content(answer.found),
    }
    return {**fields, "decision": answer.decision} if answer.decision else fields


def _context(options: argparse.Namespace) -> _Context:
    try:
        trust = trust_files.load(
            options.trust, options.trust_key, issuer=options.trust_issuer,
            max_age=options.max_age, revocation_max_age=options.max_age,
        )  # fmt: skip
        policy = read_policy(options.policy)[0] if options.policy else None
        deny = load_deny_list(options.deny_list) if options.deny_list else DenyList()
    except (TrustError, ConfigError) as error:
        raise CommandError(str(error)) from error
    now = (options.at or SystemClock().now()).astimezone(options.time_zone)
    situation = Situation(now, ClockConfidence.SYNCED, Direction(options.direction), inside=0)
    # A question about the past is answered by the list that is here, though it came later.
    return _Context(trust.as_of(options.at) if options.at else trust, policy, deny, situation, options.symbologies)


def run(options: argparse.Namespace) -> int:
    """Verify everything; the exit status is that of the worst."""
    if not options.files and options.text is None:
        raise CommandError("name a picture, or give --text, or - to read a text from standard input")
    if options.deny_list and not options.policy:
        raise CommandError("a deny list is asked before a policy: name that as well, with --policy")
    context = _context(options)
    worst = DONE
    rows: list[tuple[str, str, str, str]] = []
    for answer in _answers(options, context):
        worst = max(worst, answer.status)
        if options.json:
            print_json(_object(answer))
        else:
            why = "; ".join(sentence(f"reason.{reason}") for reason in answer.reasons)
            rows.append((answer.file, _format(answer.found) or "–", answer.verdict, why))
    if rows:
        print_table(("file", "format", "verdict", "why"), rows)
    return worst
