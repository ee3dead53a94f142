"""What the manager's screen is answered by: one line a feature."""

from collections.abc import Iterator

from kiosk.app.manager_desk import Handlers
from kiosk.app.shell import Shell
from kiosk.cli.run_parts import Parts


def manager_handlers(shell: Shell, parts: Parts) -> Iterator[Handlers]:  # noqa: ARG001
    """Return the handlers of every feature; `parts` has what the shell does not know: files, settings, the journal."""
    yield from ()
