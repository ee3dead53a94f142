"""`kiosk command push`: a document for kiosks, checked, signed, left at the broker, and what they answer."""

import argparse
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.policy_archive import read_policy
from kiosk.adapters.policy_store import refuse_dangerous
from kiosk.api.messages import DocumentAnswer
from kiosk.cli.command_broker import BrokerLine, add_broker
from kiosk.cli.command_key import add_passphrase, read_key
from kiosk.cli.output import DONE, NEGATIVE, CommandError, print_json, printable, read_bounded, say_error
from kiosk.config import ConfigError, check_settings
from kiosk.deny_file import read_deny_list
from kiosk.domain.centre import document_topic
from kiosk.domain.document import Document, DocumentKind, Files
from kiosk.results_file import read_results
from kiosk.roster_file import read_roster
from kiosk.verify.document import MAX_DOCUMENT, DocumentError, pack
from kiosk.verify.statement import sign
from kiosk.verify.trust_document import EVERYONE, is_address, looks_like_one
from mqtt_bridge.topics import DocumentAnswerTopic, PresenceTopic, TopicError, parse

_TOO_LARGE = "larger than 4 MiB, which the line does not carry"
TRUST = "trust"
"""A kind of its own: `kiosk trust make` has signed it already."""
WAIT_S = 60.0
LOOK_S = 2.0
"""How long the broker may take to say which kiosks there are."""
_MAX_ANSWER = 1024
_KNOWN = DocumentAnswer.model_fields.keys()
_READERS: Mapping[DocumentKind, Callable[[bytes, str], object]] = {
    DocumentKind.SETTINGS: check_settings, DocumentKind.DENY: read_deny_list, DocumentKind.ROSTER: read_roster,
    DocumentKind.RESULTS: read_results,
}  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    kinds = [TRUST, *DocumentKind]
    parser.add_argument("kind", choices=kinds, metavar="KIND", help=f"what it is: {', '.join(kinds)}")
    parser.add_argument("file", type=Path, metavar="FILE", help="as it would lie on a kiosk; of trust, NAME.cose")
    parser.add_argument(
        "--audience", type=_audience, action="append", required=True, metavar="WHO",
        help="kiosks it is for: TENANT/SITE/KIOSK, TENANT/SITE or '*' (those that the broker knows); may be repeated",
    )  # fmt: skip
    parser.add_argument("--key", type=Path, metavar="FILE", help="your private key, NAME.key.pem (not for trust)")
    add_passphrase(parser, "passphrase", "your key")
    parser.add_argument("--version", type=int, metavar="N", help="a number that grows (default: seconds since 1970)")
    add_broker(parser)
    parser.add_argument("--wait", type=float, default=WAIT_S, metavar="SECONDS", help=f"for answers ({WAIT_S:.0f})")
    parser.add_argument("--json", action="store_true", help="one JSON object a kiosk")


def _audience(text: str) -> str:
    if not is_address(text):
        raise argparse.ArgumentTypeError(f"'{text[:40]}' names no kiosks; use TENANT/SITE/KIOSK, TENANT/SITE or '*'")
    return text


@dataclass(slots=True)
class Push:
    """A document on its way: what was left for whom, and what came back."""

    kind: str
    version: str
    left: dict[str, str] = field(default_factory=dict)
    """By kiosk, the digest of what was left for it."""
    answers: dict[str, DocumentAnswer] = field(default_factory=dict)
    """By kiosk, the newest answer to it."""

    def take(self, topic: str, payload: bytes) -> DocumentAnswer | None:
        """Take a message; return the answer where it is one to this document that says something new."""
        answer = _answer(topic, payload)
        if answer is None or answer.kind != self.kind:
            return None
        kiosk = topic.removeprefix("gk/1/").rpartition("/up/cfg/")[0]
        if self.left.get(kiosk) != answer.sha256 or self.answers.get(kiosk) == answer:
            return None
        self.answers[kiosk] = answer
        return answer

    @property
    def open(self) -> list[str]:
        """Kiosks that have not said the last word yet."""
        return [kiosk for kiosk in self.left if (said := self.answers.get(kiosk)) is None or said.outcome == "pending"]

    @property
    def refused(self) -> list[str]:
        """Kiosks that did not take it."""
        return [kiosk for kiosk, said in self.answers.items() if said.outcome == "refused"]


def _answer(topic: str, payload: bytes) -> DocumentAnswer | None:
    """Read what a kiosk says of a document; anything else is passed over."""
    with suppress(TopicError, ValueError, ValidationError):
        named = parse(topic)
        said = json.loads(payload) if len(payload) <= _MAX_ANSWER else None
        if isinstance(named, DocumentAnswerTopic) and isinstance(said, dict):
            # Keys that a later version adds are not this one's business.
            known = {key: said[key] for key in said.keys() & _KNOWN}
            return DocumentAnswer.model_validate(known | {"kind": named.kind})
    return None


