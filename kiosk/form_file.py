"""A form that visitors fill in: TOML in, a frozen `Form` out (docs/forms.md has every key).

Part of the settings, like `kiosk.config`: everything is checked once, here, with a sentence a person can act on.
"""

import re
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from kiosk.domain.form import (
    CHOICES,
    MAX_AGE_DAYS,
    NO,
    YES,
    About,
    Form,
    Option,
    Purpose,
    Question,
    QuestionKind,
    When,
)
from kiosk.domain.form_values import MAX_TEXT
from kiosk.toml_file import ConfigError, Section, model_of, read_tables, tables_of

MAX_QUESTIONS = 40
MAX_OPTIONS = 6
"""More of them nobody reads at a door; what does not fit below each other is a touch away."""
MAX_QUESTION_TEXT = 80
MAX_TYPED_TEXT = 40
"""Characters of a question above the keyboard, which leaves it one line."""
MAX_OPTION_TEXT = 32
MAX_TITLE = 20
MAX_SHORT = 24
MAX_CONSENT = 160

_LANGUAGE = re.compile(r"[a-z]{2,3}")
_TERMS: dict[str, frozenset[QuestionKind]] = {
    "option": frozenset({QuestionKind.CHOOSE_ONE, QuestionKind.CHOOSE_MANY}),
    "yes_staff": frozenset({QuestionKind.YES_NO}),
    "no_staff": frozenset({QuestionKind.YES_NO}),
    "max_length": frozenset({QuestionKind.TEXT}),
    "days_back": frozenset({QuestionKind.DATE}),
    "days_ahead": frozenset({QuestionKind.DATE}),
    "least": frozenset({QuestionKind.NUMBER}),
    "most": frozenset({QuestionKind.NUMBER}),
    "decimals": frozenset({QuestionKind.NUMBER}),
    "staff_from": frozenset({QuestionKind.NUMBER}),
}
"""Keys of a question that are looked at on some kinds only."""


def _texts(texts: dict[str, str]) -> dict[str, str]:
    if not texts:
        raise ValueError('write it in a language at least: { vi = "…", en = "…" }')
    for language, text in texts.items():
        if not _LANGUAGE.fullmatch(language):
            raise ValueError(f"'{language[:16]}' is no language; write its code, as in vi or en")
        if not text.strip() or any(ord(one) < 32 for one in text):
            raise ValueError(f"the text in '{language}' is empty, or more than one line")
    return texts


def _at_most(longest: int, texts: dict[str, str]) -> dict[str, str]:
    for language, text in _texts(texts).items():
        if len(text) > longest:
            raise ValueError(f"the text in '{language}' has {len(text)} characters; {longest} fit on the screen")
    return texts


_Texts = Annotated[dict[str, str], AfterValidator(_texts)]
_Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]


class _OptionTable(Section):
    id: _Id
    text: Annotated[dict[str, str], AfterValidator(lambda texts: _at_most(MAX_OPTION_TEXT, texts))]
    staff: bool = False
    alone: bool = False


class _WhenTable(Section):
    question: _Id
    answers: Annotated[tuple[_Id, ...], Field(min_length=1, max_length=MAX_OPTIONS)]


class _QuestionTable(Section):
    id: _Id
    kind: QuestionKind
    text: Annotated[dict[str, str], AfterValidator(lambda texts: _at_most(MAX_QUESTION_TEXT, texts))]
    hint: Annotated[dict[str, str], AfterValidator(lambda texts: _at_most(MAX_QUESTION_TEXT, texts))] | None = None
    short: Annotated[dict[str, str], AfterValidator(lambda texts: _at_most(MAX_SHORT, texts))] | None = None
    required: bool = True
    about: About | None = None
    when: _WhenTable | None = None
    option: Annotated[tuple[_OptionTable, ...], Field(max_length=MAX_OPTIONS)] = ()
    yes_staff: bool = False
    no_staff: bool = False
    max_length: Annotated[int, Field(ge=1, le=MAX_TEXT)] = MAX_TEXT
    days_back: Annotated[int, Field(ge=0, le=MAX_AGE_DAYS)] = MAX_AGE_DAYS
    days_ahead: Annotated[int, Field(ge=0, le=3650)] = 0
    least: Annotated[Decimal, Field(ge=-999_999, le=999_999)] = Decimal(0)
    most: Annotated[Decimal, Field(ge=-999_999, le=999_999)] = Decimal(999_999)
    decimals: Annotated[int, Field(ge=0, le=4)] = 0
    staff_from: Annotated[Decimal, Field(ge=-999_999, le=999_999)] | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        for term, kinds in _TERMS.items():
            if term in self.model_fields_set and self.kind not in kinds:
                raise ValueError(f"question '{self.id}': '{term}' is for {' or '.join(sorted(kinds))}")
        if self.kind in _TERMS["option"] and len(self.option) < 2:
            raise ValueError(f"question '{self.id}': give two options to choose from, or more")
        if len({one.id for one in self.option}) < len(self.option):
            raise ValueError(f"question '{self.id}': two options have the same id")
        if self.least > self.most:
            raise ValueError(f"question '{self.id}': least is more than most")
        longest = max(map(len, self.text.values()))
        if self.kind not in CHOICES | {QuestionKind.DATE} and longest > MAX_TYPED_TEXT:
            raise ValueError(
                f"question '{self.id}': it has {longest} characters; above the keyboard {MAX_TYPED_TEXT} fit, and more "
                "in its hint"
            )
        return self


