"""A RabbitMQ node as a child process, on loopback, apart from whatever RabbitMQ the machine runs as a service.

It has a folder, a home, a cookie, ports and a port mapper (epmd) of its own. `scripts/centre` runs one; the tests run
one, or three that are a cluster.
"""

import os
import secrets
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from mqtt_bridge.central.child import HOST, Child, Server, answers, free_port

START_S = 90.0
"""Alone on a quick machine it takes 10 s, half of them its MQTT plugin's wait for other nodes."""
MAPPER_S = 10.0
SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
"""Debian's. The one in the PATH is a wrapper that becomes the service's user and reads the service's files."""

_ELECT = "[ra:trigger_election(amqqueue:get_pid(Q)) || Q <- rabbit_amqqueue:list_by_type(rabbit_quorum_queue)]."


class RabbitError(RuntimeError):
    """RabbitMQ cannot be used. The text is one sentence that says what to do next."""


class RabbitMissingError(RabbitError):
    """There is no RabbitMQ on this machine."""


def find_rabbitmq() -> Path:
    """Return the program; `KIOSK_RABBITMQ` may name another one. Raises RabbitMissingError."""
    program = Path(os.environ.get("KIOSK_RABBITMQ", SERVER))
    if os.access(program, os.X_OK) and shutil.which("epmd"):
        return program
    raise RabbitMissingError(
        "no RabbitMQ found; install it with 'sudo apt install --no-install-recommends rabbitmq-server'"
    )


class PortMapper:
    """Erlang's epmd, by which nodes find each other's ports by name. A node would leave its own one running."""

    def __init__(self) -> None:
        self.port = free_port()
        self._child = Child([shutil.which("epmd") or "epmd", "-port", str(self.port), "-address", HOST])

    def start(self) -> None:
        """Start it and wait until it takes connections. Raises RabbitError."""
        self._child.start()
        if not self._child.await_true(lambda: answers(self.port), MAPPER_S):
            self._child.kill()
            raise RabbitError("Erlang's port mapper (epmd) did not start; start again")

    def stop(self) -> None:
        """End it."""
        self._child.kill()


@dataclass(frozen=True, slots=True)
class Ports:
    """Where a node listens."""

    amqp: int
    mqtt: int
    distribution: int

    @classmethod
    def free(cls) -> Self:
        """Return ports on which nobody listens at this moment."""
        return cls(free_port(), free_port(), free_port())


@dataclass(frozen=True, slots=True)
class Cluster:
    """What the nodes of a cluster share: their names, their secret, and how they find each other."""

    names: tuple[str, ...]
    cookie: str
    mapper: PortMapper