def run(options: argparse.Namespace) -> int:
    """Check, sign and leave a document for each kiosk, and wait for their answers."""
    version = int(SystemClock().now().timestamp()) if options.version is None else options.version
    make = _maker(options, version)
    kiosks = list(_kiosks(options))
    if not kiosks:
        raise CommandError("the broker knows no such kiosk; name it: --audience TENANT/SITE/KIOSK", NEGATIVE)
    push = Push(options.kind, "" if options.kind == TRUST else str(version))
    subscribed = document_answers(kiosks, options.kind)
    with BrokerLine(options, subscribed, say_error) as line:
        for kiosk in kiosks:
            data = make(kiosk)
            push.left[kiosk] = hashlib.sha256(data).hexdigest()
            line.publish(document_topic(kiosk, options.kind), data, retain=True)
        for message in line.messages(options.wait):
            answer = push.take(message.topic, message.payload)
            if answer is not None and not options.json:
                why = f" ({answer.code})" if answer.code else ""
                kiosk = message.topic.removeprefix("gk/1/").rpartition("/up/cfg/")[0]
                print(printable(f"{kiosk}: {answer.outcome}{why}"), flush=True)
            if not push.open:
                break
    return _say_end(push, options)


def document_answers(kiosks: list[str], kind: str) -> str:
    """Return the narrowest filter for the answers of these kiosks."""
    levels = zip(*(kiosk.split("/") for kiosk in kiosks), strict=True)
    common = (names[0] if len(set(names)) == 1 else "+" for names in levels)
    return f"gk/1/{'/'.join(common)}/up/cfg/{kind}"


def _maker(options: argparse.Namespace, version: int) -> Callable[[str], bytes]:
    """Return what makes the signed document for a kiosk. Raises CommandError for a file that a kiosk would refuse."""
    if options.kind == TRUST:
        content = read_bounded(options.file, MAX_DOCUMENT, _TOO_LARGE)
        if not looks_like_one(content):
            raise CommandError(f"{options.file}: no signed trust document; `kiosk trust make` makes one")
        return lambda _: content
    if options.key is None:
        raise CommandError("--key FILE is needed: it signs the document")
    kind = DocumentKind(options.kind)
    try:
        files = files_of(kind, options.file)
        said = Document(kind, frozenset(options.audience), version, SystemClock().now(), files)
        payload = pack(said)
    except (ConfigError, DocumentError) as error:
        raise CommandError(str(error)) from error
    key = read_key(options.key, options.passphrase_file)
    return lambda kiosk: sign(payload, key, document_topic(kiosk, kind))


def files_of(kind: DocumentKind, path: Path) -> Files:
    """Return the files of a document after the kiosk's own reader has read them. Raises ConfigError, CommandError."""
    if kind is DocumentKind.POLICY:
        policy, files = read_policy(path)
        refuse_dangerous(policy)
        return files
    content = read_bounded(path, MAX_DOCUMENT, _TOO_LARGE)
    _READERS[kind](content, str(path))
    return {kind.file: content}


def _kiosks(options: argparse.Namespace) -> Iterator[str]:
    """Yield the addressed kiosks, each once: those named, and those of whom the broker keeps that they were there."""
    seen: set[str] = set()
    for audience in options.audience:
        for kiosk in [audience] if audience.count("/") == 2 else _present(options, audience):
            if kiosk not in seen:
                seen.add(kiosk)
                yield kiosk


def _present(options: argparse.Namespace, audience: str) -> Iterator[str]:
    place = "+/+" if audience in EVERYONE else audience
    with BrokerLine(options, f"gk/1/{place}/+/up/presence", say_error) as line:
        for message in line.messages(LOOK_S):
            with suppress(TopicError):
                named = parse(message.topic)
                if isinstance(named, PresenceTopic) and message.payload:
                    yield named.address.base.removeprefix("gk/1/")


def _say_end(push: Push, options: argparse.Namespace) -> int:
    for kiosk, digest in push.left.items() if options.json else ():
        said = push.answers.get(kiosk)
        print_json({
            "kiosk": kiosk, "kind": push.kind, "version": push.version, "sha256": digest,
            "outcome": said.outcome if said else None, "code": said.code if said else None,
        })  # fmt: skip
    if push.open and not options.json:
        silent = ", ".join(kiosk for kiosk in push.open if kiosk not in push.answers)
        waiting = ", ".join(kiosk for kiosk in push.open if kiosk in push.answers)
        if silent:
            say_error(f"no answer within {options.wait:g} s from {silent}; it lies at the broker for when they come")
        if waiting:
            say_error(f"taken, and waiting for a quiet moment: {waiting}")
    return NEGATIVE if push.open or push.refused else DONE
