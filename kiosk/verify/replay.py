"""The inputs of a decision, made small and nameless, so that it can be made again (`kiosk explain`).

What is kept is what `kiosk.domain.policy.weigh` needs to give the same answer, and not more: no name, no text of a
code, no signature, no number of a card or certificate. A person is a number with the numbers of the pieces that
named the same person; a credential's id is a number as well. The birth date is kept only where the answer hangs on
it. Of a code whose signature was not found to be good nothing is kept that it claims, but for the issuer and the key
that an unknown one names, and what rules may look at of an unsigned card.

Bytes are canonical JSON (sorted keys, no spaces, ASCII), at most `MAX_KEPT`. Reading them back makes `Verified` again:
they come out of an authenticated box that only this kiosk could fill (kiosk.adapters.day_keys).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from kiosk.domain.credential import (
    Credential,
    Format,
    Holder,
    Kind,
    Rejected,
    StandIn,
    TrustBasis,
    Verdict,
    Verification,
    Verified,
)
from kiosk.domain.decision import Decision, reasons
from kiosk.domain.events import ClockConfidence
from kiosk.domain.names import is_named, same_person
from kiosk.domain.policy import Policy, weigh
from kiosk.domain.reasons import Reason
from kiosk.domain.situation import Direction, FaceCheck, Situation, Stay

MAX_KEPT = 16 << 10
"""Bytes that the inputs of one decision may take."""
VERSION = 1
DETAILS = (
    "clear", "complete", "country", "dose", "entries", "event_date", "form", "group", "product", "result", "series",
    "target", "zone",
)  # fmt: skip
"""Which of a credential's details rules may look at. Everything else is left out, what nobody has thought of too."""
_PAYLOAD = {
    "v": ("tg", "vp", "mp", "ma", "dn", "sd", "dt", "co", "is"),
    "t": ("tg", "tt", "nm", "ma", "sc", "dr", "tr", "tc", "co", "is"),
    "r": ("tg", "fr", "co", "is", "df", "du"),
}
"""What country rules may look at (EU JSON schema 1.3), less the certificate's identifier `ci`, and `nam`."""


class ReplayError(ValueError):
    """Bytes that are no inputs of a decision, or those of another version."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a decision was made of, nameless."""

    evidence: tuple[Verification, ...]
    situation: Situation
    birth_dates: bool = False
    """Whether birth dates are among it."""
    exact: bool = True
    """Whether they were found to give the decision again when they were kept."""


# making them small


Ask = Callable[[Policy, Sequence[Verification], Situation], tuple[Decision, Verification]]


def keep(
    policy: Policy, evidence: Sequence[Verification], situation: Situation, decision: Decision, ask: Ask = weigh
) -> bytes:
    """Return the inputs of `decision` as bytes; empty where they would be more than `MAX_KEPT`.

    Without birth dates, unless `policy` gives another answer without them; not `exact` where it does in any case,
    as it looked at something that is never kept. What a venue's deny list has decided is kept for what the policy
    would have said.
    """
    if reasons(decision)[:1] == (Reason.DENY_LISTED,):  # not the policy's answer, which nobody asked for
        decision, _ = ask(policy, evidence, situation)

    def gives_it(inputs: Inputs) -> bool:
        return ask(policy, inputs.evidence, inputs.situation)[0] == decision

    inputs = without = nameless(evidence, situation)
    if not gives_it(without):
        inputs = nameless(evidence, situation, birth_dates=True)
        if not gives_it(inputs):
            inputs = replace(without, exact=False)
    data = encode(inputs)
    return data if len(data) <= MAX_KEPT else b""


