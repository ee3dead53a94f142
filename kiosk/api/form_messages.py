"""Forms between the screen and the gate process: what a visitor has filled in, and what has become of it."""

from typing import Annotated, Literal

from pydantic import Field

from kiosk.api.wire_message import WireMessage

MAX_ANSWERS = 40
_Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]


class FormFilled(WireMessage):
    """A visitor has filled in a form and agreed to send it: ui → gate. Personal, so it shows itself nowhere."""

    type: Literal["form_filled"] = "form_filled"
    id: int = Field(ge=0, lt=1 << 53)
    """FormTaken repeats it."""
    form: _Id
    version: str = Field(max_length=32)
    """Of the form that the screen has shown: another one than the gate's is not taken."""
    language: str = Field(pattern=r"^[a-z]{2,3}$")
    """In which it was read and agreed to."""
    answers: dict[_Id, Annotated[tuple[Annotated[str, Field(max_length=800)], ...], Field(max_length=8)]] = Field(
        max_length=MAX_ANSWERS, repr=False
    )
    """By the question's id: ids of options, or one text."""


class FormTaken(WireMessage):
    """What has become of a form: gate → ui. The answer to a declaration itself is on the next Snapshot."""

    type: Literal["form_taken"] = "form_taken"
    id: int
    code: Literal["ok", "invalid", "not_offered", "not_now", "not_recorded"] = "ok"
    """invalid: an answer cannot be taken; not_offered: the gate knows no such form; not_now: the door serves nobody,
    or somebody is being answered; not_recorded: there is no durable journal, and nothing is done without a record."""
    question: str = Field(default="", max_length=32)
    """With invalid: the question's id."""
    problem: str = Field(default="", max_length=32)
    """With invalid: a code of kiosk.domain.form_values.Problem."""
    receipt: str = Field(default="", max_length=16)
    """By what the record is known to the visitor; of a check-in only."""
