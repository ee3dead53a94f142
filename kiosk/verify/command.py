"""A remote command as bytes: a map of CWT claims (RFC 8392) in a statement that is signed for its topic.

`docs/commands.md` has the table of the claims. `verify` takes steps 1 to 6; `kiosk.domain.command.judge` the others.
"""

import re
from typing import Any

import cbor2

from kiosk.domain.centre import CentreKeys, Permission
from kiosk.domain.command import BY_TWO, ID_SIZE, NONCE_SIZE, Command, CommandName, Refusal, Signed
from kiosk.domain.reasons import Reason
from kiosk.domain.situation import Direction
from kiosk.verify import cbor, cose, statement
from kiosk.verify.envelope import CTI, EXP, IAT
from kiosk.verify.errors import MalformedError
from kiosk.verify.statement import StatementError

MAX_COMMAND = 2048
"""Bytes of a command with its signatures; one has about 200, one by two keys about 300."""
AUD, NONCE = 3, 10
COUNTER, NAME, ARGUMENTS = -70021, -70022, -70023
"""Private use claims (RFC 8392 section 9.1: integers below -65536)."""
DIRECTION, REASON = "direction", "reason"
_NAMES = frozenset(CommandName)
_NEEDED = frozenset({AUD, EXP, IAT, CTI, COUNTER, NAME})
_KNOWN = _NEEDED | {NONCE, ARGUMENTS}
_MAX_NUMBER = (1 << 53) - 1
_AUDIENCE = re.compile(r"[a-z0-9][a-z0-9-]{0,62}(?:/[a-z0-9][a-z0-9-]{0,62}){2}")
_CODE = re.compile(r"[a-z][a-z_]{0,31}")


def encode(command: Command) -> bytes:
    """Return the claims of a command: what is signed. Raises ValueError for what no kiosk would read."""
    claims: dict[int, object] = {
        AUD: command.audience, EXP: command.expires_at, IAT: command.issued_at, CTI: bytes.fromhex(command.id),
        COUNTER: command.counter, NAME: command.name.value,
    }  # fmt: skip
    if command.nonce:
        claims[NONCE] = command.nonce
    if command.name is CommandName.OPEN:
        claims[ARGUMENTS] = {DIRECTION: command.direction.value} | ({REASON: command.reason} if command.reason else {})
    data = cbor2.dumps(claims)
    if read(data) != command:
        raise ValueError("only an opening has a direction and a reason")
    return data


def read(payload: bytes) -> Command:
    """Read the claims of a command, nothing judged. Raises MalformedError, also for a claim that it does not know."""
    claims = cbor.decode(payload)
    _require(isinstance(claims, dict) and _NEEDED <= claims.keys() <= _KNOWN)
    name, audience, nonce = claims[NAME], claims[AUD], claims.get(NONCE, b"")
    _require(isinstance(name, str) and name in _NAMES)
    _require(isinstance(audience, str) and _AUDIENCE.fullmatch(audience) is not None)
    _require(NONCE not in claims or (isinstance(nonce, bytes) and len(nonce) == NONCE_SIZE))
    _require(isinstance(claims[CTI], bytes) and len(claims[CTI]) == ID_SIZE)
    _require(all(type(claims[key]) is int and 0 < claims[key] <= _MAX_NUMBER for key in (IAT, EXP, COUNTER)))
    _require(claims[EXP] > claims[IAT])
    direction, reason = _arguments(claims.get(ARGUMENTS), CommandName(name))
    return Command(
        claims[CTI].hex(), CommandName(name), audience, claims[IAT], claims[EXP], claims[COUNTER],
        direction, reason, nonce,
    )  # fmt: skip


def _arguments(arguments: Any, name: CommandName) -> tuple[Direction, str]:
    """Return direction and reason of an opening; other commands have no arguments."""
    if name is not CommandName.OPEN:
        _require(arguments is None)
        return Direction.ENTRY, ""
    _require(isinstance(arguments, dict) and {DIRECTION} <= arguments.keys() <= {DIRECTION, REASON})
    direction, reason = arguments[DIRECTION], arguments.get(REASON, "")
    _require(direction in ("entry", "exit"))
    _require(REASON not in arguments or (isinstance(reason, str) and _CODE.fullmatch(reason) is not None))
    return Direction(direction), reason


def _require(holds: bool) -> None:
    if not holds:
        raise MalformedError(Reason.CLAIMS_INVALID)


def verify(data: bytes, topic: str, keys: CentreKeys, *, retained: bool) -> Signed | Refusal:
    """Verify what came as a command on a topic; `retained`: the broker had kept it."""
    # 1. said now
    if retained:
        return Refusal.RETAINED
    # 2. of bounded size   3. a statement   4. by keys that are known, their signatures good for this topic
    if len(data) > MAX_COMMAND:
        return Refusal.MALFORMED
    try:
        opened = statement.opened(data, topic, keys)
        command = read(opened.payload)
        # 5. each of them may say this
        opened.require(Permission(command.name.value))
    except StatementError as error:
        return Refusal(error.code)
    except MalformedError:
        return Refusal.MALFORMED
    # 6. by two, where one is not enough
    if command.name in BY_TWO and len(opened.signers) < statement.MAX_SIGNERS:
        return Refusal.ONE_KEY_IS_NOT_ENOUGH
    return Signed(command, opened.signers[0].key_id.hex(), tuple(signer.name for signer in opened.signers))


def claimed(data: bytes) -> Command:
    """Return what a command says, without believing it: for whoever is asked to sign it too. Raises MalformedError."""
    for _ in range(statement.MAX_SIGNERS):
        data = cose.parse(data).payload
        try:
            return read(data)
        except MalformedError:
            continue
    raise MalformedError(Reason.CLAIMS_INVALID)
