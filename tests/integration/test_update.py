"""Updates from a bundle to a running release, with real virtual environments: put in force, proved, given up."""

import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from kiosk.admin.bundle import opened, read_keys, verified
from kiosk.admin.update_process import FAILED, main
from kiosk.signing_key import write_signing_key
from kiosk.testing.recorded_tools import RecordedTools
from kiosk.testing.update_site import UpdateSite

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.system
RUNS = "NRestarts=0\nExecMainPID=7\n"


class Machine:
    """A machine with a program that scripts/install has put there, and an update that kiosk-admin has checked."""

    def __init__(self, folder):
        self.system, self.tools = folder / "system", RecordedTools(folder / "tools", "systemctl")
        self.site, self.waited = UpdateSite(self.system / "etc/kiosk"), 0
        self.program, self.releases = self.system / "opt/kiosk", self.system / "opt/kiosk-releases"
        self.state = self.system / "var/lib/kiosk-update"
        self.state.mkdir(parents=True)
        (self.program / "scripts").mkdir(parents=True)
        (self.program / "VERSION").write_text("1.0.0\n")
        install = self.program / "scripts/install"
        install.write_text("#!/bin/sh\nexit 0\n")
        install.chmod(0o755)
        self.tools.says("systemctl", "show", text=RUNS)

    def want(self, version, verb="install", **said):
        if verb == "install":
            self.site.bundle(version, self.state / "bundle", **said)
        (self.state / "wanted.json").write_text(json.dumps({"verb": verb, "version": version}))

    def run(self):
        arguments = ["--tools", str(self.tools.folder), "--system", str(self.system), "--python", sys.executable]
        status = main(arguments, wait=self.wait)
        said = json.loads((self.state / "outcome.json").read_text())
        return status, said["state"], said["code"], self.running()

    def wait(self, seconds):
        self.waited += seconds

    def running(self):
        return (self.program / "VERSION").read_text().strip()


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_an_update_is_put_in_force_and_can_be_gone_back_from(machine):
    machine.want("1.1.0")
    assert machine.run() == (0, "done", "", "1.1.0")
    assert machine.program.resolve() == machine.releases / "1.1.0"
    assert (machine.program / "venv/bin/kiosk").exists()
    assert machine.site.log.read_text() == f"{machine.releases / '1.1.0/scripts/install'} --units-only\n"
    assert machine.tools.calls("restart", "kiosk.target")
    assert machine.waited >= 40, "it had to last"
    assert not list(machine.state.glob("bundle")) + list(machine.state.glob("wanted.json"))
    machine.want("1.0.0", verb="back")
    assert machine.run() == (0, "done", "", "1.0.0")
    assert sorted(path.name for path in machine.releases.iterdir()) == ["1.0.0", "1.1.0"]


def test_what_does_not_last_is_given_up(machine):
    machine.tools.says("systemctl", "is-active", status=3)
    machine.want("1.1.0")
    assert machine.run() == (FAILED, "failed", "went_back", "1.0.0")
    assert len(machine.tools.calls("restart", "kiosk.target")) == 2
    assert machine.program.resolve() == machine.releases / "1.0.0"


@pytest.mark.parametrize("said", [{"starts": False}, {"install_status": 3}])
def test_what_does_not_start_or_cannot_be_laid_out_is_not_put_in_force(machine, said):
    machine.want("1.1.0", **said)
    assert machine.run() == (FAILED, "failed", "not_installed", "1.0.0")


def test_a_bundle_that_was_changed_after_it_was_checked_is_not_unpacked(machine):
    machine.want("1.1.0")
    path = machine.state / "bundle"
    data = bytearray(path.read_bytes())
    with tarfile.open(path) as tar:
        data[tar.getmember("program.tar.gz").offset_data + 100] ^= 1
    path.write_bytes(data)
    assert machine.run() == (FAILED, "failed", "damaged", "1.0.0")
    assert not machine.program.is_symlink()


def test_after_a_power_cut_it_ends_what_it_began(machine):
    machine.want("1.1.0")
    machine.run()
    # The cut came while it was being proved.
    (machine.state / "wanted.json").write_text('{"verb": "install", "version": "1.1.0", "before": "1.0.0"}')
    assert machine.run() == (0, "done", "", "1.1.0")
    # And now before the link had changed.
    (machine.state / "wanted.json").write_text('{"verb": "install", "version": "1.2.0", "before": "1.1.0"}')
    assert machine.run() == (FAILED, "failed", "interrupted", "1.1.0")


def test_nothing_wanted_nothing_done(machine, tmp_path):
    before = sorted(path.name for path in Path(machine.system / "opt").iterdir())
    assert main(["--tools", str(machine.tools.folder), "--system", str(machine.system)]) == 0
    assert sorted(path.name for path in Path(machine.system / "opt").iterdir()) == before
    shutil.rmtree(tmp_path / "tools")


def test_an_update_of_this_checkout_is_made_and_signed(tmp_path):
    site, wheels, out = UpdateSite(tmp_path / "site"), tmp_path / "wheels", tmp_path / "1.2.3.kiosk-update"
    wheels.mkdir()
    write_signing_key(tmp_path / "maker.pem", site.key)
    command = [
        sys.executable, str(ROOT / "scripts/make-update"), "--key", str(tmp_path / "maker.pem"),
        "--wheels", str(wheels), "--version", "1.2.3", str(out),
    ]  # fmt: skip
    without = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (without.returncode, "docs/update.md says how it is made" in without.stderr) == (2, True)
    (wheels / "entrance_kiosk-1.2.3-py3-none-any.whl").write_bytes(b"wheel")
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    assert verified(out, read_keys(site.keys)).manifest.version == "1.2.3"
    with opened(out, read_keys(site.keys)) as (_, program), tarfile.open(fileobj=program, mode="r|gz") as tar:
        members = {member.name: member for member in tar}
    (wheel,) = wheels.iterdir()
    assert {"scripts/install", "systemd/kiosk-gate.service", f"wheels/{wheel.name}"} <= set(members)
    assert members["scripts/install"].mode == 0o755
    assert not any(name.startswith("tests/") for name in members)
