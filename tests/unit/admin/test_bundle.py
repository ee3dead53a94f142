"""Updates as files: only what a key of this kiosk has signed is unpacked, and only whole."""

import io
import random
import tarfile

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.admin.bundle import BundleError, order_of, read_keys, verified
from kiosk.testing.update_site import UpdateSite

STRANGER = Ed25519PrivateKey.from_private_bytes(b"s" * 32)


@pytest.fixture
def site(tmp_path):
    return UpdateSite(tmp_path / "site")


@pytest.fixture
def keys(site):
    return read_keys(site.keys)


def code_of(path, keys):
    with pytest.raises(BundleError) as caught:
        verified(path, keys)
    return caught.value.code


def test_what_is_signed_and_whole_is_taken(site, keys):
    signed = verified(site.bundle("1.2.3", machine="aarch64", python="3.13"), keys)
    assert (signed.manifest.version, signed.signer, signed.manifest.machine) == ("1.2.3", "maker", "aarch64")


def test_the_same_files_give_the_same_bytes(site, tmp_path):
    first, second = site.bundle("1.2.3"), site.bundle("1.2.3", tmp_path / "again")
    assert first.read_bytes() == second.read_bytes()


def test_a_strangers_is_forged_and_without_keys_none_is_taken(site, keys):
    assert code_of(site.bundle("1.2.3", key=STRANGER), keys) == "forged"
    assert code_of(site.bundle("1.2.3"), {}) == "no_key"


def test_what_a_strangers_manifest_says_is_not_even_read(tmp_path, keys):
    path = tmp_path / "x.kiosk-update"
    with tarfile.open(path, "w") as tar:
        for name, data in (("manifest.json", b"no manifest"), ("manifest.sig", bytes(64)), ("program.tar.gz", b"x")):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    assert code_of(path, keys) == "forged"


def test_what_is_no_ed25519_key_in_pem_signs_nothing(site):
    (site.keys / "note.pem").write_text("nothing")
    (site.keys / "readme.txt").write_text("nothing")
    assert list(read_keys(site.keys)) == ["maker"]


def test_no_changed_byte_goes_unseen(site, keys, tmp_path):
    whole = site.bundle("1.2.3").read_bytes()
    with tarfile.open(fileobj=io.BytesIO(whole)) as tar:
        parts = tar.getmembers()
    chance, changed = random.Random(7), tmp_path / "changed"
    for member in parts:
        for _ in range(40):
            at = member.offset_data + chance.randrange(member.size)
            data = bytearray(whole)
            data[at] ^= 1 << chance.randrange(8)
            changed.write_bytes(data)
            assert code_of(changed, keys) in ("forged", "damaged", "unreadable")
    changed.write_bytes(whole[: parts[-1].offset_data + 100])
    assert code_of(changed, keys) in ("damaged", "unreadable")


@pytest.mark.parametrize("data", [b"", b"\0" * 10_240, b"no tar", b"\x1f\x8b" + b"x" * 600])
def test_what_is_no_bundle_is_said_to_be_none(data, keys, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(data)
    assert code_of(path, keys) == "unreadable"


def test_members_in_another_order_or_of_another_kind_are_not_read(site, keys, tmp_path):
    path = tmp_path / "file"
    with tarfile.open(site.bundle("1.2.3")) as whole, tarfile.open(path, "w") as tar:
        for member in reversed(whole.getmembers()):
            tar.addfile(member, whole.extractfile(member))
    assert code_of(path, keys) == "unreadable"
    with tarfile.open(path, "w") as tar:
        link = tarfile.TarInfo("manifest.json")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/shadow"
        tar.addfile(link)
    assert code_of(path, keys) == "unreadable"


def test_versions_are_ordered_by_their_numbers():
    assert sorted(["1.10.0", "1.9", "0.9.9rc1", "1.9.1"], key=order_of) == ["0.9.9rc1", "1.9", "1.9.1", "1.10.0"]
