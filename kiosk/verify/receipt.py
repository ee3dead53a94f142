"""The centre's receipt: 'all events of this epoch up to this number are stored'. It alone ends a kiosk's duty.

A statement on the kiosk's topic `…/down/ack`, whose payload is the CBOR map `{1: epoch, 2: number}`.
"""

from dataclasses import dataclass

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.domain.centre import CentreKeys, Permission
from kiosk.verify import cbor, statement
from kiosk.verify.errors import MalformedError
from kiosk.verify.statement import StatementError

MAX_RECEIPT = 512
"""Bytes."""
MAX_NUMBER = (1 << 53) - 1
_MAX_EPOCH = 64
_EPOCH, _UPTO = 1, 2


@dataclass(frozen=True, slots=True)
class Receipt:
    """The centre has stored all events of `epoch` up to number `upto`."""

    epoch: str
    upto: int


def sign(receipt: Receipt, key: Ed25519PrivateKey, topic: str) -> bytes:
    """Return a signed receipt for the kiosk whose topic this is."""
    return statement.sign(cbor2.dumps({_EPOCH: receipt.epoch, _UPTO: receipt.upto}), key, topic)


def opened(data: bytes, topic: str, keys: CentreKeys) -> Receipt:
    """Return a receipt that a key which may say so has signed. Raises StatementError."""
    if len(data) > MAX_RECEIPT:
        raise StatementError("malformed")
    found = statement.opened(data, topic, keys)
    found.require(Permission.STORE)
    try:
        content = cbor.decode(found.payload)
    except MalformedError:
        raise StatementError("malformed") from None
    match content:
        case {1: str(epoch), 2: int(upto), **rest} if not rest and type(upto) is int:
            if 0 < len(epoch) <= _MAX_EPOCH and 0 <= upto <= MAX_NUMBER:
                return Receipt(epoch, upto)
    raise StatementError("malformed")
