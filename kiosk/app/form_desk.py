"""Takes forms that visitors have filled in: checks them, puts them on record, and brings declarations to the policy."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from kiosk.api.messages import FormFilled, FormTaken
from kiosk.app.ports import JournalError, Peer
from kiosk.app.reception import Reception
from kiosk.app.recorder import Recorder
from kiosk.domain.events import EventDraft, EventType
from kiosk.domain.form import Filled, Form, FormError, Purpose, as_evidence, fill
from kiosk.domain.gate import Gate, View

RECEIPT_LETTERS = 6


def random_number() -> str:
    """Return a number that names a form on record, and nobody can guess."""
    return f"form-{secrets.token_hex(8)}"


@dataclass(slots=True)
class FormDesk:
    """Answers FormFilled. What a visitor has written is in the sealed part of one event, and nowhere else."""

    forms: Mapping[Purpose, Form]
    kept: bool
    """Whether there is an authority to seal the answers to; without one they are not kept."""
    recorder: Recorder
    reception: Reception
    gate: Callable[[], Gate]
    today: Callable[[], date]
    """The venue's date."""
    number: Callable[[], str] = random_number

    async def take(self, peer: Peer, said: FormFilled) -> None:
        """Check a form, put it on record, say so, and have a declaration judged."""
        form = next((one for one in self.forms.values() if (one.id, one.version) == (said.form, said.version)), None)
        if form is None:
            self._refuse(peer, said, "not_offered")
            return
        try:
            filled = fill(form, said.answers, self.today())
        except FormError as error:
            peer.send(FormTaken(id=said.id, code="invalid", question=error.question, problem=error.problem))
            return
        if form.purpose is Purpose.DECLARATION and self.gate().view is not View.IDLE:
            self._refuse(peer, said, "not_now")
            return
        number = self.number()
        try:
            await self.recorder.record_now([self._record(filled, number, said.language)])
        except JournalError:
            self._refuse(peer, said, "not_recorded")
            return
        if form.purpose is Purpose.CHECK_IN:
            peer.send(FormTaken(id=said.id, receipt=number[-RECEIPT_LETTERS:].upper()))
            return
        if self.gate().view is not View.IDLE:  # somebody else is served by now: no answer may take theirs away
            self._refuse(peer, said, "not_now")
            return
        peer.send(FormTaken(id=said.id))
        self.reception.declare(number, as_evidence(filled, number))

    @staticmethod
    def _refuse(peer: Peer, said: FormFilled, code: Literal["not_offered", "not_now", "not_recorded"]) -> None:
        peer.send(FormTaken(id=said.id, code=code))

    def _record(self, filled: Filled, number: str, language: str) -> EventDraft:
        form = filled.form
        data = {
            "form": form.id, "version": form.version, "purpose": form.purpose, "language": language,
            "clear": filled.clear, "kept": self.kept,
        }  # fmt: skip
        personal = {key: ", ".join(answer) for key, answer in filled.answers.items()} if self.kept else {}
        return EventDraft(EventType.DECLARATION_MADE, number, data, personal)
