"""A visitor's way through a form: one question a page, a look at all answers, consent, the receipt. Pure.

Everything that was typed is in this one value: nobody holds it elsewhere, and with it everything is forgotten. `now_ns`
is CLOCK_MONOTONIC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from kiosk.api.messages import FormTaken, Page
from kiosk.domain.form import Form, Purpose, Question, QuestionKind, answer, asked
from kiosk.domain.form_values import Problem, ProblemError

MS = 1_000_000
IDLE_MS = 60_000
"""How long nobody has to touch the screen before it asks whether anybody is there."""
ASK_MS = 30_000
"""How long it asks before it forgets everything; each touch begins anew, as often as anybody likes (WCAG 2.2.1)."""
RECEIPT_MS = 20_000
SENDING_MS = 5_000
"""How long the gate process may take to say that it has taken a form."""
_CLOSED = frozenset({Page.OUT_OF_ORDER, Page.LOCKDOWN, Page.MAINTENANCE, Page.FREE_PASSAGE, Page.FIRE})
"""Pages on which nobody is served: they end a form. All others but the first page answer somebody: the form waits."""


class Stage(StrEnum):
    """Where in a form a visitor is."""

    QUESTION = "question"
    REVIEW = "review"
    CONSENT = "consent"
    SENDING = "sending"
    RECEIPT = "receipt"
    STILL_THERE = "still_there"
    """Nobody has touched the screen for long, or somebody else was answered: nothing of the form is shown."""


@dataclass(frozen=True, slots=True)
class Filling:
    """A form as far as it has been filled in."""

    form: Form
    today: date
    touched_ns: int
    stage: Stage = Stage.QUESTION
    at: str = ""
    """Id of the question that is asked."""
    draft: tuple[str, ...] = ()
    """What has been chosen or typed on this page and not been taken yet."""
    answers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    problem: Problem | None = None
    """Why the draft could not be taken."""
    changing: bool = False
    """The question was opened from the review, and leads back to it."""
    agreed: bool = False
    failed: str = ""
    """Why the form was not sent: a code of FormTaken, `agree` or `unreachable`."""
    receipt: str = ""
    behind: Stage = Stage.QUESTION
    """With `still_there`: what comes back."""

    @classmethod
    def begin(cls, form: Form, today: date, now_ns: int) -> "Filling":
        """Return the form at its first question. `today` is the venue's date."""
        return cls(form, today, now_ns, at=form.questions[0].id)

    @property
    def questions(self) -> tuple[Question, ...]:
        """The questions that are asked, as far as the answers tell."""
        return asked(self.form, self.answers)

    @property
    def question(self) -> Question:
        """The question of this page."""
        return next(one for one in self.form.questions if one.id == self.at)

    @property
    def number(self) -> int:
        """Which of the questions this is, from 1."""
        return [one.id for one in self.questions].index(self.at) + 1

    # what a visitor does

    def choose(self, option: str) -> "Filling":
        """Choose an option; of several, take one that is chosen back."""
        question = self.question
        found = next((one for one in question.options if one.id == option), None)
        if self.stage is not Stage.QUESTION or found is None:
            return self
        if question.kind is not QuestionKind.CHOOSE_MANY:
            return replace(self, draft=(option,), problem=None)
        if option in self.draft:
            return replace(self, draft=tuple(one for one in self.draft if one != option), problem=None)
        alone = {one.id for one in question.options if one.alone}
        kept = () if found.alone else tuple(one for one in self.draft if one not in alone)
        return replace(self, draft=(*kept, option), problem=None)

    def enter(self, text: str) -> "Filling":
        """Take what was typed, and go on where that is an answer."""
        if self.stage is not Stage.QUESTION:
            return self
        return replace(self, draft=(_as_date(text) if self.question.kind is QuestionKind.DATE else text,)).next()

    def next(self) -> "Filling":
        """Go on: take the answer, or say why it cannot be one."""
        match self.stage:
            case Stage.QUESTION:
                return self._take()
            case Stage.REVIEW:
                return replace(self, stage=Stage.CONSENT, agreed=False, failed="")
            case Stage.CONSENT:
                return replace(self, stage=Stage.SENDING, failed="") if self.agreed else replace(self, failed="agree")
            case Stage.STILL_THERE:
                return replace(self, stage=self.behind)
            case _:
                return self

    def back(self) -> "Filling | None":
        """Go back by a page; None: before the first one, or the visitor is done."""
        match self.stage:
            case Stage.QUESTION if self.changing:
                return _review(self)
            case Stage.QUESTION:
                before = self.questions[: self.number - 1]
                return _ask(self, before[-1]) if before else None
            case Stage.REVIEW:
                return _ask(self, self.questions[-1])
            case Stage.CONSENT:
                return _review(self)
            case Stage.SENDING:
                return self
            case _:
                return None

    def change(self, question: str) -> "Filling":
        """Open a question from the review."""
        found = next((one for one in self.questions if one.id == question), None)
        if self.stage is not Stage.REVIEW or found is None:
            return self
        return _ask(self, found, changing=True)

    def agree(self) -> "Filling":
        """Agree to what the form says, or take that back."""
        return replace(self, agreed=not self.agreed, failed="") if self.stage is Stage.CONSENT else self

    # what happens

    def touch(self, now_ns: int) -> "Filling":
        """Take note that somebody is there."""
        return replace(self, touched_ns=now_ns)

    def taken(self, said: FormTaken) -> "Filling | None":
        """Take what the gate says of the form; None: it is done, and the gate answers on its own pages."""
        if self.stage is not Stage.SENDING:
            return self
        if said.code == "ok":
            if self.form.purpose is Purpose.DECLARATION:
                return None
            return replace(self, stage=Stage.RECEIPT, receipt=said.receipt, answers={}, draft=())
        wrong = next((one for one in self.questions if one.id == said.question), None)
        if said.code == "invalid" and wrong is not None and said.problem in set(Problem):
            return replace(_ask(self, wrong, changing=True), problem=Problem(said.problem))
        return replace(self, stage=Stage.CONSENT, failed=said.code)

    def pass_time(self, page: Page, now_ns: int) -> "Filling | None":
        """Go on as time passes, while the gate shows `page`; None: everything is forgotten."""
        if page in _CLOSED:
            return None
        if page is not Page.IDLE:
            return self._interrupted(page, now_ns)
        waited = now_ns - self.touched_ns
        match self.stage:
            case Stage.SENDING:
                late = waited >= SENDING_MS * MS
                return replace(self, stage=Stage.CONSENT, failed="unreachable", touched_ns=now_ns) if late else self
            case Stage.RECEIPT:
                return None if waited >= RECEIPT_MS * MS else self
            case Stage.STILL_THERE:
                return None if waited >= ASK_MS * MS else self
            case _:
                return self._hidden(now_ns) if waited >= IDLE_MS * MS else self

    def left_s(self, now_ns: int) -> int:
        """Return for how many seconds more it asks whether anybody is there."""
        return max(0, -(-(ASK_MS * MS - (now_ns - self.touched_ns)) // (1000 * MS)))

    # how

    def _take(self) -> "Filling":
        question = self.question
        try:
            said = answer(question, self.draft, self.today)
        except ProblemError as error:
            return replace(self, problem=error.problem)
        answers = {key: value for key, value in self.answers.items() if key != question.id}
        if said:
            answers[question.id] = said
        taken = replace(self, answers=answers, problem=None)
        open_ones = [one for one in taken.questions if one.id not in taken.answers and one.required]
        if self.changing:
            # Another answer may ask something more; nothing is asked twice.
            return _ask(taken, open_ones[0], changing=True) if open_ones else _review(taken)
        after = taken.questions[taken.number :]
        return _ask(taken, after[0]) if after else _review(taken)

    def _interrupted(self, page: Page, now_ns: int) -> "Filling | None":
        match self.stage:
            case Stage.RECEIPT:
                return None
            case Stage.SENDING:
                # It may be the answer to this very form: FormTaken says so.
                return self
            case Stage.STILL_THERE if page is not Page.STAFF:
                # Of whoever left it behind in a line of people the next ones shall read nothing. Staff takes its time.
                return None if now_ns - self.touched_ns >= ASK_MS * MS else self
            case _:
                return self._hidden(now_ns)

    def _hidden(self, now_ns: int) -> "Filling":
        behind = self.behind if self.stage is Stage.STILL_THERE else self.stage
        return replace(self, stage=Stage.STILL_THERE, behind=behind, touched_ns=now_ns)


def _ask(filling: Filling, question: Question, *, changing: bool = False) -> Filling:
    draft = filling.answers.get(question.id, ())
    return replace(filling, stage=Stage.QUESTION, at=question.id, draft=draft, problem=None, changing=changing)


def _review(filling: Filling) -> Filling:
    return replace(
        filling, stage=Stage.REVIEW, draft=(), problem=None, changing=False, agreed=False, failed=""
    )  # fmt: skip


def _as_date(digits: str) -> str:
    """Return YYYY-MM-DD for the digits DDMMYYYY; what is not that as it stands, for the form to refuse."""
    return f"{digits[4:]}-{digits[2:4]}-{digits[:2]}" if len(digits) == 8 else digits
