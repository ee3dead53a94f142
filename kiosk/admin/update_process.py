"""`kiosk-update`: installs what `kiosk-admin` has checked, or goes back; after a power cut it ends what it began.

What it is to do stands in `wanted.json`, which goes when it is done; what became of it in `outcome.json`.
"""

import argparse
import json
import logging
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from kiosk import __version__
from kiosk.admin.bundle import BundleError, read_keys
from kiosk.admin.release import RELEASES, ReleaseError, Releases
from kiosk.admin.tools import Tools
from kiosk.admin.update import BUNDLE, KEYS, OUTCOME, PROGRAM, STATE, WANTED
from kiosk.api.manager.update import UpdateFault, Version
from kiosk.whole_file import write_whole

FAILED = 3
_log = logging.getLogger("kiosk-update")


class Wanted(BaseModel):
    """What is to be done."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    verb: str
    version: Version
    before: str = ""
    """The release that was in force; set once the other one is."""


@dataclass(frozen=True, slots=True)
class Updating:
    """One update, from what is wanted to what became of it."""

    releases: Releases
    state: Path
    keys: Path

    def run(self) -> bool:
        """Do what is wanted; return whether all is well."""
        wanted = self._wanted()
        if wanted is None:
            return True
        running = self._running()
        try:
            if not wanted.before:
                wanted = self._put_in_force(wanted, running)
            return self._proved(wanted)
        except (BundleError, ReleaseError) as error:
            _log.warning("%s %s: not done (%s)", wanted.verb, wanted.version, error.code)
            return self._went_back(self._wanted() or wanted, error.code)
        except OSError as error:
            _log.warning("%s %s: not done (%s)", wanted.verb, wanted.version, error.strerror)
            return self._went_back(self._wanted() or wanted, "not_installed")

    def _put_in_force(self, wanted: Wanted, running: str) -> Wanted:
        self._say("installing", wanted.version, "")
        if wanted.verb == "install":
            self.releases.unpack(self.state / BUNDLE, read_keys(self.keys))
        self.releases.adopt(running)
        # Written before the link changes: whoever starts after a power cut knows where to go back to.
        wanted = wanted.model_copy(update={"before": running})
        self._keep(wanted)
        self._say("proving", wanted.version, running)
        self.releases.put_in_force(wanted.version)
        return wanted

    def _proved(self, wanted: Wanted) -> bool:
        """See whether it lasts; after a power cut it may be that the link had not changed yet."""
        if self.releases.current != self.releases.release(wanted.version):
            return self._went_back(wanted, "interrupted")
        if not self.releases.lasts():
            return self._went_back(wanted, "went_back")
        self._done("done", wanted.version, wanted.before, "")
        self.releases.keep_only(wanted.version, wanted.before)
        return True

    def _went_back(self, wanted: Wanted, code: UpdateFault) -> bool:
        before = wanted.before
        try:
            if before and self.releases.current != self.releases.release(before):
                self.releases.put_in_force(before)
        except (ReleaseError, OSError):
            _log.exception("the version before cannot be put in force again")
        self._done("failed", wanted.version, "", code)
        return False

    def _running(self) -> str:
        try:
            return (self.releases.program / "VERSION").read_text().strip()
        except OSError:
            return __version__

    def _wanted(self) -> Wanted | None:
        try:
            return Wanted.model_validate_json((self.state / WANTED).read_bytes())
        except (OSError, ValidationError):
            return None

    def _keep(self, wanted: Wanted) -> None:
        write_whole(self.state / WANTED, wanted.model_dump_json().encode())

    def _done(self, state: str, version: str, before: str, code: UpdateFault) -> None:
        self._say(state, version, before, code)
        (self.state / WANTED).unlink(missing_ok=True)
        (self.state / BUNDLE).unlink(missing_ok=True)

    def _say(self, state: str, version: str, before: str, code: UpdateFault = "") -> None:
        said = {"state": state, "version": version, "before": before, "code": code}
        write_whole(self.state / OUTCOME, json.dumps(said).encode())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kiosk-update",
        description="Installs an update that kiosk-admin has checked, or goes back to the version before. "
        "systemd starts it (kiosk-update.service); docs/update.md says how it goes.",
    )
    parser.add_argument("--tools", type=Path, default=Path("/usr/bin"), metavar="FOLDER", help="where systemctl is")
    parser.add_argument("--system", type=Path, default=Path("/"), metavar="FOLDER", help="root of /opt, /etc and /var")
    parser.add_argument(
        "--python", type=Path, default=Path("/usr/bin/python3"), metavar="FILE", help="makes virtual environments"
    )
    return parser


def main(arguments: Sequence[str] | None = None, wait: Callable[[float], None] = time.sleep) -> int:
    """Do what is wanted; return the exit status."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")

    def below(path: Path) -> Path:
        return Path(options.system) / str(path).lstrip("/")

    releases = Releases(Tools(options.tools), below(PROGRAM), below(RELEASES), options.python, wait)
    return 0 if Updating(releases, below(STATE), below(KEYS)).run() else FAILED


if __name__ == "__main__":
    sys.exit(main())
