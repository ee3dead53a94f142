"""Forms that visitors fill in at the touchscreen: what is asked, which answers there are, and what they come to. Pure.

A form is data (kiosk.form_file reads it, docs/forms.md has every key). The screen checks each answer by these rules as
it is given, and the gate all of them again, by the same ones: what comes over the socket proves nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from kiosk.domain import form_values as values
from kiosk.domain.credential import Credential, Format, Holder, Kind, Rejected, Verdict
from kiosk.domain.form_values import Problem, ProblemError
from kiosk.domain.reasons import Reason

Texts = Mapping[str, str]
"""A sentence by the code of its language."""
Answers = Mapping[str, tuple[str, ...]]
"""What was answered, by the question's id: ids of options, or one text. What was passed over is not there."""

YES, NO = "yes", "no"
FALL_BACK = "en"
MAX_AGE_DAYS = 365 * 120


class QuestionKind(StrEnum):
    """How a question is answered."""

    CHOOSE_ONE = "choose_one"
    CHOOSE_MANY = "choose_many"
    YES_NO = "yes_no"
    DATE = "date"
    PHONE = "phone"
    NAME = "name"
    TEXT = "text"
    NUMBER = "number"


CHOICES = frozenset({QuestionKind.CHOOSE_ONE, QuestionKind.CHOOSE_MANY, QuestionKind.YES_NO})


class Purpose(StrEnum):
    """What becomes of a form that was filled in."""

    DECLARATION = "declaration"
    """The venue's policy says whether it lets in."""
    CHECK_IN = "check_in"
    """It goes on record; no door opens by it."""


class About(StrEnum):
    """What an answer says of the person, where it says who they are."""

    NAME = "name"
    BIRTH_DATE = "birth_date"
    PHONE = "phone"
    NUMBER = "number"
    """Of an identity document."""


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to choose."""

    id: str
    text: Texts
    """Empty for yes and no: the screen has words for them in every language."""
    staff: bool = False
    """Whoever chooses it is seen by staff."""
    alone: bool = False
    """It excludes all others: none of these."""


@dataclass(frozen=True, slots=True)
class When:
    """A question is asked only where an earlier one was answered so."""

    question: str
    answers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Question:
    """One question; bounds hold for the kinds that have them."""

    id: str
    kind: QuestionKind
    text: Texts
    hint: Texts = field(default_factory=dict)
    short: Texts = field(default_factory=dict)
    """What it is called where all answers stand below each other; empty: by its text."""
    required: bool = True
    options: tuple[Option, ...] = ()
    when: When | None = None
    about: About | None = None
    max_length: int = values.MAX_TEXT
    """text: characters."""
    days_back: int = MAX_AGE_DAYS
    """date: how many days before today the earliest lies."""
    days_ahead: int = 0
    """date: how many days after today the latest lies."""
    least: Decimal = Decimal(0)
    most: Decimal = Decimal(999_999)
    decimals: int = 0
    staff_from: Decimal | None = None
    """number: whoever enters as much or more is seen by staff."""


@dataclass(frozen=True, slots=True)
class Form:
    """A whole form."""

    id: str
    version: str
    purpose: Purpose
    title: Texts
    consent: Texts
    """What the visitor agrees to before anything is sent: who reads it, for what, for how long."""
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Filled:
    """A form that was filled in, every answer checked."""

    form: Form
    answers: Answers
    staff: tuple[str, ...] = ()
    """Ids of the questions whose answers staff has to see."""

    @property
    def clear(self) -> bool:
        """Tell whether no answer needs staff."""
        return not self.staff

    def about(self, about: About) -> str:
        """Return what was answered about the person; empty where that was not asked."""
        return next((self.answers[one.id][0] for one in self.form.questions
                     if one.about is about and one.id in self.answers), "")


class FormError(ValueError):
    """A form that cannot be taken as it was filled in: the question's id, and what is wrong."""

    def __init__(self, question: str, problem: Problem) -> None:
        super().__init__(f"{question}: {problem}")
        self.question = question
        self.problem = problem


def in_language(texts: Texts, language: str) -> str:
    """Return a sentence in a language; in English, or else in what there is, where the form lacks it."""
    return texts.get(language, texts.get(FALL_BACK, next(iter(texts.values()), "")))


def asked(form: Form, answers: Answers) -> tuple[Question, ...]:
    """Return the questions that are asked of whoever has answered so far, in their order."""
    kept: list[Question] = []
    for question in form.questions:
        when = question.when
        if when is None or (
            any(one.id == when.question for one in kept) and when.answers.intersection(answers.get(when.question, ()))
        ):
            kept.append(question)
    return tuple(kept)


def answer(question: Question, given: tuple[str, ...], today: date) -> tuple[str, ...]:
    """Return an answer as it is kept; nothing for one that may be passed over and was. Raises ProblemError."""
    given = tuple(one for one in given if one.strip())
    if not given:
        if question.required:
            raise ProblemError(Problem.MISSING)
        return ()
    if question.kind in CHOICES:
        return _chosen(question, given)
    if len(given) > 1:
        raise ProblemError(Problem.NOT_OFFERED)
    return (_entered(question, given[0], today),)


def fill(form: Form, answers: Answers, today: date) -> Filled:
    """Check a whole form, and leave out what was answered to questions that are not asked. Raises FormError."""
    kept: dict[str, tuple[str, ...]] = {}
    for question in form.questions:
        if question not in asked(form, kept):
            continue
        try:
            said = answer(question, answers.get(question.id, ()), today)
        except ProblemError as error:
            raise FormError(question.id, error.problem) from None
        if said:
            kept[question.id] = said
    return Filled(form, kept, tuple(_for_staff(form, kept)))


def as_evidence(filled: Filled, number: str) -> Rejected:
    """Return a declaration as evidence for the policy: a person's own word, which nobody has signed.

    `number` names the declaration on record.
    """
    details = {"form": filled.form.id, "clear": filled.clear, "subject": filled.about(About.NUMBER)}
    holder = Holder(family_name=filled.about(About.NAME), birth_date=filled.about(About.BIRTH_DATE))
    credential = Credential(Format.FORM, Kind.DECLARATION, "", number, holder, details=details)
    return Rejected(Verdict.UNSIGNED, (Reason.UNSIGNED_CARD,), Format.FORM, credential)


def _chosen(question: Question, given: tuple[str, ...]) -> tuple[str, ...]:
    chosen = [one for one in question.options if one.id in given]
    if len(chosen) != len(given) or (question.kind is not QuestionKind.CHOOSE_MANY and len(given) > 1):
        raise ProblemError(Problem.NOT_OFFERED)
    if len(chosen) > 1 and any(one.alone for one in chosen):
        raise ProblemError(Problem.NOT_TOGETHER)
    return tuple(one.id for one in chosen)


def _entered(question: Question, text: str, today: date) -> str:
    match question.kind:
        case QuestionKind.DATE:
            first = max(values.EARLIEST, today - timedelta(days=question.days_back))
            return values.day(text, first, today + timedelta(days=question.days_ahead))
        case QuestionKind.PHONE:
            return values.phone(text)
        case QuestionKind.NAME:
            return values.name(text)
        case QuestionKind.NUMBER:
            return values.number(text, question.least, question.most, question.decimals)
        case _:
            return values.written(text, question.max_length)


def _for_staff(form: Form, answers: Answers) -> Iterator[str]:
    for question in form.questions:
        said = answers.get(question.id, ())
        chosen = any(one.staff for one in question.options if one.id in said)
        much = bool(said) and question.staff_from is not None and Decimal(said[0]) >= question.staff_from
        if chosen or much:
            yield question.id
