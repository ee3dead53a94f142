"""A real PostgreSQL as a child process, for tests and measurements.

It writes to the disk as it does in the field: `fsync` stays on, so that what a test sees survive would survive there.
"""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from kiosk.testing.broker import free_port
from mqtt_bridge.central.child import Server, ends_with_us

USER = "centre"
START_S = 30.0
STOP_S = 15.0
_CONFIGURATION = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
fsync = on
synchronous_commit = on
shared_buffers = 64MB
max_connections = 40
autovacuum = on
logging_collector = off
log_min_messages = warning
"""


class PostgresError(RuntimeError):
    """PostgreSQL cannot be used. The text is one sentence that says what to do next."""


class PostgresMissingError(PostgresError):
    """There is no PostgreSQL on this machine."""


def find_postgres() -> Path:
    """Return the folder of the newest server's programs; `KIOSK_POSTGRES` may name one. Raises PostgresMissingError.

    Debian puts them where no PATH leads, and starts a cluster of its own, which nobody here touches.
    """
    named = os.environ.get("KIOSK_POSTGRES")
    found = [Path(named)] if named else sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version)
    for folder in reversed(found):
        if os.access(folder / "postgres", os.X_OK) and os.access(folder / "initdb", os.X_OK):
            return folder
    raise PostgresMissingError("no PostgreSQL server found; install one with 'sudo apt install postgresql'")


class Postgres(Server):
    """A server on a loopback port, with a directory of its own, for as long as the `with` lasts.

    The port and the data stay the same over `stop`, `kill` and `start`. PostgreSQL does not run as root: started by
    root, it becomes the user `postgres` (or `nobody`). `settings` are more lines for its configuration.
    """

    def __init__(self, *, settings: Sequence[str] = ()) -> None:
        self._programs = find_postgres()
        self._prefix = _other_user()
        self.host = "127.0.0.1"
        self.port = free_port()
        self.directory = Path(tempfile.mkdtemp(prefix="kiosk-postgres-"))
        self._data = self.directory / "data"
        self._settings = tuple(settings)
        self.log_file = self.directory / "postgres.log"
        self._process: subprocess.Popen[bytes] | None = None
        if self._prefix:
            shutil.chown(self.directory, _unprivileged().pw_uid)

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def url(self, database: str = "postgres") -> str:
        """Return where a client finds a database."""
        return f"postgresql://{USER}@{self.host}:{self.port}/{database}"

    def create(self, database: str) -> str:
        """Make an empty database and return its URL. Raises PostgresError."""
        self._run("createdb", "-h", self.host, "-p", str(self.port), "-U", USER, database)
        return self.url(database)

    def start(self) -> None:
        """Start it and wait until it takes connections; the first time, lay its data out. Raises PostgresError."""
        if self.pid is not None:
            return
        if not self._data.exists():
            self._run("initdb", "-D", str(self._data), "-U", USER, "--auth=trust", "-E", "UTF8", "--locale=C", "-N")
            with (self._data / "postgresql.conf").open("a") as file:
                file.write("\n".join((_CONFIGURATION, f"port = {self.port}", *self._settings, "")))
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [*(self._prefix or ends_with_us()), str(self._programs / "postgres"), "-D", str(self._data)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True,
            )  # fmt: skip
        self._await_start(self._process)

    def stop(self) -> None:
        """End it in good order ('fast': sessions are ended, nothing is lost); kill it where it does not."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            _kill_family(process)

    def kill(self) -> None:
        """Kill it with -9, and all processes that it has started: every session ends in the middle of its work."""
        process, self._process = self._process, None
        if process is not None:
            _kill_family(process)

    def close(self) -> None:
        """End it and remove its directory. There is nothing to save: no checkpoint, which takes seconds."""
        self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._prefix, str(self._programs / program), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, cwd="/", timeout=60, check=False)
        if done.returncode:
            words = done.stderr.strip().rpartition("\n")[2]
            raise PostgresError(f"{program} did not do its work; its last words: {words[:200] or 'none'}")

    def _await_start(self, process: subprocess.Popen[bytes]) -> None:
        ready = [str(self._programs / "pg_isready"), "-q", "-h", self.host, "-p", str(self.port), "-U", USER]
        end = time.monotonic() + START_S
        while process.poll() is None and time.monotonic() < end:
            if subprocess.run(ready, check=False, cwd="/").returncode == 0:
                return
            time.sleep(0.02)
        self.kill()
        words = self.log_file.read_text(errors="replace").strip().rpartition("\n")[2]
        raise PostgresError(f"PostgreSQL did not start; its last words: {words[:200] or 'none'}")


def _version(folder: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in folder.parent.name.split(".") if part.isdigit())


def _unprivileged() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise PostgresError("PostgreSQL does not run as root, and there is no user 'postgres' or 'nobody'; add one")


def _other_user() -> list[str]:
    """Return the prefix to a command that makes root somebody else and ends it with us; empty for anybody but root."""
    if os.geteuid() != 0:
        return []
    if not (setpriv := shutil.which("setpriv")):
        raise PostgresError("PostgreSQL does not run as root, and setpriv is missing; install util-linux")
    user = _unprivileged()
    who = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    return [setpriv, *who, "--pdeathsig", "INT"]


def _kill_family(process: subprocess.Popen[bytes]) -> None:
    """Kill a server and its children at one moment, and wait until all have let go of the memory that they share.

    The server is halted first, so that it can start no more of them; and none of them may outlive it for long, since a
    new server refuses to start beside one.
    """
    if process.poll() is None:
        process.send_signal(signal.SIGSTOP)
        _until(lambda: _seen(process.pid)[0] in "TZ")
        children = [pid for pid in _processes() if _seen(pid)[1] == process.pid]
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        process.kill()
        _until(lambda: all(_seen(child)[0] == "Z" for child in children))
    process.wait()


def _until(met: Callable[[], bool]) -> None:
    """Wait for what the kernel is about to do."""
    end = time.monotonic() + STOP_S
    while not met():
        if time.monotonic() > end:
            raise PostgresError("PostgreSQL's processes do not end; look at them with 'ps'")
        time.sleep(0.002)


def _processes() -> list[int]:
    return [int(folder.name) for folder in Path("/proc").glob("[0-9]*")]


def _seen(pid: int) -> tuple[str, int]:
    """Return a process's state and its parent, as the kernel tells; one that is gone is as good as a zombie."""
    try:
        # 'pid (name) state parent …', and the name may hold anything.
        state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return "Z", 0
    return state, int(parent)
