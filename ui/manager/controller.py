"""The frame around the manager's pages: who is signed in, which pages are open, what was asked and not yet answered.

Pure: each thing that happens returns the Controller as it is afterwards and what is to be asked of the gate. Times are
CLOCK_MONOTONIC nanoseconds. `ui.manager_desk` brings it touches, answers and the time, and shows its Frame.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from kiosk.api.manager import (
    AddressSet,
    Answer,
    Ask,
    Request,
    SignedIn,
    SignOut,
    StillHere,
    UpdateLook,
    UsbEject,
    WifiForget,
    WifiJoin,
    WifiScan,
)
from kiosk.domain.staff import Refused
from ui.manager.frame import Frame, Opened, Question, Said
from ui.manager.page import Act, ManagerPage, Turn, Words
from ui.manager.pages import PAGES
from ui.manager.pages.menu import Menu
from ui.manager.pages.sign_in import SignInPage

S = 1_000_000_000
ANSWER_S = 10
"""How long the gate may take for an answer. Slow work answers that it has begun, and is asked about."""
PATIENCE_S: Mapping[type[Request], int] = {
    WifiScan: 30, WifiJoin: 60, WifiForget: 30, AddressSet: 60, UsbEject: 60, UpdateLook: 120,
}  # fmt: skip
"""How long it may take where a machine has to do something first that cannot be asked about."""
SIGN_IN_IDLE_S = 30
"""How long the PIN's page stays up without a touch."""
WARN_S = 15
"""For how long the screen says that it is about to sign out."""
SAID_S = 8
"""How long a sentence about what was done stays."""
STILL_HERE_S = 15
"""How often, at most, the gate is told that somebody touches pages that ask nothing."""
NEVER_NS = -(1 << 62)
"""Long before any time that the clock tells."""

Outcome = tuple["Controller", tuple[Ask, ...]]


