"""The policy in force: the venue's own file, or the centre's in its place."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from kiosk.adapters.policy_archive import NAME, Document, PolicyArchive, read_policy
from kiosk.config import ConfigError, NotPermittedError
from kiosk.domain.document import Files
from kiosk.domain.policy import Policy


class PolicyStore:
    """Holds the policy. `current` may be read from any thread; who reads it twice may get two."""

    def __init__(self, own: Policy, archive: PolicyArchive, room: Path) -> None:
        self.archive, self._room = archive, room
        self.current = own

    def check(self, files: Files) -> Callable[[], None]:
        """Read a policy with its country rules, from files laid out below `room`; return what takes it into force.

        Raises NotPermittedError, ConfigError, OSError. What it returns raises OSError where the policy cannot be
        archived: a decision that nobody could replay is none to make.
        """
        self._room.mkdir(mode=0o700, parents=True, exist_ok=True)
        with TemporaryDirectory(dir=self._room, prefix=".policy-") as folder:
            for name, content in files.items():
                path = Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            policy, document = read_policy(Path(folder) / NAME)
        if dict(document) != dict(files):
            raise ConfigError(f"{NAME}: files came with it that it does not name; leave them out")

        refuse_dangerous(policy)
        return lambda: self._take(policy, document)

    def _take(self, policy: Policy, document: Document) -> None:
        self.archive.keep(document)
        self.current = policy


def refuse_dangerous(policy: Policy) -> None:
    """Raise NotPermittedError for a policy that only a venue itself may choose.

    Whoever holds the centre's key could otherwise let everybody in, with remote opening off.
    """
    if any(rule.accept_unsigned for rule in policy.admit):
        raise NotPermittedError("'accept_unsigned_DANGEROUS' stands in this kiosk's own policy only; leave it out")
