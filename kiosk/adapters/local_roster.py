"""The roster that is kept on this kiosk: `roster.toml` in the state folder, in force where no centre rules one."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from kiosk.adapters.registers import Register
from kiosk.domain.roster import Member, Roster
from kiosk.roster_file import read_roster, write_roster
from kiosk.toml_file import ConfigError
from kiosk.whole_file import write_whole

NAME = "roster.toml"


class LocalRoster:
    """Takes changes of the roster. `ruling` returns the version of the centre's, or nothing where there is none."""

    def __init__(self, path: Path, register: Register[Roster], ruling: Callable[[], str | None]) -> None:
        self._path, self._register, self._ruling = path, register, ruling
        self.problem = ""
        """One sentence on why the file is not in force; empty where it is, or there is none."""

    def restore(self) -> None:
        """Take the file into force, at the start, where no centre rules."""
        if self.version is not None or not self._path.exists():
            return
        try:
            self._register.current = read_roster(self._path.read_bytes(), str(self._path))
        except ConfigError as error:
            self.problem = f"{error}; nobody of that roster belongs here until it is mended"
        except OSError as error:
            self.problem = f"{self._path}: the roster cannot be read ({(error.strerror or 'error').lower()})"

    @property
    def current(self) -> Roster:
        """The roster in force, wherever it comes from."""
        return self._register.current

    @property
    def version(self) -> str | None:
        """The version of the centre's roster; None: no centre rules it."""
        return self._ruling()

    def including(self, member: Member) -> Callable[[], None]:
        """Return what takes the roster with this member into force, and keeps it. Raises ConfigError.

        What it returns raises OSError, and then changes nothing.
        """
        return self._taking(self.current.including(member))

    def ending(self, person: str, last_day: date) -> Callable[[], None]:
        """Return what takes the roster into force in which a member ends. Raises KeyError; else as `including`."""
        return self._taking(self.current.ending(person, last_day))

    def _taking(self, roster: Roster) -> Callable[[], None]:
        content = write_roster(roster)
        new = read_roster(content, NAME)  # as strict as every other roster

        def take() -> None:
            write_whole(self._path, content)
            self._register.current = new

        return take
