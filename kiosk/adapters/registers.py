"""Lists from the centre that the kiosk looks things up in: the roster, and results of tests."""

from collections.abc import Callable
from typing import Generic, TypeVar

from kiosk.domain.document import Files

_List = TypeVar("_List")


class Register(Generic[_List]):
    """A list in force. `read`: the kiosk's reader of such files, which raises ConfigError."""

    def __init__(self, read: Callable[[bytes, str], _List], empty: _List) -> None:
        self._read = read
        self.current = empty

    def check(self, files: Files) -> Callable[[], None]:
        """Read a list; return what takes it into force. Raises ConfigError."""
        name, content = next(iter(files.items()))
        new = self._read(content, name)

        def take() -> None:
            self.current = new

        return take