class RabbitNode(Server):
    """One node. Everything it keeps is in `directory`; names and ports stay the same over `stop`, `kill` and `start`.

    `settings` are more lines for its rabbitmq.conf, `plugins` more plugins than MQTT.
    """

    def __init__(
        self,
        directory: Path,
        name: str = "centre",
        *,
        cluster: Cluster | None = None,
        ports: Ports | None = None,
        settings: Sequence[str] = (),
        plugins: Sequence[str] = (),
    ) -> None:
        self._program = find_rabbitmq()
        self.directory, self.name, self.log_file = directory, f"{name}@localhost", directory / "rabbitmq.log"
        self.host, self.ports = HOST, ports or Ports.free()
        self._cluster = cluster
        self._mapper = cluster.mapper if cluster else PortMapper()
        self._settings = tuple(settings)
        self._plugins = ("rabbitmq_mqtt", *plugins)
        self._child = Child(
            [str(self._program)], log=self.log_file, environment=self._environment(), folder=directory
        )

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._child.pid

    def start(self) -> None:
        """Start it and wait until it takes connections. Raises RabbitError."""
        self.launch()
        self.await_start()

    def launch(self) -> None:
        """Start it without waiting: the nodes of a new cluster wait for one another. Raises RabbitError."""
        if self.pid is not None:
            return
        for port in (self.ports.amqp, self.ports.mqtt, self.ports.distribution):
            if answers(port):
                raise RabbitError(f"port {port} is in use; stop the program that listens there or give another port")
        self._write_files()
        self._mapper.start()
        self._child.start()

    def await_start(self, timeout_s: float = START_S) -> None:
        """Wait until it takes connections. Raises RabbitError with its last words."""
        # Its AMQP listener is the last thing that it starts.
        if not self._child.await_true(lambda: answers(self.ports.amqp) and answers(self.ports.mqtt), timeout_s):
            self.kill()
            words = self._child.last_words()
            raise RabbitError(f"RabbitMQ did not start; its last words: {words} (all: {self.log_file})")
        if self._cluster is None:
            self._elect()

    def stop(self) -> None:
        """End it in good order; kill it where it does not."""
        self._child.stop()

    def kill(self) -> None:
        """Kill it with -9: what it only held in memory is gone."""
        self._child.kill()

    def close(self) -> None:
        """Stop it, and its port mapper where nobody else uses it."""
        self.stop()
        if self._cluster is None:
            self._mapper.stop()

    def _elect(self) -> None:
        """Let its quorum queues have a leader.

        Alone, and after kill -9, a queue that was made shortly before waits for one for ever (RabbitMQ issue 10070).
        """
        command = [str(self._program.with_name("rabbitmqctl")), "-n", self.name, "eval", _ELECT]
        done = subprocess.run(command, env=self._environment(), capture_output=True, text=True, check=False)
        if done.returncode:
            raise RabbitError(f"RabbitMQ started, and then did not answer to rabbitmqctl (see {self.log_file})")

    def _write_files(self) -> None:
        for folder in ("home", "data", "log"):
            (self.directory / folder).mkdir(parents=True, exist_ok=True)
        (self.directory / "enabled_plugins").write_text(f"[{','.join(self._plugins)}].\n", encoding="ascii")
        (self.directory / "rabbitmq.conf").write_text("\n".join(self._lines()) + "\n", encoding="utf-8")
        (self.directory / "advanced.config").write_text("[].\n", encoding="ascii")
        cookie = self.directory / "home" / ".erlang.cookie"
        if not cookie.exists():
            # Whoever knows it may do everything with the node; Erlang insists on a file that only its owner reads.
            with os.fdopen(os.open(cookie, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400), "w") as file:
                file.write(self._cluster.cookie if self._cluster else secrets.token_hex(20))

    def _lines(self) -> list[str]:
        lines = [
            f"listeners.tcp.1 = {HOST}:{self.ports.amqp}",
            f"mqtt.listeners.tcp.1 = {HOST}:{self.ports.mqtt}",
            "mqtt.tcp_listen_options.nodelay = true",
            "log.console = true",
            "log.file = false",
        ]
        if self._cluster:
            # A kiosk's subscription that outlives its connection must outlive a node as well.
            lines.append("mqtt.durable_queue_type = quorum")
            lines.append("cluster_formation.peer_discovery_backend = classic_config")
            lines += [
                f"cluster_formation.classic_config.nodes.{number} = {name}@localhost"
                for number, name in enumerate(self._cluster.names, 1)
            ]
        return [*lines, *self._settings]

    def _environment(self) -> dict[str, str]:
        """Return what the node may see of this process's surroundings, and where its own files are."""
        arguments = [
            "-noinput",
            "-start_epmd false",
            f"-kernel inet_dist_use_interface {{{HOST.replace('.', ',')}}}",
            # No spinning while idle: it shares the machine with what it serves.
            "+sbwt none +sbwtdcpu none +sbwtdio none",
        ]
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "HOME": str(self.directory / "home"),
            "ERL_EPMD_PORT": str(self._mapper.port),
            "ERL_EPMD_ADDRESS": HOST,
            # Without it the script stays in between, and a kill would end the script only.
            "RABBITMQ_ALLOW_INPUT": "1",
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_NODENAME": self.name,
            "RABBITMQ_MNESIA_BASE": str(self.directory / "data"),
            "RABBITMQ_LOG_BASE": str(self.directory / "log"),
            "RABBITMQ_CONFIG_FILE": str(self.directory / "rabbitmq.conf"),
            # Else it would read those of the machine's service as well.
            "RABBITMQ_CONFIG_FILES": str(self.directory / "conf.d"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self.directory / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.directory / "enabled_plugins"),
            "RABBITMQ_DIST_PORT": str(self.ports.distribution),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": " ".join(arguments),
        }
