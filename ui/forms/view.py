"""How each page of a form looks, as words and names. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from kiosk.api.sentences import catalogue
from kiosk.domain.form import CHOICES, YES, Form, Purpose, Question, QuestionKind, in_language
from ui.forms.filling import Filling, Stage
from ui.keyboard.state import DATE_DIGITS

_LAYOUTS = {
    QuestionKind.DATE: "date", QuestionKind.PHONE: "phone", QuestionKind.NAME: "name", QuestionKind.TEXT: "text",
    QuestionKind.NUMBER: "number",
}  # fmt: skip
MAX_PHONE = 20
MAX_NUMBER = 12


@dataclass(frozen=True, slots=True)
class Choice:
    """One option, or one answer of the review, which is touched to change it."""

    id: str
    label: str
    chosen: bool = False
    note: str = ""
    """Of an answer: what was asked."""


@dataclass(frozen=True, slots=True)
class FormView:
    """A page of a form."""

    stage: str
    title: str
    hint: str = ""
    progress: str = ""
    """Which question of how many, as a sentence."""
    part: float = 0.0
    """How far that is, 0 to 1."""
    problem: str = ""
    """Why the answer cannot be taken, and what to do."""
    choices: tuple[Choice, ...] = ()
    many: bool = False
    """Several may be chosen."""
    layout: str = ""
    """Of the keyboard, where something is typed; empty: nothing is."""
    typed: str = ""
    """What the keyboard opens with."""
    shown: str = ""
    """The answer as people write it."""
    placeholder: str = ""
    max_length: int = 0
    agree: str = ""
    """Label of the consent; empty where none is asked for."""
    agreed: bool = False
    back: str = ""
    """Labels of what leads on and back; empty: it does not."""
    next: str = ""
    can_go_on: bool = True


def show(filling: Filling, language: str, now_ns: int, *, kept: bool) -> FormView:
    """Return the page. `kept`: the answers are kept for the authority; where not, the visitor is told so."""
    words = catalogue(language)
    match filling.stage:
        case Stage.QUESTION:
            return _question(filling, words, language)
        case Stage.REVIEW:
            return _review(filling, words, language)
        case Stage.CONSENT:
            return _consent(filling, words, language, kept=kept)
        case Stage.SENDING:
            return FormView(filling.stage, words["form.sending"])
        case Stage.RECEIPT:
            hint = words["form.receipt_hint"].format(number=filling.receipt)
            return FormView(filling.stage, words["form.receipt"], hint, back=words["form.done"])
        case Stage.STILL_THERE:
            hint = words["form.still_there_hint"].format(seconds=filling.left_s(now_ns))
            return FormView(
                filling.stage, words["form.still_there"], hint, back=words["form.stop"], next=words["form.carry_on"]
            )


def offers(forms: Mapping[Purpose, Form], language: str) -> tuple[tuple[str, str], ...]:
    """Return the purpose of each form, and the label of the control that opens it."""
    no_code = catalogue(language)["form.no_code"]
    return tuple(
        (purpose, no_code if purpose is Purpose.DECLARATION else in_language(form.title, language))
        for purpose, form in forms.items()
    )


def _question(filling: Filling, words: Mapping[str, str], language: str) -> FormView:
    question, of = filling.question, len(filling.questions)
    hint = in_language(question.hint, language) if question.hint else ""
    if question.kind is QuestionKind.CHOOSE_MANY:
        hint = hint or words["form.choose_many"]
    choices = tuple(
        Choice(one.id, _label(question, one.id, words, language), one.id in filling.draft) for one in question.options
    )
    typed = filling.draft[0] if filling.draft and not choices else ""
    passed_over = not question.required and not filling.draft
    return FormView(
        stage=filling.stage,
        title=in_language(question.text, language),
        hint=hint,
        progress=words["form.progress"].format(at=filling.number, of=of),
        part=filling.number / of,
        problem=words[f"form.problem_{filling.problem}"] if filling.problem else "",
        choices=choices,
        many=question.kind is QuestionKind.CHOOSE_MANY,
        layout=_layout(question),
        typed=_as_typed(question, typed),
        shown=_as_read(question, typed),
        placeholder=words["form.date"] if question.kind is QuestionKind.DATE else "",
        max_length=_longest(question),
        back=words["form.back"],
        next=words["form.skip"] if passed_over else words["form.next"],
    )


def _review(filling: Filling, words: Mapping[str, str], language: str) -> FormView:
    answers = tuple(
        Choice(one.id, _said(filling, one, words, language), note=in_language(one.short or one.text, language))
        for one in filling.questions
    )
    return FormView(
        filling.stage, words["form.review"], words["form.review_hint"], choices=answers, back=words["form.back"],
        next=words["form.next"],
    )  # fmt: skip


def _consent(filling: Filling, words: Mapping[str, str], language: str, *, kept: bool) -> FormView:
    return FormView(
        filling.stage, in_language(filling.form.consent, language), "" if kept else words["form.not_kept"],
        problem=words[f"form.failed_{filling.failed}"] if filling.failed else "", agree=words["form.agree"],
        agreed=filling.agreed, back=words["form.back"], next=words["form.send"], can_go_on=filling.agreed,
    )  # fmt: skip


def _label(question: Question, option: str, words: Mapping[str, str], language: str) -> str:
    if question.kind is QuestionKind.YES_NO:
        return words["form.yes"] if option == YES else words["form.no"]
    return next((in_language(one.text, language) for one in question.options if one.id == option), "")


def _said(filling: Filling, question: Question, words: Mapping[str, str], language: str) -> str:
    said = filling.answers.get(question.id, ())
    if not said:
        return words["form.no_answer"]
    if question.kind in CHOICES:
        return ", ".join(_label(question, one, words, language) for one in said)
    return _as_read(question, said[0])


def _layout(question: Question) -> str:
    if question.kind is QuestionKind.NUMBER and question.decimals:
        return "decimal"
    return _LAYOUTS.get(question.kind, "")


def _longest(question: Question) -> int:
    match question.kind:
        case QuestionKind.TEXT:
            return question.max_length
        case QuestionKind.PHONE:
            return MAX_PHONE
        case QuestionKind.NUMBER:
            return MAX_NUMBER
        case QuestionKind.DATE:
            return DATE_DIGITS
        case _:
            return 0


def _as_typed(question: Question, text: str) -> str:
    """Return an answer as the keyboard types it."""
    parts = text.split("-")
    if question.kind is QuestionKind.DATE and len(parts) == 3:
        return "".join(reversed(parts))
    return text.replace(".", ",") if question.kind is QuestionKind.NUMBER else text


def _as_read(question: Question, text: str) -> str:
    """Return an answer as people write it: a date with the day first, a number with a comma."""
    parts = text.split("-")
    if question.kind is QuestionKind.DATE and len(parts) == 3:
        return "/".join(reversed(parts))
    return text.replace(".", ",") if question.kind is QuestionKind.NUMBER else text
