"""The units as systemd itself judges them: no mistake in them, and little left to attack."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from kiosk.config import PathsSection

ROOT = Path(__file__).resolve().parents[2]
RENEW = ROOT / "systemd/kiosk-renew.service"
ADMIN = ROOT / "systemd/kiosk-admin.service"
UPDATE = ROOT / "systemd/kiosk-update.service"
UNITS = sorted(set((ROOT / "systemd").glob("*.service")) - {RENEW, ADMIN, UPDATE})
"""Of the processes that always run."""
EXPOSURE_AT_MOST = 12  # tenths

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed"),
]


def analyze(*arguments: str | Path) -> tuple[int, str]:
    run = subprocess.run(
        ["systemd-analyze", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "SYSTEMD_COLORS": "0"},
    )
    return run.returncode, run.stdout + run.stderr


def settings(unit: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in unit.read_text().splitlines():
        key, separator, value = line.partition("=")
        if separator and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


def test_there_is_a_unit_for_each_process() -> None:
    assert [unit.stem for unit in UNITS] == ["kiosk-bridge", "kiosk-gate", "kiosk-ui", "kiosk-vision"]


@pytest.mark.parametrize("unit", [*UNITS, RENEW, ADMIN], ids=lambda unit: unit.stem)
def test_exposure(unit: Path) -> None:
    status, text = analyze("security", "--offline=true", f"--threshold={EXPOSURE_AT_MOST}", unit)
    assert status == 0, text[-400:]


def test_systemd_finds_no_mistake(tmp_path: Path) -> None:
    folder = tmp_path / "etc/systemd/system"
    folder.mkdir(parents=True)
    brokers = [ROOT / "firmware_config/brokers" / f"mosquitto-crl.{kind}" for kind in ("path", "service")]
    (folder / "mosquitto.service").write_text("[Service]\nExecStart=/usr/sbin/mosquitto\nExecReload=/bin/kill\n")
    for program in ("usr/sbin/mosquitto", "bin/kill"):
        (tmp_path / program).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / program).touch(0o755)
    for unit in [*(ROOT / "systemd").iterdir(), *brokers]:
        shutil.copy(unit, folder)
        # What the units start has to be there and executable.
        for path in re.findall(r"(?:^Exec\w+=|-- )(/\S+)", unit.read_text(), re.MULTILINE):
            program = tmp_path / path.lstrip("/")
            program.parent.mkdir(parents=True, exist_ok=True)
            program.write_text("#!/bin/sh\n")
            program.chmod(0o755)
    names = [path.name for path in folder.iterdir()]
    status, text = analyze("verify", "--man=no", "--recursive-errors=no", f"--root={tmp_path}", *names)
    assert (status, text) == (0, "")


def test_systemd_would_see_a_mistake(tmp_path: Path) -> None:
    folder = tmp_path / "etc/systemd/system"
    folder.mkdir(parents=True)
    (folder / "wrong.service").write_text("[Service]\nExecStart=/bin/there-is-none\nWatchdogSeconds=5\n")
    status, text = analyze("verify", "--man=no", "--recursive-errors=no", f"--root={tmp_path}", "wrong.service")
    assert status != 0
    assert "WatchdogSeconds" in text


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_what_hangs_or_dies_comes_back(unit: Path) -> None:
    found = settings(unit)
    assert found["Type"] == ["notify"]
    assert found["Restart"] == ["always"]
    assert found["StartLimitIntervalSec"] == ["0"]
    assert "WatchdogSec" in found


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_each_process_has_an_account_of_its_own(unit: Path) -> None:
    account = settings(unit)["User"][0]
    assert account == unit.stem
    accounts = (ROOT / "firmware_config/sysusers.d/kiosk.conf").read_text()
    assert re.search(rf"^u {account} ", accounts, re.MULTILINE)
    groups = set(settings(unit).get("SupplementaryGroups", [""])[0].split()) | set(settings(unit)["Group"])
    for group in groups - {account}:
        assert re.search(rf"^m {account}\s+{group}$", accounts, re.MULTILINE), group


def test_only_the_bridge_has_a_network_and_only_the_gate_has_pins() -> None:
    for unit in UNITS:
        found, text = settings(unit), unit.read_text()
        assert ("PrivateNetwork" not in found) is (unit.stem == "kiosk-bridge")
        assert ("char-gpiochip" in text) is (unit.stem == "kiosk-gate")
        assert found["IPAddressDeny"] == (["link-local multicast"] if unit.stem == "kiosk-bridge" else ["any"])


def test_renewing_is_the_bridges_business_and_changes_nothing_but_its_key() -> None:
    renew, bridge = settings(RENEW), settings(ROOT / "systemd/kiosk-bridge.service")
    assert renew["User"] == renew["Group"] == bridge["User"] == ["kiosk-bridge"]
    assert renew["ProtectSystem"] == bridge["ProtectSystem"] == ["strict"]
    # What may be written is this alone, and by the bridge itself not even this.
    assert (renew["StateDirectory"], "ReadWritePaths" in renew) == (["kiosk-bridge"], False)
    assert not {"StateDirectory", "ReadWritePaths"} & set(bridge)
    folder = "d /var/lib/kiosk-bridge 0700 kiosk-bridge kiosk-bridge -"
    assert folder in (ROOT / "firmware_config/tmpfiles.d/kiosk.conf").read_text().splitlines()


def test_the_process_with_rights_has_none_of_roots_powers_and_answers_the_gate_alone() -> None:
    found, way = settings(ADMIN), settings(ROOT / "systemd/kiosk-admin.socket")
    assert "User" not in found, "what it asks for is believed by its uid"
    assert found["CapabilityBoundingSet"] == found["AmbientCapabilities"] == [""]
    assert (found["NoNewPrivileges"], found["PrivateNetwork"], found["ProtectSystem"]) == (["yes"], ["yes"], ["strict"])
    assert found["ReadWritePaths"] == ["-/etc/NetworkManager/system-connections -/sys/devices"]
    assert (way["SocketUser"], way["SocketMode"], way["ListenStream"]) == (
        ["kiosk-gate"], ["0600"], [str(PathsSection.model_fields["admin"].default)],
    )  # fmt: skip
    # Nobody starts it but its socket.
    assert "[Install]" not in ADMIN.read_text()
    assert "kiosk-admin.socket" in (ROOT / "scripts/install").read_text()


def test_what_installs_updates_has_no_network_and_runs_only_when_something_is_wanted() -> None:
    found = settings(UPDATE)
    assert (found["Type"], found["PrivateNetwork"], found["NoNewPrivileges"]) == (["oneshot"], ["yes"], ["yes"])
    assert found["ConditionPathExists"] == ["/var/lib/kiosk-update/wanted.json"]
    # Where the process that answers questions leaves what it has checked; nobody but root reads it.
    assert found["StateDirectory"] == settings(ADMIN)["StateDirectory"] == ["kiosk-update"]
    assert found["StateDirectoryMode"] == settings(ADMIN)["StateDirectoryMode"] == ["0700"]


def test_the_gate_hangs_for_eight_seconds_at_most() -> None:
    gate = settings(ROOT / "systemd/kiosk-gate.service")
    assert int(gate["WatchdogSec"][0]) + int(gate["TimeoutAbortSec"][0]) + 0.5 <= 8
    assert gate["RestartSec"] == ["500ms"]
    assert gate["ExecStopPost"] == ["/opt/kiosk/firmware_config/relay-off /etc/kiosk/board.toml"]


@pytest.mark.skipif(not shutil.which("systemd-sysusers"), reason="systemd-sysusers is not installed")
def test_the_accounts_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    source = ROOT / "firmware_config/sysusers.d/kiosk.conf"
    run = subprocess.run(
        ["systemd-sysusers", f"--root={tmp_path}", source], capture_output=True, text=True, check=False
    )
    if run.returncode != 0 and "permitted" in run.stderr:
        pytest.skip("making accounts in a folder needs root here")
    assert run.returncode == 0, run.stderr
    accounts = (tmp_path / "etc/passwd").read_text().splitlines()
    made = {line.split(":")[0]: line.rpartition(":")[2] for line in accounts if line.startswith("kiosk-")}
    assert set(made) == {unit.stem for unit in UNITS}
    assert all(shell.endswith("nologin") for shell in made.values())
