"""What the screen shows: a pure function from what the gate says and what the visitor chose.

Nothing here knows Qt, a clock or a socket; `now_ns` is CLOCK_MONOTONIC. What is drawn is in `ui.screen`, what each page
says in `ui.said`.
"""

from dataclasses import dataclass

from kiosk.api.messages import Page, Snapshot
from kiosk.api.sentences import catalogue
from kiosk.domain.gate_screen import REFUSED_MS
from kiosk.domain.reasons import Reason
from ui.choices import RESTING, Choices, next_language
from ui.said import BLIND, MS, Words, say, words_of
from ui.screen import AlarmStrip, Footer, Language, Screen, Status, Tone

__all__ = ["CHECKING_AFTER_MS", "MS", "AlarmStrip", "Footer", "Offer", "Screen", "Status", "Tone", "look", "starting"]

CHECKING_AFTER_MS = 300
"""A check shorter than this shows only that the code was read: a page that flashes by explains nothing."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What visitors can choose at this kiosk."""

    languages: tuple[str, ...] = ("vi", "en")
    voice: bool = False
    """Whether the screen can be read out."""


HERE = Offer()


def look(
    snapshot: Snapshot | None, choices: Choices, now_ns: int, offer: Offer = HERE, *, choosing: bool = False
) -> Screen:
    """Return what to show for the gate's newest `snapshot`; None when the gate process is gone.

    `choosing`: somebody looks for their language.
    """
    if snapshot is None:
        snapshot = Snapshot(page=Page.OUT_OF_ORDER, reasons=(Reason.GATE_UNREACHABLE,))
    words = words_of(choices.language, snapshot.direction)
    page = _page(snapshot, now_ns)
    said = say(page, snapshot, words, now_ns)
    asked = page is Page.STAFF and said.code == Reason.HELP_REQUESTED
    return Screen(
        page=page,
        tone=said.tone,
        icon=said.icon,
        title=said.title,
        footer=_footer(choices, offer),
        choices=choices,
        hint=said.hint,
        reason=said.reason,
        next_step=said.next_step,
        waited=said.waited,
        countdown=_left(page, snapshot, now_ns),
        guide=said.guide,
        preview=page in (Page.IDLE, Page.ALIGN) and snapshot.camera == "ok",
        aim=snapshot.camera not in BLIND,
        status=_status(snapshot, words) if said.tone is Tone.CALM else None,
        alarm=_alarm(snapshot, words) if page in RESTING else None,
        longer=words["page.longer"] if page is Page.ADMITTED and snapshot.more_time == "offered" else "",
        help_over=words["page.help_over"] if asked else "",
        languages=_languages(choices, offer) if choosing else (),
        reason_code=said.code,
        calls=snapshot.calls if page is Page.STAFF else 0,
    )


def starting(choices: Choices, offer: Offer = HERE) -> Screen:
    """Return what to show while the gate process has not yet said anything at all."""
    words = catalogue(choices.language)
    return Screen(
        page=Page.OUT_OF_ORDER,
        tone=Tone.CALM,
        icon="hourglass",
        title=words["page.starting"],
        hint=words["page.starting_hint"],
        footer=_footer(choices, offer),
        choices=choices,
    )


def _page(snapshot: Snapshot, now_ns: int) -> Page:
    waited = now_ns - snapshot.since_ns
    if snapshot.page is Page.QR_READ and snapshot.since_ns and waited >= CHECKING_AFTER_MS * MS:
        return Page.CHECKING
    return snapshot.page


def _left(page: Page, snapshot: Snapshot, now_ns: int) -> float:
    """Return how much is left. More time that somebody asked for comes first, and nothing runs down meanwhile."""
    whole = min(snapshot.until_ns - snapshot.since_ns, REFUSED_MS * MS)
    if page is not Page.REFUSED or not snapshot.until_ns or whole <= 0:
        return 0.0
    return min(1.0, max(0.0, (snapshot.until_ns - now_ns) / whole))


def _footer(choices: Choices, offer: Offer) -> Footer:
    words = catalogue(choices.language)
    other = next_language(choices.language, offer.languages)
    several, alone = len(offer.languages) > 2, offer.languages == (choices.language,)
    return Footer(
        language=words["page.language"] if several else "" if alone else catalogue(other)["page.language_name"],
        help=words["page.help"],
        text_size=words["page.text_size"],
        contrast=words["page.contrast"],
        read_aloud=words["page.read_aloud"] if offer.voice else "",
    )


def _languages(choices: Choices, offer: Offer) -> tuple[Language, ...]:
    return tuple(
        Language(code, catalogue(code)["page.language_name"], code == choices.language) for code in offer.languages
    )


def _alarm(snapshot: Snapshot, words: Words) -> AlarmStrip | None:
    """Return what is said of the alarm; only while nobody is being answered, whose answer comes first."""
    text = words.get(f"alarm.{snapshot.alarm}", "")
    if not text:
        return None
    urgent = snapshot.alarm_level > 1 and not snapshot.alarm_seen
    if urgent:
        text = words["page.alarm_urgent"].format(alarm=text)
    return AlarmStrip("octagon" if urgent else "triangle", text, urgent, snapshot.alarm_seen)


def _status(snapshot: Snapshot, words: Words) -> Status | None:
    """Return the most telling trouble that does not stop the door."""
    if snapshot.camera != "ok":
        return Status("camera", words[f"page.camera_{snapshot.camera}"])
    if snapshot.clock == "unset":
        return Status("clock-alert", words["page.clock_unset"])
    if snapshot.link == "down":
        return Status("cloud-off", words["page.offline"])
    return None
