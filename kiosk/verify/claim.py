"""The provisioning code (`GKP1:`): all that a new kiosk has to know to ask for its certificate, in one QR code.

`GKP1:` and, in Base45, a CBOR map: 1 the service as `[host, port]`, 2 the SHA-256 of its authority's certificate (DER),
3 the token, 4 `TENANT/SITE/KIOSK`, 5 the last second at which the token is taken. Nothing signs it: whoever holds up
the code is believed about where to ask, which is why only an installer's command reads it, never the door.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

import cbor2

from kiosk.verify import cbor
from kiosk.verify.base45 import b45decode, b45encode
from kiosk.verify.errors import MalformedError
from kiosk.verify.trust_document import is_name

PREFIX = "GKP1:"
MAX_TEXT = 1024
"""Characters of the longest code; host and names of full length take about 800."""
TOKEN_BYTES, DIGEST_BYTES = 16, 32
_SERVICE, _CA, _TOKEN, _KIOSK, _UNTIL = 1, 2, 3, 4, 5
_HOST = re.compile(r"[A-Za-z0-9:]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9:])?")
"""Signs of host names and addresses; what a name resolves to, TLS decides."""
_LATEST = 253_402_300_800
"""The year 10000, which no clock of this project can tell."""


class ClaimError(ValueError):
    """A text that is no provisioning code, or values that make none."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Where a kiosk asks for its certificate, what it believes and what it shows there.

    Raises ClaimError for values that the format does not have.
    """

    host: str
    port: int
    ca_sha256: bytes
    token: bytes = field(repr=False)
    kiosk: str
    """`TENANT/SITE/KIOSK`."""
    until: datetime
    """The last second at which the token is taken, aware."""

    def __post_init__(self) -> None:
        names = self.kiosk.split("/")
        if not (
            _HOST.fullmatch(self.host)
            and 1 <= self.port <= 65_535
            and len(self.ca_sha256) == DIGEST_BYTES
            and len(self.token) == TOKEN_BYTES
            and len(names) == 3
            and all(map(is_name, names))
        ):
            raise ClaimError("not a provisioning code")


def encode(claim: Claim) -> str:
    """Return the text of a code, of signs that a QR code holds in its compact way (but for none)."""
    content = {
        _SERVICE: [claim.host, claim.port],
        _CA: claim.ca_sha256,
        _TOKEN: claim.token,
        _KIOSK: claim.kiosk,
        _UNTIL: int(claim.until.timestamp()),
    }
    return f"{PREFIX}{b45encode(cbor2.dumps(content)).decode()}"


def decode(text: str) -> Claim:
    """Read a code, whoever made it. Raises ClaimError with a text that repeats nothing of it."""
    if not text.startswith(PREFIX) or len(text) > MAX_TEXT:
        raise ClaimError("not a provisioning code")
    try:
        content = cbor.decode(b45decode(text.removeprefix(PREFIX)))
    except (MalformedError, ValueError):
        raise ClaimError("not a provisioning code") from None
    match content:
        case {
            1: [str() as host, int() as port],
            2: bytes() as ca,
            3: bytes() as token,
            4: str() as kiosk,
            5: int() as until,
        } if len(content) == 5 and 0 <= until < _LATEST:
            return Claim(host, port, ca, token, kiosk, datetime.fromtimestamp(until, UTC))
        case _:
            raise ClaimError("not a provisioning code")
