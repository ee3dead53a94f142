"""The file that says who may speak in the centre's name, and the private halves of its keys."""

import base64

import pytest

from kiosk.centre_keys import load_centre_keys
from kiosk.domain.centre import Permission
from kiosk.signing_key import SigningKeyError, is_encrypted, key_table, read_signing_key, write_signing_key
from kiosk.testing.centre_keys import STORE, made_key
from kiosk.toml_file import ConfigError
from kiosk.verify.statement import key_id_of, public_of

ANNA = made_key(2)


def write(folder, *tables):
    file = folder / "centre-keys.toml"
    file.write_text("\n".join(tables))
    return file


def test_each_key_has_a_name_and_may_say_what_stands_there(tmp_path):
    tables = key_table("store", STORE, [Permission.STORE]), key_table("anna", ANNA, ["open", "lockdown"])
    keys = load_centre_keys(write(tmp_path, *tables))
    anna = keys[key_id_of(public_of(ANNA))]
    assert (anna.name, anna.public, anna.may) == ("anna", public_of(ANNA), {Permission.OPEN, Permission.LOCKDOWN})
    assert len(keys) == 2


@pytest.mark.parametrize(
    ("tables", "why"),
    [
        ((), "key"),
        ((key_table("anna", ANNA, ["open"]), key_table("binh", ANNA, ["open"])), "once only"),
        ((key_table("anna", ANNA, ["open"]), key_table("anna", STORE, ["open"])), "once only"),
        ((key_table("anna", ANNA, []),), "may"),
        ((key_table("anna", ANNA, ["everything"]),), "may"),
        ((key_table("An na", ANNA, ["open"]),), "name"),
        (('[[key]]\nname = "anna"\npublic = "short"\nmay = ["open"]',), "Ed25519"),
        ((f'[[key]]\nname = "anna"\npublic = "{base64.b64encode(b"x" * 31).decode()}"\nmay = ["open"]',), "Ed25519"),
    ],
)
def test_a_file_that_says_anything_else_is_refused(tmp_path, tables, why):
    with pytest.raises(ConfigError, match=why):
        load_centre_keys(write(tmp_path, *tables))


def test_a_private_key_is_its_owners_alone_and_never_overwritten(tmp_path):
    path = tmp_path / "anna.key.pem"
    write_signing_key(path, ANNA, b"a passphrase")
    assert path.stat().st_mode & 0o777 == 0o600
    assert is_encrypted(path)
    assert public_of(read_signing_key(path, b"a passphrase")) == public_of(ANNA)
    with pytest.raises(FileExistsError):
        write_signing_key(path, ANNA)


def test_a_private_key_that_cannot_be_used_is_one_sentence(tmp_path):
    sealed, plain, junk = tmp_path / "sealed.pem", tmp_path / "plain.pem", tmp_path / "junk.pem"
    write_signing_key(sealed, ANNA, b"a passphrase")
    write_signing_key(plain, ANNA)
    junk.write_text("junk")
    for path, passphrase, why in (
        (sealed, b"", "give its passphrase"), (sealed, b"wrong", "is the passphrase right"),
        (plain, b"x", "leave the passphrase out"), (junk, b"", "not a private key"),
        (tmp_path / "none.pem", b"", "cannot be read"),
    ):  # fmt: skip
        with pytest.raises(SigningKeyError, match=why):
            read_signing_key(path, passphrase)
    assert not is_encrypted(plain)