class FormFile(Section):
    """The whole file."""

    schema_number: Annotated[Literal[1], Field(alias="schema")] = 1
    id: _Id
    version: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$")]
    purpose: Purpose = Purpose.DECLARATION
    title: Annotated[dict[str, str], AfterValidator(lambda texts: _at_most(MAX_TITLE, texts))]
    consent: Annotated[dict[str, str], AfterValidator(lambda texts: _at_most(MAX_CONSENT, texts))]
    question: Annotated[tuple[_QuestionTable, ...], Field(min_length=1, max_length=MAX_QUESTIONS)]

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        before: dict[str, frozenset[str]] = {}
        for question in self.question:
            if question.id in before:
                raise ValueError(f"two questions have the id '{question.id}'")
            when = question.when
            if when is not None and when.question not in before:
                raise ValueError(f"question '{question.id}': 'when' names no earlier question")
            if when is not None and not before[when.question].issuperset(when.answers):
                raise ValueError(f"question '{question.id}': 'when' names an answer that '{when.question}' has not")
            before[question.id] = _answers(question)
        self._check_languages()
        self._check_persons()
        return self

    def _check_languages(self) -> None:
        """Every text is in every language of the title: half a form in another one helps nobody."""
        for where, texts in self._every_text():
            if lacking := sorted(set(self.title) - set(texts)):
                raise ValueError(f"{where}: the text in '{lacking[0]}' is missing, which the title has")

    def _every_text(self) -> list[tuple[str, dict[str, str]]]:
        found = [("consent", self.consent)]
        for question in self.question:
            found.append((f"question '{question.id}'", question.text))
            more = {"hint": question.hint, "short text": question.short}
            found += [(f"the {what} of question '{question.id}'", texts) for what, texts in more.items() if texts]
            found += [(f"option '{one.id}' of question '{question.id}'", one.text) for one in question.option]
        return found

    def _check_persons(self) -> None:
        kinds = {
            About.NAME: QuestionKind.NAME, About.BIRTH_DATE: QuestionKind.DATE, About.PHONE: QuestionKind.PHONE,
            About.NUMBER: QuestionKind.TEXT,
        }  # fmt: skip
        said: set[About] = set()
        for question in self.question:
            about = question.about
            if about is None:
                continue
            if question.kind is not kinds[about]:
                raise ValueError(f"question '{question.id}': about = \"{about}\" is for the kind {kinds[about]}")
            if about in said:
                raise ValueError(f'two questions are about = "{about}"')
            said.add(about)


def read_form(data: bytes, where: Path | str) -> Form:
    """Read a form that came from `where`. Raises ConfigError."""
    return _form(model_of(tables_of(data, where), where, FormFile))


def load_form(path: Path) -> Form:
    """Read a form's file. Raises ConfigError."""
    return _form(model_of(read_tables(path), path, FormFile))


def load_forms(folder: Path, names: tuple[str, ...]) -> dict[Purpose, Form]:
    """Read the forms that a kiosk offers, by what becomes of them. Raises ConfigError."""
    forms: dict[Purpose, Form] = {}
    for name in names:
        form = load_form(folder / name)
        if form.purpose in forms:
            raise ConfigError(f'{folder / name}: purpose = "{form.purpose}" is that of another form of this kiosk')
        forms[form.purpose] = form
    return forms


def _answers(table: _QuestionTable) -> frozenset[str]:
    return frozenset({YES, NO}) if table.kind is QuestionKind.YES_NO else frozenset(one.id for one in table.option)


def _form(table: FormFile) -> Form:
    return Form(
        table.id, table.version, table.purpose, table.title, table.consent, tuple(map(_question, table.question))
    )  # fmt: skip


def _question(table: _QuestionTable) -> Question:
    options = tuple(Option(one.id, one.text, one.staff, one.alone) for one in table.option)
    if table.kind is QuestionKind.YES_NO:
        options = (Option(YES, {}, table.yes_staff), Option(NO, {}, table.no_staff))
    return Question(
        id=table.id, kind=table.kind, text=table.text, hint=table.hint or {},
        short=table.short or {}, required=table.required,
        options=options, about=table.about, max_length=table.max_length, days_back=table.days_back,
        when=When(table.when.question, frozenset(table.when.answers)) if table.when else None,
        days_ahead=table.days_ahead, least=table.least, most=table.most, decimals=table.decimals,
        staff_from=table.staff_from,
    )  # fmt: skip
