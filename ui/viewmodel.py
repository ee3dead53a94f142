"""What the screen shows: a pure function from what the gate says and what the visitor chose.

Nothing here knows Qt, a clock or a socket; `now_ns` is CLOCK_MONOTONIC. Every text comes from
`kiosk/api/sentences`, so nothing that a code contained can reach the screen.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache

from kiosk.api.messages import Page, Snapshot
from kiosk.api.sentences import catalogue, languages
from kiosk.domain.reasons import NextStep, Reason, next_step
from kiosk.domain.situation import Direction
from ui.choices import RESTING, Choices, next_language

MS = 1_000_000
CHECKING_AFTER_MS = 300
"""A check shorter than this shows only that the code was read: a page that flashes by explains nothing."""


class Tone(StrEnum):
    """The colour of a page. Shape, words and sound say the same (DESIGN: never colour alone)."""

    CALM = "calm"
    GOOD = "good"
    BAD = "bad"
    CARE = "care"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Status:
    """One thing that staff should know, small, beside the clock."""

    icon: str
    text: str


@dataclass(frozen=True, slots=True)
class AlarmStrip:
    """What people at the door are told while an alarm stands."""

    icon: str
    text: str
    urgent: bool
    """Nobody has come for long."""
    confirmed: bool
    """Staff has seen it: the control by which they say so is gone."""


@dataclass(frozen=True, slots=True)
class Footer:
    """Labels of what is always there."""

    language: str
    """The other language's own name."""
    help: str
    text_size: str
    contrast: str


@dataclass(frozen=True, slots=True)
class Screen:
    """Everything that is drawn, as words and names."""

    page: Page
    tone: Tone
    icon: str
    title: str
    footer: Footer
    choices: Choices
    hint: str = ""
    reason: str = ""
    """Why not, as a sentence."""
    next_step: str = ""
    """What to do now, as a sentence."""
    countdown: float = 0.0
    """The part of the page's time that is left, 1 to 0; 0 as well where the page does not end by itself."""
    guide: str = ""
    """On the idle page: the drawing beside a title that says how to hold a code so that it can be read; else empty."""
    preview: bool = False
    """Whether the camera picture belongs on this page."""
    aim: bool = True
    """Whether a code is held before the camera; otherwise it has failed, and a scanner reads."""
    status: Status | None = None
    alarm: AlarmStrip | None = None
    longer: str = ""
    """Label of the control by which whoever is on the way through asks for more time; empty where there is none."""
    reason_code: str = ""
    """The code behind `reason` or behind the guide, empty where it is not known here. Names saved pictures."""