@dataclass(frozen=True, slots=True)
class Controller:
    """The manager's screen. No page open: it is not shown, and nobody is signed in."""

    opened: tuple[Opened, ...] = ()
    staff: SignedIn | None = None
    questions: tuple[Question, ...] = ()
    said: Said | None = None
    gate_there: bool = True
    next_id: int = 1
    touched_ns: int = 0
    asked_ns: int = 0
    """When the gate was last asked anything in this session."""

    @property
    def shown(self) -> bool:
        """Whether the manager's screen is up."""
        return bool(self.opened)

    # what a person does

    def enter(self, now_ns: int) -> Outcome:
        """Somebody has held the corner: ask for the PIN."""
        if self.shown:
            return self, ()
        return _open(replace(self, touched_ns=now_ns), SignInPage(), now_ns)

    def touch(self, now_ns: int) -> Outcome:
        """Somebody is there."""
        if not self.shown:
            return self, ()
        here = replace(self, touched_ns=now_ns)
        if self.staff is None or now_ns - self.asked_ns < STILL_HERE_S * S:
            return here, ()
        return _ask(here, 0, (StillHere(),), now_ns)

    def act(self, act: Act, now_ns: int) -> Outcome:
        """Somebody used a control of the page."""
        if not self.shown:
            return self, ()
        here = replace(self, touched_ns=now_ns, said=None)
        top = here.opened[-1]
        return _follow(here, top.serial, top.page.acted(act), now_ns)

    def back(self, now_ns: int) -> Outcome:
        """Leave the page; from the first one, the manager's screen."""
        if len(self.opened) <= 1:
            return self.leave(now_ns)
        return _close_top(replace(self, touched_ns=now_ns, said=None)), ()

    def leave(self, now_ns: int) -> Outcome:
        """Sign out, and give the screen back to the visitors. Nothing of what was shown is kept."""
        asks: tuple[Ask, ...] = ()
        if self.staff is not None and self.gate_there:
            _, asks = _ask(self, 0, (SignOut(),), now_ns)
        return Controller(gate_there=self.gate_there, next_id=self.next_id + len(asks)), asks

    # what the gate does

    def gate(self, now_ns: int, *, there: bool) -> Outcome:
        """Take note of whether the gate process is there.

        What was asked of one that has gone is not answered. With it went the session: once it is back, whoever was
        signed in signs in again, and nothing of what was shown stays.
        """
        if there == self.gate_there:
            return self, ()
        here = replace(self, gate_there=there)
        if not there:
            return _give_up(here, here.questions, now_ns, say="")
        if here.staff is not None:
            return _signed_out(here, now_ns)
        if not here.shown:
            return here, ()
        top = here.opened[-1]
        return _follow(replace(here, said=None), top.serial, top.page.opened(), now_ns)

    def answer(self, answer: Answer, now_ns: int) -> Outcome:
        """Take the gate's answer to the page that asked."""
        question = next((asked for asked in self.questions if asked.id == answer.id), None)
        if question is None:
            return self, ()
        rest = replace(self, questions=tuple(asked for asked in self.questions if asked is not question))
        if answer.reply is None:
            return _refused(rest, question, answer.code or Refused.FAILED, answer.detail, now_ns)
        if isinstance(answer.reply, SignedIn):
            signed_in = replace(rest, staff=answer.reply, opened=(), said=None, touched_ns=now_ns, asked_ns=now_ns)
            return _open(signed_in, Menu(answer.reply.role), now_ns)
        page = _page(rest, question.serial)
        if page is None:
            return rest, ()
        return _follow(rest, question.serial, page.answered(question.request, answer.reply), now_ns)

    # what time does

    def tick(self, now_ns: int) -> Outcome:
        """Go on, as time has passed."""
        if not self.shown:
            return self, ()
        if self._idle_left_ns(now_ns) <= 0:
            return self.leave(now_ns)
        late = tuple(asked for asked in self.questions if _is_late(asked, now_ns))
        here, asks = _give_up(self, late, now_ns, say="frame.no_answer")
        if here.said is not None and now_ns - here.said.at_ns >= SAID_S * S:
            here = replace(here, said=None)
        top = here.opened[-1]
        every = type(top.page).EVERY_S
        if not every or now_ns - top.ticked_ns < every * S:
            return here, asks
        there, more = _tick_page(here, now_ns)
        return there, asks + more

    # what is drawn

    def frame(self, words: Words, now_ns: int) -> Frame | None:
        """Return what to draw; None: nothing, the visitors have the screen."""
        if not self.opened:
            return None
        page = self.opened[-1].page
        left = self._idle_left_ns(now_ns)
        return Frame(
            view=page.view(words),
            page=page.NAME,
            who=words[f"manager.role.{self.staff.role}"] if self.staff else "",
            back=self._back(words),
            said=self._sentence(words),
            said_good=self.gate_there and self.said is not None and self.said.good,
            busy=any(now_ns - asked.asked_ns >= S for asked in self.questions if asked.serial),
            seconds_left=max(1, -(-left // S)) if left <= WARN_S * S else 0,
        )

    def _back(self, words: Words) -> str:
        if len(self.opened) > 1:
            return words["manager.frame.back"]
        return "" if self.staff else words["manager.frame.cancel"]

    def _sentence(self, words: Words) -> str:
        if not self.gate_there:
            return words["manager.frame.gate_gone"]
        return words[f"manager.{self.said.key}"].format(detail=self.said.detail) if self.said else ""

    def _idle_left_ns(self, now_ns: int) -> int:
        idle_s = self.staff.idle_s if self.staff else SIGN_IN_IDLE_S
        return self.touched_ns + idle_s * S - now_ns


# How one follows from the other


def _is_late(asked: Question, now_ns: int) -> bool:
    return now_ns - asked.asked_ns >= PATIENCE_S.get(type(asked.request), ANSWER_S) * S


def _page(here: Controller, serial: int) -> ManagerPage | None:
    return next((opened.page for opened in here.opened if opened.serial == serial), None)


def _begin(name: str, staff: SignedIn | None) -> ManagerPage | None:
    """Return the page with that name, if it is for the role of whoever has signed in."""
    kinds = (kind for kind in PAGES if staff and name == kind.NAME and staff.role in kind.ROLES)
    return next((kind.begin(staff.role) for kind in kinds if staff), None)


def _open(here: Controller, page: ManagerPage, now_ns: int) -> Outcome:
    serial = here.next_id
    here = replace(here, opened=(*here.opened, Opened(serial, page, now_ns)), next_id=serial + 1)
    return _follow(here, serial, page.opened(), now_ns)


def _close_top(here: Controller) -> Controller:
    *rest, closed = here.opened
    if rest:
        rest[-1] = replace(rest[-1], ticked_ns=NEVER_NS)  # what changed meanwhile is seen at once
    questions = tuple(asked for asked in here.questions if asked.serial != closed.serial)
    return replace(here, opened=tuple(rest), questions=questions)


def _tick_page(here: Controller, now_ns: int) -> Outcome:
    *rest, top = here.opened
    here = replace(here, opened=(*rest, replace(top, ticked_ns=now_ns)))
    if any(asked.serial == top.serial for asked in here.questions):
        return here, ()  # it still waits for what it asked before
    return _follow(here, top.serial, top.page.ticked(), now_ns)


def _follow(here: Controller, serial: int, turn: Turn, now_ns: int) -> Outcome:
    """Do what a page has said: the page itself, its questions, its sentence, and last where to go."""
    opened = tuple(replace(one, page=turn.page) if one.serial == serial else one for one in here.opened)
    here, asks = _ask(replace(here, opened=opened), serial, turn.asks, now_ns)
    if turn.say:
        here = replace(here, said=Said(turn.say, "", good=True, at_ns=now_ns))
    if here.opened[-1].serial != serial:
        return here, asks  # somebody has gone on meanwhile
    if turn.go == "back":
        return (_close_top(here) if len(opened) > 1 else here), asks
    page = turn.to or _begin(turn.go, here.staff)
    if page is None:
        return here, asks
    here, more = _open(here, page, now_ns)
    return here, asks + more


def _ask(here: Controller, serial: int, requests: tuple[Request, ...], now_ns: int) -> Outcome:
    if not requests:
        return here, ()
    first, session = here.next_id, here.staff.session if here.staff else ""
    asked = tuple(Question(first + n, serial, request, now_ns) for n, request in enumerate(requests))
    here = replace(here, next_id=first + len(asked))
    if not here.gate_there:
        return _give_up(here, asked, now_ns, say="")
    here = replace(here, questions=(*here.questions, *asked), asked_ns=now_ns)
    return here, tuple(Ask(id=one.id, session=session, request=one.request) for one in asked)


def _give_up(here: Controller, questions: tuple[Question, ...], now_ns: int, *, say: str) -> Outcome:
    """Treat questions as failed."""
    here = replace(here, questions=tuple(one for one in here.questions if one not in questions))
    asks: tuple[Ask, ...] = ()
    for question in questions:
        here, more = _refused(here, question, Refused.FAILED, "", now_ns)
        asks += more
        if say and question.serial:
            here = replace(here, said=Said(say, "", good=False, at_ns=now_ns))
    return here, asks


def _signed_out(here: Controller, now_ns: int) -> Outcome:
    """Begin again: the gate has ended the session, or the gate process is a new one."""
    said = Said("refused.signed_out", "", good=False, at_ns=now_ns)
    anew = Controller(gate_there=here.gate_there, next_id=here.next_id, touched_ns=now_ns, said=said)
    return _open(anew, SignInPage(), now_ns)


def _refused(here: Controller, question: Question, code: Refused, detail: str, now_ns: int) -> Outcome:
    if code is Refused.SIGNED_OUT and here.staff is not None:
        return _signed_out(here, now_ns)
    page = _page(here, question.serial)
    if page is None:
        return here, ()
    turn = page.refused(question.request, code, detail)
    if turn is None:
        here, turn = replace(here, said=Said(f"refused.{code}", detail, good=False, at_ns=now_ns)), Turn(page)
    return _follow(here, question.serial, turn, now_ns)
