"""RabbitMQ with the files of `firmware_config/brokers`: TLS, and a name for whoever proves it by a certificate."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kiosk.testing.fleet import Fleet
from mqtt_bridge.central.child import HOST
from mqtt_bridge.central.rabbit_node import Ports, RabbitNode

FILES = Path(__file__).resolve().parents[2] / "firmware_config" / "brokers"


def lay_out(fleet: Fleet, definitions: Mapping[str, Any]) -> None:
    """Write what such a node reads into the fleet's folder: its TLS settings, withdrawn certificates, users."""
    folder = fleet.folder
    advanced = (FILES / "rabbitmq-advanced.config").read_text().replace("/etc/rabbitmq/kiosk", str(folder))
    (folder / "advanced.config").write_text(advanced)
    (folder / "crls").mkdir()
    (folder / "crls" / "crl.pem").symlink_to(folder / "crl.pem")
    subprocess.run(["openssl", "rehash", folder / "crls"], check=True, capture_output=True)
    (folder / "definitions.json").write_text(json.dumps(definitions))


class TlsNode(RabbitNode):
    """A node over what `lay_out` wrote into `folder`."""

    def __init__(
        self, folder: Path, file: str, tls: tuple[int, int], *, more: Sequence[str] = (), ports: Ports | None = None
    ) -> None:
        """Go by `file` of the repository and `more` settings; `tls`: the port that the file names, and the one here."""
        self._folder = folder
        shipped, here = tls
        lines = (FILES / file).read_text().replace(f"= {shipped}", f"= {HOST}:{here}").splitlines()
        # The harness waits for a listener without TLS of its own; nobody can log in there.
        lines = [line for line in lines if not line.startswith(("listeners.tcp", "mqtt.listeners.tcp"))]
        lines += [*more, f"load_definitions = {folder}/definitions.json"]
        super().__init__(folder / "node", ports=ports, settings=lines, plugins=["rabbitmq_auth_mechanism_ssl"])

    def _environment(self) -> dict[str, str]:
        return super()._environment() | {"RABBITMQ_ADVANCED_CONFIG_FILE": str(self._folder / "advanced.config")}