_LOOK: dict[Page, tuple[Tone, str]] = {
    Page.IDLE: (Tone.CALM, "phone"),
    Page.QR_READ: (Tone.CALM, "code-read"),
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
_BLIND = ("lost", "dark", "frozen")
_REASONS = frozenset(map(str, Reason))
_STEPS = frozenset(map(str, NextStep))


@dataclass(frozen=True, slots=True)
class _Said:
    """The words of a page and the drawing that goes with them."""

    tone: Tone
    icon: str
    title: str
    hint: str = ""
    reason: str = ""
    next_step: str = ""
    guide: str = ""
    code: str = ""


def look(snapshot: Snapshot | None, choices: Choices, now_ns: int) -> Screen:
    """Return what to show for the gate's newest `snapshot`; None when the gate process is gone."""
    if snapshot is None:
        snapshot = Snapshot(page=Page.OUT_OF_ORDER, reasons=(Reason.GATE_UNREACHABLE,))
    words = _words(choices.language, snapshot.direction)
    page = _page(snapshot, now_ns)
    said = _say(page, snapshot, words)
    return Screen(
        page=page,
        tone=said.tone,
        icon=said.icon,
        title=said.title,
        footer=_footer(choices),
        choices=choices,
        hint=said.hint,
        reason=said.reason,
        next_step=said.next_step,
        countdown=_left(snapshot, now_ns) if page is Page.REFUSED else 0.0,
        guide=said.guide,
        preview=page is Page.IDLE and snapshot.camera == "ok",
        aim=snapshot.camera not in _BLIND,
        status=_status(snapshot, choices.language) if said.tone is Tone.CALM else None,
        alarm=_alarm(snapshot, words) if page in RESTING else None,
        longer=words["page.longer"] if page is Page.ADMITTED and snapshot.more_time == "offered" else "",
        reason_code=said.code,
    )


@cache
def _words(language: str, direction: Direction) -> Mapping[str, str]:
    """Return the sentences of a language; those of a way out in the place of those of a way in."""
    words = catalogue(language)
    if direction is Direction.ENTRY:
        return words
    out = {key: words[f"{key}_exit"] for key in words if key.startswith("page.") and f"{key}_exit" in words}
    return {**words, **out}


def _say(page: Page, snapshot: Snapshot, words: Mapping[str, str]) -> _Said:
    tone, icon = _LOOK[page]
    said = _Said(tone, icon, words[f"page.{page}"], words.get(f"page.{page}_hint", ""))
    code = _first_known(snapshot.reasons)
    match page:
        case Page.IDLE:
            title, hint, code = _idle(snapshot, words)
            return replace(said, title=title, hint=hint, guide=_GUIDES.get(code, ""), code=code)
        case Page.ADMITTED:
            people, longer = snapshot.people, snapshot.more_time == "given"
            title = words["page.admitted_people"].format(people=people) if people > 1 else said.title
            return replace(said, title=title, hint=words["page.longer_given"] if longer else said.hint)
        case Page.REFUSED:
            return _refused(said, snapshot, code, words)
        case Page.STAFF | Page.OUT_OF_ORDER | Page.FIRE:
            return replace(said, reason=words[f"reason.{code}"] if code else "", code=code)
        case _:
            return said


def _refused(said: _Said, snapshot: Snapshot, code: str, words: Mapping[str, str]) -> _Said:
    reason = words[f"reason.{code}"] if code else words["page.reason_unknown"]
    step = _step(snapshot.next_step, code)
    said = replace(said, reason=reason, next_step=words[f"next.{step}"], code=code)
    if snapshot.more:
        said = replace(said, tone=Tone.CARE, icon="triangle", title=words["page.more"])
    if code == Reason.NOT_PASSED:
        # Nothing is wrong with the visitor or the code.
        said = replace(said, tone=Tone.CARE, icon="hourglass", title=words["page.not_passed"])
    return replace(said, icon=_STEP_ICONS.get(step, said.icon))


def starting(choices: Choices) -> Screen:
    """Return what to show while the gate process has not yet said anything at all."""
    words = catalogue(choices.language)
    return Screen(
        page=Page.OUT_OF_ORDER,
        tone=Tone.CALM,
        icon="hourglass",
        title=words["page.starting"],
        hint=words["page.starting_hint"],
        footer=_footer(choices),
        choices=choices,
    )


def _idle(snapshot: Snapshot, words: Mapping[str, str]) -> tuple[str, str, str]:
    """Return title, hint and the code of what to say while nobody is answered."""
    if snapshot.camera in _BLIND:
        return words["page.idle_scanner"], words["page.idle_scanner_hint"], ""
    parts_fit = snapshot.hint != "next_part" or 0 < snapshot.part < snapshot.parts
    if snapshot.hint in _GUIDES and parts_fit:
        said = words[f"hint.{snapshot.hint}"].format(part=snapshot.part, parts=snapshot.parts)
        return said, "", snapshot.hint
    return words["page.idle"], words["page.idle_hint"], ""


def _page(snapshot: Snapshot, now_ns: int) -> Page:
    waited = now_ns - snapshot.since_ns
    if snapshot.page is Page.QR_READ and snapshot.since_ns and waited >= CHECKING_AFTER_MS * MS:
        return Page.CHECKING
    return snapshot.page


def _left(snapshot: Snapshot, now_ns: int) -> float:
    whole = snapshot.until_ns - snapshot.since_ns
    if not snapshot.until_ns or whole <= 0:
        return 0.0
    return min(1.0, max(0.0, (snapshot.until_ns - now_ns) / whole))


def _first_known(codes: tuple[str, ...]) -> str:
    return next((code for code in codes if code in _REASONS), "")


def _step(step: str, reason: str) -> str:
    """Return the gate's next step where it is one, else the one that belongs to the reason, else the staff."""
    if step in _STEPS:
        return step
    return next_step(Reason(reason)) if reason else NextStep.ASK_STAFF


def _footer(choices: Choices) -> Footer:
    words = catalogue(choices.language)
    return Footer(
        language=catalogue(next_language(choices.language, languages()))["page.language_name"],
        help=words["page.help"],
        text_size=words["page.text_size"],
        contrast=words["page.contrast"],
    )


def _alarm(snapshot: Snapshot, words: Mapping[str, str]) -> AlarmStrip | None:
    """Return what is said of the alarm; only while nobody is being answered, whose answer comes first."""
    text = words.get(f"alarm.{snapshot.alarm}", "")
    if not text:
        return None
    urgent = snapshot.alarm_level > 1 and not snapshot.alarm_seen
    if urgent:
        text = words["page.alarm_urgent"].format(alarm=text)
    return AlarmStrip("octagon" if urgent else "triangle", text, urgent, snapshot.alarm_seen)


def _status(snapshot: Snapshot, language: str) -> Status | None:
    """Return the most telling trouble that does not stop the door."""
    words = catalogue(language)
    if snapshot.camera != "ok":
        return Status("camera", words[f"page.camera_{snapshot.camera}"])
    if snapshot.clock == "unset":
        return Status("clock-alert", words["page.clock_unset"])
    if snapshot.link == "down":
        return Status("cloud-off", words["page.offline"])
    return None
