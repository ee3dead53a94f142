"""`kiosk revocation` as people and machines use it."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.keys import make_signer
from kiosk.adapters.revocation_store import PAGE, RevocationStore
from kiosk.cli import main
from kiosk.domain.trust import Algorithm
from kiosk.testing import health_certificates as health
from kiosk.verify.hc1 import parse
from kiosk.verify.revocation import shc_identifier

ISSUER = "https://clinic.example/issuer"


@pytest.fixture
def kiosk(capsys):
    def run(*words):
        status = main(["revocation", *map(str, words)])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


@pytest.fixture
def cards(tmp_path):
    path = tmp_path / "key.json"
    path.write_text(json.dumps({"kid": "k", "method": "rid", "ctr": 4, "rids": ["abc", "def.1000"]}))
    return path


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "list.txt"
    path.write_text(f"# lost\n{bytes(range(16)).hex()}\n")
    return path


def test_lists_of_several_kinds_become_one_file(kiosk, tmp_path, cards, text):
    out = tmp_path / "all.revoked"
    status, said, _ = kiosk("build", out, cards, text, "--issuer", ISSUER, "--json")
    found = json.loads(said)
    assert (status, found["source"], found["entries"], found["dated"]) == (0, "all", 2, 1)
    store = RevocationStore(out)
    assert bytes(range(16)) in store
    assert shc_identifier(ISSUER, "k", "abc") in store
    assert store.dated == {shc_identifier(ISSUER, "k", "def"): datetime.fromtimestamp(1000, UTC)}
    assert kiosk("info", out)[1].count("\n") == 8


def test_the_version_is_the_counter_of_card_lists_or_what_is_said(kiosk, tmp_path, cards, text):
    out = tmp_path / "a.revoked"
    assert json.loads(kiosk("build", out, cards, "--issuer", ISSUER, "--json")[1])["version"] == 4
    assert json.loads(kiosk("build", out, text, "--version", "9", "--source", "a", "--json")[1])["version"] == 9
    status, _, why = kiosk("build", out, cards, "--issuer", ISSUER)
    assert (status, "newer than 4" in why) == (2, True)
    assert json.loads(kiosk("build", out, text, "--json")[1])["version"] > 1_700_000_000


def test_a_signed_batch_counts_when_its_signer_is_the_one_that_is_named(kiosk, tmp_path):
    signer, other = (
        make_signer(name, Algorithm.ES256, SystemClock().now(), country="VN", for_passes=False) for name in "AB"
    )
    batch = {"hashType": "UCI", "entries": [{"hash": base64.b64encode(bytes(range(16))).decode()}]}
    builder = pkcs7.PKCS7SignatureBuilder().set_data(json.dumps(batch).encode())
    builder = builder.add_signer(x509.load_der_x509_certificate(signer.certificate), signer.key, hashes.SHA256())
    (tmp_path / "batch.cms").write_bytes(builder.sign(Encoding.DER, [pkcs7.PKCS7Options.Binary]))
    for name, one in (("signer", signer), ("other", other)):
        (tmp_path / name).write_bytes(one.certificate)
    out, given = tmp_path / "a.revoked", tmp_path / "batch.cms"
    assert "--signer" in kiosk("build", out, given)[2]
    assert "signature" in kiosk("build", out, given, "--signer", tmp_path / "other")[2]
    assert "/none: cannot be read" in kiosk("build", out, given, "--signer", tmp_path / "none")[2]
    assert not out.exists()
    assert kiosk("build", out, given, "--signer", tmp_path / "signer")[0] == 0
    assert bytes(range(16)) in RevocationStore(out)


def test_an_identifier_is_looked_up(kiosk, tmp_path, cards, text):
    out = tmp_path / "a.revoked"
    kiosk("build", out, cards, text, "--issuer", ISSUER)
    assert kiosk("check", out, bytes(range(16)).hex())[:2] == (1, "withdrawn\n")
    assert kiosk("check", out, bytes(16).hex())[:2] == (0, "not on the list\n")
    status, said, _ = kiosk("check", out, shc_identifier(ISSUER, "k", "def").hex())
    assert (status, said) == (1, "withdrawn where issued before 1970-01-01T00:16:40+00:00\n")
    assert json.loads(kiosk("check", out, bytes(16).hex(), "--json")[1]) == {
        "withdrawn": False, "withdrawn_before": None,
    }  # fmt: skip


def test_a_code_is_looked_up_by_what_its_holder_cannot_change(kiosk, tmp_path, text):
    now = SystemClock().now()
    signer = make_signer("Ministry", Algorithm.ES256, now - timedelta(days=9), country="VN", for_passes=False)
    code = health.certificate(signer, health.vaccination(now - timedelta(days=90)), now - timedelta(days=1))
    (tmp_path / "ministry.der").write_bytes(signer.certificate)
    text.write_text("\n".join(identifier.hex() for identifier in parse(code).identifiers))
    out = tmp_path / "lists" / "a.revoked"
    out.parent.mkdir()
    kiosk("build", out, text)
    trust = ("--trust", tmp_path / "ministry.der")
    assert kiosk("check", out, "--code", code, *trust)[0] == 1
    assert "not signed by" in kiosk("check", out, "--code", health.forge(code), *trust)[2]
    assert "needs --trust" in kiosk("check", out, "--code", code)[2]


@pytest.mark.parametrize(
    "words",
    [
        ("build", "OUT.txt", "LIST"), ("build", "a.revoked", "gone.txt"), ("build", "a.revoked", "gone.json"),
        ("build", "a.revoked", "bad.json"), ("build", "a.revoked", "bad.txt"), ("build", "a.revoked", "long.txt"),
        ("build", "a.revoked", "LIST", "--version", "-1"), ("info", "LIST"), ("info", "gone"),
        ("check", "good.revoked"), ("check", "good.revoked", "zz"), ("check", "good.revoked", "00", "--code", "x"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_in_one_sentence(kiosk, tmp_path, text, words):
    kiosk("build", tmp_path / "good.revoked", text)
    (tmp_path / "bad.json").write_text("[]")
    (tmp_path / "bad.txt").write_text("x")
    (tmp_path / "long.txt").write_text("#" * 5000)
    named = {"LIST": text}
    paths = [named.get(word, tmp_path / word if "." in word or word == "gone" else word) for word in words]
    status, said, why = kiosk(*paths)
    assert (status, said, why.count("\n")) == (2, "", 1), why
    assert not (tmp_path / "a.revoked").exists()


def test_damage_is_the_appliances_fault(kiosk, tmp_path, text):
    out = tmp_path / "a.revoked"
    kiosk("build", out, text)
    data = bytearray(out.read_bytes())
    data[PAGE] ^= 1
    out.write_bytes(data)
    assert kiosk("check", out, bytes(range(16)).hex())[0] == 3
    assert "is damaged" in kiosk("info", out)[2]
