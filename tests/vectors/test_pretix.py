"""Signed event tickets with the answers that their publisher expects: every ticket of `pretix/*.json`.

`expect` is one word, or several with `before` or `after`: the word that holds before or after the ticket's own time.
"""

import json
import os
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.domain.credential import Verdict, Verified
from kiosk.domain.trust import TrustList
from kiosk.verify import pretix, registry
from kiosk.verify.errors import MalformedError

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("KIOSK_VECTORS", ROOT / "../shared/vectors")) / "pretix"
ANY_DAY = datetime(2024, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
WRONG = frozenset(Verdict) - {Verdict.VALID, Verdict.UNSIGNED}
WORDS = {verdict.value: frozenset({verdict}) for verdict in Verdict} | {
    "invalid": WRONG,
    "fake": frozenset({Verdict.BAD_SIGNATURE}),
    "invalid_signature": frozenset({Verdict.BAD_SIGNATURE}),
    # Nothing in a ticket says whose it is: one of a key that is not known looks like a forged one.
    "unknown_key": frozenset({Verdict.UNKNOWN_ISSUER, Verdict.BAD_SIGNATURE}),
    "unknown_issuer": frozenset({Verdict.UNKNOWN_ISSUER, Verdict.BAD_SIGNATURE}),
}
"""What a word of the file allows us to say."""


@dataclass(frozen=True)
class Ticket:
    file: str
    content: dict
    keys: list

    @property
    def text(self):
        return self.content["text"]

    @property
    def fields(self):
        return self.content.get("fields", {})

    def verify(self, now):
        anchors = pretix.anchors_in_pretix_keys(json.dumps(self.keys).encode(), "Organiser") if self.keys else []
        return registry.verify(self.text.encode(), TrustList.of(anchors, version="", imported_at=now), now)

    def bound(self, name):
        """When it begins or ends, as the file says or else as the ticket does; None where it does not."""
        if seconds := self.fields.get(name):
            return datetime.fromtimestamp(seconds, UTC)
        try:
            credential = pretix.parse(self.text).credential
        except MalformedError:
            return None
        return credential.valid_from if name == "valid_from" else credential.expires_at

    def moment(self, verdict, when):
        """The moment at which a word has to hold."""
        start, end = self.bound("valid_from"), self.bound("valid_until")
        match verdict, when:
            case "not_yet_valid", _:
                return start - HOUR
            case "expired", _:
                return end + HOUR
            case _, "before":
                return end
            case _, "after":
                return start
            case _:
                return start or end or ANY_DAY

    def expected(self):
        """Yield each moment with the verdicts that may be given then."""
        for clause in self.content["expect"].split(","):
            verdict, _, when = clause.strip().partition(" ")
            assert verdict in WORDS, f"{self}: '{verdict}' is no word that this test knows"
            yield self.moment(verdict, when.strip()), WORDS[verdict]

    def __str__(self):
        return f"{self.file}: {self.content['name']}"


def load():
    for path in sorted(DATA.glob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        for ticket in content["tickets"]:
            yield Ticket(path.stem, ticket, content["keys"].get(ticket.get("event"), []))


TICKETS = list(load())


def word(found):
    return Verdict.VALID if isinstance(found, Verified) else found.verdict


@pytest.mark.parametrize("ticket", TICKETS, ids=map(str, TICKETS))
def test_the_verdict(ticket):
    for now, allowed in ticket.expected():
        assert word(ticket.verify(now)) in allowed


@pytest.mark.parametrize("ticket", TICKETS, ids=map(str, TICKETS))
def test_the_fields(ticket):
    if not ticket.fields:
        return
    credential = pretix.parse(ticket.text).credential
    times = {"valid_from": credential.valid_from, "valid_until": credential.expires_at}
    seconds = {name: int(when.timestamp()) if when else 0 for name, when in times.items()}
    assert {**credential.details, **seconds}.items() >= ticket.fields.items()


@pytest.mark.parametrize("ticket", TICKETS, ids=map(str, TICKETS))
def test_no_turned_bit_is_believed(ticket):
    (now, _), *_ = ticket.expected()
    raw = ticket.text.encode()
    for at in range(len(raw)):
        turned = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        changed = Ticket(ticket.file, {**ticket.content, "text": turned.decode()}, ticket.keys)
        assert not isinstance(changed.verify(now), Verified)


def test_the_whole_set(vectors, say):
    vectors("pretix")
    answers = Counter(word(ticket.verify(now)).value for ticket in TICKETS for now, _ in ticket.expected())
    fields = sum(bool(ticket.fields) for ticket in TICKETS)
    say(f"pretix: {len(TICKETS)} tickets, {answers.total()} verdicts {dict(answers)}, fields of {fields} compared")
    assert TICKETS
