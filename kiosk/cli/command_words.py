"""What the codes of results say to an operator, each with what to do next where there is something."""

from kiosk.api.sentences import catalogue
from kiosk.domain.command import OPENING_MAX_S, SKEW_S, Refusal
from kiosk.domain.command_course import ALREADY, INTERRUPTED, SUPERSEDED

_REFUSALS = {
    Refusal.RETAINED: "the broker had kept it from some other time; clear the retained message, and send anew",
    Refusal.MALFORMED: "it is no command that this kiosk can read; is its software older than yours?",
    Refusal.UNKNOWN_KEY: "the kiosk does not know the key, or both signatures are by one; look at its centre-keys.toml",
    Refusal.BAD_SIGNATURE: "the signature is not good for that topic; sign and send anew",
    Refusal.NOT_PERMITTED: "a key that signed it may not say this; look at `may` in the kiosk's centre-keys.toml",
    Refusal.ONE_KEY_IS_NOT_ENOUGH: "two people have to sign this; let the second one countersign it, or --second-key",
    Refusal.ELSEWHERE: "it is for another kiosk, or came on another command's topic",
    Refusal.LEDGER_UNAVAILABLE: "the kiosk cannot keep what it has done; look at its disk and at state/commands.json",
    Refusal.REPEATED: "it, or a newer command of that key, has been there before; is your clock behind?",
    Refusal.CLOCK_UNSET: "the kiosk does not know the time; sign anew within a minute, with its nonce",
    Refusal.TOO_LONG: f"it would be good for too long; an opening may be so for {OPENING_MAX_S} s, others for a day",
    Refusal.NOT_YET: f"it is dated more than {SKEW_S} s after the kiosk's time; set your clock",
    Refusal.EXPIRED: "by the kiosk's clock it came too late, or before its ledger began; send anew, set your clock",
    Refusal.REMOTE_OPENING_OFF: "this kiosk lets nobody in from afar; [centre] remote_opening turns that on",
    Refusal.BUSY: "another opening is under way; try again in a moment",
    Refusal.NOT_NOW: "the door lets nobody in now: fire, lockdown, maintenance or a fault",
}
_OTHERS = {
    ALREADY: "the door is run in that way already",
    SUPERSEDED: "somebody asked for another mode before this one came into force",
    INTERRUPTED: "the gate process ended before the command did; it is not done again, send anew if it is still wanted",
    "unusable": "a trust list cannot be used; what was in force before stays, and the kiosk's log says why",
}


def meaning(code: str) -> str:
    """Return what a code says; a code that this version does not know, as it is."""
    known = {refusal.value: words for refusal, words in _REFUSALS.items()} | _OTHERS
    return known.get(code) or catalogue("en").get(f"reason.{code}", code).rstrip(".")