def nameless(evidence: Sequence[Verification], situation: Situation, *, birth_dates: bool = False) -> Inputs:
    """Return evidence and situation with numbers in the place of persons and of credentials."""
    holders = [piece.credential.holder if piece.credential else Holder() for piece in evidence]
    ids = [piece.credential.credential_id if piece.credential else "" for piece in evidence]
    pseudonyms = {one: f"#{ids.index(one) + 1}" for one in ids if one}

    named = [is_named(holder) for holder in holders]

    def is_same(number: int, at: int) -> bool:
        """Tell whether two pieces name one person; a piece with itself does, where it names anybody."""
        return named[at] if at == number else same_person(holders[number], holders[at])

    def small(number: int, piece: Verification) -> Verification:
        same = frozenset(at for at in range(len(holders)) if is_same(number, at))
        born = holders[number].birth_date if birth_dates else ""
        holder = Holder(birth_date=born, stand_in=StandIn(number, same, named[number]))
        return _small(piece, holder, pseudonyms.get(ids[number], ""))

    pieces = tuple(small(number, piece) for number, piece in enumerate(evidence))
    used = {pseudonyms[one]: times for one, times in situation.used.items() if one in pseudonyms}
    return Inputs(pieces, replace(situation, used=used), birth_dates)


def _small(piece: Verification, holder: Holder, pseudonym: str) -> Verification:
    credential = piece.credential
    if credential is None:
        return piece
    if isinstance(piece, Verified) or (piece.identifiers and piece.verdict is not Verdict.UNSIGNED):
        details = _details(credential.details, holder.birth_date)
        return replace(piece, credential=replace(credential, credential_id=pseudonym, holder=holder, details=details))
    match piece.verdict:
        case Verdict.UNSIGNED:
            details = _details(credential.details, holder.birth_date)
            shown = Credential(credential.format, credential.kind, "", pseudonym, holder, details=details)
        case Verdict.UNKNOWN_ISSUER:
            shown = Credential(credential.format, credential.kind, credential.issuer)
        case _:
            return replace(piece, credential=None, key_id="", identifiers=frozenset())
    return replace(piece, credential=shown, identifiers=frozenset())


def _details(details: Mapping[str, object], born: str) -> dict[str, object]:
    kept = {key: details[key] for key in DETAILS if _is_plain(details.get(key))}
    payload = details.get("payload")
    if isinstance(payload, Mapping):
        kept["payload"] = _payload(payload, born)
    return kept


def _is_plain(value: object) -> bool:
    """Tell whether JSON has a word for a value; for no number does it have one of thousands of digits."""
    return isinstance(value, str | float) or (isinstance(value, int) and abs(value) < 1 << 63)


def _payload(payload: Mapping[Any, Any], born: str) -> dict[str, object]:
    kept: dict[str, object] = {"ver": payload["ver"]} if _is_plain(payload.get("ver")) else {}
    for group, keys in _PAYLOAD.items():
        entries = payload.get(group)
        if isinstance(entries, list):
            kept[group] = [
                {key: entry[key] for key in keys if _is_plain(entry.get(key))}
                for entry in entries if isinstance(entry, Mapping)
            ]  # fmt: skip
    return {**kept, "dob": born} if born else kept


# values to bytes


def encode(inputs: Inputs) -> bytes:
    """Return inputs as canonical JSON."""
    situation = inputs.situation
    said = {
        "v": VERSION,
        "birth_dates": inputs.birth_dates,
        "exact": inputs.exact,
        "situation": {
            **_plain(situation), "now": situation.now.isoformat(), "used": dict(situation.used),
            "stay": None if situation.stay is None else _plain(situation.stay),
        },
        "evidence": [_piece(piece) for piece in inputs.evidence],
    }
    # In ASCII: text that came out of JSON may hold half a surrogate pair, which UTF-8 has no bytes for.
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode("ascii")


def _plain(value: Any) -> dict[str, object]:
    """Return the fields of a dataclass that JSON has a word for: those that others add to it as well."""
    pairs = ((one.name, getattr(value, one.name)) for one in fields(value))
    return {name: item for name, item in pairs if item is None or _is_plain(item)}


