"""A real signed trust list: hundreds of signers of health certificates. What it should hold is taken from its JSON."""

import base64
import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kiosk.adapters.trust_store import TrustStore
from kiosk.domain.credential import HEALTH_KINDS
from kiosk.domain.trust import TrustError
from kiosk.verify.trust_list import anchor_of, signed_list

NOW = datetime(2026, 7, 5, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def folder(vectors):
    return vectors("dcc-trust")


@pytest.fixture(scope="module")
def data(folder, absent):
    path = folder / "dsc-list.json"
    if not path.is_file():
        absent(path)
    return path.read_bytes()


@pytest.fixture(scope="module")
def key(folder):
    return (folder / "dsc-list-signing-key.pem").read_bytes()


@pytest.fixture(scope="module")
def trust(data, key):
    return signed_list(data, key, NOW)


@pytest.fixture(scope="module")
def anchors(trust):
    return [anchor for same in trust.anchors.values() for anchor in same]


@pytest.fixture(scope="module")
def entries(data):
    return json.loads(data[data.index(b"{") :])["certificates"]


def test_every_entry_is_taken(trust, anchors, entries, say):
    algorithms = Counter(anchor.algorithm.value for anchor in anchors)
    issuers = Counter(anchor.issuer for anchor in anchors)
    say(f"dcc-trust: {len(trust)} keys of {len(issuers)} issuers, {dict(algorithms)}, of VN {issuers['VN']}")
    taken = {(a.issuer, a.key_id) for a in anchors}
    said = {(e["country"], base64.b64decode(e["kid"])): base64.b64decode(e["rawData"]) for e in entries}
    assert taken <= said.keys()
    for left_out in said.keys() - taken:
        with pytest.raises(TrustError):
            anchor_of(said[left_out])
    assert taken


def test_every_key_id_belongs_to_one_key(trust, anchors):
    assert all(trust.find("", anchor.key_id) == anchor for anchor in anchors)


def test_vietnams_signer_may_sign_every_kind_though_its_usages_name_none(anchors):
    assert all(anchor.kinds == HEALTH_KINDS for anchor in anchors if anchor.issuer == "VN")


def test_no_key_of_the_list_signs_passes(anchors):
    assert all(anchor.kinds and anchor.kinds <= HEALTH_KINDS for anchor in anchors)


def test_the_version_is_the_newest_entry(trust, entries):
    times = [datetime.fromisoformat(entry["timestamp"]) for entry in entries]
    assert datetime.fromisoformat(trust.version) == max(t if t.tzinfo else t.replace(tzinfo=UTC) for t in times)


def places(data):
    """Return where to turn a bit: all of the signature and its line end, the first, last and some bytes between."""
    start = data.index(b"{")
    return [*range(start), start, start + 1, len(data) - 1, *range(start + 7, len(data), len(data) // 40)]


def test_no_byte_can_be_changed(data, key):
    for place in places(data):
        damaged = bytearray(data)
        damaged[place] ^= 1
        with pytest.raises(TrustError):
            signed_list(bytes(damaged), key, NOW)


@pytest.mark.parametrize("bit", range(8))
def test_no_bit_of_the_signature_or_of_the_ends_can_be_turned(data, key, bit):
    start = data.index(b"{")
    for place in (0, 44, 85, 86, 87, start - 1, start, len(data) - 1):
        damaged = bytearray(data)
        damaged[place] ^= 1 << bit
        with pytest.raises(TrustError):
            signed_list(bytes(damaged), key, NOW)


@pytest.mark.parametrize(
    "change", [lambda d: d[:-1], lambda d: d + b"\n", lambda d: d[1:], lambda d: d[d.index(b"{") :]]
)
def test_nothing_can_be_cut_off_or_added(data, key, change):
    with pytest.raises(TrustError):
        signed_list(change(data), key, NOW)


def test_another_key_refuses_it(data):
    other = ec.generate_private_key(ec.SECP256R1()).public_key()
    with pytest.raises(TrustError):
        signed_list(data, other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), NOW)


def test_an_older_one_does_not_take_its_place(trust):
    older = trust.with_sources(lambda source: replace(source, version="2020-01-01T00:00:00+00:00"))
    assert older.replaced_by(trust) is trust
    with pytest.raises(TrustError):
        trust.replaced_by(older)


def test_a_damaged_file_leaves_the_list_before_it_in_force(data, key, tmp_path):
    path = tmp_path / "dsc-list.json"
    path.write_bytes(data)
    path.with_name("dsc-list-signing-key.pem").write_bytes(key)
    store = TrustStore(path, None, timedelta(days=30))
    assert store.reload()
    before = store.current
    assert (len(before), store.problem) == (len(signed_list(data, key, NOW)), "")

    path.write_bytes(data[:-1] + b" ")
    store._stamp = ()  # file times may be too coarse to show the change
    assert store.reload()
    assert store.current is before
    assert store.problem
