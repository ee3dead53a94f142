"""Keys as issuers publish them."""

import json
from dataclasses import replace
from itertools import count

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.credential import HEALTH_KINDS, Format, Kind
from kiosk.domain.trust import Algorithm, TrustError
from kiosk.testing.health_cards import CardIssuer, PassIssuer
from kiosk.verify import jwk
from kiosk.verify.jwk import anchors_in_did, anchors_in_jwks, anchors_in_vci_directory, thumbprint

ISSUER, OTHER, PASSES = CardIssuer(), CardIssuer("https://other.example"), PassIssuer()
WRONG_KEYS = [
    {"d": "AAAA"}, {"kid": "mine"}, {"kid": None}, {"kid": 1}, {"x": OTHER.jwk["x"]}, {"x": "AAAA"}, {"x": None},
    {"y": 1}, {"x": "!"}, {"x": ISSUER.jwk["x"] + "A"},
]  # fmt: skip
OTHER_KEYS = [{"kty": "RSA"}, {"crv": "P-384"}, {"use": "enc"}, {"use": None}, {"alg": "ES384"}, {"alg": []}]


def jwks(*keys):
    return json.dumps({"keys": list(keys)}).encode()


def directory(*infos, taking_part=None):
    names = [info["issuer"]["iss"] for info in infos] if taking_part is None else taking_part
    return json.dumps({
        "participating_issuers": [{"iss": name, "name": "An issuer"} for name in names], "issuerInfo": list(infos),
    }).encode()  # fmt: skip


def info(issuer, *keys, **more):
    return {"issuer": {"iss": issuer.iss}, "keys": list(keys) or [issuer.jwk], "crls": [], **more}


def document(**changes):
    return json.dumps({**PASSES.document(), **changes}).encode()


def method(**changes):
    return {**PASSES.document()["verificationMethod"][0], **changes}


# JWK sets


def test_a_set_gives_anchors():
    (anchor,) = anchors_in_jwks(ISSUER.jwks(), ISSUER.iss)
    assert (anchor.issuer, anchor.key_id.decode(), anchor.algorithm) == (ISSUER.iss, ISSUER.jwk["kid"], Algorithm.ES256)
    assert (anchor.kinds, anchor.formats) == (HEALTH_KINDS, frozenset({Format.SHC}))
    key = load_der_public_key(anchor.public_key)
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert key.public_numbers() == ISSUER.key.public_key().public_numbers()


def test_the_thumbprint_of_the_specifications_example():
    """The example key of spec.smarthealth.cards, 'Determining keys associated with an issuer'."""
    x, y = "7xbC_9ZmFwKqOHpwX6-LnlhIh5SMIuNwl0PW1yVI_sk", "7k2fdIRNDHdf93vL76wxdXEPtj_GiMTTyecm7EUUMQo"
    assert thumbprint(x, y) == "_IY9W2kRRFUigDfSB9r8jHgMRrT0w4p5KN93nGThdH8"


@pytest.mark.parametrize("other", OTHER_KEYS, ids=repr)
def test_keys_for_other_uses_are_passed_over(other):
    assert len(anchors_in_jwks(jwks({**OTHER.jwk, **other}, ISSUER.jwk), ISSUER.iss)) == 1
    with pytest.raises(TrustError):
        anchors_in_jwks(jwks({**OTHER.jwk, **other}), ISSUER.iss)


def test_certificates_are_passed_over():
    assert len(anchors_in_jwks(jwks({**ISSUER.jwk, "x5c": ["MII"], "crlVersion": 3}, "key", None), ISSUER.iss)) == 1


@pytest.mark.parametrize("wrong", WRONG_KEYS, ids=count())
def test_a_wrong_key_costs_its_issuer_the_set(wrong):
    with pytest.raises(TrustError):
        anchors_in_jwks(jwks(OTHER.jwk, {**ISSUER.jwk, **wrong}), ISSUER.iss)


def test_coordinates_have_one_size():
    """31 and 33 bytes make a point as well, under another thumbprint: one key would have two names."""
    x, y = (jwk.from_base64url(ISSUER.jwk[name]) for name in ("x", "y"))
    shifted = {"x": jwk.to_base64url(x[:-1]), "y": jwk.to_base64url(x[-1:] + y)}
    with pytest.raises(TrustError, match="size"):
        anchors_in_jwks(jwks({**ISSUER.jwk, **shifted, "kid": thumbprint(**shifted)}), ISSUER.iss)


@pytest.mark.parametrize("issuer", ["", "http://a.example", "https://a.example/", "https://", "a.example"])
def test_an_issuer_of_cards_is_an_address(issuer):
    with pytest.raises(TrustError, match="issuer"):
        anchors_in_jwks(ISSUER.jwks(), issuer)


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"{}", b'{"keys": {}}', b'{"keys": []}', b"\xff", b'{"keys":[],"keys":[]}']
)
def test_what_is_no_set(data):
    with pytest.raises(TrustError):
        anchors_in_jwks(data, ISSUER.iss)


