"""Birth dates that can be compared and not read: what a pass carries to be matched with a citizen card.

The hash is `sha256(pass id + 0x00 + date as YYYY-MM-DD)`, its first 16 bytes. The pass id is the salt: the passes of
one person cannot be linked by it, and no table made beforehand helps. It does not keep the date secret from a program:
there are only some 40,000 days to try. It keeps it from being shown, logged or read in passing.
"""

import hashlib
from dataclasses import dataclass
from datetime import date

SIZE = 16


def birth_hash(pass_id: bytes, birth_date: str) -> bytes:
    """Return the hash of a whole ISO 8601 date. Raises ValueError for anything else and for an empty pass id."""
    if not pass_id:
        raise ValueError("a birth date is hashed with the id of its pass")
    day = date.fromisoformat(birth_date).isoformat()
    return hashlib.sha256(pass_id + b"\0" + day.encode()).digest()[:SIZE]


@dataclass(frozen=True, slots=True)
class HiddenBirthDate:
    """The birth date of a pass's holder, as far as the pass says it."""

    pass_id: bytes
    digest: bytes

    def fits(self, birth_date: str) -> bool:
        """Tell whether it is this day.

        False for a partial date: 16 bytes of a hash have no part that fits. A time of day that some issuers add is
        passed over.
        """
        try:
            return self.digest == birth_hash(self.pass_id, birth_date.partition("T")[0])
        except ValueError:
            return False
