"""What each page says, in the words of a language: pure, and only sentences of `kiosk/api/sentences`.

Nothing that a code contained can therefore reach the screen.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from kiosk.api.messages import Page, Snapshot
from kiosk.api.sentences import catalogue
from kiosk.domain.reasons import NextStep, Reason, next_step
from kiosk.domain.situation import Direction
from ui.screen import Tone

MS = 1_000_000
NEXT_MS = 8_000
"""How long after an admission whoever stands there is called the next one."""
MINUTE_MS = 60_000
MOST_MINUTES = 30
"""Minutes that are counted for whoever waits; more says no more, and each is spoken from a file of its own."""
NOBODY_CAME = 4
"""From this call on, whoever waits is told to look for somebody else."""
Words = Mapping[str, str]

_LOOK: dict[Page, tuple[Tone, str]] = {
    Page.IDLE: (Tone.CALM, "phone"),
    Page.QR_READ: (Tone.CALM, "code-read"),
    Page.ALIGN: (Tone.CALM, "camera"),
    Page.CHECKING: (Tone.CALM, "hourglass"),
    Page.ADMITTED: (Tone.GOOD, "disc-tick"),
    Page.REFUSED: (Tone.BAD, "octagon-cross"),
    Page.STAFF: (Tone.CARE, "person"),
    Page.OUT_OF_ORDER: (Tone.DARK, "barred"),
    Page.LOCKDOWN: (Tone.DARK, "padlock"),
    Page.MAINTENANCE: (Tone.DARK, "wrench"),
    Page.FREE_PASSAGE: (Tone.GOOD, "way-in"),
    Page.FIRE: (Tone.GOOD, "way-out"),
}
_GUIDES = {
    "closer": "hint-closer", "farther": "hint-farther", "light": "hint-light", "still": "hint-still",
    "tilt": "hint-tilt", "flat": "hint-flat", "next_part": "hint-next",
}  # fmt: skip
"""A drawing for each hint of vision."""
_STEP_ICONS: dict[str, str] = {NextStep.WAIT_FOR_ROOM: "hourglass", NextStep.LOOK_AT_CAMERA: "camera"}
"""Steps that a drawing says at a glance, in place of the page's own: they need no code and nobody's help."""
BLIND = ("lost", "dark", "frozen")
_REASONS = frozenset(map(str, Reason))
_STEPS = frozenset(map(str, NextStep))


@dataclass(frozen=True, slots=True)
class Said:
    """The words of a page and the drawing that goes with them."""

    tone: Tone
    icon: str
    title: str
    hint: str = ""
    reason: str = ""
    next_step: str = ""
    waited: str = ""
    guide: str = ""
    code: str = ""


@cache
def words_of(language: str, direction: Direction) -> Words:
    """Return the sentences of a language; those of a way out in the place of those of a way in."""
    words = catalogue(language)
    if direction is Direction.ENTRY:
        return words
    out = {key: words[f"{key}_exit"] for key in words if key.startswith("page.") and f"{key}_exit" in words}
    return {**words, **out}


def say(page: Page, snapshot: Snapshot, words: Words, now_ns: int) -> Said:
    """Return what `page` says."""
    tone, icon = _LOOK[page]
    said = Said(tone, icon, words[f"page.{page}"], words.get(f"page.{page}_hint", ""))
    code = _first_known(snapshot.reasons)
    match page:
        case Page.IDLE:
            return _idle(said, snapshot, words, now_ns)
        case Page.ALIGN:
            return replace(said, hint=words.get(f"align.{snapshot.hint}", said.hint))
        case Page.ADMITTED:
            people, longer = snapshot.people, snapshot.more_time == "given"
            title = words["page.admitted_people"].format(people=people) if people > 1 else said.title
            return replace(said, title=title, hint=words["page.longer_given"] if longer else said.hint)
        case Page.REFUSED:
            return _refused(said, snapshot, code, words)
        case Page.STAFF:
            return _staff(said, snapshot, code, words, now_ns)
        case Page.OUT_OF_ORDER if code:
            return replace(said, reason=words[f"reason.{code}"], hint="", code=code)
        case Page.FIRE:
            return replace(said, reason=words[f"reason.{code}"] if code else "", code=code)
        case _:
            return said


def _idle(said: Said, snapshot: Snapshot, words: Words, now_ns: int) -> Said:
    """Say how to hold a code, else what whoever is next in the line has to know, else what to do."""
    if snapshot.camera in BLIND:
        return replace(said, title=words["page.idle_scanner"], hint=words["page.idle_scanner_hint"])
    parts_fit = snapshot.hint != "next_part" or 0 < snapshot.part < snapshot.parts
    if snapshot.hint in _GUIDES and parts_fit:
        title = words[f"hint.{snapshot.hint}"].format(part=snapshot.part, parts=snapshot.parts)
        return replace(said, title=title, hint="", guide=_GUIDES[snapshot.hint], code=snapshot.hint)
    if snapshot.queue == "full":
        return replace(said, title=words["page.queue_full"], hint=words["page.queue_full_hint"])
    if snapshot.queue == "next" and snapshot.present and now_ns - snapshot.since_ns < NEXT_MS * MS:
        return replace(said, title=words["page.queue_next"], hint=said.title)
    return said


def _refused(said: Said, snapshot: Snapshot, code: str, words: Words) -> Said:
    reason = words[f"reason.{code}"] if code else words["page.reason_unknown"]
    step = _step(snapshot.next_step, code)
    said = replace(said, reason=reason, next_step=words[f"next.{step}"], code=code)
    if snapshot.more:
        said = replace(said, tone=Tone.CARE, icon="triangle", title=words["page.more"])
    if code == Reason.NOT_PASSED:
        # Nothing is wrong with the visitor or the code.
        said = replace(said, tone=Tone.CARE, icon="hourglass", title=words["page.not_passed"])
    return replace(said, icon=_STEP_ICONS.get(step, said.icon))


def _staff(said: Said, snapshot: Snapshot, code: str, words: Words, now_ns: int) -> Said:
    """Say who was called, and for how long nobody has come."""
    if snapshot.calls >= NOBODY_CAME:
        said = replace(said, hint=words["page.staff_nobody"])
    elif snapshot.calls > 1:
        said = replace(said, hint=words["page.staff_again"])
    minutes = min((now_ns - snapshot.since_ns) // (MINUTE_MS * MS), MOST_MINUTES) if snapshot.since_ns else 0
    waited = words["page.staff_waited"].format(minutes=minutes) if minutes > 0 else ""
    # Who asked for help knows it.
    told = code if code != Reason.HELP_REQUESTED else ""
    return replace(said, reason=words[f"reason.{told}"] if told else "", waited=waited, code=code)


def _first_known(codes: tuple[str, ...]) -> str:
    return next((code for code in codes if code in _REASONS), "")


def _step(step: str, reason: str) -> str:
    """Return the gate's next step where it is one, else the one that belongs to the reason, else the staff."""
    if step in _STEPS:
        return step
    return next_step(Reason(reason)) if reason else NextStep.ASK_STAFF
