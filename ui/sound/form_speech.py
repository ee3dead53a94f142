"""What a page of a form sounds like, and everything that one can say. Pure. Answers are never among it.

What somebody has typed is theirs, and was never rendered; whoever cannot read their own answers hears the questions
again and may go back to each.
"""

from collections.abc import Iterator

from kiosk.domain.form import Form, in_language
from ui.forms.view import FormView


def spoken_form(view: FormView) -> tuple[str, ...]:
    """Return what is said of a page: what is asked, what is wrong, what may be chosen, and what leads on."""
    # Of the review's lines only what was asked: their labels are answers.
    choices = (choice.note or choice.label for choice in view.choices)
    said = (view.title, view.problem, view.hint, *choices, view.placeholder, view.agree, view.next, view.back)
    return tuple(dict.fromkeys(text for text in said if text))


def form_sentences(form: Form, language: str) -> Iterator[str]:
    """Yield everything that a form itself says in a language; its controls are in `kiosk/api/sentences`."""
    texts = [form.title, form.consent]
    for question in form.questions:
        texts += [question.text, question.hint, question.short, *(option.text for option in question.options)]
    yield from dict.fromkeys(in_language(text, language) for text in texts if text)
