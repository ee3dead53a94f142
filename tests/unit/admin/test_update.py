"""The verbs of updates: found on a stick, copied, checked, and handed to the service that installs."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.admin.update import Update
from kiosk.admin.usb import Usb
from kiosk.api.manager.update import UpdateBack, UpdateInstall, UpdateLook, UpdateRead
from kiosk.domain.staff import Refused, RefusedError
from kiosk.testing.update_site import UpdateSite

STICK = json.dumps({"blockdevices": [
    {"name": "sda", "type": "disk", "size": 8_000_000_000, "fstype": "vfat", "tran": "usb", "mountpoints": [None]}
]})  # fmt: skip


@pytest.fixture
def site(tmp_path):
    return UpdateSite(tmp_path / "site")


@pytest.fixture
def stick(tmp_path, recorded):
    recorded.says("lsblk", text=STICK)
    (tmp_path / "usb").mkdir()
    return tmp_path / "usb"


@pytest.fixture
def update(tools, site, stick, tmp_path):
    (tmp_path / "state").mkdir()
    (tmp_path / "program").mkdir()
    (tmp_path / "program" / "VERSION").write_text("1.0.0\n")
    return Update(tools, Usb(tools, (990, 991), stick), tmp_path / "state", site.keys, tmp_path / "program")


def refused(verb, request):
    with pytest.raises(RefusedError) as caught:
        verb(request)
    return caught.value.code


def test_an_update_on_a_stick_is_found_and_installed_by_the_service(update, site, stick, recorded, tmp_path):
    site.bundle("1.2.0", stick / "1.2.0.kiosk-update")
    shown = update.look(UpdateLook())
    assert (shown.version, shown.bundle.version, shown.bundle.signer, shown.code) == ("1.0.0", "1.2.0", "maker", "")
    assert "ro,nosuid,nodev,noexec" in recorded.calls("/dev/sda")[0][5]
    assert recorded.asked[-1][0] == "systemd-umount", "the stick may be taken out"
    (stick / "1.2.0.kiosk-update").unlink()
    assert refused(update.install, UpdateInstall(version="1.3.0")) is Refused.NOT_FOUND
    update.install(UpdateInstall(version="1.2.0"))
    assert recorded.asked[-1] == ["systemctl", "--no-block", "start", "kiosk-update.service"]
    assert json.loads((tmp_path / "state/wanted.json").read_text()) == {"verb": "install", "version": "1.2.0"}
    assert update.read(UpdateRead()).state == "installing"
    assert refused(update.install, UpdateInstall(version="1.2.0")) is Refused.BUSY
    assert refused(update.look, UpdateLook()) is Refused.BUSY


@pytest.mark.parametrize(
    ("version", "said", "code"),
    [
        ("1.0.0", {}, "same"),
        ("0.9.9", {}, "older"),
        ("1.2.0", {"machine": "aarch64", "python": "3.99"}, "other_machine"),
        ("1.2.0", {"key": Ed25519PrivateKey.from_private_bytes(b"s" * 32)}, "forged"),
    ],
)  # fmt: skip
def test_what_cannot_be_installed_is_said(update, site, stick, version, said, code):
    site.bundle(version, stick / "a.kiosk-update", **said)
    shown = update.look(UpdateLook())
    assert (shown.bundle, shown.code) == (None, code)
    assert refused(update.install, UpdateInstall(version=version)) is Refused.NOT_FOUND


def test_no_stick_no_bundle_and_no_key_are_told_apart(update, site, stick, recorded):
    assert update.look(UpdateLook()).code == "no_bundle"
    (stick / "a.kiosk-update").write_text("no tar")
    assert update.look(UpdateLook()).code == "unreadable"
    (site.keys / "maker.pem").unlink()
    assert update.look(UpdateLook()).code == "no_key"
    recorded.says("lsblk", text='{"blockdevices": []}')
    site.__init__(site.folder / "anew")
    assert update.look(UpdateLook()).bundle is None


def test_going_back_needs_a_version_before(update, tmp_path):
    assert refused(update.back, UpdateBack()) is Refused.NOT_FOUND
    said = {"state": "done", "version": "1.0.0", "before": "0.9.0", "code": ""}
    (tmp_path / "state/outcome.json").write_text(json.dumps(said))
    assert (update.read(UpdateRead()).before, update.read(UpdateRead()).state) == ("0.9.0", "done")
    update.back(UpdateBack())
    assert json.loads((tmp_path / "state/wanted.json").read_text()) == {"verb": "back", "version": "0.9.0"}


def test_an_outcome_that_the_disk_has_damaged_says_nothing(update, tmp_path):
    (tmp_path / "state/outcome.json").write_text('{"state": "hacked", "version": "", "before": "", "code": ""}')
    assert update.read(UpdateRead()).state == "idle"