def _piece(piece: Verification) -> dict[str, object]:
    said: dict[str, object] = {"key": piece.key_id, "ids": sorted(one.hex() for one in piece.identifiers)}
    if piece.credential is not None:
        said["credential"] = _credential(piece.credential)
    if isinstance(piece, Verified):
        return {**said, "basis": _plain(piece.basis)}
    return {**said, "verdict": piece.verdict, "reasons": list(piece.reasons), "format": piece.format}


_TIMES = ("issued_at", "valid_from", "expires_at")


def _credential(credential: Credential) -> dict[str, object]:
    times = {name: when.isoformat() for name in _TIMES if (when := getattr(credential, name)) is not None}
    said = {
        "format": credential.format, "kind": credential.kind, "issuer": credential.issuer,
        "id": credential.credential_id, "details": dict(credential.details), **times,
    }  # fmt: skip
    holder = credential.holder
    if holder.stand_in is not None:
        stand_in = holder.stand_in
        who = {"number": stand_in.number, "same": sorted(stand_in.same), "named": stand_in.named}
        said["holder"] = {**who, "born": holder.birth_date}
    return said


# bytes to values


def decode(data: bytes) -> Inputs:
    """Return the inputs that `encode` wrote. Raises ReplayError."""
    if len(data) > MAX_KEPT:
        raise ReplayError("larger than the inputs of a decision may be")
    try:
        said = json.loads(data)
        _check_version(said["v"])
        evidence = tuple(_piece_of(piece) for piece in said["evidence"])
        return Inputs(evidence, _situation_of(said["situation"]), bool(said["birth_dates"]), bool(said["exact"]))
    except ReplayError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise ReplayError("no inputs of a decision") from error


def _check_version(version: object) -> None:
    if version != VERSION:
        raise ReplayError("inputs of another version")


def _situation_of(said: Mapping[str, Any]) -> Situation:
    now = datetime.fromisoformat(said["now"])
    if now.utcoffset() is None:
        raise ReplayError("a moment without an offset")
    names = {one.name for one in fields(Situation)}
    words: dict[str, Callable[[Any], object]] = {
        "clock": ClockConfidence, "direction": Direction, "face": FaceCheck, "now": lambda _: now,
        "used": lambda used: {str(one): int(times) for one, times in used.items()},
        "stay": _stay_of,
    }  # fmt: skip
    return Situation(**{name: words.get(name, _same)(item) for name, item in said.items() if name in names})  # type: ignore[arg-type]


def _stay_of(said: Mapping[str, Any] | None) -> Stay | None:
    return None if said is None else Stay(Direction(said["direction"]), int(said["ago_s"]))


def _same(item: Any) -> object:
    return item


def _piece_of(said: Mapping[str, Any]) -> Verification:
    credential = _credential_of(said["credential"]) if "credential" in said else None
    key_id, identifiers = bytes.fromhex(said["key"]).hex(), frozenset(map(bytes.fromhex, said["ids"]))
    if "basis" in said:
        if credential is None:
            raise ReplayError("a verified piece without its content")
        names = {one.name for one in fields(TrustBasis)}
        basis = TrustBasis(**{name: item for name, item in said["basis"].items() if name in names})
        return Verified(credential, key_id, basis, identifiers)
    why = tuple(map(Reason, said["reasons"]))
    form = None if said["format"] is None else Format(said["format"])
    return Rejected(Verdict(said["verdict"]), why, form, credential, key_id, identifiers)


def _credential_of(said: Mapping[str, Any]) -> Credential:
    times = {name: datetime.fromisoformat(said[name]) for name in _TIMES if name in said}
    kind = None if said["kind"] is None else Kind(said["kind"])
    holder = _holder_of(said["holder"]) if "holder" in said else Holder()
    form, issuer, details = Format(said["format"]), str(said["issuer"]), dict(said["details"])
    return Credential(form, kind, issuer, str(said["id"]), holder, details=details, **times)


def _holder_of(said: Mapping[str, Any]) -> Holder:
    stand_in = StandIn(int(said["number"]), frozenset(map(int, said["same"])), bool(said["named"]))
    return Holder(birth_date=str(said["born"]), stand_in=stand_in)
