"""What the manager's screen is answered by, beside what the shell answers itself: one line a feature."""

from collections.abc import Iterator

from kiosk.app.manager_aim import AimDesk
from kiosk.app.manager_desk import Handlers
from kiosk.app.shell import Shell
from kiosk.cli.run_books import books_handlers
from kiosk.cli.run_parts import Parts


def manager_handlers(shell: Shell, parts: Parts) -> Iterator[Handlers]:
    """Return the handlers of every feature; `parts` has what the shell does not know: files, settings, the journal."""
    yield AimDesk(shell.line, shell.clock, shell.peers).handlers()
    yield from books_handlers(shell, parts)
