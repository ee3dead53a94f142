"""Trust lists from files: folders as operators fill them, lists that change, and what must not get in."""

import base64
import os
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from kiosk.adapters.keys import make_signer, write_signer
from kiosk.adapters.revocation_build import build
from kiosk.adapters.revocation_store import PAGE
from kiosk.adapters.trust_files import load
from kiosk.adapters.trust_store import TrustStore
from kiosk.domain.trust import Algorithm, TrustError
from kiosk.verify.revocation_lists import Revoked

NOW = datetime(2026, 6, 1, tzinfo=UTC)
MONTH = timedelta(days=30)


def signer(name="Desk", began=NOW):
    return make_signer(name, Algorithm.ED25519, began)


def put_back(path, when):
    """Make a file as old as `when`."""
    os.utime(path, (when.timestamp(), when.timestamp()))


def certificate_of_no_use():
    key = ec.generate_private_key(ec.SECP256K1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Other curve")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(NOW).not_valid_after(NOW + MONTH)
    return builder.sign(key, hashes.SHA384()).public_bytes(Encoding.DER)


def test_notes_beside_a_list_are_no_source(tmp_path):
    (tmp_path / "choir.json").write_text('["MCowBQYDK2VwAyEA7AD7/vFA33EsY4z2PHr7iZPsZ8n5dh0ajP8gyzNmmIs="]')
    (tmp_path / "choir-issuer.txt").write_text("Choir\n")
    (tmp_path / "revoked.txt").write_text("# none yet\n")
    assert [source.name for source in load(tmp_path).sources] == ["choir.json"]
    (tmp_path / "desk.txt").write_bytes(base64.b64encode(signer().certificate))
    assert [source.name for source in load(tmp_path).sources] == ["choir.json", tmp_path.name]


def test_a_folder_with_certificates_in_every_spelling(tmp_path):
    (tmp_path / "a.der").write_bytes(signer("A").certificate)
    (tmp_path / "b.b64").write_bytes(base64.b64encode(signer("B").certificate) + b"\n")
    write_signer(signer("C"), tmp_path / "keys" / "c")
    (tmp_path / "keys" / "c.key.pem").unlink()
    (tmp_path / "without-ending").write_bytes(signer("D").certificate)
    (tmp_path / "README.txt").write_text("Put certificates here.")
    assert len(load(tmp_path)) == 4


def test_one_file_is_a_list_as_well(tmp_path):
    (tmp_path / "a.der").write_bytes(signer().certificate)
    assert len(load(tmp_path / "a.der")) == 1


def test_a_file_that_should_be_a_certificate_and_is_not_is_named(tmp_path):
    (tmp_path / "a.der").write_bytes(signer().certificate)
    (tmp_path / "broken.pem").write_text("-----BEGIN CERTIFICATE-----\nnonsense\n")
    with pytest.raises(TrustError, match=r"broken\.pem"):
        load(tmp_path)


def test_a_private_key_in_the_trust_folder_is_not_taken_for_trust(tmp_path):
    write_signer(signer(), tmp_path / "desk")
    assert len(load(tmp_path)) == 1


def test_a_key_of_no_use_is_passed_over_and_said(tmp_path, caplog):
    (tmp_path / "a.der").write_bytes(signer().certificate)
    (tmp_path / "useless.der").write_bytes(certificate_of_no_use())
    assert len(load(tmp_path)) == 1
    assert "useless.der" in caplog.text
    (tmp_path / "a.der").unlink()
    with pytest.raises(TrustError):
        load(tmp_path)


@pytest.mark.parametrize("name", ["list.json", "nothing-there"])
def test_a_list_without_its_key_and_a_path_to_nothing_are_said(tmp_path, name):
    (tmp_path / "list.json").write_text("{}")
    with pytest.raises(TrustError):
        load(tmp_path / name)


def test_the_age_starts_when_the_newest_file_was_put_there(tmp_path):
    (tmp_path / "a.der").write_bytes(signer().certificate)
    put_back(tmp_path / "a.der", NOW)
    trust = load(tmp_path, max_age=MONTH)
    assert trust.sources[0].imported_at == NOW
    assert not trust.is_stale(NOW + MONTH)
    assert trust.is_stale(NOW + MONTH + timedelta(seconds=1))


def test_taking_a_key_out_of_the_folder_withdraws_it(tmp_path):
    for name in ("a.der", "b.der"):
        (tmp_path / name).write_bytes(signer(name).certificate)
        put_back(tmp_path / name, NOW)
    put_back(tmp_path, NOW)
    store = TrustStore(tmp_path, None, MONTH)
    store.reload()
    (tmp_path / "b.der").unlink()
    put_back(tmp_path, NOW + timedelta(seconds=1))
    assert store.reload()
    assert (len(store.current), store.problem) == (1, "")


def test_a_store_takes_a_newer_list_and_keeps_the_one_in_force_when_the_new_one_is_bad_or_older(tmp_path):
    path = tmp_path / "a.der"
    path.write_bytes(signer(began=NOW).certificate)
    put_back(path, NOW)
    store = TrustStore(path, None, MONTH)
    assert store.reload()
    in_force = store.current
    assert not store.reload(), "nothing has changed"

    path.write_bytes(signer().certificate)
    put_back(path, NOW - timedelta(seconds=1))
    assert store.reload()
    assert store.problem
    assert store.current is in_force

    path.write_bytes(b"damaged")
    put_back(path, NOW + timedelta(seconds=2))
    assert store.reload()
    assert store.current is in_force

    path.write_bytes(signer().certificate)
    put_back(path, NOW + timedelta(seconds=3))
    assert store.reload()
    assert not store.problem
    assert store.current.version > in_force.version


def test_the_version_in_force_is_remembered_over_a_restart(tmp_path):
    path, memory = tmp_path / "a.der", tmp_path / "trust.json"
    path.write_bytes(signer().certificate)
    put_back(path, NOW)
    assert TrustStore(path, None, MONTH, memory).reload()

    put_back(path, NOW - timedelta(days=1))
    restarted = TrustStore(path, None, MONTH, memory)
    restarted.reload()
    assert restarted.problem
    assert len(restarted.current) == 0

    memory.write_text("damaged")
    forgetful = TrustStore(path, None, MONTH, memory)
    forgetful.reload()
    assert not forgetful.problem


def test_files_that_vanish_or_never_end_do_not_end_the_process(tmp_path):
    (tmp_path / "a.der").write_bytes(signer().certificate)
    os.mkfifo(tmp_path / "pipe.pem")
    (tmp_path / "folder.pem").mkdir()
    (tmp_path / "nowhere.pem").symlink_to(tmp_path / "gone")
    (tmp_path / "round.pem").symlink_to(tmp_path / "round.pem")
    store = TrustStore(tmp_path, None, MONTH)
    assert store.reload()
    assert (len(store.current), store.problem) == (1, "")
    gone = TrustStore(tmp_path / "gone", None, MONTH)
    gone.reload()
    assert gone.problem


def test_what_is_withdrawn_stands_in_the_folder_or_beside_the_list(tmp_path):
    identifier = bytes(range(16))
    (tmp_path / "a.der").write_bytes(signer().certificate)
    (tmp_path / "revoked.txt").write_text(identifier.hex())
    (tmp_path / "a-revoked.txt").write_text(identifier.hex())
    assert identifier in load(tmp_path).revoked
    assert identifier in load(tmp_path / "a.der").revoked
    assert bytes(16) not in load(tmp_path).revoked
    (tmp_path / "revoked.txt").write_text("nonsense")
    with pytest.raises(TrustError, match=r"revoked\.txt: line 1"):
        load(tmp_path)


def built(path, *identifiers, version=1, source="ministry"):
    build(path, identifiers, source=source, version=version, now=NOW)


def test_lists_that_were_built_count_together_with_the_text(tmp_path):
    (tmp_path / "a.der").write_bytes(signer().certificate)
    (tmp_path / "revoked.txt").write_text(bytes(16).hex())
    built(tmp_path / "one.revoked", b"1" * 16)
    built(tmp_path / "two.revoked", b"2" * 16, Revoked(b"3" * 16, NOW), source="clinic")
    trust = load(tmp_path)
    assert [i in trust.revoked for i in (bytes(16), b"1" * 16, b"2" * 16, b"3" * 16)] == [True, True, True, False]
    assert trust.revoked_before == {b"3" * 16: NOW}
    assert len(trust.revoked) == 4
    damaged = bytearray((tmp_path / "one.revoked").read_bytes())
    damaged[PAGE] ^= 1
    (tmp_path / "one.revoked").write_bytes(damaged)
    with pytest.raises(TrustError, match=r"one\.revoked: is damaged"):
        load(tmp_path)


def test_a_list_beside_a_certificate_is_taken_over_when_it_comes(tmp_path):
    (tmp_path / "a.der").write_bytes(signer().certificate)
    store = TrustStore(tmp_path / "a.der", None, MONTH)
    store.reload()
    assert b"1" * 16 not in store.current.revoked
    built(tmp_path / "a.revoked", b"1" * 16)
    assert store.reload()
    assert b"1" * 16 in store.current.revoked
    (tmp_path / "a-revoked.txt").write_text((b"2" * 16).hex())
    assert store.reload()
    assert b"2" * 16 in store.current.revoked
    assert not store.reload()


def test_an_older_list_of_withdrawn_codes_is_refused_and_the_one_in_force_kept(tmp_path):
    (tmp_path / "a.der").write_bytes(signer().certificate)
    built(tmp_path / "one.revoked", b"1" * 16, version=7)
    store = TrustStore(tmp_path, None, MONTH)
    store.reload()
    (tmp_path / "one.revoked").unlink()
    built(tmp_path / "one.revoked", b"2" * 16, version=6)
    store.reload()
    assert "'ministry' is older" in store.problem
    assert b"1" * 16 in store.current.revoked
    built(tmp_path / "one.revoked", b"3" * 16, version=8)
    store.reload()
    assert not store.problem
    assert [i in store.current.revoked for i in (b"1" * 16, b"3" * 16)] == [False, True]


def test_what_is_hidden_is_not_trusted(tmp_path):
    (tmp_path / ".old").mkdir()
    for place in ("a.der", ".withdrawn.der", ".old/b.der"):
        (tmp_path / place).write_bytes(signer(place).certificate)
    assert len(load(tmp_path)) == 1
    hidden = tmp_path / ".old"
    assert len(load(hidden)) == 1, "one that is named is meant"
