"""Who may say what in the centre's name: the keys that a kiosk was provisioned with (DESIGN section 9)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Permission(StrEnum):
    """What a key may say."""

    STORE = "store"
    """'Stored up to number N': the only word that lets a kiosk forget."""
    OPEN = "open"
    LOCKDOWN = "lockdown"
    FREE_PASSAGE = "free_passage"
    NORMAL = "normal"
    MAINTENANCE = "maintenance"
    RELOAD_TRUST = "reload_trust"
    POLICY = "policy"
    SETTINGS = "settings"
    DENY = "deny"
    ROSTER = "roster"
    RESULTS = "results"


@dataclass(frozen=True, slots=True)
class CentreKey:
    """A public key of the centre's, and what it may say."""

    name: str
    """Who it is, on record."""
    key_id: bytes
    """Eight bytes: see kiosk.verify.statement."""
    public: bytes
    """The 32 bytes of an Ed25519 public key."""
    may: frozenset[Permission]


def ack_topic(address: str) -> str:
    """Return where the centre says what it has stored of the kiosk with this address, `TENANT/SITE/KIOSK`."""
    return f"gk/1/{address}/down/ack"


def document_topic(address: str, kind: str) -> str:
    """Return where the centre puts the document of a kind that the kiosk with this address is to take."""
    return f"gk/1/{address}/down/cfg/{kind}"


CentreKeys = Mapping[bytes, CentreKey]
"""By key id. Empty: nobody may say anything."""