def test_a_file_has_a_size():
    with pytest.raises(TrustError, match="large"):
        anchors_in_jwks(b" " * (jwk.MAX_BYTES + 1), ISSUER.iss)


# the directory


def test_a_directory_gives_the_keys_of_all():
    anchors = anchors_in_vci_directory(directory(info(ISSUER), info(OTHER)))
    assert [(one.issuer, one.key_id.decode()) for one in anchors] == [
        (ISSUER.iss, ISSUER.jwk["kid"]), (OTHER.iss, OTHER.jwk["kid"]),
    ]  # fmt: skip


def test_who_does_not_take_part_is_passed_over():
    anchors = anchors_in_vci_directory(directory(info(ISSUER), info(OTHER), taking_part=[OTHER.iss]))
    assert [one.issuer for one in anchors] == [OTHER.iss]


@pytest.mark.parametrize("wrong", [*WRONG_KEYS, *OTHER_KEYS], ids=count())
def test_a_wrong_key_costs_nobody_else_anything(wrong):
    anchors = anchors_in_vci_directory(directory(info(ISSUER, {**ISSUER.jwk, **wrong}), info(OTHER)))
    assert [one.issuer for one in anchors] == [OTHER.iss]


@pytest.mark.parametrize(
    "entry", [None, "issuer", {}, {"issuer": None}, {"issuer": {"iss": 1}}, info(ISSUER, keys=None),
              info(ISSUER, keys="k"), info(replace(ISSUER, iss="http://cards.example")), info(replace(ISSUER, iss="https://cards.example/"))],
    ids=count(),
)  # fmt: skip
def test_a_broken_issuer_costs_nobody_else_anything(entry):
    names = [OTHER.iss, ISSUER.iss, "http://cards.example", "https://cards.example/", "", None]
    anchors = anchors_in_vci_directory(directory(entry, info(OTHER), taking_part=names))
    assert [one.issuer for one in anchors] == [OTHER.iss]


@pytest.mark.parametrize(
    "data", [b"{}", b"[]", directory(), directory(info(ISSUER), taking_part=[]), ISSUER.jwks(),
             json.dumps({"participating_issuers": [], "issuerInfo": {}}).encode()],
)  # fmt: skip
def test_what_is_no_directory(data):
    with pytest.raises(TrustError):
        anchors_in_vci_directory(data)


# DID documents


def test_a_document_gives_anchors():
    (anchor,) = anchors_in_did(document(), PASSES.did)
    assert (anchor.issuer, anchor.key_id, anchor.formats) == (PASSES.did, b"key-1", frozenset({Format.NZCP}))
    assert anchor.kinds == {Kind.VACCINATION}


def test_one_key_may_stand_without_a_list():
    alone = document(verificationMethod=method(), assertionMethod=PASSES.did + "#key-1")
    assert anchors_in_did(alone, PASSES.did) == anchors_in_did(document(), PASSES.did)


@pytest.mark.parametrize(
    "changes",
    [
        {"id": OTHER.iss}, {"id": None}, {"assertionMethod": []}, {"assertionMethod": [1]}, {"assertionMethod": None},
        {"assertionMethod": [PASSES.did + "#key-2"]}, {"verificationMethod": []}, {"verificationMethod": {}},
        {"verificationMethod": [None]}, {"verificationMethod": [method(type="Ed25519VerificationKey2018")]},
        {"verificationMethod": [method(id=PASSES.did + "#key-2")]}, {"verificationMethod": [method(publicKeyJwk=None)]},
        {"verificationMethod": [method(publicKeyJwk={"kty": "OKP", "crv": "Ed25519"})]},
        {"verificationMethod": [method(publicKeyJwk={"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"})]},
        {"verificationMethod": [method(publicKeyJwk={**ISSUER.jwk, "d": "AAAA"})]},
        {"verificationMethod": [method(id="did:web:other.example#key-1")],
         "assertionMethod": ["did:web:other.example#key-1"]},
    ],
    ids=lambda changes: repr(changes)[:70],
)  # fmt: skip
def test_what_is_no_document_of_the_issuer(changes):
    with pytest.raises(TrustError):
        anchors_in_did(document(**changes), PASSES.did)


@pytest.mark.parametrize("issuer", ["", "did:key:passes.example", "did:web:other.example"])
def test_the_document_is_that_of_the_issuer(issuer):
    with pytest.raises(TrustError, match="did:web"):
        anchors_in_did(document(), issuer)


@given(st.binary(max_size=100))
def test_random_bytes_are_refused(data):
    with pytest.raises(TrustError):
        anchors_in_jwks(data, ISSUER.iss)
    with pytest.raises(TrustError):
        anchors_in_vci_directory(data)
    with pytest.raises(TrustError):
        anchors_in_did(data, PASSES.did)
