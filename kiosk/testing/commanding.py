"""Two people who may command a kiosk from afar, what they sign, and a ledger without a disk."""

import base64
from dataclasses import dataclass, field, replace
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.api.messages import CommandOffer
from kiosk.domain.centre import Permission
from kiosk.domain.command import Command, CommandName, Ledger, topic_of
from kiosk.testing.centre_keys import known, made_key
from kiosk.verify import command as commands
from kiosk.verify.statement import countersign, sign

ADDRESS = "local/main/kiosk"
MAY = [Permission(name.value) for name in CommandName]
ANNA, BINH = made_key(11), made_key(12)
KEYS = known(anna=(ANNA, MAY), binh=(BINH, MAY))


def order(
    name: CommandName, number: int, now: datetime, *keys: Ed25519PrivateKey, address: str = ADDRESS, **changes: object
) -> CommandOffer:
    """Return a command as the bridge hands it over: the `number`th of Anna, or of the first of `keys`."""
    at = int(now.timestamp())
    command = Command(f"{number:032x}", name, address, at, at + 15, number)
    command = replace(command, **changes)  # type: ignore[arg-type]
    topic = topic_of(address, name)
    first, *others = keys or (ANNA,)
    data = sign(commands.encode(command), first, topic)
    for key in others:
        data = countersign(data, key, topic)
    return CommandOffer(topic=topic, command=base64.b64encode(data))


@dataclass(slots=True)
class MemoryLedger:
    """A ledger in memory; `broken` makes every write fail, as a full disk does."""

    current: Ledger | None = field(default_factory=lambda: Ledger(created=0))
    broken: bool = False
    kept: list[Ledger] = field(default_factory=list)

    def keep(self, ledger: Ledger) -> None:
        """Take a ledger in place of the one before. Raises OSError while broken."""
        if self.broken:
            raise OSError("broken on purpose")
        self.kept.append(ledger)
        self.current = ledger
