"""From a code to confirmed events: the real service, broker, bridge and centre, with the files of the repository.

And on from there: a renewed certificate is taken without a restart, a withdrawn one is taken nowhere.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.cli import main
from kiosk.config import load_config
from kiosk.testing.bridge_stage import FellOverError, Stage
from kiosk.testing.broker import BrokerMissingError, find_mosquitto, free_port
from kiosk.testing.centre_keys import STORE_KEY, write_centre_keys
from kiosk.testing.mqtt_party import Papers, Party, SilenceError
from kiosk.testing.needed import needed
from kiosk.testing.provisioning import SETTINGS, NewKiosk

needed(find_mosquitto, BrokerMissingError)

pytestmark = pytest.mark.system

FILES = Path(__file__).resolve().parents[2] / "firmware_config" / "brokers"
KIOSK = "local/main/gate-1"


class Town(Stage):
    """A centre and a kiosk that is to become known to it."""

    def __init__(self, path):
        super().__init__(path)
        self.office, self.port, self.broker_port = path / "office", free_port(), free_port()
        self.kiosk = NewKiosk(path / "kiosk", SETTINGS.replace('run = "run"', f'run = "{path}"'))
        keys = write_centre_keys(path)
        self.asked(
            "init", "--host", "localhost", "--port", str(self.port), "--broker-host", "localhost",
            "--broker-port", str(self.broker_port), "--centre-keys", str(keys),
        )  # fmt: skip
        service = self._run("mqtt_bridge.central.provisioning", "--folder", str(self.office), "serve")
        assert service.stdout.readline() == f"kiosk-provisioning: listening on port {self.port}\n"

    def asked(self, *arguments):
        """Run a command of the provisioning service's operator and return what it said."""
        command = [sys.executable, "-m", "mqtt_bridge.central.provisioning", "--folder", str(self.office), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=30).stdout

    def real_broker(self):
        """Start mosquitto with the repository's settings and access list, and the office's papers."""
        acl = self.office / "acl"
        acl.write_text((FILES / "mosquitto.acl").read_text())
        acl.chmod(0o600)
        text = (FILES / "mosquitto.conf").read_text().replace("/etc/mosquitto/kiosk", str(self.office))
        settings = [line for line in text.splitlines() if not line.startswith("listener ")]
        return self.broker(port=self.broker_port, settings=settings)

    def real_centre(self):
        """Start the centre, which proves its name with its certificate."""
        files = [f"--{name}-file={self.office / file}" for name, file in
                 (("ca", "ca.pem"), ("cert", "centre.pem"), ("key", "centre.key"))]  # fmt: skip
        process = self._run(
            "mqtt_bridge.central", "--host", "localhost", "--port", str(self.broker_port),
            "--database", str(self.database), "--key", str(self.path / STORE_KEY), *files,
        )  # fmt: skip
        if not (line := process.stdout.readline()).startswith("kiosk-centre: subscribed at localhost:"):
            raise FellOverError(line or process.communicate()[1])

    def papers(self):
        """Return what the kiosk proves its name with now."""
        mqtt = load_config(self.kiosk.settings).mqtt
        return Papers(mqtt.ca_file, mqtt.cert_file)


@pytest.fixture
def town(tmp_path):
    town = Town(tmp_path)
    yield town
    town.close()


def test_from_a_code_to_confirmed_events_and_a_new_certificate(town):
    # The centre makes a code, the installer shows it to the kiosk.
    town.asked("claim", KIOSK, "--out", str(town.path / "code.png"))
    assert town.kiosk.run(str(town.path / "code.png"), "--config", str(town.kiosk.settings))[0] == 0

    # Events go over the line that it was told, to a centre that proves its name in the same way.
    broker, gate = town.real_broker(), town.gate()
    gate.append(50)
    town.real_centre()
    bridge = town._run("mqtt_bridge", "--config", str(town.kiosk.settings))
    gate.await_confirmed(50)
    assert town.numbers() == list(range(1, 51))

    # The next certificate; the old one is withdrawn, and the broker restarts: the bridge does not.
    first = town.kiosk.folder / "first.pem"
    first.write_bytes(town.kiosk.identity.identity_file.read_bytes())
    serial = town.kiosk.serial
    assert "renewed" in town.kiosk.renew("--early")[1]
    assert "1 withdrawn" in town.asked("revoke", f"{serial:x}")
    broker.kill()
    gate.await_link("down", "lost", "unreachable", "refused")
    broker.start()
    gate.append(50)
    gate.await_confirmed(100)
    assert bridge.poll() is None
    with pytest.raises((OSError, SilenceError)):
        Party(broker.port, Papers(town.office / "ca.pem", first), "old").connect()

    # And nothing is left of a kiosk that is withdrawn as a whole.
    assert "1 withdrawn" in town.asked("revoke", KIOSK)
    broker.kill()
    broker.start()
    gate.await_link("down", "tls", "lost")
    assert town.asked("list").count("withdrawn") == 2


def test_the_operator_is_told_what_is_wrong(town, capsys):
    command = [sys.executable, "-m", "mqtt_bridge.central.provisioning", "--folder"]
    for arguments, status, told in (
        ([str(town.office), "claim", "gate-1"], 2, "write TENANT/SITE/KIOSK"),
        ([str(town.office), "claim", KIOSK, "--out", "code.bmp"], 2, "ends in .png, .svg or .txt"),
        ([str(town.office), "revoke", KIOSK], 1, "nothing valid goes by that name"),
        ([str(town.path / "nowhere"), "list"], 2, "cannot be read"),
        ([str(town.office), "init", "--host", "a b", "--broker-host", "b", "--centre-keys", "k"], 2, "--host"),
        ([str(town.office), "init", "--host", "a", "--broker-host", "b", "--centre-keys", "k"], 2, "authority already"),
    ):
        run = subprocess.run([*command, *arguments], check=False, capture_output=True, text=True, timeout=30)
        assert (run.returncode, run.stderr.count("\n"), told in run.stderr) == (status, 1, True), run.stderr
    assert main(["provision", "--renew", "--into", str(town.path)]) == 2
    assert "provision this kiosk first" in capsys.readouterr().err
